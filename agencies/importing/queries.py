"""What pages show of imports: marks, conflicts side by side, runs, claims, waiting work."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from agencies.importing import deciding, fields
from agencies.importing.claim_office import came_over
from agencies.importing.claiming import has_owner
from agencies.importing.kinds.base import opened
from agencies.importing.kinds.registry import HANDLERS
from agencies.importing.models import AgencyClaim, ImportConflict, ImportedRecord, ImportRun
from agencies.importing.policies import HeldConflict
from agencies.importing.status import ClaimStatus, ClaimWay, ConflictStatus, ImportKind
from agencies.licensing.forms import SECURITY_TITLES
from agencies.licensing.status import LICENCE_TITLES
from agencies.registration.forms import IDENTIFIER_TITLES
from agencies.registration.models import Agency
from agencies.sanctions.status import KIND_TITLES as SANCTION_KINDS
from agencies.sanctions.status import SANCTION_TITLES
from agencies.security.models import SecurityInstrument
from core.accounts import account_names
from core.i18n import format_date, format_money
from core.listing import AnySelect
from core.money import Money
from core.privacy import preload_keys


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a record came from: shown wherever an officer sees it."""

    source: str
    source_key: str
    line: int
    imported_at: datetime


def marks(session: Session, target_ids: Iterable[UUID]) -> dict[UUID, Mark]:
    """For each record of ours that came from the old register, from where."""
    wanted = list(target_ids)
    if not wanted:
        return {}
    rows = session.execute(
        select(
            ImportedRecord.target_id, ImportedRecord.source, ImportedRecord.source_key, ImportedRecord.line,
            ImportedRecord.imported_at,
        ).where(ImportedRecord.target_id.in_(wanted))
    ).all()  # fmt: skip
    return {target: Mark(source, key, line, at) for target, source, key, line, at in rows if target is not None}


@dataclass(frozen=True, slots=True)
class ImportedSecurity:
    kind: Any
    amount: Money
    bank_name: str
    document_number: str
    guarantee_until: Any


@dataclass(frozen=True, slots=True)
class ImportedPart:
    """What an officer's page of an agency shows of the old register."""

    marks: dict[UUID, Mark]
    securities: tuple[ImportedSecurity, ...]
    conflicts: tuple[ImportConflict, ...]
    claim: AgencyClaim | None
    claimable: bool


def part_of(session: Session, agency_id: UUID, others: Iterable[UUID]) -> ImportedPart:
    """The caller has asked the policy of the agency."""
    open_ = [ConflictStatus.WAITING, ConflictStatus.PROPOSED]
    conflicts = session.scalars(
        select(ImportConflict)
        .where(ImportConflict.agency_id == agency_id, ImportConflict.status.in_(open_))
        .order_by(ImportConflict.created_at)
        .limit(20)
    ).all()
    claim = session.scalars(
        select(AgencyClaim)
        .where(
            AgencyClaim.agency_id == agency_id,
            AgencyClaim.status.in_(
                [ClaimStatus.SEEN, ClaimStatus.HANDED_OVER, ClaimStatus.CLAIMED, ClaimStatus.CHECKED]
            ),
        )
        .order_by(AgencyClaim.created_at.desc())
        .limit(1)
    ).one_or_none()
    over = came_over(session, agency_id)
    return ImportedPart(
        marks(session, [agency_id, *others]),
        _securities(session, agency_id),
        tuple(conflicts),
        claim,
        over
        and not has_owner(session, agency_id)
        and (claim is None or claim.status in (ClaimStatus.CLAIMED, ClaimStatus.CHECKED)),
    )


