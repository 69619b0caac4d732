"""What bank statements said, and the day's reports that compare it with the books."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Recorded, status_type
from core.money import Money
from remittance.reconciliation.status import DifferenceKind, DifferenceStatus


class StatementEntry(Recorded, Base):
    """A booked entry as the bank told it, debits negative. Kept apart from the books, to be compared with them."""

    __tablename__ = "statement_entry"
    __table_args__ = (
        CheckConstraint("account IN ('bank', 'partner_float')", name="account"),
        Index(None, "booked_on", "currency"),
    )

    entry_key: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    booked_on: Mapped[date]
    currency: Mapped[str]
    amount_minor: Mapped[int]
    end_to_end_id: Mapped[str] = mapped_column(default="")
    # Which account of the books it is compared with.
    account: Mapped[str] = mapped_column(default="bank", server_default="bank")


class ReconciliationReport(Recorded, Base):
    """One day, one account of the books: both sides' movements and how many rows differ."""

    __tablename__ = "reconciliation_report"
    __table_args__ = (Index("uq_reconciliation_report_identity", "day", "account", unique=True),)

    day: Mapped[date]
    account: Mapped[str]
    currency: Mapped[str]
    ours_minor: Mapped[int]
    theirs_minor: Mapped[int]
    matched: Mapped[int]
    differences: Mapped[int]
    made_at: Mapped[datetime]

    @property
    def moved(self) -> bool:
        """Whether anything happened to this account on either side."""
        return bool(self.matched or self.differences)

    @property
    def ours(self) -> Money:
        return Money(self.ours_minor, self.currency)

    @property
    def theirs(self) -> Money:
        return Money(self.theirs_minor, self.currency)


class ReconciliationDifference(Recorded, Base):
    """One thing that does not agree; an officer closes it with a reason (in the audit log)."""

    __tablename__ = "reconciliation_difference"
    __table_args__ = (
        Index("uq_reconciliation_difference_identity", "report_id", "kind", "reference", unique=True),
        CheckConstraint("(status = 'closed') = (closed_by IS NOT NULL)", name="closed_by_somebody"),
        Index(None, "status", "created_at"),
    )

    report_id: Mapped[UUID] = mapped_column(ForeignKey("reconciliation_report.id"))
    status: Mapped[DifferenceStatus] = mapped_column(status_type(DifferenceStatus), default=DifferenceStatus.OPEN)
    kind: Mapped[DifferenceKind] = mapped_column(status_type(DifferenceKind))
    reference: Mapped[str]
    movement: Mapped[str]
    currency: Mapped[str]
    ours_minor: Mapped[int]
    theirs_minor: Mapped[int]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    closed_reason: Mapped[str] = mapped_column(default="", server_default="")

    @property
    def ours(self) -> Money:
        return Money(self.ours_minor, self.currency)

    @property
    def theirs(self) -> Money:
        return Money(self.theirs_minor, self.currency)
