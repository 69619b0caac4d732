"""What comes on paper: an officer writes it down with the paper and its day, the agency is told, another officer decides."""

import io
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from agencies.insider import duties
from agencies.licensing import appeals, decisions
from agencies.licensing.paper_models import LicenceAppeal
from agencies.licensing.status import ApplicationStatus
from agencies.sanctions import appeals as order_appeals
from agencies.sanctions import drawing, orders, reviews
from agencies.sanctions.case_models import SanctionOrder, SanctionPaper
from agencies.sanctions.case_status import CaseStatus, OrderKind, PaperStep
from agencies.sanctions.cases import NewPaper
from agencies.sanctions.models import SuspensionReview
from core.accounts import UserAccount, actor_for, add_membership, post_staff
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.messages import OutgoingMessage
from core.permissions import StaffRole, SubjectKind
from law.country import due_after
from tests.agencies import factories as make
from tests.agencies import proceedings as go
from tests.agencies.test_suspension_review import suspended
from tests.contracts import factories as contracts

WORDS = "The lease is for five years."


class Refused:
    """An application that was refused ten days ago, its agency and owner."""

    def __init__(self, session):
        self.maker, self.boss = make.reviewer(session), make.approver(session)
        self.application, self.agency, self.owner = make.recommended(session, self.maker)
        decisions.refuse(session, self.boss, self.application.id, "The lease ends too early.")
        self.application.decided_at -= timedelta(10)
        self.application.appeal_until = legal_today(session) - timedelta(3)
        session.flush()


@pytest.fixture
def refused(session):
    return Refused(session)


def on_paper(session, days_ago=0, **changes):
    values = {"words": WORDS, "content": make.photo(), "received_on": legal_today(session) - timedelta(days_ago)}
    return appeals.OnPaper(**{**values, **changes})


def scan():
    return (io.BytesIO(make.photo()), "paper.png")


def told(session, template):
    return len(session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == template)).all())


def with_role(session, account, role):
    post_staff(session, account, role, make.office(session))
    return actor_for(session, account)


def test_the_days_of_an_appeal_on_paper_count_from_its_receipt_and_the_agency_is_told(session, refused):
    refused.application.appeal_certain = True
    session.flush()
    clerk, before = go.reviewer(session), told(session, "application_news")
    with pytest.raises(TooLate, match="time to appeal is over"):
        appeals.record(session, clerk, refused.application.id, on_paper(session, 2))
    appeal = appeals.record(session, clerk, refused.application.id, on_paper(session, 3))
    received = legal_today(session) - timedelta(3)
    assert (appeal.received_on, appeal.late, appeal.lodged_by) == (received, False, clerk.account_id)
    assert appeal.due_on == order_appeals.decide_by(legal_today(session)) - timedelta(3)
    assert told(session, "application_news") == before + 1
    event = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == appeal.id)).one()
    assert (event.action, event.evidence["received_on"]) == ("lodge", received.isoformat())
    assert len(event.evidence["sha256"]) == 64
    with pytest.raises(TooLate, match="already"):
        appeals.record(session, clerk, refused.application.id, on_paper(session, 3))
    with pytest.raises(TooLate, match="already"):
        appeals.lodge(session, refused.owner, refused.application.id, appeals.Lodge("Mine too."))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"content": b""}, "file"), ({"words": "  "}, "words"), ({"days_ago": 11}, "received_on"), ({"days_ago": -1}, "received_on")],
)  # fmt: skip
def test_nothing_is_written_down_without_the_paper_its_words_and_a_day_that_can_be(session, refused, changes, field):
    with pytest.raises(DomainError) as error:
        appeals.record(session, go.reviewer(session), refused.application.id, on_paper(session, **changes))
    assert error.value.field == field
    assert session.scalars(select(LicenceAppeal)).all() == []


def test_who_may_not_write_an_appeal_down(session, refused):
    command = on_paper(session)
    for actor in (refused.owner, go.finance(session), go.appeal_officer(session)):
        with pytest.raises(Denied):
            appeals.record(session, actor, refused.application.id, command)
    with pytest.raises(NotVisible):
        appeals.record(session, make.agency(session, name="Mechi Overseas")[2], refused.application.id, command)
    with pytest.raises(NotVisible):
        appeals.record(session, go.reviewer(session, at=go.elsewhere(session)), refused.application.id, command)
    account, _actor = go.posted(session, StaffRole.LICENSING_OFFICER)
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=refused.agency.id)
    with pytest.raises(Denied):
        appeals.record(session, actor_for(session, account), refused.application.id, command)
    other, _agency, _owner = make.submitted(
        session, name="Koshi Overseas", directors=[make.director("3-3", phone="+9779841000003")]
    )
    with pytest.raises(TooLate, match="not refused"):
        appeals.record(session, go.reviewer(session), other.id, command)
    assert session.scalars(select(LicenceAppeal)).all() == []


