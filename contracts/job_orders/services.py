"""Drafting, signing, taking on and approving a job order."""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from agencies.licensing.queries import licence_for
from contracts import deadlines
from contracts.employers.accreditation_queries import term_on
from contracts.employers.models import Employer
from contracts.employers.policies import find_own as find_own_employer
from contracts.employers.queries import refuse_occupation, standing
from contracts.employers.services import refuse_agency_contact
from contracts.employers.signatory import refuse_unproved
from contracts.employment.terms import Terms, canonical
from contracts.interests import refuse_interest
from contracts.job_orders import agents, lots
from contracts.job_orders.capacity import refuse_past_limit
from contracts.job_orders.models import JobOrder
from contracts.job_orders.policies import find, is_agency_of, is_employer_of, office_of
from contracts.job_orders.status import WITH_PEOPLE, JobOrderStatus, job_order_workflow
from contracts.sides import side_of, tell
from core import audit, codes
from core.accounts import UserAccount
from core.actor import Actor
from core.db import db_now, legal_today
from core.errors import Denied, DomainError
from core.i18n import _l
from core.permissions import ClerkRight
from law.country import due_after


@dataclass(frozen=True, slots=True)
class Draft:
    """What the employer fills in; employer and country in ``terms`` are taken from the employer's record."""

    agency_id: UUID
    headcount: int
    terms: Terms
    agent: agents.AgentAbroad | None = None


def _own_terms(employer: Employer, terms: Terms) -> Terms:
    return replace(terms, employer=employer.name, country=employer.country)


def draft(session: Session, actor: Actor, command: Draft) -> JobOrder:
    """Begin a job order.

    :raises DomainError: when employer or agency may not today.
    """
    employer = find_own_employer(session, actor, right=ClerkRight.JOB_ORDERS)
    _check_parties(session, employer.id, command.agency_id)
    refuse_occupation(session, employer.id, command.terms.occupation, legal_today(session))
    terms = _own_terms(employer, command.terms)
    order = JobOrder(
        employer_id=employer.id,
        agency_id=command.agency_id,
        destination=employer.country,
        headcount=command.headcount,
        terms=terms.as_data(),
        terms_sha256=terms.digest(),
        agent_abroad=agents.kept(command.agent),
    )
    agents.refuse_barred(session, order)
    session.add(order)
    session.flush()
    deadlines.begin(session, order)
    audit.record(
        session, actor, subject=("job_order", order.id), action="draft", evidence={"terms_sha256": terms.digest().hex()}
    )
    return order


def _check_parties(session: Session, employer_id: UUID, agency_id: UUID, *, lock: bool = False) -> None:
    today = legal_today(session)
    employer = standing(session, employer_id, today)
    if not employer.may_hire:
        raise DomainError(employer.reason)
    agency = licence_for(session, agency_id, today, lock=lock)
    if not agency.licensed:
        raise DomainError(agency.reasons[0], field="agency")


def edit(session: Session, actor: Actor, job_order_id: UUID, command: Draft) -> JobOrder:
    """Change a job order that is not approved yet. A signature over the old document is void."""
    order = find(session, actor, job_order_id, lock=True)
    if not is_employer_of(actor, order, ClerkRight.JOB_ORDERS):
        raise Denied(_l("Only the employer can change this."))
    if order.status is not JobOrderStatus.DRAFT:
        job_order_workflow.apply(session, order, "edit", actor=actor)
    employer = session.get_one(Employer, order.employer_id)
    _check_parties(session, employer.id, command.agency_id)
    refuse_occupation(session, employer.id, command.terms.occupation, legal_today(session))
    terms = _own_terms(employer, command.terms)
    order.agency_id, order.headcount = command.agency_id, command.headcount
    order.terms, order.terms_sha256 = terms.as_data(), terms.digest()
    order.agent_abroad = agents.kept(command.agent)
    agents.refuse_barred(session, order)
    _void_signature(order)
    deadlines.begin(session, order)
    return order


def _void_signature(order: JobOrder) -> None:
    order.signed_document = order.signed_by = order.signed_at = None
    order.acknowledged_by = order.first_approved_by = None


def document(order: JobOrder) -> bytes:
    """The canonical document that the signatory signs: terms, headcount, agency, and the agent abroad where there is one."""
    return canonical(
        {
            "job_order": order.reference,
            "agency": str(order.agency_id),
            "headcount": order.headcount,
            "terms": order.terms,
            **({"agent_abroad": order.agent_abroad} if order.agent_abroad else {}),
        }
    )


