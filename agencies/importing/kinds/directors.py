"""Directors of the old register, as persons: a blacklisted one is found again under another agency."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.importing.kinds.base import ADDED, Batch, Conflict, Result
from agencies.importing.mapping import Facts
from agencies.importing.merging import differing
from agencies.importing.models import ImportedRecord
from agencies.importing.status import Outcome
from agencies.registration.models import AgencyDirector
from agencies.registration.services import identifier_index, name_hashes
from agencies.registration.status import IdentifierKind
from agencies.sanctions.models import BlacklistedPerson, Sanction
from agencies.sanctions.status import SanctionKind, SanctionStatus
from core.actor import Actor
from core.i18n import _l
from core.ids import new_id
from core.privacy import blind_index, preload_keys

SEALED = ("name", "identifier", "birth_date", "phone", "email")
HERE_ALREADY, TAKEN_OFF = "director_here_already", "director_taken_off"


def indexes(values: Mapping[str, str | None]) -> dict[str, object]:
    """The keyed hashes by which a director is found again."""
    kind = IdentifierKind(values["identifier_kind"] or "")
    phone, email = values["phone"], values["email"]
    return {
        "identifier_index": identifier_index(kind, values["identifier"] or ""),
        "birth_index": blind_index("director.birth", values["birth_date"] or ""),
        "phone_index": blind_index("phone", phone) if phone else None,
        "email_index": blind_index("email", email) if email else None,
        "name_hashes": name_hashes(values["name"] or ""),
    }


class Directors:
    def prepare(self, batch: Batch, lines: Sequence[Facts]) -> None:
        ids = [found[0] for found in batch.agencies.values()]
        rows = batch.session.execute(
            select(AgencyDirector.agency_id, AgencyDirector.identifier_index, AgencyDirector.id).where(
                AgencyDirector.agency_id.in_(ids)
            )
        ).all()
        batch.seen["directors"] = {(agency, index): director for agency, index, director in rows}
        listed = batch.session.execute(
            select(Sanction.agency_id, Sanction.id).where(
                Sanction.agency_id.in_(ids),
                Sanction.kind == SanctionKind.BLACKLISTING,
                Sanction.status == SanctionStatus.IN_FORCE,
            )
        ).all()
        batch.seen["listed"] = listed

    def add(self, batch: Batch, facts: Facts) -> Result | Conflict:
        agency_id, _agency_person = batch.agency(facts)
        values = facts.all
        found = indexes(values)
        here = batch.seen["directors"].get((agency_id, found["identifier_index"]))
        if here is not None:
            return self._here(batch, facts, agency_id, here)
        director_id, person = new_id(), batch.people.person()
        batch.people.add(
            AgencyDirector,
            person,
            {f"{n}_sealed": values[n] for n in SEALED},
            id=director_id,
            agency_id=agency_id,
            identifier_kind=IdentifierKind(values["identifier_kind"] or ""),
            **found,
        )
        batch.note(facts, person, agency_id=agency_id, target_id=director_id, record_id=batch.record_id())
        batch.seen["directors"][(agency_id, found["identifier_index"])] = director_id
        for agency, sanction_id in batch.seen["listed"]:
            if agency == agency_id:
                batch.people.add_plain(BlacklistedPerson, sanction_id=sanction_id, director_id=director_id)
        return ADDED

    def _here(self, batch: Batch, facts: Facts, agency_id: UUID, director_id: UUID) -> Result | Conflict:
        """The same identity paper stands with the agency already: the same facts are tied to it, others wait."""
        batch.flush()
        fields = differing(self._values(batch.session, director_id, facts.plain["agency_key"]), facts.all)
        person = batch.people.person()
        if fields:
            return Conflict(HERE_ALREADY, agency_id, person, fields, target_id=director_id)
        batch.note(facts, person, agency_id=agency_id, target_id=director_id, record_id=batch.record_id())
        return Result(Outcome.UNCHANGED, _l("This person is with the agency already."))

    def _values(self, session: Session, director_id: UUID, agency_key: str | None) -> dict[str, str | None]:
        director = session.get_one(AgencyDirector, director_id)
        preload_keys(session, [director.person_key_id])
        found: dict[str, str | None] = {n: getattr(director, n) for n in SEALED}
        return {**found, "identifier_kind": str(director.identifier_kind), "agency_key": agency_key}

    def current(self, session: Session, record: ImportedRecord, target_id: UUID) -> dict[str, str | None]:
        return self._values(session, target_id, record.facts["agency_key"])

    def decided(self, session: Session, record: ImportedRecord, changes: Sequence[str], facts: Facts) -> str | None:
        director = session.get_one(AgencyDirector, record.target_id)
        return TAKEN_OFF if director.removed_at is not None else None

    def write(self, session: Session, actor: Actor, record: ImportedRecord, changes: Mapping[str, str | None]) -> None:
        director = session.get_one(AgencyDirector, record.target_id, with_for_update=True)
        values = {**self.current(session, record, director.id), **changes}
        director.identifier_kind = IdentifierKind(values["identifier_kind"] or "")
        for name in set(changes) & set(SEALED):
            setattr(director, name, changes[name])
        for name, index in indexes(values).items():
            setattr(director, name, index)
