"""``portal seed``: a credible country at work, or a small fixed one to attack, or nothing but the offices."""

import importlib
import random
import sys
from typing import Any

import click
import pyotp
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases.organisations.models import HelpingOrganisation
from core import db
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
from core.ids import new_id
from core.permissions import StaffRole, SubjectKind
from core.settings import Settings
from core.world import World
from law.country import deployment
from law.seed_data import seed_data
from portal.app import prepare
from portal.owners import seed as lost_owners

PROFILES = ("demo", "adversarial", "empty")
# Demo mode only: the accounts that README lists. Staff have a fixed authenticator key, so that a newcomer can sign in.
DEMO_PASSWORD = "open-passage-demo"
DEMO_TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STAFF: tuple[tuple[str, str, StaffRole, str], ...] = (
    ("licensing.officer", "Anjali Shrestha", StaffRole.LICENSING_OFFICER, "department"),
    ("licensing.approver", "Bishnu Prasad Adhikari", StaffRole.LICENSING_APPROVER, "department"),
    ("licensing.decider", "Bina Kumari Rawal", StaffRole.LICENSING_APPROVER, "department"),
    ("appeal.officer", "Chandra Prakash Joshi", StaffRole.APPEAL_OFFICER, "ministry"),
    ("licensing.officer2", "Chandra Kala Limbu", StaffRole.LICENSING_OFFICER, "department"),
    ("licensing.approver2", "Deepak Bhandari", StaffRole.LICENSING_APPROVER, "department"),
    ("licence.inspector", "Ganga Ram Dhimal", StaffRole.LICENCE_INSPECTOR, "department"),
    ("finance", "Dil Maya Gurung", StaffRole.FINANCE_OFFICER, "department"),
    ("finance.checker", "Prem Kumari Limbu", StaffRole.FINANCE_OFFICER, "department"),
    ("identity.officer", "Karishma Tharu", StaffRole.IDENTITY_OFFICER, "department"),
    ("identity.approver", "Mohan Bahadur Rai", StaffRole.IDENTITY_APPROVER, "department"),
    ("child.protection", "Sabina Lama", StaffRole.CHILD_PROTECTION_OFFICER, "department"),
    ("mission.qatar", "Nabin Khadka", StaffRole.MISSION_OFFICER, "M-QA"),
    ("labour.officer", "Pramila Yadav", StaffRole.LABOUR_OFFICER, "department"),
    ("labour.approver", "Santosh Mahato", StaffRole.LABOUR_OFFICER, "department"),
    ("clearance.officer", "Ramesh Chaudhary", StaffRole.CLEARANCE_OFFICER, "department"),
    ("clearance.approver", "Sarita Magar", StaffRole.CLEARANCE_APPROVER, "department"),
    ("airport", "Tek Bahadur Thapa", StaffRole.AIRPORT_OFFICER, "department"),
    ("remittance.officer", "Urmila Karki", StaffRole.REMITTANCE_OFFICER, "department"),
    ("remittance.approver", "Yam Kumari Pun", StaffRole.REMITTANCE_APPROVER, "department"),
    ("centre.inspector", "Gita Devi Sah", StaffRole.CENTRE_INSPECTOR, "department"),
    ("case.officer", "Laxmi Sunar", StaffRole.CASE_OFFICER, "ministry"),
    ("case.colleague", "Om Prakash Jha", StaffRole.CASE_OFFICER, "ministry"),
    ("auditor", "Hari Sharan Poudel", StaffRole.AUDITOR, "ministry"),
    ("admin", "Indira Joshi", StaffRole.STAFF_ADMIN, "ministry"),
    ("exemption.officer", "Sushila Khanal", StaffRole.EXEMPTION_OFFICER, "ministry"),
    ("exemption.colleague", "Rajan Budhathoki", StaffRole.EXEMPTION_OFFICER, "ministry"),
)


def demo_staff() -> tuple[tuple[str, str, StaffRole, str], ...]:
    """The demo's officers, each in the first office of its kind; a mission is named by its code."""
    country = deployment()
    first = {kind: country.office_codes(kind)[0] for kind in ("ministry", "department")}
    return tuple((login, name, role, first.get(office, office)) for login, name, role, office in STAFF)


def make_offices(session: Session) -> dict[str, Any]:
    """The offices of the country package, made once."""
    known = {o.code: o for o in session.scalars(select(Office))}
    for plan in deployment().offices:
        if plan.code in known:
            continue
        office = Office(
            code=plan.code,
            kind=OfficeKind(plan.kind),
            parent_id=known[plan.parent].id if plan.parent else None,
            names=plan.names,
            destinations=list(plan.destinations),
        )
        session.add(office)
        session.flush()
        known[plan.code] = office
    return known


def staff_account(session: Session, login: str, name: str, *, totp: str, password: str) -> UserAccount:
    """A staff account whose authenticator is set up already."""
    account = create_account(
        session, NewAccount(display_name=name, email=f"{login}@demo.openpassage.example", password=password)
    )
    account.totp_secret, account.totp_required, account.totp_confirmed = totp, True, True
    return account


def make_world(session: Session, seed: int) -> World:
    world = World(today=db.legal_today(session), rng=random.Random(seed))
    world.offices = {code: office.id for code, office in make_offices(session).items()}
    return world


