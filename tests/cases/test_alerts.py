"""Somebody is in danger now: the officer sees whom to alert, and notes who was told, and when."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import ProgrammingError

from cases.queues import QUEUES
from cases.reports import alerts, officers, retention
from cases.reports.models import ReportAlert
from cases.reports.status import Category, ReportStatus
from core.audit import AuditEvent
from core.db import db_now, legal_zone
from core.errors import DomainError, NotVisible, TooLate
from core.permissions import StaffRole
from core.queues import fetch
from tests.agencies import factories as make
from tests.cases import factories as tell

DANGER = "Somebody is in danger now"


@pytest.fixture
def urgent(session):
    """A report of somebody in danger in Qatar, an officer's account and actor."""
    account, officer = tell.officer(session)
    report, _codename = tell.sent(session, in_danger=True, destination="QA")
    officers.take(session, officer, report.id)
    return report, account, officer


def form(now, **changes):
    here = now.astimezone(ZoneInfo(legal_zone()))
    return {
        "whom": "Police in Qatar",
        "day": f"{here:%Y-%m-%d}",
        "time": f"{here:%H:%M}",
        "outcome": "A car is sent.",
    } | changes


def test_the_danger_is_told_once_with_whom_to_alert_also_after_sorting(client, session, urgent):
    report, account, officer = urgent
    client.sign_in(session, account)
    address = f"/staff/reports/{report.id}"
    for _ in range(2):
        page = client.get(address).text
        assert page.count(f"{DANGER}</span>") == 1
        assert page.index("Police in Qatar") < page.index("Police in Nepal")
        assert "tel:999" in page
        assert "Police in Malaysia" not in page
        if report.status is ReportStatus.TRIAGE:
            officers.accept(session, officer, report.id, officers.Sort(Category.DANGER))
    other, _codename = tell.sent(session, "Nobody is in danger.")
    assert "Whom to alert" not in client.get(f"/staff/reports/{other.id}").text


def test_who_was_alerted_and_when_is_noted_sealed_and_logged_without_a_name(client, app, session, urgent):
    report, account, officer = urgent
    client.sign_in(session, account)
    address, queue = f"/staff/reports/{report.id}", next(q for q in QUEUES if q.name == "report.danger")
    with app.test_request_context():
        assert "nobody is alerted yet" in fetch(session, queue, officer, limit=5).rows[0].note
    now = db_now(session)
    assert client.post_form(f"{address}/alert", **form(now)).status_code == 303
    page = client.get(address).text
    assert "A car is sent." in page
    with app.test_request_context():
        assert "alerted" not in fetch(session, queue, officer, limit=5).rows[0].note
    made = session.scalars(select(ReportAlert)).one()
    assert (made.whom, made.noted_by, made.person_key_id) == ("Police in Qatar", account.id, report.person_key_id)
    assert made.alerted_at == now.replace(second=0, microsecond=0)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "alert")).one()
    assert "Police" not in str(event.evidence) + event.reason


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"whom": " "}, "Write who was alerted."),
        ({"time": "25:00"}, "Write the time like 10:30."),
        ({"time": ""}, "Write the time."),
        ({"day": "2099-01-01"}, "still to come"),
        ({"day": "2020-01-01"}, "The report came after this day."),
    ],
)
def test_a_note_that_cannot_be_true_is_refused(client, session, urgent, changes, word):
    report, account, _officer = urgent
    client.sign_in(session, account)
    refused = client.post_form(f"/staff/reports/{report.id}/alert", **form(db_now(session), **changes))
    assert refused.status_code == 422
    assert word in refused.text
    assert session.scalar(select(func.count()).select_from(ReportAlert)) == 0


def test_only_case_officers_of_the_office_note_and_nothing_is_noted_when_it_is_closed(client, session, urgent):
    report, _account, officer = urgent
    now = alerts.Alert("Police", db_now(session) - timedelta(seconds=5))
    for stranger in (make.reviewer(session), tell.case_officer(session, at=make.office(session, "P1"))):
        with pytest.raises(NotVisible):
            alerts.note(session, stranger, report.id, now)
    client.sign_in(session, make.officer(session, StaffRole.LICENSING_OFFICER)[0])
    assert client.post_form(f"/staff/reports/{report.id}/alert", **form(now.at)).status_code == 403
    officers.accept(session, officer, report.id, officers.Sort(Category.DANGER))
    officers.answer(session, officer, report.id, "We called.")
    officers.close(session, officer, report.id)
    with pytest.raises(TooLate):
        alerts.note(session, officer, report.id, now)
    with pytest.raises(DomainError):
        alerts.note(session, officer, report.id, alerts.Alert("", now.at))
    assert session.scalar(select(func.count()).select_from(ReportAlert)) == 0


def test_a_note_is_never_changed_and_goes_with_the_report(session, urgent):
    report, _account, officer = urgent
    made = alerts.note(session, officer, report.id, alerts.Alert("Police in Qatar", db_now(session), "They go there."))
    with pytest.raises(ProgrammingError), session.begin_nested():
        session.execute(update(ReportAlert).values(alerted_at=made.alerted_at - timedelta(1)))
    session.expire_all()
    officers.accept(session, officer, report.id, officers.Sort(Category.DANGER))
    officers.answer(session, officer, report.id, "We called.")
    officers.close(session, officer, report.id)
    report.closed_on -= timedelta(1825)
    session.flush()
    assert retention.destroy_old(session, 10) == 1
    session.expire_all()
    assert (made.whom, made.outcome) == (None, None)