def document_digest(order: JobOrder) -> bytes:
    return sha256(document(order)).digest()


def _signatory(session: Session, actor: Actor, order: JobOrder) -> UserAccount:
    """Only the named signatory signs, whoever else works for the employer."""
    employer = session.get_one(Employer, order.employer_id)
    if actor.account_id is None or employer.signatory_account_id != actor.account_id:
        raise Denied(_l("Only the named signatory of the employer can sign."))
    refuse_unproved(session, employer)
    return session.get_one(UserAccount, actor.account_id)


def send_signing_code(session: Session, actor: Actor, job_order_id: UUID) -> None:
    """Send the signatory a code that is good for this document alone."""
    order = find(session, actor, job_order_id)
    account = _signatory(session, actor, order)
    if order.status is not JobOrderStatus.DRAFT:
        raise DomainError(_l("This job order is signed already."))
    codes.issue_code(session, account, "sign_job_order", bound=document_digest(order))


def sign(session: Session, actor: Actor, job_order_id: UUID, *, secret: str, code: str) -> JobOrder:
    """Sign the document as it stands now, with password and code.

    :raises DomainError: when either is wrong, or the document changed since the code was sent.
    """
    order = find(session, actor, job_order_id, lock=True)
    _signatory(session, actor, order)
    deadlines.refuse_late(session, order)
    _check_parties(session, order.employer_id, order.agency_id)
    refuse_agency_contact(session, session.get_one(Employer, order.employer_id), order.agency_id)
    agents.refuse_barred(session, order)
    codes.step_up(session, actor, "sign_job_order", bound=document_digest(order), secret=secret, code=code)
    job_order_workflow.apply(
        session,
        order,
        "sign",
        actor=actor,
        evidence={"document_sha256": document_digest(order).hex(), "agency_id": order.agency_id},
    )
    order.signed_document, order.signed_by, order.signed_at = document(order), actor.account_id, db_now(session)
    return order


def acknowledge(session: Session, actor: Actor, job_order_id: UUID) -> JobOrder:
    """The agency takes the job order on; its licence must be in force today."""
    order = find(session, actor, job_order_id, lock=True)
    if not is_agency_of(actor, order, ClerkRight.JOB_ORDERS):
        raise Denied(_l("Only the agency can do this."))
    deadlines.refuse_late(session, order)
    _check_parties(session, order.employer_id, order.agency_id, lock=True)
    agents.refuse_barred(session, order)
    job_order_workflow.apply(session, order, "acknowledge", actor=actor)
    order.acknowledged_by = actor.account_id
    order.due_on = due_after(legal_today(session), "job_order_review_days")
    return order


def approve(session: Session, actor: Actor, job_order_id: UUID, reason: str) -> JobOrder:
    """An officer approves within what is left of the employer's capacity, licence and accreditation holding now.

    A large lot, or one that is large together with the others of this agency and employer, waits for a second approver.

    :raises DomainError: when the capacity does not suffice.
    """
    order = find(session, actor, job_order_id, lock=True)
    evidence = _approvable(session, actor, order)
    together = lots.together(session, order, legal_today(session))
    evidence["lot"] = together.as_evidence()
    office = office_of(session, order)
    if together.needs_second and order.status is JobOrderStatus.AGENCY_ACKNOWLEDGED:
        order.first_approved_by = actor.require_account()
        job_order_workflow.apply(
            session, order, "approve_first", actor=actor, reason=reason, evidence=evidence, office_id=office
        )
        order.due_on = due_after(legal_today(session), "job_order_review_days")
        return order
    job_order_workflow.apply(session, order, "approve", actor=actor, reason=reason, evidence=evidence, office_id=office)
    return _approved(session, actor, order)


def confirm(session: Session, actor: Actor, job_order_id: UUID, reason: str) -> JobOrder:
    """A second officer agrees with the approval of a large lot; everything is asked again.

    :raises Denied: for the officer who approved first.
    """
    order = find(session, actor, job_order_id, lock=True)
    evidence = _approvable(session, actor, order)
    office = office_of(session, order)
    job_order_workflow.apply(session, order, "confirm", actor=actor, reason=reason, evidence=evidence, office_id=office)
    return _approved(session, actor, order)


