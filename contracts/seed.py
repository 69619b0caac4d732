"""Made-up employers, job orders and contracts; sessions and clearances stand in ``seed_departure.py``."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from agencies.winding_down import seed as winding_down_seed
from contracts import deadlines, seed_departure, seed_endings, seed_questions, seed_troubled, winding_down
from contracts.employers import policies
from contracts.employers import seed as employers_seed
from contracts.employers import services as employers
from contracts.employers.accreditation_models import AccreditationTerm
from contracts.employers.bar_models import EmployerBar
from contracts.employers.models import Employer
from contracts.employers.status import EmployerStatus
from contracts.employment.comparison import Level, compare, worst
from contracts.employment.law_check import check
from contracts.employment.models import EmploymentContract
from contracts.employment.status import ContractStatus, Place
from contracts.employment.terms import PassportKeeper, Payer, Provision, Terms, read_terms
from contracts.job_orders.models import JobOrder
from contracts.job_orders.services import document
from contracts.job_orders.status import JobOrderStatus
from contracts.sides import Side
from core.accounts import Membership, NewAccount, UserAccount, actor_for, create_account
from core.bulk import BulkPeople
from core.db import db_now
from core.ids import new_id, new_reference
from core.permissions import SubjectKind
from core.privacy import blind_index
from core.world import World
from law.country import deployment, due_after
from migrants.registration.models import Migrant

PASSWORD = "open-passage-demo"
CITIES = {
    "QA": "Doha",
    "SA": "Riyadh",
    "AE": "Dubai",
    "KW": "Kuwait City",
    "MY": "Penang",
    "OM": "Muscat",
    "BH": "Manama",
    "KR": "Ansan",
}
TRADES = (
    "Contracting",
    "Facilities",
    "Hotels",
    "Logistics",
    "Textiles",
    "Foods",
    "Electronics",
    "Gardens",
    "Security",
    "Construction",
)
OWNERS = {
    "QA": ("Al Rayyan", "Al Wakra", "Lusail"), "SA": ("Al Yamama", "Najd", "Tabuk"), "AE": ("Al Barsha", "Jumeira", "Khor"),
    "KW": ("Salmiya", "Jahra", "Failaka"), "MY": ("Sungai", "Kelawai", "Bayan"), "OM": ("Sohar", "Nizwa", "Muttrah"),
    "BH": ("Muharraq", "Riffa", "Sitra"), "KR": ("Hansol", "Daehan", "Shinwon"),
}  # fmt: skip
SIGNATORIES = ("Nasser", "Fatima", "Khalid", "Aisha", "Rajesh", "Mariam", "Yousef", "Priya", "Hassan", "Anwar", "Leela")
SURNAMES = (
    "Al Kuwari",
    "Al Suwaidi",
    "Rahman",
    "Nair",
    "Al Harbi",
    "Menon",
    "Siddiqui",
    "Al Balushi",
    "Pillai",
    "Haddad",
)
# Monthly wage in minor units of the country's currency for unskilled work; made up, of a credible size.
WAGE = {"QA": 120000, "SA": 110000, "AE": 105000, "KW": 100000, "MY": 170000, "OM": 110000, "BH": 120000, "KR": 2060000}
JOBS = (
    "9313",
    "9112",
    "9329",
    "9333",
    "9412",
    "5131",
    "7112",
    "7411",
    "7212",
    "8332",
    "5414",
    "9321",
    "7115",
    "9214",
    "8153",
)
STATES = (
    (ContractStatus.REGISTERED, 780), (ContractStatus.WORKER_REVIEW, 70), (ContractStatus.ACCEPTED, 40), (ContractStatus.DECLINED, 60),
    (ContractStatus.QUESTION, 10), (ContractStatus.RETURNED, 20), (ContractStatus.ENDED, 20),
)  # fmt: skip
COUNT = 6000


def _terms(world: World, name: str, country: str) -> Terms:
    rng = world.rng
    code = rng.choice(JOBS)
    occupation = deployment().occupation(code)
    assert occupation
    factor = 1.0 if code.startswith("9") else 1.25
    return Terms(
        post=occupation.names["en"], occupation=code, employer=name, country=country, site=CITIES[country],
        wage_minor=int(WAGE[country] * factor) // 1000 * 1000, wage_currency=deployment().destination_currencies[country],
        hours_per_day=8, days_per_week=6, overtime_paid=True, food=rng.choice((Provision.PROVIDED, Provision.ALLOWANCE)),
        lodging=Provision.PROVIDED, ticket_out=Payer.EMPLOYER, ticket_back=Payer.EMPLOYER, insurance=Payer.EMPLOYER,
        leave_days=30, term_months=24, probation_months=3, notice_days=30, worker_pays_minor=rng.choice((0, 0, 500000, 1000000)),
        passport_kept_by=PassportKeeper.WORKER,
    )  # fmt: skip


def _labour(world: World) -> UUID:
    return next(a for name, a in world.staff.items() if name.startswith("labour"))


def _midnight(world: World) -> datetime:
    return datetime.combine(world.today, datetime.min.time(), UTC)


def _account(people: BulkPeople, name: str) -> tuple[Any, UUID]:
    person = people.person()
    account = people.add(
        UserAccount,
        person,
        {"display_name_sealed": name},
        reference=new_reference("UA"),
        locale="en",
        totp_required=False,
        totp_confirmed=False,
        recovery_hashes=[],
    )
    return person, account


def demo(session: Session, world: World) -> None:
    """A country's employers in eight destinations, with job orders and thousands of contracts in every state."""
    people = BulkPeople(session)
    made = _employers(people, world)
    clerk = _account(people, "Milan Thapa")[1]
    people.flush()
    # The accounts of the demo meet: its employer hires through its agency.
    own = _own_employer(session, world, "QA")
    own["agency"] = world.actors["agency.owner"].subject(SubjectKind.AGENCY)
    employers_seed.demo(session, world, lambda number: _own_employer(session, world, "QA", number))
    orders = _orders(session, world, [*made, own], clerk)
    contracts = _contracts(session, world, orders, clerk)
    mine = _own_contract(session, world, own, orders, clerk)
    seed_questions.demo(session, world, contracts, mine)
    world.progress(f"{len(made)} employers, {len(orders)} job orders, {len(contracts)} contracts")
    seed_departure.demo(session, world, contracts)
    own_order = next(o for o in orders if o["employer_id"] == own["id"])
    seed_endings.demo(session, world, own["id"], read_terms(own_order["terms"]))
    seed_troubled.demo(session, world)
    _winding_down(session, world)


