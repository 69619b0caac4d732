"""What came from the old register: runs, one record for each line, conflicts, and claims of imported agencies."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Sequence, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from agencies.importing.status import ClaimStatus, ClaimWay, ConflictStatus, ImportKind
from core.db import Base, Recorded, status_type
from core.ids import new_reference
from core.privacy import Encrypted, HasPersonKey, personal

IMPORTED_SERIAL = Sequence("imported_licence_serial", metadata=Base.metadata)


class ImportRun(Recorded, Base):
    """One file, read and written once. ``totals`` and ``counts`` are what the report said."""

    __tablename__ = "import_run"

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("IM"))
    kind: Mapped[ImportKind] = mapped_column(status_type(ImportKind))
    source: Mapped[str]
    file_hash: Mapped[str]
    run_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    counts: Mapped[dict[str, Any]]
    totals: Mapped[dict[str, Any]]


class ImportedRecord(HasPersonKey, Recorded, Base):
    """One line of the old register as it was last taken, or decided on, here.

    ``target_id`` is our record of it (agency, licence, director, sanction, security); None while a conflict has kept it
    out. ``facts`` hold nothing personal; the rest is sealed as JSON. ``fingerprint`` is a keyed hash over both.
    """

    __tablename__ = "imported_record"
    __table_args__ = (
        Index("uq_imported_record_key", "source", "kind", "source_key", unique=True),
        Index(None, "target_id"),
        Index(None, "agency_id"),
    )

    kind: Mapped[ImportKind] = mapped_column(status_type(ImportKind))
    source: Mapped[str]
    source_key: Mapped[str]
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))
    target_id: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]]
    personal_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    file_hash: Mapped[str]
    line: Mapped[int]
    imported_at: Mapped[datetime]
    imported_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    seen_run_id: Mapped[UUID] = mapped_column(ForeignKey("import_run.id"))

    personal = personal("personal_sealed")


class ImportConflict(HasPersonKey, Recorded, Base):
    """A line that says otherwise than this portal, which has decided since. ``fields`` names what differs.

    ``standing`` conflicts touch what an agency may do: taking the old value needs a second officer.
    """

    __tablename__ = "import_conflict"
    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="maker_is_not_checker"),
        CheckConstraint(
            "status <> 'taken' OR NOT standing OR (proposed_by IS NOT NULL AND decided_by IS NOT NULL)", name="standing_by_two"
        ),
        Index(
            "uq_import_conflict_open", "record_id", unique=True, postgresql_where=text("status IN ('waiting', 'proposed')")
        ),
        Index(None, "status", "created_at"),
    )  # fmt: skip

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("IC"))
    record_id: Mapped[UUID] = mapped_column(ForeignKey("imported_record.id"))
    run_id: Mapped[UUID] = mapped_column(ForeignKey("import_run.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    target_id: Mapped[UUID | None]
    status: Mapped[ConflictStatus] = mapped_column(status_type(ConflictStatus), default=ConflictStatus.WAITING)
    why: Mapped[str]
    standing: Mapped[bool]
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    line: Mapped[int]
    file_hash: Mapped[str]
    theirs_fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    theirs: Mapped[dict[str, Any]]
    theirs_personal_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    proposed_reason: Mapped[str | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]

    theirs_personal = personal("theirs_personal_sealed")


class AgencyClaim(HasPersonKey, Recorded, Base):
    """Somebody says that an imported agency is theirs. A request is kept the same whether it is known here or not."""

    __tablename__ = "agency_claim"
    __table_args__ = (
        CheckConstraint("way <> 'office' OR seen_by IS NOT NULL", name="office_has_seen"),
        CheckConstraint("handed_over_by IS NULL OR handed_over_by <> seen_by", name="maker_is_not_checker"),
        CheckConstraint("status <> 'handed_over' OR handed_over_by IS NOT NULL", name="handed_over_by_somebody"),
        Index(None, "status", "created_at"),
        Index(
            "uq_agency_claim_office",
            "agency_id",
            unique=True,
            postgresql_where=text("way = 'office' AND status IN ('seen', 'handed_over')"),
        ),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("CL"))
    way: Mapped[ClaimWay] = mapped_column(status_type(ClaimWay))
    status: Mapped[ClaimStatus] = mapped_column(status_type(ClaimStatus), default=ClaimStatus.ASKED)
    agency_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"), index=True)
    number_asked: Mapped[str | None]
    contact_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    expires_at: Mapped[datetime | None]
    seen_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    evidence: Mapped[str | None]
    handed_over_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    claimed_at: Mapped[datetime | None]
    checked_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))

    contact = personal("contact_sealed")
