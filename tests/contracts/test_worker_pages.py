"""What a worker and an officer read: the next step, a link only where it leads on, and words made for the reader."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.clearance.models import ClearancePaper, DepartureClearance
from contracts.employment.models import EmploymentContract
from contracts.employment.status import ContractStatus
from contracts.next_steps import worker_step
from contracts.orientation import services as orientation
from contracts.orientation.models import OrientationSeat
from contracts.orientation.status import SeatStatus, SessionStatus
from core.accounts import UserAccount
from core.db import db_now
from core.errors import DomainError
from core.i18n import in_locale
from core.messages import Channel, render
from core.permissions import StaffRole
from migrants.registration import services as registration
from tests.contracts import factories as make
from tests.contracts.test_orientation import centre, meeting
from tests.migrants.factories import applicant, officer


def sign_in(client: FlaskClient, session: Session, who) -> None:
    client.sign_in(session, session.get_one(UserAccount, who.require_account()))


def test_without_a_contract_no_paper_can_be_chosen_and_the_list_says_why(client: FlaskClient, session: Session):
    _migrant, _reference, actor = make.worker(session)
    sign_in(client, session, actor)
    shown = client.get("/me/clearance").text
    assert "You can send this once your contract is registered." in shown
    assert "/me/clearance/paper/" not in shown
    assert 'href="/me/contract"' in shown
    assert client.get("/me/clearance/paper/insurance").status_code == 303
    assert session.scalars(select(ClearancePaper)).all() == []


def test_a_person_without_a_passport_is_not_told_to_renew_it(client: FlaskClient, session: Session):
    _migrant, actor = applicant(session, number="PA9200001")
    registration.save_passport(session, actor, registration.PassportDetails("PA9200001", None))
    sign_in(client, session, actor)
    shown = client.get("/me/clearance").text
    assert "Renew your passport" not in shown
    assert "Type your passport with its two lines" in shown
    assert 'href="/me"' in shown


def test_the_first_page_names_the_one_most_urgent_step(client: FlaskClient, session: Session):
    contract, actor, _scene = make.registered(session)
    sign_in(client, session, actor)
    assert "Book your orientation" in client.get("/me").text
    contract.status = ContractStatus.WORKER_REVIEW
    session.flush()
    shown = client.get("/me").text
    assert "Read your contract" in shown
    assert "Book your orientation" not in shown
    assert "waits for you to read it" in client.get("/me/contract").text
    contract.status = ContractStatus.ACCEPTED
    session.flush()
    assert "Your contract is with an officer" in client.get("/me").text


def test_a_booked_seat_stands_in_the_list_instead_of_missing(client: FlaskClient, session: Session):
    _contract, actor, _scene = make.registered(session)
    found = meeting(session, centre(session)[1])
    orientation.book(session, actor, found.id)
    sign_in(client, session, actor)
    shown = client.get("/me/clearance").text
    assert "seat booked" in shown
    assert "Be there from beginning to end." in shown
    step = worker_step(session, session.scalars(select(OrientationSeat.migrant_id)).one())
    assert step is not None
    assert str(step.title) == "Go to your orientation"


def test_whoever_was_not_there_long_enough_reads_why_there_is_no_certificate(client: FlaskClient, session: Session):
    _contract, actor, _scene = make.registered(session)
    own = centre(session)[1]
    found = meeting(session, own)
    seat = orientation.book(session, actor, found.id)
    seat.status, found.status = SeatStatus.ABSENT, SessionStatus.CLOSED
    session.flush()
    sign_in(client, session, actor)
    shown = client.get("/me/orientation").text
    assert "No certificate for the last session" in shown
    assert "for 0 minutes that count; 960 are needed" in shown
    sign_in(client, session, own)
    door = client.get(f"/centre/sessions/{found.id}").text
    assert "This session is over." in door
    assert 'name="code"' not in door


def test_a_session_too_short_for_a_certificate_is_not_published(session: Session):
    own = centre(session)[1]
    starts = db_now(session) + timedelta(days=3)
    short = orientation.NewSession(starts, starts + timedelta(minutes=10), "Hall", "ne", "Trainer", 20)
    with pytest.raises(DomainError, match=r"needs 16 hours .* has 10 minutes"):
        orientation.plan(session, own, short)


def test_officers_read_no_word_that_speaks_to_the_worker(client: FlaskClient, session: Session):
    contract, actor, _scene = make.registered(session)
    sign_in(client, session, officer(session, StaffRole.LABOUR_OFFICER))
    for path in (f"/contracts/{contract.id}", f"/job-orders/{contract.job_order_id}"):
        shown = client.get(path).text
        main = shown[shown.index("<main") :]
        for words in ("What you pay", "Your job", "Your passport", "You keep it yourself", "You pay"):
            assert words not in main
        assert "What the worker pays in total" in main
        assert main.count(">Employer<") == 1
        assert 'class="back"' in shown
    sign_in(client, session, actor)
    assert "What you pay in total" in client.get("/me/contract").text


def test_news_by_sms_names_nothing():
    with in_locale("en"):
        assert (
            render(Channel.SMS, "record_changed", {})[1]
            == "There is something to read in your account. Sign in to see it."
        )


def test_the_clearance_file_says_level_and_what_it_rests_on_and_names_the_law_in_words(
    client: FlaskClient, session: Session
):
    from tests.contracts.test_clearance import applied

    clearance, _actor, _scene = applied(session)
    sign_in(client, session, officer(session, StaffRole.CLEARANCE_OFFICER))
    shown = client.get(f"/staff/clearances/{clearance.id}").text
    assert "Identity: level 1 of 3" in shown
    assert "lines typed by the person" in shown
    assert "np.insurance" not in shown
    assert (
        session.get_one(DepartureClearance, clearance.id).contract_id
        == session.scalars(select(EmploymentContract.id)).one()
    )
