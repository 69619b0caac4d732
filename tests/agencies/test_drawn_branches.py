"""Branches and representatives: steps are drawn; one officer suspends for some days, everything that lasts takes two."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from agencies.branches import moves, services
from agencies.branches.drawing import MOVES, PRESENCES
from agencies.branches.models import Presence, PresenceMove
from agencies.branches.status import PRESENCE_MOVE, MoveKind, MoveStatus, PresenceStage, PresenceStatus
from agencies.insider import duties
from agencies.insider import services as insider
from agencies.insider.models import DutyDraw
from agencies.insider.status import TieKind, Why
from agencies.queues import QUEUES
from agencies.sanctions.case_status import OrderKind
from core.accounts import Absence, OfficeKind, UserAccount, actor_for
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from law.country import deployment
from tests.agencies import factories as make
from tests.agencies import proceedings as go
from tests.agencies.test_branches import BARRED, command, licensed

pytestmark = pytest.mark.real_lot
S = PresenceStatus


def waiting(session, actor, name):
    queue = next(q for q in QUEUES if q.name == name)
    return [r.id for r in session.execute(queue.query(actor))]


def holder(session, kind, record, stage):
    held = duties.duty(session, kind, record.id, stage)
    return held.officer_id if held else None


def leave(session, actor):
    today = legal_today(session)
    session.add(Absence(account_id=actor.account_id, first_day=today, last_day=today + timedelta(3)))
    session.flush()


@pytest.fixture
def scene(session):
    """A licensed agency with its owner, two reviewers and three approvers."""
    agency, _licence, owner = licensed(session)
    people = [go.reviewer(session) for _ in range(2)] + [go.approver(session) for _ in range(3)]
    return agency, owner, people


def verified(session, scene):
    agency, owner, (officer, _second, *approvers) = scene
    with make.drawn_for(officer, approvers[0]):
        made = services.propose(session, owner, agency.id, command())
        services.verify(session, officer, made.id, "Seen.", "NB-1")
    return made


def active(session, scene):
    made = verified(session, scene)
    services.activate(session, scene[2][2], made.id, "In order.")
    return made


def test_verifying_and_activating_are_for_the_officers_for_whom_they_were_drawn(session, scene):
    agency, owner, (mine, other, first, second, _third) = scene
    with make.drawn_for(mine, first):
        made = services.propose(session, owner, agency.id, command())
        with pytest.raises(Denied, match="drawn for another officer"):
            services.verify(session, other, made.id, "Seen.", "NB-1")
        with pytest.raises(Denied, match="drawn for another officer"):
            services.refuse(session, other, made.id, "No.")
        assert (waiting(session, mine, "branch.verify"), waiting(session, other, "branch.verify")) == ([made.id], [])
        services.verify(session, mine, made.id, "Seen.", "NB-1")
    for act in (services.activate, services.send_back):
        with pytest.raises(Denied, match="drawn for another officer"):
            act(session, second, made.id, "Mine.")
    assert made.status is S.VERIFIED
    assert waiting(session, second, "branch.activate") == []
    assert waiting(session, first, "branch.activate") == [made.id]
    assert services.activate(session, first, made.id, "In order.").status is S.ACTIVE
    assert waiting(session, first, "branch.activate") == []


def test_a_thousand_tries_draw_nothing(session):
    agency, _licence, owner = licensed(session)
    made = services.propose(session, owner, agency.id, command())
    late = go.reviewer(session)
    turn = PRESENCES.turn(session, made)
    for _ in range(1000):
        with pytest.raises(Denied, match="No officer is drawn"):
            duties.require(session, late, PRESENCES.name, made.id, turn)
    with pytest.raises(Denied, match="No officer is drawn"):
        services.verify(session, late, made.id, "Seen.", "NB-1")
    rows = session.scalars(select(DutyDraw.officer_id).where(DutyDraw.subject_id == made.id)).all()
    assert rows == [None]
    assert duties.redistribute(session) == 1
    assert holder(session, PRESENCES.name, made, PresenceStage.VERIFICATION) == late.account_id


def test_leave_and_ties_draw_again_and_an_office_without_anybody_passes_it_to_its_sister(session):
    agency, _licence, owner = licensed(session)
    own, top = make.office(session), make.office(session, "MOL", OfficeKind.MINISTRY)
    sister = make.office(session, "D2", parent=top)
    own.parent_id = top.id
    session.flush()
    gone, tied = go.reviewer(session), go.reviewer(session)
    with make.drawn_for(gone):
        made = services.propose(session, owner, agency.id, command())
    leave(session, gone)
    assert duties.redistribute(session) == 1
    assert holder(session, PRESENCES.name, made, PresenceStage.VERIFICATION) == tied.account_id
    helper = go.reviewer(session, at=sister)
    insider.declare(session, tied, insider.DeclareTie(agency.reference, TieKind.FAMILY, "A cousin"))
    assert holder(session, PRESENCES.name, made, PresenceStage.VERIFICATION) == helper.account_id
    row = session.scalars(
        select(DutyDraw).where(DutyDraw.subject_id == made.id).order_by(DutyDraw.number.desc())
    ).first()
    assert (row.why, row.office_id) == (Why.TIED, sister.id)
    assert row.skipped[0] == {"office": str(own.id), "present": 1, "tied": 1, "had_a_hand_in_it": 0}
    with pytest.raises(Denied, match="tie between you"):
        services.verify(session, tied, made.id, "Seen.", "NB-1")
    with pytest.raises(NotVisible):
        services.verify(session, go.reviewer(session, at=sister), made.id, "Seen.", "NB-1")
    assert services.verify(session, helper, made.id, "Seen.", "NB-1").status is S.VERIFIED
    admin = go.posted(session, go.StaffRole.STAFF_ADMIN)[1]
    assert waiting(session, admin, "branch.nobody") == [made.id]


# --- what one officer may, and what takes two --------------------------------------------------------------------------


def test_the_table_of_moves_is_this_one():
    assert PRESENCE_MOVE.pairs() == {
        ("proposed", "accept", "done"),
        ("proposed", "reject", "rejected"),
        ("proposed", "fall_away", "moot"),
    }


def test_a_suspension_by_one_officer_lapses_after_its_last_day_and_is_not_made_twice(session, scene):
    made = active(session, scene)
    one = scene[2][3]
    moves.suspend(session, one, made.id, "Took passports.")
    days = int(deployment().standard("presence_suspension_days"))
    assert (made.status, made.suspended_by) == (S.SUSPENDED, one.account_id)
    assert made.suspended_until == legal_today(session) + timedelta(days - 1)
    assert moves.lapse(session, 9) == 0
    made.suspended_until = legal_today(session) - timedelta(1)
    session.flush()
    assert (moves.lapse(session, 9), moves.lapse(session, 9)) == (1, 0)
    assert (made.status, made.suspended_by, made.suspended_until) == (S.ACTIVE, None, None)
    with pytest.raises(DomainError, match="needs two officers"):
        moves.suspend(session, one, made.id, "Again.")
    assert made.status is S.ACTIVE
    moves.propose(session, one, made.id, MoveKind.HOLD, "Again.")


@pytest.mark.parametrize(("kind", "after"), [("hold", S.SUSPENDED), ("restore", S.ACTIVE), ("remove", S.REMOVED)])
def test_what_lasts_is_decided_by_an_officer_who_neither_proposed_nor_suspended(session, scene, kind, after):
    made = active(session, scene)
    reviewer, _other, proposer, suspender, third = scene[2]
    moves.suspend(session, suspender, made.id, "Took passports.")
    move = moves.propose(session, proposer, made.id, MoveKind(kind), "It has to be.")
    assert holder(session, MOVES.name, move, PresenceStage.SECOND) == third.account_id
    assert [waiting(session, p, "branch.second") for p in (proposer, suspender, third)] == [[], [], [move.id]]
    for actor, words in ((proposer, "You proposed this"), (suspender, "had a hand"), (reviewer, "not allowed")):
        with pytest.raises(Denied, match=words):
            moves.decide(session, actor, move.id, "accept", "So it is.")
    with pytest.raises(DomainError, match="proposed already"):
        moves.propose(session, suspender, made.id, MoveKind.REMOVE, "At once.")
    assert (made.status, move.status) == (S.SUSPENDED, MoveStatus.PROPOSED)
    moves.decide(session, third, move.id, "accept", "So it is.")
    assert (made.status, made.suspended_until, move.status) == (after, None, MoveStatus.DONE)
    with pytest.raises(TooLate):
        moves.decide(session, third, move.id, "accept", "Again.")
    actions = select(AuditEvent.action).where(AuditEvent.subject_id == move.id).order_by(AuditEvent.at)
    assert sorted(session.scalars(actions)) == ["accept", "assign", "propose"]


def test_a_rejected_proposal_changes_nothing_and_one_that_was_overtaken_falls_away(session, scene):
    made = active(session, scene)
    proposer, decider, third = scene[2][2:]
    with make.drawn_for(decider, third):
        move = moves.propose(session, proposer, made.id, MoveKind.REMOVE, "It has to be.")
    moves.decide(session, decider, move.id, "reject", "Not proved.")
    assert (made.status, move.status) == (S.ACTIVE, MoveStatus.REJECTED)
    with pytest.raises(TooLate):
        moves.propose(session, proposer, made.id, MoveKind.RESTORE, "Nothing to restore.")
    with make.drawn_for(decider, third):
        again = moves.propose(session, proposer, made.id, MoveKind.REMOVE, "New facts.")
    services.withdraw(session, scene[1], made.id)
    assert (made.status, again.status) == (S.REMOVED, MoveStatus.MOOT)
    with pytest.raises(TooLate):
        moves.decide(session, decider, again.id, "accept", "So it is.")


def test_who_is_blacklisted_during_a_suspension_by_one_officer_does_not_come_back_by_itself(session, scene):
    made = active(session, scene)
    moves.suspend(session, scene[2][3], made.id, "Took passports.")
    with make.drawn_for(*scene[2]):
        go.ordered(session, OrderKind.BLACKLIST, **BARRED)
    session.expire(made)
    assert (made.status, made.suspended_until) == (S.SUSPENDED, None)
    assert moves.lapse(session, 9) == 0
    with pytest.raises(DomainError, match="blacklist"):
        moves.propose(session, scene[2][2], made.id, MoveKind.RESTORE, "Let him go on.")


def test_the_page_gives_buttons_to_the_holder_and_a_reason_to_everybody_else(session, client, scene):
    agency, owner, (mine, other, *_approvers) = scene
    with make.drawn_for(mine):
        made = services.propose(session, owner, agency.id, command())
    page = f"/licensing/branches/{made.id}"
    for actor, button, words in (
        (mine, True, "yours"),
        (other, False, "This was drawn for another officer."),
    ):
        client.sign_in(session, session.get_one(UserAccount, actor.account_id))
        shown = client.get(page).text
        assert (f"{page}/verify" in shown, words in shown) == (button, True)
    assert client.post_form(f"{page}/verify", reason="Mine.", deposit_reference="NB-1").status_code == 403
    insider.declare(session, mine, insider.DeclareTie(agency.reference, TieKind.FAMILY, "A cousin"))
    client.sign_in(session, session.get_one(UserAccount, mine.account_id))
    shown = client.get(page).text
    assert (f"{page}/verify" in shown, "There is a tie between you" in shown) == (False, True)


def test_two_deciders_at_once_and_leave_in_the_same_moment(committed):
    """Only the drawn officer's word counts, once; leave that comes in between gives it to exactly one other."""
    with committed() as session:
        agency, _licence, owner = licensed(session)
        people = [go.reviewer(session), *(go.approver(session) for _ in range(3))]
        with make.drawn_for(*people):
            made = services.propose(session, owner, agency.id, command())
            services.verify(session, people[0], made.id, "Seen.", "NB-1")
            services.activate(session, people[1], made.id, "In order.")
            move = moves.propose(session, people[1], made.id, MoveKind.REMOVE, "It has to be.")
        session.commit()
        ids, move_id, made_id = [p.account_id for p in people], move.id, made.id
    start, found = threading.Barrier(4), []

    def decide(account_id):
        with committed() as session:
            actor = actor_for(session, session.get_one(UserAccount, account_id))
            start.wait()
            try:
                moves.decide(session, actor, move_id, "accept", "So it is.")
                session.commit()
                found.append(account_id)
            except (Denied, TooLate):
                session.rollback()

    def away():
        with committed() as session:
            leave(session, actor_for(session, session.get_one(UserAccount, ids[2])))
            start.wait()
            duties.redistribute(session)
            session.commit()

    threads = [threading.Thread(target=decide, args=(i,)) for i in (ids[2], ids[2], ids[3])]
    threads.append(threading.Thread(target=away))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committed() as session:
        held = holder(session, MOVES.name, session.get_one(PresenceMove, move_id), PresenceStage.SECOND)
        move, made = session.get_one(PresenceMove, move_id), session.get_one(Presence, made_id)
        assert held in ids[2:]
        assert len(found) <= 1
        assert (made.status is S.REMOVED) == (len(found) == 1) == (move.status is MoveStatus.DONE)
        assert not found or found[0] in ids[2:]
        count = text("SELECT count(*) FROM audit_event WHERE subject_id = :i AND action = 'accept'")
        assert session.scalar(count, {"i": move_id}) == len(found)
