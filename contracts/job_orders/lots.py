"""Job orders of one agency and one employer that belong together: a lot split to stay under a threshold is summed."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from agencies.insider.lots import Lot, needs_second, summed
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import WITH_PEOPLE, JobOrderStatus
from core.db import legal_day
from law.country import deployment


@dataclass(frozen=True, slots=True)
class Together:
    """What one job order comes to with the others of its pair within the policy's days."""

    workers: int
    others: int
    days: int
    line: int
    needs_second: bool

    def as_evidence(self) -> dict[str, Any]:
        return {"workers": self.workers, "others": self.others, "days": self.days, "line": self.line}


def together(session: Session, order: JobOrder, today: date) -> Together:
    """The lots of this pair: this job order, those approved within the policy's days, and those that wait for the
    second approver. The caller holds the employer's lock where a decision hangs on it.
    """
    days, line = (int(deployment().standard(n)) for n in ("lot_days", "lot_second_approver_from"))
    rows = session.execute(
        select(JobOrder.approved_at, JobOrder.headcount).where(
            JobOrder.agency_id == order.agency_id,
            JobOrder.employer_id == order.employer_id,
            JobOrder.id != order.id,
            or_(
                JobOrder.status.in_(WITH_PEOPLE)
                # A day more than is counted: legal days are told apart below.
                & (JobOrder.approved_at > func.now() - timedelta(days=days + 2)),
                JobOrder.status == JobOrderStatus.SECOND_CHECK,
            ),
        )
    ).all()
    others = [Lot(legal_day(at) if at else today, workers) for at, workers in rows]
    lots = [*others, Lot(today, order.headcount)]
    workers = summed(lots, today, days=days)
    return Together(workers, workers - order.headcount, days, line, needs_second(lots, today))
