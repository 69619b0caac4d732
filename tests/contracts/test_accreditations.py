"""Renewing and enlarging an accreditation: asked by the employer, seen by the mission, decided by another officer."""

import io
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.employers import accreditation, jobs
from contracts.employers import accreditation_deciding as deciding
from contracts.employers.accreditation_models import AccreditationPaper, AccreditationRequest, AccreditationTerm
from contracts.employers.accreditation_queries import last_term, situation, term_on, warn_days
from contracts.employers.accreditation_status import REQUEST, RequestKind, RequestStatus
from contracts.employers.queries import standing
from contracts.job_orders import services as job_orders
from core.accounts import NewAccount, UserAccount, actor_for, add_membership, create_account, post_staff
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.messages import OutgoingMessage
from core.permissions import ClerkRight, StaffRole, SubjectKind
from law.country import deployment
from tests.agencies.factories import photo
from tests.contracts import accreditation_factories as go
from tests.contracts import factories as make
from tests.contracts.factories import PASSWORD, officer
from tests.contracts.test_comparison import PROMISED

R, E = RequestKind.RENEWAL, RequestKind.ENLARGEMENT


def test_the_transition_table_is_the_one_that_was_agreed():
    assert REQUEST.pairs() == {
        ("sent", "ask_more", "returned"), ("returned", "answer", "sent"), ("sent", "see", "seen"), ("seen", "look_again", "sent"),
        ("seen", "grant", "granted"), ("seen", "refuse", "refused"),
        *((s, "withdraw", "withdrawn") for s in ("sent", "returned", "seen")),
    }  # fmt: skip


def test_the_old_accreditation_runs_on_to_its_end_and_the_new_one_begins_the_day_after(session: Session):
    employer, owner = go.ending(session, days=60)
    today, old = legal_today(session), last_term(session, employer.id)
    asked = go.seen(session, owner)
    made = deciding.grant(session, go.labour(session), asked.id, go.grant(today=today))
    end = today + timedelta(days=60)
    assert (made.starts_on, made.ends_on, made.capacity) == (end + timedelta(days=1), today + timedelta(days=900), 80)
    assert asked.status is RequestStatus.GRANTED
    assert [term_on(session, employer.id, d) for d in (today, end, end + timedelta(days=1))] == [old, old, made]
    assert [standing(session, employer.id, d).may_hire for d in (end, made.ends_on, made.ends_on + timedelta(days=1))] == [
        True, True, False,
    ]  # fmt: skip
    assert (made.verified_by, made.accredited_by) == (asked.seen_by, asked.decided_by)


def test_after_the_end_nothing_new_is_ordered_and_a_late_renewal_begins_on_its_day(session: Session):
    scene = make.approved(session)
    contract, _worker = make.lodged(session, scene)
    go.ends_in(session, scene.employer_record, -1)
    today = legal_today(session)
    with pytest.raises(DomainError, match="expired"):
        job_orders.draft(session, scene.employer, job_orders.Draft(scene.agency_record.id, 1, PROMISED))
    with pytest.raises(DomainError, match="expired"):
        make.lodged(session, scene)
    assert contract.status == "worker_review", "what is there stays"
    assert situation(session, scene.employer_record.id).ended
    asked = go.seen(session, scene.employer)
    made = deciding.grant(session, go.labour(session), asked.id, go.grant(today=today))
    assert made.starts_on == today
    assert standing(session, scene.employer_record.id, today).may_hire


def test_an_enlargement_counts_from_its_day_and_capacity_in_use_is_held_against_it(session: Session):
    scene = make.approved(session, headcount=50, capacity=50)
    employer, today = scene.employer_record, legal_today(session)
    assert job_orders.capacity_left(session, employer) == 0
    asked = go.seen(session, scene.employer, E, capacity=80)
    assert job_orders.capacity_left(session, employer) == 0, "asking gives nothing"
    before = last_term(session, employer.id)
    made = deciding.grant(session, go.labour(session), asked.id, go.grant(None, today=today))
    assert before
    assert (made.starts_on, made.ends_on, made.capacity, made.number) == (today, before.ends_on, 80, before.number + 1)
    assert job_orders.capacity_left(session, employer) == 30


def test_fewer_places_than_are_in_use_are_granted_on_purpose_alone_with_both_numbers(session: Session):
    scene = make.approved(session, headcount=50, capacity=50)
    go.ends_in(session, scene.employer_record, 0)
    asked, today = go.seen(session, scene.employer, capacity=20), legal_today(session)
    decider = go.labour(session)
    with pytest.raises(DomainError, match="50 places are in use, and you grant 20"):
        deciding.grant(session, decider, asked.id, go.grant(capacity=20, today=today))
    assert (asked.status, len(session.scalars(select(AccreditationTerm)).all())) == (RequestStatus.SEEN, 1)
    made = deciding.grant(session, decider, asked.id, go.grant(capacity=20, fewer=True, today=today))
    made.starts_on = today
    session.flush()
    assert job_orders.capacity_left(session, scene.employer_record) == 0
    assert scene.order.status == "approved"


