"""The registration pages as a browser without JavaScript sees them, and the staff pages with their denials."""

import re
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.accounts import UserAccount
from core.audit import AuditEvent
from core.messages import OutgoingMessage
from core.permissions import StaffRole
from migrants.registration import services
from migrants.registration.models import Migrant, Passport
from migrants.registration.policies import may_review
from migrants.registration.status import MigrantStatus as S
from tests.conftest import PortalClient
from tests.migrants.factories import PASSWORD, account_of, applicant, office, officer, zone


def sign_in(client: FlaskClient, session: Session, actor) -> None:
    client.sign_in(session, session.get_one(UserAccount, actor.account_id))


def text(response) -> str:
    return response.get_data(as_text=True)


def test_somebody_registers_from_nothing_to_verified_with_forms_alone(client: FlaskClient, session: Session):
    office(session)
    assert client.get("/registration/new").status_code == 200
    begun = client.post_form("/registration/new", name="Sunita Tamang", secret=PASSWORD, consent="y")
    assert begun.headers["Location"] == "/me/reference"
    migrant = session.scalars(select(Migrant)).one()
    assert migrant.reference in text(client.get("/me/reference"))
    born = "2053-01-01"
    zone_lines = "\r\n".join(zone("PA1112223", born=date(1996, 4, 13)).lines())
    steps = [
        ("name", {"full_name": "सुनिता तामाङ", "latin_name": "Sunita Tamang"}),
        ("birth", {"calendar": "BS", "day": born}),
        ("sex", {"sex": "F"}),
        ("parents", {"father_name": "Mingma Tamang", "mother_name": ""}),
        ("place", {"lives_in": "QA"}),
        ("passport", {"document_number": "pa1112223", "mrz": zone_lines}),
    ]
    for name, values in steps:
        page = client.get(f"/me/registration/{name}")
        assert page.status_code == 200
        assert len(re.findall("<h1", text(page))) == 1
        saved = client.post_form(f"/me/registration/{name}", **values)
        assert (saved.status_code, saved.headers.get("Location")) == (303, "/me"), text(saved)
    assert client.post_form("/me/phone", phone="9841000009").headers["Location"] == "/me/phone/code"
    asked = text(client.get("/me/phone/code"))
    assert "ends in 009" in asked
    assert "9841000009" not in asked
    assert "ends in 009" in text(client.post_form("/me/phone/code", code="1"))
    message = session.scalars(select(OutgoingMessage)).one()
    code = re.search(r"\b[0-9]{6}\b", message.body or "")
    assert code is not None
    assert "Sunita" not in (message.body or "")
    assert client.post_form("/me/phone/code", code=code[0]).headers["Location"] == "/me"
    assert "PA1112223" in text(client.get("/me/check"))
    assert client.post_form("/me/check").headers["Location"] == "/me"
    session.refresh(migrant)
    assert (migrant.status, migrant.level, migrant.lives_in) == (S.VERIFIED, 1, "QA")
    assert "Level 1" in text(client.get("/me"))


def test_a_secret_that_is_too_short_is_said_at_its_field(client: FlaskClient, session: Session):
    office(session)
    answer = client.post_form("/registration/new", name="Sunita Tamang", secret="1234", consent="y")
    assert answer.status_code == 422
    shown = text(answer)
    assert '<a href="#secret">Choose a password or a long PIN: Use at least 8 letters or digits.</a>' in shown
    assert 'aria-invalid="true"' in shown


def test_a_record_belongs_to_the_office_near_home_or_to_the_mission_abroad(client: FlaskClient, session: Session):
    department, province = office(session), office(session, "P1")
    mission = office(session, "M-QA")
    migrant, actor = applicant(session, number="PA3330021")
    sign_in(client, session, actor)

    def give(step: str, **values: str) -> tuple[int, UUID]:
        answer = client.post_form(f"/me/registration/{step}", **values)
        session.refresh(migrant)
        return answer.status_code, migrant.office_id

    assert give("place", lives_in="NP") == (303, department.id)
    assert "/me/registration/office" in text(client.get("/me"))
    assert give("office", office="M-QA") == (422, department.id)
    assert give("office", office="P1") == (303, province.id)
    assert give("place", lives_in="NP") == (303, province.id)
    assert give("place", lives_in="QA") == (303, mission.id)
    assert "/me/registration/office" not in text(client.get("/me"))
    assert give("office", office="P1") == (422, mission.id)
    assert give("place", lives_in="NP") == (303, department.id)
    assert not may_review(officer(session, StaffRole.IDENTITY_OFFICER, "P2"), migrant)
    assert give("office", office="P1") == (303, province.id)
    assert may_review(officer(session, StaffRole.IDENTITY_OFFICER, "P1"), migrant)
    assert not may_review(officer(session, StaffRole.IDENTITY_OFFICER, "P2"), migrant)


