"""Who may see or do what to which employer."""

from uuid import UUID

from sqlalchemy.orm import Session

from contracts.employers.models import Employer
from core.actor import Actor
from core.errors import NotVisible
from core.permissions import ClerkRight, Permission, SubjectKind


def is_mission_of(actor: Actor, employer: Employer) -> bool:
    """An officer posted to the mission whose area covers the employer's country."""
    return actor.can(Permission.EMPLOYER_VERIFY, employer.mission_id) and employer.country in actor.destinations(
        Permission.EMPLOYER_VERIFY
    )


def may_accredit(actor: Actor, employer: Employer) -> bool:
    """An officer of an office whose area holds the mission of the employer's country."""
    return actor.can(Permission.EMPLOYER_ACCREDIT, employer.mission_id)


def may_see(actor: Actor, employer: Employer) -> bool:
    return (
        actor.acts_for(SubjectKind.EMPLOYER, employer.id)
        or is_mission_of(actor, employer)
        or may_accredit(actor, employer)
    )


def find(session: Session, actor: Actor, employer_id: UUID, *, lock: bool = False) -> Employer:
    """An employer that the actor may see.

    :raises NotVisible: when there is none for this actor.
    """
    employer = session.get(Employer, employer_id, with_for_update=lock, populate_existing=lock)
    if employer is None or not may_see(actor, employer):
        raise NotVisible
    return employer


def find_own(session: Session, actor: Actor, *, right: ClerkRight | None = None, lock: bool = False) -> Employer:
    """The employer that the actor acts for.

    :raises NotVisible: when the actor acts for none, or lacks the right there.
    """
    own = actor.subject(SubjectKind.EMPLOYER)
    if own is None or not actor.acts_for(SubjectKind.EMPLOYER, own, right):
        raise NotVisible
    return session.get_one(Employer, own, with_for_update=lock, populate_existing=lock)


def find_to_read(session: Session, actor: Actor, employer_id: UUID) -> Employer:
    """An employer for a page that changes nothing: the auditor reads it too.

    :raises NotVisible: when there is none for this actor.
    """
    employer = session.get(Employer, employer_id)
    if employer is not None and actor.can(Permission.AUDIT_READ, employer.mission_id):
        return employer
    return find(session, actor, employer_id)
