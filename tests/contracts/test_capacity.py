"""The worker limit of a licence class: a counter at the approval of job orders, raised by more security, raced by threads."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from agencies.security import queries
from contracts.job_orders import capacity
from contracts.job_orders import services as job_orders
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import JobOrderStatus
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import DomainError
from core.permissions import StaffRole
from tests.agencies.security import deposited
from tests.contracts import factories as make
from tests.migrants.factories import officer

FULL = 2_990


def acknowledged(session: Session, scene: make.Scene, headcount: int) -> JobOrder:
    """A further job order of the same agency, taken on, from an employer of its own."""
    employer, actor = make.employer(session, capacity=10_000)
    order = job_orders.draft(session, actor, job_orders.Draft(scene.agency_record.id, headcount, make.PROMISED))
    job_orders.send_signing_code(session, actor, order.id)
    assert actor.account_id
    assert employer.signatory_account_id == actor.account_id
    code = make.last_code(session, actor.account_id)
    job_orders.sign(session, actor, order.id, secret=make.PASSWORD, code=code)
    job_orders.acknowledge(session, scene.agency, order.id)
    return order


def nearly_full(session: Session) -> make.Scene:
    """An agency of class A, 3,000 workers a year, of which 2,990 are counted."""
    scene = make.approved(session, headcount=10)
    scene.order.approved = FULL
    session.flush()
    return scene


def approve(session: Session, order: JobOrder) -> JobOrder:
    return job_orders.approve(session, officer(session, StaffRole.LABOUR_OFFICER), order.id, "Fits the market")


def test_new_job_orders_stop_at_the_limit_until_the_security_is_brought_up(session: Session):
    scene = nearly_full(session)
    order = acknowledged(session, scene, 11)
    with pytest.raises(DomainError, match="allows 3000 workers a year; 2990 are counted"):
        approve(session, order)
    assert (order.status, order.approved) == (JobOrderStatus.AGENCY_ACKNOWLEDGED, 0)
    approve(session, acknowledged(session, scene, 10))
    deposited(session, scene.agency_record, 40_000_000_00)
    approve(session, order)
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == order.id, AuditEvent.action == "approve")
    ).one()
    counted = event.evidence["worker_limit"]
    assert (counted["limit"], counted["taken"], counted["law"]["row"]) == (5000, 3000, "np.licence.class.b")
    assert counted["past_unverified_limit"] is False


def test_only_this_licence_year_counts_and_a_closed_job_order_only_with_its_workers(session: Session):
    scene, today = nearly_full(session), legal_today(session)
    scene.order.contracted, scene.order.cleared = 7, 2
    scene.order.status = JobOrderStatus.CLOSED
    session.flush()
    assert capacity.counter(session, scene.agency_record.id, today).taken == 9
    assert scene.order.approved_at
    scene.order.approved_at -= timedelta(days=40)
    session.flush()
    assert capacity.counter(session, scene.agency_record.id, today).taken == 0
    assert capacity.counter(session, scene.employer_record.id, today).capacity is None


def test_a_limit_from_memory_warns_and_is_left_to_the_officer(session: Session, monkeypatch: pytest.MonkeyPatch):
    scene = nearly_full(session)
    real = queries.capacity

    def uncertain(*args: object, **kw: object) -> queries.Capacity | None:
        found = real(*args, **kw)  # type: ignore[arg-type]
        return found and replace(found, certain=False)

    monkeypatch.setattr(capacity, "capacity", uncertain)
    order = approve(session, acknowledged(session, scene, 11))
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == order.id, AuditEvent.action == "approve")
    ).one()
    assert event.evidence["worker_limit"]["past_unverified_limit"] is True
    assert order.approved == 11


def test_two_employers_at_once_do_not_pass_the_limit_together(committed: sessionmaker[Session]):
    with committed() as session:
        scene = nearly_full(session)
        orders = [acknowledged(session, scene, 6).id for _ in range(4)]
        officers = [officer(session, StaffRole.LABOUR_OFFICER) for _ in orders]
        agency_id = scene.agency_record.id
        session.commit()

    def decide(number: int) -> bool:
        with committed() as session:
            try:
                job_orders.approve(session, officers[number], orders[number], "ok")
            except DomainError:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(decide, range(4))) == 1
    with committed() as session:
        total = select(func.sum(JobOrder.approved)).where(JobOrder.agency_id == agency_id)
        assert session.scalar(total) == FULL + 6
