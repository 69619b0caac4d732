"""Agencies of the old register."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.importing.kinds.base import ADDED, Batch, Conflict, Result
from agencies.importing.mapping import Facts
from agencies.importing.merging import differing
from agencies.importing.models import ImportedRecord
from agencies.registration.models import Agency
from agencies.registration.services import licensing_office
from core.accounts import Office
from core.actor import Actor
from core.errors import DomainError
from core.i18n import _l
from core.ids import new_id
from core.names import native_digits_to_latin
from core.privacy import person_secret

PLAIN = ("name", "name_local", "company_number", "district", "address")
SEALED = ("phone", "email", "bank_name", "bank_account")
SAME_COMPANY = "same_company_number"


def company_key(number: str | None) -> str:
    """A company's number without spaces, signs and scripts: the same company stands here once."""
    return "".join(c for c in native_digits_to_latin(number or "").casefold() if c.isalnum())


class Agencies:
    def prepare(self, batch: Batch, lines: Sequence[Facts]) -> None:
        batch.seen.setdefault("offices", dict(batch.session.execute(select(Office.code, Office.id)).all()))
        batch.seen.setdefault("office", licensing_office(batch.session).id)
        if "companies" not in batch.seen:
            # Some thousand short numbers; read once for the run.
            rows = batch.session.execute(
                select(Agency.company_number, Agency.id).where(Agency.company_number.is_not(None))
            )
            batch.seen["companies"] = {company_key(n): i for n, i in rows if company_key(n)}

    def add(self, batch: Batch, facts: Facts) -> Result | Conflict:
        office = self._office(batch.seen["offices"], facts.plain["office"]) or batch.seen["office"]
        company = company_key(facts.plain["company_number"])
        same = batch.seen["companies"].get(company) if company else None
        if same is not None:
            return self._same(batch, facts, same)
        agency_id, person = new_id(), batch.people.person()
        values = facts.all
        batch.people.add(
            Agency,
            person,
            {f"{n}_sealed": values[n] for n in SEALED},
            id=agency_id,
            office_id=office,
            listed_at=batch.now,
            **{n: values[n] for n in PLAIN},
        )
        batch.note(facts, person, agency_id=agency_id, target_id=agency_id, record_id=batch.record_id())
        if company:
            batch.seen["companies"][company] = agency_id
        return ADDED

    def _office(self, offices: Mapping[str, UUID], code: str | None) -> UUID | None:
        if code is None:
            return None
        if code not in offices:
            raise DomainError(_l("There is no such office here. Add it to the mapping’s values."))
        return offices[code]

    def _same(self, batch: Batch, facts: Facts, agency_id: UUID) -> Result | Conflict:
        batch.flush()
        agency = batch.session.get_one(Agency, agency_id)
        secret = person_secret(batch.session, agency.person_key_id)
        if secret is None:
            raise DomainError(_l("This record was erased here."))
        fields = differing(values_of(batch.session, agency), facts.all)
        return Conflict(SAME_COMPANY, agency_id, (agency.person_key_id, secret), fields, target_id=agency_id)

    def current(self, session: Session, record: ImportedRecord, target_id: UUID) -> dict[str, str | None]:
        found = values_of(session, session.get_one(Agency, target_id))
        if (
            record.facts.get("office") is None
            and session.get_one(Agency, target_id).office_id == licensing_office(session).id
        ):
            found["office"] = None
        return found

    def decided(self, session: Session, record: ImportedRecord, changes: Sequence[str], facts: Facts) -> str | None:
        return None

    def write(self, session: Session, actor: Actor, record: ImportedRecord, changes: Mapping[str, str | None]) -> None:
        agency = session.get_one(Agency, record.target_id, with_for_update=True)
        for name, value in changes.items():
            if name == "office":
                offices = dict(session.execute(select(Office.code, Office.id)).all())
                agency.office_id = self._office(offices, value) or licensing_office(session).id
            else:
                setattr(agency, name, value)


def values_of(session: Session, agency: Agency) -> dict[str, str | None]:
    """An agency in the words of a file."""
    found = {n: getattr(agency, n) for n in (*PLAIN, *SEALED)}
    found["office"] = session.scalar(select(Office.code).where(Office.id == agency.office_id))
    return found
