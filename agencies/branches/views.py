"""Pages of an agency about its branches and representatives, and the signed status list for everybody."""

from uuid import UUID

from flask import Blueprint, jsonify, make_response, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.branches import queries, services
from agencies.branches.forms import ProposeForm
from agencies.branches.models import PresenceCard
from agencies.branches.rules import rule
from agencies.branches.status import KIND_TITLES, STATUS_TITLES, TONES, PresenceKind
from agencies.branches.status_list import status_list
from agencies.licensing.queries import licence_for
from agencies.registration import policies as agency_policies
from core.db import legal_today
from core.errors import NotVisible
from core.files import download
from core.i18n import gettext as _
from core.permissions import ClerkRight, Permission, SubjectKind
from core.web import access, attempt, current_actor, db, flash_done, page, public, see_other, sent_file, signed_in
from law.country import deployment

blueprint = Blueprint("branches", __name__)


@blueprint.get("/.well-known/status-list.json")
@public
def revoked_papers() -> ResponseReturnValue:
    """Which licences and cards stand no more, signed: for scanners without a network."""
    found = status_list(db())
    response = make_response(jsonify({"status_list": found.jws}))
    response.headers["Cache-Control"] = "public, max-age=30"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.set_etag(found.etag)
    return response.make_conditional(request)


@blueprint.get("/agencies/<uuid:agency_id>/branches")
@access(Permission.AGENCY_OWN)
def mine(agency_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    agency = agency_policies.find_own(db(), actor, agency_id)
    today = legal_today(db())
    return page(
        "branches/mine.html",
        agency=agency,
        rows=queries.presences_of(db(), agency_id),
        licence=licence_for(db(), agency_id, today),
        kinds=KIND_TITLES,
        titles=STATUS_TITLES,
        tones=TONES,
        today=today,
        place=deployment().destination_name,
        may_propose=actor.acts_for(SubjectKind.AGENCY, agency_id, ClerkRight.APPLY),
        forbidden=rule(PresenceKind.REPRESENTATIVE, "", today),
        back_url=url_for("agency.show", agency_id=agency_id),
    )


@blueprint.get("/agencies/<uuid:agency_id>/branches/new/<any(branch, representative):kind>")
@access(Permission.AGENCY_OWN)
def new(agency_id: UUID, kind: str) -> ResponseReturnValue:
    return _form(agency_id, PresenceKind(kind), ProposeForm(), 200)


def _form(agency_id: UUID, kind: PresenceKind, form: ProposeForm, status: int) -> Response:
    agency = agency_policies.find_own(db(), current_actor(), agency_id, ClerkRight.APPLY)
    today = legal_today(db())
    return page(
        "branches/new.html",
        status,
        agency=agency,
        kind=kind,
        form=form,
        home=rule(kind, "", today),
        abroad=rule(kind, "any", today),
        back_url=url_for("branches.mine", agency_id=agency_id),
    )


@blueprint.post("/agencies/<uuid:agency_id>/branches/new/<any(branch, representative):kind>")
@access(Permission.AGENCY_OWN)
def propose(agency_id: UUID, kind: str) -> ResponseReturnValue:
    form = ProposeForm(request.form)
    wanted = PresenceKind(kind)
    if not (
        form.validate() and attempt(form, services.propose, db(), current_actor(), agency_id, form.command(wanted))
    ):
        return _form(agency_id, wanted, form, 422)
    flash_done(_("Sent. An officer looks at it."))
    return see_other("branches.mine", agency_id=agency_id)


@blueprint.post("/agencies/branches/<uuid:presence_id>/withdraw")
@access(Permission.AGENCY_OWN)
def withdraw(presence_id: UUID) -> ResponseReturnValue:
    presence = services.withdraw(db(), current_actor(), presence_id)
    flash_done(_("Ended. The card is not valid any more."))
    return see_other("branches.mine", agency_id=presence.agency_id)


@blueprint.get("/agencies/branches/cards/<uuid:card_id>/document")
@signed_in
def document(card_id: UUID) -> ResponseReturnValue:
    """The card as PDF, for the agency and its officers."""
    card = db().get(PresenceCard, card_id)
    if card is None:
        raise NotVisible
    services.find(db(), current_actor(), card.presence_id)
    return sent_file(download(db(), card.document_id, card.number.replace("/", "-")))
