"""Control totals: what the sender says is in the file, and what is there."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from agencies.importing.fields import FIELDS, Shape
from agencies.importing.mapping import Facts
from agencies.importing.status import ImportKind
from core.errors import DomainError
from core.i18n import _l
from core.money import Money
from law.country import deployment

WRITTEN = re.compile(r"rows|sum:amount(:[A-Z]{3})?|count:[a-z_]+:[a-z_]+")


@dataclass(frozen=True, slots=True)
class Difference:
    """One control total that does not agree; both as people write them."""

    name: str
    expected: str
    found: str


@dataclass
class Totals:
    """Counted while the file is read. ``rows`` are lines that hold something; unreadable ones count as rows alone."""

    rows: int = 0
    sums: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)

    def count(self, kind: ImportKind, facts: Facts | None) -> None:
        self.rows += 1
        if facts is None:
            return
        for spec in FIELDS[kind]:
            value = facts.plain.get(spec.name)
            if spec.shape is Shape.AMOUNT and value is not None:
                self.sums[facts.plain["currency"] or ""] += int(value)
            elif spec.shape is Shape.WORD and value is not None:
                self.words[f"{spec.name}:{value}"] += 1

    def found(self, name: str) -> str:
        """One total by its name, as it is written after ``--expect``."""
        if name == "rows":
            return str(self.rows)
        if name.startswith("count:"):
            return str(self.words[name.removeprefix("count:")])
        currency = name.split(":")[2] if name.count(":") == 2 else deployment().currency
        return str(Money(self.sums[currency], currency).to_decimal())

    def all(self) -> dict[str, str]:
        """Every total of the file."""
        names = [f"sum:amount:{currency}" for currency in sorted(self.sums)] + [
            f"count:{w}" for w in sorted(self.words)
        ]
        return {"rows": str(self.rows), **{name: self.found(name) for name in names}}

    def differences(self, expected: Mapping[str, Decimal]) -> list[Difference]:
        """Control totals that do not agree."""
        return [
            Difference(name, str(wanted), self.found(name))
            for name, wanted in expected.items()
            if Decimal(self.found(name)) != wanted
        ]


def read_expected(text: str, kind: ImportKind) -> dict[str, Decimal]:
    """``rows=12,sum:amount=1500000.00,count:status:active=9`` as numbers.

    :raises DomainError: for a total that can't be checked with this kind of file.
    """
    found: dict[str, Decimal] = {}
    names = {f.name: f for f in FIELDS[kind]}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, _equals, value = part.partition("=")
        known = WRITTEN.fullmatch(name) is not None
        if known and name.startswith("sum:"):
            known = "amount" in names
        if known and name.startswith("count:"):
            _count, column, word = name.split(":")
            known = column in names and word in names[column].words
        try:
            number = Decimal(value)
        except InvalidOperation:
            known, number = False, Decimal(0)
        if not known or not number.is_finite():
            raise DomainError(
                _l(
                    "This control total is not known: %(part)s. Write rows=, sum:amount= or count:status:active=.",
                    part=part,
                )
            )
        found[name] = number
    return found
