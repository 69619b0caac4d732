"""What officers do with a conflict: keep our value, or take the old register's; a standing changes by two of them."""

from uuid import UUID

from sqlalchemy.orm import Session

from agencies.importing import fields as known
from agencies.importing.kinds.base import Batch, Result, opened
from agencies.importing.kinds.registry import HANDLERS
from agencies.importing.mapping import Facts
from agencies.importing.models import ImportConflict, ImportedRecord
from agencies.importing.policies import HeldConflict, lock_conflict
from agencies.importing.status import CONFLICT, ImportKind
from core.actor import Actor
from core.bulk import BulkPeople
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, TooLate
from core.i18n import _l
from core.permissions import Permission
from core.privacy import preload_keys


def keep(session: Session, actor: Actor, conflict_id: UUID, reason: str) -> ImportConflict:
    """Our value stays; the same line does not ask again."""
    held = lock_conflict(session, actor, conflict_id, Permission.LICENCE_REVIEW)
    conflict = held.conflict
    CONFLICT.apply(session, conflict, "keep", actor=actor, reason=reason, evidence=_evidence(conflict))
    _decided(session, actor, conflict, reason)
    batch, record = _batch(session, actor, held)
    # An agency or a director that stands here already is tied to its line; nothing else changes.
    record.target_id = record.target_id or conflict.target_id
    batch.renew(record, theirs(session, conflict, record))
    session.flush()
    return conflict


def take(session: Session, actor: Actor, conflict_id: UUID, reason: str) -> ImportConflict:
    """The old register's value is taken at once: it touches no standing.

    :raises DomainError: where it does: then a second officer is needed.
    """
    held = lock_conflict(session, actor, conflict_id, Permission.LICENCE_REVIEW)
    if held.conflict.standing:
        raise DomainError(_l("This changes what the agency may do. Propose it; a second officer confirms."))
    CONFLICT.apply(session, held.conflict, "take", actor=actor, reason=reason, evidence=_evidence(held.conflict))
    _decided(session, actor, held.conflict, reason)
    _write(session, actor, held)
    return held.conflict


def propose(session: Session, actor: Actor, conflict_id: UUID, reason: str) -> ImportConflict:
    """One officer proposes to take the old register's value. Nothing changes yet.

    :raises DomainError: where one officer is enough.
    """
    held = lock_conflict(session, actor, conflict_id, Permission.LICENCE_REVIEW)
    if not held.conflict.standing:
        raise DomainError(_l("This touches no standing: take it, or keep ours."))
    CONFLICT.apply(session, held.conflict, "propose", actor=actor, reason=reason, evidence=_evidence(held.conflict))
    held.conflict.proposed_by, held.conflict.proposed_reason = actor.require_account(), reason
    session.flush()
    return held.conflict


def confirm(session: Session, actor: Actor, conflict_id: UUID, reason: str) -> ImportConflict:
    """The second officer confirms: the old register's value stands here now.

    :raises Denied: to the officer who proposed it.
    """
    held = lock_conflict(session, actor, conflict_id, Permission.LICENCE_APPROVE)
    conflict = held.conflict
    _refuse_proposer(actor, conflict)
    if not CONFLICT.allows(conflict.status, "confirm"):
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    # The check in the table wants the second officer before the status moves.
    _decided(session, actor, conflict, reason, flush=False)
    with session.no_autoflush:
        CONFLICT.apply(session, conflict, "confirm", actor=actor, reason=reason, evidence=_evidence(conflict))
    _write(session, actor, held)
    return conflict


def reject(session: Session, actor: Actor, conflict_id: UUID, reason: str) -> ImportConflict:
    """The second officer does not agree: the conflict waits again.

    :raises Denied: to the officer who proposed it.
    """
    held = lock_conflict(session, actor, conflict_id, Permission.LICENCE_APPROVE)
    _refuse_proposer(actor, held.conflict)
    CONFLICT.apply(session, held.conflict, "reject", actor=actor, reason=reason, evidence=_evidence(held.conflict))
    held.conflict.proposed_by = held.conflict.proposed_reason = None
    session.flush()
    return held.conflict


ACTIONS = {"keep": keep, "take": take, "propose": propose, "confirm": confirm, "reject": reject}


def _refuse_proposer(actor: Actor, conflict: ImportConflict) -> None:
    if conflict.proposed_by == actor.account_id:
        raise Denied(_l("You proposed this. Another officer must decide it."))


def _evidence(conflict: ImportConflict) -> dict[str, object]:
    return {
        "record_id": conflict.record_id, "why": conflict.why, "fields": conflict.fields, "sha256": conflict.file_hash,
        "line": conflict.line,
    }  # fmt: skip


def _decided(session: Session, actor: Actor, conflict: ImportConflict, reason: str, *, flush: bool = True) -> None:
    conflict.decided_by, conflict.decided_at = actor.require_account(), db_now(session)
    conflict.decision_reason = reason.strip()
    if flush:
        session.flush()


def theirs(session: Session, conflict: ImportConflict, record: ImportedRecord) -> Facts:
    """The line that waited, as it was read."""
    preload_keys(session, [conflict.person_key_id])
    personal = opened(conflict.theirs_personal, known.personal_names(record.kind))
    return Facts(record.source_key, conflict.line, dict(conflict.theirs), personal)


def _batch(session: Session, actor: Actor, held: HeldConflict) -> tuple[Batch, ImportedRecord]:
    """A batch of one line, for the decision."""
    conflict = held.conflict
    record = session.get_one(ImportedRecord, conflict.record_id, with_for_update=True, populate_existing=True)
    batch = Batch(
        session, actor, conflict.run_id, record.kind, record.source, conflict.file_hash, db_now(session),
        legal_today(session), BulkPeople(session),
    )  # fmt: skip
    return batch, record


def _write(session: Session, actor: Actor, held: HeldConflict) -> None:
    """Take the line over. The log names the decision; the record names the line that it rests on."""
    batch, record = _batch(session, actor, held)
    handler, facts = HANDLERS[record.kind], theirs(session, held.conflict, record)
    target = record.target_id or held.conflict.target_id
    if target is not None:
        record.target_id = target
        changes = {f: facts.all[f] for f in held.conflict.fields}
        handler.write(session, actor, record, changes)
        batch.renew(record, facts)
        session.flush()
        return
    if record.kind is ImportKind.AGENCIES:
        raise DomainError(_l("There is nothing here to put it to. Read the file again."))
    batch.find_agencies([facts.plain["agency_key"] or ""])
    batch.taken = record
    handler.prepare(batch, [facts])
    answer = handler.add(batch, facts)
    batch.flush()
    if not isinstance(answer, Result):
        raise DomainError(_l("This can’t be taken as it stands. Read the file again."))
