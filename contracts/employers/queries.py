"""What pages and other packages read of employers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from agencies.sanctions.case_status import CaseSubject
from agencies.sanctions.queries import is_barred
from contracts.employers.models import Employer
from contracts.employers.status import EmployerStatus
from core.actor import Actor
from core.audit import AuditEvent
from core.i18n import _l
from core.listing import AnySelect
from core.permissions import Permission


@dataclass(frozen=True, slots=True)
class EmployerStanding:
    """Whether an employer may hire on a day, and why not."""

    employer_id: UUID
    may_hire: bool
    reason: Any


def standing(session: Session, employer_id: UUID, on: date) -> EmployerStanding:
    """Asked then and there, never remembered."""
    row = session.execute(select(Employer.status, Employer.valid_until).where(Employer.id == employer_id)).one_or_none()
    if row is None:
        return EmployerStanding(employer_id, False, _l("This employer is not registered."))
    if row.status is EmployerStatus.BARRED:
        return EmployerStanding(employer_id, False, _l("This employer is barred."))
    if is_barred(session, CaseSubject.EMPLOYER, employer_id):
        return EmployerStanding(employer_id, False, _l("This employer is barred."))
    if row.status not in (EmployerStatus.ACCREDITED, EmployerStatus.WATCH):
        return EmployerStanding(employer_id, False, _l("This employer is not accredited."))
    if row.valid_until is None or row.valid_until < on:
        return EmployerStanding(employer_id, False, _l("The accreditation of this employer has expired."))
    return EmployerStanding(employer_id, True, _l("This employer is accredited."))


def last_words(session: Session, employer_id: UUID, *actions: str) -> str:
    """What was written at the last of these steps; empty when there was none."""
    return (
        session.scalar(
            select(AuditEvent.reason)
            .where(
                AuditEvent.subject_kind == "employer",
                AuditEvent.subject_id == employer_id,
                AuditEvent.action.in_(actions),
            )
            .order_by(AuditEvent.at.desc())
            .limit(1)
        )
        or ""
    )


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
