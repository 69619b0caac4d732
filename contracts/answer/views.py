"""The one answer as a page and as JSON. No account; nothing is kept but how often a network asked."""

from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, make_response, request, url_for
from flask.typing import ResponseReturnValue

from agencies.licensing.status import STANDING_TITLES
from agencies.register.presentation import TONES as STANDING_TONES
from contracts.answer import forms, places
from contracts.answer.poster import poster_pdf
from contracts.answer.rendered import as_data, reasons, schema, worst_first
from contracts.answer.services import answer
from contracts.answer.shape import Question
from contracts.answer.status import SUBJECT_TITLES, TONES
from contracts.job_orders.policies import find
from core.errors import DomainError, TooMany
from core.i18n import current_locale
from core.i18n import gettext as _
from core.permissions import Permission
from core.throttle import hit
from core.web import access, current_actor, db, page, problem, public
from law.country import deployment

bp = Blueprint("answer", __name__)


def _count(question: Question) -> None:
    """The register is public as a whole; what is found by a reference only must not be tried out.

    :raises TooMany: when this network asked too often.
    """
    if question.asks_beyond_the_register:
        limit = deployment().standard("answers_per_hour")
        hit("answer", request.remote_addr or "", limit=limit, seconds=3600)


def _choices() -> dict[str, Any]:
    """What the fields offer, and the words and colours of the answer."""
    named = ((o.code, o.name(current_locale())) for o in deployment().occupations)
    return {
        "countries": places.countries(), "work": sorted(named, key=lambda pair: pair[1]), "lengths": forms.LENGTHS,
        "subjects": SUBJECT_TITLES, "tones": TONES, "standings": STANDING_TITLES, "standing_tones": STANDING_TONES,
    }  # fmt: skip


@bp.get("/answer")
@public
def ask() -> ResponseReturnValue:
    """The question as a few fields; below it, when something was asked, the answer."""
    question, faults = _read()
    found = None
    if not question.is_empty:
        _count(question)
        found = answer(db(), question)
    shown = {"found": found, "reasons": reasons(found), "parts": worst_first(found)}
    return page("answer/ask.html", 422 if faults else 200, faults=faults, given=request.args, **shown, **_choices())


def _read() -> tuple[Question, dict[str, str]]:
    """The question, or what is wrong with which field of it; a form that was sent empty is told what to fill in."""
    try:
        question = forms.read(request.args)
        if question.is_empty and any(name in request.args for name in forms.LENGTHS):
            nothing = _("Type the name of an agency or the number of a job, or choose a country.")
            return question, {"agency": nothing}
        return question, {}
    except DomainError as error:
        return Question(), {error.field or "": str(error)}


@bp.get("/api/v1/answer")
@public
def api() -> ResponseReturnValue:
    """The same answer for programs."""
    try:
        question = forms.read(request.args)
        if question.is_empty:
            return problem(
                422, _("Unprocessable request"), _("Ask for an agency, a card or a job."), parameter="agency"
            )
        _count(question)
    except TooMany:
        raise
    except DomainError as error:
        return problem(422, _("Unprocessable request"), str(error), parameter=error.field)
    response = jsonify(as_data(answer(db(), question)))
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Link"] = f'<{url_for("answer.api_schema")}>; rel="describedby"'
    return response


@bp.get("/api/v1/answer/schema.json")
@public
def api_schema() -> ResponseReturnValue:
    """What an answer looks like."""
    response = jsonify(schema())
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@bp.get("/job-orders/<uuid:job_order_id>/poster")
@access(Permission.EMPLOYER_OWN, Permission.AGENCY_OWN, Permission.JOB_ORDER_APPROVE)
def poster(job_order_id: UUID) -> ResponseReturnValue:
    """The poster of an advertised job, for its parties and officers."""
    order = find(db(), current_actor(), job_order_id)
    response = make_response(poster_pdf(db(), order))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{order.reference}.pdf"'
    return response
