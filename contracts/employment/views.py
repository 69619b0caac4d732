"""Pages of contracts: for the lodger, for the migrant alone, for the officer who registers."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from contracts import deadlines, steps, timeline
from contracts.employment import policies, queries, question_queries, questions, services
from contracts.employment import withdrawal as withdrawals
from contracts.employment.comparison import Level, blocks
from contracts.employment.law_check import TITLES as LAW_TITLES
from contracts.employment.law_check import ages_not_held
from contracts.employment.models import EmploymentContract
from contracts.employment.question_status import ASKERS_TITLES
from contracts.employment.status import CONTRACT_TITLES, UNREGISTERED, WORKER_TITLES, ContractStatus, contract_workflow
from contracts.employment.terms import read_terms
from contracts.employment.wording import (
    FIELD_TITLES,
    WORDING_VERSION,
    ordered_fields,
    staff_title,
    staff_words,
    value_words,
)
from contracts.forms import DecisionForm, LodgeForm, QuestionForm, StepUpForm, TermsForm, WitnessForm, filled
from contracts.interests import interest_words
from contracts.job_orders.models import JobOrder
from contracts.job_orders.policies import find as find_job_order
from contracts.timeline import Reader
from core import audit
from core.db import db_now, legal_today
from core.errors import NotVisible
from core.i18n import _l, current_locale, is_reviewed
from core.permissions import Permission, SubjectKind
from core.reading import note_reading
from core.web import access, attempt, current_actor, db, flash_done, page, see_other
from core.web_steps import Task
from migrants.registration.queries import standing

bp = Blueprint("contracts", __name__)
PARTIES = (Permission.EMPLOYER_OWN, Permission.AGENCY_OWN)


WORSE = _l(
    "The worker sees every term beside what the job order promised. A contract that is worse cannot be registered."
)


def _lodge_task(job_order_id: UUID) -> Task:
    """A contract under a job order: its terms stand as promised until somebody changes them."""
    order = find_job_order(db(), current_actor(), job_order_id)
    employer, country = str(order.terms["employer"]), order.destination

    def finish(form: LodgeForm) -> Response | None:
        made = attempt(
            form,
            lambda: services.lodge(db(), current_actor(), form.command(order.id, employer=employer, country=country)),
        )
        return see_other("contracts.show", contract_id=made.id) if made else None

    return Task(
        "contract", str(order.id), LodgeForm, steps.LODGE, _l("Lodge a contract"), _l("Lodge"),
        lambda code: url_for("contracts.lodge_step", job_order_id=order.id, code=code), finish,
        back_url=url_for("job_orders.show", job_order_id=order.id), intro=WORSE,
        defaults=filled(read_terms(order.terms)), options=steps.options(), units=steps.units(country),
    )  # fmt: skip


def _amend_task(contract_id: UUID) -> Task:
    contract = policies.find(db(), current_actor(), contract_id)
    order = db().get_one(JobOrder, contract.job_order_id)
    employer, country = str(order.terms["employer"]), order.destination

    def finish(form: TermsForm) -> Response | None:
        terms = attempt(form, lambda: form.terms(employer=employer, country=country))
        done = terms and attempt(form, services.amend, db(), current_actor(), contract.id, terms)
        return see_other("contracts.show", contract_id=contract.id) if done else None

    return Task(
        "terms", f"{contract.id}/{contract.version}", TermsForm, steps.TERMS, _l("Change the terms"), _l("Lodge"),
        lambda code: url_for("contracts.edit_step", contract_id=contract.id, code=code), finish,
        back_url=url_for("contracts.show", contract_id=contract.id), intro=WORSE,
        defaults=filled(read_terms(contract.terms)), options=steps.options(), units=steps.units(country),
    )  # fmt: skip


@bp.get("/job-orders/<uuid:job_order_id>/contracts/new")
@access(*PARTIES)
def new(job_order_id: UUID) -> Response:
    return _lodge_task(job_order_id).start()


@bp.get("/job-orders/<uuid:job_order_id>/contracts/new/<code>")
@access(*PARTIES)
def lodge_step(job_order_id: UUID, code: str) -> Response:
    return _lodge_task(job_order_id).show(code)


@bp.post("/job-orders/<uuid:job_order_id>/contracts/new/<code>")
@access(*PARTIES)
def send_lodge_step(job_order_id: UUID, code: str) -> Response:
    return _lodge_task(job_order_id).send(code)


@bp.get("/contracts/<uuid:contract_id>/terms")
@access(*PARTIES)
def edit(contract_id: UUID) -> Response:
    return _amend_task(contract_id).start()


@bp.get("/contracts/<uuid:contract_id>/terms/<code>")
@access(*PARTIES)
def edit_step(contract_id: UUID, code: str) -> Response:
    return _amend_task(contract_id).show(code)


@bp.post("/contracts/<uuid:contract_id>/terms/<code>")
@access(*PARTIES)
def send_edit_step(contract_id: UUID, code: str) -> Response:
    return _amend_task(contract_id).send(code)


def _rows(contract: EmploymentContract, order: JobOrder, *, staff: bool) -> list[dict[str, Any]]:
    """Every term: promised and offered in words, with the weight of the difference.

    :param staff: for officers, agencies and employers, in words that do not speak to the worker.
    """
    title, words = (staff_title, staff_words) if staff else (FIELD_TITLES.__getitem__, value_words)
    offered, promised = read_terms(contract.terms), read_terms(order.terms)
    levels = {d["field"]: d["level"] for d in contract.differences}
    return [
        {
            "name": name,
            "title": title(name),
            "offered": words(name, getattr(offered, name), offered),
            "promised": words(name, getattr(promised, name), promised),
            "level": levels.get(name, Level.SAME.value),
        }
        for name in ordered_fields()
    ]


def _context(contract: EmploymentContract, *, staff: bool) -> dict[str, Any]:
    order = db().get_one(JobOrder, contract.job_order_id)
    agency, employer = queries.parties(db(), contract)
    law = [{**r, "title": LAW_TITLES.get(r["topic"], r["topic"])} for r in contract.law_results]
    titles = CONTRACT_TITLES if staff else WORKER_TITLES
    return {
        "contract": contract, "order": order, "agency": agency, "employer": employer, "law": law,
        "rows": _rows(contract, order, staff=staff), "title": titles[contract.status], "worse": blocks(Level(contract.worst)),
    }  # fmt: skip


def _returned_why(contract: EmploymentContract) -> str:
    """What the officer wrote who sent it back: the party mends just that."""
    if contract.status is not ContractStatus.RETURNED:
        return ""
    return audit.last_reason(db(), contract_workflow.name, contract.id, contract.status, action="return")


@bp.get("/contracts/<uuid:contract_id>")
@access(*PARTIES, Permission.CONTRACT_REGISTER, Permission.AUDIT_READ)
def show(contract_id: UUID) -> Response:
    return _show(contract_id, DecisionForm(), 200)


def _show(contract_id: UUID, form: DecisionForm, status: int, witness_form: WitnessForm | None = None) -> Response:
    actor = current_actor()
    contract = policies.find_to_read(db(), actor, contract_id)
    registrar = policies.is_registrar(actor, contract)
    if registrar:
        note_reading(actor, ("contract", contract.id), purpose="review")
    tie = (
        interest_words(db(), actor, employer_id=contract.employer_id, agency_id=contract.agency_id)
        if registrar
        else None
    )
    may = registrar and tie is None
    arrows = [t for t in contract_workflow.available(contract.status, actor) if t.permission is not None and may]
    order = db().get_one(JobOrder, contract.job_order_id)
    changeable = deadlines.is_recruiting(db(), order) and contract_workflow.allows(contract.status, "amend")
    is_party = policies.is_party(actor, contract)
    # Before it is accepted, the language is the one that the worker chose at the beginning.
    reads_in = contract.accepted_locale or (queries.workers_language(db(), contract) if registrar else None)
    return page(
        "contracts/contract.html",
        status,
        form=form,
        reads_in=reads_in,
        wording_unreviewed=registrar and not is_reviewed("contract", WORDING_VERSION, reads_in),
        tie=tie,
        arrows=arrows,
        returned_why=_returned_why(contract),
        may_amend=is_party and changeable,
        may_withdraw=withdrawals.may_withdraw(actor, contract),
        frozen=contract.status in UNREGISTERED and not changeable,
        history=timeline.of_contract(db(), contract, Reader.EMPLOYER if is_party else Reader.OFFICE),
        has_questions=question_queries.has_any(db(), actor, contract),
        may_witness=may and contract.status is ContractStatus.WORKER_REVIEW,
        witness_form=witness_form or WitnessForm(),
        back_url=url_for("staff.home") if registrar else url_for("job_orders.show", job_order_id=contract.job_order_id),
        **_context(contract, staff=True),
    )


@bp.post("/contracts/<uuid:contract_id>/witness")
@access(Permission.CONTRACT_REGISTER)
def witness(contract_id: UUID) -> Response:
    """The code is shown once, in this very answer, to be written down for the worker."""
    form = WitnessForm(request.form)
    code = form.validate() and attempt(
        form, services.witness, db(), current_actor(), contract_id, form.document_number.data
    )
    if not code:
        return _show(contract_id, DecisionForm(), 422, witness_form=form)
    contract = policies.find(db(), current_actor(), contract_id)
    back = url_for("contracts.show", contract_id=contract_id)
    return page(
        "contracts/witnessed.html",
        code=code,
        contract=contract,
        back_url=back,
    )


@bp.post("/contracts/<uuid:contract_id>/withdraw")
@access(*PARTIES)
def withdraw(contract_id: UUID) -> Response:
    form = DecisionForm(request.form)
    done = form.validate() and attempt(form, withdrawals.withdraw, db(), current_actor(), contract_id, form.reason.data)
    if not done:
        return _show(contract_id, form, 422)
    flash_done(_l("The contract is withdrawn."))
    return see_other("contracts.show", contract_id=contract_id)


@bp.post("/contracts/<uuid:contract_id>/<action>")
@access(Permission.CONTRACT_REGISTER)
def decide(contract_id: UUID, action: str) -> Response:
    form = DecisionForm(request.form)
    if not form.validate() or not attempt(
        form, services.decide, db(), current_actor(), contract_id, action, form.reason.data
    ):
        return _show(contract_id, form, 422)
    flash_done(_l("Your decision is written down."))
    return see_other("staff.home")


# --- the migrant alone ---------------------------------------------------------------------------------------------


def _mine() -> EmploymentContract | None:
    own = current_actor().subject(SubjectKind.MIGRANT)
    return queries.newest_of(db(), own) if own else None


@bp.get("/me/contract")
@access(Permission.MIGRANT_OWN)
def mine() -> Response:
    return _mine_page(200)


def _mine_page(status: int, **given: Any) -> Response:
    contract = _mine()
    if contract is None:
        return page("contracts/none.html", status, back_url=url_for("migrants.me"))
    start = services.may_accept_at(contract)
    values = {"accept_form": StepUpForm(), "question": QuestionForm(), "refused": DecisionForm(), **given}
    return page(
        "contracts/mine.html",
        status,
        reviewing=contract.status is ContractStatus.WORKER_REVIEW,
        asking=contract.status is ContractStatus.QUESTION,
        thread=question_queries.thread(db(), current_actor(), contract),
        question_titles=ASKERS_TITLES,
        accept_from=start,
        may_accept=start is not None and start <= db_now(db()),
        ages=_ages(contract),
        history=timeline.of_contract(db(), contract, Reader.WORKER),
        frozen=not deadlines.is_recruiting(db(), db().get_one(JobOrder, contract.job_order_id)),
        back_url=url_for("migrants.me"),
        **_context(contract, staff=False),
        **values,
    )


def _ages(contract: EmploymentContract) -> list[Any]:
    """What the law asks of the worker's age that does not hold today: said before anything is paid."""
    if contract.status not in (ContractStatus.WORKER_REVIEW, ContractStatus.QUESTION, ContractStatus.ACCEPTED):
        return []
    person = standing(db(), contract.migrant_id)
    terms = read_terms(contract.terms)
    return ages_not_held(terms, legal_today(db()), person.birth_date, person.sex) if person else []


