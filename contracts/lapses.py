"""What nobody acted on in time ends by itself, and who can still act is told some days before. Every part may run twice.

Rows that somebody else holds are left for the next run: whoever accepts or signs at that moment is first.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from contracts import deadlines
from contracts.employment.models import EmploymentContract
from contracts.employment.status import ContractStatus
from contracts.employment.withdrawal import end_early
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import JobOrderStatus, job_order_workflow
from contracts.sides import HasParties, Side, tell
from core import audit
from core.actor import SYSTEM
from core.db import legal_day, legal_today
from law.country import standard_if_set
from migrants.registration.telling import tell_of_change

CONTRACTS = tuple(deadlines.CONTRACT_DAYS)
JOB_ORDERS = (*deadlines.JOB_ORDER_DAYS, JobOrderStatus.APPROVED)
WITH_WORKER = (ContractStatus.WORKER_REVIEW, ContractStatus.QUESTION)


def _batch(query: Select[Any], kind: Any, batch: int) -> Select[Any]:
    """So many, the oldest day first, locked; those that are held already are left out."""
    return (
        query.order_by(kind.lapses_on, kind.id)
        .limit(batch)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def lapse_contracts(session: Session, batch: int) -> int:
    """End contracts whose last day has passed, and give their places back; gives how many."""
    kind, today = EmploymentContract, legal_today(session)
    due = session.scalars(
        _batch(select(kind).where(kind.status.in_(CONTRACTS), kind.lapses_on < today), kind, batch)
    ).all()
    # All job orders at once and in one order: two of these jobs, or one and a lodging, never wait for each other in a ring.
    orders = {contract.job_order_id for contract in due}
    session.execute(select(JobOrder.id).where(JobOrder.id.in_(orders)).order_by(JobOrder.id).with_for_update()).all()
    for contract in due:
        evidence = {"waited": contract.status, "last_day": contract.lapses_on, **deadlines.basis(contract)}
        end_early(session, SYSTEM, contract, "lapse", "", evidence)
    tell(session, [(contract, contract.lodged_for) for contract in due], "party_news")
    return len(due)


def lapse_job_orders(session: Session, batch: int) -> int:
    """End job orders that nobody signed or took on, and those whose time to recruit is over; gives how many.

    Contracts under them stay as they are, with their places.
    """
    kind, today = JobOrder, legal_today(session)
    due = session.scalars(
        _batch(select(kind).where(kind.status.in_(JOB_ORDERS), kind.lapses_on < today), kind, batch)
    ).all()
    told: list[tuple[HasParties, Side]] = []
    for order in due:
        told += _parties(order)
        action = "expire" if order.status is JobOrderStatus.APPROVED else "lapse"
        evidence = {"waited": order.status, "last_day": order.lapses_on, **deadlines.basis(order)}
        job_order_workflow.apply(session, order, action, actor=SYSTEM, evidence=evidence)
    tell(session, told, "party_news")
    return len(due)


def _parties(order: JobOrder) -> list[tuple[HasParties, Side]]:
    """Whom a job order concerns: a draft is the employer's own."""
    return [(order, side) for side in Side if side is Side.EMPLOYER or order.status is not JobOrderStatus.DRAFT]


def warn(session: Session, batch: int) -> int:
    """Tell of contracts and job orders whose last day is near, once for each last day; gives how many."""
    contracts = _near(session, EmploymentContract, CONTRACTS, deadlines.CONTRACT_WARNING, batch)
    told: list[tuple[HasParties, Side]] = []
    for contract in contracts:
        _warned(session, "contract", contract)
        told.append((contract, contract.lodged_for))
        if contract.status in WITH_WORKER:
            tell_of_change(session, contract.migrant_id)
    orders = _near(session, JobOrder, JOB_ORDERS, deadlines.JOB_ORDER_WARNING, batch)
    for order in orders:
        _warned(session, "job_order", order)
        told += _parties(order)
    tell(session, told, "lapse_warning")
    return len(contracts) + len(orders)


def _near(session: Session, kind: Any, states: Sequence[Any], standard: str, batch: int) -> Sequence[Any]:
    today = legal_today(session)
    days = standard_if_set(today, standard)
    if days is None:
        return []
    query = select(kind).where(
        kind.status.in_(states),
        kind.lapses_on.between(today, today + timedelta(days=days)),
        kind.lapse_warned_for.is_distinct_from(kind.lapses_on),
    )
    return session.scalars(_batch(query, kind, batch)).all()


def _warned(session: Session, name: str, record: deadlines.Waiting) -> None:
    record.lapse_warned_for = record.lapses_on
    audit.record(
        session, SYSTEM, subject=(name, record.id), action="remind", evidence={"last_day": record.lapses_on}
    )  # fmt: skip


def begin_missing(session: Session, batch: int) -> int:
    """What has waited since before there were such days gets its time from today on; gives how many."""
    today, begun = legal_today(session), 0
    for kind, states in ((EmploymentContract, CONTRACTS), (JobOrder, JOB_ORDERS)):
        counted = [s for s in states if deadlines.last_day(s, today) is not None]
        query = select(kind).where(kind.status.in_(counted), kind.lapses_on.is_(None))
        for record in session.scalars(_batch(query, kind, batch)).all():
            record.lapses_on = _first_day(record, today)
            begun += 1
    session.flush()
    return begun


def _first_day(record: deadlines.Waiting, today: date) -> date | None:
    """Its whole time from today. The time to recruit runs since the approval, where there were days for it then, but is not
    over without a warning."""
    whole = deadlines.last_day(record.status, today)
    if not isinstance(record, JobOrder) or record.status is not JobOrderStatus.APPROVED or record.approved_at is None:
        return whole
    last = deadlines.recruiting_until(legal_day(record.approved_at))
    warned = today + timedelta(days=standard_if_set(today, deadlines.JOB_ORDER_WARNING) or 0)
    return whole if last is None else max(last, warned)
