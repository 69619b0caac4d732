"""Corrections that employers propose, and who signed for them before."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contracts.employers.correction_status import CorrectionKind, CorrectionStatus
from core.db import Base, Recorded, status_type
from core.ids import new_reference
from core.privacy import Encrypted, HasPersonKey, personal


class EmployerCorrection(HasPersonKey, Recorded, Base):
    """A proposed change with its evidence. One of a kind is open at a time, so that ``before`` stays true until the decision.

    ``before`` and ``after`` hold what changes of name, city, address, sector. A change of the signatory names the account that
    is to sign, which may be the same; what is personal is sealed with that person's key, who is the row's person.
    """

    __tablename__ = "employer_correction"
    __table_args__ = (
        CheckConstraint("decided_by <> proposed_by AND decided_by <> signatory_account_id", name="maker_is_not_checker"),
        CheckConstraint("status NOT IN ('accepted', 'refused') OR decided_by IS NOT NULL", name="decided"),
        CheckConstraint(
            "(kind = 'signatory') = (signatory_account_id IS NOT NULL AND signatory_title IS NOT NULL)", name="signatory"
        ),
        Index(
            "uq_employer_correction_open", "employer_id", "kind", unique=True, postgresql_where=text("status = 'proposed'")
        ),
        Index(None, "status", "created_at"),
    )  # fmt: skip

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("EC"))
    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    kind: Mapped[CorrectionKind] = mapped_column(status_type(CorrectionKind))
    status: Mapped[CorrectionStatus] = mapped_column(status_type(CorrectionStatus), default=CorrectionStatus.PROPOSED)
    before: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    signatory_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    signatory_title: Mapped[str | None]
    name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    phone_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    email_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    why: Mapped[str]
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    due_on: Mapped[date | None]

    name = personal("name_sealed")
    phone = personal("phone_sealed")
    email = personal("email_sealed")


class FormerSignatory(HasPersonKey, Recorded, Base):
    """Who signed until a correction was accepted, as it stood then; the row's person is that signatory."""

    __tablename__ = "former_signatory"

    correction_id: Mapped[UUID] = mapped_column(ForeignKey("employer_correction.id"), unique=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    title: Mapped[str]
    name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    phone_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    email_sealed: Mapped[bytes | None] = mapped_column(Encrypted())

    name = personal("name_sealed")
    phone = personal("phone_sealed")
    email = personal("email_sealed")
