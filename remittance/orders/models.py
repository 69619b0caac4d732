"""Remittances and what belongs to them: beneficiaries, fundings, bank lines, batches, refunds, provider events."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Recorded, status_type
from core.ids import new_reference
from core.money import Money
from core.privacy import Encrypted, HasPersonKey, personal
from remittance.orders.status import BankLineStatus, RefundStatus, RemittanceStatus
from remittance.quotes.status import PayIn


class Beneficiary(HasPersonKey, Recorded, Base):
    """Somebody at home whom a migrant sends money to, with a bank account. A changed one is a new row."""

    __tablename__ = "beneficiary"

    migrant_id: Mapped[UUID] = mapped_column(ForeignKey("migrant.id"), index=True)
    full_name_sealed: Mapped[bytes] = mapped_column(Encrypted())
    account_number_sealed: Mapped[bytes] = mapped_column(Encrypted())
    town_sealed: Mapped[bytes] = mapped_column(Encrypted())
    bank: Mapped[str]
    removed_at: Mapped[datetime | None]

    full_name = personal("full_name_sealed")
    account_number = personal("account_number_sealed")
    town = personal("town_sealed")


class PayoutBatch(Recorded, Base):
    """One file of payouts handed to the partner."""

    __tablename__ = "payout_batch"

    reference: Mapped[str] = mapped_column(unique=True)
    currency: Mapped[str]
    total_minor: Mapped[int]
    count: Mapped[int]
    execute_on: Mapped[date]
    # The partner system (its client id) that may ask what became of these orders.
    partner: Mapped[str] = mapped_column(default="", server_default="", index=True)
    written_at: Mapped[datetime | None]
    sha256: Mapped[str | None]

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class Remittance(Recorded, Base):
    """A migrant's order to send money: the offer that was taken, its recipient, how it is paid in and what became of it."""

    __tablename__ = "remittance"
    __table_args__ = (
        CheckConstraint("amount_minor > 0 AND receive_minor > 0", name="amounts_positive"),
        CheckConstraint("service_fee_minor >= 0 AND pay_in_fee_minor >= 0 AND margin_minor >= 0", name="costs_not_negative"),
        CheckConstraint("paid_minor >= 0 AND refunded_minor BETWEEN 0 AND paid_minor", name="never_refunds_more_than_paid"),
        CheckConstraint(
            "refusal_decided_by IS NULL OR refusal_decided_by <> refusal_proposed_by", name="refusal_maker_is_not_checker"
        ),
        Index(None, "migrant_id", "created_at"),
        Index(None, "status", "created_at"),
    )  # fmt: skip

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("RM"))
    migrant_id: Mapped[UUID] = mapped_column(ForeignKey("migrant.id"))
    status: Mapped[RemittanceStatus] = mapped_column(status_type(RemittanceStatus), default=RemittanceStatus.QUOTED)
    country: Mapped[str]
    pay_in: Mapped[PayIn] = mapped_column(status_type(PayIn))
    rate_id: Mapped[UUID] = mapped_column(ForeignKey("exchange_rate.id"))
    currency: Mapped[str]
    amount_minor: Mapped[int]
    service_fee_minor: Mapped[int]
    pay_in_fee_minor: Mapped[int]
    margin_minor: Mapped[int]
    cost_bp: Mapped[int]
    receive_currency: Mapped[str]
    receive_minor: Mapped[int]
    arrival_hours: Mapped[int]
    quote_expires_at: Mapped[datetime]
    pay_by: Mapped[datetime | None]
    beneficiary_id: Mapped[UUID | None] = mapped_column(ForeignKey("beneficiary.id"))
    screening: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    refusal_proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    refusal_decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    pay_reference: Mapped[str | None] = mapped_column(unique=True)
    checkout_id: Mapped[str | None] = mapped_column(unique=True)
    payment_id: Mapped[str | None] = mapped_column(unique=True)
    paid_minor: Mapped[int] = mapped_column(default=0)
    paid_at: Mapped[datetime | None]
    refunded_minor: Mapped[int] = mapped_column(default=0)
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("payout_batch.id"), index=True)
    sent_at: Mapped[datetime | None]
    paid_out_at: Mapped[datetime | None]
    failure_code: Mapped[str | None]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.service_fee_minor + self.pay_in_fee_minor, self.currency)

    @property
    def margin(self) -> Money:
        return Money(self.margin_minor, self.currency)

    @property
    def pays(self) -> Money:
        return self.amount + self.fee

    @property
    def paid(self) -> Money:
        return Money(self.paid_minor, self.currency)

    @property
    def receives(self) -> Money:
        return Money(self.receive_minor, self.receive_currency)


class ProviderEvent(Recorded, Base):
    """A webhook that was taken, by the provider's id: the second copy changes nothing. Its body is not kept."""

    __tablename__ = "provider_event"
    __table_args__ = (Index("uq_provider_event_identity", "provider", "event_id", unique=True),)

    provider: Mapped[str]
    event_id: Mapped[str]
    kind: Mapped[str]
    object_id: Mapped[str]


class BankLine(HasPersonKey, Recorded, Base):
    """One booked credit of a statement. ``entry_key`` makes it count once, in however many files it comes."""

    __tablename__ = "bank_line"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="maker_is_not_checker"),
        Index(None, "status", "created_at"),
    )

    status: Mapped[BankLineStatus] = mapped_column(status_type(BankLineStatus), default=BankLineStatus.RECEIVED)
    entry_key: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    statement: Mapped[str]
    booked_on: Mapped[date]
    currency: Mapped[str]
    amount_minor: Mapped[int]
    why: Mapped[str] = mapped_column(default="")
    payer_name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    payer_account_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    payer_bank: Mapped[str] = mapped_column(default="", server_default="")
    payer_country: Mapped[str] = mapped_column(default="", server_default="")
    text_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    remittance_id: Mapped[UUID | None] = mapped_column(ForeignKey("remittance.id"), index=True)

    proposed_id: Mapped[UUID | None] = mapped_column(ForeignKey("remittance.id"), index=True)
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))

    payer_name = personal("payer_name_sealed")
    payer_account = personal("payer_account_sealed")
    text = personal("text_sealed")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class Refund(Recorded, Base):
    """Money given back to the sender, in full or in part. Who proposes never approves."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", name="maker_is_not_checker"),
        Index("uq_refund_open", "remittance_id", unique=True, postgresql_where=text("status = 'proposed'")),
        CheckConstraint("settle_way IN ('bank', 'card')", name="settle_way"),
        CheckConstraint("settled_by IS NULL OR settled_by <> settle_proposed_by", name="settle_maker_is_not_checker"),
        Index(None, "status", "created_at"),
    )  # fmt: skip

    remittance_id: Mapped[UUID] = mapped_column(ForeignKey("remittance.id"), index=True)
    status: Mapped[RefundStatus] = mapped_column(status_type(RefundStatus), default=RefundStatus.PROPOSED)
    currency: Mapped[str]
    amount_minor: Mapped[int]
    reason: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    provider_refund_id: Mapped[str | None] = mapped_column(unique=True)
    way: Mapped[PayIn] = mapped_column(status_type(PayIn))
    attempt: Mapped[int] = mapped_column(default=0, server_default="0")
    failure_code: Mapped[str | None]
    settle_way: Mapped[str | None]
    settle_proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))

    @property
    def attempt_key(self) -> str:
        """What makes one try at the provider happen once."""
        return f"{self.id}-{self.attempt}" if self.attempt else str(self.id)

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
