"""Employers, job orders and contracts as tests need them, made by the services that make real ones."""

import itertools
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.registration.models import Agency
from contracts.employers import services as employers
from contracts.employers.models import Employer
from contracts.employment.models import EmploymentContract
from contracts.employment.services import Lodging, accept, decide, lodge, mark_read, send_accept_code
from contracts.employment.terms import Terms
from contracts.job_orders import services as job_orders
from contracts.job_orders.agents import AgentAbroad
from contracts.job_orders.models import JobOrder
from core.accounts import NewAccount, actor_for, add_membership, create_account
from core.actor import Actor
from core.db import db_now, legal_today
from core.messages import OutgoingMessage
from core.permissions import StaffRole, SubjectKind
from migrants.registration import services as registration
from tests.contracts.test_comparison import PROMISED
from tests.migrants.factories import PASSWORD, applicant, office, officer

_numbers = itertools.count(1)


def agency(session: Session) -> tuple[Agency, Actor]:
    """A licensed agency with its owner."""
    from tests.agencies.factories import licensed

    office(session)
    record, _licence = licensed(session, name=f"Himchuli Overseas {next(_numbers)} Pvt. Ltd.")
    number = next(_numbers)
    owner = NewAccount("Ramesh Karki", PASSWORD, email=f"agency{number}@example.np", phone=f"+97798510{number:05d}")
    account = create_account(session, owner)
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=record.id, is_owner=True)
    return record, actor_for(session, account)


def employer(session: Session, *, accredited: bool = True, capacity: int = 50) -> tuple[Employer, Actor]:
    """An employer in Qatar with its signatory."""
    office(session)
    number = next(_numbers)
    account = create_account(session, NewAccount("Khalid Nasser", PASSWORD, email=f"khalid{number}@example.qa"))
    account.email_confirmed_at = db_now(session)
    made = employers.register(
        session, actor_for(session, account),
        employers.NewEmployer(
            name=PROMISED.employer, country="QA", city="Doha", registration_number=f"CR{number}", signatory_name="Khalid Nasser",
            signatory_title="Manager", phone=f"+97433{number:06d}",
        ),
    )  # fmt: skip
    if accredited:
        employers.verify(
            session, officer(session, StaffRole.MISSION_OFFICER, "M-QA"), made.id, "Signatory seen with passport"
        )
        terms = employers.Accreditation(capacity, legal_today(session) + timedelta(days=700), "All papers seen")
        employers.accredit(session, officer(session, StaffRole.LABOUR_OFFICER), made.id, terms)
    return made, actor_for(session, account)


def last_code(session: Session, account_id: UUID) -> str:
    """The code in the newest message to an account."""
    query = select(OutgoingMessage).where(OutgoingMessage.account_id == account_id, OutgoingMessage.template == "code")
    body = (
        session.scalars(query.order_by(OutgoingMessage.created_at.desc(), OutgoingMessage.id.desc()).limit(1))
        .one()
        .body
        or ""
    )
    found = re.search(r"[0-9]{6}", body)
    assert found
    return found[0]


@dataclass
class Scene:
    """A job order with everybody around it."""

    order: JobOrder
    employer: Actor
    agency: Actor
    agency_record: Agency
    employer_record: Employer


def signed(
    session: Session,
    *,
    headcount: int = 5,
    capacity: int = 50,
    terms: Terms = PROMISED,
    agent: AgentAbroad | None = None,
) -> Scene:
    """A job order that its employer signed."""
    agency_record, agency_actor = agency(session)
    employer_record, employer_actor = employer(session, capacity=capacity)
    order = job_orders.draft(session, employer_actor, job_orders.Draft(agency_record.id, headcount, terms, agent))
    job_orders.send_signing_code(session, employer_actor, order.id)
    assert employer_actor.account_id
    job_orders.sign(
        session, employer_actor, order.id, secret=PASSWORD, code=last_code(session, employer_actor.account_id)
    )
    return Scene(order, employer_actor, agency_actor, agency_record, employer_record)


def approved(session: Session, **given: object) -> Scene:
    """A job order that was taken on and approved."""
    scene = signed(session, **given)  # type: ignore[arg-type]
    job_orders.acknowledge(session, scene.agency, scene.order.id)
    job_orders.approve(session, officer(session, StaffRole.LABOUR_OFFICER), scene.order.id, "Fits the market")
    return scene


def worker(session: Session) -> tuple[UUID, str, Actor]:
    """A verified migrant: id, reference, actor."""
    migrant, actor = applicant(session, name=f"Suni{'abcdefghij'[next(_numbers) % 10]}ta Tamang")
    registration.submit(session, actor)
    if migrant.status != "verified":
        from migrants.registration.deciding import decide as decide_identity

        decide_identity(session, officer(session, StaffRole.IDENTITY_APPROVER), migrant.id, "accept", "Papers seen")
    return migrant.id, migrant.reference, actor


def lodged(session: Session, scene: Scene, **changes: object) -> tuple[EmploymentContract, Actor]:
    _id, reference, actor = worker(session)
    terms = replace(PROMISED, **changes)  # type: ignore[arg-type]
    return lodge(session, scene.agency, Lodging(scene.order.id, reference, terms)), actor


def let_time_pass(session: Session, contract: EmploymentContract, hours: int = 25) -> None:
    """As if the worker had read the contract some hours ago."""
    assert contract.read_at
    contract.read_at -= timedelta(hours=hours)
    session.flush()


def accepted(session: Session, scene: Scene, **changes: object) -> tuple[EmploymentContract, Actor]:
    contract, actor = lodged(session, scene, **changes)
    mark_read(session, actor, contract.id)
    let_time_pass(session, contract)
    send_accept_code(session, actor, contract.id)
    assert actor.account_id
    accept(session, actor, contract.id, secret=PASSWORD, code=last_code(session, actor.account_id), locale="ne")
    return contract, actor


def registered(session: Session, scene: Scene | None = None) -> tuple[EmploymentContract, Actor, Scene]:
    """A registered contract with its worker."""
    scene = scene or approved(session)
    contract, actor = accepted(session, scene)
    decide(session, officer(session, StaffRole.LABOUR_OFFICER), contract.id, "register", "All green")
    return contract, actor, scene
