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
from law.topics import fault


class RowStatus(StrEnum):
    """How a value is known."""

    SEEN = "V"
    REPORTED = "R"
    MEMORY = "M"
    NOT_FOUND = "X"


CASE_KEYS = ("destination", "occupation", "sex", "route", "licence_class")


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

    def matches(self, on: date, case: Mapping[str, str | None]) -> bool:
        """Whether the row speaks of this case on this day."""
        if (self.effective_from and on < self.effective_from) or (self.effective_to and on > self.effective_to):
            return False
        return all(case.get(key) == value for key, value in self.when.items())

    def overlaps(self, other: "Row") -> bool:
        """Whether both speak of the same cases on some day."""
        start = max(self.effective_from or date.min, other.effective_from or date.min)
        end = min(self.effective_to or date.max, other.effective_to or date.max)
        return self.topic == other.topic and dict(self.when) == dict(other.when) and start <= end

    @property
    def plain_words(self) -> str:
        """What the row means to a worker, in the current language; empty when nobody has written it."""
        return self.plain.get(current_locale()) or self.plain.get("en", "")

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
    """No value is known: an officer decides. ``row`` is the one that says it was looked for and not found, if any; ``rivals``
    are others that say as much about the case and something else."""

    topic: str
    row: Row | None = None
    may_refuse: bool = False
    value: None = None
    rivals: tuple[Row, ...] = ()

    def __bool__(self) -> bool:
        return False

    def as_evidence(self) -> dict[str, Any]:
        found: dict[str, Any] = {"topic": self.topic, "unknown": True, "row": self.row.id if self.row else None}
        return {**found, "rivals": [r.id for r in self.rivals]} if self.rivals else found


class Law:
    """Every row of one country."""

    def __init__(self, country: str, rows: list[Row]) -> None:
        self.country = country
        self.rows = rows
        self.by_topic: dict[str, list[Row]] = {}
        for row in rows:
            self.by_topic.setdefault(row.topic, []).append(row)
        _check_contradictions(self.by_topic)

    def applies(self, topic: str, *, on: date, **case: str | None) -> Applied | Unknown:
        """The value for a case on a day; the row that says most about the case wins.

        :param case: destination (ISO 3166-1 alpha-2), occupation (ISCO-08 code), sex, route, licence_class.
        """
        odd = set(case) - set(CASE_KEYS)
        if odd:
            raise ValueError(f"a case has no {', '.join(sorted(odd))}")
        matching = [r for r in self.by_topic.get(topic, []) if r.matches(on, case)]
        if not matching:
            return Unknown(topic)
        best = max(matching, key=lambda r: len(r.when))
        rivals = [r for r in matching if len(r.when) == len(best.when) and r is not best]
        if rivals:
            # Two equally special rows, each for another side of the case: a person has to weigh them.
            return Unknown(topic, best, rivals=tuple(rivals))
        if best.status is RowStatus.NOT_FOUND or best.value is None:
            return Unknown(topic, best)
        return Applied(best.value, best)

    def in_force(self, on: date) -> list[Row]:
        """Every row in force on a day, by topic."""
        live = [
            r
            for r in self.rows
            if not ((r.effective_from and on < r.effective_from) or (r.effective_to and on > r.effective_to))
        ]
        return sorted(live, key=lambda r: (r.topic, r.id))


def _check_contradictions(by_topic: Mapping[str, list[Row]]) -> None:
    for rows in by_topic.values():
        for index, row in enumerate(rows):
            for other in rows[index + 1 :]:
                if row.overlaps(other):
                    raise ConfigurationError(
                        f"The law rows {row.id} and {other.id} speak of the same cases on the same days."
                    )


_REQUIRED = {"id", "topic", "value", "status"}
_KNOWN = _REQUIRED | {"unit", "instrument", "citation", "effective_from", "effective_to", "note", "when", "plain"}


def read_row(data: Mapping[str, Any], where: str) -> Row:
    """One row, checked.

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
        # A list would never equal a case's word, and the row would silently never apply.
        if not isinstance(wanted, str):
            raise ConfigurationError(f"{name}: {key} must be one text; write one row for each value.")
    if data["status"] == "V" and not data.get("citation"):
        raise ConfigurationError(f"{name} claims to be seen in the law but cites nothing.")
    if data["status"] == "V" and data["value"] is None:
        raise ConfigurationError(f"{name} claims to be seen in the law but has no value.")
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
    """A country's rows from its file."""
    rows = [read_row(data, path.name) for data in json.loads(path.read_text(encoding="utf-8"))]
    ids = [r.id for r in rows]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise ConfigurationError(f"{path.name}: two rows have the same id: {', '.join(twice)}.")
    return Law(country, rows)


@lru_cache
def law_of(country: str) -> Law:
    """The law of one country that has a package here."""
    return read_law(ROOT / "law" / country / "parameters.json", country)


def law() -> Law:
    """The law of this deployment's country."""
    return law_of(settings.current().country)


def applies(topic: str, *, on: date, **case: str | None) -> Applied | Unknown:
    """Which value applies to this case on this day, under the law of this deployment's country."""
    return law().applies(topic, on=on, **case)
