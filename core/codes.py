"""One-time codes and step-up: proving, for one act over one document, that the person holds phone and secret.

A telephone may be shared or borrowed, so a code alone never signs in and never accepts anything.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import messages
from core.accounts import UserAccount, secret_matches
from core.actor import Actor
from core.db import Base, Recorded, db_now
from core.errors import DomainError, NotVisible
from core.i18n import _l
from core.lifetimes import lifetimes
from core.privacy import derived_key
from core.throttle import count, hit, seen


def lifetime() -> timedelta:
    """How long a code is good."""
    return lifetimes().code


class OneTimeCode(Recorded, Base):
    """A six-digit code for one purpose, bound to what it confirms; kept as a keyed hash."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index(None, "account_id", "purpose"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    purpose: Mapped[str]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def _hash(account_id: UUID, purpose: str, bound: bytes, code: str) -> bytes:
    return hmac.new(
        derived_key("codes"), b"\0".join([account_id.bytes, purpose.encode(), bound, code.encode()]), sha256
    ).digest()


def issue_code(
    session: Session,
    account: UserAccount,
    purpose: str,
    *,
    bound: bytes = b"",
    email: str | None = None,
    phone: str | None = None,
) -> None:
    """Send a fresh code; the ones before it for the same purpose no longer work."""
    code = hand_over_code(session, account, purpose, bound=bound)
    minutes = lifetimes().code_minutes
    messages.send(session, template="code", account=account, email=email, phone=phone, code=code, minutes=minutes)


def hand_over_code(session: Session, account: UserAccount, purpose: str, *, bound: bytes = b"") -> str:
    """A fresh code to be told to the person face to face; the ones before it for the same purpose no longer work."""
    session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.account_id == account.id, OneTimeCode.purpose == purpose, OneTimeCode.used_at.is_(None))
        .values(used_at=func.now())
    )
    code = f"{secrets.randbelow(1_000_000):06d}"
    session.add(
        OneTimeCode(
            account_id=account.id,
            purpose=purpose,
            code_hash=_hash(account.id, purpose, bound, code),
            expires_at=db_now(session) + lifetime(),
        )
    )
    session.flush()
    return code


def confirm_code(session: Session, account: UserAccount, purpose: str, code: str, *, bound: bytes = b"") -> bool:
    """Whether this is the live code; it works once. A few wrong tries end the code."""
    row = session.scalars(
        select(OneTimeCode)
        .where(OneTimeCode.account_id == account.id, OneTimeCode.purpose == purpose, OneTimeCode.used_at.is_(None))
        .order_by(OneTimeCode.created_at.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if row is None or row.expires_at <= db_now(session) or seen("code-tries", str(row.id)) >= lifetimes().code_tries:
        return False
    if not hmac.compare_digest(row.code_hash, _hash(account.id, purpose, bound, code)):
        # Counted in a transaction of its own: the refusal that follows rolls the caller's back.
        count("code-tries", str(row.id), seconds=int(lifetime().total_seconds()))
        return False
    row.used_at = db_now(session)
    return True


def step_up(session: Session, actor: Actor, purpose: str, *, bound: bytes, secret: str, code: str) -> UserAccount:
    """Both the secret only they know and the code sent to them, for exactly these bytes (a document's SHA-256).

    :raises DomainError: with one answer for either being wrong.
    """
    account = session.get(UserAccount, actor.require_account())
    if account is None:
        raise NotVisible
    hit("step-up", str(account.id), limit=10, seconds=900)
    right_secret = secret_matches(account.password_hash, secret)
    if not right_secret or not confirm_code(session, account, purpose, code, bound=bound):
        raise DomainError(_l("The password or the code is not right. Check both, or ask for a new code."), field="code")
    return account