def seed(settings: Settings, profile: str) -> World:
    """Fill an empty database.

    :raises click.ClickException: when there is data already, or outside demo mode.
    """
    if profile != "empty" and not settings.demo:
        raise click.ClickException("Made-up data goes into a demo only: set DEMO=1.")
    prepare(settings)
    with db.sessions()() as session:
        if profile != "empty" and session.scalar(select(func.count()).select_from(UserAccount)):
            raise click.ClickException("There is data already; a seed needs an empty database.")
        world = make_world(session, 20_260_101)
        if profile != "empty":
            world.progress = lambda text: click.echo(f"  {text}", file=sys.stderr)
            _fill(session, world, profile)
        session.commit()
        return world


def _fill(session: Session, world: World, profile: str) -> None:
    staff = demo_staff() if profile == "demo" else adversarial_staff()
    for login, name, role, office in staff:
        totp = DEMO_TOTP if profile == "demo" else pyotp.random_base32()
        password = DEMO_PASSWORD if profile == "demo" else f"adversarial-{new_id().hex[-12:]}"
        account = staff_account(session, login, name, totp=totp, password=password)
        post_staff(session, account, role, session.get_one(Office, world.offices[office]))
        world.staff[login] = account.id
        world.actors[login] = actor_for(session, account)
        world.accounts.append(
            {
                "login": account.email,
                "password": password,
                "totp_secret": totp,
                "role": str(role),
                "office": office,
                "account_id": str(account.id),
            }
        )
    for package in ("agencies", "migrants", "contracts", "remittance", "cases"):
        if importlib.util.find_spec(f"{package}.seed") is None:
            continue
        getattr(importlib.import_module(f"{package}.seed"), profile)(session, world)
        session.flush()
        world.progress(f"{package} done")
    if profile == "adversarial":
        _helpers(session, world)
    else:
        lost_owners.demo(session, world)


def _helpers(session: Session, world: World) -> None:
    """Two helping organisations with their owners: they may sign in, and, until there are cases, see nobody's file."""
    (ministry, *_), towns = deployment().office_codes("ministry"), seed_data("agencies")["towns"]
    world.found["ngos"] = []
    for number in (1, 2):
        organisation = HelpingOrganisation(
            name=f"Migrant Help Desk {towns[number]}", district=towns[number], office_id=world.offices[ministry]
        )
        session.add(organisation)
        session.flush()
        subject, password = organisation.id, f"adversarial-{new_id().hex[-12:]}"
        email = f"ngo{number}@demo.openpassage.example"
        account = create_account(session, NewAccount(display_name=_name(60 + number), email=email, password=password))
        add_membership(session, account, kind=SubjectKind.NGO, subject_id=subject, is_owner=True)
        world.found["ngos"].append(str(subject))
        world.accounts.append(
            {
                "login": email,
                "password": password,
                "role": "ngo",
                "record_id": str(subject),
                "account_id": str(account.id),
            }
        )


REGIONAL = (
    StaffRole.LICENSING_OFFICER,
    StaffRole.LICENSING_APPROVER,
    StaffRole.LICENCE_INSPECTOR,
    StaffRole.IDENTITY_OFFICER,
    StaffRole.IDENTITY_APPROVER,
    StaffRole.LABOUR_OFFICER,
    StaffRole.CLEARANCE_OFFICER,
    StaffRole.CLEARANCE_APPROVER,
    StaffRole.STAFF_ADMIN,
    StaffRole.CASE_OFFICER,
)


def adversarial_staff() -> tuple[tuple[str, str, StaffRole, str], ...]:
    """Officers of two regions and of the department, by the offices of the deployment's country."""
    country = deployment()
    regions = country.office_codes("province")
    (department, *_), (ministry, *_) = country.office_codes("department"), country.office_codes("ministry")
    posts = (
        *((role.value, role, office) for office in (regions[2], regions[1]) for role in REGIONAL),
        ("labour", StaffRole.LABOUR_OFFICER, department),
        ("finance", StaffRole.FINANCE_OFFICER, department),
        ("finance.checker", StaffRole.FINANCE_OFFICER, department),
        ("mission", StaffRole.MISSION_OFFICER, "M-QA"),
        ("airport", StaffRole.AIRPORT_OFFICER, department),
        ("centre.inspector", StaffRole.CENTRE_INSPECTOR, department),
        ("child.protection", StaffRole.CHILD_PROTECTION_OFFICER, department),
        ("remittance", StaffRole.REMITTANCE_OFFICER, department),
        ("remittance.approver", StaffRole.REMITTANCE_APPROVER, department),
        ("case.officer", StaffRole.CASE_OFFICER, ministry),
        ("case.colleague", StaffRole.CASE_OFFICER, ministry),
        ("appeal.officer", StaffRole.APPEAL_OFFICER, ministry),
        ("auditor", StaffRole.AUDITOR, ministry),
    )
    return tuple(
        (f"{login.replace('_', '.')}.{office.removeprefix('M-').lower()}", _name(number), role, office)
        for number, (login, role, office) in enumerate(posts)
    )


def _name(number: int) -> str:
    """The name of one of the small country's people: as in the country, each another one."""
    names = seed_data("agencies")
    given, family = names["given"], names["family"]
    return f"{given[number * 3 % len(given)]} {family[number * 5 % len(family)]}"


def seed_if_empty(settings: Settings, profile: str) -> None:
    """The first `make run`: fill the demo's database."""
    prepare(settings)
    with db.sessions()() as session:
        filled = bool(session.scalar(select(func.count()).select_from(UserAccount)))
    if not filled:
        click.echo("Making the demo's country ...")
        seed(settings, profile)
