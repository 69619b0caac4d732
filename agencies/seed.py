"""Made-up agencies: some 400 in every state for the demo, three for the adversarial profile."""

import random
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from agencies import seed_desk, seed_proceedings, seed_renewals
from agencies.branches.seed import presences
from agencies.importing import seed as old_register
from agencies.licensing import appeals, decisions, fees, rules, services
from agencies.licensing.issue import keep_document, licence_token
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.numbers import format_number
from agencies.licensing.status import ApplicationStatus, LicenceStatus, SecurityKind
from agencies.register_log.seed import past
from agencies.register_names.seed import names as further_names
from agencies.registration import services as registration
from agencies.registration.models import Agency, AgencyDirector
from agencies.registration.services import AddDirector, AgencyDetails, new_director
from agencies.registration.status import IdentifierKind
from agencies.sanctions.models import BlacklistedPerson, Sanction
from agencies.sanctions.status import SanctionKind, SanctionStatus
from agencies.security import seed as security
from agencies.seed_names import agency_names, names_of
from agencies.seed_papers import pdf, picture
from core.accounts import NewAccount, UserAccount, actor_for, add_membership, create_account
from core.actor import Actor
from core.db import db_now
from core.ids import new_id
from core.money import Money, exponent
from core.permissions import ClerkRight, SubjectKind
from core.privacy import new_person
from core.world import World
from law.country import deployment

COUNT = 400
SHARES = (
    (LicenceStatus.SUSPENDED, 24),
    (LicenceStatus.EXPIRED, 36),
    (LicenceStatus.CANCELLED, 14),
    (LicenceStatus.SURRENDERED, 8),
)
BLACKLISTED = 10
IMITATED = 8


@dataclass(frozen=True, slots=True)
class Made:
    """An agency of the demo with the directors that were made for it."""

    agency: Agency
    directors: list[AgencyDirector]
    number: int


def demo(session: Session, world: World) -> None:
    """About 400 agencies in every state, imitators, sanctions, and applications in each queue."""
    now = db_now(session)
    office = world.offices[deployment().office_codes("department")[0]]
    officers = (world.staff["licensing.officer"], world.staff["licensing.approver"])
    made = [
        _agency(session, world, office, name, native, number=n, now=now)
        for n, (name, native) in enumerate(agency_names(COUNT))
    ]
    session.flush()
    states = _states(world.rng)
    take = text("SELECT nextval('licence_serial') FROM generate_series(1, :count)")
    serials = sorted(session.scalars(take, {"count": COUNT}).all())
    licences = [
        _licence(m, states[m.number], serial, world.today, world.rng) for m, serial in zip(made, serials, strict=True)
    ]
    renewing = seed_renewals.near_their_end(licences, {m.agency.id: m.agency for m in made}, world.today)
    with past(session, licences, world.today - timedelta(days=20)):
        _sanctions(session, made, states, officers, now)
    _copies(session, world, office, officers[1], now)
    licensed = [m.agency.id for m, status in zip(made, states, strict=True) if status is LicenceStatus.ACTIVE]
    world.ids["agencies"] = licensed
    world.ids["agencies.all"] = [m.agency.id for m in made]
    _owners(session, world, made[0], licences[0])
    with seed_desk.preferring(world):
        security.demo(session, world, licences, picture("bank paper"))
        presences(session, world, made[0].agency, world.actors["licensing.officer"], world.actors["licensing.approver"])
    further_names(
        session, world.actors["agency.owner"], world.actors["licensing.officer"], made[0].agency, made[1].agency
    )
    world.progress(f"{COUNT} agencies")
    seed_desk.office(session, world)
    with seed_desk.preferring(world):
        _queues(session, world, office)
        seed_renewals.demo(
            session, world, renewing, lambda login, agency: _owner(session, world, login, agency), picture
        )
    old_register.demo(session, world)
    seed_proceedings.demo(session, world)


