"""Departures as the renewal of a licence counts them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from agencies.renewal import activity
from agencies.renewal.activity import Span
from contracts.clearance.models import DepartureClearance
from contracts.clearance.status import ClearanceStatus
from contracts.departures import departed
from core.db import legal_today, legal_zone
from tests.contracts.test_clearance import reviewed


def test_the_package_below_asks_this_one():
    assert activity._counters == [departed]


def test_only_workers_who_departed_are_counted_by_the_legal_day(session: Session):
    clearance, _actor, scene, reviewer = reviewed(session)
    agency, today = scene.agency_record.id, legal_today(session)
    yesterday = today - timedelta(days=1)
    spans = [Span(today, today), Span(yesterday, yesterday), Span(today - timedelta(days=364), today)]
    assert activity.departed(session, agency, spans) == [0, 0, 0]
    # Ten minutes after midnight in the country's zone: by the clock of the server it is still the day before.
    at = datetime.combine(today, datetime.min.time(), ZoneInfo(legal_zone())) + timedelta(minutes=10)
    assert at.astimezone(UTC).date() == yesterday
    session.execute(
        update(DepartureClearance)
        .where(DepartureClearance.id == clearance.id)
        .values(
            status=ClearanceStatus.DEPARTED, departed_at=at, granted_by=scene.employer.account_id,
            valid_until=today,
        )
    )  # fmt: skip
    assert reviewer.account_id != scene.employer.account_id
    assert departed(session, agency, spans) == [1, 0, 1]
    assert departed(session, scene.employer_record.id, spans) == [0, 0, 0]
    assert departed(session, agency, []) == []
