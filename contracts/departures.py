"""Departures of an agency's workers, counted for the renewal of its licence in the package below."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agencies.renewal import activity
from agencies.renewal.activity import Span
from contracts.clearance.models import DepartureClearance
from contracts.clearance.status import ClearanceStatus
from contracts.job_orders.models import JobOrder
from core.db import legal_zone


def departed(session: Session, agency_id: UUID, spans: Sequence[Span]) -> list[int]:
    """How many workers under the agency's job orders departed in each span of legal days: written down at the airport."""
    if not spans:
        return []
    zone, at = ZoneInfo(legal_zone()), DepartureClearance.departed_at
    counts = [
        func.count().filter(
            at >= datetime.combine(s.first, time(), zone),
            at < datetime.combine(s.last + timedelta(days=1), time(), zone),
        )
        for s in spans
    ]
    query = (
        select(*counts)
        .select_from(DepartureClearance)
        .join(JobOrder, JobOrder.id == DepartureClearance.job_order_id)
        .where(JobOrder.agency_id == agency_id, DepartureClearance.status == ClearanceStatus.DEPARTED)
    )
    return [int(n) for n in session.execute(query).one()]


activity.offer(departed)
