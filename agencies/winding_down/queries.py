"""Winding-down files as pages read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.register import snapshot
from agencies.register.search import search
from agencies.registration.models import Agency
from agencies.security.claims import owed_on
from agencies.security.models import SecurityAccount, SecurityClaim, SecurityInstrument, SecurityProposal
from agencies.security.rules import claims_until
from agencies.security.status import STANDING, ProposalStatus
from agencies.winding_down import workers
from agencies.winding_down.models import CustodyItem, OwedItem, WindingDown
from agencies.winding_down.status import CUSTODY_OPEN, LIVE, OWED_OPEN, OwedStatus, WindingStatus
from core.db import legal_today, legal_zone
from core.listing import AnySelect, Page, fetch_page
from core.money import Money
from core.privacy import preload_keys

AT_MOST = 500


@dataclass(frozen=True, slots=True)
class CustodyRow:
    id: UUID
    kind: Any
    status: Any
    agency_says: bool
    worker_says: bool
    name: str
    number: str
    known: bool
    since: Any


@dataclass(frozen=True, slots=True)
class OwedRow:
    """``left``: what is still to be paid of a sum that the used-up security left unpaid."""

    id: UUID
    what: Any
    status: Any
    teller: Any
    amount: Money
    name: str
    claim: str | None
    since: Any
    left: Money | None


@dataclass(frozen=True, slots=True)
class File:
    """One file with its four parts. ``overdue_days`` is 0 until the due day has passed."""

    record: WindingDown
    agency_name: str
    licence_number: str
    custody: Sequence[CustodyRow]
    owed: Sequence[OwedRow]
    claims_until: date
    overdue_days: int
    certain: bool


def file_of(session: Session, record: WindingDown) -> File:
    """The whole file; the caller has asked the policy."""
    name, number = session.execute(
        select(Agency.name, Licence.number)
        .join(Licence, Licence.agency_id == Agency.id)
        .where(Licence.id == record.licence_id)
    ).one()
    late = (legal_today(session) - record.due_on).days
    return File(
        record, name, number, custody_of(session, CustodyItem.winding_id == record.id),
        owed_of(session, OwedItem.winding_id == record.id), claims_until(record.ended_on),
        max(0, late), record.law.get("status") == "V",
    )  # fmt: skip


def custody_of(session: Session, which: ColumnElement[bool]) -> list[CustodyRow]:
    """Documents, those that are still open first."""
    found = session.scalars(
        select(CustodyItem)
        .where(which)
        .order_by(CustodyItem.status.in_(CUSTODY_OPEN).desc(), CustodyItem.id)
        .limit(AT_MOST)
    ).all()
    preload_keys(session, [i.person_key_id for i in found])
    return [
        CustodyRow(
            i.id, i.kind, i.status, i.agency_says, i.worker_says, i.name or "", i.number or "",
            i.migrant_id is not None, i.created_at,
        )
        for i in found
    ]  # fmt: skip


def owed_of(session: Session, which: ColumnElement[bool]) -> list[OwedRow]:
    """Sums, those that are still open first."""
    found = session.execute(
        select(OwedItem, SecurityClaim)
        .outerjoin(SecurityClaim, SecurityClaim.id == OwedItem.claim_id)
        .where(which)
        .order_by(OwedItem.status.in_(OWED_OPEN).desc(), OwedItem.id)
        .limit(AT_MOST)
    ).all()
    preload_keys(session, [i.person_key_id for i, _claim in found])
    return [
        OwedRow(
            i.id, i.what, i.status, i.teller, Money(i.amount_minor, i.currency), i.name or "",
            claim.reference if claim else None, i.created_at,
            Money(owed_on(session, claim), claim.currency) if claim and i.status is OwedStatus.UNPAID else None,
        )
        for i, claim in found
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnPart:
    """What one worker sees of one file: nothing of anybody else."""

    record: WindingDown
    agency_name: str
    custody: Sequence[CustodyRow]
    owed: Sequence[OwedRow]


def own_parts(session: Session, migrant_id: UUID, extra: UUID | None = None) -> list[OwnPart]:
    """Files in which the worker stands, and the one that was asked for; the newest first."""
    stands = or_(
        WindingDown.id.in_(select(CustodyItem.winding_id).where(CustodyItem.migrant_id == migrant_id)),
        WindingDown.id.in_(select(OwedItem.winding_id).where(OwedItem.migrant_id == migrant_id)),
        WindingDown.id == extra,
    )
    files = session.execute(
        select(WindingDown, Agency.name)
        .join(Agency, Agency.id == WindingDown.agency_id)
        .where(stands)
        .order_by(WindingDown.id.desc())
        .limit(20)
    ).all()
    return [
        OwnPart(
            record, name,
            custody_of(session, (CustodyItem.winding_id == record.id) & (CustodyItem.migrant_id == migrant_id)),
            owed_of(session, (OwedItem.winding_id == record.id) & (OwedItem.migrant_id == migrant_id)),
        )
        for record, name in files
    ]  # fmt: skip


def newest(session: Session, agency_id: UUID) -> WindingDown | None:
    """The newest file of an agency."""
    return session.scalars(
        select(WindingDown).where(WindingDown.agency_id == agency_id).order_by(WindingDown.id.desc()).limit(1)
    ).one_or_none()


def public(session: Session, name: str = "", *, cursor: str | None = None, limit: int = 20) -> Page[Any]:
    """Agencies that are wound down now, by name: in public, since a licence ended in public.

    :param name: as somebody typed it, in any script; searched like the register.
    :returns: a page of rows with id, agency_name, due_on.
    """
    query = (
        select(WindingDown.id, Agency.name.label("agency_name"), WindingDown.due_on)
        .join(Agency, Agency.id == WindingDown.agency_id)
        .where(WindingDown.status.in_(LIVE))
    )
    if name.strip():
        register, today = snapshot.current(session)
        query = query.where(Agency.id.in_([h.entry.agency_id for h in search(register, name, today).hits]))
    return fetch_page(session, query, [Agency.name.label("agency_name"), WindingDown.id], cursor=cursor, limit=limit)


def waiting(agencies: ColumnElement[bool], *states: WindingStatus) -> AnySelect:
    """Files in a state, of the agencies that the clause allows."""
    return (
        select(
            WindingDown.id, WindingDown.reference, WindingDown.created_at, WindingDown.due_on,
            Agency.name.label("agency_name"),
        )
        .join(Agency, Agency.id == WindingDown.agency_id)
        .where(WindingDown.status.in_(states), agencies)
    )  # fmt: skip


def overdue(agencies: ColumnElement[bool]) -> AnySelect:
    """Live files whose legal day has passed with something still held or owed, or without a signed list."""
    held = exists().where(CustodyItem.winding_id == WindingDown.id, CustodyItem.status.in_(CUSTODY_OPEN))
    owes = exists().where(OwedItem.winding_id == WindingDown.id, OwedItem.status.in_(OWED_OPEN))
    today = cast(func.timezone(legal_zone(), func.now()), Date)
    return waiting(agencies, *LIVE).where(
        WindingDown.due_on < today, or_(held, owes, WindingDown.declared_at.is_(None))
    )


def with_security(agencies: ColumnElement[bool]) -> AnySelect:
    """Closed files of agencies whose security is still held, and for which nothing is proposed yet."""
    account = SecurityAccount.agency_id == WindingDown.agency_id
    held = exists().where(
        account, SecurityInstrument.account_id == SecurityAccount.id, SecurityInstrument.status.in_(STANDING)
    )
    proposed = exists().where(
        account,
        SecurityProposal.account_id == SecurityAccount.id,
        SecurityProposal.status == ProposalStatus.PROPOSED,
    )
    return waiting(agencies, WindingStatus.CLOSED).where(held, ~proposed)


def pipeline_of(session: Session, agency_id: UUID) -> Sequence[workers.InPipeline]:
    return workers.source().pipeline(session, agency_id)
