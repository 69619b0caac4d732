"""Who may see or do what to which remittance. Agencies and employers never see one; clearance never asks for one."""

from uuid import UUID

from sqlalchemy import ColumnElement, false, true

from core.actor import Actor
from core.permissions import Permission, SubjectKind
from remittance.orders.models import Remittance

STAFF = (Permission.REMITTANCE_OPERATE, Permission.REFUND_APPROVE, Permission.SCREENING_REVIEW)


def is_own(actor: Actor, migrant_id: UUID) -> bool:
    return migrant_id in actor.subjects(SubjectKind.MIGRANT)


def is_operator(actor: Actor) -> bool:
    """Remittance staff work for the whole country: money does not go through districts."""
    return any(actor.can(p) for p in STAFF)


def may_handle(actor: Actor, migrant_id: UUID) -> bool:
    """Staff, but never in their own matter."""
    return is_operator(actor) and not is_own(actor, migrant_id)


def visible(actor: Actor) -> ColumnElement[bool]:
    """As a WHERE clause: one's own, or all but one's own for remittance staff."""
    own = actor.subjects(SubjectKind.MIGRANT)
    if is_operator(actor):
        return Remittance.migrant_id.not_in(own) if own else true()
    return Remittance.migrant_id.in_(own) if own else false()
