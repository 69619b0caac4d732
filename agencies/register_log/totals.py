"""What happened on each day: counted from the leaves, and once more from the audit log."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Date, case, cast, func, or_, select
from sqlalchemy.orm import Session

from agencies.licensing.status import ApplicationStatus, LicenceStatus
from agencies.register_log.models import RegisterEvent
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SanctionKind, SanctionStatus
from core.audit import AuditEvent
from core.db import legal_zone
from core.i18n import _l

MOST_DAYS = 92


class Counted(StrEnum):
    """What is counted, by the word in the log."""

    ISSUED = "issued"
    RENEWED = "renewed"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SURRENDERED = "surrendered"
    BLACKLISTED = "blacklisting_ordered"
    UNLISTED = "blacklisting_lifted"


COUNTED = frozenset(str(c) for c in Counted)
COUNTED_TITLES = {
    Counted.ISSUED: _l("Licences issued"),
    Counted.RENEWED: _l("Licences renewed"),
    Counted.SUSPENDED: _l("Suspended"),
    Counted.REINSTATED: _l("Suspension ended"),
    Counted.EXPIRED: _l("Expired"),
    Counted.CANCELLED: _l("Cancelled"),
    Counted.SURRENDERED: _l("Given up by the agency"),
    Counted.BLACKLISTED: _l("Blacklisted"),
    Counted.UNLISTED: _l("Taken off the blacklist"),
}


@dataclass
class Day:
    """One day. ``log`` counts leaves of decisions made here, ``audit`` the decisions in the audit log, ``imported``
    leaves that were taken over. ``approved`` is from the audit log: an approval is no leaf, the licence follows it."""

    day: date
    approved: int = 0
    log: dict[Counted, int] = field(default_factory=lambda: defaultdict(int))
    audit: dict[Counted, int] = field(default_factory=lambda: defaultdict(int))
    imported: int = 0

    @property
    def differences(self) -> list[tuple[Counted, int, int]]:
        """What the two do not count alike: what, in the log, in the audit log."""
        return [(c, self.log[c], self.audit[c]) for c in Counted if self.log[c] != self.audit[c]]


def _day(moment: Any) -> ColumnElement[date]:
    return cast(func.timezone(legal_zone(), moment), Date)


def totals(session: Session, first: date, last: date) -> list[Day]:
    """Every day with something on it, newest first."""
    last = min(last, first + timedelta(days=MOST_DAYS - 1))
    days: dict[date, Day] = {}
    for day, event, imported, count in _events(session, first, last):
        row = days.setdefault(day, Day(day))
        if imported:
            row.imported += count
        elif event in COUNTED:
            row.log[Counted(event)] += count
    for day, event, count in _decisions(session, first, last):
        row = days.setdefault(day, Day(day))
        if event == "approved":
            row.approved += count
        else:
            row.audit[Counted(event)] += count
    return [days[day] for day in sorted(days, reverse=True)]


def _events(session: Session, first: date, last: date) -> list[tuple[date, str, bool, int]]:
    day = _day(RegisterEvent.recorded_at).label("day")
    query = (
        select(day, RegisterEvent.event, RegisterEvent.imported, func.count())
        .where(day.between(first, last))
        .group_by(day, RegisterEvent.event, RegisterEvent.imported)
    )
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(query)]


def _decisions(session: Session, first: date, last: date) -> list[tuple[date, str, int]]:
    """Decisions by the day of the leaf in the same transaction, so that midnight between the two makes no difference."""
    recorded = (
        select(RegisterEvent.xid.label("xid"), func.min(RegisterEvent.recorded_at).label("at"))
        .group_by(RegisterEvent.xid)
        .subquery()
    )
    day = _day(func.coalesce(recorded.c.at, AuditEvent.at)).label("day")
    what = _what().label("what")
    query = (
        select(day, what, func.count())
        .select_from(AuditEvent)
        .outerjoin(recorded, recorded.c.xid == AuditEvent.xid)
        .outerjoin(Sanction, (AuditEvent.subject_kind == "sanction") & (Sanction.id == AuditEvent.subject_id))
        .where(AuditEvent.subject_kind.in_(["licence", "sanction", "licence_application"]), what.is_not(None))
        .where(AuditEvent.at.between(first - timedelta(days=2), last + timedelta(days=3)), day.between(first, last))
        .group_by(day, what)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def _what() -> ColumnElement[str]:
    """Which count an audit row belongs to, by the state that it leads to: a new action needs no new line here."""
    licence, sanction = AuditEvent.subject_kind == "licence", AuditEvent.subject_kind == "sanction"
    barred = sanction & (Sanction.kind == SanctionKind.BLACKLISTING)
    ended = [LicenceStatus.SUSPENDED, LicenceStatus.EXPIRED, LicenceStatus.CANCELLED, LicenceStatus.SURRENDERED]
    return case(
        (licence & (AuditEvent.action == "issue"), "issued"),
        (licence & (AuditEvent.action == "renew"), "renewed"),
        (licence & (AuditEvent.to_status == LicenceStatus.ACTIVE), "reinstated"),
        (licence & or_(*[AuditEvent.to_status == s for s in ended]), AuditEvent.to_status),
        (barred & (AuditEvent.to_status == SanctionStatus.IN_FORCE), "blacklisting_ordered"),
        (barred & (AuditEvent.to_status == SanctionStatus.LIFTED), "blacklisting_lifted"),
        (
            (AuditEvent.subject_kind == "licence_application")
            & (AuditEvent.to_status == ApplicationStatus.SECURITY_PENDING),
            "approved",
        ),
    )
