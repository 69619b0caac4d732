"""Reports and their differences, for pages and the CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import DomainError
from core.i18n import _l
from core.listing import Page, fetch_page
from remittance.reconciliation.models import ReconciliationDifference, ReconciliationReport
from remittance.reconciliation.status import DifferenceStatus

MAXIMUM = 20_000
COLUMNS = (
    "day",
    "account",
    "kind",
    "reference",
    "movement",
    "currency",
    "ours_minor",
    "theirs_minor",
    "status",
    "reason",
)


@dataclass(frozen=True, slots=True)
class DayRow:
    day: date
    accounts: int
    differences: int
    still_open: int


def days(session: Session, limit: int = 60) -> list[DayRow]:
    """The newest days with how much differs and how much of it is still open."""
    still = (
        select(func.count())
        .select_from(ReconciliationDifference)
        .where(
            ReconciliationDifference.report_id == ReconciliationReport.id,
            ReconciliationDifference.status == DifferenceStatus.OPEN,
        )
        .correlate(ReconciliationReport)
        .scalar_subquery()
    )
    rows = session.execute(
        select(ReconciliationReport.day, func.count(), func.sum(ReconciliationReport.differences), func.sum(still))
        .group_by(ReconciliationReport.day)
        .order_by(ReconciliationReport.day.desc())
        .limit(limit)
    )
    return [DayRow(day, int(count), int(total), int(left)) for day, count, total, left in rows]


def reports(session: Session, day: date) -> Sequence[ReconciliationReport]:
    """One row for each account and currency."""
    query = select(ReconciliationReport).where(ReconciliationReport.day == day)
    return session.scalars(query.order_by(ReconciliationReport.account).limit(200)).all()


def differences(
    session: Session, day: date, cursor: str | None = None, limit: int = 50
) -> Page[tuple[ReconciliationDifference, str]]:
    """Every difference of a day with its account, open and closed."""
    found = fetch_page(
        session,
        select(ReconciliationDifference, ReconciliationReport.account)
        .join(ReconciliationReport, ReconciliationReport.id == ReconciliationDifference.report_id)
        .where(ReconciliationReport.day == day),
        [ReconciliationDifference.created_at, ReconciliationDifference.id],
        cursor=cursor,
        limit=limit,
    )
    return Page([(r[0], r[1]) for r in found.rows], found.next_cursor)


def as_csv(session: Session, day: date) -> str:
    """Every account's sums and every difference of a day, amounts in minor units.

    :raises DomainError: when there are more rows than one file holds; nothing is cut silently.
    """
    found = differences(session, day, limit=MAXIMUM)
    if found.next_cursor:
        raise DomainError(_l("These are more rows than one file holds."))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for r in reports(session, day):
        writer.writerow([day, r.account, "sum", "", "", r.currency, r.ours_minor, r.theirs_minor, "", ""])
    for d, account in found.rows:
        row = [day, account, d.kind, d.reference, d.movement, d.currency, d.ours_minor, d.theirs_minor, d.status]
        writer.writerow([*row, _text(d.closed_reason)])
    return out.getvalue()


def _text(value: str) -> str:
    """A cell that begins like a formula is kept from being one."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
