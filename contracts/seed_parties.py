"""Made-up agents abroad in job orders of the demo: one like a barred one, for the officer who approves, and one like nobody."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.job_orders.agents import AgentAbroad
from contracts.job_orders.models import JobOrder
from contracts.job_orders.services import document
from contracts.job_orders.status import JobOrderStatus
from core.world import World

# The first is written nearly as the agent that agencies/seed_proceedings.py bars.
NAMES = {
    JobOrderStatus.AGENCY_ACKNOWLEDGED: ("Pearl Man Power", "CR 300411"),
    JobOrderStatus.APPROVED: ("Corniche Staffing Services", "CR 300502"),
}


def demo(session: Session, world: World) -> None:
    """The newest job order in each of two states names its employer's agent abroad, as the employer signed it."""
    for status, (name, number) in NAMES.items():
        order = session.scalars(
            select(JobOrder).where(JobOrder.status == status).order_by(JobOrder.created_at.desc(), JobOrder.id).limit(1)
        ).one_or_none()
        if order is not None:
            order.agent_abroad = AgentAbroad(name, order.destination, number).as_data()
            order.signed_document = document(order)
    session.flush()
    world.progress("agents abroad")
