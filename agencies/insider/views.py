"""Pages of the insider controls: an officer's own ties; for the auditor, each officer's decisions from above."""

from datetime import timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.insider import officers as figures
from agencies.insider import services
from agencies.insider.forms import MarksForm, TieForm
from agencies.insider.status import MARK_TITLES, TIE_TITLES
from core.db import db_now
from core.forms import Form
from core.i18n import gettext as _
from core.permissions import Permission
from core.web import access, attempt, current_actor, db, flash_done, page, see_other

blueprint = Blueprint("insider", __name__, url_prefix="/licensing")
SPANS = (30, 90, 365)


def _ties_page(tie: TieForm, marks: MarksForm, refused: Form | None, status: int) -> Response:
    account_id = services.require_declarer(current_actor())
    return page(
        "insider/ties.html",
        status,
        tie=tie,
        marks=marks,
        refused=refused,
        declared=services.declared_by(db(), account_id),
        given=[MARK_TITLES[k] for k in services.marks_given(db(), account_id)],
        kinds=TIE_TITLES,
    )


@blueprint.get("/ties")
@access(*services.DECLARERS)
def ties() -> ResponseReturnValue:
    return _ties_page(TieForm(), MarksForm(), None, 200)


@blueprint.post("/ties")
@access(*services.DECLARERS)
def declare() -> ResponseReturnValue:
    form = TieForm(request.form)
    if not (form.validate() and attempt(form, services.declare, db(), current_actor(), form.command())):
        return _ties_page(form, MarksForm(), form, 422)
    flash_done(_("Declared. Other officers decide about it from now on."))
    return see_other("insider.ties")


@blueprint.post("/ties/marks")
@access(*services.DECLARERS)
def give_marks() -> ResponseReturnValue:
    form = MarksForm(request.form)
    done = form.validate() and attempt(form, services.give_marks, db(), current_actor(), form.command())
    if done is None or done is False:
        return _ties_page(TieForm(), form, form, 422)
    flash_done(_("Kept as hashes. What you typed is not stored."))
    return see_other("insider.ties")


@blueprint.get("/officers")
@access(Permission.AUDIT_READ)
def officers() -> ResponseReturnValue:
    """For the auditor: who decides how much, how fast, how, and for whom."""
    asked = request.args.get("days", "")
    days = int(asked) if asked in {str(s) for s in SPANS} else SPANS[1]
    since = db_now(db()) - timedelta(days=days)
    reach = current_actor().offices(Permission.AUDIT_READ)
    rows, paces = figures.overview(db(), since, reach)
    return page(
        "insider/officers.html",
        rows=rows,
        paces=paces,
        days=days,
        spans=SPANS,
    )
