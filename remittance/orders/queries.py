"""What pages and reports show, one query each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import NotVisible
from core.listing import Page, fetch_page
from core.money import Money
from core.permissions import Permission, SubjectKind
from core.privacy import preload_keys
from migrants.registration.models import Migrant
from remittance.credit_transfers.models import CreditTransfer
from remittance.credit_transfers.services import visible_to
from remittance.ledger.models import LedgerAccount
from remittance.ledger.services import trial_balance
from remittance.orders import policies
from remittance.orders.models import BankLine, Beneficiary, PayoutBatch, Refund, Remittance
from remittance.orders.screening import screening_list
from remittance.orders.status import (
    OPEN_REFUNDS,
    STATUS_TITLES,
    STATUS_TONES,
    TOLD_TITLES,
    UNTOLD,
    BankLineStatus,
    RefundStatus,
    RemittanceStatus,
    remittance_workflow,
    told,
)
from remittance.quotes.accounts import BankAccount, Purpose, account_for
from remittance.quotes.status import PayIn

# Reasons that are about how much is sent.
AMOUNT_REASONS = frozenset({"large", "travel_rule"})


@dataclass(frozen=True, slots=True)
class RemittanceRow:
    """One line of a list."""

    id: UUID
    reference: str
    status: RemittanceStatus
    created_at: datetime
    pays: Money
    receives: Money

    @property
    def title(self) -> Any:
        return STATUS_TITLES[self.status]

    @property
    def tone(self) -> str:
        return STATUS_TONES.get(self.status, "plain")


_R = Remittance


def _columns() -> Any:
    return select(
        _R.id, _R.reference, _R.status, _R.created_at, _R.currency,
        (_R.amount_minor + _R.service_fee_minor + _R.pay_in_fee_minor).label("pays_minor"),
        _R.receive_currency, _R.receive_minor,
    )  # fmt: skip


def _row(r: Any) -> RemittanceRow:
    return RemittanceRow(
        r.id,
        r.reference,
        r.status,
        r.created_at,
        Money(r.pays_minor, r.currency),
        Money(r.receive_minor, r.receive_currency),
    )


def own_remittances(session: Session, actor: Actor, cursor: str | None) -> Page[RemittanceRow]:
    """One's own, newest first."""
    own = actor.subjects(SubjectKind.MIGRANT)
    found = fetch_page(
        session,
        _columns().where(_R.migrant_id.in_(own)),
        [_R.created_at, _R.id],
        cursor=cursor,
        limit=20,
        descending=True,
    )
    rows = [_row(r) for r in found.rows]
    return Page([replace(r, status=told(r.status)) for r in rows], found.next_cursor)


def staff_list(session: Session, actor: Actor, status: RemittanceStatus, cursor: str | None) -> Page[RemittanceRow]:
    """Remittances in one state, the longest waiting first."""
    found = fetch_page(
        session,
        _columns().where(policies.visible(actor), _R.status == status),
        [_R.created_at, _R.id],
        cursor=cursor,
        limit=50,
    )
    return Page([_row(r) for r in found.rows], found.next_cursor)


def counts(session: Session, actor: Actor) -> dict[RemittanceStatus, int]:
    """How many are in each state."""
    rows = session.execute(select(_R.status, func.count()).where(policies.visible(actor)).group_by(_R.status))
    return {row[0]: int(row[1]) for row in rows}


def beneficiaries(session: Session, actor: Actor) -> Sequence[Beneficiary]:
    """The people on one's own list."""
    rows = session.scalars(
        select(Beneficiary)
        .where(Beneficiary.migrant_id.in_(actor.subjects(SubjectKind.MIGRANT)), Beneficiary.removed_at.is_(None))
        .order_by(Beneficiary.created_at)
        .limit(20)
    ).all()
    preload_keys(session, [b.person_key_id for b in rows])
    return rows


def recipient(session: Session, remittance: Remittance) -> Beneficiary | None:
    return session.get(Beneficiary, remittance.beneficiary_id) if remittance.beneficiary_id else None


def collection_account(session: Session, remittance: Remittance) -> BankAccount | None:
    """Where the sender pays in by transfer; None for cards and where no account is set up any more."""
    if remittance.pay_in is not PayIn.BANK:
        return None
    return account_for(Purpose.COLLECTION, remittance.currency, legal_today(session))


@dataclass(frozen=True, slots=True)
class Happened:
    title: Any
    at: datetime
    actor: str
    reason: str


def history(session: Session, remittance_id: UUID, *, reasons: bool) -> list[Happened]:
    """What happened so far; for the sender without reasons and without what officers proposed to each other."""
    rows = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.subject_kind == "remittance", AuditEvent.subject_id == remittance_id)
        .order_by(AuditEvent.at)
        .limit(100)
    )
    titles = {action: t.title for action, t in remittance_workflow.transitions.items()}
    if not reasons:
        titles = {action: title for action, title in titles.items() if action not in UNTOLD} | TOLD_TITLES
    return [Happened(titles[e.action], e.at, "", e.reason if reasons else "") for e in rows if e.action in titles]


