"""Money that an agency owes to workers: named, paid, disputed, or claimed from the security, whose books alone move money."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.security import claims
from agencies.security.models import SecurityClaim
from agencies.security.status import ClaimStatus
from agencies.winding_down import opening, policies, unpaid, workers
from agencies.winding_down.models import OwedItem, WindingDown
from agencies.winding_down.status import OWED, OwedFor, OwedStatus, Teller
from agencies.winding_down.workers import Worker
from core import audit, codes
from core.accounts import UserAccount
from core.actor import SYSTEM, Actor
from core.errors import Denied, DomainError, NotVisible
from core.i18n import _l
from core.money import Money
from core.permissions import Permission
from core.privacy import new_person

PURPOSE = "winding.paid"


@dataclass(frozen=True, slots=True)
class Debt:
    what: OwedFor
    amount: Money
    name: str = ""
    passport: str = ""


def _put(
    session: Session, actor: Actor, file: WindingDown, debt: Debt, worker: Worker | None, teller: Teller
) -> OwedItem:
    if debt.amount.minor <= 0:
        raise DomainError(_l("Write the amount."), field="amount")
    if worker is None and not debt.name.strip():
        raise DomainError(_l("Write to whom it is owed."), field="name")
    item = OwedItem(
        person_key_id=new_person(session).id, winding_id=file.id, what=debt.what, teller=teller,
        amount_minor=debt.amount.minor, currency=debt.amount.currency, added_by=actor.require_account(),
        migrant_id=worker.migrant_id if worker else None, account_id=worker.account_id if worker else None,
    )  # fmt: skip
    item.name = debt.name or (worker.name if worker else "")
    session.add(item)
    session.flush()
    audit.record(
        session, actor, subject=(OWED.name, item.id), action="name", to_status=item.status,
        evidence={
            "winding_id": file.id, "what": debt.what, "amount_minor": item.amount_minor, "currency": item.currency,
            "teller": teller,
        },
    )  # fmt: skip
    return item


def declare_debt(session: Session, actor: Actor, winding_id: UUID, debt: Debt) -> OwedItem:
    """The agency names what it owes; the worker, where known by passport, is told."""
    file = policies.own(session, actor, winding_id, lock=True)
    if not debt.name.strip():
        raise DomainError(_l("Write to whom it is owed."), field="name")
    worker = workers.source().by_document(session, debt.passport) if debt.passport else None
    item = _put(session, actor, file, debt, worker, Teller.AGENCY)
    opening.tell_one(session, item.account_id)
    return item


def claim_debt(session: Session, actor: Actor, winding_id: UUID, debt: Debt) -> OwedItem:
    """A worker says: they owe me money."""
    migrant_id = policies.migrant_of(actor)
    file = policies.live(session, winding_id)
    worker = workers.source().by_id(session, migrant_id)
    if worker is None:
        raise NotVisible
    return _put(session, actor, file, Debt(debt.what, debt.amount), worker, Teller.WORKER)


def note_debt(session: Session, actor: Actor, winding_id: UUID, debt: Debt) -> OwedItem:
    """An officer writes down what a worker said."""
    file = policies.officer(session, actor, winding_id, Permission.LICENCE_REVIEW)
    worker = workers.source().by_document(session, debt.passport) if debt.passport else None
    return _put(session, actor, file, debt, worker, Teller.OFFICE)


def say_paid(session: Session, actor: Actor, item_id: UUID) -> OwedItem:
    """The agency's word. It ends nothing."""
    policies.own(session, actor, policies.item(session, OwedItem, item_id).winding_id, lock=True)
    item = policies.item(session, OwedItem, item_id)
    OWED.apply(session, item, "say_paid", actor=actor)
    opening.tell_one(session, item.account_id)
    return item


def send_code(session: Session, actor: Actor, item_id: UUID) -> None:
    item = policies.own_item(session, actor, OwedItem, item_id)
    account = session.get(UserAccount, actor.require_account())
    if account is None:
        raise NotVisible
    codes.issue_code(session, account, PURPOSE, bound=item.id.bytes)


def confirm(session: Session, actor: Actor, item_id: UUID, *, secret: str, code: str) -> OwedItem:
    """The worker has the money, said with password and code.

    :raises DomainError: when one of them is wrong.
    """
    item = policies.own_item(session, actor, OwedItem, item_id)
    codes.step_up(session, actor, PURPOSE, bound=item.id.bytes, secret=secret, code=code)
    _settle_late(session, actor, item, "The worker has the money.")
    OWED.apply(session, item, "confirm", actor=actor, evidence={"by": "worker"})
    return item


