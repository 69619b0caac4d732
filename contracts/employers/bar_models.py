"""Bars of employers by officers; the bar that a proceeding ends with is a record of the package below."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.employers.bar_status import BarKind, BarStatus
from core.db import Base, Recorded, status_type
from core.ids import new_reference


class EmployerBar(Recorded, Base):
    """An employer may not hire up to and with ``last_day``. ``answer``: what the employer said about it.

    A bar without a last day and without an officer was made before bars had an end; somebody has to lift it or have it replaced.
    """

    __tablename__ = "employer_bar"
    __table_args__ = (
        CheckConstraint("(last_day IS NULL) = (proposed_by IS NULL)", name="dated"),
        CheckConstraint("kind = 'lasting' OR decided_by IS NULL", name="interim_is_one_officers"),
        CheckConstraint(
            "decided_by <> proposed_by AND lifted_by <> proposed_by AND lifted_by <> decided_by", name="two_officers"
        ),
        Index(
            "uq_employer_bar_open", "employer_id", "kind", unique=True,
            postgresql_where=text("status IN ('proposed', 'in_force')"),
        ),
        Index(None, "status", "last_day"),
    )  # fmt: skip

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("EB"))
    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    kind: Mapped[BarKind] = mapped_column(status_type(BarKind))
    status: Mapped[BarStatus] = mapped_column(status_type(BarStatus))
    reason: Mapped[str]
    last_day: Mapped[date | None]
    answer: Mapped[str | None]
    answer_by: Mapped[date | None]
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    ended_on: Mapped[date | None]
