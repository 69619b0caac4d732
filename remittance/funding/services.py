"""Money that comes in: card payments told by signed events, bank transfers read from statements."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import audit
from core.actor import SYSTEM, Actor
from core.db import db_now
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.i18n import _l
from core.ids import new_id, parse_reference
from core.jobs import enqueue
from core.money import Money
from core.permissions import Permission
from core.privacy import new_person
from core.throttle import hit
from remittance.credit_transfers import services as credit_transfers
from remittance.credit_transfers.services import Creditor
from remittance.funding import camt053
from remittance.funding.camt053 import Statement, StatementLine
from remittance.funding.port import CardProvider, CheckoutState, Event, Payment
from remittance.ledger.models import LedgerTransfer
from remittance.ledger.services import BANK, FLOAT, is_posted
from remittance.orders import books, policies
from remittance.orders.models import BankLine, Remittance
from remittance.orders.services import fund, own_remittance
from remittance.orders.status import BankLineStatus, RemittanceStatus, bank_line_workflow
from remittance.quotes.accounts import BankAccount, Purpose, account_numbered
from remittance.quotes.status import PayIn
from remittance.reconciliation.models import StatementEntry

# Whatever happened to a refund, it is asked for: a failure may come days after it was done.
REFUND_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})


def open_checkout(
    session: Session,
    actor: Actor,
    remittance_id: UUID,
    *,
    provider: CardProvider,
    label: str,
    back: str,
    cancelled: str = "",
) -> str:
    """The address of the hosted payment page of one's own remittance. Asked again, it is the same page.

    :raises TooLate: when it does not wait for a payment, or was paid already.
    """
    remittance = own_remittance(session, actor, remittance_id, lock=True)
    if remittance.pay_in is not PayIn.CARD or remittance.status is not RemittanceStatus.SCREENED:
        raise TooLate(_l("This remittance does not wait for a payment by card."))
    if remittance.pay_by is not None and remittance.pay_by <= db_now(session):
        raise TooLate(_l("The time to pay has run out. Please start again."))
    if card_page(remittance, provider) is CheckoutState.COMPLETE:
        raise TooLate(_l("You have paid. We wait for the card company. Do not pay again."))
    key = str(remittance.id)
    made = provider.open_checkout(key, key, remittance.pays, label=label, back=back, cancelled=cancelled)
    remittance.checkout_id = made.id
    return made.url


def card_page(remittance: Remittance, provider: CardProvider) -> CheckoutState | None:
    """What became of the payment page of an order that waits for its card payment; None when none was opened.

    :raises ProviderDown: when the provider does not answer in time.
    """
    if remittance.status is not RemittanceStatus.SCREENED or remittance.checkout_id is None:
        return None
    return provider.state(remittance.checkout_id)


def look_again(session: Session, actor: Actor, remittance_id: UUID, *, provider: CardProvider) -> Remittance:
    """The sender asks whether the money came: the provider's own answer is booked, as after its signed message."""
    remittance = own_remittance(session, actor, remittance_id)
    hit("remittance-look", str(remittance.id), limit=60, seconds=3600)
    if remittance.checkout_id is not None and remittance.status is RemittanceStatus.SCREENED:
        apply_payment(session, provider, remittance.checkout_id)
    return remittance


def take_event(session: Session, provider: str, event: Event) -> bool:
    """Keep a signed event once and queue the asking; gives whether it was new."""
    row = session.execute(
        text(
            "INSERT INTO provider_event (id, provider, event_id, kind, object_id)"
            " VALUES (:id, :provider, :event_id, :kind, :object_id) ON CONFLICT (provider, event_id) DO NOTHING RETURNING id"
        ),
        {
            "id": new_id(), "provider": provider, "event_id": event.id, "kind": event.kind[:100],
            "object_id": event.object_id[:200],
        },
    ).one_or_none()  # fmt: skip
    if row is None:
        return False
    if event.kind.startswith("checkout.session."):
        enqueue(session, "remittance.apply_payment", checkout_id=event.object_id, lock=f"payment:{event.object_id}")
    elif event.kind in REFUND_EVENTS:
        enqueue(session, "remittance.check_refund", provider_refund_id=event.object_id)
    return True


