"""An owner hands an agency, an employer, a centre or a helping organisation over to one of its clerks, who confirms.

Who signs for an employer was seen by a mission, and that is not handed over: when the signatory leaves, nothing is signed before
the mission has seen the next one (``contracts.employers.signatory``).
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import accounts, audit, messages
from core.accounts import Membership, UserAccount
from core.actor import Actor
from core.db import db_now
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.i18n import _l
from core.lifetimes import lifetimes
from core.permissions import SubjectKind
from core.throttle import hit

KINDS = frozenset({SubjectKind.AGENCY, SubjectKind.EMPLOYER, SubjectKind.CENTRE, SubjectKind.NGO})


def require_member(actor: Actor, kind: SubjectKind, subject_id: UUID) -> None:
    """:raises NotVisible: for whoever does not act for it, and for a kind that is not handed over."""
    if kind not in KINDS or not actor.acts_for(kind, subject_id):
        raise NotVisible


def people(session: Session, kind: SubjectKind, subject_id: UUID, *, lock: bool = False) -> Sequence[Membership]:
    """Who acts for it now, the first one first; at most 200."""
    query = (
        select(Membership)
        .join(UserAccount, UserAccount.id == Membership.account_id)
        .where(
            Membership.kind == kind, Membership.subject_id == subject_id, Membership.ended_at.is_(None),
            UserAccount.suspended_at.is_(None),
        )
        .order_by(Membership.id)
        .limit(200)
    )  # fmt: skip
    return session.scalars(
        query.with_for_update(of=Membership).execution_options(populate_existing=True) if lock else query
    ).all()


def offered(session: Session, held: Sequence[Membership]) -> Membership | None:
    """The clerk to whom an owner who is still one has offered it, within the days that an invitation is good."""
    owners = {m.account_id for m in held if m.is_owner}
    since = db_now(session) - lifetimes().invitation
    return next((m for m in held if m.offered_at and m.offered_at > since and m.offered_by in owners), None)


def offer(
    session: Session, actor: Actor, kind: SubjectKind, *, subject_id: UUID, membership_id: UUID, password: str
) -> Membership:
    """Offer it to a clerk; an earlier offer falls away. Nothing changes until the clerk confirms.

    :raises Denied: for whoever is no owner.
    :raises DomainError: when the password is wrong, or the person is no clerk.
    """
    require_member(actor, kind, subject_id)
    held = people(session, kind, subject_id, lock=True)
    if not any(m.is_owner and m.account_id == actor.account_id for m in held):
        raise Denied(_l("Only the owner can hand this over."))
    _check_password(session, actor, password)
    chosen = next((m for m in held if m.id == membership_id and not m.is_owner), None)
    if chosen is None:
        raise DomainError(_l("Choose one of your people."), field="person")
    _take_offers_back(held)
    chosen.offered_by, chosen.offered_at = actor.account_id, db_now(session)
    _record(session, actor, chosen, "offer_ownership")
    _tell(session, [chosen.account_id])
    return chosen


def withdraw(session: Session, actor: Actor, kind: SubjectKind, *, subject_id: UUID) -> None:
    """The owner takes the offer back, or the clerk declines it.

    :raises TooLate: when there is none.
    :raises Denied: for anybody else.
    """
    require_member(actor, kind, subject_id)
    held = people(session, kind, subject_id, lock=True)
    waiting = offered(session, held)
    if waiting is None:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    owns = any(m.is_owner and m.account_id == actor.account_id for m in held)
    if not owns and waiting.account_id != actor.account_id:
        raise Denied(_l("Only the owner can hand this over."))
    other = waiting.account_id if owns else waiting.offered_by
    _take_offers_back(held)
    _record(session, actor, waiting, "withdraw_ownership" if owns else "decline_ownership")
    _tell(session, [other] if other else [])


def accept(session: Session, actor: Actor, kind: SubjectKind, *, subject_id: UUID, password: str) -> None:
    """The clerk is the owner from now on, and the one who offered it acts for it no longer. Both sessions end; all are told.

    :raises TooLate: when nothing is offered to the actor (any more).
    :raises DomainError: when the password is wrong.
    """
    require_member(actor, kind, subject_id)
    held = people(session, kind, subject_id, lock=True)
    own = offered(session, held)
    if own is None or own.account_id != actor.account_id:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    _check_password(session, actor, password)
    before = next(m for m in held if m.is_owner and m.account_id == own.offered_by)
    own.is_owner, own.rights = True, []
    _take_offers_back(held)
    accounts.end_membership(session, before)
    accounts.end_sessions(session, own.account_id, why="became owner")
    _record(session, actor, own, "take_over_ownership", before=before.account_id)
    _tell(session, [m.account_id for m in held])


def _take_offers_back(held: Sequence[Membership]) -> None:
    for membership in held:
        membership.offered_by = membership.offered_at = None


def _check_password(session: Session, actor: Actor, password: str) -> None:
    account = session.get_one(UserAccount, actor.require_account())
    hit("password", str(account.id), limit=10, seconds=900)
    if not accounts.secret_matches(account.password_hash, password):
        raise DomainError(_l("The password you use now is not this one."), field="password")


def _record(session: Session, actor: Actor, clerk: Membership, action: str, **more: UUID) -> None:
    session.flush()
    audit.record(
        session, actor, subject=(str(clerk.kind), clerk.subject_id), action=action,
        evidence={"membership_id": clerk.id, "account_id": clerk.account_id, **more},
    )  # fmt: skip


def _tell(session: Session, account_ids: Sequence[UUID]) -> None:
    """A message that names nobody."""
    for account in session.scalars(select(UserAccount).where(UserAccount.id.in_(account_ids))).all():
        messages.send(session, template="owner_news", account=account)
