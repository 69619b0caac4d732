"""More security for more workers, where the law sells places in lots (``security.tranche``): so much for so many workers.

What is held above the class's own security buys lots, and they raise its limit. What is used stays asked for: when a paper
behind a lot ends, it is demanded again for as long as its workers are counted.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.renewal.term import began
from agencies.security import rules
from core.money import Money
from law.engine import Applied, applies

# How many workers of an agency count since a day; the package above knows them.
Counter = Callable[[Session, UUID, date], int]
_counters: list[Counter] = []


def offer(counter: Counter) -> None:
    """Say who counts workers; called once, when the package is loaded."""
    _counters[:] = [counter]


@dataclass(frozen=True, slots=True)
class Tranche:
    """One lot: ``amount`` of security for each ``workers`` more."""

    workers: int
    amount: Money
    certain: bool
    evidence: dict[str, Any]

    def lots_for(self, workers: int) -> int:
        """How many lots so many workers above the limit need; a lot that is begun counts whole."""
        return max(0, -(-workers // self.workers))

    def price(self, lots: int) -> Money:
        return Money(lots * self.amount.minor, self.amount.currency)


@dataclass(frozen=True, slots=True)
class Bought:
    """The lots that an agency's security pays for today; ``spare`` minor units are left over, or missing to the class's own."""

    tranche: Tranche
    lots: int
    spare: int

    def missing_for(self, workers: int) -> Money:
        """What security has to be brought for so many workers above the limit of today."""
        need = self.tranche.price(self.tranche.lots_for(workers)).minor - self.spare
        return Money(max(0, need), self.tranche.amount.currency)


def tranche_of(licence_class: str, on: date) -> Tranche | None:
    """The lots that a class can buy; None where the law names none."""
    found = applies("security.tranche", on=on, licence_class=licence_class)
    if not isinstance(found, Applied):
        return None
    amount, workers = found.row.money("guarantee"), int(found.value.get("workers") or 0)
    if amount is None or not amount.minor or not workers:
        return None
    return Tranche(workers, amount, found.may_refuse, found.row.as_evidence())


def bought(tranche: Tranche, asked: rules.Required, held: Money) -> Bought:
    """What is held above what is asked for with the licence, in lots."""
    above = held.minor - asked.total.minor
    lots = max(0, above // tranche.amount.minor) if asked.known else 0
    return Bought(tranche, lots, above - lots * tranche.amount.minor)


def counted_since(session: Session, licence: Licence, limit: rules.WorkerLimit, on: date) -> date:
    """The first day of the licence's year, or of its whole term where its class counts so."""
    return began(session, licence) if limit.whole_term else rules.licence_year(licence.issued_on, on)


def required_today(session: Session, licence: Licence | None, on: date) -> rules.Required:
    """What has to stand behind a licence today: its own security, and the lots whose workers are counted."""
    asked = rules.required(session, licence, on)
    if licence is None or not asked.known or not _counters:
        return asked
    tranche, limit = tranche_of(licence.licence_class, on), rules.limit_of(licence.licence_class, on)
    if tranche is None or limit.limit is None:
        return asked
    workers = _counters[0](session, licence.agency_id, counted_since(session, licence, limit, on))
    lots = tranche.lots_for(workers - limit.limit)
    if not lots:
        return asked
    evidence = {**asked.evidence, "tranche": tranche.evidence, "lots": lots, "workers": workers}
    return replace(
        asked, guarantee=asked.guarantee + tranche.price(lots), certain=asked.certain and tranche.certain,
        evidence=evidence, lots=lots,
    )  # fmt: skip
