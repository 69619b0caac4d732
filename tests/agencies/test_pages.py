"""An agency's way through its own pages and the officers' screens, in forms as a browser sends them."""

import io
import re
from datetime import timedelta

import pypdfium2
import pytest
from sqlalchemy import select

from agencies.insider import duties
from agencies.licensing import screen, services, staff_views
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.status import APPLICATION, ApplicationStatus
from agencies.registration.models import Agency
from agencies.sanctions import case_screen
from agencies.sanctions.case_status import CASE
from agencies.security.models import SecurityInstrument
from core.accounts import Invitation, UserAccount, actor_for, add_membership
from core.db import legal_today
from core.messages import OutgoingMessage
from core.permissions import ClerkRight, StaffRole, SubjectKind
from core.settings import current
from tests import pdfs
from tests.agencies import factories as make


def text_of(answer):
    return answer.get_data(as_text=True)


def newest_code(session):
    newest = (OutgoingMessage.created_at.desc(), OutgoingMessage.id.desc())
    message = session.scalars(
        select(OutgoingMessage).where(OutgoingMessage.template == "code").order_by(*newest).limit(1)
    ).one()
    return re.search(r"\b[0-9]{6}\b", message.body)[0]


def test_a_newcomer_registers_an_agency_and_sends_an_application(client, session):
    make.office(session)
    assert client.post_form("/agencies/register", email="Owner@Example.org").status_code == 303
    wrong = client.post_form("/agencies/register/code", code="000000")
    assert wrong.status_code in (303, 422)
    if wrong.status_code == 422:
        assert client.post_form("/agencies/register/code", code=newest_code(session)).status_code == 303
    answer = client.post_form(
        "/agencies/register/agency", person="Purna Gurung", password="a-good-password", name="Dhorpatan Overseas", name_local="",
    )  # fmt: skip
    assert answer.status_code == 303, text_of(answer)
    agency = session.scalars(select(Agency).where(Agency.name == "Dhorpatan Overseas")).one()
    home = f"/agencies/{agency.id}"
    assert answer.location.endswith(home)
    assert "Not licensed" in text_of(client.get(home))

    started = client.post_form(f"{home}/applications")
    application = session.scalars(select(LicenceApplication)).one()
    page = f"/licences/applications/{application.id}"
    assert started.location.endswith(page)
    refused = client.post_form(f"{page}/submit")
    assert refused.status_code == 422
    assert "Still missing" in text_of(refused)

    details = {
        "name": "Dhorpatan Overseas", "name_local": "ढोरपाटन ओभरसिज", "company_number": "१२३/०८१", "district": "Kathmandu",
        "address": "Ward 3", "phone": "01-4350000", "bank_name": "Nabil", "bank_account": "001 234", "email": "",
    }  # fmt: skip
    assert client.post_form(f"{home}/details", **details).status_code == 303
    director = {
        "name": "Ram Bahadur", "identifier_kind": "citizenship", "identifier": "27-01-70-01234", "calendar": "BS",
        "birth_date": "2037-02-10", "phone": "9841000001", "email": "",
    }  # fmt: skip
    assert client.post_form(f"{home}/directors", **director).status_code == 303
    again = client.post_form(f"{home}/directors", **director)
    assert again.status_code == 422
    assert "in the list already" in text_of(again)
    assert client.post_form(f"{page}/class", licence_class="Z").status_code == 422
    assert client.post_form(f"{page}/class", licence_class="A").status_code == 303
    for code in ("registration", "tax", "premises", "police"):
        file = (io.BytesIO(make.photo()), "paper.png")
        assert client.post_form(f"{page}/papers/{code}", file=file).status_code == 303
    bad = client.post_form(f"{page}/papers/tax", file=(io.BytesIO(b"#!/bin/sh"), "evil.png"))
    assert bad.status_code == 422
    assert client.post_form(f"{page}/submit").status_code == 303
    assert make.reload(session, application).status is ApplicationStatus.SUBMITTED
    for url in (
        home,
        page,
        f"{home}/details",
        f"{home}/directors",
        f"{home}/people",
        f"{page}/class",
        f"{page}/papers/tax",
    ):
        assert client.get(url).status_code == 200, url


