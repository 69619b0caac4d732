"""Employment contracts as data, every version kept."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contracts.employment.comparison import Level
from contracts.employment.status import ContractStatus, Place
from contracts.sides import Side
from core.db import Base, Recorded, status_type
from core.ids import new_reference


class EmploymentContract(Recorded, Base):
    """The contract of one migrant under one job order. Terms worse than promised can be shown, never registered.

    ``lodged_for`` is the side that lodged it last; ``lapses_on`` the last day for whoever has to act, none where nobody of the
    parties has to; ``lapse_warned_for`` the last day that was warned of.
    """

    __tablename__ = "employment_contract"
    __table_args__ = (
        CheckConstraint("status <> 'registered' OR (accepted_at IS NOT NULL AND accepted_sha256 = terms_sha256)", name="accepted"),
        CheckConstraint("status <> 'registered' OR worst NOT IN ('worse', 'critical')", name="not_worse"),
        CheckConstraint("registered_by IS NULL OR registered_by <> lodged_by", name="two_people"),
        CheckConstraint("registered_by IS NULL OR registered_by <> witnessed_by", name="witness"),
        Index(
            "uq_contract_open", "migrant_id", unique=True,
            postgresql_where=text("status NOT IN ('declined', 'ended', 'returned', 'withdrawn', 'lapsed')"),
        ),
        Index(None, "status", "accepted_at"),
        Index(None, "status", "lapses_on"),
    )  # fmt: skip

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("CT"))
    status: Mapped[ContractStatus] = mapped_column(status_type(ContractStatus), default=ContractStatus.LODGED)
    place: Mapped[Place] = mapped_column(status_type(Place), default=Place.NONE, server_default="none")
    migrant_id: Mapped[UUID] = mapped_column(ForeignKey("migrant.id"), index=True)
    job_order_id: Mapped[UUID] = mapped_column(ForeignKey("job_order.id"), index=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    terms_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    differences: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    law_results: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    worst: Mapped[Level] = mapped_column(status_type(Level), default=Level.SAME)
    lodged_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    lodged_for: Mapped[Side] = mapped_column(status_type(Side))
    shown_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    accepted_locale: Mapped[str | None]
    witnessed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    witnessed_at: Mapped[datetime | None]
    registered_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    registered_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    lapses_on: Mapped[date | None]
    lapse_warned_for: Mapped[date | None]


class ContractVersion(Recorded, Base):
    """Terms that a contract had before they were changed."""

    __tablename__ = "contract_version"
    __table_args__ = (Index("uq_contract_version", "contract_id", "version", unique=True),)

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("employment_contract.id"))
    version: Mapped[int]
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    terms_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    replaced_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
