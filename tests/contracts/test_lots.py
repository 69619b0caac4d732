"""A lot that is split to stay under the line of a second approver is summed: agency and employer are what counts."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.employers.accreditation_queries import last_term
from contracts.job_orders import services as job_orders
from contracts.job_orders.lots import together
from contracts.job_orders.models import JobOrder
from contracts.job_orders.queries import waiting
from contracts.job_orders.status import JobOrderStatus as S
from core.accounts import UserAccount
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError
from core.permissions import StaffRole
from tests.contracts import factories as make
from tests.migrants.factories import officer

# The policy that the tests run under: law/common/policy.json.
LINE, DAYS = 100, 30
HALF = LINE // 2


def labour(session: Session):
    return officer(session, StaffRole.LABOUR_OFFICER)


def another(session: Session, scene: make.Scene, headcount: int) -> JobOrder:
    """One more job order of the same two, taken on by the agency."""
    order = job_orders.draft(
        session, scene.employer, job_orders.Draft(scene.agency_record.id, headcount, make.PROMISED)
    )
    job_orders.send_signing_code(session, scene.employer, order.id)
    code = make.last_code(session, scene.employer.account_id)
    job_orders.sign(session, scene.employer, order.id, secret=make.PASSWORD, code=code)
    job_orders.acknowledge(session, scene.agency, order.id)
    return order


def test_a_split_lot_waits_for_a_second_approver_who_is_not_the_first(session: Session):
    scene = make.approved(session, headcount=HALF, capacity=5 * LINE)
    assert scene.order.status is S.APPROVED
    order, first, second = another(session, scene, LINE - HALF), labour(session), labour(session)
    job_orders.approve(session, first, order.id, "Fits")
    assert (order.status, order.approved, order.first_approved_by) == (S.SECOND_CHECK, 0, first.account_id)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "approve_first")).one()
    assert event.evidence["lot"] == {"workers": LINE, "others": HALF, "days": DAYS, "line": LINE}
    assert [r.id for r in session.execute(waiting(first))] == []
    assert [r.id for r in session.execute(waiting(second))] == [order.id]
    assert "confirm" not in [a.action for a in job_orders.actions(first, order)]
    assert [a.action for a in job_orders.actions(second, order)] == ["return", "confirm"]
    for action in ("approve", "confirm"):
        with pytest.raises(Denied):
            job_orders.act(session, first, order.id, action, "Mine again")
    job_orders.act(session, second, order.id, "confirm", "Seen with the other one")
    assert (order.status, order.approved, order.approved_by) == (S.APPROVED, LINE - HALF, second.account_id)


def test_one_worker_fewer_another_employer_or_a_month_later_is_no_split_lot(session: Session):
    scene = make.approved(session, headcount=HALF, capacity=5 * LINE)
    order = another(session, scene, LINE - HALF - 1)
    assert not together(session, order, legal_today(session)).needs_second
    order.headcount += 1
    session.flush()
    assert together(session, order, legal_today(session)).needs_second
    assert scene.order.approved_at
    scene.order.approved_at -= timedelta(days=DAYS + 1)
    session.flush()
    assert not together(session, order, legal_today(session)).needs_second
    stranger = make.signed(session, headcount=HALF, capacity=5 * LINE)
    assert together(session, stranger.order, legal_today(session)).others == 0


def test_two_halves_at_the_second_check_count_each_other_and_a_large_lot_needs_no_other(session: Session):
    scene = make.signed(session, headcount=LINE, capacity=5 * LINE)
    job_orders.acknowledge(session, scene.agency, scene.order.id)
    job_orders.approve(session, labour(session), scene.order.id, "Large")
    assert scene.order.status is S.SECOND_CHECK
    order = another(session, scene, 1)
    job_orders.approve(session, labour(session), order.id, "One more")
    assert order.status is S.SECOND_CHECK


def test_everything_is_asked_again_at_the_second_approval_and_an_edit_voids_the_first(session: Session):
    scene = make.signed(session, headcount=LINE, capacity=5 * LINE)
    job_orders.acknowledge(session, scene.agency, scene.order.id)
    job_orders.approve(session, labour(session), scene.order.id, "Large")
    term = last_term(session, scene.employer_record.id)
    assert term
    term.capacity = LINE - 1
    session.flush()
    with pytest.raises(DomainError, match="capacity leaves"):
        job_orders.confirm(session, labour(session), scene.order.id, "ok")
    changed = job_orders.Draft(scene.agency_record.id, LINE - 1, make.PROMISED)
    job_orders.edit(session, scene.employer, scene.order.id, changed)
    assert (scene.order.status, scene.order.first_approved_by) == (S.DRAFT, None)


def test_two_halves_approved_at_once_are_not_both_waved_through(committed):
    with committed() as session:
        scene = make.signed(session, headcount=HALF, capacity=5 * LINE)
        job_orders.acknowledge(session, scene.agency, scene.order.id)
        orders = [scene.order.id, another(session, scene, LINE - HALF).id]
        officers = [labour(session) for _ in orders]
        session.commit()
    start = threading.Barrier(2)

    def approve(actor, order_id):
        with committed() as session:
            start.wait()
            job_orders.approve(session, actor, order_id, "Fits")
            session.commit()

    threads = [threading.Thread(target=approve, args=pair) for pair in zip(officers, orders, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committed() as session:
        states = sorted(session.get_one(JobOrder, i).status for i in orders)
    assert states == [S.APPROVED, S.SECOND_CHECK]


def test_the_screen_says_what_the_lots_come_to(client, session: Session):
    scene = make.approved(session, headcount=HALF, capacity=5 * LINE)
    order, first = another(session, scene, LINE - HALF), labour(session)
    client.sign_in(session, session.get_one(UserAccount, first.account_id))
    page = client.get(f"/job-orders/{order.id}").text
    assert f"From {LINE} workers on a second approver has to agree" in page
    assert "Places left of the employer’s capacity" in page
    assert client.post_form(f"/job-orders/{order.id}/approve", reason="Fits").status_code == 303
    assert "waits for a second approver" in client.get(f"/job-orders/{order.id}").text
