import io
import zlib

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from core import settings
from core.actor import SYSTEM
from core.errors import DomainError, NotVisible
from core.files import clean_upload, download, keep, pictures_of, read_file, store_upload
from tests import pdfs

pytestmark = pytest.mark.usefixtures("app")


def jpeg(**kw: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(out, "JPEG", **kw)
    return out.getvalue()


def test_a_picture_is_decoded_and_written_anew_without_its_metadata():
    exif = Image.Exif()
    exif[0x010E] = "27.7172 N 85.3240 E"
    data = jpeg(exif=exif, comment=b"taken by Somebody") + b"%PDF-1.7 <script>alert(1)</script>"
    cleaned, media_type = clean_upload(data)
    assert media_type == "image/jpeg"
    assert b"27.7172" in data
    assert b"27.7172" not in cleaned
    assert b"script" not in cleaned
    assert b"Somebody" in data
    assert b"Somebody" not in cleaned


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg onload=alert(1)>",
        b"%PDF-1.4 /JavaScript (x) %%EOF",
        b"%PDF-1.4 /J#61vaScript %%EOF",
        b"%PDF-1.4 cut",
        b"GIF89a",
    ],
)
def test_what_is_no_plain_picture_or_pdf_is_refused(data: bytes):
    with pytest.raises(DomainError):
        clean_upload(data)


def test_a_stored_file_is_encrypted_on_disk_and_read_back(session: Session):
    stored = store_upload(session, SYSTEM, jpeg(), purpose="test")
    path = settings.current().storage / stored.sha256[:2] / stored.sha256
    assert b"JFIF" not in path.read_bytes()
    assert read_file(stored).startswith(b"\xff\xd8")
    assert store_upload(session, SYSTEM, jpeg(), purpose="test").sha256 == stored.sha256


def test_each_page_of_a_pdf_is_kept_as_a_picture_and_the_pdf_as_a_file(session: Session):
    lease = pdfs.with_pages(3)
    stored = store_upload(session, SYSTEM, lease, purpose="test")
    assert (stored.media_type, stored.pictures) == ("application/pdf", 3)
    whole = download(session, stored.id, "lease")
    assert (whole.content, whole.filename, whole.shown) == (lease, "lease.pdf", False)
    shown = [download(session, stored.id, "lease", number) for number in (1, 2, 3)]
    assert [s.filename for s in shown] == ["lease-1.jpg", "lease-2.jpg", "lease-3.jpg"]
    assert all(s.shown and s.media_type == "image/jpeg" for s in shown)
    colours = [Image.open(io.BytesIO(s.content)).getpixel((50, 50)) for s in shown]
    assert [round(c[0] / 10) for c in colours] == [0, 1, 2]
    for number in (0, 4, -1, 10**30):
        with pytest.raises(NotVisible):
            download(session, stored.id, "lease", number)


def test_a_photo_is_its_own_picture_and_a_document_of_the_portal_has_none(session: Session):
    photo = store_upload(session, SYSTEM, jpeg(), purpose="test")
    assert download(session, photo.id, "paper", 1).content == read_file(photo)
    made = keep(session, SYSTEM, pdfs.with_pages(), media_type="application/pdf", purpose="test")
    assert pictures_of(session, [photo.id, made.id, None]) == {photo.id: 1, made.id: 0}
    with pytest.raises(NotVisible):
        download(session, made.id, "paper", 1)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("script", pdfs.with_hidden_script(), "scripts"),
        ("locked", pdfs.locked(), "password"),
        ("long", pdfs.with_pages(61), "60 pages"),
        ("damaged", b"%PDF-1.4 nothing at all %%EOF", "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_pdf_that_an_officer_could_not_look_at_is_refused_in_words(
    session: Session, name: str, data: bytes, words: str
):
    assert b"JavaScript" not in data, name
    with pytest.raises(DomainError, match=words):
        store_upload(session, SYSTEM, data, purpose="test")


def test_a_script_in_a_plain_pdf_of_the_same_shape_is_what_is_refused(session: Session):
    """The hidden script alone is the reason: the same file without it is taken."""
    plain = pdfs.with_hidden_script(names=b"")
    assert store_upload(session, SYSTEM, plain, purpose="test").pictures == 1


@pytest.mark.parametrize("kind", [0, 2, 3, 7, 10])
def test_a_picture_with_notes_of_a_wrong_kind_is_kept_as_it_lies(kind: int):
    """EXIF whose maker's name says that it is a number: Pillow reads it and can't write it again."""
    picture = Image.new("RGB", (8, 6), (9, 9, 9))
    notes = picture.getexif()
    notes[0x0112], notes[0x010F] = 6, "maker"
    raw = bytearray(notes.tobytes())
    raw[17] = kind
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=bytes(raw))
    cleaned, media_type = clean_upload(out.getvalue())
    assert media_type == "image/jpeg"
    with Image.open(io.BytesIO(cleaned)) as kept:
        assert not kept.getexif()


def packed_pdf(
    objects: bytes, about: bytes = b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", *, zipped: int = 1
) -> bytes:
    """A PDF 1.5 whose catalogue stands in an object stream."""
    for _ in range(zipped):
        objects = zlib.compress(objects)
    head = b"%PDF-1.5\n1 0 obj\n<< " + about + b" >>\nstream\n"
    return head + objects + b"\nendstream\nendobj\ntrailer << /Root 2 0 R >>\nstartxref\n0\n%%EOF"


SCRIPT = b"2 0 << /Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>"


@pytest.mark.parametrize(
    "data",
    [
        packed_pdf(SCRIPT),
        packed_pdf(SCRIPT.replace(b"Script", b"#53cript").replace(b"/JS ", b"/#4aS ").replace(b"Open", b"#4fpen")),
        packed_pdf(SCRIPT, b"/Type /Obj#53tm /N 1 /First 4 /Filter /FlateDecode"),
        packed_pdf(SCRIPT, b"/N 1 /First 4 /Filter /FlateDecode"),
        packed_pdf(SCRIPT, b"/Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode]", zipped=2),
        packed_pdf(SCRIPT, b"/Type /ObjStm /N 1 /First 4 /Filter [/ASCIIHexDecode /FlateDecode]"),
        packed_pdf(SCRIPT, b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /DecodeParms << /Predictor 12 >>"),
        packed_pdf(SCRIPT, b"/Type /ObjStm /N 1 /First 4 /Filter /Fl"),
        packed_pdf(SCRIPT, b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /X ( obj)"),
        packed_pdf(b" " * 30_000_000),
    ],
)  # fmt: skip
def test_scripts_packed_into_object_streams_are_found(data: bytes):
    with pytest.raises(DomainError):
        clean_upload(data)


def test_a_plain_pdf_with_packed_objects_is_taken():
    data = packed_pdf(b"2 0 << /Type /Catalog /Pages 3 0 R >>")
    assert clean_upload(data) == (data, "application/pdf")