def _states(rng: random.Random) -> list[LicenceStatus | str]:
    """A state for each place; the imitated ones are licensed. ``blacklisted`` is a sanction over a cancelled licence."""
    states: list[LicenceStatus | str] = [s for s, share in SHARES for _ in range(share)]
    states += ["blacklisted"] * BLACKLISTED
    states += [LicenceStatus.ACTIVE] * (COUNT - IMITATED - len(states))
    rng.shuffle(states)
    return [LicenceStatus.ACTIVE] * IMITATED + states


def _agency(
    session: Session, world: World, office: UUID, name: str, native: str, *, number: int, now: datetime
) -> Made:
    rng = world.rng
    agency = Agency(person_key_id=new_person(session).id, office_id=office, name=name, name_local=native or None)
    agency.company_number = f"{100000 + number * 37}{70 + number % 13:03d}"
    agency.district, agency.address = (
        rng.choice(names_of("districts")),
        f"{rng.randint(1, 32)}, {rng.choice(names_of('streets'))}",
    )
    agency.phone, agency.email = made_up_phone(f"145{number:05d}"), f"office{number}@agency.example"
    agency.bank_name, agency.bank_account = first_bank(), f"00{number:04d}{rng.randint(10**9, 10**10 - 1)}"
    agency.listed_at = now - timedelta(days=rng.randint(30, 2000))
    session.add(agency)
    session.flush()
    directors = [new_director(session, agency.id, person(rng, number * 3 + i)) for i in range(rng.randint(1, 3))]
    return Made(agency, directors, number)


def person(rng: random.Random, number: int) -> AddDirector:
    """A made-up director; the telephone range is not in use."""
    return AddDirector(
        name=f"{rng.choice(names_of('given'))} {rng.choice(names_of('family'))}",
        identifier_kind=IdentifierKind.CITIZENSHIP,
        identifier=f"{rng.randint(1, 77):02d}-01-{rng.randint(60, 78)}-{number:05d}",
        birth_date=date(rng.randint(1955, 1994), rng.randint(1, 12), rng.randint(1, 28)),
        phone=made_up_phone(f"980{number:07d}"),
    )


def _licence(made: Made, state: LicenceStatus | str, serial: int, today: date, rng: random.Random) -> Licence:
    status = state if isinstance(state, LicenceStatus) else LicenceStatus.CANCELLED
    issued = today - timedelta(days=rng.randint(40, 900))
    until = today + timedelta(days=rng.randint(20, 1000))
    if status is LicenceStatus.EXPIRED:
        until = today - timedelta(days=rng.randint(1, 400))
        issued = until - timedelta(days=730)
    licence_id, classes = new_id(), list(deployment().licence_classes)
    number = format_number(serial, issued, prefix=rules.prefix(), calendar=rules.calendar())
    return Licence(
        id=licence_id,
        agency_id=made.agency.id,
        number=number,
        serial=serial,
        licence_class=classes[0] if rng.random() < 0.7 else classes[min(1, len(classes) - 1)],
        status=status,
        issued_on=issued,
        valid_until=until,
        token=licence_token(licence_id, number, made.agency, issued, until),
    )


REASONS = {
    SanctionKind.SUSPENSION: "Workers' complaints about fees above the receipt; money not yet paid back.",
    SanctionKind.CANCELLATION: "Passports kept and false papers in three files.",
    SanctionKind.BLACKLISTING: "Took money for posts that did not exist.",
}
KIND_OF: dict[LicenceStatus | str, SanctionKind] = {
    LicenceStatus.SUSPENDED: SanctionKind.SUSPENSION,
    LicenceStatus.CANCELLED: SanctionKind.CANCELLATION,
    "blacklisted": SanctionKind.BLACKLISTING,
}


