"""The ledger of securities: adding an entry, and sums. Nothing here edits anything."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from agencies.licensing.status import SecurityKind
from agencies.security.models import SecurityAccount, SecurityEntry, SecurityInstrument
from agencies.security.status import EntryKind
from core.db import legal_today
from core.errors import DomainError
from core.i18n import _l
from core.money import Money
from law.country import deployment


class NotCovered(DomainError):
    """The paper does not hold this much any more."""

    status = 409


@dataclass(frozen=True, slots=True)
class Officers:
    """Who made an entry and who checked it; both None for what the calendar does."""

    made_by: UUID | None = None
    checked_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What stands behind the licence today: cash in the bank and cover by guarantees."""

    cash: Money
    guarantee: Money

    @property
    def total(self) -> Money:
        return self.cash + self.guarantee


def account_of(session: Session, agency_id: UUID) -> SecurityAccount:
    """The account of an agency, made when it is first needed; the caller holds the agency's lock."""
    found = find_account(session, agency_id)
    if found is None:
        found = SecurityAccount(agency_id=agency_id, currency=deployment().currency)
        session.add(found)
        session.flush()
    return found


def find_account(session: Session, agency_id: UUID) -> SecurityAccount | None:
    return session.scalars(select(SecurityAccount).where(SecurityAccount.agency_id == agency_id)).one_or_none()


def post(
    session: Session,
    instrument: SecurityInstrument,
    kind: EntryKind,
    minor: int,
    officers: Officers,
    *,
    claim_id: UUID | None = None,
    demand_id: UUID | None = None,
    reverses_id: UUID | None = None,
) -> SecurityEntry:
    """Add one entry.

    :raises NotCovered: when it would leave less than nothing behind the paper; nothing is written then.
    """
    entry = SecurityEntry(
        account_id=instrument.account_id,
        instrument_id=instrument.id,
        kind=kind,
        measure=instrument.kind,
        amount_minor=minor,
        booked_on=legal_today(session),
        claim_id=claim_id,
        demand_id=demand_id,
        reverses_id=reverses_id,
        made_by=officers.made_by,
        checked_by=officers.checked_by,
    )
    session.flush()
    try:
        with session.begin_nested():
            session.add(entry)
            session.flush()
    except IntegrityError as error:
        if "security_not_negative" in str(error.orig):
            raise NotCovered(_l("The security does not hold this much any more.")) from None
        raise
    return entry


def left(session: Session, instrument_id: UUID) -> int:
    """What one paper is worth today, in minor units."""
    query = select(func.coalesce(func.sum(SecurityEntry.amount_minor), 0))
    return int(session.scalars(query.where(SecurityEntry.instrument_id == instrument_id)).one())


def left_of_each(session: Session, account_id: UUID) -> dict[UUID, int]:
    """What each paper of an account is worth today."""
    rows = session.execute(
        select(SecurityEntry.instrument_id, func.sum(SecurityEntry.amount_minor))
        .where(SecurityEntry.account_id == account_id)
        .group_by(SecurityEntry.instrument_id)
    )
    return {instrument: int(minor) for instrument, minor in rows}


def held(session: Session, agency_id: UUID, *, until: date | None = None) -> Held:
    """Sums of the entries; with ``until``, guarantees that end before that day are left out."""
    query = (
        select(SecurityEntry.measure, func.sum(SecurityEntry.amount_minor))
        .join(SecurityAccount, SecurityAccount.id == SecurityEntry.account_id)
        .where(SecurityAccount.agency_id == agency_id)
        .group_by(SecurityEntry.measure)
    )
    if until is not None:
        query = query.join(SecurityInstrument, SecurityInstrument.id == SecurityEntry.instrument_id).where(
            (SecurityInstrument.kind == SecurityKind.CASH) | (SecurityInstrument.guarantee_until >= until)
        )
    sums = {kind: int(minor) for kind, minor in session.execute(query)}
    currency = deployment().currency
    return Held(Money(sums.get(SecurityKind.CASH, 0), currency), Money(sums.get(SecurityKind.GUARANTEE, 0), currency))


def toward_demand(session: Session, demand_id: UUID) -> int:
    """What was brought towards one demand, taken-back top-ups left out."""
    query = select(func.coalesce(func.sum(SecurityEntry.amount_minor), 0)).where(SecurityEntry.demand_id == demand_id)
    return int(session.scalars(query).one())


def paid_of_claim(session: Session, claim_id: UUID) -> int:
    """What was paid on one claim, taken-back payments left out."""
    query = select(func.coalesce(func.sum(SecurityEntry.amount_minor), 0)).where(SecurityEntry.claim_id == claim_id)
    return -int(session.scalars(query).one())
