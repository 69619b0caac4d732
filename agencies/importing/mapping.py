"""The mapping file: which column is which field, which word means which, how days and amounts are written.

{"source": "feims", "columns": {"Reg No": "source_key", ...}, "values": {"status": {"चालू": "active"}},
 "dates": {"issued_on": "BS YYYY-MM-DD", "*": "DD/MM/YYYY"}, "decimal": ".", "defaults": {"currency": "NPR"}}
"""

import hmac
import json
import re
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from wtforms.validators import ValidationError

from agencies.importing.fields import FIELDS, Field, Shape
from agencies.importing.reading import RawLine
from agencies.importing.status import ImportKind
from agencies.registration.services import normal_identifier
from core import audit
from core.contact import normal_email, normal_phone
from core.errors import DomainError
from core.forms import canonical_text, latin_digits, parse_amount, parse_day
from core.i18n import _l
from core.money import exponent
from core.privacy import derived_key
from law.country import deployment

LONGEST_TEXT, LONGEST_KEY = 500, 80
EMPTY = frozenset({"", "-", "--", "n/a", "na", "null", "none", "#n/a"})
KEYS = frozenset({"source", "columns", "values", "dates", "decimal", "delimiter", "defaults"})
_FORMAT = re.compile(r"(?:BS )?(YYYY|MM|DD)[^A-Za-z0-9]{0,2}(YYYY|MM|DD)[^A-Za-z0-9]{0,2}(YYYY|MM|DD)")


@dataclass(frozen=True, slots=True)
class Mapping:
    """``columns`` leads from a column of the file to a field of ours."""

    source: str
    columns: dict[str, str]
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    decimal: str = "."
    delimiter: str | None = None
    defaults: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """One line in our words: days as ISO text, amounts as minor units in text, None for what it does not say."""

    key: str
    line: int
    plain: dict[str, str | None]
    personal: dict[str, str | None]

    @property
    def all(self) -> dict[str, str | None]:
        return {**self.plain, **self.personal}

    @property
    def fingerprint(self) -> bytes:
        """A keyed hash over everything that the line says: the same facts, the same hash, and no way back to them."""
        body = audit.canonical([self.key, self.plain, self.personal]).encode()
        return hmac.new(derived_key("import"), body, sha256).digest()


def read_mapping(path: Path | None, kind: ImportKind, source: str | None) -> Mapping:
    """The mapping of a file; without one the columns carry our own names.

    :raises DomainError: naming what is wrong with it.
    """
    data: dict[str, Any] = {}
    if path is not None:
        try:
            data = json.loads(path.read_text(encoding="utf-8-sig"))
        except (ValueError, OSError):
            raise DomainError(_l("The mapping file is not JSON.")) from None
        if not isinstance(data, dict) or set(data) - KEYS:
            wrong = ", ".join(sorted(set(data) - KEYS)) if isinstance(data, dict) else "?"
            raise DomainError(_l("The mapping file has parts that are not known: %(names)s.", names=wrong))
    named = source or data.get("source")
    if not isinstance(named, str) or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", named):
        raise DomainError(
            _l("Name the old register in small letters, digits and dashes: --source or source in the mapping.")
        )
    made = Mapping(
        named,
        {_name(k): v for k, v in _texts(data.get("columns", {}), "columns").items()},
        {
            f: {_word(canonical_text(k)): v for k, v in _texts(m, "values").items()}
            for f, m in _part(data, "values").items()
        },
        _texts(data.get("dates", {}), "dates"),
        data.get("decimal", "."),
        data.get("delimiter"),
        _texts(data.get("defaults", {}), "defaults"),
    )
    _check(made, kind)
    return made


