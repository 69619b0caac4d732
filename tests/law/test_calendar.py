"""Working days: a weekend, yearly days of two calendars, single days, and what a wrong file says."""

from datetime import date

import pytest

from core.errors import ConfigurationError
from core.settings import Settings
from law.calendar import Holiday, WorkingWeek, read_holiday
from law.country import country_package, due_after

NEPAL = country_package("np").working_week
# 2026: 19 September is 3 Asoj 2083, a Saturday; 24 April is 11 Baisakh; 29 May is 15 Jestha.
CLOSED = ["2026-04-24", "2026-05-01", "2026-05-29", "2026-09-19", "2026-12-25", "2027-01-15", "2026-11-28"]


@pytest.mark.parametrize("day", CLOSED)
def test_offices_of_nepal_are_closed_on(day: str):
    assert not NEPAL.open_on(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-11-24", "2026-11-29", "2026-04-23", "2026-05-30"])
def test_offices_of_nepal_are_open_on(day: str):
    found = NEPAL.open_on(date.fromisoformat(day))
    assert found is (date.fromisoformat(day).strftime("%A") != "Saturday")


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-24", 0, "2026-11-24"),
        ("2026-11-28", 0, "2026-11-29"),
        ("2026-11-24", 3, "2026-11-27"),
        ("2026-11-26", 2, "2026-11-29"),
        ("2026-12-23", 2, "2026-12-27"),
        ("2026-11-24", 15, "2026-12-11"),
    ],
)
def test_a_due_day_passes_over_weekends_and_holidays(start: str, days: int, due: str):
    assert NEPAL.after(date.fromisoformat(start), days) == date.fromisoformat(due)


def test_a_due_day_is_always_open_and_never_before_a_longer_one():
    for start in (date(2026, month, day) for month in range(1, 13) for day in (1, 9, 17, 25)):
        found = [NEPAL.after(start, days) for days in range(20)]
        assert all(NEPAL.open_on(day) for day in found)
        assert found == sorted(found)


def test_a_service_standard_counts_working_days(settings: Settings):
    assert due_after(date(2026, 11, 26), "contract_review_days") == date(2026, 11, 30)


def test_a_single_day_of_the_moon_is_given_as_a_day():
    week = WorkingWeek(frozenset({"friday"}), (Holiday("Eid", "notice", "R", on=date(2027, 3, 10)),))
    assert week.after(date(2027, 3, 9), 1) == date(2027, 3, 11)
    assert not week.open_on(date(2027, 3, 12))


def test_days_outside_the_bikram_sambat_tables_are_no_holiday():
    assert not Holiday("New Year", "", "M", calendar="BS", month=1, day=1).falls_on(date(2150, 4, 14))


@pytest.mark.parametrize("data", [{"name": "X"}, {"name": "X", "calendar": "HJ", "month": 1, "day": 1}])
def test_a_holiday_that_names_no_day_is_refused_with_its_name(data: dict[str, object]):
    with pytest.raises(ConfigurationError, match="X needs a day"):
        read_holiday(data, "holidays.json")


def test_a_country_that_never_opens_is_an_error_and_not_an_endless_search():
    from law.calendar import WEEKDAYS

    with pytest.raises(ConfigurationError, match="No office is open"):
        WorkingWeek(frozenset(WEEKDAYS), ()).after(date(2026, 1, 1), 1)


def test_every_holiday_of_nepal_has_a_source_and_a_status():
    assert NEPAL.holidays
    for holiday in NEPAL.holidays:
        assert holiday.source
        assert holiday.status in {"V", "R", "M"}
