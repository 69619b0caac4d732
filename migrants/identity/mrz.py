"""The machine-readable zone of a passport (ICAO Doc 9303 part 4, TD3: two lines of 44 characters).

Check digits cover the document number, the birth date, the expiry date, the optional data and these together. They do not
cover names, nationality and sex, and never see a swap between characters that are equal modulo 10 (K and <, A and <, U and <,
G and 6, L and 1, P and F): compare with what was typed, and ask the person.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from core.errors import DomainError
from core.i18n import Lazy, _l
from core.names import to_latin

LENGTH = 44
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
WEIGHTS = (7, 3, 1)
# Doc 9303 part 3, section 6: letters that a plain decomposition gets wrong.
_SPECIAL = {
    "Æ": "AE", "Ø": "OE", "Å": "AA", "Ä": "AE", "Ö": "OE", "Ü": "UE", "ß": "SS", "Þ": "TH", "Ð": "D", "Œ": "OE",
    "Ł": "L", "Đ": "D", "Ñ": "N",
}  # fmt: skip


class MrzError(DomainError):
    """The zone can't be what was typed; ``line`` and ``position`` count from 1, 0 when it is the whole."""

    def __init__(self, message: Lazy, *, line: int = 0, position: int = 0) -> None:
        super().__init__(message, field="mrz")
        self.line = line
        self.position = position


@dataclass(frozen=True, slots=True)
class Mrz:
    """What a TD3 zone says. Dates are resolved to full years; ``optional_data`` without fillers."""

    document_code: str
    issuing_state: str
    primary_identifier: str
    secondary_identifier: str
    document_number: str
    nationality: str
    birth_date: date
    sex: str
    expiry_date: date
    optional_data: str

    def lines(self) -> tuple[str, str]:
        """The zone itself, composed again."""
        names = self.primary_identifier.replace(" ", "<")
        if self.secondary_identifier:
            names += "<<" + self.secondary_identifier.replace(" ", "<")
        first = (self.document_code.ljust(2, "<") + self.issuing_state.ljust(3, "<") + names)[:LENGTH].ljust(
            LENGTH, "<"
        )
        number = self.document_number.ljust(9, "<")
        birth, expiry = f"{self.birth_date:%y%m%d}", f"{self.expiry_date:%y%m%d}"
        optional = self.optional_data.ljust(14, "<")
        optional_check = "<" if not self.optional_data else str(check_digit(optional))
        numbers = f"{number}{check_digit(number)}", f"{birth}{check_digit(birth)}", f"{expiry}{check_digit(expiry)}"
        covered = "".join(numbers) + optional + optional_check
        middle = f"{numbers[0]}{self.nationality.ljust(3, '<')}{numbers[1]}{self.sex or '<'}{numbers[2]}"
        return first, f"{middle}{optional}{optional_check}{check_digit(covered)}"


def check_digit(text: str) -> int:
    """The check digit of Doc 9303 part 3, section 4.9: weights 7, 3, 1; A is 10, < is 0."""
    total = 0
    for index, character in enumerate(text):
        value = 0 if character == "<" else int(character, 36)
        total += value * WEIGHTS[index % 3]
    return total % 10


def clean_lines(text: str) -> tuple[str, str]:
    """The two lines from what a person typed or a reader gave.

    Spaces go, « and ‹ are fillers, missing closing fillers of the first line are added.

    :raises MrzError: when these are not two lines of the right length and alphabet.
    """
    plain = unicodedata.normalize("NFKC", text).upper().replace("«", "<<").replace("‹", "<").replace("〈", "<")
    lines = [re.sub(r"\s", "", line) for line in plain.splitlines()]
    lines = [line for line in lines if line]
    if len(lines) == 1 and len(lines[0]) == 2 * LENGTH:
        lines = [lines[0][:LENGTH], lines[0][LENGTH:]]
    if len(lines) != 2:
        raise MrzError(_l("Type both lines at the bottom of the passport's photo page, one below the other."))
    first, second = lines[0].ljust(LENGTH, "<"), lines[1]
    if 42 <= len(second) < LENGTH and second[-1].isdigit():
        # Some passports print the second line without its closing fillers: they belong before the last check digits.
        second = second[:-2] + "<" * (LENGTH - len(second)) + second[-2:] if len(second) > 2 else second
    for number, line in enumerate((first, second), start=1):
        if len(line) != LENGTH:
            raise MrzError(
                _l("Line %(line)s must have 44 characters; it has %(count)s.", line=number, count=len(line)),
                line=number,
            )
        for position, character in enumerate(line, start=1):
            if character not in ALPHABET:
                raise MrzError(
                    _l(
                        "Line %(line)s has a sign that can't stand there, at place %(place)s.",
                        line=number,
                        place=position,
                    ),
                    line=number,
                    position=position,
                )
    return first, second


