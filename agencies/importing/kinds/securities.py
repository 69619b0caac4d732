"""Securities of the old register. ``import_security`` and ``change_security`` are the only places that write them.

Each becomes a bank paper in the agency's account that stands as recorded. No bank was asked, so the ledger says nothing of
it: finance officers find it in their queue, and it counts when its bank confirms it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from agencies.importing.kinds.base import ADDED, Batch, Conflict, Person, Result
from agencies.importing.mapping import Facts
from agencies.importing.models import ImportedRecord
from agencies.licensing.status import SecurityKind
from agencies.registration.models import Agency
from agencies.registration.services import normal_identifier
from agencies.security.models import SecurityAccount, SecurityInstrument
from agencies.security.status import InstrumentStatus
from core.actor import Actor
from core.bulk import BulkPeople
from core.errors import DomainError, TooLate
from core.i18n import _l
from core.ids import new_id
from core.privacy import blind_index
from law.country import deployment

DEALT_WITH = "security_dealt_with_here"


def document_index(values: Mapping[str, str | None]) -> bytes:
    """The same hash as a bank paper gets that is recorded here: nobody gives one paper twice."""
    number = f"{normal_identifier(values['bank_name'] or '')}:{normal_identifier(values['document_number'] or '')}"
    return blind_index("licence.security", number)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an imported security belongs: the agency's account and the record of its line."""

    security_id: UUID
    account_id: UUID
    record_id: UUID


def import_security(people: BulkPeople, person: Person, values: Mapping[str, str | None], place: Place) -> None:
    """One deposit or guarantee as the old register has it, recorded and not confirmed."""
    people.add(
        SecurityInstrument,
        person,
        {"bank_name_sealed": values["bank_name"], "document_number_sealed": values["document_number"]},
        id=place.security_id,
        account_id=place.account_id,
        imported_record_id=place.record_id,
        status=InstrumentStatus.RECORDED,
        kind=SecurityKind(values["kind"] or ""),
        amount_minor=int(values["amount"] or ""),
        currency=values["currency"],
        document_index=document_index(values),
        guarantee_until=_until(values),
    )


def _until(values: Mapping[str, str | None]) -> date | None:
    """Cash has no end, whatever the line says."""
    until = values["guarantee_until"] if values["kind"] == SecurityKind.GUARANTEE.value else None
    return date.fromisoformat(until) if until else None


def untouched(security: SecurityInstrument) -> bool:
    """Whether nobody here has asked the bank yet, and the calendar has not ended it."""
    return security.status is InstrumentStatus.RECORDED and security.recorded_by is None


def change_security(session: Session, security_id: UUID, values: Mapping[str, str | None]) -> None:
    """Follow the source where nobody here has touched it; the agency is locked, as for every change of its security.

    :raises TooLate: once the bank was asked: entries stand on what it was asked about.
    """
    agency = select(SecurityAccount.agency_id).join(
        SecurityInstrument, SecurityInstrument.account_id == SecurityAccount.id
    )
    held = agency.where(SecurityInstrument.id == security_id).scalar_subquery()
    session.execute(select(Agency.id).where(Agency.id == held).with_for_update())
    security = session.get_one(SecurityInstrument, security_id, populate_existing=True)
    if not untouched(security):
        raise TooLate(_l("This bank paper was dealt with here. Record the newer one in the agency’s security."))
    security.kind, security.amount_minor = SecurityKind(values["kind"] or ""), int(values["amount"] or "")
    security.currency = values["currency"] or ""
    security.guarantee_until = _until(values)
    index = document_index(values)
    if index != security.document_index:
        _refuse_known(session, index)
        security.bank_name, security.document_number = values["bank_name"], values["document_number"]
        security.document_index = index
    session.flush()


def _known(session: Session, wanted: Sequence[bytes]) -> set[bytes]:
    """Which of these papers are here; one that was sent back may come again."""
    query = select(SecurityInstrument.document_index).where(
        SecurityInstrument.document_index.in_(wanted), SecurityInstrument.status != InstrumentStatus.RETURNED
    )
    return set(session.scalars(query))


def _refuse_known(session: Session, index: bytes) -> None:
    if _known(session, [index]):
        raise DomainError(_l("This bank paper is recorded here already."))


def check(values: Mapping[str, str | None]) -> None:
    """
    :raises DomainError: for a guarantee without an end, or money that the account is not kept in.
    """
    if values["currency"] != deployment().currency:
        raise DomainError(_l("Securities are kept in %(currency)s here.", currency=deployment().currency))
    if values["kind"] == SecurityKind.GUARANTEE.value and not values["guarantee_until"]:
        raise DomainError(_l("A guarantee needs the day on which it ends."))


def _accounts(batch: Batch, keys: set[str]) -> dict[UUID, UUID]:
    """The account of each agency that lines name, opened where there is none."""
    agencies = [found[0] for key, found in batch.agencies.items() if key in keys]
    rows = [{"id": new_id(), "agency_id": i, "currency": deployment().currency} for i in dict.fromkeys(agencies)]
    if rows:
        opened = insert(SecurityAccount).on_conflict_do_nothing(index_elements=[SecurityAccount.agency_id])
        batch.session.execute(opened, rows)
    found = select(SecurityAccount.agency_id, SecurityAccount.id).where(SecurityAccount.agency_id.in_(agencies))
    return {row.agency_id: row.id for row in batch.session.execute(found)}


class Securities:
    def prepare(self, batch: Batch, lines: Sequence[Facts]) -> None:
        batch.seen["papers"] = _known(batch.session, [document_index(f.all) for f in lines])
        batch.seen["accounts"] = _accounts(batch, {f.plain["agency_key"] or "" for f in lines})

    def add(self, batch: Batch, facts: Facts) -> Result | Conflict:
        agency_id, _agency_person = batch.agency(facts)
        check(facts.all)
        index = document_index(facts.all)
        if index in batch.seen["papers"]:
            raise DomainError(_l("This bank paper is recorded here already."))
        batch.seen["papers"].add(index)
        record_id, person = batch.record_id(), batch.people.person()
        # The record names the security, and the security its record: the id is made first.
        security_id = new_id()
        batch.note(facts, person, agency_id=agency_id, target_id=security_id, record_id=record_id)
        place = Place(security_id, batch.seen["accounts"][agency_id], record_id)
        import_security(batch.people, person, facts.all, place)
        return ADDED

    def current(self, session: Session, record: ImportedRecord, target_id: UUID) -> dict[str, str | None]:
        security = session.get_one(SecurityInstrument, target_id)
        until = security.guarantee_until.isoformat() if security.guarantee_until else None
        return {
            "agency_key": record.facts["agency_key"],
            "kind": str(security.kind),
            "amount": str(security.amount_minor),
            "currency": security.currency,
            "bank_name": security.bank_name,
            "document_number": security.document_number,
            # Cash has no end here: what the line said of one is no difference.
            "guarantee_until": until if security.kind is SecurityKind.GUARANTEE else record.facts["guarantee_until"],
        }

    def decided(self, session: Session, record: ImportedRecord, changes: Sequence[str], facts: Facts) -> str | None:
        return None if untouched(session.get_one(SecurityInstrument, record.target_id)) else DEALT_WITH

    def write(self, session: Session, actor: Actor, record: ImportedRecord, changes: Mapping[str, str | None]) -> None:
        assert record.target_id is not None
        values = {**self.current(session, record, record.target_id), **changes}
        check(values)
        change_security(session, record.target_id, values)