def _part(data: Map[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name, {})
    if not isinstance(found, dict):
        raise DomainError(_l("In the mapping file, %(name)s has the wrong shape.", name=name))
    return found


def _texts(found: Any, name: str) -> dict[str, str]:
    if not isinstance(found, dict) or any(not isinstance(v, str) for v in found.values()):
        raise DomainError(_l("In the mapping file, %(name)s has the wrong shape.", name=name))
    return found


def _check(mapping: Mapping, kind: ImportKind) -> None:
    ours = {f.name: f for f in FIELDS[kind]}
    targets = list(mapping.columns.values())
    named = {*targets, *mapping.values, *mapping.defaults, *(d for d in mapping.dates if d != "*")}
    if unknown := sorted(named - set(ours)):
        raise DomainError(
            _l("The mapping names fields that are not known: %(names)s. Known are: %(ours)s.",
               names=", ".join(unknown), ours=", ".join(ours))
        )  # fmt: skip
    if twice := sorted({t for t in targets if targets.count(t) > 1}):
        raise DomainError(_l("Two columns lead to one field: %(names)s.", names=", ".join(twice)))
    for name, words in mapping.values.items():
        allowed = ours[name].words
        if allowed and (wrong := sorted(set(words.values()) - set(allowed))):
            raise DomainError(
                _l("%(field)s can’t be %(word)s. It can be: %(allowed)s.",
                   field=name, word=", ".join(wrong), allowed=", ".join(allowed))
            )  # fmt: skip
    for written in mapping.dates.values():
        parts = _FORMAT.fullmatch(written)
        if parts is None or set(parts.groups()) != {"YYYY", "MM", "DD"}:
            raise DomainError(
                _l("A day can’t be written as %(how)s. Use YYYY, MM and DD, and BS in front.", how=written)
            )
    if mapping.decimal not in (".", ",") or (mapping.delimiter is not None and len(mapping.delimiter) != 1):
        raise DomainError(_l("In the mapping file, %(name)s has the wrong shape.", name="decimal, delimiter"))


def missing_columns(mapping: Mapping, kind: ImportKind, header: frozenset[str]) -> list[str]:
    """Columns that the mapping names and the file lacks, and needed fields that nothing leads to."""
    there = {_name(h) for h in header}
    lacking = [c for c in mapping.columns if c not in there]
    known = set(mapping.columns.values()) if mapping.columns else there
    lacking += [f.name for f in FIELDS[kind] if f.needed and f.name not in known and f.name not in mapping.defaults]
    return lacking


def left_out(mapping: Mapping, kind: ImportKind, header: frozenset[str]) -> list[str]:
    """Columns of the file that nothing takes."""
    taken = set(mapping.columns) or {f.name for f in FIELDS[kind]}
    return sorted(h for h in header if _name(h) not in taken)


@lru_cache(maxsize=2000)
def _name(text: str) -> str:
    return canonical_text(text).casefold()


def _word(text: str) -> str:
    return (text if text.isascii() else latin_digits(text)).casefold()


def _clean(text: str) -> str:
    """``canonical_text``; most cells of most files need no look at every letter."""
    return (
        text
        if text.isascii() and text.isprintable() and "  " not in text and text == text.strip()
        else canonical_text(text)
    )


def facts_of(mapping: Mapping, kind: ImportKind, raw: RawLine) -> Facts:
    """One line in our words.

    :raises DomainError: saying what is wrong with which field; never the value itself, which may be personal.
    """
    if raw.fault is not None:
        raise DomainError(raw.fault)
    given: dict[str, str] = {}
    for column, text in raw.values.items():
        name = mapping.columns.get(_name(column), "" if mapping.columns else _name(column))
        if name:
            given[name] = text
    plain: dict[str, str | None] = {}
    personal: dict[str, str | None] = {}
    for spec in FIELDS[kind]:
        text = _clean(given.get(spec.name, ""))
        if len(text) < 5 and _word(text) in EMPTY and _word(text) not in mapping.values.get(spec.name, {}):
            text = mapping.defaults.get(spec.name, "")
        if not text and spec.needed:
            raise DomainError(_l("%(field)s is empty.", field=spec.name))
        value = _value(mapping, spec, text, given) if text else None
        (personal if spec.personal else plain)[spec.name] = value
    if "amount" in plain:
        plain["currency"] = plain["currency"] or deployment().currency
    key = plain.pop("source_key")
    assert key is not None
    return Facts(key, raw.line, plain, personal)


def _value(mapping: Mapping, spec: Field, text: str, given: Map[str, str]) -> str:
    words = mapping.values.get(spec.name)
    if words:
        text = words.get(_word(text), text)
    if len(text) > (LONGEST_KEY if spec.shape is Shape.KEY else LONGEST_TEXT):
        raise DomainError(_l("%(field)s is too long.", field=spec.name))
    try:
        return _shaped(mapping, spec, text, given)
    except (ValidationError, DomainError) as error:
        raise DomainError(_l("%(field)s: %(fault)s", field=spec.name, fault=str(error))) from None


def _shaped(mapping: Mapping, spec: Field, text: str, given: Map[str, str]) -> str:
    match spec.shape:
        case Shape.KEY:
            return text if text.isascii() else latin_digits(text)
        case Shape.DAY:
            return day_of(text, mapping.dates.get(spec.name) or mapping.dates.get("*") or "YYYY-MM-DD").isoformat()
        case Shape.PHONE:
            return normal_phone(text)
        case Shape.EMAIL:
            return normal_email(text)
        case Shape.CURRENCY:
            exponent(text.upper())
            return text.upper()
        case Shape.ACCOUNT:
            return normal_identifier(text)
        case Shape.AMOUNT:
            return _amount(mapping, text, given)
        case Shape.WORD:
            word = _word(text)
            if word not in spec.words:
                raise DomainError(_l("This word is not known. Add it to the mapping’s values."))
            return word
    return text


def _amount(mapping: Mapping, text: str, given: Map[str, str]) -> str:
    """Minor units, in text. Signs of currency around the digits are passed over; other decimals are not guessed."""
    bare = latin_digits(text)
    if mapping.decimal == ",":
        bare = bare.replace(".", "").replace("\u202f", "").replace(",", ".")
    bare = re.sub(r"^[^0-9]{0,6}|(/-)?\s*$", "", bare) if not bare.startswith("-") else bare
    code = canonical_text(given.get("currency", "")) or mapping.defaults.get("currency") or deployment().currency
    found = parse_amount(bare, code.upper())
    if found.minor <= 0:
        raise DomainError(_l("The amount must be more than nothing."))
    return str(found.minor)


def day_of(text: str, how: str) -> date:
    """A day written as ``how`` says: YYYY, MM and DD in any order, ``BS`` in front for Bikram Sambat.

    :raises ValidationError: when there is no such day.
    """
    calendar = "BS" if how.startswith("BS ") else "AD"
    order = re.findall(r"YYYY|MM|DD", how)
    digits = re.findall(r"[0-9]+", latin_digits(text).split("T")[0])
    # A time of day after the day is passed over, as databases write it: 2024-05-01 00:00:00.
    parts = digits[:3] if len(digits) in (3, 5, 6) else []
    if len(digits) == 1 and len(digits[0]) == 8 and "-" not in how and "/" not in how and "." not in how:
        lengths = [4 if o == "YYYY" else 2 for o in order]
        parts = [digits[0][sum(lengths[:i]) : sum(lengths[: i + 1])] for i in range(3)]
    if len(parts) != 3:
        raise ValidationError(_l("This is not a day as the mapping says that days are written."))
    by = dict(zip(order, parts, strict=True))
    if len(by["YYYY"]) != 4:
        raise ValidationError(_l("The year needs four digits."))
    return parse_day(f"{by['YYYY']}-{by['MM']}-{by['DD']}", calendar)
