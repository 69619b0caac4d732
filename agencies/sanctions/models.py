"""Sanctions against agencies, and the persons blacklisted with them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agencies.sanctions.status import ReviewStatus, SanctionKind, SanctionStatus
from core.db import Base, Recorded, status_type
from core.ids import new_reference


class Sanction(Recorded, Base):
    """A step against an agency that stands, or stood, in force: one officer proposes it, another decides.

    A row that the system made by itself has a ``cause`` in place of an officer, one of the old register the record of its
    line. ``case_id`` names the proceeding that it
    comes from, or that an interim suspension opened; ``licence_id`` the licence that it cancelled.
    """

    __tablename__ = "sanction"
    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="maker_is_not_checker"),
        CheckConstraint("num_nonnulls(proposed_by, cause, imported_record_id) = 1", name="made_by_somebody"),
        Index(
            "uq_sanction_cause",
            "agency_id",
            "cause",
            unique=True,
            postgresql_where=text("status IN ('proposed', 'in_force')"),
        ),
        Index(
            "uq_sanction_proposed",
            "agency_id",
            "kind",
            unique=True,
            postgresql_where=text("status = 'proposed'"),
        ),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("SN"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    kind: Mapped[SanctionKind] = mapped_column(status_type(SanctionKind))
    status: Mapped[SanctionStatus] = mapped_column(status_type(SanctionStatus), default=SanctionStatus.PROPOSED)
    reason: Mapped[str]
    last_day: Mapped[date | None]
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    imported_record_id: Mapped[UUID | None] = mapped_column(ForeignKey("imported_record.id"), unique=True)
    cause: Mapped[str | None]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("sanction_case.id"), index=True)
    licence_id: Mapped[UUID | None] = mapped_column(ForeignKey("licence.id"))
    show_cause_day: Mapped[date | None]
    complaining_office_id: Mapped[UUID | None] = mapped_column(ForeignKey("office.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    lifted_on: Mapped[date | None]
    public_reason: Mapped[str | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    """The order in writing, of a suspension before a hearing, its extension, or one made by the system."""


class SuspensionReview(Recorded, Base):
    """The agency asks, once, that an interim suspension is looked at by officers who did not make it. ``law`` holds the
    row that the time to ask came from; ``late``: asked after a time that no law was seen to name; ``paper_id``: the paper
    on which it came, which an officer wrote down: ``asked_on`` is then the day of its receipt."""

    __tablename__ = "suspension_review"
    __table_args__ = (
        CheckConstraint(
            "status NOT IN ('upheld', 'lifted') OR (decided_by IS NOT NULL AND decided_on IS NOT NULL)",
            name="decided_is_whole",
        ),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="maker_is_not_checker"),
        Index(None, "status", "due_on"),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("SR"))
    sanction_id: Mapped[UUID] = mapped_column(ForeignKey("sanction.id"), unique=True)
    status: Mapped[ReviewStatus] = mapped_column(status_type(ReviewStatus), default=ReviewStatus.ASKED)
    words: Mapped[str]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    asked_on: Mapped[date]
    paper_id: Mapped[UUID | None] = mapped_column(ForeignKey("sanction_paper.id"))
    late: Mapped[bool]
    law: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    due_on: Mapped[date]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_on: Mapped[date | None]
    reason: Mapped[str | None]


class BlacklistedPerson(Recorded, Base):
    """A director named in an agency's blacklisting, or a person blacklisted by him- or herself (``bar_id``): he or she
    stays listed under every later agency name."""

    __tablename__ = "blacklisted_person"
    __table_args__ = (
        Index("uq_blacklisted_person_pair", "sanction_id", "director_id", unique=True),
        CheckConstraint(
            "(sanction_id IS NOT NULL AND director_id IS NOT NULL AND bar_id IS NULL)"
            " OR (sanction_id IS NULL AND director_id IS NULL AND bar_id IS NOT NULL)",
            name="one_ground",
        ),
    )

    sanction_id: Mapped[UUID | None] = mapped_column(ForeignKey("sanction.id"))
    director_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency_director.id"), index=True)
    bar_id: Mapped[UUID | None] = mapped_column(ForeignKey("sanction_bar.id"), unique=True)
