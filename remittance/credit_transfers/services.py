"""Money that leaves by bank: ordered by two officers, written by the worker, confirmed by the bank's own message.

The bank's message is a status report (pacs.002) or a booked debit of a statement (camt.053) that brings our EndToEndId.
A confirmation by hand is the exception, and takes two officers again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts import UserAccount
from core.actor import SYSTEM, Actor
from core.audit import record
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, NotVisible
from core.i18n import _l
from core.jobs import enqueue
from core.messages import send
from core.money import Money
from core.privacy import new_person
from law.country import deployment
from migrants.registration.models import Migrant
from remittance.credit_transfers.models import CreditTransfer
from remittance.credit_transfers.status import LIVE, CreditTransferStatus, credit_transfer_workflow
from remittance.funding.camt053 import StatementDebit
from remittance.orders import books, policies
from remittance.orders.models import BankLine, Refund, Remittance
from remittance.orders.status import BankLineStatus, bank_line_workflow, refund_workflow
from remittance.quotes.accounts import Purpose, account_for
from remittance.rails.port import Party, PayoutAnswer, PayoutFile, PayoutOrder, PayoutOutcome, PayoutRail

_T = CreditTransferStatus


@dataclass(frozen=True, slots=True)
class Creditor:
    """Who gets the money: the holder of an account, with the bank's BIC or name, town and country (ISO 3166)."""

    name: str
    account: str
    bank: str
    town: str
    country: str


def new_transfer(
    session: Session,
    amount: Money,
    to: Creditor,
    *,
    proposed_by: UUID,
    approved_by: UUID | None = None,
    refund_id: UUID | None = None,
    bank_line_id: UUID | None = None,
) -> CreditTransfer:
    """A credit transfer; with ``approved_by`` two officers have decided already and the worker writes it.

    :raises DomainError: when an account, name, town or country is missing, or one lives already.
    """
    if not all((to.name.strip(), to.account.strip(), to.bank.strip(), to.town.strip(), to.country.strip())):
        raise DomainError(_l("Write the holder, account, bank, town and country."), field="account_number")
    mine = CreditTransfer.refund_id == refund_id if refund_id else CreditTransfer.bank_line_id == bank_line_id
    if session.scalar(select(CreditTransfer.id).where(mine, CreditTransfer.status.in_(LIVE))) is not None:
        raise DomainError(_l("This money is being paid back already."))
    made = CreditTransfer(
        person_key_id=new_person(session).id,
        status=_T.ORDERED if approved_by else _T.PROPOSED,
        refund_id=refund_id,
        bank_line_id=bank_line_id,
        currency=amount.currency,
        amount_minor=amount.minor,
        creditor_bank=to.bank,
        creditor_country=to.country,
        proposed_by=proposed_by,
        approved_by=approved_by,
    )
    made.creditor_name, made.creditor_account, made.creditor_town = to.name, to.account, to.town
    session.add(made)
    session.flush()
    record(session, SYSTEM, subject=("credit_transfer", made.id), action="make", evidence={"reference": made.reference})
    if approved_by:
        _queue(session, made)
    return made


def _queue(session: Session, transfer: CreditTransfer) -> None:
    enqueue(session, "remittance.write_transfer", transfer_id=str(transfer.id), lock=f"transfer:{transfer.id}")


def decide(session: Session, actor: Actor, transfer: CreditTransfer, *, approve: bool, reason: str) -> None:
    """The second officer's word on a proposed transfer; the caller holds the refund or the line."""
    if transfer.proposed_by == actor.account_id:
        raise Denied(_l("You proposed this: another officer decides."))
    credit_transfer_workflow.apply(session, transfer, "approve" if approve else "reject", actor=actor, reason=reason)
    if approve:
        transfer.approved_by = actor.account_id
        _queue(session, transfer)


def proposed_for(
    session: Session, *, refund_id: UUID | None = None, bank_line_id: UUID | None = None
) -> CreditTransfer | None:
    mine = CreditTransfer.refund_id == refund_id if refund_id else CreditTransfer.bank_line_id == bank_line_id
    return session.scalars(
        select(CreditTransfer).where(mine, CreditTransfer.status == _T.PROPOSED).with_for_update()
    ).one_or_none()