def _sanctions(
    session: Session,
    made: list[Made],
    states: list[LicenceStatus | str],
    officers: tuple[UUID, UUID],
    now: datetime,
) -> None:
    for m, state in zip(made, states, strict=True):
        kind = KIND_OF.get(state)
        if kind is None:
            continue
        sanction = Sanction(
            agency_id=m.agency.id,
            kind=kind,
            status=SanctionStatus.IN_FORCE,
            reason=REASONS[kind],
            last_day=(now + timedelta(days=70)).date() if kind is SanctionKind.SUSPENSION else None,
            proposed_by=officers[0],
            decided_by=officers[1],
            decided_at=now - timedelta(days=20),
            decision_reason="The facts are proved.",
        )
        session.add(sanction)
        if kind is SanctionKind.BLACKLISTING:
            session.flush()
            session.add_all(BlacklistedPerson(sanction_id=sanction.id, director_id=d.id) for d in m.directors)
    session.flush()


def _copies(session: Session, world: World, office: UUID, approver: UUID, now: datetime) -> None:
    """Imitators: refused applicants that the register shows as not licensed."""
    for place, (name, native, _imitated) in enumerate(names_of("copies")):
        made = _agency(session, world, office, name, native, number=COUNT + 100 + place, now=now)
        session.add(
            LicenceApplication(
                agency_id=made.agency.id,
                started_by=approver,
                status=ApplicationStatus.REFUSED,
                licence_class=first_class(world.today),
                submitted_at=now - timedelta(days=90),
                decided_by=approver,
                decided_at=now - timedelta(days=60),
                decision_reason="The name can be taken for that of a licensed agency.",
            )
        )
    session.flush()


def _account(session: Session, world: World, login: str, name: str, role: str, agency: Agency) -> UserAccount:
    """An account of the agency's people, listed with the staff accounts of the profile."""
    email = f"{login}@demo.openpassage.example"
    # The demo has one password for all, which README lists; the adversarial profile a fresh one for each.
    staff = next((a["password"] for a in world.accounts if a["office"]), None)
    password = staff if staff and "licensing.officer" in world.staff else secrets.token_urlsafe(12)
    account = create_account(session, NewAccount(display_name=name, email=email, password=password))
    world.accounts.append(
        {
            "login": email,
            "password": password,
            "totp_secret": None,
            "role": role,
            "office": None,
            "account_id": str(account.id),
            "agency_id": str(agency.id),
        }
    )
    return account


def _owner(session: Session, world: World, login: str, agency: Agency) -> Actor:
    """Somebody who owns an agency of the demo and can sign in."""
    account = _account(session, world, login, _clerk_name(len(world.accounts)), "agency_owner", agency)
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True)
    world.actors[login] = actor_for(session, account)
    return world.actors[login]


def _owners(session: Session, world: World, made: Made, licence: Licence) -> None:
    """The demo's agency with an owner and a clerk, and the document of its licence."""
    owner = _account(session, world, "agency.owner", "Purna Bahadur Gurung", "agency_owner", made.agency)
    add_membership(session, owner, kind=SubjectKind.AGENCY, subject_id=made.agency.id, is_owner=True)
    clerk = _account(session, world, "agency.clerk", "Srijana Thapa", "agency_clerk", made.agency)
    add_membership(
        session, clerk, kind=SubjectKind.AGENCY, subject_id=made.agency.id, added_by=owner.id,
        rights=[ClerkRight.APPLY, ClerkRight.JOB_ORDERS, ClerkRight.CONTRACTS],
    )  # fmt: skip
    world.staff["agency.owner"] = owner.id
    world.actors["agency.owner"] = actor_for(session, owner)
    world.actors["agency.clerk"] = actor_for(session, clerk)
    keep_document(session, world.actors["agency.owner"], licence, made.agency)


# --- applications, made through the services ---------------------------------------------------------------------------

# How far each of the ten applicants of the country's package has come.
NEW = (
    "submitted", "submitted", "in_review", "returned", "inspection", "decision", "refused", "security_pending", "stopped",
    "draft",
)  # fmt: skip