def _settle_late(session: Session, actor: Actor, item: OwedItem, reason: str) -> None:
    if item.status is OwedStatus.UNPAID:
        unpaid.settle(session, actor, policies.record(session, item.winding_id), item, reason)


def contradict(session: Session, actor: Actor, item_id: UUID) -> OwedItem:
    item = policies.own_item(session, actor, OwedItem, item_id)
    OWED.apply(session, item, "contradict", actor=actor)
    return item


def see_paid(session: Session, actor: Actor, item_id: UUID, reason: str) -> OwedItem:
    """An officer saw the proof and asked the worker.

    :raises Denied: when it stayed unpaid and this officer filed its claim.
    """
    item = policies.item(session, OwedItem, item_id)
    policies.for_sum(session, actor, item, Permission.LICENCE_REVIEW)
    item = policies.item(session, OwedItem, item_id)
    _settle_late(session, actor, item, reason)
    OWED.apply(session, item, "see_paid", actor=actor, reason=reason)
    return item


def dismiss(session: Session, actor: Actor, item_id: UUID, reason: str) -> OwedItem:
    """An approver finds that nothing is owed; the worker is told, and may go to a labour office.

    :raises Denied: for whoever wrote the item down.
    """
    item = _for_officer(session, actor, item_id, Permission.LICENCE_APPROVE)
    if item.added_by == actor.account_id:
        raise Denied(_l("You wrote this down. Another officer must decide it."))
    OWED.apply(session, item, "dismiss", actor=actor, reason=reason)
    opening.tell_one(session, item.account_id)
    return item


def claim(session: Session, actor: Actor, item_id: UUID, reason: str, paper: bytes) -> OwedItem:
    """File it as a claim against the security, with its paper. Others decide and pay it there, once.

    :raises DomainError: when the currency is not the security's, or the paper is missing.
    """
    item = _for_officer(session, actor, item_id, Permission.LICENCE_REVIEW)
    file = policies.record(session, item.winding_id)
    if not OWED.allows(item.status, "claim"):
        raise DomainError(_l("This is claimed or settled already."))
    tries = session.scalars(
        select(audit.AuditEvent.id).where(
            audit.AuditEvent.subject_kind == OWED.name,
            audit.AuditEvent.subject_id == item.id,
            audit.AuditEvent.action == "claim",
        )
    ).all()
    title = f"{file.reference}-{item.id.hex[-8:]}" + (f"-{len(tries) + 1}" if tries else "")
    made = claims.file_claim(
        session, actor, file.agency_id,
        claims.File(title, Money(item.amount_minor, item.currency), 1, paper, item.name or ""),
    )  # fmt: skip
    item.claim_id = made.id
    OWED.apply(session, item, "claim", actor=actor, reason=reason, evidence={"claim_id": made.id})
    return item


def _for_officer(session: Session, actor: Actor, item_id: UUID, permission: Permission) -> OwedItem:
    winding_id = policies.item(session, OwedItem, item_id).winding_id
    policies.officer(session, actor, winding_id, permission)
    return policies.item(session, OwedItem, item_id)


def follow_claims(session: Session, winding_id: UUID) -> int:
    """Bring items to what the security's books say of their claims; gives how many moved. The caller holds the file."""
    rows = session.execute(
        select(OwedItem, SecurityClaim)
        .join(SecurityClaim, SecurityClaim.id == OwedItem.claim_id)
        .where(OwedItem.winding_id == winding_id)
        .execution_options(populate_existing=True)
    ).all()
    moved = 0
    for item, filed in rows:
        if filed.status is ClaimStatus.PAID and item.status is OwedStatus.CLAIMED:
            action = "paid_out"
        elif filed.status is ClaimStatus.REJECTED and item.status is OwedStatus.CLAIMED:
            action = "claim_failed"
        elif filed.status is not ClaimStatus.PAID and item.status is OwedStatus.PAID:
            action = "taken_back"
        elif filed.status is ClaimStatus.PAID and item.status is OwedStatus.UNPAID:
            # Left unpaid at a closing before this file was opened again.
            action = "paid_late"
        else:
            continue
        evidence = {"claim_id": filed.id, "granted_minor": filed.granted_minor}
        OWED.apply(session, item, action, actor=SYSTEM, evidence=evidence)
        if action == "claim_failed":
            item.claim_id = None
        opening.tell_one(session, item.account_id)
        moved += 1
    return moved
