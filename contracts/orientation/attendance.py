"""Attendance arithmetic: whole minutes between in and out, within each day's hours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.orientation.models import Direction

EARLY = timedelta(minutes=30)
RUSHED = timedelta(seconds=3)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of one day of a session. Scans are taken from half an hour before until half an hour after."""

    starts: datetime
    ends: datetime

    def takes(self, at: datetime) -> bool:
        return self.starts - EARLY <= at <= self.ends + EARLY


def days(starts: datetime, ends: datetime) -> list[Hours]:
    """The days of a session: each begins and ends at the same time of day, so that the nights between don't count.

    ``starts`` is the beginning of the first day, ``ends`` the end of the last one.
    """
    whole, length = divmod(ends - starts, DAY)
    return [Hours(starts + DAY * n, starts + DAY * n + length) for n in range(whole + 1)] if length else []


def minutes_present(events: Iterable[tuple[Direction, datetime]], of: Sequence[Hours]) -> int:
    """Minutes inside, from pairs of in and out of one day in the order of time; time outside its hours does not count.

    An "in" that no "out" of the same day follows counts nothing: whoever forgets to scan out has to show that they
    stayed.
    """
    known = sorted(events, key=lambda event: event[1])
    total = sum((_inside([e for e in known if day.takes(e[1])], day) for day in of), timedelta())
    return int(total.total_seconds() // 60)


def _inside(events: Sequence[tuple[Direction, datetime]], day: Hours) -> timedelta:
    total = timedelta()
    came: datetime | None = None
    for direction, at in events:
        if direction is Direction.IN:
            came = at
        elif came is not None:
            total += max(min(at, day.ends) - max(came, day.starts), timedelta())
            came = None
    return total


def day_of(at: datetime, of: Sequence[Hours]) -> Hours | None:
    """The day whose hours take a scan now."""
    return next((day for day in of if day.takes(at)), None)
