"""Keyed hashes of what a person or an agency has: enough to see that two have the same, not enough to read it."""

import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from agencies.insider.models import AgencyMark
from agencies.insider.status import MarkKind
from agencies.registration.models import Agency, AgencyDirector
from agencies.registration.services import normal_identifier
from core.contact import normal_phone
from core.forms import latin_digits
from core.ids import new_id
from core.privacy import blind_index

# Words of an address that say nothing about where it is.
FILLERS = frozenset(
    {"ward", "no", "number", "house", "road", "marg", "street", "tole", "the", "near", "वडा", "नं", "مکان"}
)


def bank_index(account: str) -> bytes:
    return blind_index("bank_account", normal_identifier(account))


def phone_index(phone: str) -> bytes:
    """As everywhere for telephones, so that accounts and directors are found, too."""
    return blind_index("phone", normal_phone(phone))


def normal_address(district: str, address: str) -> str | None:
    """An address for comparison: its words and numbers, in any order, without fillers; None when too little is left.

    >>> normal_address("Kathmandu", "Ward 3, Basundhara") == normal_address("kathmandu", "Basundhara-3")
    True
    """
    text = latin_digits(unicodedata.normalize("NFKC", f"{address} {district}")).casefold()
    words = {w for w in re.split(r"[\W_]+", text) if w} - FILLERS
    place = set(re.split(r"[\W_]+", district.casefold()))
    named = [w for w in words - place if not w.isdecimal()]
    return " ".join(sorted(words)) if named and any(w.isdecimal() for w in words) else None


def address_index(district: str, address: str) -> bytes | None:
    normal = normal_address(district, address)
    return blind_index("address", normal) if normal else None


def marks_of(agency: Agency, directors: Iterable[AgencyDirector]) -> set[tuple[MarkKind, bytes]]:
    """Everything by which this agency could be found behind another."""
    found: set[tuple[MarkKind, bytes]] = set()
    address = address_index(agency.district or "", agency.address or "")
    if address:
        found.add((MarkKind.ADDRESS, address))
    if agency.bank_account:
        found.add((MarkKind.BANK_ACCOUNT, bank_index(agency.bank_account)))
    if agency.phone:
        found.add((MarkKind.PHONE, phone_index(agency.phone)))
    for director in directors:
        found.add((MarkKind.IDENTIFIER, director.identifier_index))
        if director.phone_index:
            found.add((MarkKind.PHONE, director.phone_index))
    return found


def note_agency(session: Session, agency: Agency) -> None:
    """Keep what the agency has now beside what it had before; nothing is taken away."""
    directors = session.scalars(
        select(AgencyDirector).where(AgencyDirector.agency_id == agency.id, AgencyDirector.removed_at.is_(None))
    ).all()
    rows = [
        {"id": new_id(), "agency_id": agency.id, "kind": kind, "value_index": index}
        for kind, index in sorted(marks_of(agency, directors))
    ]
    if rows:
        session.execute(insert(AgencyMark).values(rows).on_conflict_do_nothing())


def note_unmarked(session: Session, agency_ids: Iterable[UUID]) -> None:
    """Agencies that came here before their marks were kept, such as imported ones."""
    marked = select(AgencyMark.agency_id)
    found = session.scalars(select(Agency).where(Agency.id.in_(list(agency_ids)), Agency.id.not_in(marked)))
    for agency in found.all():
        note_agency(session, agency)
