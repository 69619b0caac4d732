"""What must hold for a clearance, asked anew each time: met, missing or unknown, why, and how to mend it.

A *hard* condition is a fact decided in this portal or a rule seen in the law: nobody grants without it. A *soft* one rests
on what was reported, remembered or not found: an officer may grant without it, with a reason.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from agencies.licensing.queries import licence_for
from contracts.clearance import parties
from contracts.clearance.conditions import Condition, State
from contracts.clearance.law_conditions import law_conditions
from contracts.employers.queries import standing as employer_standing
from contracts.employment.queries import ContractStanding, registered_contract
from contracts.orientation.queries import certificate_of
from core.db import legal_today
from core.i18n import _l, format_date
from law.country import deployment
from law.engine import Applied, applies
from migrants.registration.queries import MigrantStanding, standing

__all__ = ["Checklist", "Condition", "State", "checklist"]


@dataclass(frozen=True, slots=True)
class Checklist:
    """Every condition at one moment."""

    conditions: tuple[Condition, ...]

    @property
    def hard_open(self) -> list[Condition]:
        """Hard conditions that do not hold."""
        return [c for c in self.conditions if c.hard and c.state is not State.MET]

    @property
    def soft_open(self) -> list[Condition]:
        return [c for c in self.conditions if not c.hard and c.state is not State.MET]


def checklist(
    session: Session, migrant_id: UUID, checked_papers: frozenset[str], *, flight_on: date | None = None, lock: bool = False
) -> Checklist:  # fmt: skip
    """Ask every condition now.

    :param flight_on: the intended day of departure, on which the person's age is asked; today where it is none or over.
    :param lock: hold licence and contract until the caller's transaction ends.
    """
    today = legal_today(session)
    person = standing(session, migrant_id)
    contract = registered_contract(session, migrant_id, lock=lock)
    found = [_identity(person), *_passport(person, today), _contract(contract)]
    if contract is not None:
        found += [_licence(session, contract, today, lock=lock), _employer(session, contract, today)]
        found += law_conditions(session, person, contract, today, max(flight_on or today, today), lock=lock)
        found += _agent(parties.agent_of(session, contract.job_order_id))
    found.append(_orientation(session, migrant_id, today))
    found += [_paper(code, checked_papers, today) for code in ("insurance", "medical", "welfare_fund")]
    found += _centre(parties.centre_of(session, migrant_id))
    return Checklist(tuple(found))


def _identity(person: MigrantStanding | None) -> Condition:
    good = person is not None and person.level >= 1
    return Condition(
        "identity", _l("Your identity is registered (level 1 or more)"), State.MET if good else State.MISSING, True,
        mend=_l("Finish your registration."),
    )  # fmt: skip


def _passport(person: MigrantStanding | None, today: date) -> list[Condition]:
    expiry = person.passport_expires_on if person else None
    if expiry is None:
        type_it = _l("Type your passport with its two lines, or show it at a labour office.")
        return [
            Condition("passport", _l("Your passport is valid"), State.MISSING, True, mend=type_it),
            Condition(
                "passport_months",
                _l("Your passport is valid for some months more"),
                State.UNKNOWN,
                False,
                mend=_l("First we need your passport."),
            ),
        ]
    valid = expiry >= today
    first = Condition(
        "passport", _l("Your passport is valid"), State.MET if valid else State.MISSING, True,
        mend=_l("Renew your passport and show the new one at a labour office."),
    )  # fmt: skip
    months = deployment().standard("passport_months")
    left = (expiry.year - today.year) * 12 + expiry.month - today.month - (expiry.day < today.day)
    long = left >= months
    second = Condition(
        "passport_months", _l("Your passport is valid for some months more"), State.MET if long else State.UNKNOWN, False,
        why=_l("Many countries turn away a passport that is valid for less than %(months)s months.", months=months),
        mend=_l("Renew your passport, or let an officer decide."),
    )  # fmt: skip
    return [first, second]


def _contract(contract: ContractStanding | None) -> Condition:
    return Condition(
        "contract", _l("Your contract is registered"), State.MET if contract else State.MISSING, True,
        mend=_l("Accept your contract on your page, and wait until an officer has registered it."),
    )  # fmt: skip


def _licence(session: Session, contract: ContractStanding, today: date, *, lock: bool) -> Condition:
    found = licence_for(session, contract.agency_id, today, destination=contract.destination, lock=lock)
    return Condition(
        "licence", _l("The agency has a licence today"), State.MET if found.licensed else State.MISSING, True,
        why="" if found.licensed else found.reasons[0],
        mend=_l("You did nothing wrong. An officer will look at your case by itself and help you to another agency."),
    )  # fmt: skip


def _employer(session: Session, contract: ContractStanding, today: date) -> Condition:
    found = employer_standing(session, contract.employer_id, today)
    return Condition(
        "employer", _l("The employer may hire today"), State.MET if found.may_hire else State.MISSING, True,
        why="" if found.may_hire else found.reason, mend=_l("You did nothing wrong. Ask at a labour office."),
    )  # fmt: skip


def _orientation(session: Session, migrant_id: UUID, today: date) -> Condition:
    rule = applies("pdo", on=today)
    hard = isinstance(rule, Applied) and rule.may_refuse
    good = certificate_of(session, migrant_id) is not None
    return Condition(
        "orientation", _l("You were at an orientation"), State.MET if good else State.MISSING, hard,
        mend=_l("Book a seat, and be there from beginning to end."),
        row=rule.row.as_evidence() if isinstance(rule, Applied) else None,
    )  # fmt: skip


_PAPERS = {
    "insurance": (
        _l("Insurance"),
        "insurance.amount",
        _l("Get the certificate from the insurer, and send a photo of it."),
    ),
    "medical": (
        _l("Medical examination"),
        "medical",
        _l("Go to a listed health centre, and send a photo of the certificate."),
    ),
    "welfare_fund": (_l("Welfare fund"), "welfare_fund", _l("Pay at a bank, and send a photo of the receipt.")),
}


def _paper(code: str, checked: frozenset[str], today: date) -> Condition:
    title, topic, mend = _PAPERS[code]
    rule = applies(topic, on=today)
    hard = isinstance(rule, Applied) and rule.may_refuse
    row = rule.row.as_evidence() if isinstance(rule, Applied) else rule.as_evidence()
    return Condition(code, title, State.MET if code in checked else State.MISSING, hard, mend=mend, row=row)


def _agent(compared: parties.Compared | None) -> list[Condition]:
    title = _l("The agent abroad is not barred")
    return _party("agent_abroad", title, compared, _l("You did nothing wrong. Ask at a labour office."))


def _centre(compared: parties.Compared | None) -> list[Condition]:
    title = _l("The health centre that examined you is not barred")
    return _party(
        "medical_centre", title, compared, _l("Go to another listed health centre, and send its certificate.")
    )


def _party(code: str, title: Any, compared: parties.Compared | None, mend: Any) -> list[Condition]:
    """An order of this portal bars for certain; a like name, or nobody named, is the officer's to decide."""
    if compared is None:
        return []
    if compared.barred is not None:
        why = _l("Barred until %(day)s.", day=format_date(compared.barred.last_day))
        return [Condition(code, title, State.MISSING, True, why=why, mend=mend)]
    if not compared.named:
        why = _l("Nobody has written down which one it is.")
        return [Condition(code, title, State.UNKNOWN, False, why=why, mend=_l("An officer decides."))]
    if compared.found:
        why = _l("A barred one has a name or a number like it.")
        return [Condition(code, title, State.UNKNOWN, False, why=why, mend=_l("An officer decides."))]
    return [Condition(code, title, State.MET, True)]
