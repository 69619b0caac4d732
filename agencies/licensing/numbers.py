"""Licence numbers: how they are written, and how people write them.

A number is the country's prefix, a serial of four digits or more and the year of the country's calendar:
``NP-0421/083``.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

import nepali_datetime

from core.names import native_digits_to_latin

# Words that people put in front of the number, in the three scripts.
_AROUND = re.compile(
    r"(?i)\b(licen[cs]e|lic|regd?|registration|number|num|nr|no|anumati|ijajat ?patra|ija)\b|[№#:.]"
    r"|इजाजतपत्र|इजाजत|अनुमति पत्र|अनुमतिपत्र|लाइसेन्स|नम्बर|नंबर|नं|لائسنس|لائیسنس|نمبر|اجازت نامہ"
)


@dataclass(frozen=True, slots=True)
class NumberQuery:
    """A licence number as read from what a person wrote; ``year`` is None when they left it out."""

    serial: int
    year: int | None


def format_number(serial: int, issued_on: date, *, prefix: str, calendar: str) -> str:
    """``NP-0421/083``: prefix, serial and the last three digits of the year in ``calendar`` (``BS`` or ``AD``)."""
    year = issued_on.year
    if calendar == "BS":
        year = nepali_datetime.date.from_datetime_date(issued_on).year
    return f"{prefix}-{serial:04d}/{year % 1000:03d}"


def parse_number(text: str) -> NumberQuery | None:
    """The number that a person wrote, or None when the text isn't one.

    Reads native digits, spaces, dashes, missing zeros, a missing year, a year in full, and words such as "Lic. No.".

    >>> parse_number("लाइसेन्स नं ४२१")
    NumberQuery(serial=421, year=None)
    """
    plain = native_digits_to_latin(unicodedata.normalize("NFKC", text))
    plain = _AROUND.sub(" ", plain)
    plain = re.sub(r"^\s*[A-Za-z]{1,4}(?=[\s-]*[0-9])", " ", plain)
    if not re.fullmatch(r"[\s0-9/\\,|_‐-―−-]+", plain):
        return None
    groups = re.findall(r"[0-9]+", plain)
    if not groups or len("".join(groups)) > 14:
        return None
    if len(groups) == 1:
        return _single(groups[0])
    year = groups[1] if len(groups[1]) in (2, 3, 4) else None
    if year is None:
        return NumberQuery(int("".join(groups)), None)
    if int(groups[0]) == 0:
        return None
    return NumberQuery(int(groups[0]), int(year) % 1000 if len(year) > 2 else int(year) % 100)


def _single(digits: str) -> NumberQuery | None:
    """Digits in one run: a serial, or a serial with its year where the stroke was left out."""
    if int(digits) == 0:
        return None
    if len(digits) == 7 and digits[4] == "0":
        return NumberQuery(int(digits[:4]), int(digits[4:]))
    return NumberQuery(int(digits), None)


def matches(query: NumberQuery, serial: int, number: str) -> bool:
    """Whether the query means this licence: same serial, and the same year where one was given."""
    if query.serial != serial:
        return False
    if query.year is None:
        return True
    year = int(number.rpartition("/")[2])
    return year == query.year or year % 100 == query.year


def number_key(text: str) -> str:
    """A number of any register as it is compared: Latin digits, no words around it, no zeros in front, one stroke.

    >>> number_key("इजाजतपत्र नं ०१२/०६५-६६") == number_key("12/65/66")
    True
    """
    plain = _AROUND.sub(" ", native_digits_to_latin(unicodedata.normalize("NFKC", text))).casefold()
    return "/".join(part.lstrip("0") or "0" for part in re.findall(r"[0-9]+|[^\W\d_]+", plain))
