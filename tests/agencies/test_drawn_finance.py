"""Finance steps are drawn: bank papers, the banks' answers, claims, payments, proposals, and the licence itself."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from agencies.insider import duties
from agencies.insider import services as insider
from agencies.insider.models import DutyDraw
from agencies.insider.status import TieKind, Why
from agencies.licensing import decisions
from agencies.licensing.finance import FINANCE, FinanceStage
from agencies.licensing.status import ApplicationStatus, SecurityKind
from agencies.queues import QUEUES
from agencies.security import claims, instruments, proposals
from agencies.security.drawing import CLAIMS, PAPERS, PROPOSALS, SecurityStage
from agencies.security.models import SecurityInstrument
from agencies.security.status import ClaimStatus, InstrumentStatus, ProposalKind, ProposalStatus
from core.accounts import Absence, OfficeKind, UserAccount, actor_for
from core.db import legal_today
from core.errors import Denied, NotVisible, TooLate
from tests.agencies import factories as make
from tests.agencies import proceedings as go
from tests.agencies import security as money

pytestmark = pytest.mark.real_lot
G = SecurityStage


def holder(session, steps, record, stage):
    held = duties.duty(session, steps.name, record.id, stage)
    return held.officer_id if held else None


def waiting(session, actor, name):
    queue = next(q for q in QUEUES if q.name == name)
    return [r.id for r in session.execute(queue.query(actor))]


def leave(session, actor):
    today = legal_today(session)
    session.add(Absence(account_id=actor.account_id, first_day=today, last_day=today + timedelta(3)))
    session.flush()


@pytest.fixture
def scene(session):
    """A licensed agency, three finance officers, three approvers; lots fall to the first who may have it."""
    agency, _licence = make.licensed(session)
    cashiers, bosses = [go.finance(session) for _ in range(3)], [go.approver(session) for _ in range(3)]
    with make.drawn_for(*cashiers, *bosses):
        yield agency, cashiers, bosses


def paper(session, agency, officer):
    return instruments.record_new(session, officer, agency.id, money.paper(SecurityKind.CASH, 1000))


def held_paper(session, scene):
    """A paper that counts."""
    agency, (first, second, _third), _bosses = scene
    made = paper(session, agency, first)
    instruments.ask(session, first, made.id)
    return make.answered(session, made, by=second)


def test_a_bank_paper_is_for_the_officer_drawn_and_the_answer_for_another_than_the_recorder(session, scene):
    agency, (first, second, third), _bosses = scene
    made = paper(session, agency, first)
    with pytest.raises(Denied, match="drawn for another officer"):
        instruments.ask(session, second, made.id)
    assert [waiting(session, c, "security.papers") for c in (first, second)] == [[made.id], []]
    instruments.ask(session, first, made.id)
    assert holder(session, PAPERS, made, G.ANSWER) == second.account_id
    for actor, words in ((first, "You recorded this paper"), (third, "drawn for another officer")):
        with pytest.raises(Denied, match=words):
            make.answered(session, made, by=actor)
    assert made.status is InstrumentStatus.VERIFICATION_ASKED
    assert make.answered(session, made, by=second).status is InstrumentStatus.VERIFIED
    with pytest.raises(TooLate):
        instruments.ask(session, first, made.id)


def test_an_award_is_decided_and_paid_by_officers_who_were_drawn_and_had_no_hand_in_it(session, scene):
    agency, (first, second, _third), (filer, decider, other) = scene
    held_paper(session, scene)
    claim = money.filed(session, agency, 300, by=filer)
    assert holder(session, CLAIMS, claim, G.DECISION) == decider.account_id
    grant = claims.Grant(money.NPR(300), "It is final.")
    for actor, words in ((filer, "You filed this claim"), (other, "drawn for another officer"), (first, "not allowed")):
        with pytest.raises(Denied, match=words):
            claims.grant(session, actor, claim.id, grant)
        with pytest.raises(Denied):
            claims.reject(session, actor, claim.id, "No.")
    assert claim.status is ClaimStatus.FILED
    claims.grant(session, decider, claim.id, grant)
    assert [waiting(session, c, "security.awards") for c in (first, second)] == [[claim.id], []]
    with pytest.raises(Denied, match="drawn for another officer"):
        claims.pay(session, second, claim.id)
    assert claims.pay(session, first, claim.id).status is ClaimStatus.PAID


@pytest.mark.parametrize(
    ("kind", "stage", "queue"),
    [
        (ProposalKind.CORRECTION, G.DECISION, "security.proposals"),
        (ProposalKind.FORFEITURE, G.FORFEITURE, "security.forfeitures"),
    ],
)
def test_the_second_officer_of_a_proposal_is_drawn(session, scene, kind, stage, queue):
    agency, cashiers, bosses = scene
    made = held_paper(session, scene)
    entry = session.scalars(
        select(proposals.SecurityEntry).where(proposals.SecurityEntry.instrument_id == made.id)
    ).one()
    proposer = cashiers[0]
    mine, other = cashiers[1:] if kind is ProposalKind.CORRECTION else bosses[:2]
    extra = {"entry_id": entry.id} if kind is ProposalKind.CORRECTION else {}
    move = proposals.propose(session, proposer, agency.id, kind, "Ordered.", **extra)
    assert holder(session, PROPOSALS, move, stage) == mine.account_id
    assert [waiting(session, a, queue) for a in (proposer, mine, other)] == [[], [move.id], []]
    for actor, words in ((proposer, "You proposed this"), (other, "drawn for another officer")):
        with pytest.raises(Denied, match=words):
            proposals.decide(session, actor, move.id, "accept", "Yes.")
    assert move.status is ProposalStatus.PROPOSED
    assert proposals.decide(session, mine, move.id, "accept", "Yes.").status is ProposalStatus.DONE


def test_fee_security_and_licence_are_for_one_drawn_officer_who_neither_reviewed_nor_decided(session, scene):
    _agency, (first, second, _third), (decider, *_rest) = scene
    both, _actor = make.officer(session, make.StaffRole.LICENSING_OFFICER)
    make.post_staff(session, both, make.StaffRole.FINANCE_OFFICER, make.office(session))
    reviewer = actor_for(session, both)
    with make.drawn_for(reviewer, decider, first, second):
        application, _own, _owner = make.recommended(session, reviewer, name="Khaptad Overseas Pvt. Ltd.", native="")
    with make.drawn_for(first, second):
        decisions.approve(session, decider, application.id, make.approval(session))
        assert holder(session, FINANCE, application, FinanceStage.FINANCE) == first.account_id
        assert [waiting(session, a, "licence.security") for a in (first, second, reviewer)] == [
            [application.id],
            [],
            [],
        ]
        for actor, words in ((second, "drawn for another officer"), (reviewer, "had a hand")):
            with pytest.raises(Denied, match=words):
                decisions.record_security(session, actor, application.id, make.security())
            with pytest.raises(Denied, match=words):
                decisions.issue(session, actor, application.id)
        made = decisions.record_security(session, first, application.id, make.security())
        instruments.ask(session, first, made.id)
        make.answered(session, made, by=second)
        decisions.issue(session, first, application.id)
    assert make.reload(session, application).status is ApplicationStatus.ISSUED


def test_leave_a_tie_and_nobody_left_pass_a_paper_on_to_another_office_with_the_reason(session):
    own, top = make.office(session), make.office(session, "MOL", OfficeKind.MINISTRY)
    sister = make.office(session, "D2", parent=top)
    own.parent_id = top.id
    session.flush()
    agency, _licence = make.licensed(session)
    gone, tied, helper = go.finance(session), go.finance(session), go.finance(session, at=sister)
    with make.drawn_for(gone):
        made = paper(session, agency, gone)
    leave(session, gone)
    assert (duties.redistribute(session), duties.redistribute(session)) == (1, 0)
    assert holder(session, PAPERS, made, G.PAPER) == tied.account_id
    insider.declare(session, tied, insider.DeclareTie(agency.reference, TieKind.FAMILY, "A cousin"))
    assert holder(session, PAPERS, made, G.PAPER) == helper.account_id
    rows = session.scalars(select(DutyDraw).where(DutyDraw.subject_id == made.id).order_by(DutyDraw.number)).all()
    assert [(r.why, r.office_id) for r in rows] == [(Why.CAME_IN, own.id), (Why.AWAY, own.id), (Why.TIED, sister.id)]
    assert rows[-1].skipped[0] == {"office": str(own.id), "present": 1, "tied": 1, "had_a_hand_in_it": 0}
    for actor, error in ((tied, Denied), (go.finance(session, at=sister), NotVisible)):
        with pytest.raises(error):
            instruments.ask(session, actor, made.id)
    instruments.ask(session, helper, made.id)
    assert made.status is InstrumentStatus.VERIFICATION_ASKED
    # Nobody but the recorder's own office and the helper's is there for the answer.
    leave(session, helper)
    for officer in session.scalars(select(UserAccount)).all():
        if officer.id not in (gone.account_id, tied.account_id, helper.account_id):
            leave(session, actor_for(session, officer))
    duties.redistribute(session)
    assert holder(session, PAPERS, made, G.ANSWER) is None
    admin = go.posted(session, go.StaffRole.STAFF_ADMIN)[1]
    assert waiting(session, admin, "security.nobody") == [made.id]


def test_the_helper_of_another_office_opens_the_file_and_others_of_that_office_do_not(session, client):
    own, top = make.office(session), make.office(session, "MOL", OfficeKind.MINISTRY)
    sister = make.office(session, "D2", parent=top)
    own.parent_id = top.id
    session.flush()
    agency, _licence = make.licensed(session)
    helper = go.finance(session, at=sister)
    made = paper(session, agency, go.finance(session))
    page = f"/licensing/agencies/{agency.id}/security"
    leave(session, actor_for(session, session.get_one(UserAccount, made.recorded_by)))
    assert duties.redistribute(session) == 1
    for actor, status in ((helper, 200), (go.finance(session, at=sister), 404)):
        client.sign_in(session, session.get_one(UserAccount, actor.account_id))
        shown = client.get(page)
        assert shown.status_code == status
        assert (f"{made.id}/ask" in shown.text) == (status == 200)


def test_two_finance_officers_and_leave_at_once(committed):
    """The answer of the bank is written down once, by the officer who has the step at that moment."""
    with committed() as session:
        agency, _licence = make.licensed(session)
        first, second, third = (go.finance(session) for _ in range(3))
        with make.drawn_for(first, second, third):
            made = paper(session, agency, first)
            instruments.ask(session, first, made.id)
        reference = instruments.open_question(session, made.id).reference
        session.commit()
        ids, paper_id = [p.account_id for p in (first, second, third)], made.id
    answer = instruments.Answer(reference, True, make.photo(140))
    start, done = threading.Barrier(4), []

    def write(account_id):
        with committed() as session:
            actor = actor_for(session, session.get_one(UserAccount, account_id))
            start.wait()
            try:
                instruments.answer(session, actor, paper_id, answer)
                session.commit()
                done.append(account_id)
            except (Denied, TooLate):
                session.rollback()

    def away():
        with committed() as session:
            leave(session, actor_for(session, session.get_one(UserAccount, ids[1])))
            start.wait()
            duties.redistribute(session)
            session.commit()

    threads = [threading.Thread(target=write, args=(i,)) for i in ids] + [threading.Thread(target=away)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committed() as session:
        made = session.get_one(SecurityInstrument, paper_id)
        assert len(done) <= 1
        assert ids[0] not in done
        assert (made.status is InstrumentStatus.VERIFIED) == bool(done)
        assert made.verified_by == (done[0] if done else None)
