"""Double-entry books: ledger accounts, ledger transfers, entries. Transfers and entries are never changed.

A debit is positive, a credit negative; the entries of a transfer sum to zero in each currency (a trigger sees to it,
so all entries of a transfer come in one INSERT). Accounts with a floor keep a balance that is locked in id order;
the others are append-only and never wait for each other.
"""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Recorded


class LedgerAccount(Recorded, Base):
    """``code`` such as ``bank:QAR``. ``floor_minor`` NULL: nothing is guarded and no balance is kept here."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        CheckConstraint("floor_minor IS NULL OR balance_minor >= floor_minor", name="floor"),
        CheckConstraint("floor_minor IS NOT NULL OR balance_minor = 0", name="balance_only_with_floor"),
    )

    code: Mapped[str] = mapped_column(unique=True)
    currency: Mapped[str]
    floor_minor: Mapped[int | None]
    balance_minor: Mapped[int] = mapped_column(default=0, server_default="0")


class LedgerTransfer(Recorded, Base):
    """One movement. The key makes it happen once, for ever; the fingerprint refuses a key used for something else."""

    __tablename__ = "ledger_transfer"
    __table_args__ = (Index(None, "subject_id"), Index(None, "created_at"))

    idempotency_key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)


class LedgerEntry(Recorded, Base):
    """One leg: positive debits, negative credits."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        Index(None, "transfer_id"),
        Index(None, "account_id"),
    )

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transfer.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_account.id"))
    currency: Mapped[str]
    amount_minor: Mapped[int]
