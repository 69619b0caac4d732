"""Who may invite, post and remove whom. Pure functions over the actor, and the office clause for lists."""

from uuid import UUID

from core.actor import Actor
from core.errors import Denied, NotVisible
from core.i18n import _l
from core.permissions import ClerkRight, Permission, StaffRole, SubjectKind

# Rights that an owner may hand to a clerk. An employer's signatory is proved to a mission officer, never invited.
GIVEN_RIGHTS: dict[SubjectKind, tuple[ClerkRight, ...]] = {
    SubjectKind.EMPLOYER: (ClerkRight.PEOPLE, ClerkRight.JOB_ORDERS, ClerkRight.CONTRACTS),
    SubjectKind.CENTRE: (ClerkRight.PEOPLE, ClerkRight.SESSIONS, ClerkRight.ATTENDANCE),
    SubjectKind.NGO: (ClerkRight.PEOPLE,),
}
# Who checks everybody's work does none of it.
ALONE = frozenset({StaffRole.AUDITOR})


def require_acting_for(actor: Actor, kind: SubjectKind, subject_id: UUID) -> None:
    """Whoever acts for an organisation sees who else does.

    :raises NotVisible: for anyone else.
    """
    if kind not in GIVEN_RIGHTS or not actor.acts_for(kind, subject_id):
        raise NotVisible


def require_people_of(actor: Actor, kind: SubjectKind, subject_id: UUID) -> None:
    """Whether the actor may invite and remove clerks of this organisation.

    :raises NotVisible: for anyone who does not act for it.
    :raises Denied: for a clerk without that right.
    """
    require_acting_for(actor, kind, subject_id)
    if not actor.acts_for(kind, subject_id, ClerkRight.PEOPLE):
        raise Denied(_l("You are not allowed to do this."))


def rights_to_give(actor: Actor, kind: SubjectKind, subject_id: UUID) -> list[ClerkRight]:
    """Nobody gives a right that they do not hold."""
    return [r for r in GIVEN_RIGHTS[kind] if actor.acts_for(kind, subject_id, r)]


def require_other(actor: Actor | UUID | None, account_id: UUID) -> None:
    """Nobody changes their own roles, suspension or second step, by an invitation to themselves neither.

    :param actor: who changes them, or the account that asked for it.
    :raises Denied: when the account is the actor's own.
    """
    if (actor.account_id if isinstance(actor, Actor) else actor) == account_id:
        raise Denied(_l("Another administrator must change your own account."))


def offices(actor: Actor) -> frozenset[UUID]:
    """Offices whose staff the actor administers."""
    return actor.offices(Permission.STAFF_MANAGE)
