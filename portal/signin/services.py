"""Signing in and out: throttled, the same answer for known and unknown accounts, sessions in the database."""

import secrets
from dataclasses import dataclass
from uuid import UUID

import pyotp
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import accounts, audit, codes
from core.accounts import AccountSession, Membership, UserAccount
from core.actor import Actor, ActorKind
from core.contact import normal_email, normal_phone
from core.db import db_now
from core.errors import DomainError, NotVisible
from core.i18n import _l
from core.ids import parse_reference
from core.lifetimes import lifetimes
from core.permissions import SubjectKind
from core.throttle import hit

WRONG = _l("These do not fit together. Check what you typed.")
RECOVERY_CODES = 8


@dataclass(frozen=True, slots=True)
class Opened:
    """A session token for the cookie; ``pending`` while the second factor is still to come."""

    token: str
    pending: bool
    account_id: UUID


def _spelled(login: str) -> str:
    """One spelling for all that mean the same account: another way to write a number is no new count of tries."""
    plain = login.strip()
    try:
        return parse_reference(plain) or (normal_email(plain) if "@" in plain else normal_phone(plain))
    except DomainError:
        return plain.lower()


def sign_in(session: Session, *, login: str, password: str, agent: str, address: str) -> Opened:
    """Check login and secret and open a session.

    :raises DomainError: one sentence, whatever was wrong.
    :raises TooMany: after too many tries for this login or from this address.
    """
    spelled = _spelled(login)
    # By place, so that a stranger's wrong tries do not shut a person out; and from all places together.
    hit("sign-in", f"{spelled} {address}", limit=10, seconds=900)
    hit("sign-in-anywhere", spelled, limit=50, seconds=900)
    hit("sign-in-address", address, limit=100, seconds=900)
    found = accounts.find_accounts(session, login)
    matching = [a for a in found if accounts.secret_matches(a.password_hash, password)]
    if not found:
        accounts.secret_matches(None, password)
    # Several people may share a telephone; should two of them share a secret too, neither is guessed at.
    if len(matching) != 1 or matching[0].suspended_at is not None:
        raise DomainError(WRONG, field="login")
    account = matching[0]
    pending = account.totp_required
    token = accounts.open_session(session, account, agent=agent, pending_totp=pending)
    if not pending:
        _note(session, account, "sign_in")
    return Opened(token, pending, account.id)


def _note(session: Session, account: UserAccount, action: str) -> None:
    actor = Actor(ActorKind.PERSON, account_id=account.id)
    audit.record(session, actor, subject=("user_account", account.id), action=action)


def pending_session(session: Session, token: str) -> tuple[AccountSession, UserAccount] | None:
    """The session that waits for its second factor, and its account."""
    opened = accounts.find_session(session, token) if token else None
    if opened is None or not opened.pending_totp or opened.signed_in_at < db_now(session) - lifetimes().second_step:
        return None
    return opened, session.get_one(UserAccount, opened.account_id, with_for_update=True)


def confirm_second_factor(session: Session, *, token: str, code: str, agent: str) -> Opened:
    """Check the second factor; the session's token changes, so that the one known before is worth nothing.

    :raises DomainError: when the code is wrong, used already, or the sign-in is too old.
    """
    waiting = pending_session(session, token)
    if waiting is None:
        raise DomainError(_l("This sign-in took too long. Begin again."))
    opened, account = waiting
    hit("totp", str(account.id), limit=10, seconds=900)
    if not second_factor_matches(account, code):
        raise DomainError(_l("This code is not right. Wait for the next one and try again."), field="code")
    account.totp_confirmed = True
    opened.ended_at, opened.ended_why = db_now(session), "second factor given"
    _note(session, account, "sign_in")
    return Opened(accounts.open_session(session, account, agent=agent), False, account.id)


def second_factor_matches(account: UserAccount, code: str) -> bool:
    """Whether this is a code of the locked account's app, or one of its recovery codes. Each works once."""
    return _totp_matches(account, code) or _use_recovery_code(account, code)


def _totp_matches(account: UserAccount, code: str) -> bool:
    """A code of this half minute or its neighbours that was not used before."""
    if not account.totp_secret:
        return False
    totp = pyotp.TOTP(account.totp_secret)
    from time import time

    step = int(time()) // 30
    compact = code.replace(" ", "")
    for candidate in (step, step - 1, step + 1):
        if accounts.same_bytes(totp.at(candidate * 30), compact) and candidate > (account.totp_last_step or 0):
            account.totp_last_step = candidate
            return True
    return False


def _use_recovery_code(account: UserAccount, code: str) -> bool:
    digest = accounts.token_hash(code.strip().lower()).hex()
    if digest not in account.recovery_hashes:
        return False
    account.recovery_hashes = [h for h in account.recovery_hashes if h != digest]
    return True


