"""Queued work and schedules of this package."""

import structlog
from sqlalchemy.orm import Session

from cases.reports import arrivals, retention
from core.jobs import every

log = structlog.get_logger()
BATCH = 200


@every("30 18 * * *", "cases.count_arrivals")
def count_arrivals(session: Session) -> int:
    """After midnight in the country's zone: yesterday's reports go into the log by their number."""
    for difference in arrivals.check_arrivals(session):
        log.error("reports differ from their count", day=difference.day.isoformat())
    return arrivals.count_arrivals(session)


@every("35 18 * * *", "cases.destroy_old_reports")
def destroy_old_reports(session: Session) -> int:
    """What old reports say goes, some time after their closing; gives how many. May run twice."""
    return retention.destroy_old(session, BATCH)
