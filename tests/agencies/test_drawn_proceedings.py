"""Steps of proceedings are drawn: nobody picks, ties and absence pass them on, an office without anybody hands them up."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from agencies.insider import duties
from agencies.insider import services as insider
from agencies.insider.models import DutyDraw
from agencies.insider.status import TieKind, Why
from agencies.queues import QUEUES
from agencies.sanctions import appeals, cases, drawing, orders
from agencies.sanctions import services as sanctions
from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.case_status import CaseStage, CaseStatus
from agencies.sanctions.status import SanctionKind
from core.accounts import Absence, OfficeKind, StaffPosting, actor_for
from core.audit import AuditEvent
from core.db import db_now, legal_today
from core.errors import Denied
from core.permissions import StaffRole
from tests.agencies import factories as make
from tests.agencies import proceedings as go

pytestmark = pytest.mark.real_lot
G = CaseStage


def holder(session, case, stage):
    held = duties.duty(session, drawing.KIND, case.id, stage)
    return held.officer_id if held else None


def draws(session, case):
    rows = select(DutyDraw).where(DutyDraw.subject_id == case.id).order_by(DutyDraw.number)
    return session.scalars(rows).all()


def leave(session, actor):
    today = legal_today(session)
    session.add(Absence(account_id=actor.account_id, first_day=today, last_day=today + timedelta(3)))
    session.flush()


def waiting(session, actor, name):
    queue = next(q for q in QUEUES if q.name == name)
    return [r.id for r in session.execute(queue.query(actor))]


def step(session, case, stage, actor):
    """The act that each stage asks for, whoever tries."""
    if stage is G.SCREENING:
        return cases.screen(session, actor, case.id, "They agree.")
    if stage is G.HEARING:
        return cases.notify(session, actor, case.id, "Answer this.")
    if stage is G.DECISION:
        return orders.dismiss(session, actor, case.id, "Nothing is proved.")
    return appeals.decide(session, actor, case.id, "uphold", "It is right.")


@pytest.mark.parametrize(
    ("stage", "role", "made", "queue"),
    [
        (G.SCREENING, go.reviewer, lambda s, a: go.report(s, **go.against(a)), "case.reported"),
        (G.HEARING, go.reviewer, lambda s, a: go.walked(s, CaseStatus.SCREENED, **go.against(a)), "case.notice"),
        (G.DECISION, go.approver, lambda s, a: go.walked(s, CaseStatus.DECISION, **go.against(a)), "case.order"),
        (G.APPEAL, go.appeal_officer, lambda s, a: go.appealed(s, **go.against(a)), "case.appeal"),
    ],
)
def test_each_step_is_for_the_officer_for_whom_it_was_drawn(session, stage, role, made, queue):
    agency, _licence = make.licensed(session)
    mine, other = role(session), role(session)
    with make.drawn_for(mine):
        case = go.drawn(session, made(session, agency), mine)
    before = case.status
    with pytest.raises(Denied, match="drawn for another officer"):
        step(session, case, stage, other)
    assert case.status is before
    assert waiting(session, mine, queue) == [case.id]
    assert waiting(session, other, queue) == []
    step(session, case, stage, mine)
    assert case.status is not before


def test_the_lot_is_spread_over_all_who_may_have_it(session):
    reporter, *others = [go.reviewer(session) for _ in range(4)]
    agency, _licence = make.licensed(session)
    case = go.report(session, reporter, **go.against(agency))
    turn = drawing.turn_of(session, case)
    found = Counter(duties.assign(session, drawing.KIND, case.id, turn, Why.WAITED) for _ in range(45))
    assert set(found) == {o.account_id for o in others}
    assert [d.number for d in draws(session, case)] == list(range(1, 47))


def test_whoever_prepared_it_is_not_drawn_to_decide_nor_whoever_decided_on_appeal(session):
    agency, _licence = make.licensed(session)
    both = go.approver(session)
    with make.drawn_for(both):
        case = go.report(session, **go.against(agency))
    cases.screen(session, both, case.id, "They agree.")
    decider = go.approver(session)
    hearer = actor_of(session, holder(session, case, G.HEARING))
    cases.notify(session, hearer, case.id, "Answer this.")
    cases.record_reply(session, hearer, case.id, "We did not.")
    cases.schedule(session, hearer, case.id, cases.Hearing(db_now(session), "Room 3"))
    cases.hear(session, hearer, case.id, cases.Heard("They came.", True, "Proved."))
    # ``both`` screened, the one who heard is out as well: one is left.
    left = {both.account_id, decider.account_id} - {both.account_id, hearer.account_id}
    assert holder(session, case, G.DECISION) in (left or {None})


def actor_of(session, account_id):
    from core.accounts import UserAccount

    return actor_for(session, session.get_one(UserAccount, account_id))


def test_the_complaining_office_is_not_drawn_to_decide(session):
    agency, _licence = make.licensed(session)
    unit = go.elsewhere(session)
    both_posts = go.approver(session)
    session.add(StaffPosting(account_id=both_posts.account_id, role=StaffRole.LICENSING_OFFICER, office_id=unit.id))
    session.flush()
    case = go.walked(
        session, CaseStatus.DECISION, **go.against(agency), source=cases.CaseSource.UNIT, complaining_office_id=unit.id
    )
    assert holder(session, case, G.DECISION) is None
    free = go.approver(session)
    assert duties.redistribute(session) == 1
    assert holder(session, case, G.DECISION) == free.account_id


def test_leave_and_a_declared_tie_draw_again_and_a_second_run_changes_nothing(session):
    first, second, third = (go.reviewer(session) for _ in range(3))
    agency, _licence = make.licensed(session)
    with make.drawn_for(first):
        case = go.report(session, **go.against(agency))
    leave(session, first)
    with make.drawn_for(second):
        assert duties.redistribute(session) == 1
    assert holder(session, case, G.SCREENING) == second.account_id
    assert duties.redistribute(session) == 0
    with make.drawn_for(third):
        insider.declare(session, second, insider.DeclareTie(agency.reference, TieKind.FAMILY, "A cousin"))
    assert holder(session, case, G.SCREENING) == third.account_id
    assert [d.why for d in draws(session, case)] == [Why.CAME_IN, Why.AWAY, Why.TIED]
    cases.screen(session, third, case.id, "They agree.")


def test_an_office_with_nobody_untied_passes_it_up_by_itself_with_the_reason(session):
    top = make.office(session, "MOL", OfficeKind.MINISTRY)
    own = make.office(session)
    own.parent_id = top.id
    session.flush()
    agency, _licence = make.licensed(session)
    reporter, tied, away = (go.reviewer(session) for _ in range(3))
    insider.declare(session, tied, insider.DeclareTie(agency.reference, TieKind.BUSINESS, ""))
    leave(session, away)
    case = go.report(session, reporter, **go.against(agency))
    assert holder(session, case, G.SCREENING) is None
    admin = go.posted(session, StaffRole.STAFF_ADMIN)[1]
    assert waiting(session, admin, "case.nobody") == [case.id]
    above = go.reviewer(session, at=top)
    assert duties.redistribute(session) == 1
    assert holder(session, case, G.SCREENING) == above.account_id
    assert waiting(session, admin, "case.nobody") == []
    row = draws(session, case)[-1]
    assert (row.office_id, row.why) == (top.id, Why.WAITED)
    assert row.skipped == [{"office": str(own.id), "present": 2, "tied": 1, "had_a_hand_in_it": 1}]
    logged = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == case.id, AuditEvent.action == "assign")
    ).all()
    assert len(logged) == 2
    assert cases.screen(session, above, case.id, "They agree.").status is CaseStatus.SCREENED


def test_the_complaining_office_neither_orders_rejects_nor_lifts_a_suspension_before_the_hearing(session):
    agency, _licence = make.licensed(session)
    unit = go.elsewhere(session)
    proposer, theirs, free, third = go.reviewer(session), *(go.approver(session) for _ in range(3))
    session.add(StaffPosting(account_id=theirs.account_id, role=StaffRole.LICENSING_OFFICER, office_id=unit.id))
    session.flush()
    theirs = actor_of(session, theirs.account_id)
    day = legal_today(session) + timedelta(5)
    command = sanctions.Propose(SanctionKind.SUSPENSION, "Kept passports.", day, complaining_office_id=unit.id)
    with make.drawn_for(free):
        made = sanctions.propose(session, proposer, agency.id, command)
    for act in (sanctions.order, sanctions.reject):
        with pytest.raises(Denied, match="Your office made the complaint"):
            act(session, theirs, made.id, "Workers are in danger.")
    sanctions.order(session, free, made.id, "Workers are in danger.")
    case = session.get_one(SanctionCase, made.case_id)
    assert (case.source, case.complaining_office_id) == (cases.CaseSource.UNIT, unit.id)
    with pytest.raises(Denied, match="Your office made the complaint"):
        sanctions.lift(session, theirs, made.id, "All is well.")
    sanctions.lift(session, third, made.id, "All is well.")


def test_trying_again_and_again_draws_nothing(session):
    """An officer whom nobody drew can't make the lot fall by acting: a refused act would be rolled back and tried anew."""
    agency, _licence = make.licensed(session)
    case = go.report(session, go.reviewer(session), **go.against(agency))
    late = go.reviewer(session)
    for _ in range(3):
        with pytest.raises(Denied, match="No officer is drawn"):
            cases.screen(session, late, case.id, "They agree.")
    assert [d.officer_id for d in draws(session, case)] == [None]


def test_a_draw_is_written_once(session):
    agency, _licence = make.licensed(session)
    go.reviewer(session)
    case = go.report(session, **go.against(agency))
    row = draws(session, case)[0]
    with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
        session.execute(DutyDraw.__table__.update().where(DutyDraw.id == row.id).values(among=9))
