"""A row of the law in words of the current language: its value, and the cases it speaks of."""

from typing import Any

from core.i18n import format_money, format_number
from core.i18n import gettext as _
from core.money import Money, exponent
from law.country import deployment
from law.engine import Row
from law.topics import AMOUNTS, PARTS, PARTS_OF_TERM, TOPICS, Shape


def title(row: Row) -> str:
    return str(TOPICS[row.topic].title)


def value(row: Row) -> str:
    """The value for a reader. A text stays in the words of its source."""
    if row.value is None:
        return _("not found")
    shape = TOPICS[row.topic].shape
    if shape is Shape.TERMS:
        names = PARTS_OF_TERM if row.value.get("whole_term") else PARTS
        return "; ".join(f"{names[part]}: {_part(row, part, v)}" for part, v in row.value.items() if part in names)
    if shape is Shape.AMOUNT:
        return _amount(row, row.value)
    if shape is Shape.COUNT:
        return _count(row)
    if shape is Shape.FLAG:
        return _yes(row.value)
    return ", ".join(row.value) if shape is Shape.WORDS else str(row.value)


def _yes(flag: bool) -> str:
    return _("yes") if flag else _("no")


def _part(row: Row, part: str, inner: Any) -> str:
    if inner is None:
        return _("without end")
    if isinstance(inner, bool):
        return _yes(inner)
    return _amount(row, inner) if part in AMOUNTS else format_number(inner)


def _amount(row: Row, units: int) -> str:
    return format_money(Money(units * 10 ** exponent(row.unit), row.unit))


def _count(row: Row) -> str:
    number = format_number(row.value)
    words = {
        "days": _("%(number)s days", number=number),
        "months": _("%(number)s months", number=number),
        "years": _("%(number)s years", number=number),
        "workers a year": _("%(number)s workers a year", number=number),
        "passports a day": _("%(number)s passports a day", number=number),
    }
    return words.get(row.unit, number)


def case(row: Row) -> str:
    """The cases that a row speaks of; empty for all."""
    country = deployment()
    words = {
        "destination": lambda code: _("for %(country)s", country=country.destination_name(code)),
        "occupation": lambda code: _("for the work: %(work)s", work=country.occupation_name(code)),
        "sex": lambda code: {"F": _("for women"), "M": _("for men")}.get(
            code, _("for people with X as sex in the passport")
        ),
        "route": lambda code: _("through an agency") if code == "agency" else _("without an agency"),
        "licence_class": country.licence_class_name,
    }
    return "; ".join(words[key](wanted) for key, wanted in row.when.items())