def parse(text: str, *, today: date) -> Mrz:
    """Read a TD3 zone and check every check digit.

    :raises MrzError: naming the part that does not fit.
    """
    first, second = clean_lines(text)
    if first[0] != "P":
        raise MrzError(_l("The first line of a passport begins with P."), line=1, position=1)
    _check_digits(second)
    primary, secondary = _names(first[5:])
    optional = second[28:42].rstrip("<")
    return Mrz(
        document_code=first[:2].rstrip("<"),
        issuing_state=first[2:5].rstrip("<"),
        primary_identifier=primary,
        secondary_identifier=secondary,
        document_number=second[:9].rstrip("<"),
        nationality=second[10:13].rstrip("<"),
        birth_date=_birth(second[13:19], today),
        sex=second[20].replace("<", ""),
        expiry_date=_expiry(second[21:27], today),
        optional_data=optional,
    )


def _check_digits(second: str) -> None:
    parts = (
        (second[:9], second[9], 10, _l("The passport number and its check digit do not fit. Type line 2 again.")),
        (second[13:19], second[19], 20, _l("The birth date and its check digit do not fit. Type line 2 again.")),
        (second[21:27], second[27], 28, _l("The expiry date and its check digit do not fit. Type line 2 again.")),
        (second[28:42], second[42], 43, _l("The number near the end of line 2 does not fit. Type line 2 again.")),
    )
    for covered, digit, position, message in parts:
        empty = position == 43 and digit == "<" and not covered.strip("<")
        if not empty and digit != str(check_digit(covered)):
            raise MrzError(message, line=2, position=position)
    if second[43] != str(check_digit(second[:10] + second[13:20] + second[21:43])):
        raise MrzError(_l("The last check digit of line 2 does not fit. Type line 2 again."), line=2, position=44)
    if second[20] not in "MFX<":
        raise MrzError(_l("The sex in line 2 must be M, F, X or <."), line=2, position=21)


def _names(field: str) -> tuple[str, str]:
    """Primary and secondary identifier. A one-part name has no secondary identifier."""
    body = field.rstrip("<")
    primary, _divider, secondary = body.partition("<<")
    if not primary or any(c.isdigit() for c in body):
        raise MrzError(_l("The names in line 1 can't be read. Type line 1 again."), line=1, position=6)
    return primary.replace("<", " ").strip(), re.sub(r"<+", " ", secondary).strip()


def _day(text: str, year: int, line: str) -> date:
    try:
        return date(year, int(text[2:4]), int(text[4:6]))
    except ValueError:
        message = (
            _l("There is no such birth date in line 2.")
            if line == "birth"
            else _l("There is no such expiry date in line 2.")
        )
        raise MrzError(message, line=2, position=14 if line == "birth" else 22) from None


def _birth(text: str, today: date) -> date:
    """The latest such day that is not in the future."""
    year = _two_digits(text, "birth") + today.year // 100 * 100
    return _day(text, year if (year, text[2:]) <= (today.year, f"{today:%m%d}") else year - 100, "birth")


def _expiry(text: str, today: date) -> date:
    """The such day nearest to today: passports are valid for ten years at most, and old ones are shown too."""
    year = _two_digits(text, "expiry") + today.year // 100 * 100
    return _day(text, min((year - 100, year, year + 100), key=lambda y: abs(y - today.year)), "expiry")


def _two_digits(text: str, line: str) -> int:
    if not text.isdigit():
        raise MrzError(
            _l("There is no such birth date in line 2.")
            if line == "birth"
            else _l("There is no such expiry date in line 2."),
            line=2,
            position=14 if line == "birth" else 22,
        )
    return int(text[:2])


def transliterate(name: str) -> str:
    """A name as a zone writes it: Latin capitals and single spaces (Doc 9303 part 3, section 6)."""
    latin = name if name.isascii() else "".join(_SPECIAL.get(c, c) for c in name.upper())
    if not all(c.isascii() or "LATIN" in unicodedata.name(c, "") for c in latin):
        latin = to_latin(latin)
    plain = "".join(c for c in unicodedata.normalize("NFD", latin.upper()) if not unicodedata.combining(c))
    plain = re.sub(r"['’`]", "", plain)
    return re.sub(r"\s+", " ", re.sub(r"[^A-Z ]", " ", plain)).strip()
