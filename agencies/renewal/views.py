"""Pages of an agency for the renewal of its licence: how it stands, and beginning it."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.registration import policies as agencies
from agencies.renewal import queries, services
from core.errors import NotVisible
from core.forms import Form
from core.permissions import ClerkRight, Permission, SubjectKind
from core.web import access, attempt, current_actor, db, page, see_other

blueprint = Blueprint("renewal", __name__)


@blueprint.get("/agencies/<uuid:agency_id>/renewal")
@access(Permission.AGENCY_OWN)
def show(agency_id: UUID) -> ResponseReturnValue:
    return _page(agency_id, Form(), 200)


def _page(agency_id: UUID, form: Form, status: int) -> Response:
    agency = agencies.find_own(db(), current_actor(), agency_id)
    found = queries.page(db(), agency_id)
    if found is None:
        raise NotVisible
    return page(
        "renewal/show.html",
        status,
        agency=agency,
        p=found,
        form=form,
        may_apply=current_actor().acts_for(SubjectKind.AGENCY, agency_id, ClerkRight.APPLY),
    )


@blueprint.post("/agencies/<uuid:agency_id>/renewal")
@access(Permission.AGENCY_OWN)
def start(agency_id: UUID) -> ResponseReturnValue:
    form = Form()
    begun = attempt(form, services.start, db(), current_actor(), agency_id)
    if not begun:
        return _page(agency_id, form, 422)
    return see_other("licence.application", application_id=begun.id)
