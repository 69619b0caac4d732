"""Reading one file of the old register: every line is added, unchanged, changed, a conflict, or refused with a reason.

One transaction holds the whole file, so that half a file never stands; the caller commits it, or, for a dry run, does not.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from agencies.importing import fields as known
from agencies.importing.kinds.base import ADDED, Batch, Conflict, Handler, Result, opened, sealed_text
from agencies.importing.kinds.registry import HANDLERS
from agencies.importing.mapping import Facts, Mapping, facts_of, missing_columns
from agencies.importing.merging import merge
from agencies.importing.models import ImportConflict, ImportedRecord, ImportRun
from agencies.importing.reading import RawLine, file_hash, header_of, read_lines
from agencies.importing.status import CONFLICT, ConflictStatus, ImportKind, Outcome
from agencies.importing.totals import Difference, Totals
from agencies.security.models import SecurityInstrument
from core import audit
from core.actor import SYSTEM, Actor
from core.bulk import BulkPeople
from core.db import db_now, legal_today
from core.errors import DomainError, TooLate
from core.i18n import _l
from core.ids import new_id
from core.money import Money
from core.permissions import Permission
from core.privacy import person_secret, place_of, preload_keys, seal

BATCH = 500


@dataclass(frozen=True, slots=True)
class ImportFile:
    """``expected`` are the control totals that came with the file."""

    kind: ImportKind
    path: Path
    mapping: Mapping
    expected: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineReport:
    """One line of the report: keys, field names and reasons, never a value."""

    line: int
    key: str
    result: Result


@dataclass
class Summary:
    """What the whole file came to. ``run`` is None when the control totals stopped it: then nothing was written."""

    kind: ImportKind
    source: str
    file_hash: str
    totals: dict[str, str] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    counts: Counter[Outcome] = field(default_factory=Counter)
    run: UUID | None = None
    reconciled: dict[str, str] = field(default_factory=dict)


Report = Callable[[LineReport], None]


def run_import(
    session: Session,
    actor: Actor,
    command: ImportFile,
    report: Report,
    progress: Callable[[int], None] = lambda _n: None,
) -> Summary:
    """Read a file and write what it says. The session forgets the records that it held: ids stay good, objects do not.

    :raises Denied: to who may not bring in the old register.
    :raises DomainError: when the file or its columns can't be read at all.
    :raises TooLate: while another import runs.
    """
    actor.require(Permission.IMPORT_RUN)
    session.flush()
    _alone(session)
    summary = Summary(command.kind, command.mapping.source, file_hash(command.path))
    refuse_columns(command)
    totals = control(command)
    summary.totals, summary.differences = totals.all(), totals.differences(command.expected)
    if summary.differences:
        return summary
    run = ImportRun(
        kind=command.kind, source=summary.source, file_hash=summary.file_hash, run_by=actor.require_account(), counts={},
        totals=summary.totals,
    )  # fmt: skip
    session.add(run)
    session.flush()
    summary.run = run.id
    seen: dict[str, Any] = {}
    for lines in chunks(read_lines(command.path, delimiter=command.mapping.delimiter)):
        batch = Batch(
            session, actor, run.id, command.kind, summary.source, summary.file_hash, db_now(session), legal_today(session),
            BulkPeople(session), seen=seen,
        )  # fmt: skip
        for line in take(batch, command.mapping, lines):
            summary.counts[line.result.outcome] += 1
            report(line)
        progress(sum(summary.counts.values()))
        # Memory stays flat however long the file is.
        session.expunge_all()
    _finish(session, actor, summary)
    return summary


def _alone(session: Session) -> None:
    free = session.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('openpassage.import'))"))
    if not free:
        raise TooLate(_l("Another import runs now. Try again when it is done."))


def refuse_columns(command: ImportFile) -> None:
    """
    :raises DomainError: naming columns or needed fields that are not in the file.
    """
    header = header_of(command.path, delimiter=command.mapping.delimiter)
    lacking = missing_columns(command.mapping, command.kind, header)
    if lacking:
        raise DomainError(_l("The file or its mapping lacks: %(names)s.", names=", ".join(lacking)))


def control(command: ImportFile) -> Totals:
    """The file's own totals, before anything is written."""
    totals = Totals()
    for raw in read_lines(command.path, delimiter=command.mapping.delimiter):
        try:
            totals.count(command.kind, facts_of(command.mapping, command.kind, raw))
        except DomainError:
            totals.count(command.kind, None)
    return totals


def chunks(lines: Iterator[RawLine]) -> Iterator[list[RawLine]]:
    while part := list(islice(lines, BATCH)):
        yield part