def _winding_down(session: Session, world: World) -> None:
    """An agency of the old days holds the demo migrant's passport."""
    assert winding_down.SOURCE
    migrant = session.get_one(Migrant, world.ids["demo_migrant"][0])
    account = session.get_one(UserAccount, migrant.account_id)
    winding_down_seed.demo(session, world, actor_for(session, account))


def _employers(people: BulkPeople, world: World) -> list[dict[str, Any]]:
    made = []
    for number in range(120):
        country = list(CITIES)[number % len(CITIES)]
        name = f"{world.rng.choice(OWNERS[country])} {world.rng.choice(TRADES)} {1 + number // len(CITIES)}"
        signatory = f"{SIGNATORIES[number % len(SIGNATORIES)]} {SURNAMES[number * 7 % len(SURNAMES)]}"
        person, account = _account(people, signatory)
        status = EmployerStatus.ACCREDITED if number % 10 else (EmployerStatus.REGISTERED, EmployerStatus.VERIFIED, EmployerStatus.WATCH, EmployerStatus.ACCREDITED)[number // 10 % 4]  # fmt: skip
        accredited = status in (EmployerStatus.ACCREDITED, EmployerStatus.WATCH)
        employer_id = people.add(
            Employer,
            person,
            {
                "signatory_name_sealed": signatory,
                "signatory_email_sealed": f"signatory{number + 1}@employer.example",
                "signatory_phone_sealed": None,
            },
            reference=new_reference("EM"), status=status, name=name, country=country, city=CITIES[country],
            registration_number=f"CR{10_000 + number}", mission_id=world.offices[f"M-{country}"], signatory_account_id=account,
            signatory_title="Manager", signatory_email_index=blind_index("email", f"signatory{number + 1}@employer.example"),
            verified_by=world.staff["mission.qatar"] if status is not EmployerStatus.REGISTERED else None,
        )  # fmt: skip
        people.add_plain(
            Membership, account_id=account, kind=SubjectKind.EMPLOYER, subject_id=employer_id, is_owner=True, rights=[]
        )
        if accredited:
            people.add_plain(
                AccreditationTerm, employer_id=employer_id, number=1, capacity=2000, starts_on=world.today - timedelta(days=330),
                ends_on=world.today + timedelta(days=400), verified_by=world.staff["mission.qatar"],
                accredited_by=world.staff["labour.officer"],
            )  # fmt: skip
        if barred := number % 40 == 30:
            people.add_plain(EmployerBar, **employers_seed.interim(world, employer_id))
        made.append(
            {
                "id": employer_id,
                "name": name,
                "country": country,
                "signatory": account,
                "open": status is EmployerStatus.ACCREDITED and not barred,
            }
        )
    return made


def _own_employer(session: Session, world: World, country: str, number: int = 1) -> dict[str, Any]:
    """An employer whose signatory can sign in, through the services that anybody would use."""
    email = f"employer{number if number > 1 else ''}@demo.openpassage.example"
    password = PASSWORD if not world.found else f"adversarial-{world.rng.randrange(16**12):012x}"
    account = create_account(session, NewAccount("Nasser Al Kuwari", password, email=email))
    account.email_confirmed_at = db_now(session)
    employer = employers.register(
        session, actor_for(session, account),
        employers.NewEmployer(
            name=f"Al Sadd Contracting {number}", country=country, city=CITIES[country], registration_number=f"CR-DEMO-{number}",
            signatory_name="Nasser Al Kuwari", signatory_title="General manager", phone=f"+9743300000{number}",
        ),
    )  # fmt: skip
    mission = next(a for a in world.actors.values() if policies.is_mission_of(a, employer))
    labour = next(a for a in world.actors.values() if policies.may_accredit(a, employer))
    employers.verify(session, mission, employer.id, "Signatory seen with passport and trade licence")
    terms = employers.Accreditation(500, world.today + timedelta(days=700), "Papers complete")
    employers.accredit(session, labour, employer.id, terms)
    world.accounts.append(
        {
            "login": email,
            "password": password,
            "role": "employer",
            "record_id": str(employer.id),
            "account_id": str(account.id),
        }
    )
    return {"id": employer.id, "name": employer.name, "country": country, "signatory": account.id, "open": True}


def _orders(session: Session, world: World, made: list[dict[str, Any]], clerk: UUID) -> list[dict[str, Any]]:
    agencies = world.ids["agencies"]
    rows: list[dict[str, Any]] = []
    for employer in made:
        if not employer["open"]:
            continue
        for _ in range(world.rng.randint(2, 5)):
            drawn = world.rng.choice(agencies)
            rows.append(_order(world, employer, employer.get("agency") or drawn, clerk))
    session.execute(insert(JobOrder), [{k: v for k, v in row.items() if k != "employer_name"} for row in rows])
    world.ids["job_orders"] = [r["id"] for r in rows if r["status"] is JobOrderStatus.APPROVED]
    return rows


def _order(world: World, employer: dict[str, Any], agency_id: UUID, clerk: UUID) -> dict[str, Any]:
    rng = world.rng
    terms = _terms(world, employer["name"], employer["country"])
    age = rng.randint(5, 300)
    status = rng.choices(
        (JobOrderStatus.APPROVED, JobOrderStatus.AGENCY_ACKNOWLEDGED, JobOrderStatus.EMPLOYER_SIGNED), (90, 6, 4)
    )[0]
    # What still waits came in the last days; no office lets an order lie for a year.
    begun = _midnight(world) - timedelta(days=age if status is JobOrderStatus.APPROVED else 2 + age % 12)
    row: dict[str, Any] = {
        "id": new_id(), "reference": new_reference("JB"), "status": status, "employer_id": employer["id"], "agency_id": agency_id,
        "destination": employer["country"], "headcount": rng.randint(20, 80), "terms": terms.as_data(), "terms_sha256": terms.digest(),
        "signed_by": employer["signatory"], "signed_at": begun, "created_at": begun, "acknowledged_by": clerk, "approved": 0,
        "approved_by": None, "approved_at": None, "due_on": None, "reserved": 0, "contracted": 0, "cleared": 0,
    }  # fmt: skip
    since = begun.date() + timedelta(days=2 if status is JobOrderStatus.APPROVED else 0)
    row["lapses_on"] = deadlines.last_day(status, since) or deadlines.last_day(status, world.today)
    row["signed_document"] = document(
        JobOrder(**{k: row[k] for k in ("id", "reference", "agency_id", "headcount", "terms")})
    )
    if status is JobOrderStatus.EMPLOYER_SIGNED:
        row["acknowledged_by"] = None
    elif status is JobOrderStatus.AGENCY_ACKNOWLEDGED:
        row["due_on"] = due_after(begun.date() + timedelta(days=1), "job_order_review_days")
    else:
        row |= {"approved": row["headcount"], "approved_by": _labour(world), "approved_at": begun + timedelta(days=2)}
    return row


def _contracts(session: Session, world: World, orders: list[dict[str, Any]], clerk: UUID) -> list[dict[str, Any]]:
    """Contracts of verified migrants, one each, within the approved places."""
    places = [o for o in orders if o["status"] is JobOrderStatus.APPROVED for _ in range(o["approved"])]
    world.rng.shuffle(places)
    migrants = world.ids["migrants"][: min(COUNT, len(places))]
    offices = dict(session.execute(select(Migrant.id, Migrant.office_id).where(Migrant.id.in_(migrants))).all())
    states = [s for s, share in STATES for _ in range(share)]
    rows = [
        _contract(world, m, o, world.rng.choice(states), clerk, offices[m])
        for m, o in zip(migrants, places, strict=False)
    ]
    for start in range(0, len(rows), 1000):
        session.execute(insert(EmploymentContract), rows[start : start + 1000])
    _count(session, rows)
    return rows


def _contract(
    world: World, migrant_id: UUID, order: dict[str, Any], status: ContractStatus, clerk: UUID, office_id: UUID
) -> dict[str, Any]:
    promised = read_terms(order["terms"])
    worse = status in (ContractStatus.WORKER_REVIEW, ContractStatus.DECLINED) and world.rng.random() < 0.3
    offered = replace(promised, wage_minor=promised.wage_minor * 8 // 10) if worse else promised
    differences = compare(promised, offered)
    age = world.rng.randint(1, 250)
    if status in deadlines.CONTRACT_DAYS:
        # What still waits was lodged in the last days: what is older has lapsed.
        age = 1 + age % 7
    begun = max(order["signed_at"] + timedelta(days=3), _midnight(world) - timedelta(days=age))
    accepted = status in (ContractStatus.ACCEPTED, ContractStatus.REGISTERED, ContractStatus.ENDED)
    registered = status in (ContractStatus.REGISTERED, ContractStatus.ENDED)
    return {
        "id": new_id(), "reference": new_reference("CT"), "status": status, "migrant_id": migrant_id, "job_order_id": order["id"],
        "place": Place.RESERVED if status in HOLDING else Place.CONTRACTED if status is ContractStatus.REGISTERED else Place.NONE,
        "agency_id": order["agency_id"], "employer_id": order["employer_id"], "office_id": office_id, "version": 1,
        "terms": offered.as_data(), "terms_sha256": offered.digest(), "differences": [d.as_data() for d in differences],
        "law_results": [r.as_data() for r in check(offered, world.today)], "worst": worst(differences), "lodged_by": clerk,
        "lodged_for": Side.AGENCY, "shown_at": None if status is ContractStatus.RETURNED else begun,
        "lapses_on": deadlines.last_day(status, begun.date()),
        "created_at": begun, "read_at": begun + timedelta(days=1) if accepted else None,
        "accepted_at": begun + timedelta(days=3) if accepted else None, "accepted_sha256": offered.digest() if accepted else None,
        "accepted_locale": "ne" if accepted else None, "registered_by": _labour(world) if registered else None,
        "registered_at": begun + timedelta(days=4) if registered else None,
        "due_on": world.today + timedelta(days=world.rng.randint(-1, 3)) if status is ContractStatus.ACCEPTED else None,
    }  # fmt: skip


HOLDING = (ContractStatus.WORKER_REVIEW, ContractStatus.QUESTION, ContractStatus.ACCEPTED)


def _count(session: Session, rows: list[dict[str, Any]]) -> None:
    """The job orders' counters as these contracts leave them."""
    taken: dict[UUID, list[int]] = {}
    for row in rows:
        counts = taken.setdefault(row["job_order_id"], [0, 0])
        counts[0] += row["status"] in HOLDING
        counts[1] += row["status"] is ContractStatus.REGISTERED
    session.execute(
        update(JobOrder), [{"id": order, "reserved": held, "contracted": done} for order, (held, done) in taken.items()]
    )


def _own_contract(
    session: Session, world: World, own: dict[str, Any], orders: list[dict[str, Any]], clerk: UUID
) -> UUID:
    """The demo migrant's contract, read two days ago: a newcomer can accept it. Gives its id."""
    order = next(o for o in orders if o["employer_id"] == own["id"] and o["status"] is JobOrderStatus.APPROVED)
    record = session.get_one(JobOrder, order["id"], populate_existing=True)
    migrant = session.get_one(Migrant, world.ids["demo_migrant"][0])
    row = _contract(world, migrant.id, order, ContractStatus.WORKER_REVIEW, clerk, migrant.office_id)
    promised = order["terms"]
    row |= {"terms": promised, "terms_sha256": order["terms_sha256"], "differences": [], "worst": Level.SAME}
    row["read_at"] = _midnight(world) - timedelta(days=2)
    row["lapses_on"] = deadlines.last_day(ContractStatus.WORKER_REVIEW, world.today)
    if record.approved - record.reserved - record.contracted - record.cleared < 1:
        record.approved += 1
        record.headcount += 1
    record.reserved += 1
    session.flush()
    session.execute(insert(EmploymentContract), [row])
    return UUID(str(row["id"]))


def adversarial(session: Session, world: World) -> None:
    """Two employers in Qatar with their signatories, one approved job order each; a contract in each of three states.

    The first migrant has nothing yet; the second is to answer a contract; the third has a registered one, the fourth has
    been to orientation and is cleared.
    """
    people = BulkPeople(session)
    clerk = _account(people, "Milan Thapa")[1]
    people.flush()
    world.found.setdefault("employers", [])
    made = []
    for number in (1, 2):
        own = _own_employer(session, world, "QA", number)
        made.append(own)
        world.found["employers"].append(str(own["id"]))
    orders = []
    for own in made:
        row = _order(world, own, world.ids["agencies"][0], clerk)
        row |= {
            "status": JobOrderStatus.APPROVED,
            "approved": row["headcount"],
            "approved_by": _labour(world),
            "acknowledged_by": clerk,
            "lapses_on": deadlines.last_day(JobOrderStatus.APPROVED, world.today),
        }
        orders.append(row)
    session.execute(insert(JobOrder), orders)
    world.found["job_orders"] = [str(o["id"]) for o in orders]
    world.ids["job_orders"] = [o["id"] for o in orders]
    contracts = _small_contracts(session, world, orders, clerk)
    seed_departure.adversarial(session, world, contracts)


def _small_contracts(session: Session, world: World, orders: list[dict[str, Any]], clerk: UUID) -> list[dict[str, Any]]:
    _nobody, second, third, fourth = (session.get_one(Migrant, m) for m in world.ids["migrants"])
    rows = []
    for migrant, order, status in (
        (second, orders[1], ContractStatus.WORKER_REVIEW),
        (third, orders[0], ContractStatus.REGISTERED),
        (fourth, orders[0], ContractStatus.REGISTERED),
    ):
        row = _contract(world, migrant.id, order, status, clerk, migrant.office_id)
        row |= {"terms": order["terms"], "terms_sha256": order["terms_sha256"], "differences": [], "worst": Level.SAME}
        rows.append(row | {"accepted_sha256": row["accepted_sha256"] and order["terms_sha256"]})
    session.execute(insert(EmploymentContract), rows)
    _count(session, rows)
    world.found["contracts"] = [
        {"id": str(r["id"]), "migrant": str(r["migrant_id"]), "status": r["status"].value} for r in rows
    ]
    return rows