def test_a_known_address_gets_the_same_answer_and_is_asked_to_sign_in_after_the_code(client, session):
    make.account(session, email="known@example.org")
    answers = [client.post_form("/agencies/register", email=e) for e in ("known@example.org", "new@example.org")]
    assert [a.status_code for a in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    client.post_form("/agencies/register", email="known@example.org")
    answer = client.post_form("/agencies/register/code", code=newest_code(session))
    assert "/sign-in" in answer.location
    assert client.get("/agencies/register/agency").status_code == 303


def test_a_staff_account_without_a_password_gets_no_way_around_its_second_factor(client, session):
    account, _actor = make.officer(session, StaffRole.LICENSING_OFFICER, email="office@example.org")
    account.password_hash = None
    session.flush()
    client.post_form("/agencies/register", email="office@example.org")
    answer = client.post_form("/agencies/register/code", code=newest_code(session))
    assert "/sign-in" in answer.location
    form = {"person": "X", "password": "a-good-password", "name": "Sneaky", "name_local": ""}
    assert client.post_form("/agencies/register/agency", **form).location.endswith("/agencies/register")
    session.refresh(account)
    assert account.password_hash is None


def test_the_password_page_opens_only_after_the_code(client, session):
    make.office(session)
    client.post_form("/agencies/register", email="new@example.org")
    answer = client.post_form(
        "/agencies/register/agency", person="X", password="a-good-password", name="Sneaky", name_local=""
    )
    assert answer.location.endswith("/agencies/register")
    assert session.scalars(select(Agency)).all() == []


def test_three_officers_license_an_agency_on_their_screens(client, session):
    maker, _ = make.officer(session, StaffRole.LICENSING_OFFICER)
    checker, _ = make.officer(session, StaffRole.LICENSING_APPROVER)
    application, agency, _owner = make.submitted(session)
    url = f"/licensing/applications/{application.id}"
    client.sign_in(session, maker)
    assert "Sagarmatha Overseas" in text_of(client.get("/staff"))
    seen = text_of(client.get(url))
    assert "Ram Bahadur Shrestha" in seen
    assert "Begin the review" in seen
    assert "Approve</h3>" not in seen
    assert client.post_form(f"{url}/take").status_code == 303
    empty = client.post_form(f"{url}/return")
    assert empty.status_code == 422
    assert "Name at least one thing to mend." in text_of(empty)
    assert client.post_form(f"{url}/recommend", finding="").status_code == 422
    unseen = client.post_form(f"{url}/recommend", finding="In order.", waiver="")
    assert unseen.status_code == 422
    assert "Nobody has visited the office." in text_of(unseen)
    assert client.post_form(f"{url}/recommend", finding="In order.", waiver="The road is closed.").status_code == 303
    assert client.post_form(f"{url}/nonsense").status_code == 404

    client.sign_in(session, checker)
    seen = text_of(client.get(url))
    assert 'value="5000000' in seen
    assert "The road is closed." in seen
    values = {
        "cash": "50,00,000", "guarantee": "1,50,00,000", "valid_until": "2028-11-24", "valid_until_reason": "Two years.",
        "reason": "Fit.",
    }  # fmt: skip
    assert client.post_form(f"{url}/approve", **{**values, "cash": "1"}).status_code == 422
    assert make.reload(session, application).status is ApplicationStatus.DECISION
    assert client.post_form(f"{url}/approve", **values).status_code == 303

    cashier, _ = make.officer(session, StaffRole.FINANCE_OFFICER)
    client.sign_in(session, cashier)
    slip = {"kind": "cash", "amount": "20000000", "bank_name": "Nabil", "document_number": "S-1", "guarantee_until": ""}
    assert client.post_form(f"{url}/issue").status_code == 422
    assert client.post_form(f"{url}/security", **slip, file=(io.BytesIO(make.photo()), "s.png")).status_code == 303
    assert client.post_form(f"{url}/issue").status_code == 422
    assert "does not count now" in text_of(client.get(url))
    paper = session.scalars(select(SecurityInstrument)).one()
    assert client.post_form(f"/licensing/securities/{paper.id}/ask").status_code == 303
    make.answered(session, paper)
    assert client.post_form(f"{url}/issue").status_code == 303
    licence = session.scalars(select(Licence).where(Licence.agency_id == agency.id)).one()
    document = client.get(f"/licences/{licence.id}/document")
    assert document.data.startswith(b"%PDF")
    assert document.headers["Content-Disposition"].startswith("attachment;")
    with pypdfium2.PdfDocument(document.data) as pdf:
        printed = pdf[0].get_textpage().get_text_range()
    assert f"{current().public_url}/check" in printed
    assert client.get(url).status_code == 200


def test_the_pages_of_a_pdf_stand_beside_the_decision_and_the_reading_is_noted(client, session, monkeypatch):
    noted = []
    monkeypatch.setattr(
        staff_views, "note_reading", lambda _actor, subject, *, purpose: noted.append((subject, purpose))
    )
    reviewer, _ = make.officer(session, StaffRole.LICENSING_OFFICER)
    made, _account, owner = make.agency(session)
    application = make.fill_in(session, owner, made)
    services.attach_paper(session, owner, application.id, services.AttachPaper("premises", pdfs.with_pages(2)))
    services.submit(session, owner, application.id)
    client.sign_in(session, reviewer)
    seen = client.get(f"/licensing/applications/{application.id}").text
    shown = re.findall(r'<img src="(/licences/papers/[0-9a-f-]+\?picture=[12])" alt="([^"]+)"', seen)
    lease = [(url, alt) for url, alt in shown if "page" in alt]
    assert [alt.split(", ")[1] for _url, alt in lease] == ["page 1 of 2", "page 2 of 2"]
    picture = client.get(lease[1][0])
    assert (picture.mimetype, picture.headers["Content-Disposition"][:6]) == ("image/jpeg", "inline")
    whole = client.get(lease[1][0].split("?")[0])
    assert (whole.mimetype, whole.headers["Content-Disposition"][:10]) == ("application/pdf", "attachment")
    for answer in (picture, whole):
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert client.get(lease[1][0].replace("=2", "=3")).status_code == 404
    assert noted == [(("licence_application", application.id), "review")]
    client.sign_in(session, make.agency(session, "Other Agency")[1])
    for url, _alt in lease:
        assert client.get(url).status_code == 404
    assert client.get(f"/licensing/applications/{application.id}").status_code == 403
    assert len(noted) == 1


@pytest.mark.parametrize("who", ["stranger", "other office", "finance", "anonymous"])
def test_others_see_and_change_nothing(client, session, who):
    application, agency, _owner = make.submitted(session)
    far = make.office(session, "P9", parent=make.office(session))
    if who == "stranger":
        _other, account, _actor = make.agency(session, "Other Agency")
        client.sign_in(session, account)
    elif who == "other office":
        client.sign_in(session, make.officer(session, StaffRole.LICENSING_OFFICER, at=far)[0])
    elif who == "finance":
        client.sign_in(session, make.officer(session, StaffRole.REMITTANCE_OFFICER)[0])
    for url in (
        f"/agencies/{agency.id}", f"/agencies/{agency.id}/directors", f"/licences/applications/{application.id}",
        f"/licensing/applications/{application.id}", f"/licensing/agencies/{agency.id}",
    ):  # fmt: skip
        answer = client.get(url)
        assert answer.status_code in ({303} if who == "anonymous" else {403, 404}), url
        assert "Sagarmatha" not in text_of(answer)
    for url in (
        f"/licences/applications/{application.id}/withdraw", f"/licensing/applications/{application.id}/take",
        f"/agencies/{agency.id}/surrender", f"/agencies/{agency.id}/people",
    ):  # fmt: skip
        assert client.post_form(url, reason="x", name="A", email="a@b.org", rights="people").status_code in (
            303,
            403,
            404,
        )
    assert make.reload(session, application).status is ApplicationStatus.SUBMITTED


def test_an_owner_invites_with_limited_rights_and_a_clerk_gives_no_more_than_they_have(client, session):
    agency, owner, _actor = make.agency(session)
    client.sign_in(session, owner)
    url = f"/agencies/{agency.id}/people"
    assert client.post_form(url, name="Clerk", email="clerk@example.org").status_code == 422
    assert (
        client.post_form(url, name="Clerk", email="clerk@example.org", rights=["apply", "nonsense"]).status_code == 303
    )
    invitation = session.scalars(select(Invitation)).one()
    assert invitation.rights == ["apply"]
    mail = session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == "invitation")).one()
    assert "/invitations/" in mail.body
    assert agency.name not in mail.body
    assert client.post_form(f"/agencies/{agency.id}/invitations/{invitation.id}/take-back").status_code == 303
    session.refresh(invitation)
    assert invitation.revoked_at is not None

    clerk = make.account(session, "Clerk")
    add_membership(session, clerk, kind=SubjectKind.AGENCY, subject_id=agency.id, rights=[ClerkRight.PEOPLE])
    client.sign_in(session, clerk)
    assert client.post_form(url, name="Friend", email="f@example.org", rights=["sign"]).status_code == 422
    assert client.post_form(f"/agencies/{agency.id}/details", name="Mine now").status_code in (403, 422)
    assert len(session.scalars(select(Invitation)).all()) == 1


