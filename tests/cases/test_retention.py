"""Some years after its closing nobody reads what a report said; that there was one stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cases.reports import officers, queries, retention, services
from cases.reports.models import Report
from cases.reports.status import Category, ReportStatus
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import NotVisible, TooLate
from tests.cases import factories as make

KEPT = 1825  # law/common/policy.json, report_keep_days


@pytest.fixture
def closed(session):
    """A report that was answered and closed; its codename and the officer's account."""
    account, officer = make.officer(session)
    report, codename = make.sent(session, words="A man at the bus park keeps passports.")
    officers.take(session, officer, report.id)
    officers.accept(session, officer, report.id, officers.Sort(Category.UNLICENSED))
    officers.answer(session, officer, report.id, "Thank you. We look at it.")
    officers.close(session, officer, report.id)
    return report, codename, account, officer


def test_what_a_report_said_goes_with_its_time_and_everything_that_led_to_it(client, session, closed):
    report, codename, account, officer = closed
    assert report.closed_on == legal_today(session)
    assert retention.destroy_old(session, 10) == 0
    assert services.thread(session, codename)
    twin, _codename = make.sent(session, words="Another report of the same days.")
    report.closed_on -= timedelta(KEPT)
    session.flush()
    assert (retention.destroy_old(session, 10), retention.destroy_old(session, 10)) == (1, 0)
    session.expire_all()
    assert (report.words, report.facts, report.phone_index, report.name_hashes) == (None, None, None, [])
    assert (report.status, report.category, report.received_on) == (
        ReportStatus.CLOSED, Category.UNLICENSED, legal_today(session),
    )  # fmt: skip
    with pytest.raises(NotVisible):
        services.thread(session, codename)
    with pytest.raises(TooLate):
        officers.reopen(session, officer, report.id)
    assert twin.words == "Another report of the same days."
    seen = queries.file(session, officer, report.id)
    assert (seen.words, seen.facts, {m.text for m in seen.messages}) == ("", {}, {""})
    (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "destroy")).all()
    assert "passport" not in str(event.evidence)
    client.sign_in(session, account)
    page = client.get(f"/staff/reports/{report.id}")
    assert page.status_code == 200
    assert "was destroyed on" in page.text
    assert "bus park" not in page.text


def test_a_report_that_is_opened_again_is_kept_and_its_time_begins_anew(session, closed):
    report, codename, _account, officer = closed
    report.closed_on -= timedelta(KEPT)
    officers.reopen(session, officer, report.id)
    assert (report.closed_on, retention.destroy_old(session, 10)) == (None, 0)
    assert services.thread(session, codename)
    assert session.scalars(select(Report.destroyed_on)).all() == [None]
