"""Named clerks of an employer, a centre or a helping organisation (agencies have pages of their own)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import accounts, audit, invitations
from core.accounts import Invitation, Membership
from core.actor import Actor
from core.errors import Denied, DomainError, NotVisible
from core.i18n import _l
from core.permissions import ClerkRight, SubjectKind
from portal.people import policies


@dataclass(frozen=True, slots=True)
class InviteClerk:
    """A clerk to be asked in, with rights that the inviter holds."""

    kind: SubjectKind
    subject_id: UUID
    name: str
    email: str
    rights: tuple[ClerkRight, ...]


def invite(session: Session, actor: Actor, command: InviteClerk) -> Invitation:
    """Ask a named person in.

    :raises DomainError: without a right, with one that the inviter lacks, or at an address that a recruitment agency
        uses: an agency may not speak for an employer.
    """
    policies.require_people_of(actor, command.kind, command.subject_id)
    allowed = policies.rights_to_give(actor, command.kind, command.subject_id)
    if not command.rights or not set(command.rights) <= set(allowed):
        raise DomainError(_l("Choose at least one right, from those that you have yourself."), field="rights")
    if command.kind is SubjectKind.EMPLOYER and accounts.contact_in_use(
        session, kind=SubjectKind.AGENCY, email=command.email, phone=None
    ):
        raise DomainError(_l("This address can't be used for an employer. Choose another."), field="email")
    given = invitations.Invite(command.kind, command.subject_id, command.name, command.email, command.rights)
    return invitations.invite(session, actor, given)


def take_back(session: Session, actor: Actor, kind: SubjectKind, *, subject_id: UUID, invitation_id: UUID) -> None:
    """The invited person can't come in any more."""
    policies.require_people_of(actor, kind, subject_id)
    invitations.revoke(session, actor, invitation_id, kind=kind, subject_id=subject_id)


def remove(session: Session, actor: Actor, kind: SubjectKind, *, subject_id: UUID, membership_id: UUID) -> None:
    """Take a clerk's rights away at once: the sessions end.

    :raises NotVisible: when there is no such clerk.
    :raises Denied: for an owner, or oneself.
    """
    policies.require_people_of(actor, kind, subject_id)
    found = session.scalars(
        select(Membership)
        .where(
            Membership.id == membership_id,
            Membership.kind == kind,
            Membership.subject_id == subject_id,
            Membership.ended_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NotVisible
    if found.is_owner or found.account_id == actor.account_id:
        raise Denied(_l("An owner can't be removed here, and nobody removes themselves."))
    accounts.end_membership(session, found)
    audit.record(
        session, actor, subject=(str(kind), subject_id), action="remove_clerk",
        evidence={"membership_id": found.id, "account_id": found.account_id},
    )  # fmt: skip
