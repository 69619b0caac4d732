"""Pages of job orders, for employers, agencies and officers."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from agencies.licensing.models import Licence
from agencies.licensing.queries import licence_for
from agencies.registration.models import Agency
from agencies.registration.queries import agency_names
from contracts import deadlines, steps, timeline
from contracts.ages import sentences_of_job
from contracts.answer.address import answer_address
from contracts.answer.places import country_name
from contracts.employers.models import Employer
from contracts.employers.policies import find_own
from contracts.employers.queries import standing
from contracts.employers.signatory import hindrance
from contracts.employment.queries import of_job_order
from contracts.employment.status import CONTRACT_TITLES
from contracts.employment.terms import read_terms
from contracts.employment.wording import ordered_fields, staff_title, staff_words
from contracts.forms import DecisionForm, JobOrderForm, StepUpForm, filled
from contracts.interests import interest_words
from contracts.job_orders import agents, policies, queries, services
from contracts.job_orders.capacity import counter
from contracts.job_orders.lots import together
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import JOB_ORDER_TITLES, SIGNED, WITH_THE_MINISTRY, JobOrderStatus, job_order_workflow
from contracts.timeline import Reader
from core import audit
from core.actor import Actor
from core.db import legal_today
from core.errors import DomainError
from core.i18n import _l
from core.ids import parse_reference
from core.permissions import ClerkRight, Permission, SubjectKind
from core.web import access, attempt, current_actor, db, flash_done, page, see_other
from core.web_steps import Task

bp = Blueprint("job_orders", __name__)
PARTIES = (Permission.EMPLOYER_OWN, Permission.AGENCY_OWN, Permission.JOB_ORDER_APPROVE)


def _agency(text: str) -> UUID:
    """The agency of a licence number or reference; public facts, so an unknown one may be said.

    :raises DomainError: when there is none.
    """
    reference = parse_reference(text)
    query = select(Agency.id).outerjoin(Licence, Licence.agency_id == Agency.id)
    found = db().scalar(
        query.where(or_(Agency.reference == reference, Licence.number == text.strip().upper())).limit(1)
    )
    if found is None:
        raise DomainError(_l("No agency has this licence number."), field="agency")
    return found


def _task(order: JobOrder | None, employer: Employer) -> Task:
    """Filling in a job order: a new one, or the draft that is there."""
    if order is None:
        defaults: dict[str, Any] = {
            "passport_kept_by": "worker", "days_per_week": 6, "hours_per_day": 8, "worker_pays": 0, "overtime_paid": True,
        }  # fmt: skip
    else:
        agency = db().get_one(Agency, order.agency_id)
        defaults = {**filled(read_terms(order.terms)), "agency": agency.reference, "headcount": order.headcount}
        defaults |= {f"agent_{name}": value for name, value in (order.agent_abroad or {}).items()}

    def url(code: str) -> str:
        if order is None:
            return url_for("job_orders.new_step", code=code)
        return url_for("job_orders.edit_step", job_order_id=order.id, code=code)

    def finish(form: JobOrderForm) -> Response | None:
        saved = attempt(form, _save, form, employer, order.id if order else None)
        return see_other("job_orders.show", job_order_id=saved.id) if saved else None

    signed = order is not None and order.status is not JobOrderStatus.DRAFT
    return Task(
        "job_order", str(order.id if order else employer.id), JobOrderForm, steps.JOB_ORDER, _l("Job order"), _l("Save"),
        url, finish, back_url=url_for("job_orders.show", job_order_id=order.id) if order else url_for("employers.home"),
        intro=_l("A change voids the signature: you will sign the new document.") if signed else "",
        defaults=defaults, options=steps.options(), check=_licensed, units=steps.units(employer.country),
    )  # fmt: skip


def _licensed(form: Any) -> None:
    """Said at the page where the number is typed: an agency whose licence does not hold today takes no job order, and an
    agent abroad is named whole or not at all."""
    if "agency" not in form or not form.agency.data:
        return
    agents.kept(form.agent())
    agency_id = _agency(form.agency.data)
    held = licence_for(db(), agency_id, legal_today(db()))
    if not held.licensed:
        raise DomainError(held.reasons[0] if held.reasons else _l("The agency has no licence today."), field="agency")


def _save(form: JobOrderForm, employer: Employer, order_id: UUID | None) -> JobOrder:
    agency_id = _agency(form.agency.data)
    command = form.command(agency_id, employer=employer.name, country=employer.country)
    if order_id is None:
        return services.draft(db(), current_actor(), command)
    return services.edit(db(), current_actor(), order_id, command)


def _new_task() -> Task:
    return _task(None, find_own(db(), current_actor(), right=ClerkRight.JOB_ORDERS))


def _edit_task(job_order_id: UUID) -> Task:
    employer = find_own(db(), current_actor(), right=ClerkRight.JOB_ORDERS)
    return _task(policies.find(db(), current_actor(), job_order_id), employer)


@bp.get("/employer/job-orders/new")
@access(Permission.EMPLOYER_OWN)
def new() -> Response:
    return _new_task().start()


@bp.get("/employer/job-orders/new/<code>")
@access(Permission.EMPLOYER_OWN)
def new_step(code: str) -> Response:
    return _new_task().show(code)


@bp.post("/employer/job-orders/new/<code>")
@access(Permission.EMPLOYER_OWN)
def send_new_step(code: str) -> Response:
    return _new_task().send(code)


@bp.get("/job-orders/<uuid:job_order_id>/edit")
@access(Permission.EMPLOYER_OWN)
def edit(job_order_id: UUID) -> Response:
    return _edit_task(job_order_id).start()


@bp.get("/job-orders/<uuid:job_order_id>/edit/<code>")
@access(Permission.EMPLOYER_OWN)
def edit_step(job_order_id: UUID, code: str) -> Response:
    return _edit_task(job_order_id).show(code)


@bp.post("/job-orders/<uuid:job_order_id>/edit/<code>")
@access(Permission.EMPLOYER_OWN)
def send_edit_step(job_order_id: UUID, code: str) -> Response:
    return _edit_task(job_order_id).send(code)


@bp.get("/job-orders/<uuid:job_order_id>")
@access(*PARTIES, Permission.AUDIT_READ)
def show(job_order_id: UUID) -> Response:
    return _show(job_order_id, 200)


def _back(actor: Actor, *, is_employer: bool) -> str:
    """Where the reader came from: the company, the agency's list, or the officer's queues."""
    if is_employer:
        return url_for("employers.home")
    own = actor.subject(SubjectKind.AGENCY) is not None
    return url_for("job_orders.of_agency") if own else url_for("staff.home")


def _reader(actor: Actor, order: JobOrder) -> Reader:
    if policies.is_employer_of(actor, order):
        return Reader.EMPLOYER
    return Reader.AGENCY if policies.is_agency_of(actor, order) else Reader.OFFICE


def _show(job_order_id: UUID, status: int, **given: Any) -> Response:
    actor = current_actor()
    order = policies.find_to_read(db(), actor, job_order_id)
    employer = db().get_one(Employer, order.employer_id)
    terms = read_terms(order.terms)
    today = legal_today(db())
    is_employer = policies.is_employer_of(actor, order)
    waits, recruiting = order.status in WITH_THE_MINISTRY, deadlines.is_recruiting(db(), order)
    parties = {"employer_id": order.employer_id, "agency_id": order.agency_id}
    tie = interest_words(db(), actor, **parties) if actor.is_staff else None
    # The poster is for the parties and the officer; the auditor only reads.
    is_theirs = policies.may_see(db(), actor, order)
    values = {"sign": StepUpForm(), "decision": DecisionForm(), **given}
    return page(
        "contracts/job_order.html",
        status,
        order=order,
        employer=employer,
        agency=agency_names(db(), [order.agency_id])[order.agency_id],
        rows=[(staff_title(n), staff_words(n, getattr(terms, n), terms)) for n in ordered_fields() if n != "employer"],
        back_url=_back(actor, is_employer=is_employer),
        title=JOB_ORDER_TITLES[order.status],
        returned_why=audit.last_reason(db(), job_order_workflow.name, order.id, order.status, action="return")
        if order.status is JobOrderStatus.DRAFT
        else "",
        licence=licence_for(db(), order.agency_id, today),
        ages=sentences_of_job(today, destination=order.destination, occupation=terms.occupation),
        counter=counter(db(), order.agency_id, today),
        agent=order.agent_abroad,
        country_name=country_name,
        barred_agents=agents.barred(db(), order) if actor.can(agents.COMPARES) else [],
        employer_standing=standing(db(), order.employer_id, today),
        tie=tie,
        actions=[] if tie else services.actions(actor, order),
        may_sign=order.status is JobOrderStatus.DRAFT and employer.signatory_account_id == actor.account_id,
        hindrance=hindrance(db(), employer) if order.status is JobOrderStatus.DRAFT else "",
        may_edit=is_employer and order.status in (JobOrderStatus.DRAFT, *SIGNED),
        left=services.capacity_left(db(), employer) if waits else None,
        together=together(db(), order, today) if waits else None,
        history=timeline.of_job_order(db(), order, _reader(actor, order)),
        recruiting=recruiting,
        may_lodge=recruiting and (is_employer or policies.is_agency_of(actor, order, ClerkRight.CONTRACTS)),
        contracts=of_job_order(db(), order.id) if is_employer or policies.is_agency_of(actor, order) else [],
        contract_titles=CONTRACT_TITLES,
        digest=services.document_digest(order).hex(),
        advertised=answer_address(job_order=order.reference) if recruiting and is_theirs else "",
        **values,
    )


@bp.post("/job-orders/<uuid:job_order_id>/code")
@access(Permission.EMPLOYER_OWN)
def send_code(job_order_id: UUID) -> Response:
    form = StepUpForm()
    attempt(form, services.send_signing_code, db(), current_actor(), job_order_id)
    if form.form_errors:
        return _show(job_order_id, 422, sign=form)
    flash_done(_l("A code was sent to you."))
    return see_other("job_orders.show", job_order_id=job_order_id)


@bp.post("/job-orders/<uuid:job_order_id>/sign")
@access(Permission.EMPLOYER_OWN)
def sign(job_order_id: UUID) -> Response:
    form = StepUpForm(request.form)
    done = form.validate() and attempt(
        form, services.sign, db(), current_actor(), job_order_id, secret=form.secret.data, code=form.code.data
    )
    if not done:
        return _show(job_order_id, 422, sign=form)
    flash_done(_l("The job order is signed."))
    return see_other("job_orders.show", job_order_id=job_order_id)


@bp.post("/job-orders/<uuid:job_order_id>/<action>")
@access(*PARTIES)
def act(job_order_id: UUID, action: str) -> Response:
    form = DecisionForm(request.form)
    attempt(form, services.act, db(), current_actor(), job_order_id, action, form.reason.data or "")
    if form.form_errors or form.errors:
        return _show(job_order_id, 422, decision=form)
    flash_done(_l("Your decision is written down."))
    if Permission.JOB_ORDER_APPROVE in current_actor().permissions:
        return see_other("staff.home")
    return see_other("job_orders.show", job_order_id=job_order_id)


@bp.get("/agency/job-orders")
@access(Permission.AGENCY_OWN)
def of_agency() -> Response:
    agency_id = current_actor().subject(SubjectKind.AGENCY)
    rows = queries.of_agency(db(), agency_id) if agency_id else []
    held = licence_for(db(), agency_id, legal_today(db())) if agency_id else None
    shown = answer_address(agency=held.licence_number or "") if held is not None and held.licensed else ""
    return page("contracts/agency_job_orders.html", rows=rows, titles=JOB_ORDER_TITLES, advertised=shown)