def test_who_wrote_it_down_never_decides_it_and_the_database_knows_it_too(session, refused):
    account, clerk = go.posted(session, StaffRole.LICENSING_OFFICER)
    appeal = appeals.record(session, clerk, refused.application.id, on_paper(session))
    both = with_role(session, account, StaffRole.APPEAL_OFFICER)
    with pytest.raises(Denied, match="wrote this appeal down"):
        appeals.decide(session, both, appeal.id, "Right.", reverse=True)
    assert make.reload(session, refused.application).status is ApplicationStatus.REFUSED
    with pytest.raises(IntegrityError, match="writer_does_not_decide"), session.begin_nested():
        session.execute(update(LicenceAppeal).values(decided_by=account.id, status="upheld"))
    appeals.decide(session, go.appeal_officer(session), appeal.id, "Too early all the same.", reverse=False)
    assert make.reload(session, refused.application).status is ApplicationStatus.REFUSED


def test_what_came_on_paper_and_on_the_page_at_the_same_moment_is_one_appeal(committed):
    with committed() as session:
        case, clerk = Refused(session), go.reviewer(session)
        command = on_paper(session)
        session.commit()
    together, answers = threading.Barrier(2), []

    def act(step):
        with committed() as own:
            together.wait()
            try:
                step(own)
                own.commit()
                answers.append("done")
            except TooLate:
                answers.append("too late")

    steps = (
        lambda own: appeals.record(own, clerk, case.application.id, command),
        lambda own: appeals.lodge(own, case.owner, case.application.id, appeals.Lodge("Mine.")),
    )
    threads = [threading.Thread(target=act, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["done", "too late"]
    with committed() as session:
        assert len(session.scalars(select(LicenceAppeal)).all()) == 1


def test_an_appeal_against_an_order_needs_its_paper_counts_from_its_day_and_is_not_its_writers(session):
    agency, owner = contracts.agency(session)
    case = go.ordered(session, OrderKind.SUSPEND, **go.against(agency))
    order = session.scalars(select(SanctionOrder)).one()
    order.ordered_on -= timedelta(9)
    session.flush()
    account, clerk = go.posted(session, StaffRole.LICENSING_OFFICER)
    today, before = legal_today(session), told(session, "proceeding_news")
    with pytest.raises(DomainError, match="photo or PDF"):
        order_appeals.record(session, clerk, case.id, order_appeals.Appeal("Wrong."))
    for day in (today - timedelta(10), today + timedelta(1)):
        with pytest.raises(DomainError, match="day on which the paper came in"):
            order_appeals.record(session, clerk, case.id, go.on_paper("Wrong.", received_on=day))
    assert (case.status, order.appeal) == (CaseStatus.ORDERED, None)
    with make.drawn_for(clerk, go.appeal_officer(session)):
        order_appeals.record(session, clerk, case.id, go.on_paper("Wrong.", True, today - timedelta(4)))
    assert (order.appeal_received_on, case.due_on) == (
        today - timedelta(4),
        due_after(today - timedelta(4), "stay_days"),
    )
    assert told(session, "proceeding_news") == before + 1
    with_role(session, account, StaffRole.APPEAL_OFFICER)
    both = actor_for(session, account)
    assert duties.duty(session, drawing.KIND, case.id, "appeal").officer_id != account.id
    for act in (
        lambda: order_appeals.decide_stay(session, both, case.id, "Mine.", grant=True),
        lambda: order_appeals.decide(session, both, case.id, "reverse", "Mine."),
    ):
        with pytest.raises(Denied):
            act()
    assert case.status is CaseStatus.APPEALED
    with pytest.raises(IntegrityError, match="writer_does_not_decide"), session.begin_nested():
        session.execute(update(SanctionOrder).values(appeal_decided_by=account.id))
    with pytest.raises(TooLate):
        order_appeals.lodge(session, owner, case.id, order_appeals.Appeal("Once more."))


def test_a_review_that_was_asked_on_paper_counts_from_its_day_and_goes_to_another_officer(session, monkeypatch):
    agency, owner = contracts.agency(session)
    order, case = suspended(session, agency)
    order.decided_at -= timedelta(5)
    session.flush()
    today = legal_today(session)
    account, clerk = go.posted(session, StaffRole.LICENSING_OFFICER)
    paper = NewPaper("Request", make.photo())
    for command, field in (
        (reviews.OnPaper("We hold none.", None), "file"),
        (reviews.OnPaper(" ", paper), "words"),
        (reviews.OnPaper("We hold none.", paper, today - timedelta(6)), "received_on"),
        (reviews.OnPaper("We hold none.", paper, today + timedelta(1)), "received_on"),
    ):
        with pytest.raises(DomainError) as error:
            reviews.record(session, clerk, case.id, command)
        assert error.value.field == field
    with pytest.raises(Denied):
        reviews.record(session, owner, case.id, reviews.OnPaper("We hold none.", paper))
    until = orders.AppealTime(today - timedelta(2), True, {"status": "V"})
    monkeypatch.setattr(orders, "appeal_time", lambda _day: until)
    with pytest.raises(TooLate, match="time to ask"):
        reviews.record(session, clerk, case.id, reviews.OnPaper("We hold none.", paper, today - timedelta(1)))
    assert session.scalars(select(SuspensionReview)).all() == []
    before = told(session, "proceeding_news")
    came = today - timedelta(2)
    review = reviews.record(session, clerk, case.id, reviews.OnPaper("We hold none.", paper, came))
    assert (review.asked_on, review.late) == (came, False)
    assert review.due_on == min(due_after(came, "suspension_review_days"), order.last_day)
    assert told(session, "proceeding_news") == before + 1
    kept = session.get_one(SanctionPaper, review.paper_id)
    assert (kept.step, kept.shown, kept.case_id) == (PaperStep.REVIEW, True, case.id)
    with pytest.raises(TooLate, match="asked already"):
        reviews.ask(session, owner, case.id, "Once more.")
    both = with_role(session, account, StaffRole.APPEAL_OFFICER)
    with pytest.raises(Denied, match="wrote this request down"):
        reviews.decide(session, both, review.id, "lift", "Mine.")
    reviews.decide(session, go.appeal_officer(session), review.id, "uphold", "Three workers name the room.")
    assert review.decided_on == today


def test_the_pages_of_what_came_on_paper(client, session, refused):
    officer, _actor = make.officer(session, StaffRole.LICENSING_OFFICER)
    client.sign_in(session, officer)
    file = f"/licensing/applications/{refused.application.id}"
    form = f"{file}/paper-appeal"
    assert form in client.get(file).get_data(as_text=True)
    assert "The lease ends too early." in client.get(form).get_data(as_text=True)
    day = legal_today(session).isoformat()
    assert client.post_form(form, words=WORDS, received_on=day).status_code == 422
    assert client.post_form(form, words=WORDS, received_on="yesterday", file=scan()).status_code == 422
    assert client.post_form(form, words=WORDS, received_on=day, file=scan()).status_code == 303
    appeal = session.scalars(select(LicenceAppeal)).one()
    assert form not in client.get(file).get_data(as_text=True)
    paper = f"/licences/appeals/{appeal.id}/paper"
    assert client.get(paper).status_code == 200
    client.sign_in(session, session.get_one(UserAccount, refused.owner.account_id))
    own = client.get(f"/licences/applications/{refused.application.id}").get_data(as_text=True)
    assert "An officer wrote it down for you." in own
    assert paper in own
    assert client.get(paper).status_code == 200
    assert client.get(form).status_code == 403
    client.sign_in(session, make.agency(session, name="Mechi Overseas")[1])
    assert client.get(paper).status_code == 404
    client.sign_in(session, make.officer(session, StaffRole.APPEAL_OFFICER)[0])
    assert "Came in on paper on" in client.get(f"/licensing/appeals/{appeal.id}").get_data(as_text=True)
    assert client.get(form).status_code == 403


def test_the_case_page_offers_to_write_a_review_down_while_one_can_be_asked(client, session):
    agency, _owner = contracts.agency(session)
    _order, case = suspended(session, agency)
    client.sign_in(session, make.officer(session, StaffRole.LICENSING_OFFICER)[0])
    page, step = f"/licensing/proceedings/{case.id}", f"/licensing/proceedings/{case.id}/record-review"
    assert step in client.get(page).get_data(as_text=True)
    day = legal_today(session).isoformat()
    names = {"record-review-words": "We hold none.", "record-review-received_on": day}
    assert client.post_form(step, **names).status_code == 422
    assert client.post_form(step, **names, **{"record-review-file": scan()}).status_code == 303
    review = session.scalars(select(SuspensionReview)).one()
    assert step not in client.get(page).get_data(as_text=True)
    desk = client.get(f"/licensing/suspension-reviews/{review.id}").get_data(as_text=True)
    assert f"/proceedings/papers/{review.paper_id}" in desk
