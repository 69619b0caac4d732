"""What the portal says it knows of a person is what was found: lines, a page, an officer's look; and who decides what."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import jobs
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible
from core.messages import OutgoingMessage
from core.permissions import StaffRole
from migrants.registration import deciding, protecting, queries, services
from migrants.registration.models import IdentityCheck, Migrant
from migrants.registration.protecting import Protect
from migrants.registration.status import IdentityBasis
from migrants.registration.status import MigrantStatus as S
from tests.migrants.factories import account_of, applicant, officer, zone
from tests.migrants.specimens import draw, jpeg, lines_alone


def text(response) -> str:
    return response.get_data(as_text=True)


def with_photo(session: Session, number: str, drawn) -> tuple[Migrant, object]:
    made = zone(number)
    migrant, actor = applicant(session, number=number, mrz=made)
    services.save_photo(session, actor, jpeg(drawn(made)))
    jobs.run_waiting(session)
    services.submit(session, actor)
    return migrant, actor


def test_lines_that_the_person_drew_verify_nobody_and_the_officer_reads_why(client: FlaskClient, session: Session):
    migrant, _actor = with_photo(session, "PA9100001", lines_alone)
    assert (migrant.status, migrant.level) == (S.MISMATCH, 0)
    check = session.scalars(select(IdentityCheck).where(IdentityCheck.verifier == "document")).one()
    assert [r["code"] for r in check.reasons if not r["fits"]] == ["photo_page"]
    client.sign_in(session, account_of(session, officer(session)))
    shown = text(client.get(f"/staff/identity/{migrant.id}"))
    assert "the photo shows a portrait and the data above the lines" in shown
    assert "Level 0 of 3" in shown


def test_a_page_is_level_one_and_the_person_is_told_that_nobody_compared_the_picture(
    client: FlaskClient, session: Session
):
    migrant, actor = with_photo(session, "PA9100002", draw)
    assert (migrant.status, migrant.level) == (S.VERIFIED, 1)
    client.sign_in(session, account_of(session, actor))
    shown = text(client.get("/me"))
    assert "Level 1 of 3." in shown
    assert "Nobody has compared the picture with you yet." in shown
    assert "passport was checked" not in shown
    assert queries.basis_of(session, migrant.id) == (1, IdentityBasis.PHOTO)


def test_typed_lines_are_level_one_and_said_to_be_typed(client: FlaskClient, session: Session):
    migrant, actor = applicant(session, number="PA9100003")
    services.submit(session, actor)
    assert queries.basis_of(session, migrant.id) == (1, IdentityBasis.TYPED)
    client.sign_in(session, account_of(session, actor))
    assert "Nobody has seen your passport" in text(client.get("/me"))


def test_an_officers_look_counts_for_the_passport_that_was_in_use_then(session: Session):
    migrant, actor = applicant(session, number="PA9100004", mrz=zone("PA9100004", sex="M"))
    services.submit(session, actor)
    deciding.decide(session, officer(session), migrant.id, "accept", "Saw passport and person")
    assert queries.basis_of(session, migrant.id) == (1, IdentityBasis.OFFICER)
    session.flush()
    services.save_passport(session, actor, services.PassportDetails("PA9100005", "\n".join(zone("PA9100005").lines())))
    passport = services.current_passport(session, migrant.id)
    assert passport is not None
    passport.created_at += timedelta(seconds=1)  # one transaction has one clock
    session.flush()
    assert queries.basis_of(session, migrant.id) == (1, IdentityBasis.TYPED)


# --- perhaps the same person ---------------------------------------------------------------------------------------


def twin(session: Session) -> Migrant:
    services.submit(session, applicant(session, number="PA9100010")[1])
    second, actor = applicant(session, number="PA9100010", name="Anita Lama")
    services.submit(session, actor)
    assert second.status is S.POSSIBLE_DUPLICATE
    return second


def test_a_reviewer_passes_the_finding_on_and_an_approver_decides(client: FlaskClient, session: Session):
    second = twin(session)
    reviewer, approver = officer(session), officer(session, StaffRole.IDENTITY_APPROVER)
    client.sign_in(session, account_of(session, reviewer))
    page = text(client.get(f"/staff/identity/{second.id}"))
    assert "Another person: verify this one" in page
    assert "an approver closes this record" in page
    done = client.post_form(f"/staff/identity/{second.id}", action="pass_on", reason="One face on both pages.")
    assert done.status_code == 303
    session.refresh(second)
    assert (second.status, second.due_on is not None) == (S.PASSED_ON, True)
    page = text(client.get(f"/staff/identity/{second.id}"))
    assert 'name="action"' not in page
    assert "An approver who did not pass it on decides" in page
    with pytest.raises(Denied):
        deciding.decide(session, reviewer, second.id, "accept", "mine, too")
    assert second.status is S.PASSED_ON
    client.sign_in(session, account_of(session, approver))
    page = text(client.get(f"/staff/identity/{second.id}"))
    assert "One face on both pages." in page
    assert 'value="merge"' in page
    deciding.decide(session, approver, second.id, "merge", "The same person.")
    assert second.status is S.MERGED


def test_an_approver_who_passed_it_on_leaves_it_to_another(session: Session):
    second = twin(session)
    approver = officer(session, StaffRole.IDENTITY_APPROVER)
    deciding.decide(session, approver, second.id, "pass_on", "Look at the parents.")
    with pytest.raises(Denied):
        deciding.decide(session, approver, second.id, "merge", "The same person.")
    assert second.status is S.PASSED_ON


# --- child protection ----------------------------------------------------------------------------------------------


def child(session: Session) -> tuple[Migrant, object, object]:
    migrant, actor = applicant(session, born=date(2012, 1, 1))
    services.submit(session, actor)
    return migrant, actor, officer(session, StaffRole.CHILD_PROTECTION_OFFICER)


def test_a_child_is_referred_to_a_named_body_and_reads_how_to_reach_it(client: FlaskClient, session: Session):
    migrant, actor, protector = child(session)
    client.sign_in(session, account_of(session, protector))
    where = f"/staff/identity/{migrant.id}"
    assert "Name the body" in text(client.post_form(where, action="refer_protection", reason="Alone in the city"))
    given = {"body": "Child Helpline Nepal", "contact": "1098", "reason": "They can talk with you in your own village."}
    assert client.post_form(where, action="refer_protection", **given).status_code == 303
    client.sign_in(session, account_of(session, actor))
    shown = text(client.get("/me"))
    assert "Child Helpline Nepal" in shown
    assert "1098" in shown
    assert "You did nothing wrong" in shown
    session.refresh(migrant)
    assert migrant.status is S.PROTECTION


def test_registration_stays_closed_until_a_day_to_come(client: FlaskClient, session: Session):
    migrant, actor, protector = child(session)
    today = legal_today(session)
    with pytest.raises(DomainError, match="day to come"):
        protecting.protect(session, protector, migrant.id, Protect("keep_protection", "Born 2012", until=today))
    later = today + timedelta(days=90)
    protecting.protect(session, protector, migrant.id, Protect("keep_protection", "Born 2012", until=later))
    assert (migrant.status, migrant.due_on) == (S.PROTECTION, later)
    client.sign_in(session, account_of(session, actor))
    assert "We look at it again on" in text(client.get("/me"))


def test_a_note_is_for_officers_alone(client: FlaskClient, session: Session):
    migrant, actor, protector = child(session)
    before = len(session.scalars(select(OutgoingMessage)).all())
    protecting.protect(session, protector, migrant.id, Protect("note_protection", "The uncle holds the telephone."))
    assert len(session.scalars(select(OutgoingMessage)).all()) == before
    client.sign_in(session, account_of(session, actor))
    assert "uncle" not in text(client.get("/me/history"))
    client.sign_in(session, account_of(session, protector))
    assert "uncle" in text(client.get(f"/staff/identity/{migrant.id}"))


@pytest.mark.parametrize("action", ["note_protection", "refer_protection", "keep_protection"])
def test_nobody_else_takes_a_step_of_child_protection(session: Session, action: str):
    migrant, _actor, protector = child(session)
    given = Protect(action, "seen", "Body", "1098", legal_today(session) + timedelta(days=9))
    for who in (officer(session), officer(session, StaffRole.IDENTITY_APPROVER)):
        with pytest.raises(NotVisible):
            protecting.protect(session, who, migrant.id, given)
    with pytest.raises(NotVisible):
        deciding.decide(session, protector, migrant.id, action, "past the form")
    assert session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all() == []
