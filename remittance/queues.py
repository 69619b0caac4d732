"""Queues that this package offers to staff. Labels carry states and amounts, never names."""

from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.i18n import _l, format_date, format_money
from core.ids import parse_reference
from core.listing import AnySelect
from core.permissions import Permission
from core.queues import Queue, QueueRow
from core.search import SearchHit, SearchProvider
from remittance.credit_transfers.models import CreditTransfer
from remittance.credit_transfers.status import CreditTransferStatus
from remittance.ledger.titles import account_words
from remittance.orders import policies
from remittance.orders.models import BankLine, Refund, Remittance
from remittance.orders.status import STATUS_TITLES, BankLineStatus, RefundStatus, RemittanceStatus
from remittance.reconciliation.models import ReconciliationDifference, ReconciliationReport
from remittance.reconciliation.status import DifferenceStatus

_S = RemittanceStatus


def _remittance_row(row: Any) -> QueueRow:
    order: Remittance = row[0]
    url = url_for("remittance_office.show", remittance_id=order.id)
    return QueueRow(order.reference, format_money(order.pays), order.created_at, None, url)


def _in_state(name: str, title: Any, permission: Permission, status: RemittanceStatus) -> Queue:
    return Queue(
        name,
        title,
        permission,
        query=lambda actor: select(Remittance).where(policies.visible(actor), Remittance.status == status),
        keys=(Remittance.created_at, Remittance.id),
        row=_remittance_row,
    )


def _line_row(row: Any) -> QueueRow:
    line: BankLine = row[0]
    url = url_for("remittance_office.line", line_id=line.id)
    return QueueRow(format_date(line.booked_on), format_money(line.amount), line.created_at, None, url)


def _refunds(actor: Actor) -> AnySelect:
    """Proposed refunds. What one proposed oneself is another's to decide."""
    return (
        select(Refund, Remittance.reference)
        .join(Remittance, Remittance.id == Refund.remittance_id)
        .where(Refund.status == RefundStatus.PROPOSED, Refund.proposed_by != actor.account_id, policies.visible(actor))
    )


def _refund_row(row: Any) -> QueueRow:
    refund: Refund = row[0]
    url = url_for("remittance_office.refund", refund_id=refund.id)
    return QueueRow(row.reference, format_money(refund.amount), refund.created_at, None, url)


def _failed_refunds(actor: Actor) -> AnySelect:
    """Refunds that did not reach their sender. Another way that one proposed oneself is another's to decide."""
    return (
        select(Refund, Remittance.reference)
        .join(Remittance, Remittance.id == Refund.remittance_id)
        .where(
            policies.visible(actor),
            (Refund.status == RefundStatus.FAILED)
            | ((Refund.status == RefundStatus.SETTLING) & (Refund.settle_proposed_by != actor.account_id)),
        )
    )


def _lines(actor: Actor) -> AnySelect:
    """Money without a remittance; what one proposed oneself is another's to decide."""
    proposed = BankLine.status.in_([BankLineStatus.ATTACH_PROPOSED, BankLineStatus.RETURN_PROPOSED])
    return select(BankLine).where(
        (BankLine.status == BankLineStatus.QUEUED) | (proposed & (BankLine.proposed_by != actor.account_id))
    )


def _hand_confirmed(actor: Actor) -> AnySelect:
    return select(CreditTransfer).where(
        CreditTransfer.status == CreditTransferStatus.HAND_PROPOSED,
        CreditTransfer.hand_proposed_by != actor.account_id,
    )


def _transfer_row(row: Any) -> QueueRow:
    found: CreditTransfer = row[0]
    url = url_for("remittance_office.transfer", transfer_id=found.id)
    return QueueRow(found.reference, format_money(found.amount), found.created_at, None, url)


def _difference_row(row: Any) -> QueueRow:
    found: ReconciliationDifference = row[0]
    url = url_for("remittance_office.reconciled", day=row.day.isoformat())
    return QueueRow(account_words(row.account), format_money(found.ours - found.theirs), found.created_at, None, url)


P = Permission
QUEUES = [
    _in_state(
        "remittance-screening", _l("Remittances to look at before they go"), P.SCREENING_REVIEW, _S.SCREENING_REVIEW
    ),
    Queue(
        "remittance-refusals",
        _l("Refusals to decide"),
        P.REFUND_APPROVE,
        query=lambda actor: select(Remittance).where(
            policies.visible(actor),
            Remittance.status == _S.REFUSAL_PROPOSED,
            Remittance.refusal_proposed_by != actor.account_id,
        ),
        keys=(Remittance.created_at, Remittance.id),
        row=_remittance_row,
    ),
    _in_state("remittance-held", _l("Money that does not fit"), P.REMITTANCE_OPERATE, _S.HELD),
    _in_state("remittance-unknown", _l("Payouts without an answer"), P.REMITTANCE_OPERATE, _S.PAYOUT_UNKNOWN),
    _in_state("remittance-failed", _l("Payouts that failed: give the money back"), P.REMITTANCE_OPERATE, _S.FAILED),
    _in_state("remittance-disputes", _l("Disputes of senders"), P.REFUND_APPROVE, _S.DISPUTED),
    Queue(
        "remittance-bank",
        _l("Bank lines without a remittance"),
        P.REMITTANCE_OPERATE,
        query=_lines,
        keys=(BankLine.created_at, BankLine.id),
        row=_line_row,
    ),
    Queue(
        "remittance-refunds",
        _l("Refunds to decide"),
        P.REFUND_APPROVE,
        query=_refunds,
        keys=(Refund.created_at, Refund.id),
        row=_refund_row,
    ),
    Queue(
        "remittance-refunds-failed",
        _l("Refunds that did not reach the sender"),
        P.REMITTANCE_OPERATE,
        query=_failed_refunds,
        keys=(Refund.created_at, Refund.id),
        row=_refund_row,
    ),
    Queue(
        "remittance-by-hand",
        _l("Payments to count as paid by hand"),
        P.REFUND_APPROVE,
        query=_hand_confirmed,
        keys=(CreditTransfer.created_at, CreditTransfer.id),
        row=_transfer_row,
    ),
    Queue(
        "remittance-differences",
        _l("Differences between our books and bank, partner or card company"),
        P.REMITTANCE_OPERATE,
        query=lambda _actor: (
            select(ReconciliationDifference, ReconciliationReport.account, ReconciliationReport.day)
            .join(ReconciliationReport, ReconciliationReport.id == ReconciliationDifference.report_id)
            .where(ReconciliationDifference.status == DifferenceStatus.OPEN)
        ),
        keys=(ReconciliationDifference.created_at, ReconciliationDifference.id),
        row=_difference_row,
    ),
]


def _find(session: Session, actor: Actor, text: str, limit: int) -> list[SearchHit]:
    reference = parse_reference(text)
    if reference is None:
        return []
    rows = session.scalars(
        select(Remittance).where(policies.visible(actor), Remittance.reference == reference).limit(limit)
    )
    return [
        SearchHit(
            _l("Remittance"),
            r.reference,
            format_money(r.pays),
            STATUS_TITLES[r.status],
            url_for("remittance_office.show", remittance_id=r.id),
        )
        for r in rows
    ]


SEARCHES = [SearchProvider("remittance", Permission.REMITTANCE_OPERATE, _find)]
