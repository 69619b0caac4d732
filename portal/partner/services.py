"""Partner systems: made and ended by the operator, their tokens issued and found."""

import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core import audit
from core.accounts import token_hash
from core.actor import Actor
from core.db import db_now
from core.errors import DomainError, NotVisible
from core.i18n import _l
from portal.partner.models import PartnerClient, PartnerToken, Scope

TOKEN_SECONDS = 900


def add_client(session: Session, actor: Actor, *, name: str, scopes: list[Scope]) -> tuple[PartnerClient, str]:
    """A new partner system and its secret, shown once and kept as a hash.

    :raises DomainError: without a name or a scope.
    """
    if not name.strip() or not scopes:
        raise DomainError(_l("A partner needs a name and at least one scope."))
    secret = secrets.token_urlsafe(32)
    client = PartnerClient(
        client_id=f"partner-{secrets.token_hex(8)}",
        name=name.strip(),
        secret_hash=token_hash(secret),
        scopes=[str(s) for s in scopes],
    )
    session.add(client)
    session.flush()
    audit.record(
        session, actor, subject=("partner_client", client.id), action="add_partner", evidence={"scopes": client.scopes}
    )
    return client, secret


def end_client(session: Session, actor: Actor, client_id: str) -> PartnerClient:
    """End a partner's access at once: its tokens go too.

    :raises NotVisible: when there is no such partner (any more).
    """
    client = session.scalars(
        select(PartnerClient)
        .where(PartnerClient.client_id == client_id, PartnerClient.ended_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if client is None:
        raise NotVisible
    client.ended_at = db_now(session)
    session.execute(delete(PartnerToken).where(PartnerToken.partner_id == client.id))
    audit.record(session, actor, subject=("partner_client", client.id), action="end_partner")
    return client


def find_client(session: Session, client_id: str) -> PartnerClient | None:
    """A partner whose access has not ended."""
    return session.scalars(
        select(PartnerClient).where(PartnerClient.client_id == client_id, PartnerClient.ended_at.is_(None))
    ).one_or_none()


def keep_token(session: Session, client: PartnerClient, *, token: str, scopes: list[str]) -> PartnerToken:
    """Remember a token that was just issued."""
    kept = PartnerToken(
        partner_id=client.id,
        token_hash=token_hash(token),
        scopes=scopes,
        expires_at=db_now(session) + timedelta(seconds=TOKEN_SECONDS),
    )
    session.add(kept)
    session.flush()
    return kept


def live_token(session: Session, token: str) -> PartnerToken | None:
    """The token, while it lives and its partner does; by the database's clock."""
    return session.scalars(
        select(PartnerToken)
        .join(PartnerClient, PartnerClient.id == PartnerToken.partner_id)
        .where(
            PartnerToken.token_hash == token_hash(token),
            PartnerToken.expires_at > func.clock_timestamp(),
            PartnerClient.ended_at.is_(None),
        )
    ).one_or_none()


def sweep_tokens(session: Session) -> None:
    """Tokens that are over are no record."""
    session.execute(delete(PartnerToken).where(PartnerToken.expires_at < func.now() - timedelta(days=1)))
