"""Pages of licensing: a note that came from a report, and how many reports stand against each agency."""

import json
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.registration.models import Agency
from cases.reports import officers, policies, queries
from cases.reports.forms import OutcomeForm
from cases.reports.status import REFERRAL, REFERRAL_TITLES
from core.i18n import gettext as _
from core.permissions import Permission
from core.reading import note_reading
from core.web import access, attempt, current_actor, db, flash_done, page, see_other
from law.country import deployment

blueprint = Blueprint("referrals", __name__, url_prefix="/licensing")


@blueprint.get("/referrals/<uuid:referral_id>")
@access(Permission.REFERRAL_HANDLE)
def show(referral_id: UUID) -> ResponseReturnValue:
    return _page(referral_id, OutcomeForm(), 200)


def _page(referral_id: UUID, form: OutcomeForm, status: int) -> Response:
    actor = current_actor()
    note = policies.find_referral(db(), actor, referral_id)
    note_reading(actor, (REFERRAL.name, referral_id), purpose="licensing")
    told = json.loads(note.content or "{}")
    agency = db().get(Agency, note.agency_id) if note.agency_id else None
    return page(
        "cases/referral.html",
        status,
        note=note,
        told=told,
        destination=deployment().destination_name(told.get("destination", "")),
        agency=agency,
        title=REFERRAL_TITLES[note.status],
        available=REFERRAL.available(note.status, actor),
        form=form,
        back_url=url_for("staff.home"),
    )


@blueprint.post("/referrals/<uuid:referral_id>/<any(take, finish, decline):action>")
@access(Permission.REFERRAL_HANDLE)
def handle(referral_id: UUID, action: str) -> ResponseReturnValue:
    form = OutcomeForm(request.form)
    done = form.validate() and attempt(
        form, officers.handle_referral, db(), current_actor(), referral_id, action, form.reason.data or ""
    )
    if not done:
        return _page(referral_id, form, 422)
    flash_done(_("Done."))
    return see_other("referrals.show", referral_id=referral_id)


@blueprint.get("/reports-against-agencies")
@access(Permission.REFERRAL_HANDLE, Permission.AUDIT_READ)
def counts() -> ResponseReturnValue:
    """Numbers alone, and none that could point at one person."""
    return page("cases/counts.html", counts=queries.counts(db()), back_url=url_for("staff.home"))
