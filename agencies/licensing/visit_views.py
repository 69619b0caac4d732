"""Pages of the inspector: the form of a visit, which can be filled in without a connection, and its photos."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.insider.status import Stage
from agencies.licensing import phrases, policies, queries, rules, visiting
from agencies.licensing.forms import ITEM_TITLES, VisitForm, read_defects, read_items
from agencies.licensing.models import LicenceApplication
from agencies.licensing.status import ApplicationStatus
from agencies.licensing.visit_models import ANSWER_TITLES
from core import device
from core.db import legal_today
from core.forms import Form
from core.i18n import current_locale
from core.i18n import gettext as _
from core.permissions import Permission
from core.web import access, attempt, current_actor, db, flash_done, page, see_other, sent_file

blueprint = Blueprint("visits", __name__, url_prefix="/licensing/visits")
P = Permission


@blueprint.get("")
@access(P.LICENCE_INSPECT)
def mine() -> ResponseReturnValue:
    """The offices that this inspector has to visit; drafts of others go from the device with this page."""
    drawn = LicenceApplication.inspector_id == current_actor().require_account()
    query = queries.waiting(drawn, [ApplicationStatus.INSPECTION]).order_by(LicenceApplication.submitted_at).limit(100)
    kept_for = device.mark_of(current_actor().require_account())
    return page("licensing/visits.html", rows=db().execute(query).all(), kept_for=kept_for)


@blueprint.get("/<uuid:application_id>")
@access(P.LICENCE_INSPECT)
def visit(application_id: UUID) -> ResponseReturnValue:
    return _page(application_id, VisitForm(), None, 200)


def _items() -> dict[str, Any]:
    return {**{p.code: p.title for p in rules.every_paper()}, **ITEM_TITLES}


def _page(application_id: UUID, form: VisitForm, refused: Form | None, status: int) -> Response:
    """Only what a visit needs: no identity papers, no bank account."""
    actor = current_actor()
    held = policies.find_for_stage(db(), actor, application_id, Stage.INSPECTION)
    given = queries.papers_of(db(), application_id)
    shown = page(
        "licensing/visit.html",
        status,
        application=held.application,
        agency=held.agency,
        form=form,
        refused=refused,
        checklist=[(c.code, c.name(current_locale())) for c in rules.visit_checklist()],
        answers=ANSWER_TITLES,
        typed=request.form,
        papers=[(p.title, given[p.code].paper_id) for p in rules.every_paper() if p.code in given],
        items=_items(),
        phrases=phrases.by_item(db(), held.agency.office_id),
        photos=range(4),
        kept_for=device.mark_of(actor.require_account()),
        today=legal_today(db()),
    )
    return device.keeps_for(shown, actor.require_account())


@blueprint.post("/<uuid:application_id>/report")
@access(P.LICENCE_INSPECT)
def report(application_id: UUID) -> ResponseReturnValue:
    form = VisitForm(request.form)
    items = read_items(request.form, [c.code for c in rules.visit_checklist()])
    photos = tuple(data for file in request.files.getlist("photos") if (data := file.read()))
    done = form.validate() and attempt(
        form, visiting.report, db(), current_actor(), application_id, form.command(items, photos)
    )
    if not done:
        return _page(application_id, form, form, 422)
    if done.status is ApplicationStatus.IN_REVIEW:
        flash_done(_("The facts were changed meanwhile: the application went back to the review."))
    else:
        flash_done(_("The report was handed in."))
    return see_other("visits.mine")


@blueprint.post("/<uuid:application_id>/return")
@access(P.LICENCE_INSPECT)
def send_back(application_id: UUID) -> ResponseReturnValue:
    form = Form(request.form)
    command = read_defects(request.form, list(_items()))
    if not attempt(form, visiting.return_visit, db(), current_actor(), application_id, command):
        return _page(application_id, VisitForm(), form, 422)
    flash_done(_("Sent back to be mended."))
    return see_other("visits.mine")


@blueprint.get("/photos/<uuid:photo_id>")
@access(P.LICENCE_REVIEW, P.LICENCE_INSPECT, P.LICENCE_APPROVE, P.AUDIT_READ)
def photo(photo_id: UUID) -> ResponseReturnValue:
    return sent_file(visiting.photo(db(), current_actor(), photo_id))


@blueprint.get("/worker")
@access(P.LICENCE_INSPECT)
def worker() -> ResponseReturnValue:
    """The small script that keeps opened visit forms on the inspector's telephone. Its address sets how far it reaches."""
    response = Response(render_template("licensing/visit_worker.js"), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response
