"""Pages of identity officers: the file side by side, the decision, recovery of access."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from core.errors import NotVisible
from core.files import StoredFile, read_file
from core.i18n import _l, is_reviewed
from core.permissions import Permission
from core.reading import note_reading
from core.web import access, attempt, current_actor, db, flash_done, page, see_other, typed
from migrants.registration import deciding, forms, queries, recovery
from migrants.registration.comparing import compare, reason_words
from migrants.registration.status import STATUS_TITLES, STATUS_TONES, migrant_workflow

bp = Blueprint("identity", __name__, url_prefix="/staff/identity")
OFFICERS = (Permission.IDENTITY_REVIEW, Permission.IDENTITY_APPROVE, Permission.CHILD_PROTECTION)
PURPOSES = {"review": _l("It is in my queue"), "request": _l("The person asked me"), "complaint": _l("A complaint")}

STAFF_EVENTS = {
    "begin": _l("Registration begun"),
    "read": _l("File opened"),
    "found": _l("Found in a search"),
    "renew_passport": _l("New passport taken up"),
}


@bp.get("/<uuid:migrant_id>")
@access(*OFFICERS)
def file(migrant_id: UUID) -> Response:
    return _file_page(migrant_id, forms.DecisionForm(), 200)


def _file_page(migrant_id: UUID, form: forms.DecisionForm, status: int) -> Response:
    found = queries.identity_file(db(), current_actor(), migrant_id)
    if found is None or not deciding.decidable_by(current_actor(), found.migrant):
        raise NotVisible
    purpose = request.values.get("purpose", "review")
    note_reading(current_actor(), ("migrant", migrant_id), purpose=purpose if purpose in PURPOSES else "review")
    arrows = [t for t in migrant_workflow.available(found.migrant.status, current_actor()) if t.permission is not None]
    return page(
        "migrants/file.html",
        status,
        file=found,
        consent_reviewed=is_reviewed("consent", found.migrant.consent_version, found.migrant.consent_language),
        purposes=PURPOSES,
        rows=compare(found),
        words=reason_words,
        form=form,
        arrows=arrows,
        status_title=STATUS_TITLES[found.migrant.status],
        status_tone=STATUS_TONES.get(found.migrant.status, "wait"),
        words_of=STAFF_EVENTS.get,
        titles={t.action: t.title for t in migrant_workflow.transitions.values()},
        back_url=url_for("staff.home"),
        may_confirm=current_actor().can(Permission.RECOVERY_CONFIRM, found.migrant.office_id),
    )


@bp.post("/<uuid:migrant_id>")
@access(*OFFICERS)
def decide(migrant_id: UUID) -> Response:
    form = forms.DecisionForm(request.form)
    done = form.validate() and attempt(
        form, deciding.decide, db(), current_actor(), migrant_id, form.action.data, form.reason.data
    )
    if not done:
        return _file_page(migrant_id, form, 422)
    flash_done(_l("Your decision is written down."))
    return see_other("staff.home")


@bp.get("/<uuid:migrant_id>/photo")
@access(*OFFICERS)
def photo(migrant_id: UUID) -> Response:
    found = queries.identity_file(db(), current_actor(), migrant_id)
    if found is None or not deciding.decidable_by(current_actor(), found.migrant):
        raise NotVisible
    if found.passport is None or found.passport.photo_file_id is None:
        raise NotVisible
    stored = db().get_one(StoredFile, found.passport.photo_file_id)
    response = FlaskResponse(read_file(stored), mimetype=stored.media_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/<uuid:migrant_id>/recovery")
@access(Permission.IDENTITY_REVIEW)
def propose_recovery(migrant_id: UUID) -> Response:
    form = forms.RecoveryForm(request.form)
    if not form.validate() or not attempt(form, recovery.propose, db(), current_actor(), migrant_id, form.reason.data):
        return _file_page(migrant_id, forms.DecisionForm(), 422)
    flash_done(_l("Another officer has to confirm this now."))
    return see_other("identity.file", migrant_id=migrant_id)


@bp.post("/recovery/<uuid:recovery_id>/confirm")
@access(Permission.RECOVERY_CONFIRM)
def confirm_recovery(recovery_id: UUID) -> Response:
    return page("migrants/paper_code.html", paper=recovery.confirm(db(), current_actor(), recovery_id))


@bp.post("/recovery/<uuid:recovery_id>/refuse")
@access(Permission.RECOVERY_CONFIRM)
def refuse_recovery(recovery_id: UUID) -> Response:
    recovery.refuse(db(), current_actor(), recovery_id, typed("reason"))
    flash_done(_l("The request is refused."))
    return see_other("staff.home")
