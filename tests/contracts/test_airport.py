"""The desk at the airport: what is compared, a flight on another day, a mistake mended, a person who does not match."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.clearance import airport, queries, services
from contracts.clearance.models import DepartureClearance
from contracts.clearance.status import ClearanceStatus as S
from contracts.employment.models import EmploymentContract
from contracts.employment.status import Place
from core.accounts import UserAccount
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, TooLate
from core.messages import OutgoingMessage
from core.permissions import Permission, StaffRole
from core.verification import Answer, verify
from migrants.registration.queries import passport_facts
from tests.contracts.test_clearance import granted
from tests.migrants.factories import officer


def sign_in(client: FlaskClient, session: Session, who) -> None:
    client.sign_in(session, session.get_one(UserAccount, who.require_account()))


def at_the_desk(client: FlaskClient, session: Session, *, flight_in: int = 0):
    clearance, worker, scene = granted(session)
    clearance.flight_on = legal_today(session) + timedelta(days=flight_in)
    session.flush()
    desk = officer(session, StaffRole.AIRPORT_OFFICER)
    sign_in(client, session, desk)
    return clearance, worker, scene, desk


def look(client: FlaskClient, clearance: DepartureClearance) -> str:
    return client.post_form("/staff/airport", reference=clearance.reference).text


def test_the_desk_shows_what_stands_in_the_passport_and_the_person_sees_who_looked(
    client: FlaskClient, session: Session
):
    clearance, worker, _scene, _desk = at_the_desk(client, session)
    facts = passport_facts(session, clearance.migrant_id, legal_today(session))
    shown = look(client, clearance)
    assert facts is not None
    for part in (
        facts.number,
        facts.name,
        "Birth date",
        "Employer",
        "Country of work",
        "Day of the flight",
        "Female (F)",
    ):
        assert part in shown
    sign_in(client, session, worker)
    assert "at the airport" in client.get("/me/history").text


def test_a_flight_on_another_day_needs_a_reason(client: FlaskClient, session: Session):
    clearance, _worker, _scene, desk = at_the_desk(client, session, flight_in=2)
    assert "Valid, but not for a flight today" in look(client, clearance)
    answer = client.post_form(f"/staff/airport/{clearance.id}/depart")
    assert (answer.status_code, clearance.status) == (422, S.GRANTED)
    assert "Look at the ticket, and say why." in answer.text
    assert (
        client.post_form(f"/staff/airport/{clearance.id}/depart", reason="Rebooked, saw the ticket").status_code == 303
    )
    session.refresh(clearance)
    assert clearance.status is S.DEPARTED
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "depart")).one()
    assert (event.reason, event.evidence["other_day"]) == ("Rebooked, saw the ticket", True)
    assert event.actor_account_id == desk.account_id


def test_on_the_day_of_the_flight_no_reason_is_asked_and_a_second_look_says_departed(
    client: FlaskClient, session: Session
):
    clearance, _worker, _scene, _desk = at_the_desk(client, session)
    assert client.post_form(f"/staff/airport/{clearance.id}/depart").status_code == 303
    session.refresh(clearance)
    shown = look(client, clearance)
    assert "Departed on" in shown
    assert "No valid clearance" not in shown
    assert "Passport seen: departed" not in shown


def test_a_departure_is_taken_back_within_the_window_and_the_place_stays_taken(client: FlaskClient, session: Session):
    clearance, _worker, _scene, _desk = at_the_desk(client, session)
    first, second = officer(session, StaffRole.AIRPORT_OFFICER), officer(session, StaffRole.AIRPORT_OFFICER)
    airport.depart(session, first, clearance.id)
    with pytest.raises(DomainError):
        airport.correct(session, second, clearance.id, " ")
    airport.correct(session, second, clearance.id, "Another person stood at the desk")
    contract = session.get_one(EmploymentContract, clearance.contract_id)
    assert (clearance.status, clearance.departed_at, contract.place) == (S.GRANTED, None, Place.CLEARED)
    assert verify(session, services.token(clearance)).answer is Answer.VALID
    airport.depart(session, first, clearance.id)
    assert clearance.departed_at is not None
    clearance.departed_at -= timedelta(hours=25)
    session.flush()
    with pytest.raises(TooLate):
        airport.correct(session, first, clearance.id, "Too late")
    assert clearance.status is S.DEPARTED
    assert "It was written down by mistake" not in look(client, clearance)


def test_who_does_not_match_is_stopped_and_the_clearance_office_decides(client: FlaskClient, session: Session):
    clearance, worker, _scene, desk = at_the_desk(client, session)
    assert client.post_form(f"/staff/airport/{clearance.id}/stop").status_code == 422
    before = len(session.scalars(select(OutgoingMessage)).all())
    done = client.post_form(f"/staff/airport/{clearance.id}/stop", reason="Another birth date in the passport")
    assert done.status_code == 303
    session.refresh(clearance)
    assert (clearance.status, clearance.due_on is not None) == (S.STOPPED, True)
    assert len(session.scalars(select(OutgoingMessage)).all()) == before + 1
    assert "Do not let the person depart" in look(client, clearance)
    assert verify(session, services.token(clearance)).answer is Answer.REVOKED
    with pytest.raises(TooLate):
        airport.depart(session, desk, clearance.id)
    reviewer, approver = (officer(session, r) for r in (StaffRole.CLEARANCE_OFFICER, StaffRole.CLEARANCE_APPROVER))
    rows = session.execute(queries.waiting(reviewer, [S.STOPPED], Permission.CLEARANCE_REVIEW))
    assert [r.id for r in rows] == [clearance.id]
    sign_in(client, session, reviewer)
    assert "Another birth date in the passport" in client.get(f"/staff/clearances/{clearance.id}").text
    sign_in(client, session, worker)
    assert "At the airport something did not match" in client.get("/me/clearance").text
    with pytest.raises(Denied):
        services.decide(session, reviewer, clearance.id, "let_go", "mine")
    services.decide(session, approver, clearance.id, "let_go", "Mistyped date, passport seen")
    assert clearance.status is S.GRANTED


def test_only_an_airport_writes_departures(client: FlaskClient, session: Session):
    clearance, worker, _scene, _desk = at_the_desk(client, session)
    for who in (worker, officer(session, StaffRole.CLEARANCE_OFFICER)):
        sign_in(client, session, who)
        for action in ("depart", "correct", "stop"):
            assert client.post_form(f"/staff/airport/{clearance.id}/{action}", reason="x").status_code == 403
    session.refresh(clearance)
    assert clearance.status is S.GRANTED
