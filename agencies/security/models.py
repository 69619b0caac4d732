"""The security of an agency: an account, bank papers, ledger entries that are never changed, claims and demands.

Nothing here keeps a balance: what is held is the sum of entries. A trigger takes the account's lock at each new entry and
refuses one that would leave less than nothing behind a paper, so no race can spend the same money twice.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from agencies.licensing.status import SecurityKind
from agencies.security.status import (
    ClaimStatus,
    DemandCause,
    DemandStatus,
    EntryKind,
    InstrumentStatus,
    ProposalKind,
    ProposalStatus,
)
from core.db import Base, Recorded, status_type
from core.ids import new_reference
from core.privacy import Encrypted, HasPersonKey, personal


class SecurityAccount(Recorded, Base):
    """One for each agency, for good: the next licence stands on the same account."""

    __tablename__ = "security_account"

    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), unique=True)
    currency: Mapped[str]


class SecurityInstrument(HasPersonKey, Recorded, Base):
    """A bank paper: the slip of a deposit, or a guarantee. What it is worth today is the sum of its entries.

    One of the old register rests on the record of its line and has no file; an officer stands for it by asking the bank.

    The table keeps the name under which its values were sealed: a sealed value opens at its own place only.
    """

    __tablename__ = "licence_security"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("kind <> 'guarantee' OR guarantee_until IS NOT NULL", name="guarantee_has_end"),
        CheckConstraint("verified_by IS NULL OR verified_by <> recorded_by", name="maker_is_not_checker"),
        CheckConstraint(
            "status IN ('lodged', 'returned', 'expired') OR recorded_by IS NOT NULL"
            " OR (status = 'recorded' AND imported_record_id IS NOT NULL)",
            name="recorded",
        ),
        CheckConstraint("file_id IS NOT NULL OR imported_record_id IS NOT NULL", name="paper_or_imported"),
        CheckConstraint("replaces_id IS NULL OR replaces_id <> id", name="not_itself"),
        Index(
            "uq_licence_security_paper", "document_index", unique=True, postgresql_where=text("status <> 'returned'")
        ),
        Index(None, "status", "guarantee_until"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("security_account.id"), index=True)
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("licence_application.id"), index=True)
    kind: Mapped[SecurityKind] = mapped_column(status_type(SecurityKind))
    status: Mapped[InstrumentStatus] = mapped_column(status_type(InstrumentStatus), default=InstrumentStatus.RECORDED)
    amount_minor: Mapped[int]
    currency: Mapped[str]
    bank_name_sealed: Mapped[bytes] = mapped_column(Encrypted())
    document_number_sealed: Mapped[bytes] = mapped_column(Encrypted())
    document_index: Mapped[bytes] = mapped_column(LargeBinary)
    imported_record_id: Mapped[UUID | None] = mapped_column(ForeignKey("imported_record.id"), index=True)
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    guarantee_until: Mapped[date | None]
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("licence_security.id"))
    extends: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    lodged_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    verified_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    returned_why: Mapped[str | None]

    bank_name = personal("bank_name_sealed")
    document_number = personal("document_number_sealed")


class SecurityVerification(Recorded, Base):
    """One question to a bank and its answer, tied by a reference that is used once."""

    __tablename__ = "security_verification"
    __table_args__ = (
        Index(
            "uq_security_verification_open",
            "instrument_id",
            unique=True,
            postgresql_where=text("answered_at IS NULL"),
        ),
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answer_is_whole"),
        CheckConstraint(
            "answered_at IS NULL OR (confirmed IS NOT NULL AND answer_id IS NOT NULL)", name="answer_has_paper"
        ),
    )

    instrument_id: Mapped[UUID] = mapped_column(ForeignKey("licence_security.id"))
    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("BV"))
    channel: Mapped[str]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    letter_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    confirmed: Mapped[bool | None]
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[datetime | None]


class SecurityClaim(HasPersonKey, Recorded, Base):
    """An award that the security has to pay. Who is to have the money stands sealed in ``payees``; ``settled_minor`` is
    what the agency paid them by itself, past the security."""

    __tablename__ = "security_claim"
    __table_args__ = (
        CheckConstraint("amount_minor > 0 AND beneficiaries > 0", name="amounts"),
        CheckConstraint("granted_minor IS NULL OR granted_minor BETWEEN 1 AND amount_minor", name="granted"),
        CheckConstraint("settled_minor BETWEEN 0 AND coalesce(granted_minor, 0)", name="settled"),
        CheckConstraint("decided_by IS NULL OR decided_by <> filed_by", name="maker_is_not_checker"),
        CheckConstraint("status IN ('filed', 'rejected') OR granted_minor IS NOT NULL", name="granted_has_amount"),
        Index(None, "status", "decided_at"),
        Index(
            "uq_security_claim_award", "account_id", "award", unique=True, postgresql_where=text("status <> 'rejected'")
        ),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("SC"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("security_account.id"), index=True)
    status: Mapped[ClaimStatus] = mapped_column(status_type(ClaimStatus), default=ClaimStatus.FILED)
    award: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    beneficiaries: Mapped[int]
    payees_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    filed_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    granted_minor: Mapped[int | None]
    settled_minor: Mapped[int] = mapped_column(default=0)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]

    payees = personal("payees_sealed")


class SecurityDemand(Recorded, Base):
    """The agency has to bring the security up again by a day. What was brought is the sum of its top-up entries."""

    __tablename__ = "security_demand"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_positive"), Index(None, "status", "due_on"))

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("SD"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("security_account.id"), index=True)
    status: Mapped[DemandStatus] = mapped_column(status_type(DemandStatus), default=DemandStatus.OPEN)
    cause: Mapped[DemandCause] = mapped_column(status_type(DemandCause))
    claim_id: Mapped[UUID | None] = mapped_column(ForeignKey("security_claim.id"))
    instrument_id: Mapped[UUID | None] = mapped_column(ForeignKey("licence_security.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    due_on: Mapped[date]
    show_cause_by: Mapped[date | None]
    sanction_id: Mapped[UUID | None] = mapped_column(ForeignKey("sanction.id"))


_OTHER_MAKERS = "made_by IS NOT NULL AND checked_by IS NOT NULL AND made_by <> checked_by"


class SecurityEntry(Recorded, Base):
    """One movement, never changed. Positive adds to what stands behind the licence, negative takes away.

    Every entry but the end of a guarantee, which the calendar makes, carries two different officers.
    """

    __tablename__ = "security_entry"
    __table_args__ = (
        CheckConstraint(
            "CASE WHEN kind IN ('deposit', 'guarantee_lodged', 'top_up') THEN amount_minor > 0"
            " WHEN kind = 'correction' THEN amount_minor <> 0 ELSE amount_minor < 0 END",
            name="sign",
        ),
        CheckConstraint("(kind = 'correction') = (reverses_id IS NOT NULL)", name="correction_names_entry"),
        CheckConstraint("(kind <> 'draw') OR claim_id IS NOT NULL", name="draw_names_claim"),
        CheckConstraint("(kind <> 'top_up') OR demand_id IS NOT NULL", name="top_up_names_demand"),
        CheckConstraint(
            "measure = 'guarantee' OR kind NOT IN"
            " ('guarantee_lodged', 'guarantee_extended', 'guarantee_replaced', 'guarantee_expired')",
            name="cash_kinds",
        ),
        CheckConstraint("measure = 'cash' OR kind <> 'deposit'", name="guarantee_kinds"),
        CheckConstraint(f"kind = 'guarantee_expired' OR ({_OTHER_MAKERS})", name="two_officers"),
        Index(None, "account_id", "created_at"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("security_account.id"))
    instrument_id: Mapped[UUID] = mapped_column(ForeignKey("licence_security.id"), index=True)
    kind: Mapped[EntryKind] = mapped_column(status_type(EntryKind))
    measure: Mapped[SecurityKind] = mapped_column(status_type(SecurityKind))
    amount_minor: Mapped[int]
    booked_on: Mapped[date]
    claim_id: Mapped[UUID | None] = mapped_column(ForeignKey("security_claim.id"), index=True)
    demand_id: Mapped[UUID | None] = mapped_column(ForeignKey("security_demand.id"), index=True)
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("security_entry.id"), unique=True)
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    checked_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class SecurityAlarm(Recorded, Base):
    """A warning that was given: for one paper or one demand, at one distance in days, once."""

    __tablename__ = "security_alarm"
    __table_args__ = (
        CheckConstraint("(instrument_id IS NULL) <> (demand_id IS NULL)", name="one_subject"),
        Index(
            "uq_security_alarm_instrument", "instrument_id", "days", unique=True,
            postgresql_where=text("instrument_id IS NOT NULL"),
        ),
        Index(
            "uq_security_alarm_demand", "demand_id", "days", unique=True,
            postgresql_where=text("demand_id IS NOT NULL"),
        ),
        Index(None, "account_id"),
    )  # fmt: skip

    account_id: Mapped[UUID] = mapped_column(ForeignKey("security_account.id"))
    instrument_id: Mapped[UUID | None] = mapped_column(ForeignKey("licence_security.id"))
    demand_id: Mapped[UUID | None] = mapped_column(ForeignKey("security_demand.id"))
    days: Mapped[int]


class SecurityProposal(Recorded, Base):
    """What needs two officers: giving the security back, forfeiting it, correcting an entry."""

    __tablename__ = "security_proposal"
    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="maker_is_not_checker"),
        CheckConstraint("(kind = 'correction') = (entry_id IS NOT NULL)", name="correction_names_entry"),
        Index("uq_security_proposal_open", "account_id", unique=True, postgresql_where=text("status = 'proposed'")),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("security_account.id"), index=True)
    kind: Mapped[ProposalKind] = mapped_column(status_type(ProposalKind))
    status: Mapped[ProposalStatus] = mapped_column(status_type(ProposalStatus), default=ProposalStatus.PROPOSED)
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("security_entry.id"))
    reason: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    letter_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
