"""An exemption from one row of the law that bans a country or work there."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.exemptions.status import ExemptionStatus
from core.db import Base, Recorded, status_type
from core.ids import new_reference

_OPEN = text("status IN ('proposed', 'in_force')")


class BanExemption(Recorded, Base):
    """For one person, or for the workers of one job order; ``ban_row`` is the id of the law row that it lifts."""

    __tablename__ = "ban_exemption"
    __table_args__ = (
        CheckConstraint("num_nonnulls(migrant_id, job_order_id) = 1", name="one_subject"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="maker_is_not_checker"),
        CheckConstraint("status NOT IN ('in_force', 'refused', 'revoked') OR decided_by IS NOT NULL", name="decided"),
        Index("uq_ban_exemption_migrant", "migrant_id", "ban_row", unique=True, postgresql_where=_OPEN),
        Index("uq_ban_exemption_job_order", "job_order_id", "ban_row", unique=True, postgresql_where=_OPEN),
        Index(None, "status", "last_day"),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("BX"))
    status: Mapped[ExemptionStatus] = mapped_column(status_type(ExemptionStatus), default=ExemptionStatus.PROPOSED)
    migrant_id: Mapped[UUID | None] = mapped_column(ForeignKey("migrant.id"))
    job_order_id: Mapped[UUID | None] = mapped_column(ForeignKey("job_order.id"))
    ban_row: Mapped[str]
    reason: Mapped[str]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    last_day: Mapped[date]
    due_on: Mapped[date | None]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
