"""The law as dated, cited rows, and the engine that answers "which value applies to this case on this date?".

*Unknown* is a first-class answer: it sends a case to an officer, and never means "allowed". Only a row whose text was
seen in the law (status V) may refuse a person; R (reported) and M (from memory) may warn.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from core import settings
from core.errors import ConfigurationError
from core.i18n import current_locale
from core.money import Money, exponent, known_currencies
from core.settings import ROOT
from law import cases, contradictions, groups
from law.topics import fault


class RowStatus(StrEnum):
    """How a value is known."""

    SEEN = "V"
    REPORTED = "R"
    MEMORY = "M"
    NOT_FOUND = "X"


# How certain a value is: what was seen in the law first.
_CERTAIN_FIRST = tuple(RowStatus)
CASE_KEYS = cases.KEYS


@dataclass(frozen=True, slots=True)
class Row:
    """One legal parameter: its value, for which cases and days, from which text.

    ``plain`` says by language what it means to a worker, where the title alone would mislead.
    """

    id: str
    topic: str
    value: Any
    unit: str
    instrument: str
    citation: str
    status: RowStatus
    effective_from: date | None
    effective_to: date | None
    note: str = ""
    when: Mapping[str, str] = field(default_factory=dict)
    plain: Mapping[str, str] = field(default_factory=dict)

    def in_force(self, on: date) -> bool:
        """Whether the row holds on a day; a row without a first day is not known to have begun, and holds from ever."""
        return not (
            (self.effective_from and on < self.effective_from) or (self.effective_to and on > self.effective_to)
        )

    def matches(self, on: date, case: Mapping[str, str | None]) -> bool:
        """Whether the row speaks of this case on this day."""
        return self.in_force(on) and all(case.get(key) == value for key, value in self.when.items())

    @property
    def plain_words(self) -> str:
        """What the row means to a worker, in the current language; empty when nobody has written it."""
        return self.plain.get(current_locale()) or self.plain.get("en", "")

    @property
    def source(self) -> str:
        """Where it stands, for a reader: instrument and citation; empty for a row from memory."""
        return ", ".join(part for part in (self.instrument, self.citation) if part)

    @property
    def currency(self) -> str:
        """The currency of the amounts in the value; empty when the unit is none."""
        return self.unit if self.unit in known_currencies() else ""

    def money(self, part: str = "") -> Money | None:
        """The value, or one part of it, as money; None where the row names none."""
        units = self.value.get(part) if part else self.value
        if units is None or not self.currency:
            return None
        return Money(int(units) * 10 ** exponent(self.currency), self.currency)

    @property
    def text(self) -> str:
        """The value for a reader: lists and small tables as one line."""
        return _plain(self.value)

    def as_evidence(self) -> dict[str, Any]:
        """What a decision stores of the rows that it used."""
        return {"row": self.id, "value": self.value, "citation": self.citation, "status": str(self.status)}


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key.replace('_', ' ')}: {_plain(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(inner) for inner in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return "–" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Applied:
    """A value that applies, and the row it comes from."""

    value: Any
    row: Row

    @property
    def may_refuse(self) -> bool:
        """Only what was seen in the law may refuse a person."""
        return self.row.status is RowStatus.SEEN

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Unknown:
    """No value is known: an officer decides. ``row`` is the one that says it was looked for and not found, if any."""

    topic: str
    row: Row | None = None
    may_refuse: bool = False
    value: None = None

    def __bool__(self) -> bool:
        return False

    def as_evidence(self) -> dict[str, Any]:
        return {"topic": self.topic, "unknown": True, "row": self.row.id if self.row else None}


class Law:
    """Every row of one country."""

    def __init__(self, country: str, rows: list[Row]) -> None:
        self.country = country
        self.rows = rows
        self.by_topic: dict[str, list[Row]] = {}
        for row in rows:
            self.by_topic.setdefault(row.topic, []).append(row)
        for same_topic in self.by_topic.values():
            contradictions.check(same_topic)

    def applies(self, topic: str, *, on: date, **case: str | None) -> Applied | Unknown:
        """The value for a case on a day; of the rows that fit, the narrowest wins (``law/contradictions.py``).

        Before the first day of the first row, and after the last day of the last one, it is unknown.

        :param case: destination (ISO 3166-1 alpha-2), occupation (ISCO-08 code), sex, route, licence_class.
        """
        odd = set(case) - set(CASE_KEYS)
        if odd:
            raise ValueError(f"a case has no {', '.join(sorted(odd))}")
        matching = [r for r in self.by_topic.get(topic, []) if r.matches(on, case)]
        narrowest = [r for r in matching if not any(contradictions.narrower(other, r) for other in matching)]
        if not narrowest:
            return Unknown(topic)
        # Several say the same, or the file had not loaded: the most certain one is named.
        best = min(narrowest, key=lambda r: (_CERTAIN_FIRST.index(r.status), r.id))
        if best.status is RowStatus.NOT_FOUND or best.value is None:
            return Unknown(topic, best)
        return Applied(best.value, best)

    def possible(self, topic: str, *, on: date, **known: str) -> list[Row]:
        """The rows in force that fit, or could fit, a case of which only some is known."""
        rows = self.by_topic.get(topic, [])
        return [r for r in rows if r.in_force(on) and all(known.get(key, v) == v for key, v in r.when.items())]

    def in_force(self, on: date) -> list[Row]:
        """Every row in force on a day, by topic."""
        return sorted((r for r in self.rows if r.in_force(on)), key=lambda r: (r.topic, r.id))


_REQUIRED = {"id", "topic", "value", "status"}
_KNOWN = _REQUIRED | {"unit", "instrument", "citation", "effective_from", "effective_to", "note", "when", "plain"}


def read_row(data: Mapping[str, Any], where: str, known: cases.Cases | None = None) -> Row:
    """One row, checked.

    :param known: the country's occupations and licence classes; without it only what holds for any country is checked.
    :raises ConfigurationError: naming the file and the row.
    """
    name = f"{where}: row {data.get('id', '?')}"
    if missing := _REQUIRED - set(data):
        raise ConfigurationError(f"{name} lacks {', '.join(sorted(missing))}.")
    if odd := set(data) - _KNOWN:
        raise ConfigurationError(f"{name} has unknown fields: {', '.join(sorted(odd))}.")
    if data["status"] not in set(RowStatus):
        raise ConfigurationError(f"{name} has the status {data['status']!r}; it must be V, R, M or X.")
    when = data.get("when", {})
    if odd := set(when) - set(CASE_KEYS):
        raise ConfigurationError(f"{name} depends on unknown things: {', '.join(sorted(odd))}.")
    for key, wanted in when.items():
        if wrong := cases.fault(key, wanted) or (known.fault(key, wanted) if known else None):
            raise ConfigurationError(f"{name} {wrong}.")
    if data["status"] == "V" and not data.get("citation"):
        raise ConfigurationError(f"{name} claims to be seen in the law but cites nothing.")
    if data["status"] == "V" and data["value"] is None:
        raise ConfigurationError(f"{name} claims to be seen in the law but has no value.")
    if data["status"] == "X" and data["value"] is not None:
        raise ConfigurationError(f"{name} says that nothing was found, and has a value.")
    if wrong := fault(data["topic"], data["value"], data.get("unit", "")):
        raise ConfigurationError(f"{name} {wrong}.")
    first, last = _day(data.get("effective_from"), name), _day(data.get("effective_to"), name)
    if first and last and last < first:
        raise ConfigurationError(f"{name} ends before it begins.")
    return Row(
        id=data["id"],
        topic=data["topic"],
        value=data["value"],
        unit=data.get("unit", ""),
        instrument=data.get("instrument", ""),
        citation=data.get("citation", ""),
        status=RowStatus(data["status"]),
        effective_from=first,
        effective_to=last,
        note=data.get("note", ""),
        when=dict(when),
        plain=dict(data.get("plain", {})),
    )


def _day(text: str | None, name: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ConfigurationError(f"{name} has a day that does not exist: {text!r}.") from None


def read_law(path: Path, country: str) -> Law:
    """A country's rows from its file, checked against each other and against the country's package.

    :raises ConfigurationError: naming the file and the row, or both rows that contradict each other.
    """
    known = cases.cases_of(country)
    written = json.loads(path.read_text(encoding="utf-8"))
    rows = [read_row(data, path.name, known) for entry in written for data in groups.expanded(entry, path.name)]
    ids = [r.id for r in rows]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise ConfigurationError(f"{path.name}: two rows have the same id: {', '.join(twice)}.")
    unnamed = {str(c) for r in rows if r.topic == "licence.classes" for c in r.value or ()} - known.licence_classes
    if unnamed:
        raise ConfigurationError(f"{path.name}: country.json has no name for the class {', '.join(sorted(unnamed))}.")
    return Law(country, rows)


@lru_cache
def law_of(country: str) -> Law:
    """The law of one country that has a package here."""
    return read_law(ROOT / "law" / country / "parameters.json", country)


def law() -> Law:
    """The law of this deployment's country."""
    return law_of(settings.current().country)


Found = Applied | Unknown


def applies(topic: str, *, on: date, **case: str | None) -> Found:
    """Which value applies to this case on this day, under the law of this deployment's country."""
    return law().applies(topic, on=on, **case)