def write(session: Session, transfer_id: UUID, to: PayoutRail) -> None:
    """Hand a transfer to the bank as a file of its own. Run twice it writes the same bytes under the same name."""
    transfer = session.scalars(select(CreditTransfer).where(CreditTransfer.id == transfer_id).with_for_update()).one()
    if transfer.status is not _T.ORDERED:
        return
    transfer.sha256 = sha256(to.send(_file(session, transfer))).hexdigest()
    transfer.written_at = db_now(session)
    credit_transfer_workflow.apply(session, transfer, "write", actor=SYSTEM, evidence={"sha256": transfer.sha256})


def _file(session: Session, transfer: CreditTransfer) -> PayoutFile:
    country = deployment()
    ministry = Party(country.ministry["en"], _capital(), country.code)
    creditor = Party(transfer.creditor_name or "", transfer.creditor_town or "", transfer.creditor_country)
    order = PayoutOrder(
        end_to_end_id=transfer.reference,
        amount=transfer.amount,
        creditor=creditor,
        creditor_account=transfer.creditor_account or "",
        creditor_bank=transfer.creditor_bank,
        ultimate_debtor=ministry,
        purpose_code="",
    )
    today = legal_today(session)
    ours = account_for(Purpose.COLLECTION, transfer.currency, today)
    return PayoutFile(
        message_id=transfer.reference,
        made_at=transfer.created_at,
        execute_on=today,
        debtor=ministry,
        debtor_account=ours.number if ours else f"REMITTANCE-COLLECTION-{transfer.currency}",
        debtor_bank=ours.bank if ours else "Collecting bank",
        orders=[order],
    )


def _capital() -> str:
    return deployment().capital


# --- what the bank says ------------------------------------------------------------------------------------------------


