"""Steps of remittance officers: screening, money that does not fit, refunds, disputes. Maker is never checker."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import SYSTEM, Actor
from core.db import db_now
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.i18n import _l
from core.ids import new_reference
from core.jobs import enqueue
from core.money import Money
from core.permissions import Permission
from remittance.credit_transfers import services as credit_transfers
from remittance.credit_transfers.services import Creditor
from remittance.funding.port import CardProvider, ProviderRefused, RefundOutcome, RefundState
from remittance.orders import books, policies
from remittance.orders.models import Refund, Remittance
from remittance.orders.status import (
    OPEN_REFUNDS,
    RefundStatus,
    RemittanceStatus,
    refund_workflow,
    remittance_workflow,
)
from remittance.quotes.status import PayIn

REFUNDABLE = frozenset({RemittanceStatus.FUNDED, RemittanceStatus.HELD, RemittanceStatus.FAILED})


def find(session: Session, actor: Actor, remittance_id: UUID, *, lock: bool = False) -> Remittance:
    """A remittance that this officer may handle.

    :raises NotVisible: when there is none, or it is the officer's own.
    """
    query = select(Remittance).where(Remittance.id == remittance_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None or not policies.may_handle(actor, found.migrant_id):
        raise NotVisible
    return found


def decide_screening(session: Session, actor: Actor, remittance_id: UUID, *, action: str, reason: str) -> Remittance:
    """``clear`` what screening found, or ``propose_refusal``; then another officer may ``refuse`` or ``put_back``.

    Nothing was paid in yet: payment is asked for after screening alone.
    """
    if action not in ("clear", "propose_refusal", "refuse", "put_back"):
        raise NotVisible
    remittance = find(session, actor, remittance_id, lock=True)
    if action in ("refuse", "put_back") and remittance.refusal_proposed_by == actor.account_id:
        raise Denied(_l("You proposed this: another officer decides."))
    codes = [r["code"] for r in remittance.screening]
    remittance_workflow.apply(session, remittance, action, actor=actor, reason=reason, evidence={"reasons": codes})
    if action == "propose_refusal":
        remittance.refusal_proposed_by, remittance.refusal_decided_by = actor.require_account(), None
    elif action == "refuse":
        remittance.refusal_decided_by = actor.require_account()
        credit_transfers.tell(session, remittance, "remittance_not_sent")
    return remittance


def release(session: Session, actor: Actor, remittance_id: UUID, *, reason: str) -> Remittance:
    """Send on money that came late. What is not exactly the amount can only be given back."""
    remittance = find(session, actor, remittance_id, lock=True)
    if remittance.paid_minor - remittance.refunded_minor != remittance.pays.minor:
        raise DomainError(_l("The amount is not what was asked. It can only be given back."))
    if remittance.beneficiary_id is None:
        raise DomainError(_l("No recipient was chosen. It can only be given back."))
    _no_open_refund(session, remittance)
    remittance_workflow.apply(session, remittance, "release", actor=actor, reason=reason)
    enqueue(session, "remittance.pay_out", queueing_lock="remittance.pay_out")
    return remittance


def _no_open_refund(session: Session, remittance: Remittance) -> None:
    still_open = session.scalar(
        select(Refund.id).where(
            Refund.remittance_id == remittance.id,
            Refund.status.in_(OPEN_REFUNDS),
        )
    )
    if still_open is not None:
        raise TooLate(_l("A refund is being decided already."))


def settle(session: Session, actor: Actor, remittance_id: UUID, *, action: str, reason: str) -> Remittance:
    """End a dispute: the money was paid out, or it was not."""
    remittance = find(session, actor, remittance_id, lock=True)
    was_paid_out = remittance.paid_out_at is not None
    if action == "settle_paid":
        remittance_workflow.apply(session, remittance, action, actor=actor, reason=reason)
        if not was_paid_out:
            remittance.paid_out_at = db_now(session)
            books.paid_out(session, remittance)
    elif action == "settle_failed":
        remittance_workflow.apply(session, remittance, action, actor=actor, reason=reason)
        if was_paid_out:
            books.reversed_payout(session, remittance)
            remittance.paid_out_at = None
        books.failed(session, remittance)
        remittance.failure_code = "dispute"
    else:
        raise NotVisible
    return remittance


@dataclass(frozen=True, slots=True)
class ProposeRefund:
    amount: Money
    reason: str


def refundable(remittance: Remittance) -> Money:
    """The most that can be given back now: everything before payout, the fee alone after it."""
    left = remittance.paid_minor - remittance.refunded_minor
    if remittance.status in REFUNDABLE:
        return Money(left, remittance.currency)
    if remittance.status is RemittanceStatus.PAID_OUT:
        return Money(max(0, min(left, remittance.fee.minor - remittance.refunded_minor)), remittance.currency)
    return Money(0, remittance.currency)


def propose_refund(session: Session, actor: Actor, remittance_id: UUID, command: ProposeRefund) -> Refund:
    """Propose to give money back; another officer approves. Until then it is not sent."""
    actor.require(Permission.REMITTANCE_OPERATE)
    remittance = find(session, actor, remittance_id, lock=True)
    if not command.reason.strip():
        raise DomainError(_l("Please give a reason."), field="reason")
    _no_open_refund(session, remittance)
    most = refundable(remittance)
    if command.amount.currency != remittance.currency or not 0 < command.amount.minor <= most.minor:
        raise DomainError(_l("Write an amount up to what can be given back."), field="amount")
    if remittance.status in REFUNDABLE and command.amount.minor != most.minor:
        raise DomainError(_l("Before it was paid out, all of it is given back."), field="amount")
    refund = Refund(
        remittance_id=remittance.id,
        status=RefundStatus.PROPOSED,
        currency=remittance.currency,
        amount_minor=command.amount.minor,
        reason=command.reason,
        proposed_by=actor.require_account(),
        way=remittance.pay_in,
    )
    session.add(refund)
    session.flush()
    return refund


def decide_refund(session: Session, actor: Actor, refund_id: UUID, *, action: str, reason: str) -> Refund:
    """``approve`` or ``reject``, by another officer than the one who proposed."""
    if action not in ("approve", "reject"):
        raise NotVisible
    remittance, refund = _locked(session, actor, refund_id)
    if refund.proposed_by == actor.account_id:
        raise Denied(_l("You proposed this refund: another officer decides."))
    if action == "approve" and refund.amount_minor > refundable(remittance).minor:
        raise TooLate(_l("The remittance has moved on: this amount can’t be given back any more."))
    refund_workflow.apply(session, refund, action, actor=actor, reason=reason, evidence={"remittance": remittance.id})
    if action == "approve":
        refund.approved_by = actor.account_id
        # Counted from now on, so that nothing else gives the same money away while the provider works.
        remittance.refunded_minor += refund.amount_minor
        from_fees = remittance.status is RemittanceStatus.PAID_OUT
        books.refunded(session, remittance, refund, from_fees=from_fees)
        if not from_fees:
            remittance_workflow.apply(
                session, remittance, "refund", actor=actor, reason=reason, evidence={"refund": refund.id}
            )
        _give_back(session, remittance, refund)
    return refund


def _locked(session: Session, actor: Actor, refund_id: UUID) -> tuple[Remittance, Refund]:
    """The remittance first, then the refund: the same order everywhere, so that nothing waits in a circle."""
    known = session.get(Refund, refund_id)
    if known is None:
        raise NotVisible
    remittance = find(session, actor, known.remittance_id, lock=True)
    refund = session.scalars(
        select(Refund).where(Refund.id == refund_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    return remittance, refund


def _give_back(session: Session, remittance: Remittance, refund: Refund) -> None:
    """By card the worker asks the provider; by bank it goes to the account it came from, when the bank told which."""
    if refund.way is PayIn.CARD:
        enqueue(session, "remittance.give_back", refund_id=str(refund.id), lock=f"refund:{refund.id}")
        return
    payer = credit_transfers.payer_of(session, remittance)
    if payer is None:
        credit_transfers.fail_refund(session, refund, "no_account")
        return
    credit_transfers.new_transfer(
        session,
        refund.amount,
        payer,
        proposed_by=refund.proposed_by,
        approved_by=refund.approved_by,
        refund_id=refund.id,
    )


def give_back(session: Session, refund_id: UUID, provider: CardProvider) -> None:
    """Ask the card provider to give approved money back; asked again, it is the same refund."""
    refund = session.scalars(select(Refund).where(Refund.id == refund_id).with_for_update()).one()
    remittance = session.get_one(Remittance, refund.remittance_id)
    if refund.status is not RefundStatus.APPROVED or refund.way is not PayIn.CARD or remittance.payment_id is None:
        return
    if refund.provider_refund_id is not None:
        take_refund_state(session, refund, provider.refund_state(refund.provider_refund_id))
        return
    try:
        state = provider.refund(refund.attempt_key, remittance.payment_id, refund.amount)
    except ProviderRefused:
        credit_transfers.fail_refund(session, refund, "refused")
        return
    refund.provider_refund_id = state.id
    take_refund_state(session, refund, state)


def check_refund(session: Session, provider_refund_id: str, provider: CardProvider) -> bool:
    """The provider told that something happened to a refund: ask what. Gives whether it was one of ours."""
    refund = session.scalars(
        select(Refund)
        .where(Refund.provider_refund_id == provider_refund_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if refund is None or refund.way is not PayIn.CARD:
        return False
    take_refund_state(session, refund, provider.refund_state(provider_refund_id))
    return True


def take_refund_state(session: Session, refund: Refund, state: RefundState) -> None:
    """A refund may fail days after it was done: then the money is with the provider again, and still owed."""
    if state.outcome is RefundOutcome.DONE and refund.status is RefundStatus.APPROVED:
        books.card_refund_left(session, refund, state.settled)
        refund_workflow.apply(session, refund, "finish", actor=SYSTEM)
        credit_transfers.tell(session, session.get_one(Remittance, refund.remittance_id), "refund_paid")
    elif state.outcome is RefundOutcome.FAILED and refund.status in (RefundStatus.APPROVED, RefundStatus.DONE):
        if refund.status is RefundStatus.DONE:
            books.card_refund_came_back(session, refund)
        credit_transfers.fail_refund(session, refund, state.reason or "failed")


@dataclass(frozen=True, slots=True)
class ProposeSettlement:
    """Another way for a refund that did not reach its sender: the card once more, or a bank account of the sender."""

    way: PayIn
    creditor: Creditor
    reason: str


def propose_settlement(session: Session, actor: Actor, refund_id: UUID, command: ProposeSettlement) -> Refund:
    """Propose how a failed refund reaches its sender; another officer decides."""
    actor.require(Permission.REMITTANCE_OPERATE)
    remittance, refund = _locked(session, actor, refund_id)
    if command.way is PayIn.CARD and remittance.payment_id is None:
        raise DomainError(_l("This was not paid by card: choose a bank account."), field="way")
    refund_workflow.apply(
        session, refund, "propose_settlement", actor=actor, reason=command.reason, evidence={"way": command.way}
    )
    refund.settle_way, refund.settle_proposed_by, refund.settled_by = command.way, actor.require_account(), None
    if command.way is PayIn.BANK:
        credit_transfers.new_transfer(
            session, refund.amount, command.creditor, proposed_by=actor.require_account(), refund_id=refund.id
        )
    return refund


def decide_settlement(session: Session, actor: Actor, refund_id: UUID, *, approve: bool, reason: str) -> Refund:
    """The second officer's word on how a failed refund goes out."""
    _remittance, refund = _locked(session, actor, refund_id)
    if refund.settle_proposed_by == actor.account_id:
        raise Denied(_l("You proposed this: another officer decides."))
    action = "approve_settlement" if approve else "reject_settlement"
    refund_workflow.apply(session, refund, action, actor=actor, reason=reason, evidence={"way": refund.settle_way})
    transfer = credit_transfers.proposed_for(session, refund_id=refund.id)
    if transfer is not None:
        credit_transfers.decide(session, actor, transfer, approve=approve, reason=reason)
    if not approve:
        return refund
    refund.settled_by = actor.account_id
    refund.way = PayIn(str(refund.settle_way))
    refund.failure_code = None
    if refund.way is PayIn.CARD:
        # Another try is another refund at the provider, with a key of its own.
        refund.attempt += 1
        refund.provider_refund_id = None
        enqueue(session, "remittance.give_back", refund_id=str(refund.id), lock=f"refund:{refund.id}")
    return refund


def pay_in_float(session: Session, actor: Actor, amount: Money, *, reason: str) -> None:
    """Record that the partner's float was topped up."""
    from core import audit

    actor.require(Permission.REFUND_APPROVE)
    if amount.minor <= 0 or not reason.strip():
        raise DomainError(_l("Write the amount and where it stands in the bank’s papers."), field="reason")
    key = new_reference("FL")
    books.float_paid_in(session, key, amount)
    audit.record(
        session,
        actor,
        subject=("partner_float", None),
        action="pay_in",
        reason=reason,
        evidence={"key": key, "amount_minor": amount.minor, "currency": amount.currency},
    )
    enqueue(session, "remittance.pay_out", queueing_lock="remittance.pay_out")
