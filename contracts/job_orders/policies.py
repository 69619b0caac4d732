"""Who may see or do what to which job order."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.registration.models import Agency
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import JobOrderStatus
from core.actor import Actor
from core.errors import NotVisible
from core.permissions import ClerkRight, Permission, SubjectKind


def is_employer_of(actor: Actor, order: JobOrder, right: ClerkRight | None = None) -> bool:
    return actor.acts_for(SubjectKind.EMPLOYER, order.employer_id, right)


def handed_in(order: JobOrder) -> bool:
    """Whether others than the employer may know of it; what was given up as a draft never was."""
    return order.status is not JobOrderStatus.DRAFT and order.signed_at is not None


def is_agency_of(actor: Actor, order: JobOrder, right: ClerkRight | None = None) -> bool:
    """The agency named in the order, once the employer has signed: a draft is the employer's own."""
    return handed_in(order) and actor.acts_for(SubjectKind.AGENCY, order.agency_id, right)


def office_of(session: Session, order: JobOrder) -> UUID:
    """The office whose area a job order belongs to: its agency's."""
    return session.scalars(select(Agency.office_id).where(Agency.id == order.agency_id)).one()


def may_see(session: Session, actor: Actor, order: JobOrder) -> bool:
    if is_employer_of(actor, order) or is_agency_of(actor, order):
        return True
    return handed_in(order) and actor.can(Permission.JOB_ORDER_APPROVE, office_of(session, order))


def find(session: Session, actor: Actor, job_order_id: UUID, *, lock: bool = False) -> JobOrder:
    """A job order that the actor may see.

    :raises NotVisible: when there is none for this actor.
    """
    order = session.get(JobOrder, job_order_id, with_for_update=lock, populate_existing=lock)
    if order is None or not may_see(session, actor, order):
        raise NotVisible
    return order


def find_to_read(session: Session, actor: Actor, job_order_id: UUID) -> JobOrder:
    """A job order for a page that changes nothing: once the employer has signed, the auditor reads it too.

    :raises NotVisible: when there is none for this actor.
    """
    order = session.get(JobOrder, job_order_id)
    if order is not None and handed_in(order) and actor.can(Permission.AUDIT_READ, office_of(session, order)):
        return order
    return find(session, actor, job_order_id)
