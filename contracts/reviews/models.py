"""One look at one worker's contract because of one sanction."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from contracts.reviews.status import Outcome, ReviewKind, ReviewStatus
from core.db import Base, Recorded, status_type
from core.ids import new_reference


class WorkerReview(Recorded, Base):
    """``ground_id`` is the sanction of an agency or the bar of an employer, records of the package below."""

    __tablename__ = "worker_review"
    __table_args__ = (
        Index("uq_worker_review_once", "contract_id", "ground_id", unique=True),
        CheckConstraint(
            "status <> 'done' OR (outcome IS NOT NULL AND decided_by IS NOT NULL)", name="done_is_complete"
        ),
        Index(None, "status", "due_on"),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("WR"))
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("employment_contract.id"))
    ground_id: Mapped[UUID]
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"), index=True)
    kind: Mapped[ReviewKind] = mapped_column(status_type(ReviewKind))
    status: Mapped[ReviewStatus] = mapped_column(status_type(ReviewStatus), default=ReviewStatus.OPEN)
    due_on: Mapped[date]
    outcome: Mapped[Outcome | None] = mapped_column(status_type(Outcome))
    note: Mapped[str | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
