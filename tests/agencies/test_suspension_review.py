"""The review of an interim suspension: asked once by the agency, decided by officers who did not make it."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from agencies.licensing.models import Licence
from agencies.licensing.status import LicenceStatus
from agencies.register_log.models import RegisterEvent
from agencies.sanctions import cases, orders, reviews, suspension
from agencies.sanctions import services as sanctions
from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.case_status import CaseStatus, OrderKind
from agencies.sanctions.models import Sanction, SuspensionReview
from agencies.sanctions.status import SUSPENSION_REVIEW, ReviewStatus, SanctionKind, SanctionStatus
from agencies.sanctions.steps import REVIEWS
from core.accounts import UserAccount, post_staff
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.messages import OutgoingMessage
from core.permissions import StaffRole
from tests.agencies import factories as make
from tests.agencies import proceedings as go
from tests.agencies import winding as wind
from tests.contracts import factories as contracts


def test_the_transition_table_is_the_one_written_down_here():
    assert SUSPENSION_REVIEW.pairs() == {
        ("asked", "uphold", "upheld"), ("asked", "lift", "lifted"), ("asked", "fall_away", "moot"),
    }  # fmt: skip


def suspended(session, agency, proposer=None, decider=None):
    """An interim suspension with its proceeding."""
    command = sanctions.Propose(SanctionKind.SUSPENSION, "Took passports.", legal_today(session) + timedelta(6))
    made = sanctions.propose(session, proposer or go.reviewer(session), agency.id, command)
    sanctions.order(session, decider or go.approver(session), made.id, "Workers are in danger.")
    return made, session.get_one(SanctionCase, made.case_id)


@pytest.fixture
def scene(session):
    """An agency under an interim suspension: agency, owner, suspension, proceeding."""
    agency, owner = contracts.agency(session)
    return (agency, owner, *suspended(session, agency))


def fresh(session, record):
    return session.get_one(type(record), record.id, populate_existing=True)


def events_of(session, agency):
    query = select(RegisterEvent.event).where(RegisterEvent.agency == agency.reference).order_by(RegisterEvent.id)
    return session.scalars(query).all()


def news_for(session, owner):
    query = select(OutgoingMessage).where(
        OutgoingMessage.template == "proceeding_news", OutgoingMessage.account_id == owner.account_id
    )
    return len(session.scalars(query).all())


def test_lifted_the_licence_comes_back_the_log_says_so_and_the_proceeding_goes_on(session, scene):
    agency, owner, order, case = scene
    review = reviews.ask(session, owner, case.id, "We hold no passport.")
    before = news_for(session, owner)
    reviews.decide(session, go.appeal_officer(session), review.id, "lift", "Nothing shows a danger.")
    order, licence = fresh(session, order), wind.newest(session, agency)
    assert (review.status, order.status, licence.status) == (
        ReviewStatus.LIFTED, SanctionStatus.LIFTED, LicenceStatus.ACTIVE,
    )  # fmt: skip
    assert events_of(session, agency)[-2:] == ["suspension_lifted", "reinstated"]
    assert news_for(session, owner) == before + 1
    assert fresh(session, case).status is CaseStatus.NOTICE
    cases.reply(session, owner, case.id, "We hold no passport.")
    assert fresh(session, case).status is CaseStatus.REPLY


def test_upheld_it_stands_and_the_agency_is_told_and_can_not_ask_twice(session, scene):
    agency, owner, order, case = scene
    review = reviews.ask(session, owner, case.id, "We hold no passport.")
    with pytest.raises(TooLate):
        reviews.ask(session, owner, case.id, "Again.")
    before = news_for(session, owner)
    judge = go.appeal_officer(session)
    reviews.decide(session, judge, review.id, "uphold", "Three workers name the room.")
    assert (review.status, fresh(session, order).status) == (ReviewStatus.UPHELD, SanctionStatus.IN_FORCE)
    assert wind.newest(session, agency).status is LicenceStatus.SUSPENDED
    assert news_for(session, owner) == before + 1
    with pytest.raises(TooLate):
        reviews.ask(session, owner, case.id, "Again.")
    with pytest.raises(TooLate):
        reviews.decide(session, judge, review.id, "lift", "On second thoughts.")


def test_who_made_the_suspension_made_it_longer_or_took_a_step_does_not_review_it(session):
    agency, owner = contracts.agency(session)
    people = [go.posted(session, r) for r in (StaffRole.LICENSING_OFFICER, StaffRole.LICENSING_APPROVER)]
    _order, case = suspended(session, agency, people[0][1], people[1][1])
    hearer = go.posted(session, StaffRole.LICENSING_OFFICER)
    cases.record_reply(session, hearer[1], case.id, "It is not true.")
    cases.schedule(session, hearer[1], case.id, cases.Hearing(db_now(session), "Room 3"))
    longer = [go.posted(session, r) for r in (StaffRole.LICENSING_OFFICER, StaffRole.LICENSING_APPROVER)]
    last_day = suspension.limit(legal_today(session)).day or legal_today(session) + timedelta(7)
    made = sanctions.propose(
        session, longer[0][1], agency.id, sanctions.Propose(SanctionKind.EXTENSION, "For the hearing.", last_day)
    )
    sanctions.order(session, longer[1][1], made.id, "For the hearing.")
    review = reviews.ask(session, owner, case.id, "We hold no passport.")
    from core.accounts import actor_for

    for account, _actor in (*people, hearer, *longer):
        post_staff(session, account, StaffRole.APPEAL_OFFICER, make.office(session))
        with pytest.raises(Denied, match="somebody else"):
            reviews.decide(session, actor_for(session, account), review.id, "lift", "Mine.")
    for actor in (go.approver(session), go.reviewer(session)):
        with pytest.raises(Denied):
            reviews.decide(session, actor, review.id, "lift", "Not my role.")
    with pytest.raises(NotVisible):
        reviews.decide(session, go.appeal_officer(session, at=go.elsewhere(session)), review.id, "lift", "Far.")
    assert review.status is ReviewStatus.ASKED
    reviews.decide(session, go.appeal_officer(session), review.id, "lift", "No danger is shown.")
    assert wind.newest(session, agency).status is LicenceStatus.ACTIVE
    statuses = session.scalars(select(Sanction.status).where(Sanction.agency_id == agency.id)).all()
    assert set(statuses) == {SanctionStatus.LIFTED}


def test_only_the_agency_itself_asks_with_words_and_about_its_own_suspension(session, scene):
    _agency, owner, _order, case = scene
    _other, stranger = contracts.agency(session)
    with pytest.raises(NotVisible):
        reviews.ask(session, stranger, case.id, "Me too.")
    with pytest.raises(NotVisible):
        reviews.ask(session, go.reviewer(session), case.id, "For them.")
    with pytest.raises(DomainError, match="why the suspension is wrong"):
        reviews.ask(session, owner, case.id, "  ")
    assert session.scalars(select(SuspensionReview)).all() == []


def test_a_late_request_is_refused_only_where_the_law_was_seen_to_name_the_time(session, scene, monkeypatch):
    _agency, owner, order, case = scene
    today = legal_today(session)
    for certain in (True, False):
        until = orders.AppealTime(today - timedelta(1), certain, {"status": "V" if certain else "R"})
        monkeypatch.setattr(orders, "appeal_time", lambda _day, until=until: until)
        if certain:
            with pytest.raises(TooLate, match="time to ask"):
                reviews.ask(session, owner, case.id, "We hold no passport.")
        else:
            review = reviews.ask(session, owner, case.id, "We hold no passport.")
            assert (review.late, review.law) == (True, {"status": "R"})
    assert review.due_on <= order.last_day


def test_a_suspension_that_lapses_or_ends_in_an_order_leaves_nothing_to_review(session, scene):
    _agency, owner, order, case = scene
    review = reviews.ask(session, owner, case.id, "We hold no passport.")
    order.last_day = legal_today(session) - timedelta(1)
    session.flush()
    with pytest.raises(TooLate, match="ended by itself"):
        reviews.decide(session, go.appeal_officer(session), review.id, "lift", "No danger.")
    assert suspension.lapse(session, 10) == 1
    assert fresh(session, review).status is ReviewStatus.MOOT
    agency, owner = contracts.agency(session)
    _order, case = suspended(session, agency)
    review = reviews.ask(session, owner, case.id, "We hold no passport.")
    officer = go.reviewer(session)
    cases.record_reply(session, officer, case.id, "It is not true.")
    cases.schedule(session, officer, case.id, cases.Hearing(db_now(session), "Room 3"))
    cases.hear(session, officer, case.id, cases.Heard("They admit it.", True, "Proved."))
    orders.order(session, go.approver(session), case.id, go.decision(session, OrderKind.CANCEL))
    assert fresh(session, review).status is ReviewStatus.MOOT


def test_what_the_system_suspends_for_an_unpaid_security_ends_with_the_payment_not_with_a_review(session):
    agency, _owner = contracts.agency(session)
    made = suspension.suspend_by_system(session, agency.id, "Not brought up.", "security.x")
    assert (made.case_id, wind.newest(session, agency).status) == (None, LicenceStatus.SUSPENDED)


def test_two_appeal_officers_at_once_decide_once(committed):
    with committed() as session:
        agency, owner = contracts.agency(session)
        _order, case = suspended(session, agency)
        review = reviews.ask(session, owner, case.id, "We hold no passport.")
        judges = [go.appeal_officer(session), go.appeal_officer(session)]
        session.commit()
    gate, ends = threading.Barrier(2), []

    def act(judge, outcome):
        gate.wait()
        with committed() as session:
            try:
                reviews.decide(session, judge, review.id, outcome, "Seen.")
                session.commit()
                ends.append(outcome)
            except TooLate:
                ends.append("late")

    threads = [threading.Thread(target=act, args=a) for a in zip(judges, ("lift", "uphold"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends.count("late") == 1
    with committed() as session:
        lifted = session.get_one(SuspensionReview, review.id).status is ReviewStatus.LIFTED
        licence = session.scalars(select(Licence).where(Licence.agency_id == agency.id)).one()
        assert lifted == ("lift" in ends) == (licence.status is LicenceStatus.ACTIVE)


def test_pages_ask_show_and_decide(client, session, scene):
    agency, owner, order, case = scene
    client.sign_in(session, session.get_one(UserAccount, owner.account_id))
    assert "Ask for a review of the suspension" in client.get(f"/proceedings/{case.id}").get_data(as_text=True)
    asked = f"/proceedings/{case.id}/review"
    assert client.get(asked).status_code == 200
    assert client.post_form(asked, words="").status_code == 422
    assert client.post_form(asked, words="We hold no passport.").status_code == 303
    assert client.get(asked).status_code == 303
    review = session.scalars(select(SuspensionReview)).one()
    desk = f"/licensing/suspension-reviews/{review.id}"
    assert client.get(desk).status_code == 403
    _stranger, other = contracts.agency(session)
    client.sign_in(session, session.get_one(UserAccount, other.account_id))
    assert client.get(asked).status_code == 404
    judge = make.officer(session, StaffRole.APPEAL_OFFICER)
    make.give(session, REVIEWS, review, judge[1])
    client.sign_in(session, make.officer(session, StaffRole.LICENSING_OFFICER)[0])
    assert "This was drawn for another officer." in client.get(desk).get_data(as_text=True)
    assert client.post_form(f"{desk}/lift", reason="Mine.").status_code == 403
    client.sign_in(session, judge[0])
    assert review.reference in client.get("/staff/queue/case.review").get_data(as_text=True)
    assert "We hold no passport." in client.get(desk).get_data(as_text=True)
    assert client.post_form(f"{desk}/lift", reason="").status_code == 422
    assert fresh(session, order).status is SanctionStatus.IN_FORCE
    assert client.post_form(f"{desk}/lift", reason="No danger is shown.").status_code == 303
    assert fresh(session, order).status is SanctionStatus.LIFTED
    assert review.reference in client.get(f"/licensing/proceedings/{case.id}").get_data(as_text=True)
    client.sign_in(session, session.get_one(UserAccount, owner.account_id))
    assert "No danger is shown." in client.get(f"/proceedings/{case.id}").get_data(as_text=True)
    assert wind.newest(session, agency).status is LicenceStatus.ACTIVE
