"""An address or number on an account: what stands there, whose it is, and putting another in its place."""

from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts import Membership, StaffPosting, UserAccount
from core.codes import OneTimeCode
from core.contact import normal_email, normal_phone
from core.db import db_now
from core.privacy import blind_index
from portal.contacts.status import ContactKind


def normal(kind: ContactKind, text: str) -> str:
    """
    :raises DomainError: for what can't be one.
    """
    return normal_email(text) if kind is ContactKind.EMAIL else normal_phone(text)


def index_of(kind: ContactKind, value: str) -> bytes:
    return blind_index(str(kind), value)


def held_index(account: UserAccount, kind: ContactKind) -> bytes | None:
    return account.email_index if kind is ContactKind.EMAIL else account.phone_index


def holder(session: Session, kind: ContactKind, index: bytes, *, but: UUID) -> UserAccount | None:
    """Another account that holds this e-mail address, in earnest; telephones may be shared."""
    if kind is ContactKind.PHONE:
        return None
    found = session.scalars(
        select(UserAccount).where(UserAccount.email_index == index, UserAccount.id != but)
    ).one_or_none()
    return None if found is None or _is_empty(session, found) else found


def _is_empty(session: Session, account: UserAccount) -> bool:
    """Begun by typing an address into a sign-up, which nobody has proved: that keeps the address from nobody."""
    if account.password_hash is not None or account.email_confirmed_at is not None:
        return False
    used = (
        exists().where(Membership.account_id == account.id),
        exists().where(StaffPosting.account_id == account.id),
    )
    return not any(session.scalar(select(test)) for test in used)


def put(session: Session, account: UserAccount, kind: ContactKind, value: str) -> bool:
    """Put a proved address or number on a locked account; False when another account has taken it since."""
    index = index_of(kind, value)
    if holder(session, kind, index, but=account.id) is not None:
        return False
    try:
        with session.begin_nested():
            _clear_empty(session, index, account.id)
            _set(session, account, kind, value, index)
    except IntegrityError:
        # Another account took it at this very moment.
        session.refresh(account)
        return False
    return True


def _clear_empty(session: Session, index: bytes, but: UUID) -> None:
    """An empty account gives the address up for good: its code, which went to this address too, opens nothing."""
    empty = session.scalars(
        select(UserAccount)
        .where(UserAccount.email_index == index, UserAccount.id != but)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if empty is None or not _is_empty(session, empty):
        return
    empty.email = empty.email_index = None
    empty.suspended_at = db_now(session)
    use_up_codes(session, empty.id)
    session.flush()


def _set(session: Session, account: UserAccount, kind: ContactKind, value: str, index: bytes) -> None:
    before, now = held_index(account, kind), db_now(session)
    if before is not None:
        # Ties between an officer and an agency are seen by contacts: a new one hides none.
        account.former_contacts = sorted({*account.former_contacts, before})
    if kind is ContactKind.EMAIL:
        account.email, account.email_index, account.email_confirmed_at = value, index, now
    else:
        account.phone, account.phone_index, account.phone_confirmed_at = value, index, now
    session.flush()


def use_up_codes(session: Session, account_id: UUID) -> None:
    """Codes that were sent to a contact of before open nothing any more."""
    session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.account_id == account_id, OneTimeCode.used_at.is_(None))
        .values(used_at=func.now())
    )
