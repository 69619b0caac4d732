"""Who may see or do what to which migrant's record."""

from uuid import UUID

from sqlalchemy import ColumnElement, false, or_

from core.actor import Actor
from core.permissions import Permission, SubjectKind
from migrants.registration.models import Migrant
from migrants.registration.status import MigrantStatus

IDENTITY = (Permission.IDENTITY_REVIEW, Permission.IDENTITY_APPROVE, Permission.RECOVERY_CONFIRM)


def is_own(actor: Actor, migrant: Migrant) -> bool:
    """Whether the record is the actor's own."""
    return migrant.id in actor.subjects(SubjectKind.MIGRANT) or (
        actor.account_id is not None and migrant.account_id == actor.account_id
    )


def may_review(actor: Actor, migrant: Migrant, permission: Permission = Permission.IDENTITY_REVIEW) -> bool:
    """An officer of the record's area; never of the own record, never of a child's file."""
    if migrant.status is MigrantStatus.PROTECTION or is_own(actor, migrant):
        return False
    return actor.can(permission, migrant.office_id)


def may_close_passed(actor: Actor, migrant: Migrant, passed_by: UUID | None) -> bool:
    """What a reviewer passed on is an approver's, and another person's than the reviewer's own."""
    return actor.can(Permission.IDENTITY_APPROVE, migrant.office_id) and actor.account_id != passed_by


def may_protect(actor: Actor, migrant: Migrant) -> bool:
    """Child protection reaches every office, and only the records that were sent to it."""
    if migrant.status is not MigrantStatus.PROTECTION or is_own(actor, migrant):
        return False
    return actor.can(Permission.CHILD_PROTECTION, migrant.office_id)


def visible_to_staff(actor: Actor) -> ColumnElement[bool]:
    """As a WHERE clause: the records of the areas that the actor's identity roles reach."""
    offices = frozenset().union(*(actor.offices(p) for p in IDENTITY))
    children = actor.offices(Permission.CHILD_PROTECTION)
    tests: list[ColumnElement[bool]] = []
    if offices:
        # A child's file is for child protection alone.
        tests.append(Migrant.office_id.in_(offices) & (Migrant.status != MigrantStatus.PROTECTION))
    if children:
        tests.append(Migrant.office_id.in_(children) & (Migrant.status == MigrantStatus.PROTECTION))
    return or_(*tests) if tests else false()
