"""The owners of an agency, employer, centre or NGO, and how they are told that there is news."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import messages
from core.accounts import Membership, UserAccount
from core.permissions import SubjectKind


def owners_of(session: Session, kind: SubjectKind, subject_id: UUID) -> Sequence[UserAccount]:
    """Those who may sign in, at most 20, the first one first."""
    return session.scalars(
        select(UserAccount)
        .join(Membership, Membership.account_id == UserAccount.id)
        .where(
            Membership.kind == kind,
            Membership.subject_id == subject_id,
            Membership.is_owner,
            Membership.ended_at.is_(None),
            UserAccount.suspended_at.is_(None),
        )
        .order_by(Membership.created_at)
        .limit(20)
    ).all()


def tell_owners(session: Session, kind: SubjectKind, subject_id: UUID, template: str) -> int:
    """Send each owner a message that takes no values, so that it names nobody and no amount. Gives how many were told."""
    owners = owners_of(session, kind, subject_id)
    return sum(messages.send(session, template=template, account=owner) is not None for owner in owners)
