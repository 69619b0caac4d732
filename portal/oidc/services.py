"""Signing in with an office identity, and linking one: by issuer and subject, never by e-mail."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import accounts, audit
from core.accounts import OidcLink, UserAccount, actor_for
from core.actor import Actor
from core.db import db_now
from core.errors import Denied, DomainError, NotVisible
from core.i18n import _l
from core.throttle import hit
from portal.oidc.client import Identity
from portal.signin.services import Opened

NOT_LINKED = _l("This office account is not linked to an account here. Sign in with your password once and link it.")


def _link_of(session: Session, identity: Identity) -> OidcLink | None:
    return session.scalars(
        select(OidcLink)
        .where(OidcLink.issuer == identity.issuer, OidcLink.subject == identity.subject)
        .with_for_update()
    ).one_or_none()


def sign_in(session: Session, identity: Identity, *, agent: str) -> Opened:
    """Open a session for the staff account that this identity is linked to.

    Our own second step follows unless the provider says that it asked for several factors (``amr`` has ``mfa``).

    :raises Denied: when nothing is linked, or the account is suspended or holds no staff role; one answer for all.
    """
    link = _link_of(session, identity)
    if link is None or link.ended_at is not None:
        raise Denied(NOT_LINKED)
    account = session.get_one(UserAccount, link.account_id)
    actor = actor_for(session, account)
    if not actor.is_staff:
        raise Denied(NOT_LINKED)
    pending = account.totp_required and not identity.multi_factor
    token = accounts.open_session(session, account, agent=agent, pending_totp=pending)
    if not pending:
        audit.record(session, actor, subject=("user_account", account.id), action="sign_in", evidence={"by": "office"})
    return Opened(token, pending, account.id)


def check_may_link(session: Session, actor: Actor, *, password: str) -> None:
    """The password again before a new way in is opened: a borrowed session must not outlive itself.

    :raises Denied: when the actor is no staff.
    :raises DomainError: when the password is wrong.
    """
    account = session.get_one(UserAccount, actor.require_account())
    if not actor.is_staff:
        raise Denied(_l("Only staff sign in with an office account."))
    hit("password", str(account.id), limit=10, seconds=900)
    if not accounts.secret_matches(account.password_hash, password):
        raise DomainError(_l("The password you use now is not this one."), field="password")


def link(session: Session, actor: Actor, identity: Identity) -> OidcLink:
    """Link the signed-in staff account to an office identity.

    :raises DomainError: when the identity belongs to another account here.
    """
    account_id = actor.require_account()
    if not actor.is_staff:
        raise Denied(_l("Only staff sign in with an office account."))
    found = _link_of(session, identity)
    if found is not None and found.ended_at is None and found.account_id != account_id:
        raise DomainError(_l("This office account is linked to another account here."))
    if found is None:
        found = OidcLink(account_id=account_id, issuer=identity.issuer, subject=identity.subject)
        session.add(found)
    found.account_id, found.ended_at = account_id, None
    session.flush()
    audit.record(
        session, actor, subject=("user_account", account_id), action="link_office_account",
        evidence={"issuer": identity.issuer, "link_id": found.id},
    )  # fmt: skip
    return found


def unlink(session: Session, actor: Actor, link_id: UUID) -> None:
    """End a link; sessions opened elsewhere end too.

    :raises NotVisible: when it is none of theirs.
    """
    account_id = actor.require_account()
    found = session.scalars(
        select(OidcLink)
        .where(OidcLink.id == link_id, OidcLink.account_id == account_id, OidcLink.ended_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NotVisible
    found.ended_at = db_now(session)
    accounts.end_sessions(session, account_id, why="office account unlinked", keep=actor.session_id)
    audit.record(
        session, actor, subject=("user_account", account_id), action="unlink_office_account",
        evidence={"issuer": found.issuer, "link_id": found.id},
    )  # fmt: skip


def links(session: Session, actor: Actor) -> list[OidcLink]:
    """The actor's own links."""
    query = select(OidcLink).where(OidcLink.account_id == actor.require_account(), OidcLink.ended_at.is_(None))
    return list(session.scalars(query.order_by(OidcLink.created_at).limit(20)))
