"""What the law says of a departure: bans on a country or on work there, and the lowest and highest age.

A row seen in the law refuses; what was reported or remembered sends the case to an officer.
"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.ages import LOWEST, TOPICS, AgeLimit, age_limits, last_day, when_old_enough
from contracts.clearance.conditions import Condition, State
from contracts.employment.queries import ContractStanding, registered_contract
from core.i18n import _l, format_date, format_number
from law import engine
from law.engine import Applied, RowStatus, Unknown, applies
from migrants.registration.deciding import age_on
from migrants.registration.queries import MigrantStanding, standing


def law_conditions(
    person: MigrantStanding | None, contract: ContractStanding, today: date, day: date
) -> list[Condition]:
    """Bans on the country and the work, asked today; the ages, asked for the day of departure."""
    sex = person.sex if person else None
    ban = applies(
        "destination_ban", on=today, destination=contract.destination, occupation=contract.occupation, sex=sex
    )  # fmt: skip
    return [_destination(ban), _occupation(person, contract, ban, today), *_ages(person, contract, day)]


def _for_all(ban: Applied) -> bool:
    """Whether a ban closes the country for everybody, and not for some people or some work alone."""
    return set(ban.row.when) <= {"destination"}


def _destination(ban: Applied | Unknown) -> Condition:
    if not isinstance(ban, Applied) or not _for_all(ban):
        return Condition("destination", _l("The country is open for work"), State.MET, True)
    return Condition(
        "destination", _l("The country is open for work"), State.MISSING if ban.may_refuse else State.UNKNOWN, ban.may_refuse,
        mend=_l("Wait until the ban ends, or ask at a labour office for an exemption."), row=ban.row.as_evidence(),
    )  # fmt: skip


def _occupation(
    person: MigrantStanding | None, contract: ContractStanding, ban: Applied | Unknown, today: date
) -> Condition:
    title = _l("This work is open to you")
    if isinstance(ban, Applied) and not _for_all(ban):
        return Condition(
            "occupation", title, State.MISSING if ban.may_refuse else State.UNKNOWN, ban.may_refuse,
            why=_l("A ban on this work in that country was found in the law.")
            if ban.may_refuse
            else _l("A ban on this work in that country was reported."),
            mend=_l("Ask at a labour office for an exemption.") if ban.may_refuse else _l("An officer decides."),
            row=ban.row.as_evidence(),
        )  # fmt: skip
    sex = person.sex if person else None
    rule = applies(
        "clearance.officer_decides", on=today, destination=contract.destination, occupation=contract.occupation, sex=sex
    )  # fmt: skip
    if not rule.value:
        return Condition("occupation", title, State.MET, True)
    return Condition(
        "occupation", title, State.UNKNOWN, False,
        why=_l("For this work there it has to be decided case by case."), mend=_l("An officer decides."),
        row=rule.row.as_evidence() if rule.row else None,
    )  # fmt: skip


def _limits(person: MigrantStanding | None, contract: ContractStanding, day: date) -> list[AgeLimit]:
    sex = person.sex if person else None
    return age_limits(day, destination=contract.destination, occupation=contract.occupation, sex=sex)


def _ages(person: MigrantStanding | None, contract: ContractStanding, day: date) -> list[Condition]:
    return [_age(limit, person.birth_date if person else None, day) for limit in _limits(person, contract, day)]


def last_day_of_age(session: Session, migrant_id: UUID, day: date) -> date | None:
    """The last day on which the law's highest age for the person's contract still holds; None where the law has none."""
    person, contract = standing(session, migrant_id), registered_contract(session, migrant_id)
    if person is None or person.birth_date is None or contract is None:
        return None
    return last_day(person.birth_date, _limits(person, contract, day))


def newest_limit(today: date, destination: str, occupation: str) -> date:
    """The newest first day of the rows on age that may refuse somebody for this work there today."""
    found = (
        row.effective_from
        for topic in TOPICS
        for row in engine.law().possible(topic, on=today, destination=destination, occupation=occupation)
        if row.status is RowStatus.SEEN
    )
    return max((day for day in found if day), default=date.min)


_AGE_TITLES = {
    True: _l("You are old enough for this work there"),
    False: _l("You are not too old for this work there"),
}


def _age(limit: AgeLimit, birth: date | None, day: date) -> Condition:
    lowest = limit.topic == LOWEST
    if birth is None:
        state, why = State.UNKNOWN, limit.sentence
        mend: Any = _l("Finish your registration.")
    elif limit.holds(birth, day):
        state, why, mend = State.MET, "", ""
    else:
        state = State.MISSING if limit.certain else State.UNKNOWN
        age = _l("On %(day)s you are %(age)s.", day=format_date(day), age=format_number(age_on(birth, day)))
        why, mend = f"{limit.sentence} {age}", _mend(limit, birth)
    code = "age_min" if lowest else "age_max"
    return Condition(code, _AGE_TITLES[lowest], state, limit.certain, why=why, mend=mend, row=limit.row.as_evidence())


def _mend(limit: AgeLimit, birth: date) -> Any:
    if not limit.certain:
        return _l("An officer decides.")
    if limit.topic == LOWEST:
        later = _l("Name a later day of your flight.")
        return f"{when_old_enough(birth, limit)} {later}"
    return _l("You did nothing wrong. Ask at a labour office which work is open to you.")
