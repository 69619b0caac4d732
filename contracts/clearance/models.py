"""Departure clearances and the papers of one."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.clearance.status import ClearanceStatus
from core.db import Base, Recorded, status_type
from core.ids import new_reference


class DepartureClearance(Recorded, Base):
    """The state's leave to depart, for one migrant under one registered contract."""

    __tablename__ = "departure_clearance"
    __table_args__ = (
        CheckConstraint("granted_by IS NULL OR granted_by <> reviewed_by", name="two_officers"),
        CheckConstraint(
            "status NOT IN ('granted', 'held', 'stopped', 'departed', 'superseded')"
            " OR (granted_by IS NOT NULL AND valid_until IS NOT NULL)",
            name="granted",
        ),
        Index(
            "uq_departure_clearance_open", "migrant_id", unique=True,
            postgresql_where=text("status NOT IN ('departed', 'expired', 'revoked', 'superseded')"),
        ),
        Index(None, "status", "flight_on"),
    )  # fmt: skip

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("DC"))
    status: Mapped[ClearanceStatus] = mapped_column(status_type(ClearanceStatus), default=ClearanceStatus.COLLECTING)
    migrant_id: Mapped[UUID] = mapped_column(ForeignKey("migrant.id"), index=True)
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("employment_contract.id"), index=True)
    job_order_id: Mapped[UUID] = mapped_column(ForeignKey("job_order.id"))
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"), index=True)
    flight_on: Mapped[date | None]
    applied_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    granted_at: Mapped[datetime | None]
    valid_until: Mapped[date | None]
    departed_at: Mapped[datetime | None]


class ClearancePaper(Recorded, Base):
    """A paper that the migrant gave; an officer has looked at it or not yet. A medical certificate names its health centre."""

    __tablename__ = "clearance_paper"
    __table_args__ = (
        Index("uq_clearance_paper_code", "clearance_id", "code", unique=True),
        CheckConstraint("(centre_name IS NULL) = (centre_number IS NULL)", name="centre_is_whole"),
        CheckConstraint("centre_name IS NULL OR code = 'medical'", name="centre_of_an_examination"),
    )

    clearance_id: Mapped[UUID] = mapped_column(ForeignKey("departure_clearance.id"))
    code: Mapped[str]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    centre_name: Mapped[str | None]
    centre_number: Mapped[str | None]
    checked_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    checked_at: Mapped[datetime | None]
