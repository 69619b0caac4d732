"""Changing one's own e-mail address or telephone number: the password again, a code to the new one, a word to the old one.

A new one counts only after a time in which every contact of before can say "this was not me": codes for signing go there, too.
Whatever is asked with a password ends when the password changes.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import accounts, codes, messages
from core.accounts import UserAccount, contact_in_use, token_hash
from core.actor import SYSTEM, Actor
from core.db import db_now
from core.errors import DomainError, TooLate
from core.i18n import _l
from core.permissions import SubjectKind
from core.settings import current
from core.throttle import hit
from law.country import deployment
from portal.contacts import addresses, policies
from portal.contacts.models import ContactChange
from portal.contacts.status import CONTACT_CHANGE, OPEN, ChangeStatus, ContactKind
from portal.signin.services import resets_by_mail, second_factor_matches

PURPOSE = {ContactKind.EMAIL: "new_email", ContactKind.PHONE: "new_phone"}
WRONG = _l("This code is not right, or it is too old. Ask for a new one.")
CHANGED = _l("This has changed since you opened the page. Please look at it again.")


@dataclass(frozen=True, slots=True)
class Ask:
    """``app_code``: the second step of whoever has one; empty otherwise."""

    kind: ContactKind
    new: str
    password: str
    app_code: str = ""


def wait_hours() -> int:
    return int(deployment().standard("contact_wait_hours"))


def wait() -> timedelta:
    """How long a contact of before can stop a change."""
    return timedelta(hours=wait_hours())


def find_open(session: Session, account_id: UUID, kind: ContactKind, *, lock: bool = False) -> ContactChange | None:
    """The change that is under way, if there is one."""
    query = select(ContactChange).where(
        ContactChange.account_id == account_id, ContactChange.kind == kind, ContactChange.status.in_(OPEN)
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def ask(session: Session, actor: Actor, command: Ask) -> ContactChange:
    """Ask for another address or number; a code goes there. An earlier request that is still open falls away.

    An address that belongs to another account is answered alike: its owner is told, and no code will ever fit.

    :raises DomainError: when the password or the second step is wrong, or it is the same as before.
    :raises TooMany: when one account, or one new address, is asked about too often.
    """
    policies.require_here(actor, command.kind)
    account = session.get_one(UserAccount, actor.require_account(), with_for_update=True, populate_existing=True)
    new = addresses.normal(command.kind, command.new)
    hit("contact-change", str(account.id), limit=8, seconds=3600)
    hit("contact-change-to", new, limit=5, seconds=3600)
    _check_person(account, command)
    index = addresses.index_of(command.kind, new)
    before = addresses.held_index(account, command.kind)
    if index == before:
        raise DomainError(_l("This is the one that we have already."), field="new")
    _refuse_agency_number(session, actor, command.kind, new)
    earlier = find_open(session, account.id, command.kind, lock=True)
    if earlier is not None:
        _close(session, earlier, "take_back", actor)
    change = ContactChange(
        person_key_id=account.person_key_id, account_id=account.id, kind=command.kind, new_index=index,
        old_index=before, secret_hash=_secret_of(account),
    )  # fmt: skip
    change.new = new
    session.add(change)
    session.flush()
    _send(session, account, change, new)
    return change


def _check_person(account: UserAccount, command: Ask) -> None:
    hit("password", str(account.id), limit=10, seconds=900)
    if not accounts.secret_matches(account.password_hash, command.password):
        raise DomainError(_l("The password you use now is not this one."), field="password")
    if policies.needs_app(account):
        hit("totp", str(account.id), limit=10, seconds=900)
        if not second_factor_matches(account, command.app_code):
            raise DomainError(_l("This code is not right. Wait for the next one and try again."), field="app_code")


def _refuse_agency_number(session: Session, actor: Actor, kind: ContactKind, new: str) -> None:
    """An agency may not speak for an employer (its e-mail addresses belong to accounts, and are answered as such)."""
    if kind is not ContactKind.PHONE or not actor.subjects(SubjectKind.EMPLOYER):
        return
    if contact_in_use(session, kind=SubjectKind.AGENCY, email=None, phone=new):
        raise DomainError(_l("This number can’t be used for an employer. Choose another."), field="new")


def _secret_of(account: UserAccount) -> bytes:
    return token_hash(account.password_hash or "")


def _bound(change: ContactChange) -> bytes:
    return change.id.bytes + change.new_index


def _send(session: Session, account: UserAccount, change: ContactChange, new: str) -> None:
    owner = addresses.holder(session, change.kind, change.new_index, but=account.id)
    if owner is not None:
        messages.send(session, template="address_in_use", account=owner, email=new)
    elif change.kind is ContactKind.EMAIL:
        codes.issue_code(session, account, PURPOSE[change.kind], bound=_bound(change), email=new)
    else:
        codes.issue_code(session, account, PURPOSE[change.kind], bound=_bound(change), phone=new)


def confirm(session: Session, actor: Actor, kind: ContactKind, code: str) -> ContactChange:
    """The code proves the new one. Where the account has no contact yet it counts at once, else after the time to stop it. Other
    sessions end.

    :raises DomainError: one sentence, whether the code is wrong, too old, or was never sent.
    """
    account = session.get_one(UserAccount, actor.require_account(), with_for_update=True, populate_existing=True)
    change = find_open(session, account.id, kind, lock=True)
    if change is None or change.status is not ChangeStatus.ASKED:
        raise DomainError(WRONG, field="code")
    if not codes.confirm_code(session, account, PURPOSE[kind], code, bound=_bound(change)) or not _rests(
        account, change
    ):
        raise DomainError(WRONG, field="code")
    change.proved_at = db_now(session)
    if not account.email and not account.phone:
        if not addresses.put(session, account, kind, change.new or ""):
            raise DomainError(WRONG, field="code")
        _move(session, change, "take_first", actor)
    else:
        _begin_waiting(session, actor, account, change)
    accounts.end_sessions(session, account.id, why="contact changed", keep=actor.session_id)
    return change


def _begin_waiting(session: Session, actor: Actor, account: UserAccount, change: ContactChange) -> None:
    words = "-".join(secrets.token_hex(2) for _ in range(3))
    change.stop_hash, change.effective_at = token_hash(words), db_now(session) + wait()
    session.flush()
    _move(session, change, "prove", actor)
    for way in filter(None, (account.email, account.phone)):
        mail = "@" in way
        messages.send(
            session, template="contact_change", account=account, email=way if mail else None, phone=None if mail else way,
            what=str(change.kind), code=words, hours=wait_hours(), link=f"{current().public_url}/not-me",
        )  # fmt: skip


def _rests(account: UserAccount, change: ContactChange) -> bool:
    """Whether the account is still the one that asked: same password, same old contact, not suspended."""
    return (
        account.suspended_at is None
        and accounts.same_bytes(_secret_of(account).hex(), change.secret_hash.hex())
        and addresses.held_index(account, change.kind) == change.old_index
    )


def take_back(session: Session, actor: Actor, kind: ContactKind) -> None:
    """The person changes their mind.

    :raises TooLate: when nothing is under way (any more).
    """
    change = find_open(session, actor.require_account(), kind, lock=True)
    if change is None:
        raise TooLate(CHANGED)
    _close(session, change, "take_back", actor)


def stop(session: Session, words: str, *, address: str) -> bool:
    """The old contact says "this was not me": the change is off, everybody is signed out, and the password that it was asked
    with is good no longer, where an e-mail address can bring a new one. Gives whether it can.

    :raises DomainError: one sentence for words that stop nothing (any more).
    """
    hit("not-me-address", address, limit=20, seconds=3600)
    wanted = ContactChange.stop_hash == token_hash(words.strip().lower())
    held = _locked(session, session.scalars(select(ContactChange.id).where(wanted)).one_or_none())
    if held is None or held[1].status is not ChangeStatus.WAITING:
        raise DomainError(_l("There is nothing to stop with this code. Check each letter and digit."), field="words")
    account, change = held
    _close(session, change, "stop", SYSTEM)
    _lapse_others(session, change)
    anew = resets_by_mail(session, account)
    if anew:
        account.password_hash = None
    accounts.end_sessions(session, account.id, why="change stopped")
    return anew


def _lapse_others(session: Session, stopped: ContactChange) -> None:
    """Whatever else was asked of this account with the same password."""
    for kind in ContactKind:
        other = find_open(session, stopped.account_id, kind, lock=True)
        if other is not None:
            _close(session, other, "lapse", SYSTEM, "another change was stopped")


def _locked(session: Session, change_id: UUID | None) -> tuple[UserAccount, ContactChange] | None:
    """Account and change, locked in the order in which everybody locks them."""
    found = session.get(ContactChange, change_id) if change_id else None
    if found is None:
        return None
    account = session.get_one(UserAccount, found.account_id, with_for_update=True, populate_existing=True)
    return account, session.get_one(ContactChange, found.id, with_for_update=True, populate_existing=True)


def take_effect(session: Session, batch: int = 100) -> int:
    """Changes whose time to be stopped is over count now; gives how many. May run twice."""
    due = session.scalars(
        select(ContactChange.id)
        .where(ContactChange.status == ChangeStatus.WAITING, ContactChange.effective_at <= db_now(session))
        .order_by(ContactChange.effective_at)
        .limit(batch)
    ).all()
    return sum(_settle(session, change_id) for change_id in due)


def _settle(session: Session, change_id: UUID) -> bool:
    held = _locked(session, change_id)
    if held is None or held[1].status is not ChangeStatus.WAITING:
        return False
    account, change = held
    if not _rests(account, change):
        _close(session, change, "lapse", SYSTEM, "the password or the account has changed")
    elif not addresses.put(session, account, change.kind, change.new or ""):
        _close(session, change, "lapse", SYSTEM, "another account has it")
        messages.send(session, template="contact_not_changed", account=account, email=account.email)
    else:
        _close(session, change, "take_effect", SYSTEM)
        # Codes went to the old contact, and whoever is signed in has not shown the new one.
        addresses.use_up_codes(session, account.id)
        accounts.end_sessions(session, account.id, why="contact changed")
    return True


def forget_unproved(session: Session) -> int:
    """Requests whose code has run out for good; gives how many. May run twice."""
    since = db_now(session) - codes.lifetime()
    old = session.scalars(
        select(ContactChange.id)
        .where(ContactChange.status == ChangeStatus.ASKED, ContactChange.created_at < since)
        .limit(500)
    ).all()
    held = [h for h in (_locked(session, change_id) for change_id in old) if h and h[1].status is ChangeStatus.ASKED]
    for _account, change in held:
        _close(session, change, "lapse", SYSTEM, "time over")
    return len(held)


def _move(session: Session, change: ContactChange, action: str, actor: Actor, reason: str = "") -> None:
    evidence = {"account_id": change.account_id, "contact": str(change.kind)}
    CONTACT_CHANGE.apply(session, change, action, actor=actor, reason=reason, evidence=evidence)


def _close(session: Session, change: ContactChange, action: str, actor: Actor, reason: str = "") -> None:
    """The end of a change; what it was to become is kept no longer."""
    _move(session, change, action, actor, reason)
    change.new = None
    session.flush()
