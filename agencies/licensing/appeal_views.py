"""Pages of the appeal against a refusal: the applicant's form, and the appeal officer's decision."""

from datetime import date
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from agencies.licensing import appeals, downloads, policies
from agencies.licensing.forms import AppealForm, PaperAppealForm, ReasonForm
from agencies.licensing.paper_models import LicenceAppeal
from agencies.licensing.status import APPEAL_TITLES, AppealStatus, ApplicationStatus
from core.accounts import account_names
from core.actor import Actor
from core.db import legal_today
from core.errors import Denied, NotVisible
from core.files import pictures_of
from core.forms import Form
from core.i18n import gettext as _
from core.permissions import Permission, SubjectKind
from core.reading import note_reading
from core.web import (
    access,
    asked_picture,
    attempt,
    current_actor,
    db,
    flash_done,
    page,
    see_other,
    sent_file,
    signed_in,
)
from law.country import deployment

blueprint = Blueprint("licence_appeals", __name__)
P = Permission


def _form_page(application_id: UUID, form: AppealForm, status: int) -> Response:
    held = policies.find(db(), current_actor(), application_id)
    if (
        not current_actor().acts_for(SubjectKind.AGENCY, held.agency.id)
        or held.application.status is not ApplicationStatus.REFUSED
    ):
        raise NotVisible
    return page(
        "licensing/appeal_new.html",
        status,
        application=held.application,
        form=form,
        hindrance=appeals.hindrance(db(), held.application),
        ministry=deployment().ministry_name,
    )


@blueprint.get("/licences/applications/<uuid:application_id>/appeal")
@access(P.AGENCY_OWN)
def new(application_id: UUID) -> ResponseReturnValue:
    return _form_page(application_id, AppealForm(), 200)


@blueprint.post("/licences/applications/<uuid:application_id>/appeal")
@access(P.AGENCY_OWN)
def lodge(application_id: UUID) -> ResponseReturnValue:
    form = AppealForm(request.form)
    if not (form.validate() and attempt(form, appeals.lodge, db(), current_actor(), application_id, form.command())):
        return _form_page(application_id, form, 422)
    flash_done(_("Your appeal was sent. An officer who took no step before decides."))
    return see_other("licence.application", application_id=application_id)


def _paper_page(application_id: UUID, form: PaperAppealForm, status: int) -> Response:
    held = policies.find(db(), current_actor(), application_id)
    current_actor().require(P.SANCTION_PROPOSE, held.agency.office_id)
    if held.application.status is not ApplicationStatus.REFUSED:
        raise NotVisible
    # What was typed and is no day comes back as it was typed.
    day = form.received_on.data
    return page(
        "licensing/appeal_paper.html", status, application=held.application, agency=held.agency, form=form,
        hindrance=appeals.hindrance(db(), held.application, day if isinstance(day, date) else None),
    )  # fmt: skip


@blueprint.get("/licensing/applications/<uuid:application_id>/paper-appeal")
@access(P.SANCTION_PROPOSE)
def new_on_paper(application_id: UUID) -> ResponseReturnValue:
    return _paper_page(application_id, PaperAppealForm(data={"received_on": legal_today(db())}), 200)


@blueprint.post("/licensing/applications/<uuid:application_id>/paper-appeal")
@access(P.SANCTION_PROPOSE)
def record(application_id: UUID) -> ResponseReturnValue:
    """An officer writes down what came on paper."""
    form = PaperAppealForm(CombinedMultiDict([request.form, request.files]))
    done = form.validate() and attempt(form, appeals.record, db(), current_actor(), application_id, form.command())
    if not done:
        return _paper_page(application_id, form, 422)
    flash_done(_("Written down. The agency is told; an officer who took no step before decides."))
    return see_other("licensing.application", application_id=application_id)


@blueprint.get("/licences/appeals/<uuid:appeal_id>/paper")
@signed_in
def download_paper(appeal_id: UUID) -> ResponseReturnValue:
    return sent_file(downloads.appeal_paper(db(), current_actor(), appeal_id, asked_picture()))


def _may_decide(actor: Actor, appeal: LicenceAppeal, held: policies.Held) -> tuple[bool, object]:
    """Whether this officer decides, and the sentence that says why not where the role would allow it."""
    if appeal.status is not AppealStatus.LODGED or not actor.can(P.SANCTION_APPEAL, held.agency.office_id):
        return False, None
    try:
        appeals.stranger_only(db(), actor, held)
    except Denied as error:
        return False, error.message
    return True, None


def _page(appeal_id: UUID, form: Form, status: int) -> Response:
    actor = current_actor()
    appeal, held = appeals.find(db(), actor, appeal_id)
    may, hindrance = _may_decide(actor, appeal, held)
    shown = page(
        "licensing/appeal.html",
        status,
        appeal=appeal,
        application=held.application,
        agency=held.agency,
        title=APPEAL_TITLES[appeal.status],
        today=legal_today(db()),
        people=account_names(db(), [a for a in (appeal.refused_by, appeal.decided_by, appeal.lodged_by) if a]),
        pictures=pictures_of(db(), [appeal.paper_id]).get(appeal.paper_id, 0),
        may_decide=may,
        hindrance=hindrance,
        form=form,
    )
    note_reading(actor, ("licence_appeal", appeal_id), purpose="review")
    return shown


@blueprint.get("/licensing/appeals/<uuid:appeal_id>")
@access(P.SANCTION_APPEAL, P.AUDIT_READ)
def show(appeal_id: UUID) -> ResponseReturnValue:
    return _page(appeal_id, ReasonForm(), 200)


@blueprint.post("/licensing/appeals/<uuid:appeal_id>/<any(uphold, reverse):action>")
@access(P.SANCTION_APPEAL)
def decide(appeal_id: UUID, action: str) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    done = form.validate() and attempt(
        form, appeals.decide, db(), current_actor(), appeal_id, form.reason.data, reverse=action == "reverse"
    )
    if not done:
        return _page(appeal_id, form, 422)
    flash_done(_("The appeal is decided. The agency is told."))
    return see_other("licence_appeals.show", appeal_id=appeal_id)