def test_a_wrong_check_digit_is_shown_at_the_field_and_nothing_is_kept(client: FlaskClient, session: Session):
    migrant, actor = applicant(session, number="PA3330001")
    sign_in(client, session, actor)
    first, second = zone("PA3330001").lines()
    answer = client.post_form(
        "/me/registration/passport",
        document_number="PA3330001",
        mrz=f"{first}\n{second[:-1]}{(int(second[-1]) + 1) % 10}",
    )
    assert answer.status_code == 422
    assert "last check digit" in text(answer)
    assert 'href="#mrz"' in text(answer)
    assert session.scalars(select(Passport.mrz_sealed).where(Passport.migrant_id == migrant.id)).one() is not None


def test_the_person_sees_who_looked_and_why(app: Flask, committed: sessionmaker[Session]):
    app.test_client_class = PortalClient
    client = app.test_client()
    with committed() as session:
        migrant, actor = applicant(session, number="PA3330002", mrz=zone("PA3330002", sex="M"))
        services.submit(session, actor)
        sign_in(client, session, officer(session))
        assert client.get(f"/staff/identity/{migrant.id}?purpose=complaint").status_code == 200
        sign_in(client, session, actor)
        page = text(client.get("/me/history"))
    assert "Your record was opened" in page
    assert "because of a complaint" in page
    assert "Karishma" not in page


def test_what_was_sent_can_be_taken_back_and_corrected(client: FlaskClient, session: Session):
    migrant, actor = applicant(session, number="PA3330003", mrz=zone("PA3330003", sex="M"))
    services.submit(session, actor)
    assert migrant.status is S.MISMATCH
    sign_in(client, session, actor)
    assert client.post_form("/me/registration/sex", sex="M").status_code in (409, 422)
    assert client.post_form("/me/correct").status_code == 303
    assert client.post_form("/me/registration/sex", sex="M").status_code == 303
    assert client.post_form("/me/check").status_code == 303
    session.refresh(migrant)
    assert migrant.status is S.VERIFIED
    assert client.post_form("/me/correct").status_code == 409


@pytest.mark.parametrize(
    "path", ["/me", "/me/reference", "/me/check", "/me/history", "/me/phone", "/me/registration/name"]
)
def test_own_pages_need_a_sign_in_and_a_migrants_record(client: FlaskClient, session: Session, path: str):
    assert client.get(path).headers["Location"].startswith("/sign-in")
    sign_in(client, session, officer(session))
    assert client.get(path).status_code == 403


def test_another_area_and_other_roles_see_no_identity_file_and_no_photo(client: FlaskClient, session: Session):
    migrant, actor = applicant(session, number="PA3330004", mrz=zone("PA3330004", sex="M"))
    services.submit(session, actor)
    for who, status in (
        (officer(session, code="P2-DHAN"), 404),
        (officer(session, StaffRole.CHILD_PROTECTION_OFFICER), 404),
        (officer(session, StaffRole.LICENSING_OFFICER), 403),
        (officer(session, StaffRole.AUDITOR), 403),
        (actor, 403),
    ):
        sign_in(client, session, who)
        assert client.get(f"/staff/identity/{migrant.id}").status_code == status
        assert client.get(f"/staff/identity/{migrant.id}/photo").status_code == status
        decided = client.post_form(f"/staff/identity/{migrant.id}", action="accept", reason="seen")
        assert decided.status_code == status
        assert client.post_form(f"/staff/identity/{migrant.id}/recovery", reason="seen").status_code in (403, 404)
    session.refresh(migrant)
    assert (migrant.status, migrant.level) == (S.MISMATCH, 0)


def test_an_officer_decides_on_one_screen_and_the_person_reads_the_reason(client: FlaskClient, session: Session):
    migrant, actor = applicant(session, number="PA3330005", mrz=zone("PA3330005", sex="M"))
    services.submit(session, actor)
    sign_in(client, session, officer(session))
    page = text(client.get(f"/staff/identity/{migrant.id}"))
    assert 'value="accept"' in page
    assert 'value="merge"' not in page  # not a duplicate, and only an approver merges
    assert client.post_form(f"/staff/identity/{migrant.id}", action="accept", reason="").status_code == 422
    assert client.post_form(f"/staff/identity/{migrant.id}", action="verify", reason="x").status_code == 404
    done = client.post_form(
        f"/staff/identity/{migrant.id}", action="ask_more", reason="Please send a photo of the page."
    )
    assert done.status_code == 303
    sign_in(client, session, actor)
    assert "Please send a photo of the page." in text(client.get("/me"))


