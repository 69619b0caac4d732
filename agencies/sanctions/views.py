"""Pages of officers about one agency: how it stands, sanctions, proposals and decisions."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.wrappers import Response

from agencies.importing.queries import part_of
from agencies.licensing import queries as licensing
from agencies.licensing.forms import ReasonForm
from agencies.licensing.status import APPLICATION_TITLES
from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from agencies.registration.queries import directors
from agencies.sanctions import services, suspension
from agencies.sanctions.case_queries import cases_of, office_choices
from agencies.sanctions.case_status import CASE_TITLES
from agencies.sanctions.cases import reply_until
from agencies.sanctions.fines import unpaid_fines
from agencies.sanctions.forms import ProposeForm
from agencies.sanctions.models import Sanction
from agencies.sanctions.queries import sanctions_of
from agencies.sanctions.status import KIND_TITLES, SANCTION_TITLES
from agencies.sanctions.steps import SANCTIONS, holds
from agencies.security.policies import SEERS as SECURITY_SEERS
from core.accounts import account_names
from core.db import legal_today
from core.errors import NotVisible
from core.forms import Form
from core.i18n import current_locale
from core.i18n import gettext as _
from core.permissions import Permission
from core.web import access, attempt, current_actor, db, flash_done, page, see_other

blueprint = Blueprint("sanctions", __name__, url_prefix="/licensing")
SEERS = agency_policies.STAFF_SIGHT


@blueprint.get("/agencies/<uuid:agency_id>")
@access(*SEERS)
def agency(agency_id: UUID) -> ResponseReturnValue:
    return _page(agency_id, ProposeForm(), None, 200)


def _offices() -> list[tuple[str, str]]:
    return [("", "–"), *office_choices(db(), current_locale())]


def _page(agency_id: UUID, form: ProposeForm, refused: Form | None, status: int) -> Response:
    actor = current_actor()
    form.office.choices = _offices()
    if actor.is_staff and db().scalar(select(holds(actor, agency_id))):
        found = db().get_one(Agency, agency_id)
    else:
        found = agency_policies.find(db(), actor, agency_id)
    rows, people = sanctions_of(db(), agency_id), directors(db(), agency_id, removed=True)
    licence = licensing.newest_licence(db(), agency_id)
    others = [r.id for r in rows] + [d.id for d in people] + ([licence.id] if licence else [])
    return page(
        "agencies/agency.html",
        status,
        agency=found,
        standing=licensing.licence_for(db(), agency_id, legal_today(db())),
        licence=licence,
        old=part_of(db(), agency_id, others),
        application=licensing.newest_application(db(), agency_id),
        titles=APPLICATION_TITLES,
        directors=people,
        sanctions=rows,
        held=SANCTIONS.holders(db(), actor, rows),
        tie=agency_policies.tie_words(db(), actor, agency_id),
        people=account_names(db(), {i for r in rows for i in (r.proposed_by, r.decided_by) if i}),
        kinds=KIND_TITLES,
        sanction_titles=SANCTION_TITLES,
        form=form,
        proceedings=cases_of(db(), agency_id),
        case_titles=CASE_TITLES,
        unpaid=unpaid_fines(db(), agency_id),
        reply_until=reply_until(db()),
        limit=suspension.limit(legal_today(db())),
        refused=refused,
        sees_security=any(actor.can(p, found.office_id) for p in SECURITY_SEERS),
        may_propose=actor.can(Permission.SANCTION_PROPOSE, found.office_id),
        may_decide=actor.can(Permission.SANCTION_DECIDE, found.office_id),
        may_review=actor.can(Permission.LICENCE_REVIEW, found.office_id),
        may_approve=actor.can(Permission.LICENCE_APPROVE, found.office_id),
    )


@blueprint.post("/agencies/<uuid:agency_id>/sanctions")
@access(Permission.SANCTION_PROPOSE)
def propose(agency_id: UUID) -> ResponseReturnValue:
    form = ProposeForm(request.form)
    form.office.choices = _offices()
    done = form.validate() and attempt(form, services.propose, db(), current_actor(), agency_id, form.command())
    if not done:
        return _page(agency_id, form, form, 422)
    flash_done(_("Proposed. Another officer decides."))
    return see_other("sanctions.agency", agency_id=agency_id)


@blueprint.post("/sanctions/<uuid:sanction_id>/<any(order, reject, lift):action>")
@access(Permission.SANCTION_DECIDE)
def decide(sanction_id: UUID, action: str) -> ResponseReturnValue:
    """Order, reject or lift: never by the officer who proposed it."""
    sanction = db().get(Sanction, sanction_id)
    if sanction is None:
        raise NotVisible
    agency_id = sanction.agency_id
    form = ReasonForm(request.form)
    done = form.validate() and attempt(
        form, services.ACTIONS[action], db(), current_actor(), sanction_id, form.reason.data
    )
    if not done:
        return _page(agency_id, ProposeForm(), form, 422)
    flash_done(_("Done."))
    return see_other("sanctions.agency", agency_id=agency_id)
