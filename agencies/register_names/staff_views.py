"""Pages of officers about the further names of agencies."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.register_names import likeness, policies, queries, services
from agencies.register_names.forms import DecideForm, ProposeForm
from agencies.register_names.status import NAME, SCRIPT_TITLES, STATUS_TITLES, TONES, USE_TITLES, NameStatus
from agencies.registration import policies as agency_policies
from core.accounts import account_names
from core.errors import NotVisible
from core.i18n import gettext as _
from core.permissions import Permission
from core.web import access, attempt, current_actor, db, flash_done, page, see_other

blueprint = Blueprint("register_names", __name__, url_prefix="/licensing")
WORDS = {"uses": USE_TITLES, "scripts": SCRIPT_TITLES, "titles": STATUS_TITLES, "tones": TONES}


@blueprint.get("/agencies/<uuid:agency_id>/names")
@access(*policies.SEERS)
def of_agency(agency_id: UUID) -> ResponseReturnValue:
    return _list(agency_id, ProposeForm(), 200)


def _list(agency_id: UUID, form: ProposeForm, status: int) -> Response:
    actor = current_actor()
    agency = agency_policies.find(db(), actor, agency_id)
    if not any(actor.can(p, agency.office_id) for p in policies.SEERS):
        raise NotVisible
    return page(
        "register_names/of_agency.html",
        status,
        agency=agency,
        rows=queries.proposals_of(db(), agency_id),
        others=queries.others_of(db(), agency_id),
        form=form,
        may_propose=actor.can(Permission.LICENCE_REVIEW, agency.office_id) and agency.listed_at is not None,
        back_url=url_for("sanctions.agency", agency_id=agency_id),
        **WORDS,
    )


@blueprint.post("/agencies/<uuid:agency_id>/names")
@access(Permission.LICENCE_REVIEW)
def propose(agency_id: UUID) -> ResponseReturnValue:
    form = ProposeForm(request.form)
    if not (form.validate() and attempt(form, services.propose_for, db(), current_actor(), agency_id, form.command())):
        return _list(agency_id, form, 422)
    flash_done(_("Proposed. Another officer decides."))
    return see_other("register_names.of_agency", agency_id=agency_id)


@blueprint.get("/names/<uuid:proposal_id>")
@access(*policies.SEERS)
def show(proposal_id: UUID) -> ResponseReturnValue:
    return _page(proposal_id, DecideForm(), 200)


def _page(proposal_id: UUID, form: DecideForm, status: int) -> Response:
    actor = current_actor()
    proposal, agency = policies.seen(db(), actor, proposal_id)
    made_it = actor.account_id in (proposal.proposed_by, proposal.released_by)
    people = {i for i in (proposal.proposed_by if proposal.by_office else None, proposal.decided_by) if i}
    return page(
        "register_names/file.html",
        status,
        proposal=proposal,
        agency=agency,
        form=form,
        sides=likeness.side_by_side(db(), proposal),
        sounds_alike=likeness.sounds_like_own(proposal.text, agency),
        made_it=made_it,
        people=account_names(db(), people),
        available=[t for t in NAME.available(proposal.status, actor) if t.permission is not None],
        back_url=url_for("staff.home"),
        **WORDS,
    )


@blueprint.post("/names/<uuid:proposal_id>/<any(agree, refuse, release, refuse_stopped, strike):action>")
@access(Permission.LICENCE_REVIEW, Permission.LICENCE_APPROVE)
def act(proposal_id: UUID, action: str) -> ResponseReturnValue:
    form = DecideForm(request.form)
    done = form.validate() and attempt(
        form, services.ACTIONS[action], db(), current_actor(), proposal_id, form.reason.data
    )
    if not done:
        return _page(proposal_id, form, 422)
    stopped = action == "agree" and done.status is NameStatus.STOPPED
    flash_done(_("A name like it is in the register: an approver compares first.") if stopped else _("Done."))
    return see_other("register_names.show", proposal_id=proposal_id)