def _queues(session: Session, world: World, office: UUID) -> None:
    listed = session.scalars(
        select(AgencyDirector).join(BlacklistedPerson, BlacklistedPerson.director_id == AgencyDirector.id).limit(1)
    ).one()
    for place, ((name, native), state) in enumerate(zip(names_of("applicants"), NEW, strict=False)):
        number = COUNT + 200 + place
        director = person(world.rng, number * 3)
        if state == "stopped":
            # A blacklisted director under a new agency: the same identity paper, the name spelt otherwise.
            director = AddDirector(
                name=f"{(listed.name or '').upper()}",
                identifier_kind=listed.identifier_kind,
                identifier=listed.identifier or "",
                birth_date=date.fromisoformat(listed.birth_date or "1970-01-01"),
                phone=director.phone,
            )
        new = _New(name, native, number, f"new.agency.{place + 1}", office)
        _application(session, world, new, director, state)


@dataclass(frozen=True, slots=True)
class _New:
    name: str
    native: str
    number: int
    login: str
    office: UUID


def _application(session: Session, world: World, new: _New, director: AddDirector, state: str) -> LicenceApplication:
    """An agency whose application has come as far as ``state``, every step by its service."""
    officer, approver = world.actors["licensing.officer"], world.actors["licensing.approver"]
    _agency_made, owner, application = fill_in(session, world, new, director)
    if state == "draft":
        return application
    services.submit(session, owner, application.id)
    if state in {"submitted", "stopped"}:
        return application
    decisions.take(session, officer, application.id)
    if state == "returned":
        defects = (decisions.Defect("tax", "The certificate is of an earlier year."),)
        decisions.return_defects(session, officer, application.id, decisions.ReturnDefects(defects))
    elif state == "inspection":
        decisions.ask_visit(session, officer, application.id, "Papers complete.")
    elif state in {"decision", "security_pending", "refused"}:
        seed_desk.visit(session, world, application)
    if state == "security_pending":
        decisions.approve(session, approver, application.id, approval(world.today))
    if state == "refused":
        decisions.refuse(session, approver, application.id, "The lease of the office ends before the licence would.")
        words = "We have a new lease for five years; it is in the papers that we sent in March."
        # It came by post: an officer writes it down, another one decides.
        appeals.record(session, officer, application.id, appeals.OnPaper(words, picture("appeal by post")))
    return application


def fill_in(
    session: Session, world: World, new: _New, director: AddDirector
) -> tuple[Agency, Actor, LicenceApplication]:
    """A registered agency with a complete application, not yet sent."""
    stub = Agency(person_key_id=new_person(session).id, office_id=new.office, name=new.name, name_local=new.native)
    session.add(stub)
    session.flush()
    account = _account(session, world, new.login, _clerk_name(new.number), "agency_owner", stub)
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=stub.id, is_owner=True)
    owner = actor_for(session, account)
    world.actors[new.login] = owner
    details = AgencyDetails(
        name=new.name,
        name_local=new.native,
        company_number=f"{200000 + new.number}080",
        district=names_of("districts")[new.number % len(names_of("districts"))],
        address=f"Ward {new.number % 30 + 1}",
        phone=made_up_phone(f"146{new.number:05d}"),
        email=None,
        bank_name=first_bank(),
        bank_account=f"0077{new.number:08d}",
    )
    registration.change_details(session, owner, stub.id, details)
    registration.add_director(session, owner, stub.id, director)
    application = services.start_application(session, owner, stub.id)
    services.choose_class(session, owner, application.id, services.ChooseClass(first_class(world.today)))
    for place, paper in enumerate(rules.papers(application.procedure)):
        words = f"{paper.code} {new.number}"
        # The first paper of every fourth is a PDF, as offices scan them.
        content = picture(words) if place or new.number % 4 else pdf(words)
        services.attach_paper(session, owner, application.id, services.AttachPaper(paper.code, content))
    return stub, owner, application