@dataclass(frozen=True, slots=True)
class Usual:
    """What a sender sent in the last year, this order apart: how often, on average and at most; how often to this person.

    ``day``: every order of the 24 hours before, this one too, in the same currency.
    """

    count: int
    average: Money | None
    largest: Money | None
    to_recipient: int
    day: Money


def usual(session: Session, remittance: Remittance) -> Usual:
    """What an amount is compared with."""
    others = [_R.migrant_id == remittance.migrant_id, _R.currency == remittance.currency, _R.id != remittance.id]
    year = remittance.created_at - timedelta(days=365)
    same = _R.beneficiary_id == remittance.beneficiary_id
    count, average, largest, known = session.execute(
        select(func.count(), func.avg(_R.amount_minor), func.max(_R.amount_minor), func.count().filter(same)).where(
            *others, _R.status == RemittanceStatus.PAID_OUT, _R.created_at.between(year, remittance.created_at)
        )
    ).one()
    day = session.scalar(
        select(func.coalesce(func.sum(_R.amount_minor), 0)).where(
            *others,
            _R.pay_by.is_not(None),
            _R.created_at.between(remittance.created_at - timedelta(days=1), remittance.created_at),
        )
    )

    def money(minor: object) -> Money | None:
        return None if minor is None else Money(int(str(minor).split(".", maxsplit=1)[0]), remittance.currency)

    return Usual(
        count, money(average), money(largest), known, Money(int(day or 0), remittance.currency) + remittance.amount
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """One reason why an officer looks, with what it is compared with: the list's entry, or what the sender usually sends."""

    code: str
    who: str
    score: int | None
    entry: str
    listed_name: str
    origin: str
    dated_on: date
    usual: Usual | None


def screening_reasons(session: Session, remittance: Remittance) -> list[Listed]:
    names = screening_list()
    sent = usual(session, remittance) if any(r["code"] in AMOUNT_REASONS for r in remittance.screening) else None
    return [
        Listed(
            code=r["code"],
            who=r.get("who", ""),
            score=r.get("score"),
            entry=r.get("entry", ""),
            listed_name=names.name_of(r["entry"]) if "entry" in r else "",
            origin=names.origin,
            dated_on=names.dated_on,
            usual=sent if r["code"] in AMOUNT_REASONS else None,
        )
        for r in remittance.screening
    ]


def sender_facts(session: Session, remittance: Remittance) -> Migrant:
    """The sender's registration, for comparing."""
    return session.get_one(Migrant, remittance.migrant_id)


WAITING_LINES = (
    BankLineStatus.QUEUED,
    BankLineStatus.ATTACH_PROPOSED,
    BankLineStatus.RETURN_PROPOSED,
    BankLineStatus.RETURNING,
)


def bank_lines(session: Session, cursor: str | None) -> Page[BankLine]:
    """Lines that no remittance fits, oldest first."""
    found = fetch_page(
        session,
        select(BankLine).where(BankLine.status.in_(WAITING_LINES)),
        [BankLine.created_at, BankLine.id],
        cursor=cursor,
        limit=20,
    )
    rows = [r[0] for r in found.rows]
    preload_keys(session, [r.person_key_id for r in rows])
    return Page(rows, found.next_cursor)


@dataclass(frozen=True, slots=True)
class LineCase:
    """A bank line with the remittance that was proposed or attached, and the payments that send it back."""

    line: BankLine
    remittance: Remittance | None
    transfers: Sequence[CreditTransfer]


def line_case(session: Session, line_id: UUID) -> LineCase:
    """:raises NotVisible: when there is none."""
    line = session.get(BankLine, line_id)
    if line is None:
        raise NotVisible
    known = line.remittance_id or line.proposed_id
    return LineCase(line, session.get(Remittance, known) if known else None, _transfers(session, line_id=line_id))


def _transfers(
    session: Session, *, line_id: UUID | None = None, refund_id: UUID | None = None
) -> Sequence[CreditTransfer]:
    mine = CreditTransfer.bank_line_id == line_id if line_id else CreditTransfer.refund_id == refund_id
    rows = session.scalars(
        select(CreditTransfer).where(mine).order_by(CreditTransfer.created_at.desc()).limit(20)
    ).all()
    preload_keys(session, [t.person_key_id for t in rows])
    return rows


@dataclass(frozen=True, slots=True)
class RefundCase:
    """A refund with its remittance and the payments by bank that were tried."""

    refund: Refund
    remittance: Remittance
    transfers: Sequence[CreditTransfer]


def refund_case(session: Session, actor: Actor, refund_id: UUID) -> RefundCase:
    """:raises NotVisible: when there is none, or it is the officer's own."""
    refund = session.get(Refund, refund_id)
    remittance = session.get(Remittance, refund.remittance_id) if refund else None
    if refund is None or remittance is None or not policies.may_handle(actor, remittance.migrant_id):
        raise NotVisible
    return RefundCase(refund, remittance, _transfers(session, refund_id=refund_id))


def own_refund(session: Session, remittance: Remittance) -> Refund | None:
    """The newest refund of a remittance that was decided on: what its sender is told."""
    decided = (RefundStatus.APPROVED, RefundStatus.DONE, RefundStatus.FAILED, RefundStatus.SETTLING)
    query = select(Refund).where(Refund.remittance_id == remittance.id, Refund.status.in_(decided))
    return session.scalars(query.order_by(Refund.created_at.desc()).limit(1)).one_or_none()


def transfer(session: Session, actor: Actor, transfer_id: UUID) -> CreditTransfer:
    """:raises NotVisible: when there is none, or it pays the officer."""
    found = session.get(CreditTransfer, transfer_id)
    if found is None or not visible_to(session, actor, found):
        raise NotVisible
    return found


@dataclass(frozen=True, slots=True)
class RefundRow:
    id: UUID
    remittance_id: UUID
    reference: str
    status: RefundStatus
    amount: Money
    reason: str
    proposed_by: UUID
    created_at: datetime
    pay_in: str


def refunds(session: Session, actor: Actor, test: ColumnElement[bool], limit: int = 50) -> list[RefundRow]:
    rows = session.execute(
        select(Refund, _R.reference, _R.pay_in)
        .join(_R, _R.id == Refund.remittance_id)
        .where(policies.visible(actor), test)
        .order_by(Refund.created_at)
        .limit(limit)
    )
    return [
        RefundRow(r.id, r.remittance_id, reference, r.status, r.amount, r.reason, r.proposed_by, r.created_at, pay_in)
        for r, reference, pay_in in rows
    ]


def open_refunds(session: Session, actor: Actor, limit: int = 50) -> list[RefundRow]:
    return refunds(session, actor, Refund.status.in_(OPEN_REFUNDS), limit)


def batches(session: Session, limit: int = 30) -> Sequence[PayoutBatch]:
    return session.scalars(select(PayoutBatch).order_by(PayoutBatch.created_at.desc()).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class PartnerOrder:
    """What a payout partner may know of an order that was handed to it."""

    reference: str
    batch: str
    status: RemittanceStatus
    amount: Money
    sent_at: datetime | None
    paid_out_at: datetime | None
    failure_code: str | None


def _partner_query(client_id: str) -> Any:
    return (
        select(
            _R.id, _R.reference, PayoutBatch.reference.label("batch"), _R.status, _R.receive_minor, _R.receive_currency,
            _R.sent_at, _R.paid_out_at, _R.failure_code,
        )
        .join(PayoutBatch, PayoutBatch.id == _R.batch_id)
        .where(PayoutBatch.partner == client_id, PayoutBatch.partner != "")
    )  # fmt: skip


def _partner_order(r: Any) -> PartnerOrder:
    amount = Money(r.receive_minor, r.receive_currency)
    return PartnerOrder(r.reference, r.batch, r.status, amount, r.sent_at, r.paid_out_at, r.failure_code)


def partner_orders(session: Session, client_id: str, cursor: str | None, limit: int = 200) -> Page[PartnerOrder]:
    """Orders handed to one partner.

    :raises DomainError: for a cursor that is none.
    """
    found = fetch_page(session, _partner_query(client_id), [_R.sent_at, _R.id], cursor=cursor, limit=limit)
    return Page([_partner_order(r) for r in found.rows], found.next_cursor)


def partner_order(session: Session, client_id: str, reference: str) -> PartnerOrder | None:
    row = session.execute(_partner_query(client_id).where(_R.reference == reference)).one_or_none()
    return _partner_order(row) if row else None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The books against the records: every difference must be nothing."""

    accounts: list[tuple[str, Money]]
    sums: dict[str, int]
    float_differs: list[str]
    owed_books: dict[str, int]
    owed_records: dict[str, int]

    @property
    def agrees(self) -> bool:
        same = all(
            self.owed_books.get(c, 0) == self.owed_records.get(c, 0) for c in {*self.owed_books, *self.owed_records}
        )
        return same and not any(self.sums.values()) and not self.float_differs


def reconcile(session: Session) -> Reconciliation:
    """What the books say is owed to senders against what the remittances say, and kept balances against their entries."""
    accounts = trial_balance(session)
    sums: dict[str, int] = {}
    for _code, money in accounts:
        sums[money.currency] = sums.get(money.currency, 0) + money.minor
    by_code = dict(accounts)
    kept = session.execute(
        select(LedgerAccount.code, LedgerAccount.balance_minor).where(LedgerAccount.floor_minor.is_not(None))
    )
    differs = [code for code, minor in kept if by_code[code].minor != minor]
    owed_books = {m.currency: -m.minor for code, m in accounts if code.startswith("owed:")}
    holding = (RemittanceStatus.FUNDED, RemittanceStatus.HELD, RemittanceStatus.FAILED)
    rows = session.execute(
        select(_R.currency, func.sum(_R.paid_minor - _R.refunded_minor))
        .where(_R.status.in_(holding))
        .group_by(_R.currency)
    )
    owed_records = {currency: int(total) for currency, total in rows}
    return Reconciliation(accounts, sums, differs, owed_books, owed_records)


def may_operate(actor: Actor) -> bool:
    return actor.can(Permission.REMITTANCE_OPERATE)
