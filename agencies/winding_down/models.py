"""What is left to do when a licence has ended: the file, documents in custody, money owed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agencies.winding_down.status import (
    CustodyStatus,
    DocumentKind,
    Outcome,
    OwedFor,
    OwedStatus,
    Teller,
    WindingStatus,
)
from core.db import Base, Recorded, status_type
from core.ids import new_reference
from core.money import Money
from core.privacy import Encrypted, HasPersonKey, personal


class WindingDown(Recorded, Base):
    """One for each licence that has ended. ``law`` holds the row that the due day came from. ``unpaid_minor`` is what the
    used-up security left unpaid of ``unpaid_count`` awards at the closing, less what was paid since."""

    __tablename__ = "winding_down"
    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="maker_is_not_checker"),
        CheckConstraint(
            "status <> 'closed' OR (decided_by IS NOT NULL AND proposed_by IS NOT NULL AND outcome IS NOT NULL"
            " AND closed_on IS NOT NULL AND declared_at IS NOT NULL)",
            name="closed_is_whole",
        ),
        CheckConstraint("status NOT IN ('declared', 'proposed') OR declared_at IS NOT NULL", name="declared"),
        CheckConstraint(
            "unpaid_minor >= 0 AND (unpaid_minor = 0) = (unpaid_count = 0)"
            " AND (unpaid_minor = 0 OR unpaid_currency IS NOT NULL)",
            name="unpaid_is_whole",
        ),
        Index(None, "status", "due_on"),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("WD"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    licence_id: Mapped[UUID] = mapped_column(ForeignKey("licence.id"), unique=True)
    status: Mapped[WindingStatus] = mapped_column(status_type(WindingStatus), default=WindingStatus.OPEN)
    ended_on: Mapped[date]
    due_on: Mapped[date]
    law: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    declared_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    declared_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None] = mapped_column(status_type(Outcome))
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    closed_on: Mapped[date | None]
    certificate_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    reminded_on: Mapped[date | None]
    unpaid_count: Mapped[int] = mapped_column(default=0)
    unpaid_minor: Mapped[int] = mapped_column(default=0)
    unpaid_currency: Mapped[str | None]

    @property
    def unpaid(self) -> Money | None:
        """What stays unpaid; None when nothing does."""
        return Money(self.unpaid_minor, self.unpaid_currency) if self.unpaid_currency and self.unpaid_minor else None


class CustodyItem(HasPersonKey, Recorded, Base):
    """A worker's document in the agency's hands. ``migrant_id`` is a record of another package, named by id."""

    __tablename__ = "custody_item"
    __table_args__ = (
        Index(
            "uq_custody_item_document", "winding_id", "document_index", unique=True,
            postgresql_where=text("document_index IS NOT NULL AND status NOT IN ('returned', 'replaced', 'withdrawn')"),
        ),
        Index(None, "winding_id", "status"),
        Index(None, "migrant_id"),
    )  # fmt: skip

    winding_id: Mapped[UUID] = mapped_column(ForeignKey("winding_down.id"))
    kind: Mapped[DocumentKind] = mapped_column(status_type(DocumentKind))
    status: Mapped[CustodyStatus] = mapped_column(status_type(CustodyStatus), default=CustodyStatus.HELD)
    agency_says: Mapped[bool] = mapped_column(default=False)
    worker_says: Mapped[bool] = mapped_column(default=False)
    added_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    migrant_id: Mapped[UUID | None]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    number_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    document_index: Mapped[bytes | None] = mapped_column(LargeBinary)

    name = personal("name_sealed")
    number = personal("number_sealed")


class OwedItem(HasPersonKey, Recorded, Base):
    """Money that the agency owes to one worker, in minor units of ``currency`` (ISO 4217)."""

    __tablename__ = "owed_item"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("status NOT IN ('claimed', 'unpaid') OR claim_id IS NOT NULL", name="claimed_names_claim"),
        # One claim pays one item: nothing is paid twice.
        Index("uq_owed_item_claim", "claim_id", unique=True),
        Index(None, "winding_id", "status"),
        Index(None, "migrant_id"),
    )

    winding_id: Mapped[UUID] = mapped_column(ForeignKey("winding_down.id"))
    what: Mapped[OwedFor] = mapped_column(status_type(OwedFor))
    teller: Mapped[Teller] = mapped_column(status_type(Teller))
    status: Mapped[OwedStatus] = mapped_column(status_type(OwedStatus), default=OwedStatus.OWED)
    amount_minor: Mapped[int]
    currency: Mapped[str]
    added_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    migrant_id: Mapped[UUID | None]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    claim_id: Mapped[UUID | None] = mapped_column(ForeignKey("security_claim.id"))

    name = personal("name_sealed")
