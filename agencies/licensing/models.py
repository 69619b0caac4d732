"""Licence applications with their papers, defects and matches; licences."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agencies.licensing.status import ApplicationStatus, LicenceStatus, MatchKind, Party, Procedure
from core.db import Base, Recorded, status_type
from core.ids import new_reference

LICENCE_SERIAL = Sequence("licence_serial", metadata=Base.metadata)


class LicenceApplication(Recorded, Base):
    """An agency asks for a licence or its renewal. ``submitted_at`` is its place in the queue and survives a return."""

    __tablename__ = "licence_application"
    __table_args__ = (
        Index(
            "uq_licence_application_open",
            "agency_id",
            unique=True,
            postgresql_where=text("status NOT IN ('refused', 'issued', 'withdrawn')"),
        ),
        Index(None, "status", "submitted_at"),
        CheckConstraint("decided_by IS NULL OR decided_by <> reviewer_id", name="maker_is_not_checker"),
        # A comparison with NULL is unknown and passes: only two named officers are held against each other.
        CheckConstraint(
            "reviewer_id <> inspector_id AND reviewer_id <> approver_id AND reviewer_id <> second_approver_id"
            " AND inspector_id <> approver_id AND inspector_id <> second_approver_id"
            " AND approver_id <> second_approver_id AND decided_by <> second_approver_id"
            " AND decided_by <> inspector_id",
            name="one_stage_each",
        ),
        Index(None, "reviewer_id", "status"),
        Index(None, "inspector_id", "status"),
        Index(None, "approver_id", "status"),
        Index(None, "second_approver_id", "status"),
        CheckConstraint("security_cash_minor >= 0 AND security_guarantee_minor >= 0", name="security_not_negative"),
        CheckConstraint(
            "status NOT IN ('security_pending', 'issued') OR (decided_by IS NOT NULL AND valid_until IS NOT NULL)",
            name="approved_is_complete",
        ),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("LA"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    procedure: Mapped[Procedure] = mapped_column(
        status_type(Procedure), default=Procedure.LICENCE, server_default=Procedure.LICENCE
    )
    licence_class: Mapped[str | None]
    status: Mapped[ApplicationStatus] = mapped_column(status_type(ApplicationStatus), default=ApplicationStatus.DRAFT)
    started_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    submitted_at: Mapped[datetime | None]
    awaits: Mapped[Party | None] = mapped_column(status_type(Party))
    """Who has to act now, until the end of ``due_on``: both set by ``due``. None: nobody, or no standard names a day."""
    due_on: Mapped[date | None]
    round: Mapped[int] = mapped_column(default=1)
    reviewer_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    inspector_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    approver_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    second_approver_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    visited_on: Mapped[date | None]
    finding: Mapped[str | None]
    visit_waiver: Mapped[str | None]
    returned_by_visit: Mapped[bool] = mapped_column(default=False)
    evidence_hash: Mapped[str | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    security_currency: Mapped[str | None]
    security_cash_minor: Mapped[int | None]
    security_guarantee_minor: Mapped[int | None]
    valid_until: Mapped[date | None]
    valid_until_reason: Mapped[str | None]
    law: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    appeal_until: Mapped[date | None]
    """The last day to appeal against the refusal; ``appeal_certain``: a law row that may refuse names it."""
    appeal_certain: Mapped[bool] = mapped_column(default=False)
    appeal_law: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    refused_at_stop: Mapped[bool] = mapped_column(default=False)
    set_aside: Mapped[list[str]] = mapped_column(JSONB, default=list)
    """Officers whose decision an appeal has reversed, and who decided the appeal: they have no further part in it."""


class LicenceFee(Recorded, Base):
    """The receipt of an application's fee, as a finance officer saw it. One for each application, written once."""

    __tablename__ = "licence_fee"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("licence_application.id"), unique=True)
    amount_minor: Mapped[int]
    currency: Mapped[str]
    receipt: Mapped[str]
    paid_on: Mapped[date]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))


class LicencePaper(Recorded, Base):
    """One uploaded paper. A newer one replaces it; nothing is deleted."""

    __tablename__ = "licence_paper"
    __table_args__ = (
        Index(
            "uq_licence_paper_current",
            "application_id",
            "code",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    application_id: Mapped[UUID] = mapped_column(ForeignKey("licence_application.id"))
    code: Mapped[str]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    replaced_at: Mapped[datetime | None]


class LicenceDefect(Recorded, Base):
    """One thing to mend, told when an application was sent back."""

    __tablename__ = "licence_defect"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("licence_application.id"), index=True)
    round: Mapped[int]
    item: Mapped[str]
    note: Mapped[str]
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    mended_at: Mapped[datetime | None]


class DefectPhrase(Recorded, Base):
    """A sentence that an office's officers use again and again when they send an application back."""

    __tablename__ = "defect_phrase"

    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"), index=True)
    item: Mapped[str]
    words: Mapped[str]
    added_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    removed_at: Mapped[datetime | None]


class LicenceMatch(Recorded, Base):
    """A director of an application who may be a blacklisted person; ``codes`` say why, without any name."""

    __tablename__ = "licence_match"
    __table_args__ = (Index("uq_licence_match_pair", "application_id", "director_id", "listed_person_id", unique=True),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("licence_application.id"))
    director_id: Mapped[UUID] = mapped_column(ForeignKey("agency_director.id"))
    listed_person_id: Mapped[UUID] = mapped_column(ForeignKey("blacklisted_person.id"))
    kind: Mapped[MatchKind] = mapped_column(status_type(MatchKind))
    score: Mapped[int]
    codes: Mapped[list[str]] = mapped_column(JSONB, default=list)
    dismissed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class Licence(Recorded, Base):
    """Leave to recruit. Expired is counted from ``valid_until`` even before the nightly job says so.

    ``application_id`` is the one on which its present term rests: after a renewal the renewal's.
    One of the old register keeps its number and has no token and no document of ours; its serial lies below zero.
    """

    __tablename__ = "licence"
    __table_args__ = (
        Index(
            "uq_licence_open",
            "agency_id",
            unique=True,
            postgresql_where=text("status IN ('active', 'suspended')"),
        ),
        Index(None, "status", "valid_until"),
        CheckConstraint("valid_until > issued_on", name="validity"),
        CheckConstraint("imported_record_id IS NOT NULL OR token IS NOT NULL", name="signed_or_imported"),
    )

    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("licence_application.id"), unique=True)
    imported_record_id: Mapped[UUID | None] = mapped_column(ForeignKey("imported_record.id"), unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    serial: Mapped[int] = mapped_column(unique=True)
    licence_class: Mapped[str]
    status: Mapped[LicenceStatus] = mapped_column(status_type(LicenceStatus), default=LicenceStatus.ACTIVE)
    issued_on: Mapped[date]
    valid_until: Mapped[date]
    token: Mapped[str | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    renewal_told_for: Mapped[date | None]
    """The last day of the term of whose end the owners were told."""
