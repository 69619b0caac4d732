"""Pages of officers about one branch or representative."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.branches import listed, queries, services
from agencies.branches.forms import DecideForm
from agencies.branches.rules import rule
from agencies.branches.status import KIND_TITLES, PRESENCE, STATUS_TITLES, TONES
from core.db import legal_today
from core.errors import NotVisible
from core.i18n import gettext as _
from core.permissions import Permission
from core.reading import note_reading
from core.web import access, attempt, current_actor, db, flash_done, page, see_other
from law.country import deployment

blueprint = Blueprint("branch_files", __name__, url_prefix="/licensing/branches")
SEERS = (
    Permission.LICENCE_REVIEW,
    Permission.LICENCE_APPROVE,
    Permission.SANCTION_PROPOSE,
    Permission.AUDIT_READ,
)


@blueprint.get("/<uuid:presence_id>")
@access(*SEERS)
def show(presence_id: UUID) -> ResponseReturnValue:
    return _page(presence_id, DecideForm(), 200)


def _page(presence_id: UUID, form: DecideForm, status: int) -> Response:
    actor = current_actor()
    presence, agency = services.find(db(), actor, presence_id)
    if not any(actor.can(p, agency.office_id) for p in SEERS):
        raise NotVisible
    note_reading(actor, (PRESENCE.name, presence_id), purpose="branch or representative")
    today = legal_today(db())
    card = queries.open_card(db(), presence_id)
    return page(
        "branches/file.html",
        status,
        presence=presence,
        agency=agency,
        form=form,
        card=card,
        law=rule(presence.kind, presence.country, today),
        standing=queries.standing(db(), presence, card, today),
        listed=next(iter(listed.matches(db(), presence)), None),
        kinds=KIND_TITLES,
        titles=STATUS_TITLES,
        tones=TONES,
        today=today,
        country=deployment().destination_name(presence.country),
        available=[t for t in PRESENCE.available(presence.status, actor) if t.permission is not None],
        back_url=url_for("staff.home"),
    )


@blueprint.post("/<uuid:presence_id>/<any(verify, refuse, send_back, activate, suspend, restore, remove):action>")
@access(Permission.LICENCE_REVIEW, Permission.LICENCE_APPROVE)
def act(presence_id: UUID, action: str) -> ResponseReturnValue:
    form = DecideForm(request.form)
    actor = current_actor()
    done = form.validate() and (
        attempt(form, services.verify, db(), actor, presence_id, form.reason.data, form.deposit_reference.data or "")
        if action == "verify"
        else attempt(form, services.ACTIONS[action], db(), actor, presence_id, form.reason.data)
    )
    return _done(presence_id) if done else _page(presence_id, form, 422)


@blueprint.post("/<uuid:presence_id>/card")
@access(Permission.LICENCE_APPROVE)
def card(presence_id: UUID) -> ResponseReturnValue:
    """A new card for another year, or in place of a lost one."""
    form = DecideForm()
    if not attempt(form, services.renew_card, db(), current_actor(), presence_id):
        return _page(presence_id, form, 422)
    return _done(presence_id)


def _done(presence_id: UUID) -> Response:
    flash_done(_("Done."))
    return see_other("branch_files.show", presence_id=presence_id)
