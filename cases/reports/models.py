"""Reports, what is said about them afterwards, their photos, and the notes that go to licensing.

Nothing here tells when or from where an anonymous report came, beyond its day: ids are random (a UUIDv7 carries the
millisecond), there is no instant, and the person's key is dated to midnight. ADR 18 says what remains.
"""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from cases.reports.status import Category, ReferralStatus, ReportStatus, Share, Speaker
from core.db import Base, Recorded, legal_today, status_type
from core.ids import new_reference
from core.privacy import Encrypted, HasPersonKey, PersonKey, new_person, personal


class Undated:
    """A record without a time of its own: a random id known before the flush, and no time of creation."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)

    def __init__(self, **values: Any) -> None:
        self.id = values.pop("id", None) or uuid4()
        self.person_key_id = values.pop("person_key_id")
        for name, value in values.items():
            setattr(self, name, value)


class Report(HasPersonKey, Undated, Base):
    """One report. Who it is about and what happened is sealed under a key of its own.

    ``text_index``, ``phone_index`` and ``name_hashes`` are keyed hashes: the same words, the same telephone number, a name
    that sounds alike. ``folded_into_id`` names the earlier report with the very same words. ``unread_since`` is the day of
    the reporter's oldest message that no officer has read. ``destroyed_on``: the day on which its key was destroyed.
    """

    __tablename__ = "report"
    __table_args__ = (
        CheckConstraint("closed_by IS NULL OR closed_by <> closing_by", name="maker_is_not_checker"),
        CheckConstraint("folded_into_id <> id", name="not_folded_into_itself"),
        Index("ix_report_name_hashes", "name_hashes", postgresql_using="gin"),
        Index(None, "office_id", "status", "received_on"),
        Index(None, "text_index"),
        Index(None, "phone_index"),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("RP"))
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"))
    received_on: Mapped[date]
    status: Mapped[ReportStatus] = mapped_column(status_type(ReportStatus), default=ReportStatus.RECEIVED)
    in_danger: Mapped[bool]
    share: Mapped[Share] = mapped_column(status_type(Share))
    codename_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    text_index: Mapped[bytes] = mapped_column(LargeBinary)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_hashes: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
    words_sealed: Mapped[bytes] = mapped_column(Encrypted())
    facts_sealed: Mapped[bytes] = mapped_column(Encrypted())
    closing_answer_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    folded_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("report.id"), index=True)
    category: Mapped[Category | None] = mapped_column(status_type(Category))
    indicators: Mapped[list[str]] = mapped_column(JSONB, default=list)
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"), index=True)
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("licensing_referral.id"), index=True)
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    closing_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    unread_since: Mapped[date | None]
    closed_on: Mapped[date | None]
    destroyed_on: Mapped[date | None]

    words = personal("words_sealed")
    facts = personal("facts_sealed")
    closing_answer = personal("closing_answer_sealed")


class ReportMessage(HasPersonKey, Undated, Base):
    """What the reporter added, what an officer answered, or a note among officers; in order, by the day."""

    __tablename__ = "report_message"
    __table_args__ = (
        Index("uq_report_message_position", "report_id", "position", unique=True),
        CheckConstraint("(speaker = 'reporter') = (author_id IS NULL)", name="officers_are_named"),
    )

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    position: Mapped[int]
    written_on: Mapped[date]
    speaker: Mapped[Speaker] = mapped_column(status_type(Speaker))
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    text_sealed: Mapped[bytes] = mapped_column(Encrypted())

    text = personal("text_sealed")


class ReportPhoto(HasPersonKey, Undated, Base):
    """A photo, drawn anew and sealed in the row: a file on disk would carry the instant that it was written."""

    __tablename__ = "report_photo"
    __table_args__ = (Index("uq_report_photo_position", "report_id", "position", unique=True),)

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    position: Mapped[int]
    content_sealed: Mapped[bytes] = mapped_column(Encrypted())

    content = personal("content_sealed")
    """JPEG in base64."""


class ReportAlert(HasPersonKey, Undated, Base):
    """An officer told somebody who can help at once: whom, when, and what they said; sealed under the report's own key.

    ``alerted_at`` is the officer's own word, of the officer's own act; nothing of the reporter is dated by it.
    """

    __tablename__ = "report_alert"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), index=True)
    alerted_at: Mapped[datetime]
    noted_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    whom_sealed: Mapped[bytes] = mapped_column(Encrypted())
    outcome_sealed: Mapped[bytes | None] = mapped_column(Encrypted())

    whom = personal("whom_sealed")
    outcome = personal("outcome_sealed")


class LicensingReferral(HasPersonKey, Recorded, Base):
    """What licensing learns of a report: what its reporter agreed to, and nothing that leads back to the report."""

    __tablename__ = "licensing_referral"
    __table_args__ = (Index(None, "office_id", "status", "created_at"),)

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("RF"))
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"))
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"), index=True)
    status: Mapped[ReferralStatus] = mapped_column(status_type(ReferralStatus), default=ReferralStatus.SENT)
    content_sealed: Mapped[bytes] = mapped_column(Encrypted())
    outcome_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))

    content = personal("content_sealed")
    outcome = personal("outcome_sealed")


def undated_key(session: Session) -> PersonKey:
    """A key that tells no instant: a random id, and the first moment of the legal day."""
    midnight = datetime.combine(legal_today(session), time(), UTC)
    return new_person(session, id=uuid4(), created_at=midnight)
