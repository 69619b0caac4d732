"""Somebody is in danger now: who can help at once, and the note of who was told, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from cases.reports.models import Report, ReportAlert
from cases.reports.policies import find
from cases.reports.status import REPORT, Category, ReportStatus
from core import audit
from core.accounts import account_names
from core.actor import Actor
from core.db import db_now, legal_day
from core.errors import DomainError, TooLate
from core.i18n import _l
from core.permissions import Permission
from law.country import Contact, contacts_in, deployment


@dataclass(frozen=True, slots=True)
class Alert:
    """``at``: when somebody was told; ``outcome``: what they said or did, if anything yet."""

    whom: str
    at: datetime
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class AlertRow:
    at: datetime
    whom: str
    outcome: str
    officer: str


def is_urgent(report: Report) -> bool:
    """Whether the reporter or an officer says that somebody is in danger now."""
    return report.in_danger or report.category is Category.DANGER


def whom(destination: str) -> list[Contact]:
    """Who can help at once: in the country that the report names, then at home."""
    return contacts_in(*dict.fromkeys([destination, deployment().code]))


def note(session: Session, actor: Actor, report_id: UUID, command: Alert) -> ReportAlert:
    """Write down who was alerted.

    :raises DomainError: without a name, or for a moment that is still to come or lies before the report.
    :raises TooLate: when the report is closed.
    """
    report = find(session, actor, report_id, lock=True)
    actor.require(Permission.REPORT_READ, report.office_id)
    if report.status is ReportStatus.CLOSED:
        raise TooLate(_l("This report is closed. Open it again first."))
    if not command.whom.strip():
        raise DomainError(_l("Write who was alerted."), field="whom")
    if command.at > db_now(session):
        raise DomainError(_l("This moment is still to come."), field="day")
    if legal_day(command.at) < report.received_on:
        raise DomainError(_l("The report came after this day."), field="day")
    made = ReportAlert(
        person_key_id=report.person_key_id, report_id=report.id, alerted_at=command.at, noted_by=actor.require_account()
    )
    made.whom, made.outcome = command.whom.strip(), command.outcome.strip()
    session.add(made)
    session.flush()
    audit.record(
        session, actor, subject=(REPORT.name, report.id), action="alert",
        evidence={"alert_id": made.id, "alerted_at": command.at},
    )  # fmt: skip
    return made


def of_report(session: Session, report_id: UUID) -> Sequence[AlertRow]:
    """Who was told so far, in order; the caller has asked the policy."""
    rows = session.scalars(
        select(ReportAlert)
        .where(ReportAlert.report_id == report_id)
        .order_by(ReportAlert.alerted_at, ReportAlert.id)
        .limit(100)
    ).all()
    people = account_names(session, {r.noted_by for r in rows})
    return [AlertRow(r.alerted_at, r.whom or "", r.outcome or "", people.get(r.noted_by, "")) for r in rows]


def told() -> ColumnElement[bool]:
    """Whether anybody was alerted, as a column of a query on :class:`Report`."""
    return exists().where(ReportAlert.report_id == Report.id)
