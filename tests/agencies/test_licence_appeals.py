"""The appeal of a refused applicant: once, in time, to a stranger to the case; reversed, others look at it afresh."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from agencies.insider import assignment
from agencies.licensing import appeals, decisions, services
from agencies.licensing.models import LicenceApplication
from agencies.licensing.paper_models import LicenceAppeal, LicenceDocument
from agencies.licensing.status import APPEAL, AppealStatus, ApplicationStatus, PaperKind, Party
from agencies.queues import QUEUES
from core.accounts import UserAccount, actor_for, post_staff
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.messages import OutgoingMessage
from core.permissions import StaffRole
from core.queues import fetch
from tests.agencies import factories as make
from tests.agencies import proceedings as go

S = ApplicationStatus
WORDS = appeals.Lodge("The director left that agency in 2019: see the register of companies.")
PAIRS = {("lodged", "uphold", "upheld"), ("lodged", "reverse", "reversed")}


def test_the_transition_table_is_the_one_written_down_here():
    assert APPEAL.pairs() == PAIRS


class Case:
    """A refused application with all who had to do with it."""

    def __init__(self, session):
        self.maker, self.boss = make.reviewer(session), make.approver(session)
        self.application, self.agency, self.owner = make.recommended(session, self.maker)
        decisions.refuse(session, self.boss, self.application.id, "The director answers for another agency.")
        self.session = session

    def lodged(self):
        return appeals.lodge(self.session, self.owner, self.application.id, WORDS)


@pytest.fixture
def case(session):
    return Case(session)


def certain(session, application, days):
    """As in a country whose checked law row names the last day."""
    application.appeal_certain = True
    application.appeal_until = legal_today(session) + timedelta(days)
    session.flush()


def test_an_appeal_is_lodged_once_with_a_day_and_stands_in_the_queue_and_the_log(app, session, case):
    appeal = case.lodged()
    judge = go.appeal_officer(session)
    with app.test_request_context():
        queue = next(q for q in QUEUES if q.name == "licence.appeal")
        rows = fetch(session, queue, judge, limit=5).rows
        assert [(r.reference, r.label, r.due_on) for r in rows] == [(appeal.reference, case.agency.name, appeal.due_on)]
        assert fetch(session, queue, go.appeal_officer(session, at=make.office(session, "P9")), limit=5).total == 0
    assert appeal.due_on > legal_today(session)
    event = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == appeal.id)).one()
    assert (event.action, event.to_status, event.evidence["late"]) == ("lodge", "lodged", False)
    with pytest.raises(TooLate, match="already"):
        case.lodged()
    for start in (services.start_application,):
        with pytest.raises(DomainError, match="appeal is still to be decided"):
            start(session, case.owner, case.agency.id)
    assert len(session.scalars(select(LicenceAppeal)).all()) == 1


def test_after_the_day_of_a_certain_law_row_there_is_no_appeal(session, case):
    certain(session, case.application, -1)
    with pytest.raises(TooLate, match="time to appeal is over"):
        case.lodged()
    certain(session, case.application, 0)
    assert case.lodged().late is False


def test_where_the_law_names_no_day_an_officer_decides_whether_it_is_in_time(session, case):
    assert case.application.appeal_certain is False
    case.application.appeal_until = legal_today(session) - timedelta(1)
    session.flush()
    appeal = case.lodged()
    assert appeal.late
    appeals.decide(session, go.appeal_officer(session), appeal.id, "Too late, for no good reason.", reverse=False)
    assert appeal.status is AppealStatus.UPHELD


def test_only_a_refused_application_of_ones_own_is_appealed_against(session, case):
    stranger = make.agency(session, name="Mechi Overseas")[2]
    with pytest.raises(NotVisible):
        appeals.lodge(session, stranger, case.application.id, WORDS)
    with pytest.raises(DomainError, match="Write why"):
        appeals.lodge(session, case.owner, case.application.id, appeals.Lodge("  "))
    other, _agency, owner = make.submitted(
        session, name="Koshi Overseas", directors=[make.director("3-3", phone="+9779841000003")]
    )
    with pytest.raises(TooLate, match="not refused"):
        appeals.lodge(session, owner, other.id, WORDS)
    newer = services.start_application(session, case.owner, case.agency.id)
    with pytest.raises(TooLate, match="newer application"):
        case.lodged()
    services.withdraw(session, case.owner, newer.id)
    assert case.lodged().status is AppealStatus.LODGED


def test_who_took_a_step_never_decides_the_appeal(session, case):
    appeal = case.lodged()
    for actor in (case.maker, case.boss):
        account = session.get_one(UserAccount, actor.account_id)
        post_staff(session, account, StaffRole.APPEAL_OFFICER, make.office(session))
        with pytest.raises(Denied, match="took part"):
            appeals.decide(session, actor_for(session, account), appeal.id, "Mine.", reverse=False)
    with pytest.raises(Denied):
        appeals.decide(session, make.approver(session), appeal.id, "No role.", reverse=False)
    far = go.appeal_officer(session, at=make.office(session, "P9"))
    with pytest.raises(NotVisible):
        appeals.decide(session, far, appeal.id, "Not my area.", reverse=False)
    assert session.get_one(LicenceAppeal, appeal.id, populate_existing=True).status is AppealStatus.LODGED


def test_upheld_it_stays_refused_and_the_agency_is_told_in_writing(session, case):
    appeal, judge = case.lodged(), go.appeal_officer(session)
    told = len(session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == "application_news")).all())
    with pytest.raises(DomainError, match="reason"):
        appeals.decide(session, judge, appeal.id, " ", reverse=False)
    appeals.decide(session, judge, appeal.id, "The register says otherwise.", reverse=False)
    held = make.reload(session, case.application)
    assert (held.status, held.decided_by, held.set_aside) == (S.REFUSED, case.boss.account_id, [])
    assert (appeal.decided_by, appeal.reason) == (judge.account_id, "The register says otherwise.")
    messages = session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == "application_news")).all()
    assert len(messages) == told + 1
    paper = session.scalars(select(LicenceDocument).where(LicenceDocument.kind == PaperKind.APPEAL_DECISION)).one()
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == appeal.id, AuditEvent.action == "uphold")
    ).one()
    assert event.evidence["document"]["reference"] == paper.reference
    with pytest.raises(TooLate):
        appeals.decide(session, judge, appeal.id, "Changed my mind.", reverse=True)
    assert services.start_application(session, case.owner, case.agency.id).id != case.application.id


def test_reversed_other_officers_look_at_it_afresh(session, case):
    appeal, judge = case.lodged(), go.appeal_officer(session)
    second, place = make.reviewer(session), case.application.submitted_at
    with make.drawn_for(case.maker, second):
        appeals.decide(session, judge, appeal.id, "The paper is right.", reverse=True)
    held = make.reload(session, case.application)
    assert (held.status, held.reviewer_id, held.submitted_at) == (S.IN_REVIEW, second.account_id, place)
    assert (held.approver_id, held.decided_by, held.decision_reason, held.appeal_until) == (None, None, None, None)
    assert held.awaits is Party.OFFICE
    assert {UUID(a) for a in held.set_aside} >= {case.maker.account_id, case.boss.account_id, judge.account_id}
    with pytest.raises(Denied):
        make.recommend(session, case.maker, held)
    boss = make.approver(session)
    with make.drawn_for(case.boss, boss):
        make.recommend(session, second, held)
    assert make.reload(session, held).approver_id == boss.account_id
    with pytest.raises(Denied):
        decisions.approve(session, case.boss, held.id, make.approval(session))
    # Refused again, for another reason, it may be appealed against again; by the same officer it is not decided.
    decisions.refuse(session, boss, held.id, "The premises are a shop.")
    appeal.refused_at -= timedelta(1)
    again = case.lodged()
    assert again.id != appeal.id
    with pytest.raises(Denied, match="took part"):
        appeals.decide(session, judge, again.id, "Mine again.", reverse=False)


def test_reversed_after_a_stop_another_approver_compares_again(session):
    first, second = make.approver(session), make.approver(session)
    with make.drawn_for(first):
        application, _agency, owner = make.submitted(session)
        held = make.reload(session, application)
        held.refused_at_stop = False
    held = make.reload(session, application)
    # As it stands after an approver said "the same person".
    session.execute(
        LicenceApplication.__table__.update()
        .where(LicenceApplication.id == held.id)
        .values(status="stopped", reviewer_id=None)
    )
    make.reload(session, application)
    with make.drawn_for(first):
        assignment.assign(session, held, session.get_one(make.Agency, held.agency_id), assignment.Stage.CHECK)
    decisions.refuse_stopped(session, first, held.id, "The same person.")
    appeal = appeals.lodge(session, owner, held.id, WORDS)
    with make.drawn_for(first, second):
        appeals.decide(session, go.appeal_officer(session), appeal.id, "Another birth date.", reverse=True)
    assert (make.reload(session, held).status, held.approver_id) == (S.STOPPED, second.account_id)


@pytest.mark.parametrize("reverse", [True, False])
def test_who_decides_again_hears_that_it_is_decided(session, reverse):
    case = Case(session)
    appeal, judge = case.lodged(), go.appeal_officer(session)
    make.reviewer(session)
    appeals.decide(session, judge, appeal.id, "Looked at.", reverse=reverse)
    with pytest.raises(TooLate):
        appeals.decide(session, judge, appeal.id, "Looked at.", reverse=not reverse)


def test_two_windows_decide_an_appeal_once(committed):
    with committed() as session:
        case = Case(session)
        appeal, judge = case.lodged(), go.appeal_officer(session)
        make.reviewer(session)
        session.commit()
    together, answers = threading.Barrier(2), []

    def decide(reverse):
        with committed() as own:
            together.wait()
            try:
                appeals.decide(own, judge, appeal.id, "Looked at.", reverse=reverse)
                own.commit()
                answers.append("done")
            except TooLate:
                own.rollback()
                answers.append("too late")

    threads = [threading.Thread(target=decide, args=(r,)) for r in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["done", "too late"]
    with committed() as session:
        status = session.get_one(LicenceAppeal, appeal.id).status
        expected = S.IN_REVIEW if status is AppealStatus.REVERSED else S.REFUSED
        assert session.get_one(LicenceApplication, case.application.id).status is expected


def test_the_way_through_the_pages(client, session, case):
    account = session.get_one(UserAccount, case.owner.account_id)
    own = f"/licences/applications/{case.application.id}"
    client.sign_in(session, account)
    assert f"{own}/appeal" in client.get(own).get_data(as_text=True)
    assert "You appeal to" in client.get(f"{own}/appeal").get_data(as_text=True)
    assert client.post_form(f"{own}/appeal", words="").status_code == 422
    assert client.post_form(f"{own}/appeal", words=WORDS.words).status_code == 303
    appeal = session.scalars(select(LicenceAppeal)).one()
    assert appeal.reference in client.get(own).get_data(as_text=True)
    assert client.get(f"/licensing/appeals/{appeal.id}").status_code in (403, 404)
    other, _actor = make.agency(session, name="Mechi Overseas")[1:]
    client.sign_in(session, other)
    assert client.get(f"{own}/appeal").status_code == 404
    assert client.post_form(f"{own}/appeal", words="Mine?").status_code == 404
    judge, _actor = go.posted(session, StaffRole.APPEAL_OFFICER)
    make.reviewer(session)
    client.sign_in(session, judge)
    page = f"/licensing/appeals/{appeal.id}"
    assert WORDS.words in client.get(page).get_data(as_text=True)
    assert client.get(f"/licensing/applications/{case.application.id}").status_code == 200
    assert client.post_form(f"{page}/reverse", reason="").status_code == 422
    assert client.post_form(f"{page}/reverse", reason="The paper is right.").status_code == 303
    assert make.reload(session, case.application).status is S.IN_REVIEW
    auditor, _actor = make.officer(session, StaffRole.AUDITOR)
    client.sign_in(session, auditor)
    assert client.get(page).status_code == 200
