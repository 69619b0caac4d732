"""Documents that the office made out in an application, and the appeal against its refusal."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agencies.licensing.status import AppealStatus, PaperKind
from core.db import Base, Recorded, status_type
from core.ids import new_reference


class LicenceDocument(Recorded, Base):
    """One document as it was made out. Rows are written once; a later round or decision adds another."""

    __tablename__ = "licence_document"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("licence_application.id"), index=True)
    kind: Mapped[PaperKind] = mapped_column(status_type(PaperKind))
    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("LD"))
    made_on: Mapped[date]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))


class LicenceAppeal(Recorded, Base):
    """The agency's appeal against one refusal, once; a later refusal may be appealed against again.

    ``late``: it came after the last day that was named, and no certain law row says that it is out of time. ``law`` holds
    the row that it was measured by. ``received_on`` and ``paper_id``: it came on paper, and an officer wrote it down.
    """

    __tablename__ = "licence_appeal"
    __table_args__ = (
        Index("uq_licence_appeal_refusal", "application_id", "refused_at", unique=True),
        Index(None, "status", "due_on"),
        CheckConstraint("decided_by <> refused_by", name="goes_to_others"),
        CheckConstraint("decided_by <> lodged_by", name="writer_does_not_decide"),
        CheckConstraint("(received_on IS NULL) = (paper_id IS NULL)", name="paper_is_whole"),
        CheckConstraint("(status = 'lodged') = (decided_by IS NULL)", name="decided_is_complete"),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("AP"))
    application_id: Mapped[UUID] = mapped_column(ForeignKey("licence_application.id"))
    status: Mapped[AppealStatus] = mapped_column(status_type(AppealStatus), default=AppealStatus.LODGED)
    refused_at: Mapped[datetime]
    refused_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    words: Mapped[str]
    lodged_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    received_on: Mapped[date | None]
    paper_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    late: Mapped[bool]
    due_on: Mapped[date | None]
    law: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_on: Mapped[date | None]
    reason: Mapped[str | None]
