"""The reader of photos: what it gives back is right, or nothing."""

import io

import pytest
from PIL import Image, ImageDraw

from migrants.identity.mrz_photo import OcrPhotoReader
from migrants.identity.mrz_strip import is_country, names_line, numbers_line
from tests.migrants.specimens import draw, faults, font, jpeg, lines_alone, someone, without_data, without_portrait

NAMES = "P<NPLTAMANG<<SUNITA<<<<<<<<<<<<<<<<<<<<<<<<<"
NUMBERS = someone(2).lines()[1]


def test_an_upright_and_a_turned_page_are_read_sign_by_sign():
    zone = someone(2)
    pages = faults(draw(zone, 2))
    for fault in ("clean", "turned 90 degrees"):
        reading = OcrPhotoReader().read(jpeg(pages[fault]))
        assert (reading.lines, reading.page) == (zone.lines(), True)


@pytest.mark.parametrize("drawn", [lines_alone, without_portrait, without_data])
def test_lines_that_somebody_drew_are_read_but_are_no_passport_s_page(drawn):
    zone = someone(2)
    reading = OcrPhotoReader().read(jpeg(drawn(zone)))
    assert (reading.lines, reading.page) == (zone.lines(), False)


def test_a_picture_without_a_zone_gives_nothing():
    assert OcrPhotoReader().read(jpeg(Image.new("RGB", (800, 600), (200, 190, 180)))).lines is None


def test_a_zone_with_a_wrong_check_digit_gives_nothing():
    zone = someone(2)
    page = draw(zone, 2)
    second = zone.lines()[1]
    altered = second[:19] + str((int(second[19]) + 1) % 10) + second[20:]
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 740, 1250, 880), fill=(238, 238, 238))
    pen.text((55, 765), altered, font=font(42), fill=(10, 10, 10))
    assert OcrPhotoReader().read(jpeg(page)).lines is None


def test_a_small_or_blank_file_does_not_break_the_reader():
    out = io.BytesIO()
    Image.new("L", (3, 3), 255).save(out, "JPEG")
    assert OcrPhotoReader().read(out.getvalue()).lines is None


@pytest.mark.parametrize(
    ("read", "line"),
    [
        (NAMES, NAMES),
        (NAMES[:30], NAMES),  # trailing fillers are free
        (NAMES.replace("<", "«", 1), NAMES),
        ("P<NPLTAMANG<<SUNITA<<<<<<<<KC<<", NAMES),
        ("P<NQLTAMANG<<SUNITA<<<<<<", None),  # no such country
        ("P<NPLTAMANG<<SUNITA<<RAI<<<<<", None),  # names have one divider
        ("X" * 44, None),
        ("", None),
    ],
)
def test_a_names_line_is_mended_at_its_fillers_only(read: str, line: str | None):
    assert names_line(read) == line


def test_a_numbers_line_needs_every_check_digit_and_a_country():
    assert numbers_line(NUMBERS) == NUMBERS
    assert numbers_line(NUMBERS.replace("0", "O")) in (NUMBERS, None)
    assert numbers_line(NUMBERS[:10] + "NQL" + NUMBERS[13:]) is None
    for place in (0, 13, 21, 43):
        other = "1" if NUMBERS[place] != "1" else "2"
        assert numbers_line(NUMBERS[:place] + other + NUMBERS[place + 1 :]) is None


def test_country_codes():
    assert [is_country(c) for c in ("NPL", "IND", "D<<", "UTO", "XXA", "QQQ", "N1L", "<<<")] == [
        True, True, True, True, True, False, False, False,
    ]  # fmt: skip