def take(batch: Batch, mapping: Mapping, lines: Sequence[RawLine]) -> list[LineReport]:
    """One batch: what is known already is read at once, then each line by itself."""
    read: list[Facts | LineReport] = []
    for raw in lines:
        try:
            read.append(facts_of(mapping, batch.kind, raw))
        except DomainError as error:
            read.append(LineReport(raw.line, "", Result(Outcome.REFUSED, error.message)))
    facts = [f for f in read if isinstance(f, Facts)]
    records = _records(batch, facts)
    handler = HANDLERS[batch.kind]
    if batch.kind is not ImportKind.AGENCIES:
        batch.find_agencies([f.plain["agency_key"] or "" for f in facts])
    handler.prepare(batch, [f for f in facts if f.key not in records])
    conflicts = _open_conflicts(batch, records)
    here: set[str] = set()
    found: list[LineReport] = []
    unchanged: list[UUID] = []
    for entry in read:
        if isinstance(entry, LineReport):
            found.append(entry)
            continue
        result = _one(batch, handler, entry, records.get(entry.key), conflicts, here)
        here.add(entry.key)
        if entry.key in records and result.outcome is Outcome.UNCHANGED:
            unchanged.append(records[entry.key].id)
        found.append(LineReport(entry.line, entry.key, result))
    batch.flush()
    if unchanged:
        batch.session.execute(
            update(ImportedRecord).where(ImportedRecord.id.in_(unchanged)).values(seen_run_id=batch.run_id)
        )
    return found


def _records(batch: Batch, facts: Sequence[Facts]) -> dict[str, ImportedRecord]:
    rows = batch.session.scalars(
        select(ImportedRecord).where(
            ImportedRecord.source == batch.source,
            ImportedRecord.kind == batch.kind,
            ImportedRecord.source_key.in_([f.key for f in facts]),
        )
    ).all()
    return {r.source_key: r for r in rows}


def _open_conflicts(batch: Batch, records: dict[str, ImportedRecord]) -> dict[UUID, ImportConflict]:
    rows = batch.session.scalars(
        select(ImportConflict).where(
            ImportConflict.record_id.in_([r.id for r in records.values()]),
            ImportConflict.status.in_([ConflictStatus.WAITING, ConflictStatus.PROPOSED]),
        )
    ).all()
    return {c.record_id: c for c in rows}


def _one(
    batch: Batch,
    handler: Handler,
    facts: Facts,
    record: ImportedRecord | None,
    conflicts: dict[UUID, ImportConflict],
    here: set[str],
) -> Result:
    try:
        if facts.key in here or (record is not None and record.seen_run_id == batch.run_id):
            raise DomainError(_l("This key stands in the file twice; the first line counts."))
        if record is None:
            return _new(batch, handler, facts)
        if facts.plain.get("agency_key") != record.facts.get("agency_key"):
            raise DomainError(_l("This record belonged to another agency before. Give it a key of its own."))
        return _known(batch, handler, facts, record, conflicts.get(record.id))
    except DomainError as error:
        return Result(Outcome.REFUSED, error.message)


def _new(batch: Batch, handler: Handler, facts: Facts) -> Result:
    answer = handler.add(batch, facts)
    if isinstance(answer, Result):
        return answer
    record_id = new_id()
    batch.note(facts, answer.person, agency_id=answer.agency_id, target_id=None, record_id=record_id)
    return _wait(batch, facts, answer, record_id)


def _known(
    batch: Batch, handler: Handler, facts: Facts, record: ImportedRecord, waiting: ImportConflict | None
) -> Result:
    if waiting is not None and waiting.theirs_fingerprint == facts.fingerprint:
        return _seen(
            batch, record, Result(Outcome.CONFLICT, _l("Waits for an officer already."), tuple(waiting.fields))
        )
    if record.fingerprint == facts.fingerprint and waiting is None:
        return Result(Outcome.UNCHANGED)
    if waiting is not None:
        CONFLICT.apply(batch.session, waiting, "supersede", actor=SYSTEM, evidence={"run_id": batch.run_id})
    if record.target_id is None:
        return _seen(batch, record, _still_out(batch, handler, facts, record))
    names = known.personal_names(batch.kind)
    preload_keys(batch.session, [record.person_key_id])
    base = {**record.facts, **opened(record.personal, names)}
    ours = handler.current(batch.session, record, record.target_id)
    found = merge(base, ours, facts.all)
    if not found.fields:
        batch.renew(record, facts)
        return Result(Outcome.UNCHANGED, _l("Both say the same."))
    standing = bool(set(found.fields) & known.standing_names(batch.kind))
    why = handler.decided(batch.session, record, found.fields, facts) or ("changed_here" if found.clashes else None)
    if why is not None:
        clash = Conflict(why, _agency_of(record), _person(batch, record), found.fields, standing, record.target_id)
        return _seen(batch, record, _wait(batch, facts, clash, record.id))
    with batch.session.begin_nested():
        handler.write(batch.session, batch.actor, record, {f: facts.all[f] for f in found.changes})
        batch.session.flush()
    batch.renew(record, facts)
    return Result(Outcome.CHANGED, fields=found.changes)


