"""The desk at the airport: look a clearance up, compare it with the passport in hand, write down what happened."""

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from contracts.clearance import airport as desk
from contracts.clearance import queries
from contracts.clearance.forms import DepartForm, DeskForm
from contracts.clearance.models import DepartureClearance
from contracts.clearance.status import CLEARANCE_TITLES, ClearanceStatus
from contracts.clearance.views import bp
from contracts.clearance.watch import IN_USE, missing_grounds
from contracts.employment.models import EmploymentContract
from contracts.employment.terms import read_terms
from core.db import db_now, legal_today
from core.errors import NotVisible
from core.i18n import _l
from core.permissions import Permission
from core.reading import note_reading
from core.web import access, attempt, current_actor, db, flash_done, page, see_other
from migrants.registration.queries import passport_facts, standing
from migrants.registration.status import SEX_TITLES

__all__ = ["bp"]

ACTIONS = {
    "depart": (desk.depart, _l("The departure is written down.")),
    "correct": (desk.correct, _l("The departure is taken back. The clearance is in force again.")),
    "stop": (
        desk.stop,
        _l("The clearance is stopped. The clearance office looks at it; lead the person to the labour desk."),
    ),
}


@bp.get("/staff/airport")
@access(Permission.DEPARTURE_RECORD)
def airport() -> Response:
    return page("clearance/airport.html", form=DepartForm(), found=None)


@bp.post("/staff/airport")
@access(Permission.DEPARTURE_RECORD)
def look_up() -> Response:
    form = DepartForm(request.form)
    if not form.validate():
        return page("clearance/airport.html", 422, form=form, found=None)
    found = queries.by_reference(db(), form.reference.data)
    if found is None:
        return page("clearance/airport.html", form=form, found=None, looked=True)
    return _desk(found, 200, form=form)


def _desk(
    found: DepartureClearance, status: int, *, form: DepartForm, act: DeskForm | None = None, tried: str = ""
) -> Response:
    """What the officer compares with the passport in hand; the person can see that it was opened."""
    note_reading(current_actor(), ("departure_clearance", found.id), purpose="airport")
    note_reading(current_actor(), ("migrant", found.migrant_id), purpose="airport")
    until = desk.correctable_until(found)
    return page(
        "clearance/airport.html",
        status,
        form=form,
        found=found,
        act=act or DeskForm(),
        tried=tried,
        title=CLEARANCE_TITLES[found.status],
        passport=passport_facts(db(), found.migrant_id, legal_today(db())),
        person=standing(db(), found.migrant_id),
        sexes=SEX_TITLES,
        terms=read_terms(db().get_one(EmploymentContract, found.contract_id).terms),
        missing=missing_grounds(db(), found, departing=True) if found.status in IN_USE else [],
        ran_out=found.valid_until is not None and found.valid_until < legal_today(db()),
        other_day=desk.other_day(db(), found),
        correctable=until is not None and until >= db_now(db()),
        why=queries.last_reason(db(), found.id, ClearanceStatus.STOPPED)
        if found.status is ClearanceStatus.STOPPED
        else "",
    )


@bp.post("/staff/airport/<uuid:clearance_id>/<action>")
@access(Permission.DEPARTURE_RECORD)
def at_desk(clearance_id: UUID, action: str) -> Response:
    if action not in ACTIONS:
        raise NotVisible
    act, said = ACTIONS[action]
    form = DeskForm(request.form)
    if not form.validate() or not attempt(form, act, db(), current_actor(), clearance_id, form.reason.data or ""):
        found = db().get(DepartureClearance, clearance_id)
        if found is None or found.status not in queries.AT_THE_DESK:
            raise NotVisible
        return _desk(found, 422, form=DepartForm(data={"reference": found.reference}), act=form, tried=action)
    flash_done(said)
    return see_other("clearance.airport")
