"""Migrants as tests need them, made by the services that make real ones."""

import itertools
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts import NewAccount, Office, UserAccount, actor_for, create_account, post_staff
from core.actor import Actor
from core.db import db_now
from core.permissions import StaffRole
from core.privacy import blind_index
from migrants.identity.mrz import Mrz
from migrants.registration import services
from migrants.registration.models import Migrant
from portal.seeding import make_offices

PASSWORD = "a long secret 7"
# Above the small country's passports and below those of the demo: a world may hold people of both.
_numbers = itertools.count(500_000)


def office(session: Session, code: str = "DOFE") -> Office:
    known = session.scalars(select(Office).where(Office.code == code)).one_or_none()
    return known or make_offices(session)[code]


def zone(
    number: str, *, born: date = date(1996, 4, 12), name: tuple[str, str] = ("TAMANG", "SUNITA"), sex: str = "F"
) -> Mrz:
    return Mrz("P", "NPL", name[0], name[1], number, "NPL", born, sex, date(2031, 1, 1), "")


def applicant(
    session: Session,
    *,
    name: str = "Sunita Tamang",
    born: date = date(1996, 4, 12),
    number: str | None = None,
    mrz: Mrz | None = None,
    phone: str = "+9779841000001",
    **details: Any,
) -> tuple[Migrant, Actor]:
    """Somebody who has filled in everything and has not sent it yet."""
    office(session)
    migrant, account = services.begin(session, services.Begin(name, PASSWORD, "ne", consent=True))
    actor = actor_for(session, account)
    number = number or f"PA{next(_numbers):07d}"
    values = {
        "birth_date": born,
        "sex": "F",
        "father_name": "Mingma Tamang",
        "mother_name": "Dolma Tamang",
        "lives_in": "NP",
    }
    services.save_details(session, actor, services.Details(**{**values, **details}))
    account.phone, account.phone_index = phone, blind_index("phone", phone)
    account.phone_confirmed_at = db_now(session)
    read = mrz or zone(number, born=born)
    services.save_passport(session, actor, services.PassportDetails(number, "\n".join(read.lines())))
    return migrant, actor


def officer(session: Session, role: StaffRole = StaffRole.IDENTITY_OFFICER, code: str = "DOFE") -> Actor:
    """A member of staff in an office."""
    email = f"staff{next(_numbers)}@example.np"
    account = create_account(session, NewAccount(display_name="Karishma Tharu", email=email, password=PASSWORD))
    account.totp_confirmed = True
    post_staff(session, account, role, office(session, code))
    session.flush()
    return actor_for(session, account)


def account_of(session: Session, actor: Actor) -> UserAccount:
    return session.get_one(UserAccount, actor.account_id)


def actor_of(session: Session, migrant_id: UUID) -> Actor:
    migrant = session.get_one(Migrant, migrant_id)
    return actor_for(session, session.scalars(select(UserAccount).where(UserAccount.id == migrant.account_id)).one())
