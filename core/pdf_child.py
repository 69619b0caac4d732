"""Draws the pages of a PDF; run as a script in a process of its own with little room, since the file is a stranger's.

Reads the PDF from standard input. Writes to standard output, for each page in order, the length of a JPEG in four bytes
(big-endian) and the JPEG. Ends with one of the codes below, and then what was written is worth nothing unless it is 0.
"""

import io
import resource
import sys

DAMAGED, LOCKED, TOO_MANY, ACTIVE = 3, 4, 5, 6
CPU_SECONDS, MEMORY = 20, 2 << 30
MAX_PAGES = 60
# A page of A4 becomes 1,100 x 1,556 pixels: small print stays readable.
WIDTH, MAX_EDGE, QUALITY = 1100, 2400, 65
DRAWS_A_FORM_OF_XML = (2, 3)


def limit() -> None:
    """Little processor time and memory, no new files; ``RLIMIT_NPROC`` stays, since threads of libraries count."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    import pypdfium2
    from pypdfium2 import raw

    limit()
    data = sys.stdin.buffer.read()
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return LOCKED if raw.FPDF_GetLastError() in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY) else DAMAGED
    if not len(pdf):
        return DAMAGED
    if len(pdf) > MAX_PAGES:
        return TOO_MANY
    if raw.FPDFDoc_GetJavaScriptActionCount(pdf) > 0 or raw.FPDFDoc_GetAttachmentCount(pdf) > 0:
        return ACTIVE
    if raw.FPDF_GetFormType(pdf) in DRAWS_A_FORM_OF_XML:
        return ACTIVE
    if raw.FPDF_GetFormType(pdf) != raw.FORMTYPE_NONE:
        # What was filled in is drawn, too; this build of the library runs no scripts.
        pdf.init_forms()
    for number in range(len(pdf)):
        try:
            page = pdf[number]
            width, height = page.get_size()
            scale = min(WIDTH / max(width, 1), MAX_EDGE / max(height, 1))
            picture = page.render(scale=scale).to_pil().convert("RGB")
        except (pypdfium2.PdfiumError, MemoryError, ValueError):
            return DAMAGED
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=QUALITY)
        sys.stdout.buffer.write(len(out.getvalue()).to_bytes(4, "big") + out.getvalue())
        page.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
