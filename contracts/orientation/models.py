"""Centres, sessions, seats, attendance and the certificate that follows from it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.orientation.status import SeatStatus, SessionStatus
from core.db import Base, Recorded, status_type
from core.ids import new_reference


class OrientationCentre(Recorded, Base):
    """An orientation centre; its owner and clerks act for it by membership."""

    __tablename__ = "orientation_centre"

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("CE"))
    name: Mapped[str]
    district: Mapped[str]
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"), index=True)
    closed_at: Mapped[datetime | None]


class OrientationSession(Recorded, Base):
    """A published session. ``booked`` counts its seats; the database never lets it pass ``capacity``."""

    __tablename__ = "orientation_session"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="times"),
        CheckConstraint("capacity BETWEEN 1 AND 500", name="capacity"),
        CheckConstraint("booked >= 0 AND booked <= capacity", name="seats"),
        Index(None, "status", "starts_at"),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("RS"))
    status: Mapped[SessionStatus] = mapped_column(status_type(SessionStatus), default=SessionStatus.PLANNED)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("orientation_centre.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str]
    language: Mapped[str]
    trainer: Mapped[str]
    capacity: Mapped[int]
    booked: Mapped[int] = mapped_column(default=0)
    cancelled_reason: Mapped[str | None]


class OrientationSeat(Recorded, Base):
    """One migrant's seat. One active booking a person, so nobody sits in two sessions at once."""

    __tablename__ = "orientation_seat"
    __table_args__ = (
        Index(
            "uq_orientation_seat_active", "migrant_id", unique=True,
            postgresql_where=text("status IN ('booked', 'checked_in', 'present')"),
        ),
        Index("uq_orientation_seat_code", "session_id", "code_index", unique=True),
    )  # fmt: skip

    session_id: Mapped[UUID] = mapped_column(ForeignKey("orientation_session.id"), index=True)
    migrant_id: Mapped[UUID] = mapped_column(ForeignKey("migrant.id"), index=True)
    status: Mapped[SeatStatus] = mapped_column(status_type(SeatStatus), default=SeatStatus.BOOKED)
    code_index: Mapped[bytes] = mapped_column(LargeBinary)


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class AttendanceEvent(Recorded, Base):
    """In or out, by the server's clock. Added, never changed. ``rushed``: too soon after this clerk's last scan."""

    __tablename__ = "attendance_event"
    __table_args__ = (Index(None, "seat_id", "created_at"), Index(None, "recorded_by", "created_at"))

    seat_id: Mapped[UUID] = mapped_column(ForeignKey("orientation_seat.id"))
    direction: Mapped[Direction] = mapped_column(status_type(Direction))
    at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    rushed: Mapped[bool] = mapped_column(default=False)


class AttendanceReview(Recorded, Base):
    """An inspector has looked at a scan that was marked, and what came of it. Added, never changed."""

    __tablename__ = "attendance_review"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("attendance_event.id"), unique=True)
    reviewed_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    finding: Mapped[str]


class OrientationCertificate(Recorded, Base):
    """What attendance adds up to. No page and no service writes one by hand."""

    __tablename__ = "orientation_certificate"
    __table_args__ = (CheckConstraint("minutes > 0", name="minutes"),)

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("RC"))
    migrant_id: Mapped[UUID] = mapped_column(ForeignKey("migrant.id"), index=True)
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("orientation_seat.id"), unique=True)
    minutes: Mapped[int]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]