def _locked(session: Session, reference: str) -> CreditTransfer | None:
    return session.scalars(
        select(CreditTransfer)
        .where(CreditTransfer.reference == reference)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def answered(session: Session, answer: PayoutAnswer) -> bool:
    """A status report of the bank. Only the first clear answer changes something."""
    transfer = _locked(session, answer.end_to_end_id)
    if transfer is None or transfer.status not in (_T.WRITTEN, _T.HAND_PROPOSED):
        return False
    if answer.outcome is PayoutOutcome.PAID:
        _paid(session, transfer, "pay", SYSTEM, evidence={"message": "status report"})
    else:
        _failed(session, transfer, "fail", answer.reason_code[:35] or "unknown")
    return True


def debited(session: Session, debit: StatementDebit) -> bool:
    """A booked debit of a statement with our EndToEndId and exactly our amount: the bank has paid it."""
    transfer = _locked(session, debit.end_to_end_id) if debit.end_to_end_id else None
    if transfer is None or transfer.amount != debit.amount:
        return False
    if transfer.bank_entry_key is None and transfer.status is not _T.FAILED:
        transfer.bank_entry_key = debit.key
    if transfer.status not in (_T.WRITTEN, _T.HAND_PROPOSED):
        return False
    _paid(session, transfer, "pay", SYSTEM, evidence={"message": "statement"})
    return True


def came_back(session: Session, line: BankLine, end_to_end_id: str) -> CreditTransfer | None:
    """A credit that brings our own EndToEndId and amount: a paid transfer was sent back to us."""
    transfer = _locked(session, end_to_end_id) if end_to_end_id else None
    if transfer is None or transfer.status is not _T.PAID or transfer.amount != line.amount:
        return None
    books.transfer_came_back(session, line, transfer)
    _failed(session, transfer, "come_back", "returned")
    return transfer


def _paid(session: Session, transfer: CreditTransfer, action: str, actor: Actor, **more: object) -> None:
    credit_transfer_workflow.apply(session, transfer, action, actor=actor, **more)  # type: ignore[arg-type]
    transfer.paid_at = db_now(session)
    books.transfer_paid(session, transfer)
    if transfer.refund_id:
        refund = session.scalars(select(Refund).where(Refund.id == transfer.refund_id).with_for_update()).one()
        refund_workflow.apply(session, refund, "finish", actor=SYSTEM, evidence={"transfer": transfer.id})
        tell(session, session.get_one(Remittance, refund.remittance_id), "refund_paid")
    else:
        line = session.scalars(select(BankLine).where(BankLine.id == transfer.bank_line_id).with_for_update()).one()
        bank_line_workflow.apply(session, line, "finish_return", actor=SYSTEM, evidence={"transfer": transfer.id})


def _failed(session: Session, transfer: CreditTransfer, action: str, code: str) -> None:
    """The money is ours again: a refund waits for two officers, a bank line stands in suspense as before."""
    credit_transfer_workflow.apply(session, transfer, action, actor=SYSTEM, evidence={"reason_code": code})
    transfer.failure_code = code
    if transfer.refund_id:
        refund = session.scalars(select(Refund).where(Refund.id == transfer.refund_id).with_for_update()).one()
        fail_refund(session, refund, code)
    else:
        line = session.scalars(select(BankLine).where(BankLine.id == transfer.bank_line_id).with_for_update()).one()
        bank_line_workflow.apply(session, line, "fail_return", actor=SYSTEM, evidence={"transfer": transfer.id})
        line.why = "return_failed"
        books.return_failed(session, line, transfer)


def fail_refund(session: Session, refund: Refund, code: str) -> None:
    """A refund that did not reach the sender: two officers find another way; the sender is told."""
    refund_workflow.apply(session, refund, "fail", actor=SYSTEM, evidence={"reason_code": code})
    refund.failure_code = code[:60]
    tell(session, session.get_one(Remittance, refund.remittance_id), "refund_failed")


def tell(session: Session, remittance: Remittance, template: str) -> None:
    """A short message to the sender, without a name or an amount."""
    migrant = session.get(Migrant, remittance.migrant_id)
    account = session.get(UserAccount, migrant.account_id) if migrant and migrant.account_id else None
    if account is not None:
        send(session, template=template, account=account)


# --- by hand: the exception --------------------------------------------------------------------------------------------


def by_hand(session: Session, actor: Actor, transfer_id: UUID, *, action: str, reason: str) -> CreditTransfer:
    """``propose_hand``, then ``confirm_hand`` or ``put_back`` by another officer who may approve refunds."""
    if action not in ("propose_hand", "confirm_hand", "put_back"):
        raise NotVisible
    transfer = session.scalars(
        select(CreditTransfer)
        .where(CreditTransfer.id == transfer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if transfer is None or not visible_to(session, actor, transfer):
        raise NotVisible
    if action == "propose_hand":
        credit_transfer_workflow.apply(session, transfer, action, actor=actor, reason=reason)
        transfer.hand_proposed_by, transfer.hand_confirmed_by = actor.require_account(), None
        return transfer
    if transfer.hand_proposed_by == actor.account_id:
        raise Denied(_l("You proposed this: another officer decides."))
    if action == "confirm_hand":
        _paid(session, transfer, action, actor, reason=reason)
        transfer.hand_confirmed_by = actor.account_id
    else:
        credit_transfer_workflow.apply(session, transfer, action, actor=actor, reason=reason)
    return transfer


def visible_to(session: Session, actor: Actor, transfer: CreditTransfer) -> bool:
    """Remittance staff, but never in their own matter."""
    if transfer.refund_id is None:
        return policies.is_operator(actor)
    refund = session.get_one(Refund, transfer.refund_id)
    return policies.may_handle(actor, session.get_one(Remittance, refund.remittance_id).migrant_id)


def payer_of(session: Session, remittance: Remittance) -> Creditor | None:
    """The one account that this remittance was paid from, when the bank told it."""
    lines: Sequence[BankLine] = session.scalars(
        select(BankLine)
        .where(
            BankLine.remittance_id == remittance.id,
            BankLine.status.in_([BankLineStatus.MATCHED, BankLineStatus.ATTACHED]),
        )
        .limit(2)
    ).all()
    if len(lines) != 1 or not lines[0].payer_account or not lines[0].payer_name:
        return None
    line = lines[0]
    country = line.payer_country or remittance.country
    town = deployment().destination_name(remittance.country)
    return Creditor(line.payer_name or "", line.payer_account or "", line.payer_bank or "NOTPROVIDED", town, country)
