"""Rows that say different things of one case: the file that holds them does not load, and both are named.

A row is narrower than another when it asks for all that the other asks for, and more; the narrower one prevails. Two rows
*cross* when one case fits both and neither is narrower: nobody may guess which prevails. They stand together only where
they say the same, or where a still narrower row speaks of the cases that fit both.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from core.errors import ConfigurationError

if TYPE_CHECKING:
    from law.engine import Row

Days = tuple[date, date]


def narrower(row: "Row", other: "Row") -> bool:
    """Whether ``row`` asks for all that ``other`` asks for, and more."""
    return other.when.items() < row.when.items()


def says_the_same(row: "Row", other: "Row") -> bool:
    return (row.value, row.unit) == (other.value, other.unit)


def check(rows: Sequence["Row"]) -> None:
    """Every pair of rows of one topic.

    :raises ConfigurationError: naming both rows of a pair, and the cases that fit both.
    """
    for row, other in combinations(rows, 2):
        days = _common(row, other)
        if days is None or not _meet(row, other):
            continue
        if row.when == other.when:
            raise ConfigurationError(f"The law rows {row.id} and {other.id} speak of the same cases on the same days.")
        if narrower(row, other) or narrower(other, row) or says_the_same(row, other):
            continue
        day = _first_open(days, (_days(r) for r in rows if _settles(r, row, other)))
        if day is not None:
            raise ConfigurationError(_crossing(row, other, day))


def _crossing(row: "Row", other: "Row", day: date) -> str:
    both = ", ".join(f"{key} {wanted}" for key, wanted in sorted({**row.when, **other.when}.items()))
    since = "" if day == date.min else f" on {day.isoformat()}"
    return (
        f"The law rows {row.id} and {other.id} cross: both fit the case {both}{since}, they say different things, and "
        f"neither is narrower. Write a row for {both} that says what the law says of it."
    )


def _days(row: "Row") -> Days:
    return row.effective_from or date.min, row.effective_to or date.max


def _common(row: "Row", other: "Row") -> Days | None:
    """The days on which both are in force; None when there is none."""
    (first, last), (others_first, others_last) = _days(row), _days(other)
    start, end = max(first, others_first), min(last, others_last)
    return (start, end) if start <= end else None


def _meet(row: "Row", other: "Row") -> bool:
    """Whether one case can fit both: the values of one key exclude each other."""
    return all(other.when.get(key, wanted) == wanted for key, wanted in row.when.items())


def _settles(third: "Row", row: "Row", other: "Row") -> bool:
    """Whether a third row takes every case that fits both away from one of them."""
    both = {**row.when, **other.when}
    return third.when.items() <= both.items() and (narrower(third, row) or narrower(third, other))


def _first_open(days: Days, settled: Iterable[Days]) -> date | None:
    """The first of the days that no settled span covers."""
    start, end = days
    for first, last in sorted(settled):
        if first > start or last >= end:
            return None if first <= start else start
        start = max(start, last + timedelta(days=1))
    return start
