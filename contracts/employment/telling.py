"""Telling both sides of a contract that there is news: a message names no person, no agency and no contract."""

from uuid import UUID

from sqlalchemy.orm import Session

from agencies.insider.ties import was_of
from contracts.employment.models import EmploymentContract
from contracts.employment.question_status import Answerer
from core.owners import tell_owners
from core.permissions import SubjectKind
from migrants.registration.telling import tell_of_change

NEWS = "contract_news"


def lodger(session: Session, contract: EmploymentContract) -> Answerer:
    """The employer where one of its people lodged the terms, else the agency of the contract."""
    if was_of(session, contract.lodged_by, SubjectKind.AGENCY, contract.agency_id):
        return Answerer.AGENCY
    by_employer = was_of(session, contract.lodged_by, SubjectKind.EMPLOYER, contract.employer_id)
    return Answerer.EMPLOYER if by_employer else Answerer.AGENCY


def party(contract: EmploymentContract, side: Answerer) -> tuple[SubjectKind, UUID]:
    """Kind and id of one of the two parties."""
    if side is Answerer.EMPLOYER:
        return SubjectKind.EMPLOYER, contract.employer_id
    return SubjectKind.AGENCY, contract.agency_id


def tell_decision(session: Session, contract: EmploymentContract, action: str) -> None:
    """After an officer's ``register``, ``return`` or ``end``. The worker is told where their page says something new; the
    lodger where there is something to go on with or to mend."""
    if action in ("register", "end"):
        tell_of_change(session, contract.migrant_id)
    if action in ("register", "return"):
        tell_owners(session, *party(contract, lodger(session, contract)), NEWS)
