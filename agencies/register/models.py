"""What the register keeps for itself: changes, further names, names that look like another's."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Recorded, status_type


class NameUse(StrEnum):
    """Why an agency stands in the register under a further name."""

    OTHER_SCRIPT = "other_script"
    SHORT = "short"
    FORMER = "former"
    TRADE = "trade"


class RegisterChange(Base):
    """Written by database triggers on agency, licence, sanction and register_name, so that no writer can forget it; each
    row is also told to whoever listens (``NOTIFY register_change``).

    Count and highest id of the rows that a process can see are the register's version: rows commit out of order, but
    each commit changes the pair. Old rows are swept at night.
    """

    __tablename__ = "register_change"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)


class RegisterName(Recorded, Base):
    """A further name under which the public finds an agency. A former name is written by a trigger when it changes."""

    __tablename__ = "register_name"
    __table_args__ = (
        CheckConstraint("text <> ''", name="text_not_empty"),
        Index(
            "uq_register_name_current", "agency_id", "text", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
    )  # fmt: skip

    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    text: Mapped[str]
    use: Mapped[NameUse] = mapped_column(status_type(NameUse))
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]


class NameMatch(Recorded, Base):
    """An application whose agency has a name that could be taken for a listed agency's. Cleared for these two names, it is
    not raised again."""

    __tablename__ = "name_match"
    __table_args__ = (
        Index("uq_name_match_pair", "application_id", "other_agency_id", "name", "other_name", unique=True),
    )

    application_id: Mapped[UUID] = mapped_column(ForeignKey("licence_application.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    other_agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"))
    name: Mapped[str]
    other_name: Mapped[str]
    score: Mapped[int]
    codes: Mapped[list[str]] = mapped_column(JSONB, default=list)
    cleared_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
