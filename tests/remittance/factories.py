"""What tests of remittance need: rates, verified migrants with accounts, officers, remittances on any step."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts import (
    NewAccount,
    Office,
    OfficeKind,
    UserAccount,
    actor_for,
    add_membership,
    create_account,
    post_staff,
)
from core.actor import Actor
from core.db import db_now
from core.messages import OutgoingMessage
from core.money import Money
from core.permissions import StaffRole, SubjectKind
from core.privacy import new_person
from migrants.registration.models import Migrant
from migrants.registration.status import MigrantStatus
from remittance.orders import books, services
from remittance.orders.models import Remittance
from remittance.orders.services import NewBeneficiary, TakeOffer
from remittance.quotes.services import load_rates
from remittance.quotes.status import PayIn

RATES = Path(__file__).parent / "rates.json"
PASSWORD = "a long enough secret"
MOTHER = NewBeneficiary("Maya Devi Tamang", "Nabil Bank", "01234567890123", "Dhading")


def office(session: Session) -> Office:
    found = session.scalars(select(Office).where(Office.code == "T-DOFE")).one_or_none()
    if found is None:
        found = Office(code="T-DOFE", kind=OfficeKind.DEPARTMENT, names={"en": "Office"}, destinations=[])
        session.add(found)
        session.flush()
    return found


def rates(session: Session) -> None:
    load_rates(session, RATES, fresh=True)


def migrant(session: Session, name: str = "Sita Tamang", *, level: int = 1) -> tuple[UserAccount, Actor]:
    """A verified migrant with an account (level 0: not verified)."""
    key = new_person(session)
    account = create_account(
        session,
        NewAccount(display_name=name, password=PASSWORD, email=f"{key.id.hex}@example.org"),
        person=key,
    )
    made = Migrant(
        person_key_id=key.id,
        account_id=account.id,
        status=MigrantStatus.VERIFIED if level else MigrantStatus.STARTED,
        level=level,
        office_id=office(session).id,
        consent_version="1",
        consent_language="ne",
        consent_at=db_now(session),
    )
    made.full_name = made.latin_name = name
    made.birth_date = "1994-05-17"
    session.add(made)
    session.flush()
    add_membership(session, account, kind=SubjectKind.MIGRANT, subject_id=made.id, is_owner=True)
    return account, actor_for(session, account)


def officer(session: Session, role: StaffRole = StaffRole.REMITTANCE_OFFICER) -> tuple[UserAccount, Actor]:
    key = new_person(session)
    account = create_account(
        session, NewAccount(display_name="Officer", password=PASSWORD, email=f"{key.id.hex}@example.org"), person=key
    )
    post_staff(session, account, role, office(session))
    return account, actor_for(session, account)


def offer(
    session: Session, actor: Actor, *, country: str = "QA", minor: int = 100_000, pay_in: PayIn = PayIn.BANK
) -> Remittance:
    currency = {"QA": "QAR", "AE": "AED", "KW": "KWD", "KR": "KRW"}[country]
    amount = Money(minor, currency)
    price = services.find_offer(session, country, amount, pay_in).price
    command = TakeOffer(country, amount, pay_in, price.pays.minor, price.receives.minor)
    return services.take_offer(session, actor, command)


def with_recipient(session: Session, actor: Actor, person: NewBeneficiary = MOTHER, **kw: object) -> Remittance:
    made = offer(session, actor, **kw)  # type: ignore[arg-type]
    beneficiary = services.add_beneficiary(session, actor, person)
    return services.choose_recipient(session, actor, made.id, beneficiary.id)


def last_message(session: Session) -> OutgoingMessage:
    """The newest message of the captured outbox."""
    row = session.scalars(
        select(OutgoingMessage).order_by(OutgoingMessage.created_at.desc(), OutgoingMessage.id.desc())
    ).first()
    assert row is not None
    return row


def last_code(session: Session) -> str:
    """The newest code that was sent, from the captured outbox."""
    import re

    found = re.search(r"\b[0-9]{6}\b", last_message(session).body or "")
    assert found is not None
    return found[0]


def authorised(session: Session, actor: Actor, person: NewBeneficiary = MOTHER, **kw: object) -> Remittance:
    """Confirmed with password and code, and screened."""
    made = with_recipient(session, actor, person, **kw)
    services.send_code(session, actor, made.id)
    return services.authorise(session, actor, made.id, secret=PASSWORD, code=last_code(session))


def fill_float(session: Session, minor: int = 10**10) -> None:
    books.float_paid_in(session, f"test-{minor}", Money(minor, "NPR"))
