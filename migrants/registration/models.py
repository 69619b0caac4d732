"""Migrants, their passports, the checks of their identity, and recovery of access."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Recorded, status_type
from core.ids import new_reference
from core.privacy import Encrypted, HasPersonKey, personal
from migrants.registration.status import CheckVerdict, MigrantStatus, PhotoState, RecoveryStatus


class Migrant(HasPersonKey, Recorded, Base):
    """A person at every stage of working abroad. ``level`` is how sure the portal is who they are: 0 self-declared, 1 document."""

    __tablename__ = "migrant"
    __table_args__ = (
        CheckConstraint("level BETWEEN 0 AND 3", name="level"),
        CheckConstraint("status <> 'verified' OR level >= 1", name="verified_level"),
        Index("ix_migrant_name_hashes", "name_hashes", postgresql_using="gin"),
        Index(None, "status", "due_on"),
        Index(None, "birth_index"),
        Index(None, "national_id_index"),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("MG"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"), unique=True)
    status: Mapped[MigrantStatus] = mapped_column(status_type(MigrantStatus), default=MigrantStatus.STARTED)
    level: Mapped[int] = mapped_column(default=0)
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"), index=True)
    full_name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    latin_name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    birth_date_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    sex_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    father_name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    mother_name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    national_id_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    birth_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    national_id_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_hashes: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary), default=list)
    lives_in: Mapped[str | None]
    consent_version: Mapped[str]
    consent_language: Mapped[str]
    consent_at: Mapped[datetime]
    consent_withdrawn_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("migrant.id"))

    full_name = personal("full_name_sealed")
    latin_name = personal("latin_name_sealed")
    birth_date = personal("birth_date_sealed")
    sex = personal("sex_sealed")
    father_name = personal("father_name_sealed")
    mother_name = personal("mother_name_sealed")
    national_id = personal("national_id_sealed")


class Passport(HasPersonKey, Recorded, Base):
    """One passport of a migrant; renewals make a history. A verified number stands for one person only."""

    __tablename__ = "passport"
    __table_args__ = (
        Index(
            "uq_passport_verified_number", "document_index", unique=True,
            postgresql_where=text("verified_at IS NOT NULL AND released_at IS NULL"),
        ),
        Index("uq_passport_current", "migrant_id", unique=True, postgresql_where=text("is_current")),
        Index(None, "document_index"),
    )  # fmt: skip

    migrant_id: Mapped[UUID] = mapped_column(ForeignKey("migrant.id"), index=True)
    is_current: Mapped[bool] = mapped_column(default=True)
    document_number_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    mrz_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    photo_mrz_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    document_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    issuing_state: Mapped[str | None]
    expires_on: Mapped[date | None]
    photo_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    photo_state: Mapped[PhotoState] = mapped_column(status_type(PhotoState), default=PhotoState.NONE)
    # Whether a portrait and the personal data stand above the lines; None while nobody has looked for them.
    photo_page: Mapped[bool | None]
    verified_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]

    document_number = personal("document_number_sealed")
    mrz = personal("mrz_sealed")
    photo_mrz = personal("photo_mrz_sealed")


class IdentityCheck(Recorded, Base):
    """One verification: which verifier, what it found and why. Reasons are codes, never values."""

    __tablename__ = "identity_check"

    migrant_id: Mapped[UUID] = mapped_column(ForeignKey("migrant.id"), index=True)
    passport_id: Mapped[UUID | None] = mapped_column(ForeignKey("passport.id"))
    verifier: Mapped[str]
    verdict: Mapped[CheckVerdict] = mapped_column(status_type(CheckVerdict))
    score: Mapped[int]
    reasons: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    other_id: Mapped[UUID | None] = mapped_column(ForeignKey("migrant.id"))


class AccessRecovery(Recorded, Base):
    """A lost or borrowed telephone, recovered in person: one officer sees the person, another confirms."""

    __tablename__ = "access_recovery"
    __table_args__ = (CheckConstraint("confirmed_by IS NULL OR confirmed_by <> proposed_by", name="two_officers"),)

    migrant_id: Mapped[UUID] = mapped_column(ForeignKey("migrant.id"), index=True)
    status: Mapped[RecoveryStatus] = mapped_column(status_type(RecoveryStatus), default=RecoveryStatus.PROPOSED)
    evidence: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime | None]
