"""Pages of an agency about its further names in the register."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.licensing.queries import licence_for
from agencies.register_names import queries, services
from agencies.register_names.forms import ProposeForm
from agencies.register_names.status import AGENCY_TITLES, OPEN, SCRIPT_TITLES, TONES, USE_TITLES
from agencies.registration import policies as agency_policies
from core.db import legal_today
from core.i18n import gettext as _
from core.permissions import ClerkRight, Permission, SubjectKind
from core.web import access, attempt, current_actor, db, flash_done, page, see_other

blueprint = Blueprint("own_names", __name__, url_prefix="/agencies")


@blueprint.get("/<uuid:agency_id>/names")
@access(Permission.AGENCY_OWN)
def mine(agency_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    return page(
        "register_names/mine.html",
        agency=agency_policies.find_own(db(), actor, agency_id),
        rows=queries.proposals_of(db(), agency_id),
        others=queries.others_of(db(), agency_id),
        licence=licence_for(db(), agency_id, legal_today(db())),
        may_propose=actor.acts_for(SubjectKind.AGENCY, agency_id, ClerkRight.APPLY),
        uses=USE_TITLES,
        scripts=SCRIPT_TITLES,
        titles=AGENCY_TITLES,
        tones=TONES,
        open_states=OPEN,
        back_url=url_for("agency.show", agency_id=agency_id),
    )


@blueprint.get("/<uuid:agency_id>/names/new")
@access(Permission.AGENCY_OWN)
def new(agency_id: UUID) -> ResponseReturnValue:
    return _form(agency_id, ProposeForm(), 200)


def _form(agency_id: UUID, form: ProposeForm, status: int) -> Response:
    return page(
        "register_names/new.html",
        status,
        agency=agency_policies.find_own(db(), current_actor(), agency_id, ClerkRight.APPLY),
        form=form,
        back_url=url_for("own_names.mine", agency_id=agency_id),
    )


@blueprint.post("/<uuid:agency_id>/names/new")
@access(Permission.AGENCY_OWN)
def propose(agency_id: UUID) -> ResponseReturnValue:
    form = ProposeForm(request.form)
    if not (form.validate() and attempt(form, services.propose, db(), current_actor(), agency_id, form.command())):
        return _form(agency_id, form, 422)
    flash_done(_("Sent. An officer looks at it."))
    return see_other("own_names.mine", agency_id=agency_id)


@blueprint.post("/names/<uuid:proposal_id>/withdraw")
@access(Permission.AGENCY_OWN)
def withdraw(proposal_id: UUID) -> ResponseReturnValue:
    proposal = services.withdraw(db(), current_actor(), proposal_id)
    flash_done(_("Withdrawn."))
    return see_other("own_names.mine", agency_id=proposal.agency_id)
