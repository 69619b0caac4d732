"""Lists of job orders."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.registration.models import Agency
from contracts.employers.models import Employer
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import WITH_THE_MINISTRY, JobOrderStatus
from core.actor import Actor
from core.listing import AnySelect
from core.permissions import Permission


def of_employer(session: Session, employer_id: UUID, limit: int = 100) -> list[JobOrder]:
    query = (
        select(JobOrder).where(JobOrder.employer_id == employer_id).order_by(JobOrder.created_at.desc()).limit(limit)
    )
    return list(session.scalars(query))


def of_agency(session: Session, agency_id: UUID, limit: int = 100) -> list[Any]:
    """Signed job orders that name this agency, with the employer's name."""
    return list(
        session.execute(
            select(JobOrder, Employer.name.label("employer"))
            .join(Employer, Employer.id == JobOrder.employer_id)
            .where(
                JobOrder.agency_id == agency_id,
                JobOrder.status != JobOrderStatus.DRAFT,
                JobOrder.signed_at.is_not(None),
            )
            .order_by(JobOrder.created_at.desc())
            .limit(limit)
        ).all()
    )


def waiting(actor: Actor) -> AnySelect:
    """Job orders of the actor's area that wait for an officer; not for the one who approved first."""
    own = select(Agency.id).where(Agency.office_id.in_(actor.offices(Permission.JOB_ORDER_APPROVE)))
    return (
        select(JobOrder.id, JobOrder.reference, JobOrder.created_at, JobOrder.due_on, Employer.name.label("employer"))
        .join(Employer, Employer.id == JobOrder.employer_id)
        .where(
            JobOrder.status.in_(WITH_THE_MINISTRY),
            JobOrder.agency_id.in_(own),
            JobOrder.first_approved_by.is_distinct_from(actor.account_id),
        )
    )
