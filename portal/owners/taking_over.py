"""The step itself: the owner of before acts no longer, the new one is invited, and comes in."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.branches.listed import refuse_listed
from core import accounts, invitations
from core.accounts import Invitation, Membership, StaffPosting, UserAccount
from core.actor import SYSTEM, Actor
from core.db import db_now
from core.errors import DomainError
from core.i18n import _l
from portal.owners import telling
from portal.owners.models import OwnerReplacement
from portal.owners.status import OWNER_REPLACEMENT, ReplacementStatus


def evidence_of(change: OwnerReplacement) -> dict[str, Any]:
    """For the log: ids and words of ours, nothing of a person."""
    return {
        "organisation": str(change.kind), "organisation_id": change.subject_id, "ground": str(change.ground),
        "director_id": change.director_id, "lost_account_id": change.lost_account_id, "file_id": change.file_id,
        "object_until": change.object_until, "invitation_id": change.invitation_id,
    }  # fmt: skip


def invite(session: Session, actor: Actor, change: OwnerReplacement, action: str, reason: str) -> None:
    """End the rights and sessions of the owner of before and invite the new one; everybody who acts for it is told.

    When the owner has changed by itself meanwhile, the proposal comes to nothing instead.
    """
    members = _members(session, change)
    owners = [m for m in members if m.is_owner]
    if any(m.account_id != change.lost_account_id for m in owners):
        _apply(session, change, "lapse", SYSTEM, "the owner has changed")
        return
    revoke(session, actor, change)
    told = telling.people_of(session, change)
    for membership in owners:
        accounts.end_membership(session, membership)
    # An owner who is gone has nothing on offer any more.
    for membership in members:
        membership.offered_by = membership.offered_at = None
    made = invitations.invite(
        session, actor,
        invitations.Invite(
            change.kind, change.subject_id, change.name or "", change.email or "", (), owner=True,
            decided_by=None if actor.account_id else change.decided_by,
        ),
    )  # fmt: skip
    change.invitation_id, change.due_on = made.id, None
    session.flush()
    _apply(session, change, action, actor, reason)
    telling.tell(session, told)


def _members(session: Session, change: OwnerReplacement) -> list[Membership]:
    query = (
        select(Membership)
        .where(
            Membership.kind == change.kind, Membership.subject_id == change.subject_id, Membership.ended_at.is_(None)
        )
        .order_by(Membership.id)
    )
    return list(session.scalars(query.with_for_update().execution_options(populate_existing=True)))


def revoke(session: Session, actor: Actor, change: OwnerReplacement) -> None:
    """Links to own this organisation that nobody has used yet are good no longer, this proposal's and every other."""
    query = select(Invitation.id).where(
        Invitation.kind == change.kind, Invitation.subject_id == change.subject_id, Invitation.is_owner,
        Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None),
    )  # fmt: skip
    for invitation_id in session.scalars(query).all():
        invitations.revoke(session, actor, invitation_id, kind=change.kind, subject_id=change.subject_id)


def take_up(session: Session, actor: Actor, account: UserAccount, invitation: Invitation) -> bool:
    """Somebody accepts a locked invitation: when it belongs to a proposal, that is done. Gives whether it did.

    A clerk who becomes the owner is no clerk beside it.

    :raises DomainError: for somebody on the blacklist by now, or a member of staff.
    """
    change = _of(session, invitation.id)
    if change is None:
        return False
    refuse_listed(session, change)
    posted = select(StaffPosting.id).where(StaffPosting.account_id == account.id, StaffPosting.ended_at.is_(None))
    if session.scalars(posted.limit(1)).first() is not None:
        raise DomainError(_l("A member of staff can’t own this account."))
    for membership in _members(session, change):
        if membership.account_id == account.id:
            membership.ended_at = db_now(session)
    session.flush()
    _apply(session, change, "accept", actor, "")
    telling.tell_people(session, change)
    return True


def _of(session: Session, invitation_id: UUID) -> OwnerReplacement | None:
    return session.scalars(
        select(OwnerReplacement)
        .where(OwnerReplacement.invitation_id == invitation_id, OwnerReplacement.status == ReplacementStatus.INVITED)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _apply(session: Session, change: OwnerReplacement, action: str, actor: Actor, reason: str) -> None:
    session.flush()
    OWNER_REPLACEMENT.apply(session, change, action, actor=actor, reason=reason, evidence=evidence_of(change))
