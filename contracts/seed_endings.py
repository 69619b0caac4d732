"""The demo agency's own job orders and contracts: one of each way in which they end, made by the services."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.employers.models import Employer
from contracts.employment import services as employment
from contracts.employment.models import EmploymentContract
from contracts.employment.terms import PassportKeeper, Terms, read_terms
from contracts.employment.withdrawal import end_early, withdraw
from contracts.job_orders import services as job_orders
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import job_order_workflow
from core.accounts import UserAccount, actor_for
from core.actor import SYSTEM, Actor
from core.db import db_now
from core.permissions import SubjectKind
from core.world import World
from migrants.registration.models import Migrant

WORKERS = 3


def demo(session: Session, world: World, employer_id: UUID, terms: Terms) -> None:
    """Needs the demo agency's people, the demo employer, and verified migrants who have no contract yet."""
    clerk, owner = world.actors["agency.clerk"], world.actors["agency.owner"]
    agency_id = owner.subject(SubjectKind.AGENCY)
    assert agency_id
    employer = session.get_one(Employer, employer_id)
    signatory = actor_for(session, session.get_one(UserAccount, employer.signatory_account_id))
    labour = next(a for name, a in world.actors.items() if name == "labour.officer")
    order = _approved(session, signatory, owner, labour, agency_id, terms)
    _contracts(session, world, clerk, order)
    given_up = _signed(session, signatory, agency_id, terms)
    job_orders.give_up(session, owner, given_up.id, "withdraw", "We have no workers of this trade now.")
    closed = _approved(session, signatory, owner, labour, agency_id, terms)
    job_orders.give_up(session, signatory, closed.id, "close", "The building site is finished.")
    over = _approved(session, signatory, owner, labour, agency_id, terms)
    over.lapses_on = world.today - timedelta(days=1)
    job_order_workflow.apply(session, over, "expire", actor=SYSTEM, evidence={"last_day": over.lapses_on})
    world.progress("4 job orders and 3 contracts of the demo agency, with their ends")


def _signed(session: Session, signatory: Actor, agency_id: UUID, terms: Terms) -> JobOrder:
    """As the service signs, but for the password and the code of a person."""
    order = job_orders.draft(session, signatory, job_orders.Draft(agency_id, 5, terms))
    evidence = {"document_sha256": job_orders.document_digest(order).hex(), "agency_id": agency_id}
    order.signed_document, order.signed_by = job_orders.document(order), signatory.account_id
    order.signed_at = db_now(session)
    job_order_workflow.apply(session, order, "sign", actor=signatory, evidence=evidence)
    return order


def _approved(
    session: Session, signatory: Actor, owner: Actor, labour: Actor, agency_id: UUID, terms: Terms
) -> JobOrder:
    order = _signed(session, signatory, agency_id, terms)
    job_orders.acknowledge(session, owner, order.id)
    return job_orders.approve(session, labour, order.id, "Pay and terms fit the market.")


def _contracts(session: Session, world: World, clerk: Actor, order: JobOrder) -> None:
    """One waits for its worker, one was withdrawn, one was against the law and has lapsed."""
    free = select(Migrant).where(
        Migrant.id.in_(world.ids["migrants"]),
        Migrant.id.not_in(select(EmploymentContract.migrant_id)),
        Migrant.id.not_in(world.ids["demo_migrant"]),
    )
    workers = session.scalars(free.order_by(Migrant.reference).limit(WORKERS)).all()
    promised = read_terms(order.terms)
    held = replace(promised, passport_kept_by=PassportKeeper.EMPLOYER)
    for number, worker in enumerate(workers):
        terms = held if number == WORKERS - 1 else promised
        contract = employment.lodge(session, clerk, employment.Lodging(order.id, worker.reference, terms))
        if number == 1:
            withdraw(session, clerk, contract.id, "The worker told us that he takes another job.")
        if terms is held:
            contract.lapses_on = world.today - timedelta(days=1)
            evidence = {"waited": contract.status, "last_day": contract.lapses_on}
            end_early(session, SYSTEM, contract, "lapse", "", evidence)
