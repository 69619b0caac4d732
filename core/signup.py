"""The beginning of an organisation's sign-up: an e-mail address proved by a code. Known and unknown ones look alike."""

from uuid import UUID

from sqlalchemy.orm import Session

from core.accounts import NewAccount, UserAccount, create_account, find_account, set_password
from core.codes import confirm_code, issue_code
from core.contact import normal_email
from core.db import db_now
from core.errors import DomainError, TooLate
from core.i18n import _l, current_locale
from core.throttle import hit

PURPOSE = "sign_up"


def begin(session: Session, email: str, *, address: str) -> UUID:
    """Send a code to this address. An account without a password is made for a new one.

    :param address: where the request comes from, for the limit.
    :raises TooMany: when one address or one place asks too often.
    """
    email = normal_email(email)
    hit("sign-up", email, limit=5, seconds=900)
    hit("sign-up-place", address, limit=30, seconds=900)
    account = find_account(session, email)
    if account is None:
        account = create_account(session, NewAccount(display_name=email, email=email, locale=current_locale()))
    issue_code(session, account, PURPOSE, email=email)
    return account.id


def confirm(session: Session, account_id: UUID, code: str) -> UserAccount:
    """The code proves that the address is theirs.

    :raises DomainError: when it is wrong or too old.
    """
    account = session.get(UserAccount, account_id)
    if account is None or not confirm_code(session, account, PURPOSE, code):
        raise DomainError(_l("This code is not right, or it is too old. Ask for a new one."), field="code")
    account.email_confirmed_at = account.email_confirmed_at or db_now(session)
    session.flush()
    return account


def signs_in_already(account: UserAccount) -> bool:
    """Whether this account has its own way in, which the code from an e-mail must never replace: a password, or a
    staff member's second factor or office sign-in."""
    return account.password_hash is not None or account.totp_required


def complete(session: Session, account_id: UUID, *, person: str, password: str) -> UserAccount:
    """Give the confirmed account its name and password.

    :raises TooLate: when the account has a way in already: such a person signs in instead.
    """
    account = session.get(UserAccount, account_id, with_for_update=True)
    if account is None or account.email_confirmed_at is None or signs_in_already(account):
        raise TooLate(_l("You have an account already. Please sign in."))
    account.display_name = person
    set_password(session, account, password)
    return account
