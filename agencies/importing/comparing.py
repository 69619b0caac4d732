"""The difference report: what the old system's file and this portal say of the same records, while both run."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.importing.kinds.registry import HANDLERS
from agencies.importing.mapping import Facts, facts_of
from agencies.importing.merging import differing
from agencies.importing.models import ImportedRecord
from agencies.importing.reading import read_lines
from agencies.importing.services import ImportFile, chunks, refuse_columns
from agencies.importing.status import ImportKind
from agencies.licensing.models import Licence
from agencies.registration.models import Agency
from core.actor import Actor
from core.errors import DomainError
from core.permissions import Permission
from core.privacy import preload_keys


class Side(StrEnum):
    SAME = "same"
    DIFFERS = "differs"
    ONLY_THERE = "only_there"
    ONLY_HERE = "only_here"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Compared:
    """One record. ``line`` is 0 for what is only here; ``fields`` are the names of what differs."""

    side: Side
    line: int
    key: str
    fields: tuple[str, ...] = ()
    why: str = ""


@dataclass
class Comparison:
    counts: Counter[Side] = field(default_factory=Counter)

    @property
    def alike(self) -> bool:
        return sum(self.counts.values()) == self.counts[Side.SAME]


def compare(session: Session, actor: Actor, command: ImportFile, report: Callable[[Compared], None]) -> Comparison:
    """Read the file against what stands here today; nothing is written.

    Keys of the whole file are kept as short hashes (16 bytes each), all else line by line.
    """
    actor.require(Permission.IMPORT_RUN)
    refuse_columns(command)
    found, seen = Comparison(), set[bytes]()

    def tell(entry: Compared) -> None:
        found.counts[entry.side] += 1
        report(entry)

    for lines in chunks(read_lines(command.path, delimiter=command.mapping.delimiter)):
        facts: list[Facts] = []
        for raw in lines:
            try:
                facts.append(facts_of(command.mapping, command.kind, raw))
            except DomainError as error:
                tell(Compared(Side.UNREADABLE, raw.line, "", why=str(error)))
        for entry in _batch(session, command, facts):
            seen.add(_short(entry.key))
            tell(entry)
        session.expunge_all()
    for key in _only_here(session, command, seen):
        tell(Compared(Side.ONLY_HERE, 0, key))
    return found


def _short(key: str) -> bytes:
    return blake2b(key.encode(), digest_size=16).digest()


def _batch(session: Session, command: ImportFile, facts: list[Facts]) -> list[Compared]:
    records = {
        r.source_key: r
        for r in session.scalars(
            select(ImportedRecord).where(
                ImportedRecord.source == command.mapping.source,
                ImportedRecord.kind == command.kind,
                ImportedRecord.source_key.in_([f.key for f in facts]),
            )
        )
    }
    preload_keys(session, [r.person_key_id for r in records.values()])
    return [_one(session, command.kind, f, records.get(f.key)) for f in facts]


def _one(session: Session, kind: ImportKind, facts: Facts, record: ImportedRecord | None) -> Compared:
    if record is None or record.target_id is None:
        return Compared(Side.ONLY_THERE, facts.line, facts.key)
    ours = HANDLERS[kind].current(session, record, record.target_id)
    fields = differing(ours, facts.all)
    return Compared(Side.DIFFERS if fields else Side.SAME, facts.line, facts.key, fields)


def _only_here(session: Session, command: ImportFile, seen: set[bytes]) -> list[str]:
    """Records of this source that the file no longer names, and agencies or licences that began here."""
    keys = session.scalars(
        select(ImportedRecord.source_key)
        .where(
            ImportedRecord.source == command.mapping.source,
            ImportedRecord.kind == command.kind,
            ImportedRecord.target_id.is_not(None),
        )
        .order_by(ImportedRecord.source_key)
    )
    missing = [key for key in keys if _short(key) not in seen]
    tied = select(ImportedRecord.target_id).where(
        ImportedRecord.kind == command.kind, ImportedRecord.target_id.is_not(None)
    )
    if command.kind is ImportKind.AGENCIES:
        query = select(Agency.reference).where(Agency.listed_at.is_not(None), Agency.id.not_in(tied))
        missing += session.scalars(query.order_by(Agency.reference)).all()
    elif command.kind is ImportKind.LICENCES:
        missing += session.scalars(select(Licence.number).where(Licence.id.not_in(tied)).order_by(Licence.number)).all()
    return missing
