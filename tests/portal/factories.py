"""People of the shell's tests."""

from itertools import count

import pyotp
from sqlalchemy.orm import Session

from core.accounts import (
    NewAccount,
    Office,
    OfficeKind,
    UserAccount,
    add_membership,
    create_account,
    post_staff,
)
from core.ids import new_id
from core.permissions import StaffRole, SubjectKind

PASSWORD = "rhododendron-ridge"
_numbers = count(1)


def office(session: Session, *, parent: Office | None = None, kind: OfficeKind = OfficeKind.DEPARTMENT) -> Office:
    made = Office(
        code=f"T{next(_numbers)}-{new_id().hex[-6:]}",
        kind=kind,
        parent_id=parent.id if parent else None,
        names={"en": f"Test office {next(_numbers)}"},
        destinations=[],
    )
    session.add(made)
    session.flush()
    return made


def person(
    session: Session, *, email: str | None = None, phone: str | None = None, name: str = "Asha Rai"
) -> UserAccount:
    return create_account(
        session,
        NewAccount(
            display_name=name, password=PASSWORD, email=email or f"p{new_id().hex[-10:]}@people.example", phone=phone
        ),
    )


def officer(
    session: Session, role: StaffRole = StaffRole.LICENSING_OFFICER, *, at: Office | None = None
) -> UserAccount:
    """A member of staff whose authenticator is set up."""
    account = person(session, name="Officer Tamang")
    account.totp_secret, account.totp_confirmed = pyotp.random_base32(), True
    post_staff(session, account, role, at or office(session))
    return account


def agency_owner(session: Session) -> UserAccount:
    account = person(session)
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=new_id(), is_owner=True)
    return account
