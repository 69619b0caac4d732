"""Documents and QR codes: typst for PDF (tagged, copies Indic text out right), segno for QR."""

import io
import json
from typing import Any

import segno
import typst
from markupsafe import Markup

from core.settings import ROOT

FONTS = ROOT / "templates" / "documents" / "fonts"


def render_pdf(template: str, data: dict[str, Any]) -> bytes:
    """A PDF from ``templates/documents/<template>``; the template reads ``json(bytes(sys.inputs.data))``.

    :param data: plain JSON values; a QR goes in as its text, see ``qr_png``.
    """
    folder = ROOT / "templates" / "documents"
    answer: bytes = typst.compile(
        folder / template,
        root=folder,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, default=str)},
        format="pdf",
    )
    return answer


def qr_svg(text: str, *, title: str) -> Markup:
    """An inline SVG of a QR code for a page; ``title`` is its accessible name."""
    code = segno.make_qr(text, error="m")
    out = io.BytesIO()
    code.save(
        out, kind="svg", xmldecl=False, svgns=True, border=2, title=title, svgclass="qr", lineclass=None, omitsize=True
    )
    return Markup(out.getvalue().decode())  # noqa: S704 -- made here from modules, the title is escaped by segno


def qr_svg_text(text: str) -> str:
    """The same for a typst document: ``image(bytes(data.qr), format: "svg")``."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="svg", xmldecl=False, svgns=True, border=2)
    return out.getvalue().decode()
