"""Who began to register and does not want to go on: what goes, what stays and why, and who can't do it for them."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from contracts.clearance.models import DepartureClearance
from contracts.orientation.models import OrientationCentre, OrientationSeat, OrientationSession
from core import drafts, jobs
from core.accounts import UserAccount, add_membership, find_accounts, find_session, open_session
from core.actor import Actor
from core.audit import AuditEvent
from core.errors import DomainError, NotVisible, TooLate
from core.files import StoredFile, store
from core.ids import new_id
from core.messages import OutgoingMessage
from core.permissions import SubjectKind
from core.privacy import PersonKey
from migrants.registration import deciding, recovery, services, stopping
from migrants.registration.models import Migrant, Passport
from migrants.registration.status import MigrantStatus as S
from tests.conftest import PortalClient
from tests.migrants.factories import PASSWORD, account_of, applicant, office, officer, zone
from tests.migrants.specimens import draw, jpeg
from tests.portal.factories import person


def sent_code(session: Session, actor: Actor) -> str:
    stopping.send_code(session, actor)
    return last_code(session)


def last_code(session: Session) -> str:
    query = select(OutgoingMessage).where(OutgoingMessage.template == "code").order_by(OutgoingMessage.id.desc())
    body = session.scalars(query.limit(1)).one().body or ""
    return next(word for word in body.split() if word.isdigit() and len(word) == 6)


def test_every_detail_goes_and_that_there_was_one_stays(session: Session):
    migrant, actor = applicant(session, number="PA9400001")
    account = account_of(session, actor)
    services.save_photo(session, actor, jpeg(draw(zone("PA9400001")).resize((300, 210))))
    file = session.scalars(select(StoredFile).where(StoredFile.person_key_id == migrant.person_key_id)).one()
    drafts.keep(session, actor, "contract", "1", {"work": ["cook"]})
    token = open_session(session, account, agent="tests")
    assert store().get(file.sha256)
    assert stopping.stop(session, actor, secret=PASSWORD, code=sent_code(session, actor))
    session.expire_all()
    assert (migrant.status, migrant.consent_withdrawn_at is None) == (S.CLOSED, False)
    row = session.execute(text("SELECT * FROM migrant WHERE id = :id"), {"id": migrant.id}).mappings().one()
    kept = {name for name, value in row.items() if value not in (None, [], 0)}
    assert kept == {
        "id", "created_at", "person_key_id", "reference", "account_id", "status", "office_id", "consent_version",
        "consent_language", "consent_at", "consent_withdrawn_at",
    }  # fmt: skip
    passport = session.scalars(select(Passport).where(Passport.migrant_id == migrant.id)).one()
    assert (passport.document_index, passport.mrz_sealed, passport.photo_file_id) == (None, None, None)
    assert session.get_one(PersonKey, migrant.person_key_id).wrapped is None
    assert find_session(session, token) is None
    assert find_accounts(session, "+9779841000001") == []
    assert session.scalar(select(func.count()).select_from(drafts.FormDraft)) == 0
    jobs.run_waiting(session)
    with pytest.raises(FileNotFoundError):
        store().get(file.sha256)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "close")).one()
    assert event.evidence == {"deleted": True}


def test_a_photo_that_another_record_has_too_is_kept(session: Session):
    picture = jpeg(draw(zone("PA9400002")).resize((300, 210)))
    migrant, actor = applicant(session, number="PA9400002")
    _other, another = applicant(session, number="PA9400003", phone="+9779841000002")
    for who in (actor, another):
        services.save_photo(session, who, picture)
    stopping.stop(session, actor, secret=PASSWORD, code=sent_code(session, actor))
    jobs.run_waiting(session)
    left = session.scalars(select(StoredFile).where(StoredFile.person_key_id != migrant.person_key_id)).one()
    assert store().get(left.sha256)


def test_who_has_no_telephone_gives_the_password_alone(session: Session):
    office(session)
    migrant, account = services.begin(session, services.Begin("Sita", PASSWORD, "en", consent=True))
    actor = services.accounts.actor_for(session, account)
    assert not stopping.plan(session, actor).needs_code
    with pytest.raises(DomainError, match="password"):
        stopping.stop(session, actor, secret="another secret")
    assert migrant.status is S.STARTED
    assert stopping.stop(session, actor, secret=PASSWORD)


def test_a_wrong_code_or_secret_changes_nothing(session: Session):
    migrant, actor = applicant(session, number="PA9400004")
    right = sent_code(session, actor)
    for secret, given in (("another secret", right), (PASSWORD, "")):
        with pytest.raises(DomainError, match="not right"):
            stopping.stop(session, actor, secret=secret, code=given)
    assert (migrant.status, migrant.full_name) == (S.STARTED, "Sunita Tamang")
    assert migrant.consent_withdrawn_at is None


def test_what_was_sent_is_taken_back_first(session: Session):
    other = zone("PA9400005", name=("RAI", "MAYA"))
    migrant, actor = applicant(session, number="PA9400005", mrz=other)
    services.submit(session, actor)
    assert not stopping.plan(session, actor).may
    with pytest.raises(TooLate):
        stopping.send_code(session, actor)
    with pytest.raises(TooLate):
        stopping.stop(session, actor, secret=PASSWORD, code="000000")
    services.take_back(session, actor)
    assert stopping.plan(session, actor) == stopping.Plan(may=True, needs_code=True, holds=())
    assert stopping.stop(session, actor, secret=PASSWORD, code=sent_code(session, actor))
    assert migrant.status is S.CLOSED


def test_what_an_officer_worked_on_is_kept_and_the_account_closed_all_the_same(session: Session):
    other = zone("PA9400006", name=("RAI", "MAYA"))
    migrant, actor = applicant(session, number="PA9400006", mrz=other)
    services.submit(session, actor)
    deciding.decide(session, officer(session), migrant.id, "ask_more", "Which name is right?")
    assert [str(h) for h in stopping.plan(session, actor).holds] == ["An officer has worked on your registration."]
    assert not stopping.stop(session, actor, secret=PASSWORD, code=sent_code(session, actor))
    account = account_of(session, actor)
    assert (migrant.status, migrant.full_name) == (S.CLOSED, "Sunita Tamang")
    assert account.suspended_at is not None
    assert account.password_hash is None
    assert migrant.consent_withdrawn_at is not None


def test_each_package_says_what_rests_on_the_record(session: Session):
    migrant, actor = applicant(session, number="PA9400007")
    assert stopping.plan(session, actor).holds == ()
    centre = OrientationCentre(name="Centre", district="Kaski", office_id=migrant.office_id)
    session.add(centre)
    session.flush()
    now = services.db_now(session)
    meeting = OrientationSession(
        centre_id=centre.id, starts_at=now, ends_at=now.replace(year=now.year + 1), place="Hall", language="ne",
        trainer="T", capacity=5,
    )  # fmt: skip
    session.add(meeting)
    session.flush()
    session.add(OrientationSeat(session_id=meeting.id, migrant_id=migrant.id, code_index=b"x" * 16))
    session.flush()
    assert [str(h) for h in stopping.plan(session, actor).holds] == ["You have booked an orientation."]
    recovery.propose(session, officer(session), migrant.id, "Citizenship certificate seen")
    assert len(stopping.plan(session, actor).holds) == 2
    assert session.scalar(select(func.count()).select_from(DepartureClearance)) == 0


def test_who_also_acts_for_an_organisation_keeps_that_account(session: Session):
    migrant, actor = applicant(session, number="PA9400008")
    account = account_of(session, actor)
    add_membership(session, account, kind=SubjectKind.NGO, subject_id=new_id(), is_owner=True)
    assert stopping.stop(session, actor, secret=PASSWORD, code=sent_code(session, actor))
    assert (account.suspended_at, account.phone, migrant.full_name) == (None, "+9779841000001", None)
    assert session.get_one(PersonKey, migrant.person_key_id).wrapped is not None


def test_it_goes_by_the_page_and_for_nobody_else(session: Session, client: PortalClient):
    migrant, actor = applicant(session, number="PA9400009")
    with pytest.raises(NotVisible):
        stopping.plan(session, officer(session))
    client.sign_in(session, person(session))
    assert client.get("/me/stop").status_code == 403
    client.sign_in(session, account_of(session, actor))
    assert "/me/stop" in client.get("/me").text
    shown = client.get("/me/stop").text
    assert "This is deleted for good" in shown
    assert client.post_form("/me/stop", secret=PASSWORD, code="12").status_code == 422
    assert client.post_form("/me/stop/code").status_code == 303
    right = last_code(session)
    assert client.post_form("/me/stop", secret=PASSWORD, code=right).headers["Location"] == "/"
    assert client.get("/me").status_code == 303
    session.expire_all()
    assert session.get_one(Migrant, migrant.id).status is S.CLOSED
    assert isinstance(session.get(UserAccount, migrant.account_id), UserAccount)
