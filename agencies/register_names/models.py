"""Proposed names, and the agencies that each could be taken for."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from agencies.register.models import NameUse
from agencies.register_names.status import NameStatus, Script
from core.db import Base, Recorded, status_type
from core.ids import new_reference


class NameProposal(Recorded, Base):
    """A further name that an agency, or an officer for it, wants in the register.

    ``by_office`` when an officer proposed it. ``register_name_id`` is the public row that it became.
    """

    __tablename__ = "name_proposal"
    __table_args__ = (
        Index(
            "uq_name_proposal_open",
            "agency_id",
            "text",
            unique=True,
            postgresql_where=text("status IN ('proposed', 'stopped', 'in_register')"),
        ),
        Index(None, "status", "created_at"),
        CheckConstraint("text <> ''", name="text_not_empty"),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="maker_is_not_checker"),
        CheckConstraint("decided_by IS NULL OR decided_by <> released_by", name="releaser_is_not_checker"),
        CheckConstraint("released_by IS NULL OR released_by <> proposed_by", name="maker_is_not_releaser"),
        CheckConstraint(
            "status NOT IN ('in_register', 'struck') OR (register_name_id IS NOT NULL AND decided_by IS NOT NULL)",
            name="public_is_decided",
        ),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("RN"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    text: Mapped[str]
    use: Mapped[NameUse] = mapped_column(status_type(NameUse))
    script: Mapped[Script] = mapped_column(status_type(Script))
    status: Mapped[NameStatus] = mapped_column(status_type(NameStatus), default=NameStatus.PROPOSED)
    by_office: Mapped[bool]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    released_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decision_reason: Mapped[str | None]
    register_name_id: Mapped[UUID | None] = mapped_column(ForeignKey("register_name.id"))


class ProposalMatch(Recorded, Base):
    """A listed agency whose name the proposed one could be taken for. Cleared for these two names, it is not raised again."""

    __tablename__ = "name_proposal_match"
    __table_args__ = (
        Index("uq_name_proposal_match_pair", "proposal_id", "other_agency_id", "other_name", unique=True),
    )

    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("name_proposal.id"))
    other_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    other_name: Mapped[str]
    score: Mapped[int]
    codes: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    cleared_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