def test_a_child_meets_a_kind_page_and_only_child_protection_sees_the_file(client: FlaskClient, session: Session):
    migrant, actor = applicant(session, born=date(2012, 1, 1))
    services.submit(session, actor)
    sign_in(client, session, actor)
    assert "You did nothing wrong" in text(client.get("/me"))
    sign_in(client, session, officer(session))
    assert client.get(f"/staff/identity/{migrant.id}").status_code == 404
    assert client.post_form(f"/staff/identity/{migrant.id}", action="accept", reason="seen").status_code == 404
    assert client.post_form(f"/staff/identity/{migrant.id}/recovery", reason="seen").status_code == 404
    sign_in(client, session, officer(session, StaffRole.CHILD_PROTECTION_OFFICER))
    assert client.get(f"/staff/identity/{migrant.id}").status_code == 200
    answer = client.post_form(
        f"/staff/identity/{migrant.id}", action="return_from_protection", reason="Citizenship paper seen"
    )
    assert answer.status_code == 303
    session.refresh(migrant)
    assert migrant.status is S.MORE_ASKED


def test_a_lost_telephone_is_recovered_by_two_officers_and_a_paper(client: FlaskClient, session: Session):
    migrant, actor = applicant(session)
    services.submit(session, actor)
    first = officer(session, StaffRole.IDENTITY_APPROVER)
    sign_in(client, session, first)
    assert client.post_form(f"/staff/identity/{migrant.id}/recovery", reason="Citizenship paper").status_code == 303
    recovery = session.scalars(select(AuditEvent.subject_id).where(AuditEvent.subject_kind == "access_recovery")).one()
    assert client.post_form(f"/staff/identity/recovery/{recovery}/confirm").status_code == 403
    sign_in(client, session, officer(session, StaffRole.IDENTITY_APPROVER))
    paper = text(client.post_form(f"/staff/identity/recovery/{recovery}/confirm"))
    code = re.search(r"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}", paper)
    assert code is not None
    # The old secret is worth nothing from now on, before the paper is used.
    assert session.get_one(UserAccount, account_of(session, actor).id).password_hash is None
    wrong = client.post_form("/recover", reference=migrant.reference, code="0000-0000-0000", secret="another long one")
    assert wrong.status_code == 422
    done = client.post_form("/recover", reference=migrant.reference, code=code[0], secret="another long one 9")
    assert done.status_code == 303
    again = client.post_form("/recover", reference=migrant.reference, code=code[0], secret="another long one 10")
    assert again.status_code == 422


@pytest.mark.parametrize(("language", "word"), [("ne", "नाम"), ("ur", "نام")])
def test_the_first_page_speaks_the_persons_language(client: FlaskClient, session: Session, language: str, word: str):
    page = text(client.get("/registration/new", headers={"Accept-Language": language}))
    assert f'lang="{language}"' in page
    assert word in page


def test_a_verified_person_takes_a_new_passport_and_the_old_one_stays(client: FlaskClient, session: Session):
    migrant, actor = applicant(session, number="PA3330006")
    services.submit(session, actor)
    sign_in(client, session, actor)
    other = "\n".join(zone("PA3330007", name=("LAMA", "ANITA")).lines())
    assert client.post_form("/me/registration/passport", document_number="PA3330007", mrz=other).status_code == 422
    same = "\n".join(zone("PA3330008").lines())
    assert client.post_form("/me/registration/passport", document_number="PA3330008", mrz=same).status_code == 303
    rows = session.scalars(
        select(Passport).where(Passport.migrant_id == migrant.id).order_by(Passport.created_at, Passport.id)
    ).all()
    assert {(p.document_number, p.is_current, p.verified_at is not None) for p in rows} == {
        ("PA3330006", False, True), ("PA3330008", True, True),
    }  # fmt: skip
    session.refresh(migrant)
    assert migrant.status is S.VERIFIED


def test_nobody_renews_into_another_persons_passport(client: FlaskClient, session: Session):
    services.submit(session, applicant(session, number="PA3330010")[1])
    migrant, actor = applicant(session, number="PA3330011", name="Sunita Tamang", born=date(1991, 2, 3))
    services.submit(session, actor)
    assert migrant.status is S.VERIFIED
    sign_in(client, session, actor)
    theirs = "\n".join(zone("PA3330010", born=date(1991, 2, 3)).lines())
    assert client.post_form("/me/registration/passport", document_number="PA3330010", mrz=theirs).status_code == 422
    current = session.scalars(select(Passport).where(Passport.migrant_id == migrant.id)).all()
    assert [p.document_number for p in current] == ["PA3330011"]
