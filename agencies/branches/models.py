"""Branches, representatives, and the cards that they show."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Sequence, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agencies.branches.status import MoveKind, MoveStatus, PresenceKind, PresenceStatus
from agencies.registration.status import IdentifierKind
from core.db import Base, Recorded, status_type
from core.ids import new_reference
from core.privacy import Encrypted, HasPersonKey, personal

CARD_SERIAL = Sequence("presence_card_serial", metadata=Base.metadata)


class Presence(HasPersonKey, Recorded, Base):
    """A branch with the person who leads it, or a representative. One principal only, who answers for what they do.

    ``country`` is empty at home, else ISO 3166-1 alpha-2. ``law`` holds the rows that were asked.
    """

    __tablename__ = "agency_presence"
    __table_args__ = (
        Index(
            "uq_agency_presence_representative",
            "identifier_index",
            unique=True,
            postgresql_where=text("kind = 'representative' AND status <> 'removed'"),
        ),
        Index(None, "status", "created_at"),
        CheckConstraint("activated_by IS NULL OR activated_by <> verified_by", name="maker_is_not_checker"),
        CheckConstraint("status NOT IN ('active', 'suspended') OR activated_by IS NOT NULL", name="active_is_decided"),
        CheckConstraint("(suspended_by IS NULL) = (suspended_until IS NULL)", name="one_officer_for_a_time"),
        CheckConstraint("suspended_until IS NULL OR status = 'suspended'", name="time_of_a_suspension"),
        CheckConstraint("deposit_minor IS NULL OR deposit_minor >= 0", name="deposit_not_negative"),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("BR"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    kind: Mapped[PresenceKind] = mapped_column(status_type(PresenceKind))
    status: Mapped[PresenceStatus] = mapped_column(status_type(PresenceStatus), default=PresenceStatus.PROPOSED)
    due_on: Mapped[date | None]
    """By when the office has to act; None while nothing waits for it."""
    country: Mapped[str] = mapped_column(default="")
    place: Mapped[str]
    identifier_kind: Mapped[IdentifierKind] = mapped_column(status_type(IdentifierKind))
    identifier_index: Mapped[bytes] = mapped_column(LargeBinary)
    name_sealed: Mapped[bytes] = mapped_column(Encrypted())
    identifier_sealed: Mapped[bytes] = mapped_column(Encrypted())
    birth_date_sealed: Mapped[bytes] = mapped_column(Encrypted())
    phone_sealed: Mapped[bytes] = mapped_column(Encrypted())
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    verified_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    activated_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    suspended_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    """The one officer of a suspension that lapses; None for one by two officers, or by the portal."""
    suspended_until: Mapped[date | None]
    lapsed_on: Mapped[date | None]
    """When a suspension by one officer lapsed and no two have decided since: one officer alone makes no second one."""
    deposit_currency: Mapped[str | None]
    deposit_minor: Mapped[int | None]
    deposit_reference: Mapped[str | None]
    law: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)

    name = personal("name_sealed")
    identifier = personal("identifier_sealed")
    birth_date = personal("birth_date_sealed")
    phone = personal("phone_sealed")


class PresenceMove(Recorded, Base):
    """What one officer proposed for a branch or representative, and what another one decided."""

    __tablename__ = "presence_move"
    __table_args__ = (
        Index("uq_presence_move_open", "presence_id", unique=True, postgresql_where=text("status = 'proposed'")),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="maker_is_not_checker"),
        CheckConstraint("status NOT IN ('done', 'rejected') OR decided_by IS NOT NULL", name="decided_by_somebody"),
    )

    presence_id: Mapped[UUID] = mapped_column(ForeignKey("agency_presence.id"), index=True)
    kind: Mapped[MoveKind] = mapped_column(status_type(MoveKind))
    status: Mapped[MoveStatus] = mapped_column(status_type(MoveStatus), default=MoveStatus.PROPOSED)
    due_on: Mapped[date | None]
    reason: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decision_reason: Mapped[str | None]


class PresenceCard(Recorded, Base):
    """A card with its signed token. A new one replaces the one before; ``revoked_on`` is the day from which it is void."""

    __tablename__ = "presence_card"
    __table_args__ = (
        Index("uq_presence_card_open", "presence_id", unique=True, postgresql_where=text("revoked_on IS NULL")),
        Index(None, "valid_until"),
        CheckConstraint("valid_until > issued_on", name="validity"),
    )

    presence_id: Mapped[UUID] = mapped_column(ForeignKey("agency_presence.id"))
    number: Mapped[str] = mapped_column(unique=True)
    issued_on: Mapped[date]
    valid_until: Mapped[date]
    token: Mapped[str]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    issued_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    revoked_on: Mapped[date | None]
