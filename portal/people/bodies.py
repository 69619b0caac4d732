"""Orientation centres and helping organisations: staff enter them and invite the first owner, who invites the others.

Nobody of staff acts for one of them. When its people have to go, all of them go at once; the next owner takes two officers.
"""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.organisations.models import HelpingOrganisation
from contracts.orientation.models import OrientationCentre
from core import audit, invitations
from core.accounts import Invitation, Membership, end_membership
from core.actor import Actor
from core.db import db_now
from core.errors import DomainError, NotVisible
from core.i18n import _l
from core.listing import AnySelect
from core.owners import owners_of
from core.permissions import Permission, SubjectKind
from portal.owners import services as owner_changes


@dataclass(frozen=True, slots=True)
class BodyKind:
    """A kind of organisation that staff enter: its table, who enters it, and its words."""

    kind: SubjectKind
    model: type[OrientationCentre] | type[HelpingOrganisation]
    permission: Permission
    title: Any
    enter: Any


KINDS = {
    k.kind: k
    for k in (
        BodyKind(
            SubjectKind.CENTRE, OrientationCentre, Permission.CENTRE_INSPECT, _l("Orientation centres"), _l("Enter a centre")
        ),
        BodyKind(
            SubjectKind.NGO, HelpingOrganisation, Permission.STAFF_MANAGE, _l("Helping organisations"),
            _l("Enter a helping organisation"),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Enter:
    """A new organisation and the person who is to own its account."""

    name: str
    district: str
    owner_name: str
    owner_email: str


def entered(actor: Actor, kind: BodyKind) -> AnySelect:
    """Those of the actor's area."""
    model = kind.model
    return select(model.id, model.reference, model.name, model.district, model.created_at).where(
        model.office_id.in_(actor.offices(kind.permission))
    )


def find(
    session: Session, actor: Actor, kind: BodyKind, body_id: UUID, *, lock: bool = False
) -> OrientationCentre | HelpingOrganisation:
    """
    :raises NotVisible: when it is not of the actor's area.
    """
    found = cast(
        "OrientationCentre | HelpingOrganisation | None", session.get(kind.model, body_id, with_for_update=lock)
    )
    if found is None or not actor.can(kind.permission, found.office_id):
        raise NotVisible
    return found


def waiting(session: Session, kind: BodyKind, body_id: UUID) -> Invitation | None:
    """The owner's invitation that nobody has answered yet."""
    query = select(Invitation).where(
        Invitation.kind == kind.kind, Invitation.subject_id == body_id, Invitation.is_owner,
        Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > db_now(session),
    )  # fmt: skip
    return session.scalars(query.order_by(Invitation.created_at.desc()).limit(1)).one_or_none()


def had_owner(session: Session, kind: BodyKind, body_id: UUID) -> bool:
    """Whether somebody owned it before: whoever comes after them takes two officers (``portal.owners``)."""
    once = select(Membership.id).where(
        Membership.kind == kind.kind, Membership.subject_id == body_id, Membership.is_owner
    )
    return session.scalars(once.limit(1)).first() is not None


def enter(session: Session, actor: Actor, kind: BodyKind, command: Enter) -> UUID:
    """Enter an organisation in the actor's first office and invite its owner.

    :raises Denied: for whoever does not enter this kind.
    """
    actor.require(kind.permission)
    office = min(actor.offices(kind.permission))
    body = kind.model(name=command.name, district=command.district, office_id=office)
    session.add(body)
    session.flush()
    audit.record(session, actor, subject=(str(kind.kind), body.id), action="register")
    invite_owner(session, actor, kind, body.id, name=command.owner_name, email=command.owner_email)
    return body.id


def invite_owner(session: Session, actor: Actor, kind: BodyKind, body_id: UUID, *, name: str, email: str) -> Invitation:
    """Ask the first owner in; an earlier invitation that nobody answered is good no longer.

    :raises DomainError: when it has, or had, an owner.
    """
    find(session, actor, kind, body_id, lock=True)
    if owners_of(session, kind.kind, body_id):
        raise DomainError(_l("It has an owner already, who invites the others."))
    if had_owner(session, kind, body_id):
        raise DomainError(_l("It had an owner before. Propose the next one: another officer decides."))
    if owner_changes.open_for(session, kind.kind, body_id) is not None:
        raise DomainError(_l("Another owner is proposed already."))
    earlier = waiting(session, kind, body_id)
    if earlier is not None:
        invitations.revoke(session, actor, earlier.id, kind=kind.kind, subject_id=body_id)
    return invitations.invite(session, actor, invitations.Invite(kind.kind, body_id, name, email, (), owner=True))


def remove_everybody(session: Session, actor: Actor, kind: BodyKind, body_id: UUID, reason: str) -> int:
    """Nobody acts for it any more, from now on: an owner who left, or an organisation that is no more.

    Gives how many people went. Invitations that wait are good no longer.
    """
    find(session, actor, kind, body_id, lock=True)
    held = session.scalars(
        select(Membership).where(
            Membership.kind == kind.kind, Membership.subject_id == body_id, Membership.ended_at.is_(None)
        )
    ).all()
    for membership in held:
        end_membership(session, membership)
    open_ones = select(Invitation.id).where(
        Invitation.kind == kind.kind, Invitation.subject_id == body_id, Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
    )  # fmt: skip
    for invitation_id in session.scalars(open_ones).all():
        invitations.revoke(session, actor, invitation_id, kind=kind.kind, subject_id=body_id)
    audit.record(
        session, actor, subject=(str(kind.kind), body_id), action="remove_everybody", reason=reason,
        evidence={"people": len(held)},
    )  # fmt: skip
    return len(held)
