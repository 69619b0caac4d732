"""Barring an employer: at once for a few days by one officer, for longer by two; another officer lifts it."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.sanctions.case_status import CaseStatus, CaseSubject
from contracts.employers import accreditation, bars, jobs
from contracts.employers import accreditation_deciding as deciding
from contracts.employers.bar_models import EmployerBar
from contracts.employers.bar_status import EMPLOYER_BAR, BarKind, BarStatus
from contracts.employers.queries import standing
from contracts.reviews.models import WorkerReview
from contracts.reviews.services import follow
from core.accounts import UserAccount
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.messages import OutgoingMessage
from core.permissions import StaffRole
from law.country import deployment, due_after
from tests.agencies import proceedings
from tests.contracts import accreditation_factories as go
from tests.contracts import factories as make
from tests.contracts.factories import officer

S = BarStatus


def until(session: Session, days: int = 10, reason: str = "Passports were taken") -> bars.Bar:
    return bars.Bar(legal_today(session) + timedelta(days=days), reason)


def as_of_before(session: Session, bar: EmployerBar, days: int) -> None:
    """As if the bar had been made, and had ended, so many days earlier."""
    assert bar.last_day
    bar.last_day -= timedelta(days=days)
    if bar.answer_by:
        bar.answer_by -= timedelta(days=days)
    session.flush()


def test_the_transition_table_is_the_one_that_was_agreed():
    assert EMPLOYER_BAR.pairs() == {
        ("proposed", "order", "in_force"), ("proposed", "reject", "rejected"), ("in_force", "lift", "lifted"),
        ("in_force", "lapse", "lapsed"),
    }  # fmt: skip


def test_one_officer_bars_at_once_to_a_day_and_the_bar_lapses_by_itself(session: Session):
    employer, owner = make.employer(session)
    today = legal_today(session)
    bar = bars.bar_at_once(session, go.labour(session), employer.id, until(session, 10))
    found = [standing(session, employer.id, today + timedelta(days=d)).barred for d in (0, 10, 11)]
    assert (found, bar.status, employer.status) == ([True, True, False], S.IN_FORCE, "accredited")
    assert jobs.lapse_bars(session) is None
    assert bar.status is S.IN_FORCE
    as_of_before(session, bar, 11)
    assert not standing(session, employer.id, today).barred, "by the day, before the job has run"
    jobs.lapse_bars(session)
    assert (bar.status, bar.ended_on, bar.lifted_by) == (S.LAPSED, today, None)
    told = session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == bars.MESSAGE)).all()
    assert {t.account_id for t in told} == {owner.account_id}
    assert len(told) == 2


def test_an_interim_bar_has_a_last_day_within_the_standard_and_a_reason(session: Session):
    employer, _owner = make.employer(session)
    longest = int(deployment().standard("employer_bar_days"))
    for command, words in (
        (until(session, longest), "at the latest"), (until(session, -1), "has passed"), (until(session, 3, " "), "reason"),
    ):  # fmt: skip
        with pytest.raises(DomainError, match=words):
            bars.bar_at_once(session, go.labour(session), employer.id, command)
    assert session.scalars(select(EmployerBar)).all() == []
    bars.bar_at_once(session, go.labour(session), employer.id, until(session, longest - 1))
    with pytest.raises(DomainError, match="there already"):
        bars.bar_at_once(session, go.labour(session), employer.id, until(session))


def test_one_interim_bar_after_another_needs_a_proposal_or_a_proceeding_and_another_officer(session: Session):
    employer, _owner = make.employer(session)
    first = go.labour(session)
    bar = bars.bar_at_once(session, first, employer.id, until(session, 2))
    as_of_before(session, bar, 3)
    with pytest.raises(DomainError, match="follows another only"):
        bars.bar_at_once(session, go.labour(session), employer.id, until(session))
    proceedings.walked(session, CaseStatus.NOTICE, kind=CaseSubject.EMPLOYER, reference=employer.reference)
    with pytest.raises(Denied):
        bars.bar_at_once(session, first, employer.id, until(session))
    bars.bar_at_once(session, go.labour(session), employer.id, until(session))
    assert bar.status is S.LAPSED


def test_a_longer_bar_is_ordered_by_another_officer_after_the_answer_or_its_days(session: Session):
    employer, owner = make.employer(session)
    today, proposer = legal_today(session), go.labour(session)
    bar = bars.propose(session, proposer, employer.id, until(session, 365))
    assert not standing(session, employer.id, today).barred
    assert bar.answer_by == due_after(today, "employer_bar_answer_days")
    with pytest.raises(Denied):
        bars.decide(session, proposer, bar.id, "order", "I insist")
    decider = go.labour(session)
    with pytest.raises(DomainError, match="can answer until"):
        bars.decide(session, decider, bar.id, "order", "At once")
    bars.answer(session, owner, bar.id, "The wages were paid; see the bank's list.")
    with pytest.raises(TooLate):
        bars.answer(session, owner, bar.id, "And another thing")
    bars.decide(session, decider, bar.id, "order", "The list shows two months only")
    assert (bar.status, standing(session, employer.id, today).barred) == (S.IN_FORCE, True)
    for one in (proposer, decider):
        with pytest.raises(Denied):
            bars.decide(session, one, bar.id, "lift", "Enough")
    bars.decide(session, go.labour(session), bar.id, "lift", "All wages are paid")
    assert (bar.status, standing(session, employer.id, today).barred) == (S.LIFTED, False)


def test_without_an_answer_it_is_ordered_once_the_days_for_it_are_over(session: Session):
    employer, _owner = make.employer(session)
    bar = bars.propose(session, go.labour(session), employer.id, until(session, 365))
    assert bar.answer_by
    bar.answer_by = legal_today(session) - timedelta(days=1)
    session.flush()
    bars.decide(session, go.labour(session), bar.id, "order", "No answer came")
    assert bar.status is S.IN_FORCE


def test_who_bars_does_not_lift_and_nobody_else_does_either_half(session: Session):
    employer, owner = make.employer(session)
    maker = go.labour(session)
    bar = bars.bar_at_once(session, maker, employer.id, until(session))
    _other, stranger = make.employer(session)
    _agency, agency_owner = make.agency(session)
    far = officer(session, StaffRole.LABOUR_OFFICER, "P2")
    for act, error in (
        (lambda: bars.decide(session, maker, bar.id, "lift", "x"), Denied),
        (lambda: bars.decide(session, go.mission(session), bar.id, "lift", "x"), Denied),
        (lambda: bars.decide(session, owner, bar.id, "lift", "x"), Denied),
        (lambda: bars.decide(session, far, bar.id, "lift", "x"), NotVisible),
        (lambda: bars.decide(session, agency_owner, bar.id, "lift", "x"), NotVisible),
        (lambda: bars.answer(session, stranger, bar.id, "x"), NotVisible),
        (lambda: bars.answer(session, agency_owner, bar.id, "x"), NotVisible),
        (lambda: bars.decide(session, go.labour(session), bar.id, "lift", " "), DomainError),
        (lambda: bars.decide(session, go.labour(session), bar.id, "lapse", "x"), NotVisible),
        (lambda: bars.decide(session, go.labour(session), bar.id, "order", "x"), TooLate),
        (lambda: bars.bar_at_once(session, far, employer.id, until(session)), NotVisible),
        (lambda: bars.bar_at_once(session, go.mission(session), employer.id, until(session)), Denied),
        (lambda: bars.propose(session, agency_owner, employer.id, until(session)), NotVisible),
    ):
        with pytest.raises(error), session.begin_nested():
            act()
    session.refresh(bar)
    assert (bar.status, bar.answer, bar.lifted_by) == (S.IN_FORCE, None, None)


def test_a_bar_of_before_without_an_end_holds_until_an_officer_lifts_it(session: Session):
    employer, _owner = make.employer(session)
    bar = EmployerBar(employer_id=employer.id, kind=BarKind.LASTING, status=S.IN_FORCE, reason="From before")
    session.add(bar)
    session.flush()
    assert standing(session, employer.id, legal_today(session) + timedelta(days=3650)).barred
    assert bars.lapse(session, 10) == 0
    bars.decide(session, go.labour(session), bar.id, "lift", "Looked at again")
    assert not standing(session, employer.id, legal_today(session)).barred


def test_while_a_bar_holds_nothing_is_renewed_and_every_worker_is_looked_at(session: Session):
    _contract, _worker, scene = make.registered(session)
    employer = scene.employer_record
    go.ends_in(session, employer, 20)
    asked = go.seen(session, scene.employer)
    bar = go.barred(session, employer)
    with pytest.raises(DomainError, match="barred"):
        deciding.grant(session, go.labour(session), asked.id, go.grant(today=legal_today(session)))
    accreditation.withdraw(session, scene.employer, asked.id)
    with pytest.raises(DomainError, match="barred"):
        go.asked(session, scene.employer)
    assert follow(session) == (1, 0)
    assert session.scalars(select(WorkerReview)).one().ground_id == bar.id
    bars.decide(session, go.labour(session), bar.id, "lift", "Passports are back")
    assert follow(session) == (0, 1)


def test_two_officers_at_once_lift_it_once(committed):
    with committed() as session:
        employer, _owner = make.employer(session)
        bar = go.barred(session, employer).id
        officers = [go.labour(session) for _ in range(2)]
        session.commit()
    start, late = threading.Barrier(2), []

    def lift(actor):
        with committed() as session:
            start.wait()
            try:
                bars.decide(session, actor, bar, "lift", "Passports are back")
                session.commit()
            except TooLate as error:
                late.append(error)

    threads = [threading.Thread(target=lift, args=[o]) for o in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committed() as session:
        assert (len(late), session.get_one(EmployerBar, bar).status) == (1, S.LIFTED)


def test_it_goes_through_the_pages(client, session: Session):
    employer, owner = make.employer(session)
    maker, other = go.labour(session), go.labour(session)
    url = f"/staff/employer-bars/of/{employer.id}"
    client.sign_in(session, session.get_one(UserAccount, maker.account_id))
    assert client.post_form(f"{url}/at-once", last_day="", reason="").status_code == 422
    last = (legal_today(session) + timedelta(days=5)).isoformat()
    assert client.post_form(f"{url}/at-once", last_day=last, reason="Passports were taken").status_code == 303
    bar = session.scalars(select(EmployerBar)).one()
    assert f"/staff/employer-bars/{bar.id}/lift" not in client.get(url).text
    assert client.post_form(f"/staff/employer-bars/{bar.id}/lift", reason="x").status_code == 403
    assert "Barred until" in client.get(f"/staff/employers/{employer.id}").text
    client.sign_in(session, session.get_one(UserAccount, owner.account_id))
    home = client.get("/employer").text
    assert "Barred until" in home
    assert "Passports were taken" in home
    assert client.post_form(f"/employer/bar/{bar.id}/answer", reason="").status_code == 422
    assert client.post_form(f"/employer/bar/{bar.id}/answer", reason="They asked us to keep them").status_code == 303
    client.sign_in(session, session.get_one(UserAccount, other.account_id))
    assert "They asked us to keep them" in client.get(url).text
    assert client.post_form(f"/staff/employer-bars/{bar.id}/lift", reason="").status_code == 422
    assert client.post_form(f"/staff/employer-bars/{bar.id}/lift", reason="They are back").status_code == 303
    assert client.post_form(f"{url}/longer", last_day="2030-01-01", reason="Wages unpaid").status_code == 303
    client.sign_in(session, session.get_one(UserAccount, maker.account_id))
    assert employer.name in client.get("/staff/queue/employer-bars").text
    assert client.post_form(f"/staff/employers/{employer.id}/bar", reason="x").status_code == 404


def test_an_officer_of_another_area_finds_no_page_of_it(client, session: Session):
    employer, _owner = make.employer(session)
    far = officer(session, StaffRole.LABOUR_OFFICER, "P2")
    client.sign_in(session, session.get_one(UserAccount, far.account_id))
    url = f"/staff/employer-bars/of/{employer.id}"
    assert client.get(url).status_code == 404
    assert client.post_form(f"{url}/at-once", last_day="2030-01-01", reason="x").status_code == 404