def test_an_enlargement_asks_for_more_and_further_occupations_are_added(session: Session):
    employer, owner = make.employer(session, capacity=50)
    for capacity in (49, 50):
        with pytest.raises(DomainError, match="Ask for more than the 50"):
            go.asked(session, owner, E, capacity=capacity)
    term = last_term(session, employer.id)
    assert term
    term.occupations = ["9112"]
    session.flush()
    with pytest.raises(DomainError, match="from the list"):
        go.asked(session, owner, E, capacity=50, occupations=("0000",))
    asked = go.seen(session, owner, E, capacity=50, occupations=("9313",))
    made = deciding.grant(
        session, go.labour(session), asked.id, go.grant(None, capacity=50, today=legal_today(session))
    )
    assert made.occupations == ["9112", "9313"]


def test_no_job_order_is_begun_for_an_occupation_outside_the_accreditation(session: Session):
    scene = make.signed(session)
    term = last_term(session, scene.employer_record.id)
    assert term
    job_orders.acknowledge(session, scene.agency, scene.order.id)
    term.occupations = ["2221"]
    session.flush()
    with pytest.raises(DomainError, match="occupation"):
        job_orders.draft(session, scene.employer, job_orders.Draft(scene.agency_record.id, 1, PROMISED))
    with pytest.raises(DomainError, match="occupation"):
        job_orders.approve(session, officer(session, StaffRole.LABOUR_OFFICER), scene.order.id, "Fits")
    assert scene.order.status == "agency_acknowledged"


def test_it_is_asked_once_in_its_days_with_its_papers_by_an_accredited_employer(session: Session):
    employer, owner = go.ending(session, days=int(deployment().standard("accreditation_opens_days")) + 1)
    with pytest.raises(DomainError, match="can be asked for from"):
        go.asked(session, owner)
    go.ends_in(session, employer, 5)
    with pytest.raises(DomainError, match="Add this paper"):
        accreditation.ask(session, owner, accreditation.Ask(R, 10, (), "More work", ()))
    made = go.asked(session, owner)
    assert made.due_on
    assert made.due_on > legal_today(session)
    assert len(session.scalars(select(AccreditationPaper).where(AccreditationPaper.request_id == made.id)).all()) == 1
    with pytest.raises(DomainError, match="already"):
        go.asked(session, owner, E)
    accreditation.withdraw(session, owner, made.id)
    go.asked(session, owner, E)
    unknown, signatory = make.employer(session, accredited=False)
    with pytest.raises(DomainError, match="not accredited"):
        go.asked(session, signatory)
    assert unknown.status == "registered"


def test_the_mission_asks_for_more_and_the_employer_answers(session: Session):
    _employer, owner = go.ending(session)
    asked = go.asked(session, owner)
    deciding.look(session, go.mission(session), asked.id, "ask_more", "Show the lease")
    told = select(OutgoingMessage).where(OutgoingMessage.template == accreditation.MESSAGE)
    assert (asked.status, len(session.scalars(told).all())) == (RequestStatus.RETURNED, 1)
    accreditation.answer(session, owner, asked.id, "Here it is", (("trade_licence", photo()),))
    assert asked.status is RequestStatus.SENT


def test_nobody_decides_what_they_looked_at_and_nobody_outside_looks_at_it(session: Session):
    employer, owner = go.ending(session)
    asked, today = go.asked(session, owner), legal_today(session)
    _other, stranger = make.employer(session)
    _agency, agency_owner = make.agency(session)
    clerk = create_account(session, NewAccount("Deepak Sharma", PASSWORD, email="deepak@lusail.example"))
    add_membership(session, clerk, kind=SubjectKind.EMPLOYER, subject_id=employer.id, rights=[ClerkRight.JOB_ORDERS])
    grant = go.grant(today=today)
    for act, error in (
        (lambda: accreditation.withdraw(session, stranger, asked.id), NotVisible),
        (lambda: accreditation.withdraw(session, agency_owner, asked.id), NotVisible),
        (lambda: accreditation.withdraw(session, actor_for(session, clerk), asked.id), NotVisible),
        (lambda: deciding.look(session, agency_owner, asked.id, "see", "x"), NotVisible),
        (lambda: deciding.look(session, officer(session, StaffRole.MISSION_OFFICER, "M-SA"), asked.id, "see", "x"), NotVisible),
        (lambda: deciding.look(session, go.labour(session), asked.id, "see", "x"), Denied),
        (lambda: deciding.grant(session, go.labour(session), asked.id, grant), TooLate),
        (lambda: deciding.grant(session, officer(session, StaffRole.LABOUR_OFFICER, "P2"), asked.id, grant), NotVisible),
    ):  # fmt: skip
        with pytest.raises(error):
            act()
    both = go.mission(session)
    deciding.look(session, both, asked.id, "see", "Seen")
    post_staff(session, session.get_one(UserAccount, both.account_id), StaffRole.LABOUR_OFFICER, make.office(session))
    first = actor_for(session, session.get_one(UserAccount, both.account_id))
    for deed in (
        lambda: deciding.grant(session, first, asked.id, grant),
        lambda: deciding.refuse(session, first, asked.id, "x"),
        lambda: deciding.look_again(session, first, asked.id, "x"),
        lambda: deciding.grant(session, go.mission(session), asked.id, grant),
    ):
        with pytest.raises(Denied):
            deed()
    assert (asked.status, last_term(session, employer.id).number) == (RequestStatus.SEEN, 1)  # type: ignore[union-attr]
    deciding.refuse(session, go.labour(session), asked.id, "The site was empty")
    assert asked.status is RequestStatus.REFUSED


