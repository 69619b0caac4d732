"""A lot that is split to stay under a threshold is summed: pure arithmetic for whoever approves lots of one pair.

The package that holds job orders passes the lots of one agency and one employer, the one to be approved among them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from law.country import deployment


@dataclass(frozen=True, slots=True)
class Lot:
    """One job order: the day on which it was approved, or would be, and its workers."""

    on: date
    workers: int


def summed(lots: Iterable[Lot], on: date, *, days: int) -> int:
    """Workers of all lots within ``days`` days up to ``on``, both ends counted."""
    first = on - timedelta(days=days)
    return sum(lot.workers for lot in lots if first <= lot.on <= on)


def needs_second(lots: Iterable[Lot], on: date) -> bool:
    """Whether the lots of one pair, taken together, need a second approver; window and line are the country's policy."""
    window, line = (int(deployment().standard(n)) for n in ("lot_days", "lot_second_approver_from"))
    return summed(lots, on, days=window) >= line