@bp.post("/me/contract/<uuid:contract_id>/<action>")
@access(Permission.MIGRANT_OWN)
def mine_act(contract_id: UUID, action: str) -> Response:
    forms = {"accept": StepUpForm(request.form), "ask": QuestionForm(request.form)}
    form = forms.get(action, DecisionForm(request.form))
    place = {"accept": "accept_form", "ask": "question"}.get(action, "refused")
    if action in forms and not form.validate():
        return _mine_page(422, **{place: form})
    attempt(form, _act, contract_id, action, form)
    if form.form_errors or (form.errors and action in forms):
        return _mine_page(422, **{place: form})
    return see_other("contracts.mine")


def _act(contract_id: UUID, action: str, form: Any) -> Any:
    actor = current_actor()
    if action == "read":
        return services.mark_read(db(), actor, contract_id)
    if action == "code":
        services.send_accept_code(db(), actor, contract_id)
        flash_done(_l("A code was sent to you."))
        return True
    if action == "accept":
        done = services.accept(
            db(), actor, contract_id, secret=form.secret.data, code=form.code.data, locale=current_locale()
        )
        flash_done(_l("You have accepted this contract. An officer looks at it now and registers it."))
        return done
    if action == "decline":
        return services.decline(db(), actor, contract_id)
    if action == "ask":
        asked = questions.ask(db(), actor, contract_id, form.words.data, locale=current_locale())
        flash_done(_l("Your question is sent. The answer comes to this page."))
        return asked
    if action == "go_on":
        return questions.go_on(db(), actor, contract_id)
    raise NotVisible
