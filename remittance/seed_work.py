"""What lies on a remittance officer's desk in the demo: bank lines, refunds, refusals, reports of past days.

All of it is made by the services that officers and the worker use, so that it can be worked on like real work.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import SYSTEM
from core.db import db_now
from core.money import Money
from core.world import World
from law.country import deployment
from law.seed_data import seed_data
from remittance.funding.local_bank import Entry, statement
from remittance.funding.reference import new_reference
from remittance.funding.services import import_statement
from remittance.orders import officers
from remittance.orders.models import Remittance
from remittance.orders.officers import ProposeRefund
from remittance.orders.status import RemittanceStatus as S
from remittance.quotes.accounts import Purpose, account_for
from remittance.quotes.status import PayIn
from remittance.reconciliation.models import ReconciliationDifference
from remittance.reconciliation.services import close, make_reports

DAYS = 5
TOP_UP = 2_000_000_00


def demo(session: Session, world: World, made: Sequence[Remittance]) -> None:
    """After the remittances themselves. Needs the demo's two remittance officers; without them nothing is made."""
    officer, approver = (world.actors.get(f"remittance.{role}") for role in ("officer", "approver"))
    if officer is None or approver is None:
        return
    now = db_now(session)
    top_up = Money(TOP_UP, deployment().currency)
    officers.pay_in_float(session, approver, top_up, reason="Advice of the partner, yesterday")
    for back in range(DAYS, 0, -1):
        _bank_day(session, world, made, now - timedelta(days=back), back)
    _float_day(session, now - timedelta(days=1), top_up)
    _refunds(session, world, made)
    for review in [r for r in made if r.status is S.SCREENING_REVIEW][:2]:
        officers.decide_screening(
            session,
            officer,
            review.id,
            action="propose_refusal",
            reason="The sender could not say where it comes from.",
        )
    for back in range(DAYS, 0, -1):
        make_reports(session, (now - timedelta(days=back)).astimezone(UTC).date(), None)
    first = session.scalars(select(ReconciliationDifference).order_by(ReconciliationDifference.id).limit(1)).first()
    if first is not None:
        close(session, officer, first.id, reason="The bank’s own charge, by its price list.")


def _bank_day(session: Session, world: World, made: Sequence[Remittance], at: datetime, number: int) -> None:
    """One day's statement: money that fits nothing, each day for another reason; on two days the bank's own charge."""
    waiting = [r for r in made if r.status is S.SCREENED and r.pay_in is PayIn.BANK]
    if number > len(waiting):
        return
    order = waiting[number - 1]
    ours = account_for(Purpose.COLLECTION, order.currency, at.date())
    if ours is None:
        return
    names = seed_data("agencies")
    payer = f"{world.rng.choice(names['given'])} {world.rng.choice(names['family'])}"
    account = "".join(world.rng.choice("123456789") for _ in range(12))
    stray = {
        1: Entry(order.pays, "D1", payer=payer, payer_account=account, text="family"),
        2: Entry(order.amount, "D2", payer=payer, payer_account=account, reference=order.pay_reference or ""),
        3: Entry(order.pays, "D3", payer=payer, payer_account=account, reference=new_reference()),
        4: Entry(order.pays, "D4", payer=payer, text="for my mother, thank you"),
        5: Entry(order.pays, "D5", payer=payer, payer_account=account, text="salary November"),
    }[number]
    charge = Entry(Money(max(1, order.fee.minor), order.currency), f"C{number}", text="Bank charge", debit=True)
    import_statement(session, SYSTEM, statement(ours, [stray, charge] if number in (2, 4) else [stray], at=at))


def _float_day(session: Session, at: datetime, top_up: Money) -> None:
    ours = account_for(Purpose.FLOAT, top_up.currency, at.date())
    if ours is not None:
        import_statement(session, SYSTEM, statement(ours, [Entry(top_up, "T1", text="Top-up")], at=at))


def _refunds(session: Session, world: World, made: Sequence[Remittance]) -> None:
    """Three that wait for their checker, and one whose money did not reach its sender."""
    officer, approver = world.actors["remittance.officer"], world.actors["remittance.approver"]
    failed = [r for r in made if r.status is S.FAILED and r.pay_in is PayIn.BANK]
    for remittance in failed[:4]:
        command = ProposeRefund(officers.refundable(remittance), "The account at home can’t take the money.")
        refund = officers.propose_refund(session, officer, remittance.id, command)
        if remittance is failed[0]:
            officers.decide_refund(
                session, approver, refund.id, action="approve", reason="Seen in the partner’s answer."
            )
