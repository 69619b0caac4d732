"""Coming in by an invitation: as a clerk of an organisation or as staff of an office."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import accounts, audit, messages
from core.accounts import Invitation, NewAccount, Office, UserAccount, actor_for, refuse_office, token_hash
from core.actor import Actor
from core.contact import normal_email
from core.db import db_now
from core.errors import DomainError, NotVisible
from core.i18n import _l
from core.invitations import accept_membership, open_invitation
from core.lifetimes import lifetimes
from core.permissions import Permission, StaffRole
from core.privacy import new_person
from core.settings import current
from portal.owners import taking_over
from portal.people import policies
from portal.people.staff import post


@dataclass(frozen=True, slots=True)
class InviteStaff:
    """A named person to be asked into an office."""

    name: str
    email: str
    role: StaffRole
    office_id: UUID


def invite_staff(session: Session, actor: Actor, command: InviteStaff) -> Invitation:
    """Ask a person into a role in an office of the actor's area.

    :raises NotVisible: for an office outside the area.
    :raises DomainError: when the role is not held in such an office, or the same person has an open invitation to it.
    """
    if not actor.can(Permission.STAFF_MANAGE, command.office_id):
        raise NotVisible
    refuse_office(command.role, session.get_one(Office, command.office_id))
    token = secrets.token_urlsafe(24)
    invitation = Invitation(
        person_key_id=new_person(session).id,
        role=command.role,
        office_id=command.office_id,
        rights=[],
        token_hash=token_hash(token),
        invited_by=actor.require_account(),
        expires_at=db_now(session) + lifetimes().invitation,
    )
    invitation.name, invitation.email = command.name, normal_email(command.email)
    session.add(invitation)
    session.flush()
    audit.record(
        session, actor, subject=("office", command.office_id), action="invite_staff",
        evidence={"invitation_id": invitation.id, "role": str(command.role)},
    )  # fmt: skip
    messages.send(
        session,
        template="invitation",
        email=invitation.email,
        person_key_id=invitation.person_key_id,
        link=f"{current().public_url}/invitations/{token}",
        days=lifetimes().invitation_days,
    )
    return invitation


def take_back(session: Session, actor: Actor, invitation_id: UUID) -> None:
    """Take a staff invitation back.

    :raises NotVisible: outside the actor's area, or when it was used.
    """
    found = session.scalars(
        select(Invitation)
        .where(Invitation.id == invitation_id, Invitation.office_id.in_(policies.offices(actor)))
        .with_for_update()
    ).one_or_none()
    if found is None or found.accepted_at is not None:
        raise NotVisible
    found.revoked_at = found.revoked_at or db_now(session)
    audit.record(
        session, actor, subject=("office", found.office_id), action="take_back_invitation",
        evidence={"invitation_id": invitation_id},
    )  # fmt: skip


def accept_new(session: Session, token: str, *, name: str, password: str) -> UserAccount:
    """Make an account for the invited e-mail address and let it in. The link proves the address.

    :raises NotVisible: when the link is not good (any more).
    :raises DomainError: when the address has an account already, or the password is too weak.
    """
    invitation = open_invitation(session, token, lock=True)
    if accounts.find_account(session, invitation.email or "") is not None:
        raise DomainError(_l("This address has an account already. Sign in first, then open the link again."))
    account = accounts.create_account(session, NewAccount(display_name=name, email=invitation.email, password=password))
    account.email_confirmed_at = db_now(session)
    _enter(session, account, token, invitation)
    return account


def accept_signed_in(session: Session, actor: Actor, token: str) -> None:
    """Let the signed-in account in, when the invitation was sent to its own address.

    :raises NotVisible: when the link is not good (any more).
    :raises DomainError: when it was sent to another address.
    """
    invitation = open_invitation(session, token, lock=True)
    account = session.get_one(UserAccount, actor.require_account())
    if not account.email or account.email != invitation.email:
        raise DomainError(_l("This invitation was sent to another address. Sign out, then open the link again."))
    _enter(session, account, token, invitation)


def _enter(session: Session, account: UserAccount, token: str, invitation: Invitation) -> None:
    actor = actor_for(session, account)
    if invitation.kind is not None:
        acts = actor.acts_for(invitation.kind, invitation.subject_id or account.id)
        # A clerk may become the owner, where the office has decided it.
        if not taking_over.take_up(session, actor, account, invitation) and acts:
            raise DomainError(_l("You act for this organisation already."))
        accept_membership(session, actor, token, account)
        return
    if invitation.role is None or invitation.office_id is None:
        raise NotVisible
    invitation.accepted_at = db_now(session)
    office = session.get_one(Office, invitation.office_id)
    post(session, actor, account=account, role=invitation.role, office=office, by=invitation.invited_by)
