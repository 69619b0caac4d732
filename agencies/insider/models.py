"""Who was drawn for which case, what officers have declared, and what agencies and officers have in common.

Tables here only grow: the application's role may not change a row, but for the dismissal of a match and for who has a
step now (``Duty``), whose every draw is a row of its own.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agencies.insider.status import MarkKind, Stage, TieKind, Why
from core.db import Base, Recorded, status_type
from core.permissions import SubjectKind
from core.privacy import Encrypted, HasPersonKey, personal


class CaseAssignment(Recorded, Base):
    """One draw. ``officer_id`` None: nobody untied was present anywhere; ``skipped`` says why offices before were."""

    __tablename__ = "case_assignment"
    __table_args__ = (
        Index("uq_case_assignment_number", "application_id", "number", unique=True),
        Index(None, "officer_id", "created_at"),
    )

    application_id: Mapped[UUID] = mapped_column(ForeignKey("licence_application.id"))
    number: Mapped[int]
    stage: Mapped[Stage] = mapped_column(status_type(Stage))
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"))
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    why: Mapped[Why] = mapped_column(status_type(Why))
    among: Mapped[int]
    skipped: Mapped[list[Any]] = mapped_column(JSONB, default=list)


class Duty(Recorded, Base):
    """Who has one step of a record of another kind than an application now. ``officer_id`` None: nobody is there."""

    __tablename__ = "duty"
    __table_args__ = (
        Index("uq_duty_step", "subject_kind", "subject_id", "stage", unique=True),
        Index(None, "officer_id", "subject_kind"),
    )

    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    stage: Mapped[str]
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"))


class DutyDraw(Recorded, Base):
    """One draw of such a step, as ``CaseAssignment`` for an application."""

    __tablename__ = "duty_draw"
    __table_args__ = (
        Index("uq_duty_draw_number", "subject_kind", "subject_id", "number", unique=True),
        Index(None, "officer_id", "created_at"),
    )

    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    number: Mapped[int]
    stage: Mapped[str]
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"))
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    why: Mapped[Why] = mapped_column(status_type(Why))
    among: Mapped[int]
    skipped: Mapped[list[Any]] = mapped_column(JSONB, default=list)


class DeclaredTie(HasPersonKey, Recorded, Base):
    """An officer says that there is a tie to an agency, or to somebody else who has accounts here, such as an employer;
    the words are sealed with the officer's own key. ``agency_id`` repeats the subject of a tie to an agency."""

    __tablename__ = "declared_tie"
    __table_args__ = (
        Index("uq_declared_tie_subject", "account_id", "subject_kind", "subject_id", unique=True),
        CheckConstraint(
            "(subject_kind = 'agency') = (agency_id IS NOT NULL) AND (agency_id IS NULL OR agency_id = subject_id)",
            name="agency_is_the_subject",
        ),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    subject_kind: Mapped[SubjectKind] = mapped_column(status_type(SubjectKind))
    subject_id: Mapped[UUID]
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"), index=True)
    kind: Mapped[TieKind] = mapped_column(status_type(TieKind))
    note_sealed: Mapped[bytes | None] = mapped_column(Encrypted())

    note = personal("note_sealed")


class OfficerMark(Recorded, Base):
    """A keyed hash of an officer's identity paper, address, bank account or telephone. The value itself is not kept."""

    __tablename__ = "officer_mark"
    __table_args__ = (
        Index("uq_officer_mark", "account_id", "kind", "value_index", unique=True),
        Index(None, "kind", "value_index"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[MarkKind] = mapped_column(status_type(MarkKind))
    value_index: Mapped[bytes] = mapped_column(LargeBinary)


class AgencyMark(Recorded, Base):
    """A keyed hash of an address, bank account, telephone or director's paper that an agency has, or had."""

    __tablename__ = "agency_mark"
    __table_args__ = (
        Index("uq_agency_mark", "agency_id", "kind", "value_index", unique=True),
        Index(None, "kind", "value_index"),
    )

    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    kind: Mapped[MarkKind] = mapped_column(status_type(MarkKind))
    value_index: Mapped[bytes] = mapped_column(LargeBinary)


class ListedMatch(Recorded, Base):
    """What an application's agency has in common with a blacklisted one, found when it was sent."""

    __tablename__ = "licence_listed_match"
    __table_args__ = (Index("uq_licence_listed_match", "application_id", "listed_agency_id", "kind", unique=True),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("licence_application.id"))
    listed_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    kind: Mapped[MarkKind] = mapped_column(status_type(MarkKind))
    certain: Mapped[bool]
    dismissed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
