"""What the five kinds of records share: a batch of lines, and what a handler answers about one."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.importing.mapping import Facts
from agencies.importing.models import ImportedRecord
from agencies.importing.status import ImportKind, Outcome
from agencies.register_log.services import taken_over
from agencies.registration.models import Agency
from core.actor import Actor
from core.bulk import BulkPeople
from core.errors import DomainError
from core.i18n import _l
from core.ids import new_id
from core.privacy import person_secret, preload_keys

Person = tuple[UUID, bytes]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a line; ``fields`` are the names of what changed."""

    outcome: Outcome
    why: Any = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """This portal has decided since: an officer looks. ``person`` seals what the line says until then."""

    why: str
    agency_id: UUID
    person: Person
    fields: tuple[str, ...]
    standing: bool = False
    target_id: UUID | None = None


ADDED = Result(Outcome.ADDED)


@dataclass
class Batch:
    """Some hundred lines of one run. ``agencies`` leads from an agency's key there to its id and person's key here."""

    session: Session
    actor: Actor
    run_id: UUID
    kind: ImportKind
    source: str
    file_hash: str
    now: datetime
    today: date
    people: BulkPeople
    agencies: dict[str, tuple[UUID, UUID]] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)
    public: defaultdict[date, list[tuple[Any, dict[str, Any]]]] = field(default_factory=lambda: defaultdict(list))
    # The record of a line that two officers have decided to take: nothing is asked again.
    taken: ImportedRecord | None = None

    def record_id(self) -> UUID:
        return self.taken.id if self.taken is not None else new_id()

    def find_agencies(self, keys: Sequence[str]) -> None:
        """Read where the agencies of these keys stand here, with their persons' keys opened."""
        rows = self.session.execute(
            select(ImportedRecord.source_key, Agency.id, Agency.person_key_id)
            .join(Agency, Agency.id == ImportedRecord.target_id)
            .where(
                ImportedRecord.source == self.source,
                ImportedRecord.kind == ImportKind.AGENCIES,
                ImportedRecord.source_key.in_(set(keys)),
            )
        ).all()
        self.agencies = {key: (agency_id, person) for key, agency_id, person in rows}
        preload_keys(self.session, [person for _key, _id, person in rows])

    def agency(self, facts: Facts) -> tuple[UUID, Person]:
        """The agency that a line names.

        :raises DomainError: when it is not here (yet).
        """
        found = self.agencies.get(facts.plain["agency_key"] or "")
        if found is None:
            raise DomainError(
                _l("The agency with this key is not here, or waits for an officer. Import agencies first.")
            )
        secret = person_secret(self.session, found[1])
        if secret is None:
            raise DomainError(_l("This record was erased here."))
        return found[0], (found[1], secret)

    def note(self, facts: Facts, person: Person, *, agency_id: UUID, target_id: UUID | None, record_id: UUID) -> None:
        """Keep where this line came from."""
        if self.taken is not None:
            self.taken.target_id = target_id
            self.renew(self.taken, facts)
            return
        self.people.add(
            ImportedRecord,
            person,
            {"personal_sealed": sealed_text(facts.personal)},
            id=record_id,
            kind=self.kind,
            source=self.source,
            source_key=facts.key,
            agency_id=agency_id,
            target_id=target_id,
            facts=facts.plain,
            fingerprint=facts.fingerprint,
            file_hash=self.file_hash,
            line=facts.line,
            imported_at=self.now,
            imported_by=self.actor.require_account(),
            seen_run_id=self.run_id,
        )

    def renew(self, record: ImportedRecord, facts: Facts) -> None:
        """The record now says what the line says."""
        record.facts, record.fingerprint = facts.plain, facts.fingerprint
        record.personal = sealed_text(facts.personal)
        record.file_hash, record.line = self.file_hash, facts.line
        record.imported_at, record.imported_by = self.now, self.actor.require_account()
        record.seen_run_id = self.run_id

    def add_public(self, day: date, model: Any, **plain: Any) -> None:
        """One row that the register's log tells of as taken over, in effect since that day; it comes after all others."""
        self.public[day].append((model, plain))

    def flush(self) -> None:
        self.people.flush()
        for day in sorted(self.public):
            with taken_over(self.session, day):
                for model, plain in self.public[day]:
                    self.people.add_plain(model, **plain)
                self.people.flush()
        self.public.clear()
        self.session.flush()


def sealed_text(personal: Mapping[str, str | None]) -> str | None:
    """Personal facts as one text to be sealed; None when there are none."""
    return json.dumps(dict(personal), ensure_ascii=False, sort_keys=True) if any(personal.values()) else None


def opened(text: str | None, names: frozenset[str]) -> dict[str, str | None]:
    """Personal facts as they were sealed."""
    found = json.loads(text) if text else {}
    return {name: found.get(name) for name in names}


class Handler(Protocol):
    """One kind of record. ``current`` gives our values in the words of the file, ``write`` changes some of them."""

    def prepare(self, batch: Batch, lines: Sequence[Facts]) -> None: ...

    def add(self, batch: Batch, facts: Facts) -> Result | Conflict: ...

    def current(self, session: Session, record: ImportedRecord, target_id: UUID) -> dict[str, str | None]: ...

    def decided(self, session: Session, record: ImportedRecord, changes: Sequence[str], facts: Facts) -> str | None: ...

    def write(
        self, session: Session, actor: Actor, record: ImportedRecord, changes: Mapping[str, str | None]
    ) -> None: ...
