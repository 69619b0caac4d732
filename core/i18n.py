"""Languages: text, digits, dates and money as people write them.

Catalogues are plain .po files, one for each package and language, under ``portal/translations/<locale>/``; a new
language is a new folder of files, listed by its ``language.json``.
"""

import contextvars
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from core.money import Money

TRANSLATIONS = Path(__file__).resolve().parent.parent / "portal" / "translations"


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the portal: ``code`` is BCP 47, ``digits`` its ten digits, ``direction`` ltr or rtl.

    ``reviewed``: for each text that binds a person, the version that a native speaker has read and found right.
    """

    code: str
    name: str
    direction: str
    digits: str
    babel: str
    reviewed: dict[str, str]


@lru_cache
def languages() -> dict[str, Language]:
    """Every language that has a folder with a ``language.json``."""
    found = {}
    for path in sorted(TRANSLATIONS.glob("*/language.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        found[data["code"]] = Language(
            data["code"], data["name"], data["direction"], data["digits"], data["babel"], data["reviewed"]
        )
    order = ["en", *[c for c in found if c != "en"]]
    return {code: found[code] for code in order if code in found}


def is_reviewed(text: str, version: str, code: str | None) -> bool:
    """Whether a native speaker has reviewed this version of a text in a language; an unknown language has no reviewer."""
    language = languages().get(code or "")
    return language is not None and language.reviewed.get(text) == version


LOCALES = tuple(languages())

_locale: contextvars.ContextVar[str] = contextvars.ContextVar("locale", default="en")


def current_locale() -> str:
    """The language of this request or message (BCP 47)."""
    return _locale.get()


def set_locale(code: str) -> "contextvars.Token[str]":
    return _locale.set(code if code in languages() else "en")


def reset_locale(token: "contextvars.Token[str]") -> None:
    _locale.reset(token)


@dataclass(slots=True)
class in_locale:  # noqa: N801 -- reads like contextlib's own
    """``with in_locale("ne"): ...``"""

    code: str
    _token: "contextvars.Token[str] | None" = None

    def __enter__(self) -> None:
        self._token = set_locale(self.code)

    def __exit__(self, *_: object) -> None:
        assert self._token is not None
        reset_locale(self._token)


def direction(code: str | None = None) -> str:
    return languages()[code or current_locale()].direction


@lru_cache
def catalogue(code: str) -> dict[str, str | tuple[str, ...]]:
    """Every message of one language; English is its own message id."""
    messages: dict[str, str | tuple[str, ...]] = {}
    for path in sorted((TRANSLATIONS / code).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=languages()[code].babel):
                if message.id and message.string and not message.fuzzy:
                    key = message.id[0] if isinstance(message.id, tuple) else message.id
                    if message.context:
                        key = f"{message.context}\x04{key}"
                    messages.setdefault(
                        str(key), message.string if isinstance(message.string, str) else tuple(message.string)
                    )
    return messages


def _lookup(key: str, default: str, code: str | None = None) -> str:
    found = catalogue(code or current_locale()).get(key, default)
    return found if isinstance(found, str) else found[0]


def gettext(message: str, /, **values: Any) -> str:
    """The message in the current language, with ``%(name)s`` filled in."""
    text = _lookup(message, message)
    return text % values if values else text


def ngettext(singular: str, plural: str, number: int, /, **values: Any) -> str:
    """Singular or plural; all our languages have the two forms of ``n != 1``."""
    found = catalogue(current_locale()).get(singular)
    forms = found if isinstance(found, tuple) and all(found) else (singular, plural)
    text = forms[0] if number == 1 or len(forms) == 1 else forms[1]
    return text % {"num": format_number(number), **values}


def pgettext(context: str, message: str, /, **values: Any) -> str:
    """A word that needs its context, such as "May" or "Order"."""
    text = _lookup(f"{context}\x04{message}", message)
    return text % values if values else text


class Lazy:
    """A message that is put into words when it is shown."""

    __slots__ = ("_make", "message")

    def __init__(self, make: Callable[[], str], message: str) -> None:
        self._make = make
        self.message = message

    def __str__(self) -> str:
        return self._make()

    def __html__(self) -> str:
        from markupsafe import escape

        return str(escape(self._make()))

    def __format__(self, spec: str) -> str:
        return format(self._make(), spec)

    def __mod__(self, values: Any) -> "Lazy":
        return Lazy(lambda: self._make() % values, self.message)

    def __add__(self, other: object) -> str:
        return self._make() + str(other)

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(self.message)

    def __repr__(self) -> str:
        return f"Lazy({self.message!r})"

    def __getattr__(self, name: str) -> Any:
        # WTForms and Jinja treat messages as str: .strip(), .format() and the like.
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._make(), name)


def lazy_gettext(message: str, /, **values: Any) -> Lazy:
    return Lazy(lambda: gettext(message, **values), message)


_ = gettext
_l = lazy_gettext
_n = ngettext
_p = pgettext


def local_digits(text: str) -> str:
    """Digits of the current language in place of Latin ones. Not for references, licence numbers or codes."""
    return text.translate(_digit_table(current_locale()))


@lru_cache
def _digit_table(code: str) -> dict[int, int]:
    return {ord("0") + i: ord(d) for i, d in enumerate(languages()[code].digits)}


def format_number(number: int | Decimal, places: int | None = None) -> str:
    """Digits in groups as South Asia writes them: 12,34,567.89."""
    if isinstance(number, Decimal) and places is not None:
        number = round(number, places)
    whole, _dot, rest = f"{abs(number):f}".partition(".") if isinstance(number, Decimal) else (str(abs(number)), "", "")
    head, tail = whole[:-3], whole[-3:]
    groups: list[str] = []
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    text = ",".join([*groups, tail]) + (f".{rest}" if rest else "")
    return local_digits(("-" if number < 0 else "") + text)


def format_money(money: "Money") -> str:
    """``NPR 12,34,500.00``: the code first, isolated, so that it reads the same in a right-to-left line."""
    from core.money import exponent

    return f"{money.currency} {format_number(money.to_decimal(), exponent(money.currency))}"


def format_percent(basis_points: int, places: int = 2) -> str:
    """Basis points as a percentage: 128 -> 1.28%."""
    return f"{format_number(Decimal(basis_points).scaleb(-2), places)}%"


def format_date(day: date | None) -> str:
    """The day in words; in Nepali the Bikram Sambat day comes first, the Gregorian one behind it.

    An instant is shown as its day where the ministry is.
    """
    if day is None:
        return ""
    if isinstance(day, datetime):
        from core.db import legal_zone

        day = day.astimezone(ZoneInfo(legal_zone())).date()
    code = current_locale()
    text = babel_date(day, "d MMMM y", locale=languages()[code].babel)
    text = local_digits(text)
    return f"{bikram_sambat(day)} ({text})" if code == "ne" and bikram_sambat(day) else text


BS_MONTHS_NE = ("वैशाख", "जेठ", "असार", "साउन", "भदौ", "असोज", "कात्तिक", "मंसिर", "पुस", "माघ", "फागुन", "चैत")


_bikram_sambat = True


def set_calendars(codes: Iterable[str]) -> None:
    """The calendars of the deployment's country; days are shown in Bikram Sambat only where it is one of them."""
    global _bikram_sambat
    _bikram_sambat = "BS" in codes


