"""Who may see or change which agency. What one may not see does not exist (404)."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from agencies.insider import ties
from agencies.registration.models import Agency
from core.actor import Actor
from core.errors import Denied, NotVisible
from core.i18n import _l
from core.permissions import ClerkRight, Permission, SubjectKind

# Whoever holds one of these sees the agencies of the offices that it reaches.
STAFF_SIGHT = (
    Permission.LICENCE_REVIEW,
    Permission.LICENCE_APPROVE,
    Permission.SECURITY_RECORD,
    Permission.SANCTION_PROPOSE,
    Permission.SANCTION_DECIDE,
    Permission.SANCTION_APPEAL,
    Permission.AUDIT_READ,
)


def visible(actor: Actor, *permissions: Permission) -> ColumnElement[bool]:
    """Agencies that the actor may see: the own ones, and for staff those of the offices in reach."""
    offices: frozenset[UUID] = frozenset().union(*(actor.offices(p) for p in permissions or STAFF_SIGHT))
    tests: list[ColumnElement[bool]] = []
    if offices:
        tests.append(Agency.office_id.in_(offices))
    own = actor.subjects(SubjectKind.AGENCY)
    if own and not permissions:
        tests.append(Agency.id.in_(own))
    return or_(*tests) if tests else false()


def find(session: Session, actor: Actor, agency_id: UUID, *, lock: bool = False) -> Agency:
    """The agency, locked when it is to be changed.

    :raises NotVisible: when the actor may not see it.
    """
    query = select(Agency).where(Agency.id == agency_id, visible(actor))
    if lock:
        query = query.with_for_update(of=Agency)
    agency = session.scalars(query).one_or_none()
    if agency is None:
        raise NotVisible
    return agency


def find_own(
    session: Session, actor: Actor, agency_id: UUID, right: ClerkRight | None = None, *, lock: bool = False
) -> Agency:
    """The agency that the actor acts for, with the right.

    :raises NotVisible: when the actor does not act for it.
    :raises Denied: when the owner has not given this right.
    """
    if not actor.acts_for(SubjectKind.AGENCY, agency_id):
        raise NotVisible
    if not actor.acts_for(SubjectKind.AGENCY, agency_id, right):
        raise Denied(_l("The owner of the agency has not given you this right."))
    query = select(Agency).where(Agency.id == agency_id)
    agency = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if agency is None:
        raise NotVisible
    return agency


def has_conflict(session: Session, account_id: UUID, agency_id: UUID) -> bool:
    """Whether an officer has any tie to this agency, declared or seen."""
    return account_id in ties.tied(session, [account_id], agency_id)


def refuse_conflict(session: Session, actor: Actor, agency_id: UUID) -> None:
    """
    :raises Denied: when the officer belongs, or belonged, to the agency, or has another tie to it.
    """
    words = tie_words(session, actor, agency_id)
    if words is not None:
        raise Denied(words)


def tie_words(session: Session, actor: Actor, agency_id: UUID) -> Any:
    """Why this officer does nothing for this agency, for the page that shows it in place of a button; None without a tie."""
    account_id = actor.require_account()
    if account_id in ties.belongs(session, [account_id], agency_id):
        return _l("You are, or were, one of this agency’s people. Another officer must do this.")
    if has_conflict(session, account_id, agency_id):
        return _l("There is a tie between you and this agency. Another officer must do this.")
    return None