def test_a_removed_clerk_is_out_at_once(client, session):
    agency, owner, _actor = make.agency(session)
    clerk = make.account(session, "Clerk")
    membership = add_membership(
        session, clerk, kind=SubjectKind.AGENCY, subject_id=agency.id, rights=[ClerkRight.APPLY]
    )
    client.sign_in(session, clerk)
    assert client.get(f"/agencies/{agency.id}").status_code == 200
    from agencies.registration import services

    services.remove_clerk(session, actor_for(session, owner), agency.id, membership.id)
    session.commit()
    assert client.get(f"/agencies/{agency.id}").status_code == 303


def test_an_applicant_is_not_told_why_an_application_was_stopped(client, session):
    application, agency, _owner = make.submitted(session)
    application.status = ApplicationStatus.STOPPED
    session.flush()
    owner = session.scalars(select(UserAccount).where(UserAccount.id == application.started_by)).one()
    client.sign_in(session, owner)
    for url in (f"/licences/applications/{application.id}", f"/agencies/{agency.id}"):
        page = text_of(client.get(url)).lower()
        assert "waiting for an officer" in page
        for word in ("blacklist", "stopped", "match"):
            assert word not in page


def test_sanctions_go_through_two_officers_on_the_agency_screen(client, session):
    agency, _licence = make.licensed(session, "Makalu Recruitment")
    maker, _ = make.officer(session, StaffRole.LICENSING_OFFICER)
    client.sign_in(session, maker)
    url = f"/licensing/agencies/{agency.id}"
    assert client.post_form(f"{url}/sanctions", kind="suspension", reason="").status_code == 422
    assert client.post_form(f"{url}/sanctions", kind="suspension", reason="No day.", last_day="").status_code == 422
    later = (legal_today(session) + timedelta(30)).isoformat()
    posted = client.post_form(f"{url}/sanctions", kind="suspension", reason="Complaints.", last_day=later)
    assert posted.status_code == 303
    from agencies.sanctions.models import Sanction

    sanction = session.scalars(select(Sanction)).one()
    assert client.post_form(f"/licensing/sanctions/{sanction.id}/order", reason="x").status_code == 403
    checker, _ = make.officer(session, StaffRole.LICENSING_APPROVER)
    assert duties.redistribute(session) == 1
    client.sign_in(session, checker)
    assert "Order it" in text_of(client.get(url))
    assert client.post_form(f"/licensing/sanctions/{sanction.id}/order", reason="").status_code == 422
    assert client.post_form(f"/licensing/sanctions/{sanction.id}/order", reason="Proved.").status_code == 303
    assert "suspended" in text_of(client.get(url)).lower()
    assert client.post_form(f"/licensing/sanctions/{sanction.id}/order", reason="Again.").status_code == 422


