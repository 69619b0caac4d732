"""A lost or borrowed telephone or a forgotten secret, recovered in person by two officers."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import accounts, audit
from core.accounts import UserAccount, token_hash
from core.actor import SYSTEM, Actor
from core.db import db_now
from core.errors import Denied, DomainError, NotVisible
from core.i18n import _l
from core.permissions import Permission
from core.throttle import hit
from law.country import deployment
from migrants.registration.models import AccessRecovery, Migrant
from migrants.registration.policies import may_review
from migrants.registration.status import recovery_workflow


def paper_days() -> int:
    """Days for which the code on paper is good."""
    return int(deployment().standard("recovery_days"))


def propose(session: Session, actor: Actor, migrant_id: UUID, evidence: str) -> AccessRecovery:
    """An officer has the person before them and says what was seen.

    :raises NotVisible: when the record is not one of the officer's area.
    """
    migrant = session.get(Migrant, migrant_id, with_for_update=True)
    if migrant is None or not may_review(actor, migrant):
        raise NotVisible
    if not evidence.strip():
        raise DomainError(_l("Say which documents you saw."), field="reason")
    recovery = AccessRecovery(migrant_id=migrant.id, evidence=evidence.strip(), proposed_by=actor.require_account())
    session.add(recovery)
    session.flush()
    audit.record(
        session, actor, subject=("access_recovery", recovery.id), action="propose", evidence={"migrant": migrant.id}
    )
    return recovery


@dataclass(frozen=True, slots=True)
class Paper:
    """The code that is given to the person on paper; shown once, kept as a hash."""

    reference: str
    code: str


def confirm(session: Session, actor: Actor, recovery_id: UUID) -> Paper:
    """A second officer confirms; the person gets a code on paper, and every session of the account ends.

    :raises Denied: to the officer who proposed it.
    """
    recovery, migrant = _found(session, actor, recovery_id)
    if recovery.proposed_by == actor.account_id:
        raise Denied(_l("Another officer has to confirm this."))
    code = "-".join(secrets.token_hex(2) for _ in range(3))
    recovery_workflow.apply(session, recovery, "confirm", actor=actor, office_id=migrant.office_id)
    recovery.confirmed_by = actor.account_id
    recovery.code_hash = token_hash(code)
    recovery.expires_at = db_now(session) + timedelta(days=paper_days())
    if migrant.account_id is not None:
        # Whoever holds the old secret must not come back with it before the person uses the paper.
        session.get_one(UserAccount, migrant.account_id, with_for_update=True).password_hash = None
        accounts.end_sessions(session, migrant.account_id, why="access recovered in person")
    return Paper(migrant.reference, code)


def refuse(session: Session, actor: Actor, recovery_id: UUID, reason: str) -> None:
    recovery, migrant = _found(session, actor, recovery_id)
    recovery_workflow.apply(session, recovery, "refuse", actor=actor, reason=reason, office_id=migrant.office_id)


def _found(session: Session, actor: Actor, recovery_id: UUID) -> tuple[AccessRecovery, Migrant]:
    recovery = session.get(AccessRecovery, recovery_id, with_for_update=True, populate_existing=True)
    migrant = session.get(Migrant, recovery.migrant_id) if recovery else None
    if recovery is None or migrant is None or not may_review(actor, migrant, Permission.RECOVERY_CONFIRM):
        raise NotVisible
    return recovery, migrant


def use(session: Session, *, reference: str, code: str, secret: str) -> UserAccount:
    """The person sets a new secret with the code on paper. A number once confirmed has to be confirmed again.

    :raises DomainError: one sentence, whatever was wrong.
    """
    hit("recovery", reference, limit=10, seconds=3600)
    recovery = session.scalars(
        select(AccessRecovery)
        .join(Migrant, Migrant.id == AccessRecovery.migrant_id)
        .where(
            Migrant.reference == reference,
            AccessRecovery.code_hash == token_hash(code.strip().lower()),
            AccessRecovery.expires_at > db_now(session),
        )
        .with_for_update(of=AccessRecovery)
    ).one_or_none()
    if recovery is None or not recovery_workflow.allows(recovery.status, "use"):
        raise DomainError(
            _l("This code is not right, was used, or is too old. Go to the office that gave it to you."), field="code"
        )
    migrant = session.get_one(Migrant, recovery.migrant_id)
    account = session.get_one(UserAccount, migrant.account_id, with_for_update=True)
    accounts.set_password(session, account, secret)
    # An address that somebody else may have given stays out, too; what was asked with the old secret ends with it.
    account.phone = account.phone_index = account.phone_confirmed_at = None
    account.email = account.email_index = account.email_confirmed_at = None
    recovery_workflow.apply(session, recovery, "use", actor=SYSTEM)
    return account
