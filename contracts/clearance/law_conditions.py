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
from contracts.exemptions.grounds import possible
from contracts.exemptions.models import BanExemption
from contracts.exemptions.queries import exempted
from core.i18n import _l, format_date, format_number
from law import engine
from law.engine import Applied, RowStatus, Unknown, applies
from migrants.registration.deciding import age_on
from migrants.registration.queries import MigrantStanding, standing


def law_conditions(
    session: Session, person: MigrantStanding | None, contract: ContractStanding, today: date, day: date, *,
    lock: bool = False,
) -> list[Condition]:  # fmt: skip
    """Bans on the country and the work, asked today; the ages, asked for the day of departure.

    :param lock: hold an exemption until the caller's transaction ends.
    """
    sex = person.sex if person else None
    ban = applies(
        "destination_ban", on=today, destination=contract.destination, occupation=contract.occupation, sex=sex
    )  # fmt: skip
    lifted = exemption_of(session, contract, ban, today, lock=lock)
    return [
        _destination(ban, lifted, today), _occupation(person, contract, ban, lifted, today), *_ages(person, contract, day)
    ]  # fmt: skip


def exemption_of(
    session: Session, contract: ContractStanding, ban: Applied | Unknown, today: date, *, lock: bool = False
) -> BanExemption | None:
    """The exemption in force from the ban that applies, for the person or the job order."""
    if not isinstance(ban, Applied):
        return None
    return exempted(
        session, ban.row.id, today, migrant_id=contract.migrant_id, job_order_id=contract.job_order_id, lock=lock
    )


def _for_all(ban: Applied) -> bool:
    """Whether a ban closes the country for everybody, and not for some people or some work alone."""
    return set(ban.row.when) <= {"destination"}


def _lifted(code: str, title: Any, ban: Applied, by: BanExemption) -> Condition:
    """A ban from which somebody is exempted: the decision stores both."""
    why = _l("Exempted by %(reference)s until %(day)s.", reference=by.reference, day=format_date(by.last_day))
    row = {**ban.row.as_evidence(), "exemption": by.reference}
    return Condition(code, title, State.MET, ban.may_refuse, why=why, row=row)


def _wait(ban: Applied, today: date) -> Any:
    """What helps against a ban: its end, and an exemption where the law is not seen to know none."""
    if possible(ban.row, today):
        return _l("Wait until the ban ends, or ask the ministry for an exemption: two of its officers decide.")
    return _l("Wait until the ban ends. The law knows no exemption.")


def _destination(ban: Applied | Unknown, lifted: BanExemption | None, today: date) -> Condition:
    title = _l("The country is open for work")
    if not isinstance(ban, Applied) or not _for_all(ban):
        return Condition("destination", title, State.MET, True)
    if lifted is not None:
        return _lifted("destination", title, ban, lifted)
    return Condition(
        "destination", title, State.MISSING if ban.may_refuse else State.UNKNOWN, ban.may_refuse,
        why=_said(ban), mend=_wait(ban, today) if ban.may_refuse else _l("An officer decides."), row=ban.row.as_evidence(),
    )  # fmt: skip


def _said(ban: Applied) -> str:
    """What the ban says to a worker, and where it stands."""
    words = {
        (True, True): _l("A ban on that country was found in the law."),
        (True, False): _l("A ban on that country was reported."),
        (False, True): _l("A ban on this work in that country was found in the law."),
        (False, False): _l("A ban on this work in that country was reported."),
    }
    said = ban.row.plain_words or str(words[_for_all(ban), ban.may_refuse])
    return f"{said} ({ban.row.source})" if ban.row.source else said


def _occupation(
    person: MigrantStanding | None, contract: ContractStanding, ban: Applied | Unknown, lifted: BanExemption | None,
    today: date,
) -> Condition:  # fmt: skip
    title = _l("This work is open to you")
    if isinstance(ban, Applied) and not _for_all(ban):
        if lifted is not None:
            return _lifted("occupation", title, ban, lifted)
        return Condition(
            "occupation", title, State.MISSING if ban.may_refuse else State.UNKNOWN, ban.may_refuse,
            why=_said(ban),
            mend=_wait(ban, today) if ban.may_refuse else _l("An officer decides."),
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


def last_days(session: Session, migrant_id: UUID, today: date, day: date) -> list[date]:
    """Days after which the law stands in the way of a granted clearance: of a highest age, and of an exemption."""
    person, contract = standing(session, migrant_id), registered_contract(session, migrant_id)
    if person is None or person.birth_date is None or contract is None:
        return []
    ban = applies(
        "destination_ban", on=today, destination=contract.destination, occupation=contract.occupation, sex=person.sex
    )  # fmt: skip
    lifted = exemption_of(session, contract, ban, today)
    age = last_day(person.birth_date, _limits(person, contract, day))
    return [found for found in (age, lifted.last_day if lifted and ban.may_refuse else None) if found]


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
