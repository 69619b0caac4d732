"""Papers of the demo: a title on white, as a photo or as a PDF of two pages, as offices scan them."""

import io

from PIL import Image, ImageDraw


def _paper(words: str) -> Image.Image:
    image = Image.new("RGB", (420, 300), "white")
    ImageDraw.Draw(image).text((30, 40), f"{words}\n\nmade for the demo", fill="black")
    return image


def picture(words: str) -> bytes:
    out = io.BytesIO()
    _paper(words).save(out, "JPEG", quality=60)
    return out.getvalue()


def pdf(words: str) -> bytes:
    out = io.BytesIO()
    _paper(words).save(out, "PDF", save_all=True, append_images=[_paper(f"{words}, the back")])
    return out.getvalue()
