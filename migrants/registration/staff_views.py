"""Pages of identity officers: the file side by side, the decision, recovery of access."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from core.errors import NotVisible
from core.files import download
from core.i18n import _l, is_reviewed, languages
from core.permissions import Permission
from core.reading import note_reading
from core.web import access, attempt, current_actor, db, flash_done, page, see_other, sent_file, typed
from migrants.registration import deciding, forms, protecting, queries, recovery
from migrants.registration.comparing import compare, reason_words
from migrants.registration.models import Migrant
from migrants.registration.policies import may_close_passed
from migrants.registration.status import (
    BASIS_TITLES,
    OFFICER_TITLES,
    PROTECTING,
    STATUS_TONES,
    MigrantStatus,
    migrant_workflow,
)

bp = Blueprint("identity", __name__, url_prefix="/staff/identity")
OFFICERS = (Permission.IDENTITY_REVIEW, Permission.IDENTITY_APPROVE, Permission.CHILD_PROTECTION)
PURPOSES = {
    "review": _l("It is in my queue"),
    "request": _l("The person asked me"),
    "complaint": _l("A complaint"),
    "airport": _l("At the airport"),
}
ACCEPT_TWIN = _l("Another person: verify this one")

STAFF_EVENTS = {
    "begin": _l("Registration begun"),
    "read": _l("File opened"),
    "found": _l("Found in a search"),
    "renew_passport": _l("New passport taken up"),
}


@bp.get("/<uuid:migrant_id>")
@access(*OFFICERS)
def file(migrant_id: UUID) -> Response:
    return _file_page(migrant_id, forms.ProtectForm(), 200)


def _file_page(migrant_id: UUID, form: forms.ProtectForm, status: int) -> Response:
    found = queries.identity_file(db(), current_actor(), migrant_id)
    if found is None or not deciding.decidable_by(current_actor(), found.migrant):
        raise NotVisible
    purpose = request.values.get("purpose", "review")
    note_reading(current_actor(), ("migrant", migrant_id), purpose=purpose if purpose in PURPOSES else "review")
    arrows = _arrows(found.migrant)
    return page(
        "migrants/file.html",
        status,
        protecting=found.migrant.status is MigrantStatus.PROTECTION,
        file=found,
        consent_reviewed=is_reviewed("consent", found.migrant.consent_version, found.migrant.consent_language),
        consent_language=_language(found.migrant.consent_language),
        purposes=PURPOSES,
        rows=compare(found),
        words=reason_words,
        form=form,
        arrows=arrows,
        basis=BASIS_TITLES.get(basis) if (basis := queries.identity_basis(db(), found.migrant, found.passport)) else "",
        accept_title=ACCEPT_TWIN if found.migrant.status is MigrantStatus.POSSIBLE_DUPLICATE else None,
        status_title=OFFICER_TITLES[found.migrant.status],
        status_tone=STATUS_TONES.get(found.migrant.status, "wait"),
        words_of=STAFF_EVENTS.get,
        titles={t.action: t.title for t in migrant_workflow.transitions.values()},
        back_url=url_for("staff.home"),
        may_confirm=current_actor().can(Permission.RECOVERY_CONFIRM, found.migrant.office_id),
    )


def _language(code: str) -> str:
    found = languages().get(code)
    return found.name if found else code


def _arrows(migrant: Migrant) -> list[Any]:
    """The decisions that are this officer's; what was passed on is an approver's, and not the reviewer's own."""
    actor = current_actor()
    passed = migrant.status is MigrantStatus.PASSED_ON
    if passed and not may_close_passed(actor, migrant, deciding.passed_by(db(), migrant.id)):
        return []
    return [t for t in migrant_workflow.available(migrant.status, actor) if t.permission is not None]


@bp.post("/<uuid:migrant_id>")
@access(*OFFICERS)
def decide(migrant_id: UUID) -> Response:
    form = forms.ProtectForm(request.form)
    done = form.validate() and _decide(form, migrant_id)
    if not done:
        return _file_page(migrant_id, form, 422)
    flash_done(_l("Your decision is written down."))
    return see_other("staff.home")


def _decide(form: forms.ProtectForm, migrant_id: UUID) -> Any:
    if form.action.data in PROTECTING:
        return attempt(form, protecting.protect, db(), current_actor(), migrant_id, form.command())
    return attempt(form, deciding.decide, db(), current_actor(), migrant_id, form.action.data, form.reason.data)


@bp.get("/<uuid:migrant_id>/photo")
@access(*OFFICERS)
def photo(migrant_id: UUID) -> Response:
    found = queries.identity_file(db(), current_actor(), migrant_id)
    if found is None or not deciding.decidable_by(current_actor(), found.migrant):
        raise NotVisible
    if found.passport is None or found.passport.photo_file_id is None:
        raise NotVisible
    return sent_file(replace(download(db(), found.passport.photo_file_id, "passport"), shown=True))


@bp.post("/<uuid:migrant_id>/recovery")
@access(Permission.IDENTITY_REVIEW)
def propose_recovery(migrant_id: UUID) -> Response:
    form = forms.RecoveryForm(request.form)
    if not form.validate() or not attempt(form, recovery.propose, db(), current_actor(), migrant_id, form.reason.data):
        return _file_page(migrant_id, forms.ProtectForm(), 422)
    flash_done(_l("Another officer has to confirm this now."))
    return see_other("identity.file", migrant_id=migrant_id)


@bp.post("/recovery/<uuid:recovery_id>/confirm")
@access(Permission.RECOVERY_CONFIRM)
def confirm_recovery(recovery_id: UUID) -> Response:
    paper = recovery.confirm(db(), current_actor(), recovery_id)
    return page("migrants/paper_code.html", paper=paper, days=recovery.paper_days())


@bp.post("/recovery/<uuid:recovery_id>/refuse")
@access(Permission.RECOVERY_CONFIRM)
def refuse_recovery(recovery_id: UUID) -> Response:
    recovery.refuse(db(), current_actor(), recovery_id, typed("reason"))
    flash_done(_l("The request is refused."))
    return see_other("staff.home")
