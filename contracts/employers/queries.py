"""What pages and other packages read of employers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from agencies.sanctions.case_status import CaseSubject
from agencies.sanctions.queries import is_barred
from contracts.employers.accreditation_models import AccreditationTerm
from contracts.employers.accreditation_queries import covers, term_on
from contracts.employers.bar_models import EmployerBar
from contracts.employers.bar_queries import holds
from contracts.employers.models import Employer
from contracts.employers.status import EmployerStatus
from core.actor import Actor
from core.errors import DomainError
from core.i18n import _l
from core.listing import AnySelect
from core.permissions import Permission


@dataclass(frozen=True, slots=True)
class EmployerStanding:
    """Whether an employer may hire on a day, and why not."""

    employer_id: UUID
    may_hire: bool
    reason: Any
    barred: bool = False


def standing(session: Session, employer_id: UUID, on: date) -> EmployerStanding:
    """Asked then and there, never remembered."""
    barred = exists().where(EmployerBar.employer_id == Employer.id, holds(on)).label("barred")
    accredited = exists().where(AccreditationTerm.employer_id == Employer.id, covers(on)).label("accredited")
    row = session.execute(select(Employer.status, barred, accredited).where(Employer.id == employer_id)).one_or_none()
    if row is None:
        return EmployerStanding(employer_id, False, _l("This employer is not registered."))
    if row.barred or is_barred(session, CaseSubject.EMPLOYER, employer_id):
        return EmployerStanding(employer_id, False, _l("This employer is barred."), barred=True)
    if row.status not in (EmployerStatus.ACCREDITED, EmployerStatus.WATCH):
        return EmployerStanding(employer_id, False, _l("This employer is not accredited."))
    if not row.accredited:
        return EmployerStanding(employer_id, False, _l("The accreditation of this employer has expired."))
    return EmployerStanding(employer_id, True, _l("This employer is accredited."))


def refuse_occupation(session: Session, employer_id: UUID, occupation: str, on: date) -> None:
    """
    :raises DomainError: for an occupation outside the accreditation that holds on the day, where an officer has limited it.
    """
    term = term_on(session, employer_id, on)
    if term is not None and term.occupations is not None and occupation not in term.occupations:
        raise DomainError(_l("The accreditation of this employer does not cover this occupation."), field="occupation")


def employer_names(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.execute(select(Employer.id, Employer.name).where(Employer.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def reachable(actor: Actor, states: list[EmployerStatus]) -> AnySelect:
    """Missions see the employers of their country; an accrediting office those of the missions in its area."""
    own = and_(
        Employer.mission_id.in_(actor.offices(Permission.EMPLOYER_VERIFY)),
        Employer.country.in_(actor.destinations(Permission.EMPLOYER_VERIFY)),
    )
    area = Employer.mission_id.in_(actor.offices(Permission.EMPLOYER_ACCREDIT))
    return select(Employer).where(Employer.status.in_(states), or_(own, area))


def find_by_text(session: Session, actor: Actor, text: str, limit: int) -> list[Employer]:
    like = "%" + text.replace("\\", "").replace("%", "").replace("_", "") + "%"
    query = reachable(actor, list(EmployerStatus)).where(
        or_(Employer.name.ilike(like), Employer.reference == text.upper(), Employer.registration_number == text.upper())
    )
    return list(session.scalars(query.order_by(Employer.name).limit(limit)))