def bikram_sambat(day: date) -> str:
    """A day in Bikram Sambat in Nepali words; empty outside BS 1975-2100 and where the country does not count so."""
    import nepali_datetime

    if not _bikram_sambat:
        return ""
    try:
        bs = nepali_datetime.date.from_datetime_date(day)
    except (ValueError, OverflowError):
        return ""
    return f"{local_digits(str(bs.day))} {BS_MONTHS_NE[bs.month - 1]} {local_digits(str(bs.year))}"


def format_datetime(at: datetime | None, *, seconds: bool = False) -> str:
    """Day and time where the ministry is; with seconds where an order of moments is evidence."""
    if at is None:
        return ""
    from core.db import legal_zone

    local = at.astimezone(ZoneInfo(legal_zone()))
    return f"{format_date(local.date())}, {local_digits(local.strftime('%H:%M:%S' if seconds else '%H:%M'))}"


class WTFormsTranslations:
    """WTForms' own messages come from our catalogues: its packaged ones lack Nepali and Urdu."""

    def gettext(self, string: str) -> str:
        return gettext(string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        found = catalogue(current_locale()).get(singular)
        forms = found if isinstance(found, tuple) and all(found) else (singular, plural)
        return forms[0] if n == 1 or len(forms) == 1 else forms[1]
