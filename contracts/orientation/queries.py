"""What pages and clearance read of orientation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.orientation.attendance import days, minutes_present
from contracts.orientation.models import (
    AttendanceEvent,
    OrientationCentre,
    OrientationCertificate,
    OrientationSeat,
    OrientationSession,
)
from contracts.orientation.status import SeatStatus, SessionStatus
from core.actor import Actor
from core.listing import AnySelect
from core.permissions import Permission
from migrants.registration.queries import display_names

ACTIVE = (SeatStatus.BOOKED, SeatStatus.CHECKED_IN, SeatStatus.PRESENT)


def open_sessions(session: Session, limit: int = 40) -> list[Any]:
    """Sessions that can be booked, soonest first, with their centre."""
    return list(
        session.execute(
            select(
                OrientationSession, OrientationCentre.name.label("centre"), OrientationCentre.district.label("district")
            )
            .join(OrientationCentre, OrientationCentre.id == OrientationSession.centre_id)
            .where(
                OrientationSession.status == SessionStatus.OPEN,
                OrientationSession.starts_at > func.now(),
                OrientationSession.booked < OrientationSession.capacity,
            )
            .order_by(OrientationSession.starts_at)
            .limit(limit)
        ).all()
    )


def sessions_of(session: Session, centre_id: UUID, limit: int = 60) -> list[OrientationSession]:
    query = select(OrientationSession).where(OrientationSession.centre_id == centre_id)
    return list(session.scalars(query.order_by(OrientationSession.starts_at.desc()).limit(limit)))


def active_seat(session: Session, migrant_id: UUID) -> Any:
    """The migrant's booking with its session and centre, None when there is none."""
    return session.execute(
        select(OrientationSeat, OrientationSession, OrientationCentre.name.label("centre"))
        .join(OrientationSession, OrientationSession.id == OrientationSeat.session_id)
        .join(OrientationCentre, OrientationCentre.id == OrientationSession.centre_id)
        .where(OrientationSeat.migrant_id == migrant_id, OrientationSeat.status.in_(ACTIVE))
    ).one_or_none()


@dataclass(frozen=True, slots=True)
class Missed:
    """A session that gave no certificate: when it began, and the minutes that counted."""

    starts_at: datetime
    minutes: int


def last_missed(session: Session, migrant_id: UUID) -> Missed | None:
    """The newest session at which the person was not long enough; None when there is none."""
    found = session.execute(
        select(OrientationSeat.id, OrientationSession.starts_at, OrientationSession.ends_at)
        .join(OrientationSession, OrientationSession.id == OrientationSeat.session_id)
        .where(OrientationSeat.migrant_id == migrant_id, OrientationSeat.status == SeatStatus.ABSENT)
        .order_by(OrientationSession.starts_at.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    events = session.execute(
        select(AttendanceEvent.direction, AttendanceEvent.at).where(AttendanceEvent.seat_id == found.id)
    )
    minutes = minutes_present([(e.direction, e.at) for e in events], days(found.starts_at, found.ends_at))
    return Missed(found.starts_at, minutes)


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate that stands."""

    id: UUID
    reference: str
    minutes: int
    issued_at: datetime


def certificate_of(session: Session, migrant_id: UUID) -> CertificateRow | None:
    """The newest certificate that was not revoked."""
    row = session.execute(
        select(
            OrientationCertificate.id, OrientationCertificate.reference, OrientationCertificate.minutes,
            OrientationCertificate.created_at,
        )
        .where(OrientationCertificate.migrant_id == migrant_id, OrientationCertificate.revoked_at.is_(None))
        .order_by(OrientationCertificate.created_at.desc())
        .limit(1)
    ).one_or_none()  # fmt: skip
    return CertificateRow(*row) if row else None


@dataclass(frozen=True, slots=True)
class RosterRow:
    """Who booked: the name is shown so that the clerk can compare it with the passport."""

    seat_id: UUID
    name: str
    status: SeatStatus


def roster(session: Session, session_id: UUID) -> list[RosterRow]:
    seats = session.scalars(
        select(OrientationSeat)
        .where(OrientationSeat.session_id == session_id, OrientationSeat.status != SeatStatus.CANCELLED)
        .order_by(OrientationSeat.created_at)
        .limit(500)
    ).all()
    names = display_names(session, [s.migrant_id for s in seats])
    return [RosterRow(s.id, names.get(s.migrant_id, ""), s.status) for s in seats]


def rushed(actor: Actor) -> AnySelect:
    """Sessions of the inspector's area in which people were scanned faster than a face can be compared."""
    return (
        select(
            OrientationSession.id,
            OrientationSession.reference,
            OrientationSession.starts_at,
            func.count().label("scans"),
        )
        .join(OrientationSeat, OrientationSeat.session_id == OrientationSession.id)
        .join(AttendanceEvent, AttendanceEvent.seat_id == OrientationSeat.id)
        .join(OrientationCentre, OrientationCentre.id == OrientationSession.centre_id)
        .where(AttendanceEvent.rushed, OrientationCentre.office_id.in_(actor.offices(Permission.CENTRE_INSPECT)))
        .group_by(OrientationSession.id)
    )
