"""Officers' pages: conflicts with both values side by side, runs, claims at the counter."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.importing import claim_office, deciding, policies, queries
from agencies.importing.forms import ReasonForm
from agencies.importing.models import AgencyClaim
from agencies.importing.services import REASONS
from agencies.importing.status import CONFLICT, CONFLICT_TITLES, KIND_TITLES
from core.actor import Actor
from core.errors import NotVisible
from core.forms import Form
from core.i18n import gettext as _
from core.permissions import Permission
from core.web import access, attempt, current_actor, db, flash_done, page, see_other, typed

blueprint = Blueprint("importing", __name__, url_prefix="/imports")
SEERS = (Permission.LICENCE_REVIEW, Permission.LICENCE_APPROVE, Permission.AUDIT_READ)


@blueprint.get("")
@access(*SEERS, Permission.IMPORT_RUN)
def runs() -> ResponseReturnValue:
    return page("importing/runs.html", runs=queries.runs(db()), kinds=KIND_TITLES)


@blueprint.get("/conflicts/<uuid:conflict_id>")
@access(*SEERS)
def conflict(conflict_id: UUID) -> ResponseReturnValue:
    return _conflict(conflict_id, ReasonForm(), 200)


def _conflict(conflict_id: UUID, form: Form, status: int) -> Response:
    actor = current_actor()
    shown = queries.conflict_page(db(), policies.find_conflict(db(), actor, conflict_id))
    return page(
        "importing/conflict.html",
        status,
        c=shown,
        form=form,
        actions=_actions(actor, shown),
        own=shown.conflict.proposed_by == actor.account_id or shown.run.run_by == actor.account_id,
        why=REASONS[shown.conflict.why],
        kinds=KIND_TITLES,
        titles=CONFLICT_TITLES,
    )


def _actions(actor: Actor, shown: queries.ConflictPage) -> list[object]:
    """The buttons: one officer is enough where no standing changes."""
    hidden = "take" if shown.conflict.standing else "propose"
    return [t for t in CONFLICT.available(shown.conflict.status, actor) if t.permission and t.action != hidden]


@blueprint.post("/conflicts/<uuid:conflict_id>/<any(keep, take, propose, confirm, reject):action>")
@access(Permission.LICENCE_REVIEW, Permission.LICENCE_APPROVE)
def decide(conflict_id: UUID, action: str) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    done = form.validate() and attempt(
        form, deciding.ACTIONS[action], db(), current_actor(), conflict_id, form.reason.data
    )
    if not done:
        return _conflict(conflict_id, form, 422)
    flash_done(_("Done."))
    return see_other("importing.conflict", conflict_id=conflict_id)


@blueprint.post("/agencies/<uuid:agency_id>/papers")
@access(Permission.LICENCE_REVIEW)
def see_papers(agency_id: UUID) -> ResponseReturnValue:
    """An officer has seen the licensee and the papers; another one hands over the code."""
    claim_office.see_papers(db(), current_actor(), agency_id, typed("reason"))
    flash_done(_("Noted. Another officer hands over the code."))
    return see_other("sanctions.agency", agency_id=agency_id)


@blueprint.post("/claims/<uuid:claim_id>/hand-over")
@access(Permission.LICENCE_APPROVE)
def hand_over(claim_id: UUID) -> ResponseReturnValue:
    """The code is shown once, on this answer alone."""
    paper = claim_office.hand_over(db(), current_actor(), claim_id)
    answer = page("importing/paper.html", paper=paper)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/claims/<uuid:claim_id>/<any(check, stop):action>")
@access(Permission.LICENCE_REVIEW)
def look_at(claim_id: UUID, action: str) -> ResponseReturnValue:
    """What a registered contact has claimed: right, or stopped."""
    claim_office.ACTIONS[action](db(), current_actor(), claim_id, typed("reason"))
    claim = db().get(AgencyClaim, claim_id)
    if claim is None:
        raise NotVisible
    flash_done(_("Done."))
    return see_other("sanctions.agency", agency_id=claim.agency_id)