def begin_enrolment(session: Session, account: UserAccount) -> str:
    """The secret of a new authenticator; kept until it is confirmed with its first code."""
    if account.totp_confirmed:
        raise DomainError(_l("An authenticator is set up already."))
    secret = account.totp_secret
    if not secret:
        secret = account.totp_secret = pyotp.random_base32()
        session.flush()
    return secret


def new_recovery_codes(session: Session, actor: Actor, *, password: str) -> list[str]:
    """Codes for a lost telephone, shown once; the ones before no longer work.

    :raises DomainError: when the password is wrong: a borrowed session must not outlive itself.
    """
    account = session.get_one(UserAccount, actor.require_account(), with_for_update=True)
    hit("password", str(account.id), limit=10, seconds=900)
    if not accounts.secret_matches(account.password_hash, password):
        raise DomainError(_l("The password you use now is not this one."), field="password")
    if not account.totp_confirmed:
        raise DomainError(_l("Set up your second step first."))
    audit.record(session, actor, subject=("user_account", account.id), action="new_recovery_codes")
    made = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(RECOVERY_CODES)]
    account.recovery_hashes = [accounts.token_hash(c).hex() for c in made]
    return made


def sign_out(session: Session, actor: Actor) -> None:
    """End this session at once."""
    if actor.session_id is not None:
        session.execute(
            update(AccountSession)
            .where(AccountSession.id == actor.session_id)
            .values(ended_at=func.now(), ended_why="signed out")
        )


def change_password(session: Session, actor: Actor, *, current: str, password: str) -> None:
    """Change the secret; every session ends, this one too.

    :raises DomainError: when the secret given as the present one is wrong.
    """
    account = session.get_one(UserAccount, actor.require_account(), with_for_update=True)
    hit("password", str(account.id), limit=10, seconds=900)
    if not accounts.secret_matches(account.password_hash, current):
        raise DomainError(_l("The password you use now is not this one."), field="current")
    accounts.set_password(session, account, password)
    audit.record(session, actor, subject=("user_account", account.id), action="change_password")


def open_sessions(session: Session, actor: Actor) -> list[AccountSession]:
    """Where the actor is signed in now."""
    return list(
        session.scalars(
            select(AccountSession)
            .where(
                AccountSession.account_id == actor.require_account(),
                AccountSession.ended_at.is_(None),
                AccountSession.expires_at > func.now(),
                AccountSession.last_seen_at > func.now() - lifetimes().session_idle,
            )
            .order_by(AccountSession.last_seen_at.desc())
            .limit(50)
        )
    )


def end_session(session: Session, actor: Actor, session_id: UUID) -> None:
    """End one of the actor's own sessions.

    :raises NotVisible: when it is none of theirs, or over.
    """
    found = session.scalars(
        select(AccountSession)
        .where(
            AccountSession.id == session_id,
            AccountSession.account_id == actor.require_account(),
            AccountSession.ended_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NotVisible
    found.ended_at, found.ended_why = db_now(session), "ended by the person"


def end_other_sessions(session: Session, actor: Actor) -> None:
    accounts.end_sessions(session, actor.require_account(), why="ended by the person", keep=actor.session_id)


def ask_for_new_password(session: Session, login: str) -> None:
    """Send a code to the account's confirmed way; nothing shows whether there is such an account.

    Only by e-mail, and never for a migrant: a telephone may be shared or lost, so they come in person.
    """
    hit("forgotten", _spelled(login), limit=5, seconds=3600)
    account = _may_reset(session, login)
    if account is not None:
        codes.issue_code(session, account, "new_password", email=account.email)


def _may_reset(session: Session, login: str) -> UserAccount | None:
    account = accounts.find_account(session, login) if "@" in login else None
    return account if account is not None and resets_by_mail(session, account) else None


def resets_by_mail(session: Session, account: UserAccount) -> bool:
    """Whether a new password comes by e-mail; a migrant comes in person."""
    if account.suspended_at is not None or not account.email:
        return False
    migrant = select(Membership.id).where(
        Membership.account_id == account.id, Membership.kind == SubjectKind.MIGRANT, Membership.ended_at.is_(None)
    )
    return session.scalars(migrant.limit(1)).first() is None


def set_new_password(session: Session, *, login: str, code: str, password: str) -> None:
    """Set a new password with the code from the e-mail. Every session ends; a second step stays as it was.

    :raises DomainError: one sentence, whether the account or the code is wrong.
    """
    hit("new-password", _spelled(login), limit=10, seconds=3600)
    accounts.check_new_secret(password)
    account = _may_reset(session, login)
    if account is None or not codes.confirm_code(session, account, "new_password", code):
        raise DomainError(_l("This code is not right, or too old. Ask for a new one."), field="code")
    accounts.set_password(session, account, password)
    _note(session, account, "reset_password")
