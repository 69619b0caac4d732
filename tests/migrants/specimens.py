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
    _portrait(pen)
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


def _portrait(pen: ImageDraw.ImageDraw) -> None:
    """A face with hair and shoulders, 340 by 460 pixels."""
    pen.rectangle((60, 130, 400, 590), fill=(190, 195, 200))
    pen.ellipse((90, 450, 370, 760), fill=(70, 80, 115))
    pen.rectangle((60, 591, 400, 760), fill=(238, 238, 238))
    pen.ellipse((140, 185, 320, 420), fill=(40, 32, 28))
    pen.ellipse((160, 230, 300, 470), fill=(182, 138, 108))
    for left in (190, 250):
        pen.ellipse((left, 320, left + 22, 334), fill=(30, 25, 25))
    pen.rectangle((210, 410, 250, 418), fill=(140, 70, 70))


def lines_alone(zone: Mrz) -> Image.Image:
    """What a person can draw in a minute: the two lines on white paper, no portrait, no data."""
    page = Image.new("RGB", (1250, 880), (255, 255, 255))
    pen = ImageDraw.Draw(page)
    for line, text in enumerate(zone.lines()):
        pen.text((55, 690 + 75 * line), text, font=font(42), fill=(10, 10, 10))
    return page


def without_portrait(zone: Mrz) -> Image.Image:
    """The same with the personal data typed above, and paper where the portrait should be."""
    page = lines_alone(zone)
    pen = ImageDraw.Draw(page)
    for line, text in enumerate((zone.primary_identifier, zone.secondary_identifier, zone.document_number, "SPECIMEN")):
        pen.text((450, 150 + 90 * line), text, font=font(34), fill=(20, 20, 60))
        pen.text((80, 150 + 90 * line), text, font=font(34), fill=(20, 20, 60))
    return page


def without_data(zone: Mrz, seed: int = 1) -> Image.Image:
    """A portrait over the lines, and no personal data."""
    page = draw(zone, seed)
    ImageDraw.Draw(page).rectangle((420, 100, 1250, 660), fill=(238, 238, 238))
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
