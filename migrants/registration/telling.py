"""Telling a migrant that something has changed: without a name, an agency or a contract, since telephones are shared."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import messages
from core.accounts import UserAccount
from migrants.registration.models import Migrant


def account_of(session: Session, migrant_id: UUID) -> UserAccount | None:
    """The account with which a migrant signs in; None for whoever has none."""
    return session.scalars(
        select(UserAccount).join(Migrant, Migrant.account_id == UserAccount.id).where(Migrant.id == migrant_id)
    ).one_or_none()


def tell_of_change(session: Session, migrant_id: UUID) -> None:
    """Ask the person to look at their own page. Who has no account is told nothing."""
    account = account_of(session, migrant_id)
    if account is not None:
        messages.send(session, template="record_changed", account=account)
