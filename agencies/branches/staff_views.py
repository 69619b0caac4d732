"""Pages of officers about one branch or representative."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.wrappers import Response

from agencies.branches import listed, moves, queries, services
from agencies.branches.drawing import MOVES, PRESENCES, holds
from agencies.branches.forms import DecideForm
from agencies.branches.models import Presence
from agencies.branches.rules import rule
from agencies.branches.status import (
    KIND_TITLES,
    MOVE_STATES,
    MOVE_TITLES,
    PRESENCE,
    STATUS_TITLES,
    TONES,
    MoveKind,
    MoveStatus,
    PresenceStatus,
)
from agencies.insider.queries import duty_draws
from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from core.accounts import account_names
from core.actor import Actor
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
ACTIONS = {**services.ACTIONS, "suspend": moves.suspend}


@blueprint.get("/<uuid:presence_id>")
@access(*SEERS)
def show(presence_id: UUID) -> ResponseReturnValue:
    return _page(presence_id, DecideForm(), 200)


def _page(presence_id: UUID, form: DecideForm, status: int) -> Response:
    actor = current_actor()
    presence, agency = services.find(db(), actor, presence_id)
    if not any(actor.can(p, agency.office_id) for p in SEERS) and not db().scalar(select(holds(actor, presence_id))):
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
        **_steps(actor, presence, agency),
        back_url=url_for("staff.home"),
    )


def _steps(actor: Actor, presence: Presence, agency: Agency) -> dict[str, Any]:
    """What waits and for whom, and what this reader may begin; nothing for an officer with a tie."""
    proposed = queries.moves_of(db(), presence.id)
    held = PRESENCES.holders(db(), actor, [presence]).get(presence.id)
    seconds = MOVES.holders(db(), actor, proposed)
    draws = duty_draws(db(), PRESENCES.name, presence.id, PRESENCES.titles, actor.locale)
    for move in proposed:
        draws += duty_draws(db(), MOVES.name, move.id, MOVES.titles, actor.locale)
    waiting = any(m.status is MoveStatus.PROPOSED for m in proposed)
    may = [p for p in moves.PROPOSERS if actor.can(p, agency.office_id)]
    return {
        "tie": agency_policies.tie_words(db(), actor, agency.id),
        "held": held,
        "steps": [PRESENCE.transitions[a] for a in PRESENCES.step(held.stage).acts] if held else [],
        "moves": proposed,
        "seconds": seconds,
        "move_titles": MOVE_TITLES,
        "move_states": MOVE_STATES,
        "people": account_names(db(), {i for m in proposed for i in (m.proposed_by, m.decided_by) if i}),
        "may_suspend": presence.status is PresenceStatus.ACTIVE
        and Permission.LICENCE_APPROVE in may
        and presence.lapsed_on is None,
        "days": int(deployment().standard("presence_suspension_days")),
        "proposable": [k for k in MoveKind if may and not waiting and moves.fits(presence, k)],
        "draws": sorted(draws, key=lambda d: d.at, reverse=True),
    }


@blueprint.post("/<uuid:presence_id>/<any(verify, refuse, send_back, activate, suspend):action>")
@access(Permission.LICENCE_REVIEW, Permission.LICENCE_APPROVE)
def act(presence_id: UUID, action: str) -> ResponseReturnValue:
    form = DecideForm(request.form)
    actor = current_actor()
    done = form.validate() and (
        attempt(form, services.verify, db(), actor, presence_id, form.reason.data, form.deposit_reference.data or "")
        if action == "verify"
        else attempt(form, ACTIONS[action], db(), actor, presence_id, form.reason.data)
    )
    return _done(presence_id) if done else _page(presence_id, form, 422)


@blueprint.post("/<uuid:presence_id>/moves/<any(hold, restore, remove):kind>")
@access(*moves.PROPOSERS)
def propose(presence_id: UUID, kind: str) -> ResponseReturnValue:
    """Propose what needs two officers."""
    form = DecideForm(request.form)
    done = form.validate() and attempt(
        form, moves.propose, db(), current_actor(), presence_id, MoveKind(kind), form.reason.data
    )
    return _done(presence_id) if done else _page(presence_id, form, 422)


@blueprint.post("/<uuid:presence_id>/moves/<uuid:move_id>/<any(accept, reject):action>")
@access(Permission.LICENCE_APPROVE)
def decide(presence_id: UUID, move_id: UUID, action: str) -> ResponseReturnValue:
    """The second officer's word."""
    form = DecideForm(request.form)
    done = form.validate() and attempt(form, moves.decide, db(), current_actor(), move_id, action, form.reason.data)
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
