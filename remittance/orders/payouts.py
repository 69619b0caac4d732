"""Payouts: batches written as files by the worker, answers of the partner, the ones that nobody answered."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from core import audit
from core.actor import SYSTEM
from core.db import db_now, legal_today
from core.ids import new_reference
from core.jobs import enqueue
from core.settings import current
from law.country import deployment
from migrants.registration.models import Migrant
from remittance.credit_transfers import services as credit_transfers
from remittance.ledger.services import NotCovered
from remittance.orders import books
from remittance.orders.models import Beneficiary, PayoutBatch, Refund, Remittance
from remittance.orders.status import OPEN_REFUNDS, SENT, RemittanceStatus, remittance_workflow
from remittance.quotes.accounts import Purpose, account_for
from remittance.quotes.tariffs import standards
from remittance.rails import pacs002
from remittance.rails.folder import FolderRail
from remittance.rails.port import Party, PayoutAnswer, PayoutFile, PayoutOrder, PayoutOutcome, PayoutRail

BATCH = 500


def rail() -> PayoutRail:
    """The rail of this deployment."""
    return FolderRail(current().bank_folder)


def make_batch(session: Session) -> PayoutBatch | None:
    """Put what is funded into a batch and post it; the file itself is written by a job, after this has been committed.

    Stops at the partner's float: what it does not cover waits in its place.
    """
    waiting = session.scalars(
        select(Remittance)
        .where(Remittance.status == RemittanceStatus.FUNDED, ~_refund_open())
        .order_by(Remittance.paid_at, Remittance.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    taken: list[Remittance] = []
    for remittance in waiting:
        try:
            books.sent(session, remittance)
        except NotCovered:
            break
        taken.append(remittance)
    if not taken:
        return None
    batch = PayoutBatch(
        reference=new_reference("PB"),
        currency=deployment().currency,
        total_minor=sum(r.receive_minor for r in taken),
        count=len(taken),
        execute_on=legal_today(session),
        partner=current().payout_partner,
    )
    session.add(batch)
    session.flush()
    now = db_now(session)
    for remittance in taken:
        remittance_workflow.apply(session, remittance, "send", actor=SYSTEM, evidence={"batch": batch.id})
        remittance.batch_id, remittance.sent_at = batch.id, now
    enqueue(session, "remittance.write_batch", batch_id=str(batch.id))
    return batch


def _refund_open() -> ColumnElement[bool]:
    """A refund is being decided: the money waits for it."""
    return exists().where(Refund.remittance_id == Remittance.id, Refund.status.in_(OPEN_REFUNDS))


def write_batch(session: Session, batch_id: UUID, to: PayoutRail | None = None) -> None:
    """Hand the batch's file over. Run twice it writes the same bytes again, and the orders' ids make them count once."""
    batch = session.scalars(select(PayoutBatch).where(PayoutBatch.id == batch_id).with_for_update()).one()
    if batch.written_at is not None:
        return
    data = (to or rail()).send(_file(session, batch))
    batch.sha256 = sha256(data).hexdigest()
    batch.written_at = db_now(session)


def _file(session: Session, batch: PayoutBatch) -> PayoutFile:
    country = deployment()
    ministry = Party(country.ministry["en"], _capital(), country.code)
    rows = session.execute(
        select(Remittance, Beneficiary, Migrant)
        .join(Beneficiary, Beneficiary.id == Remittance.beneficiary_id)
        .join(Migrant, Migrant.id == Remittance.migrant_id)
        .where(Remittance.batch_id == batch.id)
        .order_by(Remittance.id)
    ).all()
    orders = [
        PayoutOrder(
            end_to_end_id=remittance.reference,
            amount=remittance.receives,
            creditor=Party(beneficiary.full_name or "", beneficiary.town or "", country.code),
            creditor_account=beneficiary.account_number or "",
            creditor_bank=beneficiary.bank,
            ultimate_debtor=Party(
                migrant.latin_name or migrant.full_name or migrant.reference,
                country.destination_name(remittance.country),
                remittance.country,
            ),
        )
        for remittance, beneficiary, migrant in rows
    ]
    ours = account_for(Purpose.FLOAT, batch.currency, batch.execute_on)
    return PayoutFile(
        message_id=batch.reference,
        made_at=batch.created_at,
        execute_on=batch.execute_on,
        debtor=ministry,
        debtor_account=ours.number if ours else "REMITTANCE-FLOAT",
        debtor_bank=ours.bank if ours else "Payout partner",
        orders=orders,
    )


def _capital() -> str:
    return deployment().capital


def take_answers(session: Session, data: bytes) -> int:
    """Apply the partner's final answers; gives how many changed something. The same file again changes nothing."""
    return sum(apply_answer(session, answer) for answer in pacs002.read(data))


def apply_answer(session: Session, answer: PayoutAnswer) -> bool:
    remittance = session.scalars(
        select(Remittance)
        .where(Remittance.reference == answer.end_to_end_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if remittance is None:
        return credit_transfers.answered(session, answer)
    if remittance.status not in SENT:
        if remittance.status is RemittanceStatus.DISPUTED:
            # An officer weighs it: the answer is evidence, not the end of the dispute.
            audit.record(
                session,
                SYSTEM,
                subject=("remittance", remittance.id),
                action="partner_answered",
                evidence={"outcome": answer.outcome, "reason_code": answer.reason_code},
            )
        return False
    evidence = {"reason_code": answer.reason_code}
    if answer.outcome is PayoutOutcome.PAID:
        remittance_workflow.apply(session, remittance, "confirm_payout", actor=SYSTEM, evidence=evidence)
        remittance.paid_out_at = db_now(session)
        books.paid_out(session, remittance)
    else:
        remittance_workflow.apply(session, remittance, "fail_payout", actor=SYSTEM, evidence=evidence)
        remittance.failure_code = answer.reason_code[:35] or "unknown"
        books.failed(session, remittance)
    return True


def mark_unanswered(session: Session) -> int:
    """Orders without an answer for too long: nothing is concluded and nothing is sent again; an officer asks."""
    limit = db_now(session) - timedelta(hours=standards()["answer_hours"])
    late = session.scalars(
        select(Remittance)
        .where(Remittance.status == RemittanceStatus.IN_TRANSFER, Remittance.sent_at < limit)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for remittance in late:
        remittance_workflow.apply(session, remittance, "lose_contact", actor=SYSTEM)
    return len(late)


def expire(session: Session) -> int:
    """Offers and orders whose time ran out."""
    now = db_now(session)
    offered = (RemittanceStatus.QUOTED, RemittanceStatus.RECIPIENT_CHECKED)
    late = session.scalars(
        select(Remittance)
        .where(
            (Remittance.status.in_(offered) & (Remittance.quote_expires_at < now))
            | ((Remittance.status == RemittanceStatus.SCREENED) & (Remittance.pay_by < now))
        )
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for remittance in late:
        remittance_workflow.apply(session, remittance, "expire", actor=SYSTEM)
    return len(late)
