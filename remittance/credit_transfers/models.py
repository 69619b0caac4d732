"""Credit transfers: one payment from our collection account to somebody who gets money back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Recorded, status_type
from core.ids import new_reference
from core.money import Money
from core.privacy import Encrypted, HasPersonKey, personal
from remittance.credit_transfers.status import CreditTransferStatus

_LIVE = "status IN ('proposed', 'ordered', 'written', 'hand_proposed', 'paid')"


class CreditTransfer(HasPersonKey, Recorded, Base):
    """``reference`` is the EndToEndId that comes back in every message of the bank.

    Belongs to a refund (money of a sender) or to a bank line (money of somebody unknown), never to both.
    """

    __tablename__ = "credit_transfer"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("(refund_id IS NULL) <> (bank_line_id IS NULL)", name="one_purpose"),
        CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="maker_is_not_checker"),
        CheckConstraint("hand_confirmed_by IS NULL OR hand_confirmed_by <> hand_proposed_by", name="hand_maker_is_not_checker"),
        Index("uq_credit_transfer_refund_live", "refund_id", unique=True, postgresql_where=text(_LIVE)),
        Index("uq_credit_transfer_line_live", "bank_line_id", unique=True, postgresql_where=text(_LIVE)),
        Index(None, "status", "created_at"),
    )  # fmt: skip

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("CT"))
    status: Mapped[CreditTransferStatus] = mapped_column(status_type(CreditTransferStatus))
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refund.id"), index=True)
    bank_line_id: Mapped[UUID | None] = mapped_column(ForeignKey("bank_line.id"), index=True)
    currency: Mapped[str]
    amount_minor: Mapped[int]
    creditor_name_sealed: Mapped[bytes] = mapped_column(Encrypted())
    creditor_account_sealed: Mapped[bytes] = mapped_column(Encrypted())
    creditor_town_sealed: Mapped[bytes] = mapped_column(Encrypted())
    creditor_bank: Mapped[str]
    creditor_country: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    hand_proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    hand_confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    written_at: Mapped[datetime | None]
    sha256: Mapped[str | None]
    paid_at: Mapped[datetime | None]
    bank_entry_key: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    failure_code: Mapped[str | None]

    creditor_name = personal("creditor_name_sealed")
    creditor_account = personal("creditor_account_sealed")
    creditor_town = personal("creditor_town_sealed")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
