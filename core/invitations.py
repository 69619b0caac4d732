"""Asking a named person in: a link by e-mail, good once, kept as a hash.

The link proves the e-mail address it was sent to. Accepting it is a page of the portal; who may invite whom is each
package's rule.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, messages
from core.accounts import Invitation, UserAccount, add_membership, token_hash
from core.actor import Actor
from core.contact import normal_email
from core.db import db_now
from core.errors import DomainError, NotVisible
from core.i18n import _l
from core.lifetimes import lifetimes
from core.permissions import ClerkRight, SubjectKind
from core.privacy import new_person
from core.settings import current

MAXIMUM_OPEN = 20


@dataclass(frozen=True, slots=True)
class Invite:
    """A clerk, or an ``owner``, to be asked in for an agency, employer, centre or NGO."""

    kind: SubjectKind
    subject_id: UUID
    name: str
    email: str
    rights: tuple[ClerkRight, ...]
    owner: bool = False
    decided_by: UUID | None = None
    """Who decided it, where the portal sends the invitation by itself."""


def invite(session: Session, actor: Actor, command: Invite) -> Invitation:
    """Send an invitation. The caller has asked the policy.

    :raises DomainError: when too many wait for an answer.
    """
    now = db_now(session)
    waiting = session.scalars(
        select(Invitation.id).where(
            Invitation.kind == command.kind,
            Invitation.subject_id == command.subject_id,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
    ).all()
    if len(waiting) >= MAXIMUM_OPEN:
        raise DomainError(_l("Too many invitations wait for an answer. Take some back first."))
    token = secrets.token_urlsafe(24)
    invitation = Invitation(
        person_key_id=new_person(session).id,
        kind=command.kind,
        subject_id=command.subject_id,
        rights=[str(r) for r in command.rights],
        is_owner=command.owner,
        token_hash=token_hash(token),
        invited_by=command.decided_by or actor.require_account(),
        expires_at=now + lifetimes().invitation,
    )
    invitation.name, invitation.email = command.name, normal_email(command.email)
    session.add(invitation)
    session.flush()
    audit.record(
        session,
        actor,
        subject=(str(command.kind), command.subject_id),
        action="invite",
        evidence={"invitation_id": invitation.id, "rights": invitation.rights, "owner": invitation.is_owner},
    )
    messages.send(
        session,
        template="invitation",
        email=invitation.email,
        person_key_id=invitation.person_key_id,
        link=f"{current().public_url}/invitations/{token}",
        days=lifetimes().invitation_days,
    )
    return invitation


def open_invitation(session: Session, token: str, *, lock: bool = False) -> Invitation:
    """The invitation that a link opens.

    :raises NotVisible: when it was used, taken back, is too old, or never was.
    """
    query = select(Invitation).where(
        Invitation.token_hash == token_hash(token),
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > db_now(session),
    )
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotVisible
    return found


def accept_membership(session: Session, actor: Actor, token: str, account: UserAccount) -> Invitation:
    """Let this account act for the inviter's organisation; the link is used up.

    :raises NotVisible: when the link is not good (any more).
    """
    invitation = open_invitation(session, token, lock=True)
    if invitation.kind is None or invitation.subject_id is None:
        raise NotVisible
    invitation.accepted_at = db_now(session)
    add_membership(
        session,
        account,
        kind=invitation.kind,
        subject_id=invitation.subject_id,
        is_owner=invitation.is_owner,
        rights=[ClerkRight(r) for r in invitation.rights],
        added_by=invitation.invited_by,
    )
    audit.record(
        session,
        actor,
        subject=(str(invitation.kind), invitation.subject_id),
        action="join",
        evidence={"invitation_id": invitation.id, "account_id": account.id},
    )
    return invitation


def revoke(session: Session, actor: Actor, invitation_id: UUID, *, kind: SubjectKind, subject_id: UUID) -> None:
    """Take an invitation back. The caller has asked the policy for this subject.

    :raises NotVisible: when it is none of theirs.
    """
    invitation = session.scalars(
        select(Invitation)
        .where(Invitation.id == invitation_id, Invitation.kind == kind, Invitation.subject_id == subject_id)
        .with_for_update()
    ).one_or_none()
    if invitation is None or invitation.accepted_at is not None:
        raise NotVisible
    invitation.revoked_at = invitation.revoked_at or db_now(session)
    audit.record(
        session, actor, subject=(str(kind), subject_id), action="take_back_invitation",
        evidence={"invitation_id": invitation_id},
    )  # fmt: skip