def _approvable(session: Session, actor: Actor, order: JobOrder) -> dict[str, Any]:
    """Whatever has to hold when a locked job order is approved, as evidence; the employer and the agency stay locked."""
    if actor.account_id in (order.signed_by, order.acknowledged_by, order.first_approved_by):
        raise Denied(_l("Another officer has to decide this."))
    refuse_interest(session, actor, employer_id=order.employer_id, agency_id=order.agency_id)
    # The employer's row is the lock for its capacity: two approvals at once are counted one after the other.
    employer = session.get_one(Employer, order.employer_id, with_for_update=True, populate_existing=True)
    worker_limit = refuse_past_limit(session, order.agency_id, order.headcount, legal_today(session))
    _check_parties(session, order.employer_id, order.agency_id, lock=True)
    refuse_occupation(session, order.employer_id, str(order.terms["occupation"]), legal_today(session))
    if order.signed_document != document(order):
        raise DomainError(_l("The document is not the one that was signed."))
    left = capacity_left(session, employer)
    if order.headcount > left:
        raise DomainError(_l("The employer's capacity leaves %(left)s places.", left=left))
    return {
        "headcount": order.headcount,
        "capacity_left": left,
        "terms_sha256": order.terms_sha256.hex(),
        "worker_limit": worker_limit,
        **agents.refuse_barred(session, order),
    }


def _approved(session: Session, actor: Actor, order: JobOrder) -> JobOrder:
    order.approved_by, order.approved_at = actor.require_account(), db_now(session)
    order.approved, order.due_on = order.headcount, None
    return order


def taken(session: Session, employer_id: UUID) -> int:
    """Places of an employer's capacity: all of an open job order's, and those that people hold under one that is over."""
    held = JobOrder.reserved + JobOrder.contracted + JobOrder.cleared
    places = case((JobOrder.status == JobOrderStatus.APPROVED, JobOrder.approved), else_=held)
    query = select(func.coalesce(func.sum(places), 0)).where(
        JobOrder.employer_id == employer_id, JobOrder.status.in_(WITH_PEOPLE)
    )
    return int(session.scalars(query).one())


def capacity_left(session: Session, employer: Employer) -> int:
    """How many more workers the accreditation that holds today allows; never less than none."""
    term = term_on(session, employer.id, legal_today(session))
    return max(0, (term.capacity if term else 0) - taken(session, employer.id))


def act(session: Session, actor: Actor, job_order_id: UUID, action: str, reason: str) -> JobOrder:
    """One of the plain steps: acknowledge, approve, confirm, return, close, withdraw."""
    if action == "acknowledge":
        return acknowledge(session, actor, job_order_id)
    if action in ("approve", "confirm"):
        return (approve if action == "approve" else confirm)(session, actor, job_order_id, reason)
    if action in ("close", "withdraw"):
        return give_up(session, actor, job_order_id, action, reason)
    if action != "return":
        raise Denied(_l("You are not allowed to do this."))
    order = find(session, actor, job_order_id, lock=True)
    refuse_interest(session, actor, employer_id=order.employer_id, agency_id=order.agency_id)
    office = office_of(session, order)
    job_order_workflow.apply(session, order, "return", actor=actor, reason=reason, office_id=office)
    _void_signature(order)
    order.due_on = None
    return order


def give_up(session: Session, actor: Actor, job_order_id: UUID, action: str, reason: str) -> JobOrder:
    """Employer or agency withdraws a job order before it is approved, or closes it afterwards; the other side is told.

    Contracts under a closed job order stay as they are, with their places.
    """
    order = find(session, actor, job_order_id, lock=True)
    side = side_of(actor, order, ClerkRight.JOB_ORDERS)
    if side is None:
        raise Denied(_l("Only the employer or the agency can do this."))
    # A draft that was never signed is the employer's own: the agency knows of none.
    known = order.signed_at is not None
    job_order_workflow.apply(session, order, action, actor=actor, reason=reason, evidence={"side": side})
    order.due_on = None
    if known:
        tell(session, [(order, side.other)], "party_news")
    return order


def actions(actor: Actor, order: JobOrder) -> list[Any]:
    """The buttons that this actor may press now; signing has a page of its own."""
    found = []
    for arrow in job_order_workflow.available(order.status, actor):
        if arrow.action == "approve_first" or (
            arrow.action == "confirm" and actor.account_id == order.first_approved_by
        ):
            continue
        mine = {
            "acknowledge": is_agency_of(actor, order, ClerkRight.JOB_ORDERS),
            "close": side_of(actor, order, ClerkRight.JOB_ORDERS) is not None,
            "withdraw": side_of(actor, order, ClerkRight.JOB_ORDERS) is not None,
        }
        if arrow.permission is not None or mine.get(arrow.action, False):
            found.append(arrow)
    return found