def _still_out(batch: Batch, handler: Handler, facts: Facts, record: ImportedRecord) -> Result:
    """A line that an officer kept out, or that waited, says something new: it waits (again)."""
    clash = Conflict(
        "kept_out_before", _agency_of(record), _person(batch, record), tuple(facts.all),
        bool(known.standing_names(batch.kind)), None,
    )  # fmt: skip
    return _wait(batch, facts, clash, record.id)


def _agency_of(record: ImportedRecord) -> UUID:
    assert record.agency_id is not None
    return record.agency_id


def _person(batch: Batch, record: ImportedRecord) -> tuple[UUID, bytes]:
    secret = person_secret(batch.session, record.person_key_id)
    if secret is None:
        raise DomainError(_l("This record was erased here."))
    return record.person_key_id, secret


def _seen(batch: Batch, record: ImportedRecord, result: Result) -> Result:
    record.seen_run_id = batch.run_id
    return result


def _wait(batch: Batch, facts: Facts, clash: Conflict, record_id: UUID) -> Result:
    conflict_id = new_id()
    hidden = sealed_text(facts.personal)
    place = place_of(ImportConflict.__tablename__, "theirs_personal_sealed", conflict_id)
    batch.flush()
    batch.session.add(
        ImportConflict(
            id=conflict_id, person_key_id=clash.person[0], record_id=record_id, run_id=batch.run_id,
            agency_id=clash.agency_id, target_id=clash.target_id, why=clash.why, standing=clash.standing,
            fields=list(clash.fields), line=facts.line, file_hash=batch.file_hash, theirs=facts.plain,
            theirs_fingerprint=facts.fingerprint,
            theirs_personal_sealed=seal(clash.person[1], place, hidden) if hidden else None,
        )
    )  # fmt: skip
    batch.session.flush()
    return Result(Outcome.CONFLICT, REASONS[clash.why], clash.fields)


REASONS = {
    "changed_here": _l("This was changed here and there since it was taken over."),
    "same_company_number": _l("An agency with this company number is here already."),
    "director_here_already": _l("A director with this identity paper is with the agency already, with other facts."),
    "director_taken_off": _l("This director was taken off the list here."),
    "licence_decided_here": _l("This portal has decided on the licence or its agency since."),
    "licensed_here": _l("The agency has a licence that was issued here."),
    "cancelled_comes_back": _l("A licence that was cancelled or given up would come back."),
    "licensed_since_the_order": _l("This portal has licensed the agency, or decided on it, since."),
    "lifts_a_sanction": _l("The line would lift a sanction. Two officers decide on that."),
    "security_dealt_with_here": _l("Officers or the calendar have dealt with this bank paper here since."),
    "sanction_ended_here": _l("This sanction was ended here."),
    "kept_out_before": _l("This line waited, or was kept out by an officer, and says something new now."),
}


def _finish(session: Session, actor: Actor, summary: Summary) -> None:
    """Write the run's counts, look whether the records agree with the lines, and leave one row in the log."""
    counts = {str(o): summary.counts[o] for o in Outcome}
    there = session.execute(
        select(func.count(), func.count(ImportedRecord.target_id)).where(ImportedRecord.seen_run_id == summary.run)
    ).one()
    summary.reconciled = {
        "lines_read": str(sum(counts.values())),
        "records_of_this_file": str(there[0]),
        "records_in_force_here": str(there[1]),
        "lines_refused": str(counts["refused"]),
        # Every line is a record or was refused, and was read twice alike.
        "difference": str(int(summary.totals["rows"]) - there[0] - counts["refused"]),
        **_sums_here(session, summary),
    }
    session.execute(
        update(ImportRun)
        .where(ImportRun.id == summary.run)
        .values(counts=counts, totals={**summary.totals, **summary.reconciled})
    )
    audit.record(
        session, actor, subject=("import_run", summary.run), action="import",
        evidence={
            "kind": summary.kind, "source": summary.source, "sha256": summary.file_hash, "counts": counts,
            "totals": summary.totals,
        },
    )  # fmt: skip
    session.flush()


def _sums_here(session: Session, summary: Summary) -> dict[str, str]:
    """What the records of this file come to here, to be held against the file's own sums: what was refused, waits, or
    was kept as ours makes the difference."""
    rows = session.execute(
        select(SecurityInstrument.currency, func.sum(SecurityInstrument.amount_minor))
        .join(ImportedRecord, ImportedRecord.target_id == SecurityInstrument.id)
        .where(ImportedRecord.seen_run_id == summary.run)
        .group_by(SecurityInstrument.currency)
    ).all()
    return {f"sum_here:amount:{code}": str(Money(int(minor), code).to_decimal()) for code, minor in rows}


__all__ = ["ADDED", "BATCH", "HANDLERS", "ImportFile", "LineReport", "Summary", "run_import"]
