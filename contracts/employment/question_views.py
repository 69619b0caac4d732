"""The page of a contract's questions: for the party that was asked, and for the labour officer who steps in."""

from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from contracts.employment import policies, queries, question_queries, questions
from contracts.employment.question_status import QUESTION_TITLES
from contracts.employment.status import CONTRACT_TITLES, contract_workflow
from contracts.forms import ReplyForm
from core.db import legal_today
from core.i18n import _l, current_locale
from core.permissions import ClerkRight, Permission
from core.reading import note_reading
from core.web import access, attempt, current_actor, db, flash_done, page, see_other

bp = Blueprint("contract_questions", __name__)
ANSWERING = (Permission.EMPLOYER_OWN, Permission.AGENCY_OWN, Permission.CONTRACT_REGISTER)


@bp.get("/contracts/<uuid:contract_id>/questions")
@access(*ANSWERING)
def show(contract_id: UUID) -> Response:
    return _show(contract_id, ReplyForm(), 200)


def _show(contract_id: UUID, form: ReplyForm, status: int) -> Response:
    actor = current_actor()
    contract = questions.find_thread(db(), actor, contract_id)
    if policies.is_registrar(actor, contract):
        note_reading(actor, ("contract", contract.id), purpose="review")
    agency, employer = queries.parties(db(), contract)
    amends = policies.is_party(actor, contract, ClerkRight.CONTRACTS)
    return page(
        "contracts/questions/thread.html",
        status,
        contract=contract,
        agency=agency,
        employer=employer,
        thread=question_queries.thread(db(), actor, contract),
        titles=QUESTION_TITLES,
        title=CONTRACT_TITLES[contract.status],
        form=form,
        may_amend=amends and contract_workflow.allows(contract.status, "amend"),
        today=legal_today(db()),
        back_url=url_for("contracts.show", contract_id=contract.id),
    )


@bp.post("/contracts/<uuid:contract_id>/questions/<uuid:question_id>")
@access(*ANSWERING)
def answer(contract_id: UUID, question_id: UUID) -> Response:
    form = ReplyForm(request.form)
    actor, locale = current_actor(), current_locale()
    done = form.validate() and attempt(
        form, questions.answer, db(), actor, contract_id, question_id, form.words.data, locale=locale
    )
    if not done:
        return _show(contract_id, form, 422)
    flash_done(_l("The worker reads your answer. The contract is unchanged."))
    return see_other("contract_questions.show", contract_id=contract_id)