def test_the_mission_passes_nothing_while_a_contact_is_an_agencys(session: Session):
    employer, owner = go.ending(session)
    asked = go.asked(session, owner)
    agency, _agency_owner = make.agency(session)
    same = create_account(
        session, NewAccount("Somebody", PASSWORD, email="s@agency.example", phone=employer.signatory_phone)
    )
    add_membership(session, same, kind=SubjectKind.AGENCY, subject_id=agency.id, rights=[])
    with pytest.raises(DomainError, match="belongs to an agency"):
        deciding.look(session, go.mission(session), asked.id, "see", "Seen")
    assert asked.status is RequestStatus.SENT


def test_employers_are_told_before_the_end_once_for_each_day_unless_something_follows(session: Session):
    employer, owner = go.ending(session, days=min(warn_days()))
    later, _owner = go.ending(session, days=max(warn_days()) + 1)
    assert jobs.tell(session) == 1
    assert jobs.tell(session) == 0
    told = session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == jobs.MESSAGE)).all()
    assert [t.account_id for t in told] == [owner.account_id]
    assert employer.name not in (told[0].body or "") + (told[0].subject or "")
    go.ends_in(session, later, 20)
    assert jobs.tell(session) == 1
    go.ends_in(session, later, max(warn_days()) - 1)
    last_term(session, later.id).told_for = None  # type: ignore[union-attr]
    asked = go.seen(session, _owner)
    deciding.grant(session, go.labour(session), asked.id, go.grant(today=legal_today(session)))
    assert jobs.tell(session) == 0


def test_two_officers_at_once_decide_it_once(committed):
    with committed() as session:
        employer, owner = go.ending(session)
        asked = go.seen(session, owner).id
        officers = [go.labour(session) for _ in range(2)]
        employer_id, today = employer.id, legal_today(session)
        session.commit()
    start, late = threading.Barrier(2), []

    def decide(actor):
        with committed() as session:
            start.wait()
            try:
                deciding.grant(session, actor, asked, go.grant(today=today))
                session.commit()
            except TooLate as error:
                late.append(error)

    threads = [threading.Thread(target=decide, args=[o]) for o in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committed() as session:
        terms = session.scalars(select(AccreditationTerm).where(AccreditationTerm.employer_id == employer_id)).all()
        assert (len(late), len(terms)) == (1, 2)
        assert session.get_one(AccreditationRequest, asked).status is RequestStatus.GRANTED


def test_it_goes_through_the_pages(client, session: Session):
    _employer, owner = go.ending(session, days=20)
    client.sign_in(session, session.get_one(UserAccount, owner.account_id))
    assert "The accreditation ends on" in client.get("/employer").text
    url = "/employer/accreditation"
    assert f"{url}/renewal" in client.get(url).text
    assert client.get(f"{url}/enlargement").status_code == 200
    form = {"capacity": "40", "why": "Same site"}
    assert client.post_form(f"{url}/renewal", **form).status_code == 422
    sent = client.post_form(f"{url}/renewal", **form, paper_trade_licence=(io.BytesIO(photo()), "licence.png"))
    assert sent.status_code == 303
    asked = session.scalars(select(AccreditationRequest)).one()
    paper = session.scalars(select(AccreditationPaper)).one()
    assert client.get(f"/accreditation-papers/{paper.id}").status_code == 200
    _agency, agency_owner = make.agency(session)
    file = f"/staff/accreditations/{asked.id}"
    client.sign_in(session, session.get_one(UserAccount, agency_owner.account_id))
    assert client.get(f"/accreditation-papers/{paper.id}").status_code in (403, 404)
    assert client.get(file).status_code in (403, 404)
    client.sign_in(session, session.get_one(UserAccount, go.mission(session).account_id))
    assert asked.reference in client.get("/staff/queue/accreditations").text
    assert client.post_form(f"{file}/look/see", reason="").status_code == 422
    assert client.post_form(f"{file}/look/see", reason="Seen").status_code == 303
    assert client.post_form(f"{file}/grant", capacity="40", reason="x", ends_on="2030-01-01").status_code == 403
    client.sign_in(session, session.get_one(UserAccount, go.labour(session).account_id))
    assert asked.reference in client.get("/staff/queue/accreditations-decide").text
    assert client.post_form(f"{file}/grant", capacity="40", reason="Fine", ends_on="").status_code == 422
    ends = (legal_today(session) + timedelta(days=800)).isoformat()
    assert client.post_form(f"{file}/grant", capacity="40", reason="Fine", ends_on=ends).status_code == 303
    client.sign_in(session, session.get_one(UserAccount, owner.account_id))
    assert "Renewed" in client.get("/employer").text
    assert "Fine" in client.get(url).text
