"""Arrivals are sealed by their count: nothing is logged when a report comes, and each night the log takes how many came.

The row holds the day, the number and a Merkle root over the reports' random ids: a report that somebody takes out later
is missed, and no row of the log tells at which minute one came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cases.reports.models import Report, ReportMessage
from cases.reports.status import Speaker
from core import audit, merkle
from core.actor import SYSTEM
from core.audit import AuditEvent
from core.db import legal_today

SUBJECT = "report_day"


def _day(session: Session, day: date) -> dict[str, Any]:
    ids = session.scalars(select(Report.id).where(Report.received_on == day)).all()
    added = session.scalars(
        select(ReportMessage.id).where(ReportMessage.written_on == day, ReportMessage.speaker == Speaker.REPORTER)
    ).all()
    leaves = sorted(sha256(i.bytes).digest() for i in (*ids, *added))
    return {"day": day.isoformat(), "reports": len(ids), "added": len(added), "root": merkle.root_of(leaves).hex()}


def count_arrivals(session: Session) -> int:
    """Write the count of every day that has ended and is not counted yet; gives how many days. May run twice."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('openpassage.reports.count'))"))
    counted = _counted(session)
    first = session.scalar(select(func.min(Report.received_on)))
    if first is None and not counted:
        return 0
    day = max(counted) + timedelta(1) if counted else first
    assert day is not None
    written = 0
    while day < legal_today(session):
        audit.record(session, SYSTEM, subject=(SUBJECT, None), action="count", evidence=_day(session, day))
        day, written = day + timedelta(1), written + 1
    return written


def _counted(session: Session) -> dict[date, dict[str, Any]]:
    rows = session.scalars(
        select(AuditEvent.evidence).where(AuditEvent.subject_kind == SUBJECT, AuditEvent.action == "count")
    )
    return {date.fromisoformat(row["day"]): row for row in rows}


@dataclass(frozen=True, slots=True)
class Difference:
    """A day whose reports are not the ones that were counted."""

    day: date
    counted: int
    found: int


def check_arrivals(session: Session) -> Sequence[Difference]:
    """Compare every counted day with the reports that are there now."""
    found = []
    for day, row in sorted(_counted(session).items()):
        now = _day(session, day)
        if now != row:
            found.append(Difference(day, row["reports"] + row["added"], now["reports"] + now["added"]))
    return found
