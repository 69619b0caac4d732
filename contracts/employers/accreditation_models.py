"""Accreditations with their first and last day, and what employers ask for about them."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import String

from contracts.employers.accreditation_status import RequestKind, RequestStatus
from core.db import Base, Recorded, status_type
from core.ids import new_reference


class AccreditationTerm(Recorded, Base):
    """How many workers at a time an employer may have from one day to another. Of two that hold on one day, the one of the
    higher ``number`` counts: it was decided later.

    ``occupations``: ISCO-08 codes; None where no officer has limited them. ``request_id``: what it answers; None for a first one.
    ``told_for``: the days before its end of which the employer was told last.
    """

    __tablename__ = "accreditation_term"
    __table_args__ = (
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("ends_on >= starts_on", name="days"),
        CheckConstraint("accredited_by IS NULL OR accredited_by <> verified_by", name="two_officers"),
        CheckConstraint("occupations IS NULL OR cardinality(occupations) > 0", name="occupations"),
        UniqueConstraint("employer_id", "number"),
    )

    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"))
    number: Mapped[int]
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("accreditation_request.id"), unique=True)
    capacity: Mapped[int]
    occupations: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    verified_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    accredited_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    told_for: Mapped[int | None]


class AccreditationRequest(Recorded, Base):
    """A renewal or an enlargement that an employer asks for. One employer has one open request.

    ``capacity`` is the whole number of workers at a time, not the number more; ``occupations`` the further ones.
    ``due_on``: the last working day of whoever has to act; None where the country has set none.
    """

    __tablename__ = "accreditation_request"
    __table_args__ = (
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("decided_by <> seen_by AND decided_by <> asked_by AND seen_by <> asked_by", name="two_officers"),
        CheckConstraint("status NOT IN ('granted', 'refused') OR decided_by IS NOT NULL", name="decided"),
        Index(
            "uq_accreditation_request_open", "employer_id", unique=True,
            postgresql_where=text("status IN ('sent', 'returned', 'seen')"),
        ),
        Index(None, "status", "created_at"),
    )  # fmt: skip

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("EA"))
    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    kind: Mapped[RequestKind] = mapped_column(status_type(RequestKind))
    status: Mapped[RequestStatus] = mapped_column(status_type(RequestStatus), default=RequestStatus.SENT)
    capacity: Mapped[int]
    occupations: Mapped[list[str]] = mapped_column(ARRAY(String), default=list)
    why: Mapped[str]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    seen_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    due_on: Mapped[date | None]


class AccreditationPaper(Recorded, Base):
    """A paper with a request. ``code`` names it in the country's list of papers; a new one of the same code stands beside the old."""

    __tablename__ = "accreditation_paper"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("accreditation_request.id"), index=True)
    code: Mapped[str]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
