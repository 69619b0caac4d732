"""Lists and single files of departure clearance."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.clearance.models import ClearancePaper, DepartureClearance
from contracts.clearance.status import ClearanceStatus
from core import audit
from core.actor import Actor
from core.audit import AuditEvent
from core.files import StoredFile
from core.listing import AnySelect
from core.permissions import Permission


def papers_of(session: Session, clearance_id: UUID) -> dict[str, ClearancePaper]:
    query = select(ClearancePaper).where(ClearancePaper.clearance_id == clearance_id)
    return {p.code: p for p in session.scalars(query)}


def pictures(session: Session, clearance_id: UUID) -> dict[str, int]:
    """How many pictures show each paper, by its code: they stand beside the decision."""
    query = (
        select(ClearancePaper.code, StoredFile.pictures)
        .join(StoredFile, StoredFile.id == ClearancePaper.file_id)
        .where(ClearancePaper.clearance_id == clearance_id)
    )
    return {row.code: row.pictures for row in session.execute(query)}


@dataclass(frozen=True, slots=True)
class EarlierStop:
    """Another clearance of the same person that an airport stopped: whoever decides the next one knows of it."""

    reference: str
    at: datetime
    reason: str


def earlier_stops(session: Session, clearance: DepartureClearance) -> list[EarlierStop]:
    query = (
        select(DepartureClearance.reference, AuditEvent.at, AuditEvent.reason)
        .join(AuditEvent, AuditEvent.subject_id == DepartureClearance.id)
        .where(
            DepartureClearance.migrant_id == clearance.migrant_id, DepartureClearance.id != clearance.id,
            AuditEvent.subject_kind == "departure_clearance", AuditEvent.action == "stop",
        )
        .order_by(AuditEvent.at.desc())
        .limit(5)
    )  # fmt: skip
    return [EarlierStop(r.reference, r.at, r.reason or "") for r in session.execute(query)]


def replaced_one(session: Session, migrant_id: UUID) -> str | None:
    """The reference of the person's newest clearance, when another contract took its ground; None otherwise."""
    newest = session.execute(
        select(DepartureClearance.reference, DepartureClearance.status)
        .where(DepartureClearance.migrant_id == migrant_id)
        .where(DepartureClearance.status.in_(AT_THE_DESK))
        .order_by(DepartureClearance.granted_at.desc())
        .limit(1)
    ).one_or_none()
    return newest.reference if newest is not None and newest.status is ClearanceStatus.SUPERSEDED else None


# The nearest flight first; without one, after all the others.
FLIGHT = func.coalesce(DepartureClearance.flight_on, date(9999, 12, 31)).label("flight")


def waiting(actor: Actor, states: list[ClearanceStatus], permission: Permission) -> AnySelect:
    """Clearances of the actor's area in these states."""
    return select(
        DepartureClearance.id, DepartureClearance.reference, DepartureClearance.applied_at, DepartureClearance.due_on,
        DepartureClearance.flight_on, FLIGHT,
    ).where(DepartureClearance.status.in_(states), DepartureClearance.office_id.in_(actor.offices(permission)))  # fmt: skip


def history(session: Session, clearance_id: UUID) -> list[AuditEvent]:
    return list(
        session.scalars(
            select(AuditEvent)
            .where(AuditEvent.subject_kind == "departure_clearance", AuditEvent.subject_id == clearance_id)
            .order_by(AuditEvent.at.desc())
            .limit(30)
        )
    )


def last_reason(session: Session, clearance_id: UUID, to_status: ClearanceStatus) -> str:
    """What was written when the clearance came to this state."""
    return audit.last_reason(session, "departure_clearance", clearance_id, to_status.value)


AT_THE_DESK = (
    ClearanceStatus.GRANTED, ClearanceStatus.HELD, ClearanceStatus.STOPPED, ClearanceStatus.DEPARTED, ClearanceStatus.EXPIRED,
    ClearanceStatus.REVOKED, ClearanceStatus.SUPERSEDED,
)  # fmt: skip


def by_reference(session: Session, reference: str) -> DepartureClearance | None:
    """For the airport's desk: the clearance of a reference that is or was in force."""
    return session.scalars(
        select(DepartureClearance).where(
            DepartureClearance.reference == reference, DepartureClearance.status.in_(AT_THE_DESK)
        )
    ).one_or_none()
