"""Claims against a security: filed by one officer, decided by another, paid by a third, in the order of the decisions."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, exists, or_, select
from sqlalchemy.orm import Session

from agencies.licensing.status import SecurityKind
from agencies.registration.models import Agency
from agencies.security import demands, ledger, policies, rules
from agencies.security.drawing import CLAIMS, SecurityStage
from agencies.security.ledger import Officers
from agencies.security.models import SecurityAccount, SecurityClaim, SecurityEntry, SecurityInstrument
from agencies.security.status import CLAIM, INSTRUMENT, OWED_CLAIMS, STANDING, ClaimStatus, DemandCause, EntryKind
from core import audit
from core.actor import SYSTEM, Actor
from core.db import db_now, legal_today
from core.errors import Denied, DomainError
from core.files import store_upload
from core.i18n import _l
from core.money import Money
from core.privacy import new_person


@dataclass(frozen=True, slots=True)
class File:
    """An award to be paid: its number or name as written on it, how much, to how many people, and its text."""

    award: str
    amount: Money
    beneficiaries: int
    content: bytes
    payees: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    amount: Money
    reason: str


def file_claim(session: Session, actor: Actor, agency_id: UUID, command: File) -> SecurityClaim:
    """File an award against the security. Nothing moves until another officer decides.

    :raises DomainError: for an award that was filed before, no amount, or after the time for claims.
    """
    agency = policies.officer(session, actor, agency_id, *policies.MAY_CLAIM)
    account = ledger.account_of(session, agency.id)
    if command.amount.currency != account.currency or command.amount.minor <= 0:
        raise DomainError(_l("Write the amount of the award."), field="amount")
    if command.beneficiaries < 1:
        raise DomainError(_l("Write for how many people the award is."), field="beneficiaries")
    known = exists().where(
        SecurityClaim.account_id == account.id,
        SecurityClaim.award == command.award,
        SecurityClaim.status != ClaimStatus.REJECTED,
    )
    if session.scalar(select(known)):
        raise DomainError(_l("This award was filed before."), field="award")
    key = new_person(session).id
    stored = store_upload(session, actor, command.content, purpose="security.award", person_key_id=key)
    claim = SecurityClaim(
        person_key_id=key,
        account_id=account.id,
        award=command.award,
        amount_minor=command.amount.minor,
        currency=command.amount.currency,
        beneficiaries=command.beneficiaries,
        file_id=stored.id,
        filed_by=actor.require_account(),
    )
    claim.payees = command.payees or None
    session.add(claim)
    session.flush()
    evidence = {
        "account_id": account.id,
        "amount_minor": claim.amount_minor,
        "currency": claim.currency,
        "beneficiaries": claim.beneficiaries,
        "sha256": stored.sha256,
    }
    audit.record(
        session, actor, subject=("security_claim", claim.id), action="file", evidence=evidence, to_status=claim.status
    )
    CLAIMS.settle(session, claim)
    return claim


def _to_decide(session: Session, actor: Actor, claim_id: UUID) -> tuple[SecurityClaim, Agency]:
    claim, agency = policies.locked(session, actor, CLAIMS, claim_id)
    if claim.filed_by == actor.account_id:
        raise Denied(_l("You filed this claim. Another officer must decide it."))
    CLAIMS.require(session, actor, claim, SecurityStage.DECISION)
    return claim, agency


def grant(session: Session, actor: Actor, claim_id: UUID, command: Grant) -> SecurityClaim:
    """Another officer grants the claim, in whole or in part: from now on it has its place in the row of those to be paid.

    :raises DomainError: for more than was claimed.
    """
    claim, _agency = _to_decide(session, actor, claim_id)
    if not 0 < command.amount.minor <= claim.amount_minor or command.amount.currency != claim.currency:
        raise DomainError(_l("Grant an amount up to what was claimed."), field="amount")
    claim.granted_minor = command.amount.minor
    _decide(session, actor, claim, command.reason)
    evidence = {"granted_minor": command.amount.minor}
    CLAIM.apply(session, claim, "grant", actor=actor, reason=command.reason, evidence=evidence)
    return claim


def reject(session: Session, actor: Actor, claim_id: UUID, reason: str) -> SecurityClaim:
    claim, _agency = _to_decide(session, actor, claim_id)
    _decide(session, actor, claim, reason)
    CLAIM.apply(session, claim, "reject", actor=actor, reason=reason)
    return claim


def _decide(session: Session, actor: Actor, claim: SecurityClaim, reason: str) -> None:
    claim.decided_by, claim.decided_at = actor.require_account(), db_now(session)
    claim.decision_reason = reason


def pay(session: Session, actor: Actor, claim_id: UUID) -> SecurityClaim:
    """A finance officer pays what is owed, or as much as the security covers; the rest stays owed and visible.

    Cash goes first, then the guarantee that ends first. The agency is asked at once to bring the security up again.

    :raises Denied: for the officer who filed or decided it.
    :raises DomainError: while an award that was decided earlier is owed, or when nothing is left.
    """
    claim, agency = policies.locked(session, actor, CLAIMS, claim_id)
    if actor.account_id in (claim.filed_by, claim.decided_by):
        raise Denied(_l("You filed or decided this claim. Another officer must pay it."))
    CLAIMS.require(session, actor, claim, SecurityStage.PAYMENT)
    owed = owed_on(session, claim)
    if claim.status in OWED_CLAIMS:
        _refuse_before_its_turn(session, claim)
    drawn = _draw(session, actor, claim, owed) if claim.status in OWED_CLAIMS else 0
    if claim.status in OWED_CLAIMS and drawn == 0:
        raise DomainError(_l("Nothing is left of the security. The award stays owed."))
    action = "pay" if drawn == owed else "pay_part"
    evidence = {"paid_minor": drawn, "still_owed_minor": owed - drawn}
    CLAIM.apply(session, claim, action, actor=actor, evidence=evidence)
    account = session.get_one(SecurityAccount, claim.account_id)
    licence = rules.newest_licence(session, agency.id)
    # An agency whose licence has ended is asked for nothing more: what is owed is collected from it otherwise.
    if licence is not None and licence.status in rules.OPEN:
        due = rules.top_up_by(legal_today(session))
        demands.demand(session, SYSTEM, account, cause=DemandCause.DRAW, minor=drawn, due_on=due, claim_id=claim.id)
    else:
        demands.tell(session, agency.id)
    return claim


def owed_on(session: Session, claim: SecurityClaim) -> int:
    """What is still to be paid of a granted claim, in minor units."""
    if claim.granted_minor is None:
        return 0
    return claim.granted_minor - claim.settled_minor - ledger.paid_of_claim(session, claim.id)


def settle(session: Session, actor: Actor, claim_id: UUID, reason: str) -> SecurityClaim:
    """What is still owed was paid by the agency itself, past the security: nothing is drawn for it any more.

    The caller holds the agency, and has asked whose word this is.
    """
    claim = session.get_one(SecurityClaim, claim_id, populate_existing=True)
    minor = owed_on(session, claim)
    CLAIM.apply(session, claim, "settle", actor=actor, reason=reason, evidence={"settled_minor": minor})
    claim.settled_minor += minor
    session.flush()
    return claim


def _refuse_before_its_turn(session: Session, claim: SecurityClaim) -> None:
    earlier = exists().where(
        SecurityClaim.account_id == claim.account_id,
        SecurityClaim.id != claim.id,
        SecurityClaim.status.in_(OWED_CLAIMS),
        or_(
            SecurityClaim.decided_at < claim.decided_at,
            (SecurityClaim.decided_at == claim.decided_at) & (SecurityClaim.id < claim.id),
        ),
    )
    if session.scalar(select(earlier)):
        raise DomainError(_l("An award that was decided earlier is to be paid first."))


def _draw(session: Session, actor: Actor, claim: SecurityClaim, minor: int) -> int:
    """Take up to so much out of the papers; gives how much it was."""
    papers = session.scalars(
        select(SecurityInstrument)
        .where(SecurityInstrument.account_id == claim.account_id, SecurityInstrument.status.in_(STANDING))
        .order_by(
            case((SecurityInstrument.kind == SecurityKind.CASH, 0), else_=1),
            SecurityInstrument.guarantee_until,
            SecurityInstrument.id,
        )
        .execution_options(populate_existing=True)
    ).all()
    worth = ledger.left_of_each(session, claim.account_id)
    officers, drawn = Officers(claim.decided_by, actor.require_account()), 0
    for paper in papers:
        part = min(minor - drawn, worth.get(paper.id, 0))
        if part <= 0:
            continue
        entry: SecurityEntry = ledger.post(session, paper, EntryKind.DRAW, -part, officers, claim_id=claim.id)
        drawn += part
        if part == worth[paper.id]:
            INSTRUMENT.apply(session, paper, "draw", actor=actor, evidence={"entry_id": entry.id})
    return drawn
