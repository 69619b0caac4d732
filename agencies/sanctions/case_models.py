"""Proceedings: the case with its notice, reply and hearing; its order and appeal; bars, fines, liftings, papers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agencies.registration.status import IdentifierKind
from agencies.sanctions.case_status import (
    BarKind,
    BarStatus,
    CaseSource,
    CaseStatus,
    CaseSubject,
    FineStatus,
    LiftingStatus,
    OrderKind,
    PaperStep,
)
from core.db import Base, Recorded, status_type
from core.ids import new_reference
from core.privacy import Encrypted, HasPersonKey, personal

ACCOUNT = "user_account.id"


class SanctionCase(HasPersonKey, Recorded, Base):
    """A proceeding against one subject, from the report to the end of the order.

    An agency is named by its record; an employer or a centre by the id of a record that another package holds, with its
    name sealed here; a person or a foreign agent by sealed name and paper with keyed hashes. ``due_on`` is the day of the
    next step, whoever has to take it.
    """

    __tablename__ = "sanction_case"
    __table_args__ = (
        CheckConstraint("screened_by IS NULL OR screened_by <> reported_by", name="screener_is_not_reporter"),
        CheckConstraint("(subject_kind = 'agency') = (agency_id IS NOT NULL)", name="agency_is_named"),
        CheckConstraint(
            "subject_kind NOT IN ('employer', 'orientation_centre') OR subject_id IS NOT NULL", name="record_is_named"
        ),
        CheckConstraint("subject_kind <> 'director' OR identifier_index IS NOT NULL", name="person_is_named"),
        CheckConstraint("(source = 'unit') = (complaining_office_id IS NOT NULL)", name="unit_is_named"),
        Index(None, "status", "due_on"),
        Index(None, "subject_kind", "subject_id"),
        Index(None, "identifier_index"),
        Index(None, "birth_index"),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("SC"))
    status: Mapped[CaseStatus] = mapped_column(status_type(CaseStatus), default=CaseStatus.REPORTED)
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"), index=True)
    subject_kind: Mapped[CaseSubject] = mapped_column(status_type(CaseSubject))
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"), index=True)
    subject_id: Mapped[UUID | None]
    name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    identifier_kind: Mapped[IdentifierKind | None] = mapped_column(status_type(IdentifierKind))
    identifier_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    birth_date_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    country: Mapped[str | None]
    identifier_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    birth_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_hashes: Mapped[list[bytes] | None] = mapped_column(ARRAY(LargeBinary))
    source: Mapped[CaseSource] = mapped_column(status_type(CaseSource))
    complaining_office_id: Mapped[UUID | None] = mapped_column(ForeignKey("office.id"))
    facts: Mapped[str]
    due_on: Mapped[date]
    reported_by: Mapped[UUID] = mapped_column(ForeignKey(ACCOUNT))
    screened_by: Mapped[UUID | None] = mapped_column(ForeignKey(ACCOUNT))
    notified_by: Mapped[UUID | None] = mapped_column(ForeignKey(ACCOUNT))
    notified_on: Mapped[date | None]
    notice: Mapped[str | None]
    reply_by: Mapped[date | None]
    replied_at: Mapped[datetime | None]
    replied_by: Mapped[UUID | None] = mapped_column(ForeignKey(ACCOUNT))
    reply: Mapped[str | None]
    hearing_at: Mapped[datetime | None]
    hearing_place: Mapped[str | None]
    heard_by: Mapped[UUID | None] = mapped_column(ForeignKey(ACCOUNT))
    minutes: Mapped[str | None]
    subject_came: Mapped[bool | None]

    name = personal("name_sealed")
    identifier = personal("identifier_sealed")
    birth_date = personal("birth_date_sealed")


class SanctionPaper(Recorded, Base):
    """A paper of a proceeding. ``shown`` lets the subject read it: evidence may name people whom it could harm."""

    __tablename__ = "sanction_paper"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("sanction_case.id"), index=True)
    step: Mapped[PaperStep] = mapped_column(status_type(PaperStep))
    title: Mapped[str]
    shown: Mapped[bool]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    added_by: Mapped[UUID] = mapped_column(ForeignKey(ACCOUNT))


class SanctionOrder(Recorded, Base):
    """The order that ends a proceeding, and its appeal. The reference is public; ``law`` holds the rows it rests on."""

    __tablename__ = "sanction_order"
    __table_args__ = (
        CheckConstraint("ordered_by <> prepared_by", name="maker_is_not_checker"),
        CheckConstraint(
            "appeal_decided_by IS NULL OR (appeal_decided_by <> ordered_by AND appeal_decided_by <> prepared_by)",
            name="appeal_goes_to_others",
        ),
        CheckConstraint(
            "stay_decided_by IS NULL OR (stay_decided_by <> ordered_by AND stay_decided_by <> prepared_by)",
            name="stay_goes_to_others",
        ),
        CheckConstraint(
            "appealed_by IS NULL OR (appeal_decided_by <> appealed_by AND stay_decided_by <> appealed_by)",
            name="writer_does_not_decide",
        ),
        CheckConstraint("fine_minor > 0", name="fine_positive"),
        CheckConstraint("varied_fine_minor > 0", name="varied_fine_positive"),
        CheckConstraint("(kind = 'fine') = (fine_minor IS NOT NULL)", name="fine_has_amount"),
        CheckConstraint("kind NOT IN ('suspend', 'blacklist') OR last_day IS NOT NULL", name="has_an_end"),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("SR"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("sanction_case.id"), unique=True)
    kind: Mapped[OrderKind] = mapped_column(status_type(OrderKind))
    reason: Mapped[str]
    last_day: Mapped[date | None]
    fine_minor: Mapped[int | None]
    fine_currency: Mapped[str | None]
    fine_due_on: Mapped[date | None]
    prepared_by: Mapped[UUID] = mapped_column(ForeignKey(ACCOUNT))
    ordered_by: Mapped[UUID] = mapped_column(ForeignKey(ACCOUNT))
    ordered_on: Mapped[date]
    appeal_until: Mapped[date]
    appeal_limit_certain: Mapped[bool]
    law: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    appealed_at: Mapped[datetime | None]
    appealed_by: Mapped[UUID | None] = mapped_column(ForeignKey(ACCOUNT))
    appeal: Mapped[str | None]
    appeal_received_on: Mapped[date | None]
    """Only of an appeal that came on paper: the day from which its days count."""
    appeal_late: Mapped[bool] = mapped_column(default=False)
    stay_asked: Mapped[bool] = mapped_column(default=False)
    stay_decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(ACCOUNT))
    stay_granted: Mapped[bool | None]
    stay_reason: Mapped[str | None]
    appeal_decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(ACCOUNT))
    appeal_decided_on: Mapped[date | None]
    appeal_reason: Mapped[str | None]
    varied_kind: Mapped[str | None]
    varied_last_day: Mapped[date | None]
    varied_fine_minor: Mapped[int | None]


class SanctionBar(Recorded, Base):
    """A subject that is no agency may take no part: for a time, or as blacklisted. Asked for at every use."""

    __tablename__ = "sanction_bar"
    __table_args__ = (Index(None, "subject_kind", "subject_id"), Index(None, "identifier_index"))

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("SB"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("sanction_case.id"), index=True)
    kind: Mapped[BarKind] = mapped_column(status_type(BarKind))
    status: Mapped[BarStatus] = mapped_column(status_type(BarStatus), default=BarStatus.MADE)
    subject_kind: Mapped[CaseSubject] = mapped_column(status_type(CaseSubject))
    subject_id: Mapped[UUID | None]
    identifier_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    first_day: Mapped[date]
    last_day: Mapped[date]
    lifted_on: Mapped[date | None]
    public_reason: Mapped[str | None]


class SanctionFine(Recorded, Base):
    """Money owed to the state by an order; finance records what came in, or went back after an appeal."""

    __tablename__ = "sanction_fine"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("sanction_case.id"), index=True)
    status: Mapped[FineStatus] = mapped_column(status_type(FineStatus), default=FineStatus.DUE)
    amount_minor: Mapped[int]
    currency: Mapped[str]
    due_on: Mapped[date]
    paid_on: Mapped[date | None]
    receipt: Mapped[str | None]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey(ACCOUNT))


class SanctionLifting(Recorded, Base):
    """The lifting of a blacklisting: one proposes, two others agree, all three strangers to its making.

    ``public_reason`` is read by everybody; the other reasons stand in the log.
    """

    __tablename__ = "sanction_lifting"
    __table_args__ = (
        CheckConstraint("num_nonnulls(sanction_id, bar_id) = 1", name="one_subject"),
        CheckConstraint("first_by <> proposed_by", name="first_is_another"),
        CheckConstraint("second_by <> proposed_by AND second_by <> first_by", name="second_is_a_third"),
        CheckConstraint("status <> 'lifted' OR second_by IS NOT NULL", name="three_officers"),
        Index(
            "uq_sanction_lifting_open", "sanction_id", "bar_id", unique=True, postgresql_nulls_not_distinct=True,
            postgresql_where=text("status IN ('proposed', 'agreed')"),
        ),
    )  # fmt: skip

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("SL"))
    sanction_id: Mapped[UUID | None] = mapped_column(ForeignKey("sanction.id"))
    bar_id: Mapped[UUID | None] = mapped_column(ForeignKey("sanction_bar.id"))
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"))
    status: Mapped[LiftingStatus] = mapped_column(status_type(LiftingStatus), default=LiftingStatus.PROPOSED)
    public_reason: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey(ACCOUNT))
    first_by: Mapped[UUID | None] = mapped_column(ForeignKey(ACCOUNT))
    second_by: Mapped[UUID | None] = mapped_column(ForeignKey(ACCOUNT))
    refused_by: Mapped[UUID | None] = mapped_column(ForeignKey(ACCOUNT))
    due_on: Mapped[date]
