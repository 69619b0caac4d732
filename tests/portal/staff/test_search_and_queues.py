"""The staff home shows an officer their own office's work, and a search asks for its purpose and leaves a note."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import String, literal_column, select, text

from core.audit import AuditEvent
from core.db import legal_today
from core.permissions import Permission, StaffRole
from core.queues import Queue, QueueRow
from law.country import deployment
from portal.staff import views
from tests.agencies import factories as make
from tests.portal.factories import officer, person


def searches(session):
    return list(session.scalars(select(AuditEvent).where(AuditEvent.action == "search")))


def test_an_officer_sees_the_applications_of_their_office_and_the_other_offices_officer_sees_none(client, session):
    # It is drawn for the only officer of the office.
    near, _actor = make.officer(session, StaffRole.LICENSING_OFFICER)
    made, _agency, _owner = make.submitted(session, name="Dhaulagiri Overseas")
    far, _actor = make.officer(
        session, StaffRole.LICENSING_OFFICER, at=make.office(session, "P8", parent=make.office(session))
    )
    for account, sees in ((near, True), (far, False)):
        client.sign_in(session, account)
        for address in ("/staff", "/staff/queue/licence.new"):
            answer = client.get(address)
            assert answer.status_code == 200
            assert ("Dhaulagiri Overseas" in answer.text) is sees, address
        assert client.get(f"/licensing/applications/{made.id}").status_code == (200 if sees else 404)


def test_a_queue_of_another_role_and_a_queue_that_is_not_there_are_both_not_found(client, session):
    client.sign_in(session, officer(session, StaffRole.IDENTITY_OFFICER))
    assert client.get("/staff/queue/licence.new").status_code == 404
    assert client.get("/staff/queue/nothing").status_code == 404
    home = client.get("/staff").text
    assert "Identity: something does not fit" in home
    assert "Licence applications" not in home


def test_a_queue_goes_on_on_its_next_page_and_a_spoilt_link_says_so(client, session, monkeypatch):
    monkeypatch.setattr(views, "PAGE", 2)
    reviewer = make.officer(session, StaffRole.LICENSING_OFFICER)[0]
    for number in range(3):
        make.submitted(
            session, name=f"Agency {'ABC'[number]}", native="",
            directors=[make.director(f"4-{number}", phone=f"+97798410002{number:02}")],
        )  # fmt: skip
    client.sign_in(session, reviewer)
    first = client.get("/staff/queue/licence.new").text
    following = re.search(r'href="([^"]*cursor=[^"]+)"', first)
    assert following
    second = client.get(following[1].replace("&amp;", "&")).text
    names = [[f"Agency {letter}" in page for letter in "ABC"] for page in (first, second)]
    assert names == [[True, True, False], [False, False, True]]
    assert "cursor=" not in second
    spoilt = client.get("/staff/queue/licence.new?cursor=nonsense")
    assert spoilt.status_code == 422
    assert "Start from the first page" in spoilt.text


def test_overdue_work_says_so_in_a_word(client, session, monkeypatch):
    today = legal_today(session)
    days = {"LATE": today - timedelta(days=1), "TODAY": today}
    name = literal_column("name", String)
    queue = Queue(
        "fake", "Fake", Permission.IDENTITY_REVIEW, keys=[name],
        query=lambda _actor: select(name).select_from(text("(VALUES ('LATE'), ('TODAY')) AS waiting (name)")),
        row=lambda row: QueueRow(row.name, "", None, days[row.name], "/staff"),
    )  # fmt: skip
    monkeypatch.setattr(views, "_offered", lambda name: [queue] if name == "QUEUES" else [])
    client.sign_in(session, officer(session, StaffRole.IDENTITY_OFFICER))
    lines = re.findall(r"<tr>.*?</tr>", client.get("/staff").text, re.S)
    overdue = {name: any(name in line and "overdue" in line for line in lines) for name in days}
    assert overdue == {"LATE": True, "TODAY": False}


@pytest.mark.parametrize("address", ["/staff", "/staff/search", "/staff/audit", "/staff/audit/export"])
def test_a_person_of_no_office_is_refused_and_a_stranger_is_sent_to_sign_in(client, session, address):
    assert client.get(address).status_code == 303
    client.sign_in(session, person(session))
    assert client.get(address).status_code == 403


def test_a_search_without_a_purpose_finds_nothing_and_says_what_is_missing(client, session):
    make.licensed(session, "Makalu Recruitment")
    client.sign_in(session, make.officer(session, StaffRole.LICENSING_OFFICER)[0])
    for purpose in ("", "curious"):
        answer = client.post_form("/staff/search", purpose=purpose, text="Makalu")
        assert answer.status_code == 422
        assert "Makalu Recruitment" not in answer.text
    assert searches(session) == []


def test_a_search_finds_shows_and_is_noted_with_its_purpose_and_without_what_was_looked_for(client, session):
    make.licensed(session, "Makalu Recruitment")
    account = make.officer(session, StaffRole.LICENSING_OFFICER)[0]
    client.sign_in(session, account)
    answer = client.post_form("/staff/search", purpose="complaint", text="Makalu Recruitment")
    assert answer.status_code == 200
    assert "Makalu Recruitment" in answer.text
    (note,) = searches(session)
    assert (note.actor_account_id, note.reason, note.evidence["found"]) == (account.id, "complaint", 1)
    assert "Makalu" not in str(note.evidence) + note.reason


def test_what_is_looked_for_is_not_taken_from_an_address(client, session):
    make.licensed(session, "Makalu Recruitment")
    client.sign_in(session, make.officer(session, StaffRole.LICENSING_OFFICER)[0])
    assert "Makalu Recruitment" not in client.get("/staff/search?purpose=complaint&text=Makalu+Recruitment").text
    assert searches(session) == []


def test_an_officer_of_another_office_finds_nothing(client, session):
    make.licensed(session, "Makalu Recruitment")
    far = make.office(session, "P8", parent=make.office(session))
    client.sign_in(session, make.officer(session, StaffRole.LICENSING_OFFICER, at=far)[0])
    answer = client.post_form("/staff/search", purpose="request", text="Makalu Recruitment")
    assert answer.status_code == 200
    assert "Nothing was found where you may look." in answer.text


def test_one_officers_searches_of_a_day_end_at_the_service_standard(client, session, monkeypatch):
    monkeypatch.setitem(deployment().policy, "searches_per_day", 2)
    client.sign_in(session, make.officer(session, StaffRole.LICENSING_OFFICER)[0])
    codes = [client.post_form("/staff/search", purpose="queue", text="Nobody").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert len(searches(session)) == 2


def test_a_role_that_may_not_search_is_refused(client, session):
    client.sign_in(session, officer(session, StaffRole.AIRPORT_OFFICER))
    assert client.get("/staff/search").status_code == 403
    assert client.post_form("/staff/search", purpose="queue", text="Makalu").status_code == 403
    assert searches(session) == []


@pytest.mark.parametrize(
    ("role", "pages"),
    [(StaffRole.AIRPORT_OFFICER, {"/staff/airport"}), (StaffRole.AUDITOR, {"/staff/audit"})],
)
def test_a_role_without_a_queue_is_led_to_its_own_pages(client, session, role, pages):
    client.sign_in(session, officer(session, role))
    main = client.get("/staff").text.split("<main")[1].split("</main>")[0]
    assert set(re.findall(r'class="card" href="([^"]+)"', main)) >= pages
    assert 'href="/staff"' not in main


def test_a_name_in_a_queue_keeps_its_full_stop_in_a_page_from_right_to_left(client, session):
    account, _actor = make.officer(session, StaffRole.LICENSING_OFFICER)
    make.submitted(session, name="Dhaulagiri Overseas Pvt. Ltd.")
    client.sign_in(session, account)
    assert "<bdi>Dhaulagiri Overseas Pvt. Ltd.</bdi>" in client.get("/staff").text