def apply_payment(session: Session, provider: CardProvider, checkout_id: str) -> bool:
    """Ask the provider what was paid and book it, once for ever; gives whether something was booked."""
    remittance = session.scalars(
        select(Remittance)
        .where(Remittance.checkout_id == checkout_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if remittance is None or remittance.payment_id is not None:
        return False
    payment = provider.payment(checkout_id)
    if payment.paid is None or payment.payment_id is None or payment.order != str(remittance.id):
        return False
    if payment.paid.currency != remittance.currency:
        raise ValueError("a payment came in another currency than was asked")
    remittance.payment_id = payment.payment_id
    session.flush()
    books.money_in_by_card(session, remittance, payment.paid)
    _settle(session, remittance, payment)
    fund(session, remittance, payment.paid)
    return True


def _settle(session: Session, remittance: Remittance, payment: Payment) -> bool:
    if payment.paid is None or payment.settled is None or payment.provider_fee is None:
        return False
    books.settled_by_card(session, remittance, payment.paid, payment.settled, payment.provider_fee)
    audit.record(
        session,
        SYSTEM,
        subject=("remittance", remittance.id),
        action="provider_settled",
        evidence={
            "currency": payment.settled.currency,
            "settled_minor": payment.settled.minor,
            "fee_minor": payment.provider_fee.minor,
            "exchange_rate": payment.exchange_rate,
        },
    )
    return True


def settle_payment(session: Session, provider: CardProvider, checkout_id: str) -> bool:
    """Book the provider's fee and exchange of a payment that was booked before they were known."""
    remittance = session.scalars(
        select(Remittance)
        .where(Remittance.checkout_id == checkout_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if remittance is None or remittance.payment_id is None:
        return False
    if is_posted(session, f"settled:{remittance.payment_id}"):
        return False
    return _settle(session, remittance, provider.payment(checkout_id))


def unsettled(session: Session, limit: int = 50) -> list[str]:
    """Checkouts that were paid and whose fee is not known yet."""
    settled = exists().where(LedgerTransfer.idempotency_key == func.concat("settled:", Remittance.payment_id))
    query = select(Remittance.checkout_id).where(
        Remittance.payment_id.is_not(None), Remittance.checkout_id.is_not(None), ~settled
    )
    return [c for c in session.scalars(query.order_by(Remittance.paid_at).limit(limit)) if c]


@dataclass(frozen=True, slots=True)
class Imported:
    """What a statement brought."""

    matched: int
    queued: int
    known: int
    skipped: int


def import_statement(session: Session, actor: Actor, data: bytes) -> Imported:
    """Read a bank statement; every entry counts once, in however many files it comes.

    :raises DomainError: when the file can't be taken.
    """
    if actor is not SYSTEM:
        actor.require(Permission.REMITTANCE_OPERATE)
    matched = queued = known = skipped = debits = 0
    for statement in camt053.read(data):
        account = _ours(statement)
        skipped += statement.skipped
        if account.purpose is Purpose.FLOAT:
            _keep_float(session, statement)
            continue
        for line in statement.lines:
            taken = _take_line(session, line, statement.statement_id)
            if taken is None:
                known += 1
            elif taken.status is BankLineStatus.MATCHED:
                matched += 1
            else:
                queued += 1
        for debit in statement.debits:
            _keep_entry(session, debit.key, debit.booked_on, -debit.amount, debit.end_to_end_id)
            debits += credit_transfers.debited(session, debit)
    audit.record(
        session,
        actor,
        subject=("bank_statement", None),
        action="import",
        evidence={"matched": matched, "queued": queued, "known": known, "skipped": skipped, "debits": debits},
    )
    return Imported(matched, queued, known, skipped)


def _ours(statement: Statement) -> BankAccount:
    """Our account that a statement is of. One of a stranger's account brings no money to anybody's order.

    :raises DomainError: when it is none of ours, or an entry is in another currency than the account's.
    """
    account = account_numbered(statement.account)
    if account is None:
        raise DomainError(_l("This statement is of an account that is not ours."), field="file")
    amounts = [line.amount for line in statement.lines] + [debit.amount for debit in statement.debits]
    if any(amount.currency != account.currency for amount in amounts):
        raise DomainError(_l("An entry of this file is in another currency than the account."), field="file")
    return account


def _keep_float(session: Session, statement: Statement) -> None:
    """What the partner says of the float: compared with the books each night, and nothing else follows from it."""
    for line in statement.lines:
        _keep_entry(session, line.key, line.booked_on, line.amount, line.end_to_end_id, account=FLOAT)
    for debit in statement.debits:
        _keep_entry(session, debit.key, debit.booked_on, -debit.amount, debit.end_to_end_id, account=FLOAT)


def _take_line(session: Session, line: StatementLine, statement: str) -> BankLine | None:
    if line.amount.minor <= 0:
        return None
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('openpassage.bank.lines'))"))
    if session.scalar(select(BankLine.id).where(BankLine.entry_key == line.key)) is not None:
        return None
    found = BankLine(
        person_key_id=new_person(session).id,
        status=BankLineStatus.RECEIVED,
        entry_key=line.key,
        statement=statement[:35],
        booked_on=line.booked_on,
        currency=line.amount.currency,
        amount_minor=line.amount.minor,
    )
    _keep_entry(session, line.key, line.booked_on, line.amount, line.end_to_end_id)
    found.payer_name = line.payer[:140] or None
    found.payer_account = line.payer_account[:34] or None
    found.payer_bank, found.payer_country = line.payer_bank[:140], line.payer_country
    found.text = line.text[:500] or None
    session.add(found)
    session.flush()
    transfer = credit_transfers.came_back(session, found, line.end_to_end_id)
    if transfer is None:
        _match(session, found, line.references)
    else:
        bank_line_workflow.apply(session, found, "match", actor=SYSTEM, evidence={"transfer": transfer.id})
    return found


def _keep_entry(
    session: Session, key: bytes, booked_on: date, amount: Money, end_to_end_id: str, *, account: str = BANK
) -> None:
    """What the bank says, kept apart from the books: the day's report compares the two."""
    session.execute(
        insert(StatementEntry)
        .values(
            id=new_id(),
            entry_key=key,
            booked_on=booked_on,
            currency=amount.currency,
            amount_minor=amount.minor,
            end_to_end_id=end_to_end_id[:35],
            account=account,
        )
        .on_conflict_do_nothing(index_elements=["entry_key"])
    )


def _match(session: Session, line: BankLine, references: tuple[str, ...]) -> None:
    """Exactly one reference of ours, the amount that was asked, in time: it goes on. Anything else waits for an officer."""
    remittances = session.scalars(
        select(Remittance)
        .where(Remittance.pay_reference.in_(references))
        .order_by(Remittance.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    why = ""
    if not references or not remittances:
        why = "no_reference" if not references else "unknown_reference"
    elif len(remittances) > 1:
        why = "several_references"
    elif remittances[0].currency != line.currency or remittances[0].pays.minor != line.amount_minor:
        why = "amount"
    elif remittances[0].status is not RemittanceStatus.SCREENED:
        why = "late"
    if why:
        line.why = why
        bank_line_workflow.apply(session, line, "queue", actor=SYSTEM, evidence={"why": why})
        books.bank_line_in(session, line, None)
        return
    remittance = remittances[0]
    line.remittance_id = remittance.id
    bank_line_workflow.apply(session, line, "match", actor=SYSTEM, evidence={"remittance": remittance.id})
    books.bank_line_in(session, line, remittance)
    fund(session, remittance, line.amount)


def _line(session: Session, line_id: UUID) -> BankLine:
    line = session.scalars(
        select(BankLine).where(BankLine.id == line_id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if line is None:
        raise NotVisible
    return line


def _fitting(session: Session, actor: Actor, line: BankLine, test: ColumnElement[bool]) -> Remittance:
    remittance = session.scalars(
        select(Remittance).where(test).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if remittance is None or not policies.may_handle(actor, remittance.migrant_id):
        raise DomainError(_l("There is no remittance with this reference."), field="reference")
    if remittance.currency != line.currency or remittance.pay_in is not PayIn.BANK:
        raise DomainError(_l("This remittance is not paid by bank transfer in this currency."), field="reference")
    return remittance


def propose_attach(session: Session, actor: Actor, line_id: UUID, *, reference: str, reason: str) -> BankLine:
    """An officer says which remittance a line belongs to; another one decides."""
    actor.require(Permission.REMITTANCE_OPERATE)
    line = _line(session, line_id)
    wanted = parse_reference(reference) or reference
    remittance = _fitting(session, actor, line, Remittance.reference == wanted)
    evidence = {"remittance": remittance.id}
    bank_line_workflow.apply(session, line, "propose_attach", actor=actor, reason=reason, evidence=evidence)
    line.proposed_id, line.proposed_by, line.decided_by = remittance.id, actor.require_account(), None
    return line


def decide_attach(session: Session, actor: Actor, line_id: UUID, *, approve: bool, reason: str) -> BankLine:
    """The second officer's word. What does not fit to the last digit is held, not sent."""
    actor.require(Permission.REMITTANCE_OPERATE)
    line = _line(session, line_id)
    _another(line, actor)
    if line.status is not BankLineStatus.ATTACH_PROPOSED:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    if not approve:
        bank_line_workflow.apply(session, line, "put_back", actor=actor, reason=reason)
        return line
    remittance = _fitting(session, actor, line, Remittance.id == line.proposed_id)
    evidence = {"remittance": remittance.id}
    bank_line_workflow.apply(session, line, "attach", actor=actor, reason=reason, evidence=evidence)
    line.decided_by = actor.account_id
    line.remittance_id = remittance.id
    books.attached(session, line, remittance)
    fund(session, remittance, line.amount)
    return line


def _another(line: BankLine, actor: Actor) -> None:
    if line.proposed_by == actor.account_id:
        raise Denied(_l("You proposed this: another officer decides."))


def propose_return(session: Session, actor: Actor, line_id: UUID, *, to: Creditor, reason: str) -> BankLine:
    """Propose to send money back to where it came from. An account that the bank told can't be replaced by another."""
    actor.require(Permission.REMITTANCE_OPERATE)
    line = _line(session, line_id)
    bank_line_workflow.apply(session, line, "propose_return", actor=actor, reason=reason)
    if line.payer_account:
        to = replace(to, account=line.payer_account, name=line.payer_name or to.name, bank=line.payer_bank or to.bank)
    line.proposed_by, line.proposed_id, line.decided_by = actor.require_account(), None, None
    credit_transfers.new_transfer(session, line.amount, to, proposed_by=actor.require_account(), bank_line_id=line.id)
    return line


def decide_return(session: Session, actor: Actor, line_id: UUID, *, approve: bool, reason: str) -> BankLine:
    """The second officer's word: the worker writes the payment order, and the bank says when it was paid."""
    actor.require(Permission.REFUND_APPROVE)
    line = _line(session, line_id)
    _another(line, actor)
    transfer = credit_transfers.proposed_for(session, bank_line_id=line.id)
    if transfer is None or line.status is not BankLineStatus.RETURN_PROPOSED:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    credit_transfers.decide(session, actor, transfer, approve=approve, reason=reason)
    if not approve:
        bank_line_workflow.apply(session, line, "put_back", actor=actor, reason=reason)
        return line
    bank_line_workflow.apply(
        session, line, "approve_return", actor=actor, reason=reason, evidence={"transfer": transfer.id}
    )
    line.decided_by = actor.account_id
    books.return_ordered(session, line, transfer)
    return line