def approval(today: date) -> decisions.Approve:
    """What an approver decides for the first class: the law's amounts where they are known, else the demo's; two years."""
    terms = rules.class_terms(first_class(today), today)
    currency = deployment().currency
    zero, decided = Money(0, currency), Money(1_000_000 * 10 ** exponent(currency), currency)
    known = terms is not None and terms.total.minor > 0
    return decisions.Approve(
        reason="Meets the conditions of the class.",
        cash=terms.cash if terms and known else decided,
        guarantee=terms.guarantee if terms and known else zero,
        valid_until=today + timedelta(days=730),
        valid_until_reason="Two years, as decided for agencies of this class.",
    )


def first_class(today: date) -> str:
    """The country's first licence class, in the law's order."""
    return rules.classes(today)[0].code


def _clerk_name(number: int) -> str:
    given = names_of("given")
    return f"{given[number % len(given)]} {names_of('family')[0]}"


def first_bank() -> str:
    """A bank of the country."""
    return deployment().banks[0]


def made_up_phone(national: str) -> str:
    """A number of the deployment's country in E.164."""
    home = deployment()
    left = home.phone_digits - 3
    return f"+{home.dialling_code}{national[:3]}{national[3:].zfill(left)[-left:]}"


# --- adversarial ---------------------------------------------------------------------------------------------------------

THREE = (
    ("Alpha Overseas Pvt. Ltd.", 2, True),
    ("Bravo Manpower Pvt. Ltd.", 1, True),
    ("Charlie Recruitment Pvt. Ltd.", 2, False),
)


def adversarial(session: Session, world: World) -> None:
    """Three agencies in two offices: two licensed, one whose application waits for an officer. All by the services."""
    found: list[dict[str, object]] = []
    regions = deployment().office_codes("province")
    for place, (name, region, licensed) in enumerate(THREE):
        office = regions[region]
        login = f"agency.{name.split()[0].lower()}"
        new = _New(name, "", 700 + place, login, world.offices[office])
        agency, owner, application = fill_in(session, world, new, person(world.rng, 2100 + place))
        services.submit(session, owner, application.id)
        row: dict[str, object] = {
            "id": str(agency.id), "office": office, "owner": f"{login}@demo.openpassage.example",
            "application_id": str(application.id),
        }  # fmt: skip
        if licensed:
            department = deployment().office_codes("department")[0].lower()
            with seed_desk.preferring(world, f"finance.{department}", f"finance.checker.{department}"):
                licence = _license(session, world, application, office.lower())
            row |= {"licence_id": str(licence.id), "licence_number": licence.number, "token": licence.token}
            world.ids.setdefault("agencies", []).append(agency.id)
        world.ids.setdefault("agencies.all", []).append(agency.id)
        found.append(row)
    world.found["agencies"] = found
    seed_proceedings.adversarial(session, world)


def _license(session: Session, world: World, application: LicenceApplication, office: str) -> Licence:
    """Reviewed, approved and secured by the officers of that office."""
    officer, approver = world.actors[f"licensing.officer.{office}"], world.actors[f"licensing.approver.{office}"]
    department = deployment().office_codes("department")[0].lower()
    cashier = world.actors[f"finance.{department}"]
    decisions.take(session, officer, application.id)
    decisions.recommend(session, officer, application.id, decisions.Recommend("Papers complete.", "Seen last year."))
    command = approval(world.today)
    decisions.approve(session, approver, application.id, command)
    deposit = decisions.RecordSecurity(
        kind=SecurityKind.CASH, amount=command.cash + command.guarantee, bank_name=first_bank(),
        document_number=f"SLIP-{application.reference}", content=picture(application.reference),
    )  # fmt: skip
    paper = decisions.record_security(session, cashier, application.id, deposit)
    checker = world.actors[f"finance.checker.{department}"]
    security.confirm(session, cashier, checker, paper, picture("confirmed"))
    fee, _found = fees.asked(session, application)
    if fee is not None:
        fees.record(session, cashier, application.id, fees.RecordFee(fee, "F-1001", world.today))
    return decisions.issue(session, cashier, application.id)
