"""Specimen passports drawn for tests: made-up people, a monospace face that the renderer ships."""

import io
import random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from migrants.identity.mrz import Mrz


def font(size: int) -> ImageFont.FreeTypeFont:
    """A monospace face: OCR-B where the machine has it, else DejaVu Sans Mono."""
    for name in (
        "OCRB.otf",
        "ocrb10.ttf",
        "/usr/share/fonts/opentype/ocr-b/OCRB.otf",
        "DejaVuSansMono.ttf",
        "LiberationMono-Regular.ttf",
    ):
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    raise RuntimeError("no monospace font")


def draw(zone: Mrz, seed: int = 1) -> Image.Image:
    """A photo page of 1250 by 880 pixels."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(225, 250, (880, 1250, 3), dtype=np.uint8)
    page = Image.fromarray(noise)
    pen = ImageDraw.Draw(page)
    pen.rectangle((60, 130, 400, 590), fill=(180, 170, 160))
    labels = [
        zone.primary_identifier,
        zone.secondary_identifier,
        zone.document_number,
        f"{zone.birth_date:%d %b %Y}".upper(),
    ]
    for line, text in enumerate(labels):
        pen.text((450, 150 + 90 * line), text, font=font(34), fill=(20, 20, 60))
    for line, text in enumerate(zone.lines()):
        pen.text((55, 690 + 75 * line), text, font=font(42), fill=(10, 10, 10))
    return page


def jpeg(image: Image.Image, quality: int = 85) -> bytes:
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def faults(image: Image.Image) -> dict[str, Image.Image]:
    """The same page with the faults of a phone's photo."""
    return {
        "clean": image,
        "turned 3 degrees": image.rotate(3, expand=True, fillcolor=(90, 80, 70)),
        "turned 90 degrees": image.rotate(90, expand=True),
        "upside down": image.rotate(180),
        "blurred": image.filter(ImageFilter.GaussianBlur(1.5)),
        "dark": ImageEnhance.Brightness(image).enhance(0.35),
        "half size": image.resize((image.width // 2, image.height // 2)),
    }


def someone(seed: int) -> Mrz:
    """A made-up person's zone."""
    from datetime import date

    rng = random.Random(seed)
    number = f"{rng.choice('PB')}{'' if rng.random() < 0.5 else 'A'}{rng.randint(1000000, 9999999)}"
    primary = rng.choice(["TAMANG", "SHRESTHA", "YADAV", "GURUNG", "ADHIKARI", "KHATUN", "MAHATO"])
    secondary = rng.choice(["SUNITA", "RAM BAHADUR", "BINOD KUMAR", "GITA DEVI", "MOHAMMAD", "PASANG"])
    return Mrz(
        "P", "NPL", primary, secondary, number, "NPL", date(rng.randint(1975, 2005), rng.randint(1, 12), rng.randint(1, 28)),
        rng.choice("MF"), date(rng.randint(2027, 2035), rng.randint(1, 12), rng.randint(1, 28)), "",
    )  # fmt: skip
