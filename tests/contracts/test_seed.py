"""The demo's job orders: what waits has waited as long as its due day says."""

from datetime import date, timedelta
from random import Random
from uuid import UUID

from contracts import seed
from contracts.job_orders.status import JobOrderStatus
from core.ids import new_id
from core.world import World
from law.country import due_after


def test_an_order_that_waits_is_as_old_as_its_due_day_says(session):
    world = World(date(2026, 11, 28), Random(7), staff={"labour.officer": new_id()})
    employer = {"id": new_id(), "name": "Al Sadd Contracting", "country": "QA", "signatory": new_id()}
    rows = [seed._order(world, employer, UUID(int=1), new_id()) for _ in range(400)]
    waiting = [r for r in rows if r["status"] is JobOrderStatus.AGENCY_ACKNOWLEDGED]
    assert len(waiting) > 10
    for row in waiting:
        assert row["due_on"] == due_after(row["created_at"].date() + timedelta(1), "job_order_review_days")
        assert row["created_at"].date() > world.today - timedelta(15)
