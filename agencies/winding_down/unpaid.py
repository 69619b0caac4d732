"""What an emptied security leaves unpaid: it lets the file end, is owed on, and is paid late or never, in public."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies.security import claims, ledger
from agencies.security.models import SecurityAccount, SecurityClaim, SecurityInstrument
from agencies.security.status import COMING, OWED_CLAIMS, ClaimStatus
from agencies.winding_down import opening
from agencies.winding_down.models import OwedItem, WindingDown
from agencies.winding_down.status import OWED, OWED_OPEN, Outcome, OwedStatus, WindingStatus
from core import audit
from core.actor import SYSTEM, Actor
from core.errors import Denied, DomainError
from core.i18n import _l
from core.money import Money

NEWS = "winding_unpaid"


@dataclass(frozen=True, slots=True)
class Shortfall:
    """How many awards a used-up security can't pay, and how much they are together."""

    count: int
    total: Money


def awards(session: Session, agency_id: UUID) -> Sequence[tuple[SecurityClaim, int]]:
    """Granted claims of an agency that are not paid in full, with what is still owed on each in minor units."""
    found = session.scalars(
        select(SecurityClaim)
        .join(SecurityAccount, SecurityAccount.id == SecurityClaim.account_id)
        .where(SecurityAccount.agency_id == agency_id, SecurityClaim.status.in_(OWED_CLAIMS))
        .order_by(SecurityClaim.decided_at, SecurityClaim.id)
        .execution_options(populate_existing=True)
    ).all()
    return [(claim, claims.owed_on(session, claim)) for claim in found]


def used_up(session: Session, agency_id: UUID) -> bool:
    """Nothing is behind the licence any more, and no paper waits for its bank."""
    coming = exists().where(
        SecurityAccount.agency_id == agency_id,
        SecurityInstrument.account_id == SecurityAccount.id,
        SecurityInstrument.status.in_(COMING),
    )
    return ledger.held(session, agency_id).total.minor == 0 and not session.scalar(select(coming))


def shortfall(session: Session, agency_id: UUID) -> Shortfall | None:
    """What can't be paid; None while the security may still pay, and when nothing is owed."""
    owed = awards(session, agency_id)
    if not owed or not used_up(session, agency_id):
        return None
    return Shortfall(len(owed), Money(sum(minor for _claim, minor in owed), owed[0][0].currency))


def waiting_claims(session: Session, agency_id: UUID) -> set[UUID]:
    """Claims that somebody still has to decide, or that the security still has to pay."""
    undecided = session.scalars(
        select(SecurityClaim.id)
        .join(SecurityAccount, SecurityAccount.id == SecurityClaim.account_id)
        .where(SecurityAccount.agency_id == agency_id, SecurityClaim.status == ClaimStatus.FILED)
    ).all()
    payable = [] if used_up(session, agency_id) else [claim.id for claim, _minor in awards(session, agency_id)]
    return {*undecided, *payable}


def refuse_other_outcome(session: Session, agency_id: UUID, outcome: Outcome | None) -> None:
    """An ending says what is true: with money unpaid it is called so, and without it is not.

    :raises DomainError: when it does not.
    """
    short = shortfall(session, agency_id)
    if (short is not None) is not (outcome is Outcome.SHORTFALL):
        raise DomainError(
            _l("Nothing is left of the security, and money stays unpaid. The file can end only in this way.")
            if short
            else _l("Nothing stays unpaid. Choose what becomes of the rest of the security."),
            field="outcome",
        )


def leave(session: Session, actor: Actor, file: WindingDown, reason: str) -> None:
    """At the closing: what can't be paid is written into the file, and each worker is told. The claims stay owed."""
    count(session, file)
    stuck = session.scalars(
        select(OwedItem).where(OwedItem.winding_id == file.id, OwedItem.status == OwedStatus.CLAIMED)
    ).all()
    for item in stuck:
        OWED.apply(session, item, "leave_unpaid", actor=actor, reason=reason, evidence={"claim_id": item.claim_id})
        opening.tell_one(session, item.account_id, NEWS)


def count(session: Session, file: WindingDown) -> bool:
    """Bring the file's sum to what the security's books say; whether it changed."""
    owed = awards(session, file.agency_id)
    before = (file.unpaid_count, file.unpaid_minor)
    file.unpaid_count, file.unpaid_minor = len(owed), sum(minor for _claim, minor in owed)
    file.unpaid_currency = owed[0][0].currency if owed else None
    session.flush()
    return before != (file.unpaid_count, file.unpaid_minor)


def settle(session: Session, actor: Actor, file: WindingDown, item: OwedItem, reason: str) -> None:
    """The agency paid the worker by itself after the closing. The caller holds agency and file.

    :raises Denied: for the officer who filed the claim.
    """
    if item.claim_id is None:
        raise DomainError(_l("This is claimed or settled already."))
    claim = session.get_one(SecurityClaim, item.claim_id)
    if claim.filed_by == actor.account_id:
        raise Denied(_l("You filed the claim for this sum. Another officer must say that it is paid."))
    if claim.status in OWED_CLAIMS:
        claims.settle(session, actor, claim.id, reason)
    if file.status is WindingStatus.CLOSED and count(session, file):
        note(session, actor, file)


def note(session: Session, actor: Actor, file: WindingDown) -> None:
    """The log says each change of what stays unpaid."""
    evidence = {"unpaid_count": file.unpaid_count, "unpaid_minor": file.unpaid_minor}
    audit.record(session, actor, subject=("winding_down", file.id), action="unpaid", evidence=evidence)


def follow(session: Session, file: WindingDown) -> int:
    """Bring a file that was closed with money unpaid to what the security's books say; gives how many items moved.

    The caller holds the file.
    """
    rows = session.execute(
        select(OwedItem, SecurityClaim)
        .join(SecurityClaim, SecurityClaim.id == OwedItem.claim_id)
        .where(OwedItem.winding_id == file.id)
        .execution_options(populate_existing=True)
    ).all()
    moved = 0
    for item, claim in rows:
        paid = claim.status is ClaimStatus.PAID
        if paid and item.status is OwedStatus.UNPAID:
            action = "paid_late"
        elif not paid and item.status is OwedStatus.PAID:
            action = "unpaid_again"
        else:
            continue
        OWED.apply(session, item, action, actor=SYSTEM, evidence={"claim_id": claim.id})
        opening.tell_one(session, item.account_id)
        moved += 1
    if count(session, file):
        note(session, SYSTEM, file)
    return moved


def open_items(session: Session, file: WindingDown) -> tuple[int, int]:
    """Sums of the file that are not settled: those that stand in the way, and those that only the emptied security keeps
    open."""
    items = session.execute(
        select(OwedItem.status, OwedItem.claim_id).where(OwedItem.winding_id == file.id, OwedItem.status.in_(OWED_OPEN))
    ).all()
    stuck = set()
    if used_up(session, file.agency_id):
        stuck = {claim.id for claim, _minor in awards(session, file.agency_id)}
    held = sum(1 for _status, claim_id in items if claim_id in stuck)
    return len(items) - held, held
