"""Working days of this deployment's country: its weekend and its holidays, from the country package.

A service standard ("three days for a contract") counts working days, from the day after the work came in. Periods of the
law are calendar days unless their row says otherwise, and are not counted here.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import nepali_datetime

from core.errors import ConfigurationError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday: on one day (``on``), or every year on a day of a solar calendar (``AD`` or ``BS``)."""

    name: str
    source: str
    status: str
    on: date | None = None
    calendar: str = ""
    month: int = 0
    day: int = 0

    def falls_on(self, day: date) -> bool:
        if self.on is not None:
            return self.on == day
        if self.calendar == "AD":
            return (day.month, day.day) == (self.month, self.day)
        return _bikram_sambat(day) == (self.month, self.day)


def _bikram_sambat(day: date) -> tuple[int, int] | None:
    try:
        found = nepali_datetime.date.from_datetime_date(day)
    except (ValueError, OverflowError):
        return None
    return found.month, found.day


def read_holiday(data: dict[str, object], where: str) -> Holiday:
    """One entry of ``holidays.json``.

    :raises ConfigurationError: when it names neither a day nor a yearly day.
    """
    name = str(data.get("name", "?"))
    source, status = str(data.get("source", "")), str(data.get("status", ""))
    if "on" in data:
        return Holiday(name, source, status, on=date.fromisoformat(str(data["on"])))
    calendar, month, day = data.get("calendar"), data.get("month"), data.get("day")
    if calendar not in ("AD", "BS") or not isinstance(month, int) or not isinstance(day, int):
        raise ConfigurationError(f"{where}: {name} needs a day (on), or a calendar (AD or BS) with month and day.")
    return Holiday(name, source, status, calendar=str(calendar), month=month, day=day)


@dataclass(frozen=True, slots=True)
class WorkingWeek:
    """The days on which offices are closed."""

    weekend: frozenset[str]
    holidays: tuple[Holiday, ...]

    def open_on(self, day: date) -> bool:
        return WEEKDAYS[day.weekday()] not in self.weekend and not any(h.falls_on(day) for h in self.holidays)

    def after(self, start: date, days: int) -> date:
        """The working day that many working days after ``start``; with 0, ``start`` or the next one that is open.

        :raises ConfigurationError: when no office would open within two months.
        """
        due = start
        for _ in range(days):
            due = self._open_from(due + timedelta(days=1))
        return self._open_from(due)

    def _open_from(self, day: date) -> date:
        for ahead in range(LONGEST):
            if self.open_on(day + timedelta(days=ahead)):
                return day + timedelta(days=ahead)
        raise ConfigurationError(f"No office is open for {LONGEST} days after {day.isoformat()}.")
