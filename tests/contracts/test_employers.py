"""Employers: signing up without telling who is known, and offices that reach only the countries of their area."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.employers import queries
from contracts.employers import services as employers
from contracts.employers.models import Employer
from contracts.employers.status import EmployerStatus
from core.accounts import NewAccount, UserAccount, actor_for, create_account, find_account
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, NotVisible
from core.messages import OutgoingMessage
from core.permissions import StaffRole
from tests.contracts import factories as make
from tests.contracts.factories import PASSWORD, officer

FORM = {
    "name": "Al Wakra Works", "country": "QA", "city": "Doha", "registration_number": "CR-9", "signatory_name": "Noora Ali",
    "signatory_title": "Manager", "phone": "+97433000009",
}  # fmt: skip


def newest_code(session: Session) -> str:
    query = select(OutgoingMessage).where(OutgoingMessage.template == "code")
    newest = (OutgoingMessage.created_at.desc(), OutgoingMessage.id.desc())
    found = re.search(r"\b[0-9]{6}\b", session.scalars(query.order_by(*newest).limit(1)).one().body or "")
    assert found
    return found[0]


def prove(client, session: Session, email: str):
    client.post_form("/employers/register", email=email)
    return client.post_form("/employers/register/code", code=newest_code(session))


def test_an_employer_signs_up_with_a_proved_address_and_waits_for_its_mission(client, session: Session):
    make.office(session, "M-QA")
    answer = prove(client, session, "noora@works.example")
    assert answer.location.endswith("/employers/register/employer")
    assert client.get("/employers/register/employer").status_code == 200
    assert client.post_form("/employers/register/employer", **FORM, password="short").status_code == 422
    done = client.post_form("/employers/register/employer", **FORM, password=PASSWORD)
    assert done.location.endswith("/employer")
    made = session.scalars(select(Employer)).one()
    assert (made.status, made.signatory_email) == (EmployerStatus.REGISTERED, "noora@works.example")
    assert "Al Wakra Works" in client.get("/employer").text


def test_a_known_address_gets_the_same_answers_as_a_new_one(client, session: Session):
    create_account(session, NewAccount("Somebody", PASSWORD, email="known@works.example"))
    answers = [client.post_form("/employers/register", email=e) for e in ("known@works.example", "new@works.example")]
    assert len({(a.status_code, a.location) for a in answers}) == 1
    # Only who reads the mailbox learns more: and they have to sign in.
    assert "/sign-in" in prove(client, session, "known@works.example").location


def test_without_the_code_no_employer_is_made(client, session: Session):
    make.office(session, "M-QA")
    client.post_form("/employers/register", email="noora@works.example")
    assert client.post_form("/employers/register/code", code="000000").status_code in (303, 422)
    form = {**FORM, "password": PASSWORD}
    if find_account(session, "noora@works.example").email_confirmed_at is None:  # type: ignore[union-attr]  # or fails
        assert client.post_form("/employers/register/employer", **form).location.endswith("/employers/register")
        assert session.scalars(select(Employer)).all() == []


def test_an_address_that_no_code_has_proved_registers_no_employer(session: Session):
    make.office(session, "M-QA")
    account = create_account(session, NewAccount("Noora Ali", PASSWORD, email="noora@works.example"))
    with pytest.raises(Denied):
        employers.register(session, actor_for(session, account), employers.NewEmployer(**FORM))
    account.email_confirmed_at = db_now(session)
    employers.register(session, actor_for(session, account), employers.NewEmployer(**FORM))
    with pytest.raises(DomainError, match="already"):
        employers.register(session, actor_for(session, account), employers.NewEmployer(**FORM))


def test_an_officer_registers_no_employer_of_their_own(session: Session):
    made = officer(session, StaffRole.LABOUR_OFFICER)
    session.get_one(UserAccount, made.require_account()).email_confirmed_at = db_now(session)
    with pytest.raises(Denied):
        employers.register(session, made, employers.NewEmployer(**FORM))


def test_an_employer_is_accredited_only_by_an_office_whose_area_holds_its_mission(session: Session):
    made, _owner = make.employer(session, accredited=False)
    employers.verify(session, officer(session, StaffRole.MISSION_OFFICER, "M-QA"), made.id, "Seen with passport")
    near, far = officer(session, StaffRole.LABOUR_OFFICER), officer(session, StaffRole.LABOUR_OFFICER, "P2")
    terms = employers.Accreditation(10, legal_today(session).replace(year=legal_today(session).year + 1), "Fine")
    for act in (
        lambda: employers.accredit(session, far, made.id, terms),
        lambda: employers.sanction(session, far, made.id, "watch", "Complaints"),
    ):
        with pytest.raises(NotVisible):
            act()
    assert session.execute(queries.reachable(far, list(EmployerStatus))).all() == []
    assert queries.find_by_text(session, far, made.name, 10) == []
    employers.accredit(session, near, made.id, terms)
    assert made.status is EmployerStatus.ACCREDITED
    assert queries.find_by_text(session, near, made.name, 10) == [made]


def test_the_mission_of_another_country_sees_no_employer_of_this_one(session: Session):
    made, _owner = make.employer(session, accredited=False)
    with pytest.raises(NotVisible):
        employers.verify(session, officer(session, StaffRole.MISSION_OFFICER, "M-SA"), made.id, "Seen")


@pytest.mark.parametrize("page", ["", "/verify", "/accredit", "/watch"])
def test_an_officer_of_another_area_finds_no_page_of_it(client, session: Session, page: str):
    made, _owner = make.employer(session)
    far = officer(session, StaffRole.LABOUR_OFFICER, "P2")
    client.sign_in(session, session.get_one(UserAccount, far.require_account()))
    url = f"/staff/employers/{made.id}{page}"
    form = {"reason": "x", "capacity": "5", "valid_until": "2030-01-01"}
    answer = client.post_form(url, **form) if page else client.get(url)
    assert answer.status_code in (403, 404)
