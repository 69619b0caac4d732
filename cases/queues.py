"""What this package offers to the staff home. A line tells a day and a kind, never a word of a report."""

from typing import Any

from flask import url_for

from cases.reports import queries
from cases.reports.models import LicensingReferral, Report
from cases.reports.status import CATEGORY_TITLES, REFERRAL_TITLES, Category, ReportStatus
from core.db import legal_day
from core.i18n import _l, _n
from core.i18n import gettext as _
from core.permissions import Permission
from core.queues import Queue, QueueRow
from law.country import due_after

P, S = Permission, ReportStatus


def _note(row: Any) -> str:
    age = _n("waits one day", "waits %(num)s days", row.days) if row.days else str(_l("came today"))
    if row.alerted or not (row.in_danger or row.category is Category.DANGER):
        return age
    return _("%(age)s; nobody is alerted yet", age=age)


def _row(row: Any) -> QueueRow:
    return QueueRow(
        reference=row.reference,
        label=str(CATEGORY_TITLES.get(row.category, _l("Report"))),
        # The day alone is known of a report; its age stands in the note.
        received_at=None,
        due_on=due_after(row.since, "report_danger_days" if row.in_danger else "report_review_days"),
        url=url_for("cases.report", report_id=row.id),
        note=_note(row),
    )


def _reports(name: str, title: Any, *tests: Any) -> Queue:
    return Queue(
        name,
        title,
        P.REPORT_READ,
        query=lambda actor: queries.waiting(actor, *tests),
        keys=(Report.received_on, Report.id),
        row=_row,
    )


def _referral_row(row: Any) -> QueueRow:
    return QueueRow(
        reference=row.reference,
        label=str(_l("Note from a report")),
        received_at=row.created_at,
        due_on=due_after(legal_day(row.created_at), "review_days"),
        url=url_for("referrals.show", referral_id=row.id),
        note=str(REFERRAL_TITLES[row.status]),
    )


QUEUES = (
    _reports(
        "report.danger", _l("Somebody is in danger now"), Report.in_danger, Report.status.in_([S.RECEIVED, S.TRIAGE])
    ),
    _reports("report.new", _l("Reports to take"), Report.status == S.RECEIVED, Report.in_danger.is_(False)),
    _reports("report.triage", _l("Reports to sort"), Report.status == S.TRIAGE, Report.in_danger.is_(False)),
    _reports(
        "report.added",
        _l("Reporters who have added something"),
        Report.unread_since.is_not(None),
        Report.status != S.RECEIVED,
    ),
    _reports("report.answer", _l("Reports to answer"), Report.status.in_([S.ACCEPTED, S.REDIRECTED])),
    _reports("report.closing", _l("“Not for us”, to confirm"), Report.status == S.CLOSING),
    Queue(
        "referral.open",
        _l("Notes from reports"),
        P.REFERRAL_HANDLE,
        query=queries.referrals_waiting,
        keys=(LicensingReferral.created_at, LicensingReferral.id),
        row=_referral_row,
    ),
)
SEARCHES = ()
