"""Job orders with their terms as signed, and their quota as counters that the database guards."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contracts.job_orders.status import JobOrderStatus
from core.db import Base, Recorded, status_type
from core.ids import new_reference


class JobOrder(Recorded, Base):
    """An employer's demand for workers on stated terms. Counters: approved is never less than what was taken of it.

    ``lapses_on`` is the last day to sign it, to take it on, or to recruit under it; none while it waits for the ministry.
    ``lapse_warned_for`` is the last day that was warned of.
    """

    __tablename__ = "job_order"
    __table_args__ = (
        CheckConstraint("headcount BETWEEN 1 AND 10000", name="headcount"),
        CheckConstraint("reserved >= 0 AND contracted >= 0 AND cleared >= 0", name="counters"),
        CheckConstraint("approved - reserved - contracted - cleared >= 0", name="quota"),
        CheckConstraint(
            "approved_by IS NULL OR (approved_by <> signed_by AND approved_by <> acknowledged_by)", name="makers"
        ),
        # A comparison with NULL is unknown and passes: only named officers are held against each other.
        CheckConstraint(
            "first_approved_by <> approved_by AND first_approved_by <> signed_by"
            " AND first_approved_by <> acknowledged_by",
            name="two_approvers",
        ),
        Index(None, "status", "created_at"),
        Index(None, "status", "lapses_on"),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("JB"))
    status: Mapped[JobOrderStatus] = mapped_column(status_type(JobOrderStatus), default=JobOrderStatus.DRAFT)
    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    destination: Mapped[str]
    headcount: Mapped[int]
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    terms_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    agent_abroad: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    """The employer's agent abroad by name, country and number; none where it recruits without one."""
    signed_document: Mapped[bytes | None] = mapped_column(LargeBinary)
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    signed_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    first_approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    lapses_on: Mapped[date | None]
    lapse_warned_for: Mapped[date | None]
    approved: Mapped[int] = mapped_column(default=0)
    reserved: Mapped[int] = mapped_column(default=0)
    contracted: Mapped[int] = mapped_column(default=0)
    cleared: Mapped[int] = mapped_column(default=0)