def test_the_history_tells_the_past_and_label_and_error_agree(client, session):
    maker, _ = make.officer(session, StaffRole.LICENSING_OFFICER)
    application, _agency, _owner = make.submitted(session)
    url = f"/licensing/applications/{application.id}"
    client.sign_in(session, maker)
    assert client.post_form(f"{url}/take").status_code == 303
    refused = client.post_form(f"{url}/ask_visit", reason="")
    assert refused.status_code == 422
    assert "Write what you found." in text_of(refused)
    assert "Please give a reason." not in text_of(refused)
    values = {"finding": "In order.", "waiver": "The road is closed."}
    assert client.post_form(f"{url}/recommend", **values).status_code == 303
    seen = text_of(client.get(url))
    history = seen[seen.index("What happened so far") :]
    for told in ("Application sent", "Review begun", "Found ready for the decision"):
        assert told in history
    for imperative in ("Send the application", "Begin the review", "Ready for decision"):
        assert imperative not in history
    # Nobody went there: no day of a visit beside the finding.
    assert "Day of the visit" not in seen
    assert "The road is closed." in seen


def test_every_step_has_words_for_the_past():
    assert {t.action for t in APPLICATION.transitions.values()} <= set(screen.HISTORY_TITLES)
    assert {t.action for t in CASE.transitions.values()} <= set(case_screen.HISTORY_TITLES)