def _securities(session: Session, agency_id: UUID) -> tuple[ImportedSecurity, ...]:
    rows = session.scalars(
        select(SecurityInstrument)
        .join(ImportedRecord, ImportedRecord.id == SecurityInstrument.imported_record_id)
        .where(ImportedRecord.agency_id == agency_id)
        .order_by(SecurityInstrument.created_at)
        .limit(50)
    ).all()
    preload_keys(session, [r.person_key_id for r in rows])
    return tuple(
        ImportedSecurity(
            r.kind, Money(r.amount_minor, r.currency), r.bank_name or "", r.document_number or "", r.guarantee_until
        )
        for r in rows
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One field: as it was last taken, as it stands here, as the line says. ``differs`` is what is decided on."""

    name: str
    title: Any
    base: str
    ours: str
    theirs: str
    differs: bool


@dataclass(frozen=True, slots=True)
class ConflictPage:
    conflict: ImportConflict
    record: ImportedRecord
    run: ImportRun
    agency: Agency
    sides: tuple[Side, ...]
    names: dict[UUID, str]


def conflict_page(session: Session, held: HeldConflict) -> ConflictPage:
    """A conflict with both values side by side; ours are read now."""
    conflict = held.conflict
    record = session.get_one(ImportedRecord, conflict.record_id)
    preload_keys(session, [record.person_key_id, conflict.person_key_id])
    base = {**record.facts, **opened(record.personal, fields.personal_names(record.kind))} if record.target_id else {}
    target = record.target_id or conflict.target_id
    ours = HANDLERS[record.kind].current(session, record, target) if target else {}
    theirs = deciding.theirs(session, conflict, record).all
    sides = tuple(
        Side(
            f.name, fields.TITLES[f.name], shown(record.kind, base, f.name), shown(record.kind, ours, f.name),
            shown(record.kind, theirs, f.name),
            f.name in conflict.fields,
        )
        for f in fields.FIELDS[record.kind]
        if f.name not in ("source_key", "agency_key")
    )  # fmt: skip
    run = session.get_one(ImportRun, conflict.run_id)
    ids = {conflict.proposed_by, conflict.decided_by, run.run_by} - {None}
    return ConflictPage(conflict, record, run, held.agency, sides, account_names(session, ids))  # type: ignore[arg-type]


def shown(kind: ImportKind, values: dict[str, str | None], name: str) -> str:
    """A value for people: amounts with their decimals, days in the calendar, states in words of the language."""
    value = values.get(name)
    if value is None:
        return ""
    shape = fields.field(kind, name).shape
    if shape is fields.Shape.AMOUNT:
        return format_money(Money(int(value), values.get("currency") or ""))
    if shape is fields.Shape.DAY:
        return format_date(date.fromisoformat(value))
    if shape is fields.Shape.WORD:
        return str(WORDS.get((kind, name), {}).get(value, value))
    return value


WORDS: dict[tuple[ImportKind, str], dict[str, Any]] = {
    (ImportKind.LICENCES, "status"): {s.value: title for s, title in LICENCE_TITLES.items()},
    (ImportKind.DIRECTORS, "identifier_kind"): {k.value: title for k, title in IDENTIFIER_TITLES.items()},
    (ImportKind.SANCTIONS, "kind"): {k.value: title for k, title in SANCTION_KINDS.items()},
    (ImportKind.SANCTIONS, "status"): {s.value: title for s, title in SANCTION_TITLES.items()},
    (ImportKind.SECURITIES, "kind"): {k.value: title for k, title in SECURITY_TITLES.items()},
}


def runs(session: Session, limit: int = 50) -> list[tuple[ImportRun, str]]:
    """The newest runs with who ran them."""
    rows = session.scalars(select(ImportRun).order_by(ImportRun.created_at.desc()).limit(limit)).all()
    names = account_names(session, {r.run_by for r in rows})
    return [(r, names.get(r.run_by, "")) for r in rows]


def conflicts_waiting(agencies: ColumnElement[bool], status: ConflictStatus) -> AnySelect:
    return (
        select(
            ImportConflict.id, ImportConflict.reference, ImportConflict.created_at, ImportConflict.why,
            ImportedRecord.kind, Agency.name.label("agency_name"),
        )
        .join(Agency, Agency.id == ImportConflict.agency_id)
        .join(ImportedRecord, ImportedRecord.id == ImportConflict.record_id)
        .where(ImportConflict.status == status, agencies)
    )  # fmt: skip


def claims_waiting(agencies: ColumnElement[bool], status: ClaimStatus, way: ClaimWay) -> AnySelect:
    return (
        select(
            AgencyClaim.id, AgencyClaim.reference, AgencyClaim.created_at, AgencyClaim.agency_id,
            AgencyClaim.status, Agency.name.label("agency_name"),
        )
        .join(Agency, Agency.id == AgencyClaim.agency_id)
        .where(AgencyClaim.status == status, AgencyClaim.way == way, agencies)
    )  # fmt: skip
