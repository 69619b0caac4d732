"""PDFs for tests, written here: with pages, locked, and with a script in a compressed part, where a search sees nothing."""

import io
import zlib

from PIL import Image


def with_pages(count: int = 1) -> bytes:
    """A plain PDF with this many pages of one colour each."""
    pages = [Image.new("RGB", (300, 424), (10 * n % 250, 120, 60)) for n in range(count)]
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:])
    return out.getvalue()


def locked() -> bytes:
    """Asks for a password that nobody knows."""
    return _classic(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 424]>>",
        b"<</Filter/Standard/V 1/R 2/P -4/O<" + b"00" * 32 + b">/U<" + b"11" * 32 + b">>>",
        trailer=b"/Encrypt 4 0 R/ID[<00><00>]",
    )


def _classic(*objects: bytes, trailer: bytes = b"") -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)


def with_hidden_script(names: bytes = b"/Names<</JavaScript<</Names[(a) 4 0 R]>>>>") -> bytes:
    """A script of the whole document, in an object stream: no byte of "/JavaScript" stands in the file."""
    parts = [
        b"<</Type/Catalog/Pages 2 0 R" + names + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 424]>>",
        b"<</S/JavaScript/JS(app.alert(1))>>" if names else b"<</Producer(nobody)>>",
    ]
    at, index = 0, []
    for number, body in enumerate(parts, 1):
        index.append(b"%d %d" % (number, at))
        at += len(body) + 1
    head = b" ".join(index) + b" "
    packed = zlib.compress(head + b" ".join(parts))
    out = b"%PDF-1.5\n"
    stream_at = len(out)
    out += b"5 0 obj\n<</Type/ObjStm/N 4/First %d/Length %d/Filter/FlateDecode>>stream\n%s\nendstream\nendobj\n" % (
        len(head),
        len(packed),
        packed,
    )
    xref_at = len(out)
    rows = [(0, 0, 255), *((2, 5, n) for n in range(4)), (1, stream_at, 0), (1, xref_at, 0)]
    table = zlib.compress(b"".join(bytes([a]) + b.to_bytes(2, "big") + bytes([c]) for a, b, c in rows))
    out += (
        b"6 0 obj\n<</Type/XRef/Size 7/W[1 2 1]/Root 1 0 R/Length %d/Filter/FlateDecode>>stream\n%s\nendstream\nendobj\n"
    ) % (len(table), table)
    return out + b"startxref\n%d\n%%%%EOF\n" % xref_at
