"""Pages of officers: queues, the screen of one application, one decision."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from agencies.insider.status import MARK_TITLES
from agencies.licensing import decisions, fees, phrases, queries, rules, screen
from agencies.licensing.forms import (
    ITEM_TITLES,
    ApproveForm,
    AskVisitForm,
    PhraseForm,
    ReasonForm,
    RecommendForm,
    SecurityForm,
    read_defects,
)
from agencies.licensing.status import APPLICATION_TITLES, PAPER_TITLES, PARTY_TITLES, ApplicationStatus
from agencies.licensing.visit_models import ANSWER_TITLES
from agencies.register import namesakes
from agencies.renewal.forms import FeeForm
from agencies.renewal.status import VERDICT_TITLES
from core.db import legal_today
from core.errors import NotVisible
from core.forms import Form
from core.i18n import gettext as _
from core.permissions import Permission
from core.reading import note_reading
from core.web import access, attempt, current_actor, db, flash_done, page, see_other
from law.country import deployment

blueprint = Blueprint("licensing", __name__, url_prefix="/licensing")
P = Permission
OFFICERS = (P.LICENCE_REVIEW, P.LICENCE_APPROVE, P.SECURITY_RECORD, P.AUDIT_READ)
_S = ApplicationStatus
# When the facts have changed, these send the application back instead.
VOIDABLE = frozenset({"approve", "confirm"})


@blueprint.get("/applications/<uuid:application_id>")
@access(*OFFICERS, P.SANCTION_APPEAL)
def application(application_id: UUID) -> ResponseReturnValue:
    """The whole file with its papers; that an officer read it is noted."""
    shown = _page(application_id, None, "", 200)
    note_reading(current_actor(), ("licence_application", application_id), purpose="review")
    return shown


def _forms(seen: screen.Screen) -> dict[str, Form]:
    """A form for each action that needs more than a button, filled with what the law file says."""
    terms = seen.terms
    amounts = {"cash": terms.cash.to_decimal(), "guarantee": terms.guarantee.to_decimal()} if terms else {}
    renewal = seen.renewal
    until = {"valid_until": renewal.until} if renewal else {}
    return {
        "recommend": RecommendForm(prefix=""),
        "approve": ApproveForm(data={**amounts, **until}),
        "fee": FeeForm(data={"fee": seen.fee.to_decimal()} if seen.fee else {}),
        "security": SecurityForm(),
    }


def _page(application_id: UUID, form: Form | None, action: str, status: int) -> Response:
    seen = screen.screen(db(), current_actor(), application_id)
    forms = _forms(seen)
    if form is not None and action in forms:
        forms[action] = form
    return page(
        "agencies/review.html",
        status,
        s=seen,
        forms=forms,
        refused=form,
        action_titles=namesakes.action_titles(screen.ACTION_TITLES, seen.namesakes, seen.matches),
        history_titles=screen.HISTORY_TITLES,
        status_titles=APPLICATION_TITLES,
        parties=PARTY_TITLES,
        document_titles=PAPER_TITLES,
        today=legal_today(db()),
        answer_titles=ANSWER_TITLES,
        mark_titles=MARK_TITLES,
        verdict_titles=VERDICT_TITLES,
    )


def _reason(service: Callable[..., Any]) -> Callable[[UUID, Form], Any]:
    return lambda application_id, form: service(db(), current_actor(), application_id, form.reason.data)


def _plain(service: Callable[..., Any]) -> Callable[[UUID, Form], Any]:
    return lambda application_id, _form: service(db(), current_actor(), application_id)


def _return(application_id: UUID, _form: Form) -> Any:
    seen = screen.screen(db(), current_actor(), application_id)
    command = read_defects(request.form, list(seen.items))
    return decisions.return_defects(db(), current_actor(), application_id, command)


def _command(service: Callable[..., Any], *args: Any) -> Callable[[UUID, Any], Any]:
    return lambda application_id, form: service(db(), current_actor(), application_id, form.command(*args))


def _handlers() -> dict[str, tuple[type[Form], Callable[[UUID, Any], Any]]]:
    currency = deployment().currency
    return {
        "take": (Form, _plain(decisions.take)),
        "give_back": (ReasonForm, _reason(decisions.give_back)),
        "return": (Form, _return),
        "ask_visit": (AskVisitForm, _reason(decisions.ask_visit)),
        "recommend": (RecommendForm, _command(decisions.recommend)),
        "send_back": (ReasonForm, _reason(decisions.send_back)),
        "approve": (ApproveForm, _command(decisions.approve, currency)),
        "confirm": (ReasonForm, _reason(decisions.confirm)),
        "disagree": (ReasonForm, _reason(decisions.disagree)),
        "refuse": (ReasonForm, _reason(decisions.refuse)),
        "release": (ReasonForm, _reason(decisions.release)),
        "refuse_stopped": (ReasonForm, _reason(decisions.refuse_stopped)),
        "security": (SecurityForm, _command(decisions.record_security, currency)),
        "fee": (FeeForm, _command(fees.record, currency)),
        "issue": (Form, _plain(decisions.issue)),
    }


@blueprint.post("/applications/<uuid:application_id>/<action>")
@access(*OFFICERS)
def decide(application_id: UUID, action: str) -> ResponseReturnValue:
    """One decision; the service checks who, when and why."""
    kind, run = _handlers().get(action, (None, None))
    if kind is None or run is None:
        raise NotVisible
    form = kind(CombinedMultiDict([request.form, request.files]))
    done = form.validate() and attempt(form, run, application_id, form)
    if not done:
        return _page(application_id, form, action, 422)
    if action in VOIDABLE and done.status is _S.IN_REVIEW:
        flash_done(_("Not approved: the facts were changed meanwhile. The application went back to the review."))
    else:
        flash_done(_("Done."))
    if request.form.get("then") == "next":
        return _to_next()
    return see_other("licensing.application", application_id=application_id)


def _to_next() -> Response:
    """The file that was drawn for this officer and has waited longest; the queues, when the desk is empty."""
    found = queries.next_for(db(), current_actor().account_id)
    if found is None:
        return see_other("staff.home")
    application_id, status = found
    page_of = "visits.visit" if status is _S.INSPECTION else "licensing.application"
    return see_other(page_of, application_id=application_id)


@blueprint.get("/next")
@access(P.LICENCE_REVIEW, P.LICENCE_INSPECT, P.LICENCE_APPROVE)
def next_file() -> ResponseReturnValue:
    return _to_next()


# --- the sentences of the office ---------------------------------------------------------------------------------------


def _phrases_page(form: PhraseForm, status: int) -> Response:
    titles = {**{p.code: p.title for p in rules.every_paper()}, **ITEM_TITLES}
    form.item.choices = list(titles.items())
    rows = phrases.phrases_of(db(), phrases.own_office(current_actor()))
    return page("licensing/phrases.html", status, form=form, rows=rows, items=titles)


@blueprint.get("/phrases")
@access(P.LICENCE_REVIEW)
def phrase_list() -> ResponseReturnValue:
    return _phrases_page(PhraseForm(), 200)


@blueprint.post("/phrases")
@access(P.LICENCE_REVIEW)
def add_phrase() -> ResponseReturnValue:
    form = PhraseForm(request.form)
    form.item.choices = [(c, c) for c in (*(p.code for p in rules.every_paper()), *ITEM_TITLES)]
    if not (form.validate() and attempt(form, phrases.add, db(), current_actor(), form.command())):
        return _phrases_page(form, 422)
    flash_done(_("Added."))
    return see_other("licensing.phrase_list")


@blueprint.post("/phrases/<uuid:phrase_id>/remove")
@access(P.LICENCE_REVIEW)
def remove_phrase(phrase_id: UUID) -> ResponseReturnValue:
    phrases.remove(db(), current_actor(), phrase_id)
    flash_done(_("Removed."))
    return see_other("licensing.phrase_list")
