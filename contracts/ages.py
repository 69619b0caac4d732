"""The lowest and highest age of the law for a job, asked of a person for one day.

Ages are completed years: a highest age of 45 holds until the day before the 46th birthday. A row asks on the day of the
departure; where none is named, today. What no row says is unknown and makes no line.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core.i18n import _l, format_date, format_number
from law.cases import SEXES
from law.engine import Applied, Row, applies
from migrants.registration.deciding import age_on
from migrants.registration.status import SEX_TITLES

LOWEST, HIGHEST = "age.min", "age.max"
TOPICS = (LOWEST, HIGHEST)


@dataclass(frozen=True, slots=True)
class AgeLimit:
    """One limit in whole years. ``certain``: its row was seen in the law and may refuse."""

    topic: str
    years: int
    row: Row
    certain: bool

    def holds(self, birth: date, day: date) -> bool:
        age = age_on(birth, day)
        return age >= self.years if self.topic == LOWEST else age <= self.years

    @property
    def sentence(self) -> Any:
        """What the law asks, for whoever reads it; what was only reported says so."""
        years = format_number(self.years)
        if self.topic == LOWEST:
            said = (
                _l("The law asks for an age of at least %(years)s years for this work there.", years=years)
                if self.certain
                else _l("It is reported that an age of at least %(years)s years is asked for this work there.", years=years)
            )  # fmt: skip
        else:
            said = (
                _l("The law allows an age of at most %(years)s years for this work there.", years=years)
                if self.certain
                else _l("It is reported that an age of at most %(years)s years is allowed for this work there.", years=years)
            )  # fmt: skip
        return f"{said} ({self.row.source})" if self.row.source else said


def age_limits(on: date, *, destination: str | None, occupation: str | None, sex: str | None) -> list[AgeLimit]:
    """The limits that a row of the law names for this case on this day."""
    found = [(t, applies(t, on=on, destination=destination, occupation=occupation, sex=sex)) for t in TOPICS]
    return [AgeLimit(t, int(f.value), f.row, f.may_refuse) for t, f in found if isinstance(f, Applied)]


def limits_of_job(on: date, *, destination: str | None, occupation: str | None) -> list[tuple[AgeLimit, list[str]]]:
    """The limits for this work there, each with the sexes for whom it holds: of a job, before there is a person."""
    found: dict[str, tuple[AgeLimit, list[str]]] = {}
    for sex in SEXES:
        for limit in age_limits(on, destination=destination, occupation=occupation, sex=sex):
            found.setdefault(limit.row.id, (limit, []))[1].append(sex)
    return list(found.values())


def sentences_of_job(on: date, *, destination: str, occupation: str) -> list[str]:
    """The same in words, with whom it holds for where it does not hold for everybody."""
    found = limits_of_job(on, destination=destination, occupation=occupation)
    return [f"{who}: {limit.sentence}" if (who := for_whom(sexes)) else str(limit.sentence) for limit, sexes in found]


def for_whom(sexes: list[str]) -> str:
    """In words; empty when it is everybody."""
    return "" if len(sexes) == len(SEXES) else ", ".join(str(SEX_TITLES[sex]) for sex in sexes)


def birthday(birth: date, years: int) -> date:
    """The day on which somebody completes that many years."""
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return date(birth.year + years, 3, 1)


def when_old_enough(birth: date, limit: AgeLimit) -> Any:
    """From which day on a lowest age is reached, in words."""
    return _l("It is reached on %(day)s.", day=format_date(birthday(birth, limit.years)))


def last_day(birth: date, limits: Iterable[AgeLimit]) -> date | None:
    """The last day on which every highest age that may refuse still holds; None where none does."""
    ends = [birthday(birth, x.years + 1) - timedelta(1) for x in limits if x.topic == HIGHEST and x.certain]
    return min(ends, default=None)
