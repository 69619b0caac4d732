"""Queued work and schedules of this package. Every handler may run twice."""

from datetime import UTC, date, timedelta
from uuid import UUID

import structlog
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from core.actor import SYSTEM
from core.db import db_now
from core.errors import DomainError
from core.jobs import enqueue, every, job
from core.settings import current
from remittance.credit_transfers import services as credit_transfers
from remittance.credit_transfers.models import CreditTransfer
from remittance.credit_transfers.status import CreditTransferStatus
from remittance.funding import services as funding
from remittance.funding.stripe_cards import cards
from remittance.orders import officers, payouts
from remittance.orders.models import PayoutBatch, Refund, Remittance
from remittance.orders.status import RefundStatus, RemittanceStatus
from remittance.quotes.services import demo_rates
from remittance.quotes.status import PayIn
from remittance.rails.folder import FolderRail
from remittance.rails.local_partner import answer_outbox
from remittance.reconciliation.services import make_reports

log = structlog.get_logger()


@job("remittance.apply_payment")
def apply_payment(session: Session, checkout_id: str) -> None:
    funding.apply_payment(session, cards(), checkout_id)


@job("remittance.pay_out")
def pay_out(session: Session) -> None:
    payouts.make_batch(session)


@job("remittance.write_batch")
def write_batch(session: Session, batch_id: str) -> None:
    payouts.write_batch(session, UUID(batch_id))


@job("remittance.give_back")
def give_back(session: Session, refund_id: str) -> None:
    officers.give_back(session, UUID(refund_id), cards())


@job("remittance.check_refund")
def check_refund(session: Session, provider_refund_id: str) -> None:
    officers.check_refund(session, provider_refund_id, cards())


@job("remittance.settle_payment")
def settle_payment(session: Session, checkout_id: str) -> None:
    funding.settle_payment(session, cards(), checkout_id)


@job("remittance.write_transfer")
def write_transfer(session: Session, transfer_id: str) -> None:
    credit_transfers.write(session, UUID(transfer_id), payouts.rail())


@every("*/1 * * * *", "remittance.sweep")
def sweep(session: Session) -> None:
    """What a lost event, a killed worker or time itself left behind."""
    if current().demo:
        demo_rates(session)
    payouts.expire(session)
    payouts.mark_unanswered(session)
    enqueue(session, "remittance.pay_out", queueing_lock="remittance.pay_out")
    # Batches whose writing was lost, and payments whose event never came.
    for batch_id in session.scalars(select(PayoutBatch.id).where(PayoutBatch.written_at.is_(None)).limit(20)):
        enqueue(session, "remittance.write_batch", batch_id=str(batch_id), queueing_lock=f"batch:{batch_id}")
    waiting = select(Remittance.checkout_id).where(
        Remittance.status == RemittanceStatus.SCREENED, Remittance.checkout_id.is_not(None)
    )
    for checkout_id in session.scalars(waiting.limit(50)):
        enqueue(session, "remittance.apply_payment", checkout_id=checkout_id, queueing_lock=f"payment:{checkout_id}")
    for paid in funding.unsettled(session):
        enqueue(session, "remittance.settle_payment", checkout_id=paid, queueing_lock=f"settle:{paid}")
    _sweep_refunds(session)


def _sweep_refunds(session: Session) -> None:
    """Refunds that the provider did not answer for, and transfers whose file was not written."""
    waiting = select(Refund.id).where(Refund.status == RefundStatus.APPROVED, Refund.way == PayIn.CARD)
    for refund_id in session.scalars(waiting.order_by(Refund.created_at).limit(50)):
        enqueue(session, "remittance.give_back", refund_id=str(refund_id), queueing_lock=f"refund:{refund_id}")
    ordered = select(CreditTransfer.id).where(CreditTransfer.status == CreditTransferStatus.ORDERED)
    for transfer_id in session.scalars(ordered.order_by(CreditTransfer.created_at).limit(50)):
        enqueue(
            session, "remittance.write_transfer", transfer_id=str(transfer_id), queueing_lock=f"transfer:{transfer_id}"
        )


@job("remittance.read_bank_folder")
def read_bank_folder(session: Session) -> None:
    bank_folder(session)


@every("*/1 * * * *", "remittance.bank_folder")
def bank_folder(session: Session) -> None:
    """Statements and answers that lie in the bank's folder. A file that can't be read is set aside, not tried for ever."""
    if current().demo:
        answer_outbox(current().bank_folder)
    rail = FolderRail(current().bank_folder)
    read: list[str] = []
    for name, data in rail.answers():
        try:
            with session.begin_nested():
                if b"camt.053" in data[:2000]:
                    funding.import_statement(session, SYSTEM, data)
                else:
                    payouts.take_answers(session, data)
        except DomainError as error:
            log.warning("bank file refused", file=name, kind=type(error).__name__)
        read.append(name)
    session.flush()
    # Only what was committed is put away; a file read twice changes nothing.
    event.listen(session, "after_commit", lambda _session: rail.done(*read), once=True)


@every("20 2 * * *", "remittance.reconcile")
def reconcile_yesterday(session: Session) -> None:
    """Every night the day before, and three more: what was late is found then."""
    today = db_now(session).astimezone(UTC).date()
    for back in range(1, 5):
        enqueue(
            session, "remittance.reconcile_day", day=(today - timedelta(days=back)).isoformat(),
            queueing_lock=f"reconcile:{back}",
        )  # fmt: skip


@job("remittance.reconcile_day")
def reconcile_day(session: Session, day: str) -> None:
    provider = cards() if current().stripe_secret_key else None
    make_reports(session, date.fromisoformat(day), provider)
