"""Pages of officers about another owner of an account."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from agencies.branches import listed
from agencies.insider import duties
from agencies.registration.queries import directors
from core.accounts import account_names
from core.actor import Actor
from core.db import legal_today
from core.errors import NotVisible
from core.files import download, pictures_of
from core.forms import Form
from core.i18n import _l
from core.i18n import gettext as _
from core.owners import owners_of
from core.permissions import SubjectKind
from core.reading import note_reading
from core.web import access, asked_picture, attempt, current_actor, db, flash_done, page, see_other, sent_file
from portal.owners import policies, services
from portal.owners.forms import ProposeForm, ReasonForm
from portal.owners.models import OwnerReplacement
from portal.owners.status import (
    GROUND_TITLES,
    OWNER_REPLACEMENT,
    STAGE_OF,
    STATUS_TITLES,
    TONES,
    ReplacementStatus,
)

bp = Blueprint("owner_changes", __name__, url_prefix="/staff/owners")
BODY = "<any(agency, centre, ngo, employer):kind>/<uuid:subject_id>"


@bp.get(f"/{BODY}")
@access(*policies.STAFF)
def new(kind: str, subject_id: UUID) -> Response:
    which = SubjectKind(kind)
    policies.find_body(db(), current_actor(), which, subject_id)
    present = services.open_for(db(), which, subject_id)
    if present is not None:
        return see_other("owner_changes.show", change_id=present.id)
    return _form_page(which, subject_id, _form(which, subject_id), 200)


def _form(kind: SubjectKind, subject_id: UUID, data: Any = None) -> ProposeForm:
    form = ProposeForm(data)
    known = directors(db(), subject_id) if kind is SubjectKind.AGENCY else []
    form.director.choices = [("", _("another person")), *((str(d.id), d.name) for d in known)]
    return form


def _form_page(kind: SubjectKind, subject_id: UUID, form: ProposeForm, status: int) -> Response:
    body = policies.find_body(db(), current_actor(), kind, subject_id)
    owners = [o.id for o in owners_of(db(), kind, subject_id)]
    return page(
        "owners/propose.html",
        status,
        form=form,
        kind=str(kind),
        body=body,
        owners=list(account_names(db(), owners).values()),
        days=services.objection_days(),
        back_url=_back(kind, subject_id),
    )


def _back(kind: SubjectKind, subject_id: UUID) -> str:
    if kind is SubjectKind.AGENCY:
        return url_for("sanctions.agency", agency_id=subject_id)
    if kind is SubjectKind.EMPLOYER:
        return url_for("employers.show", employer_id=subject_id)
    return url_for("bodies.show", word=str(kind), body_id=subject_id)


@bp.post(f"/{BODY}")
@access(*policies.STAFF)
def propose(kind: str, subject_id: UUID) -> Response:
    which = SubjectKind(kind)
    policies.find_body(db(), current_actor(), which, subject_id)
    form = _form(which, subject_id, CombinedMultiDict([request.form, request.files]))
    made = form.validate() and attempt(form, services.propose, db(), current_actor(), form.command(which, subject_id))
    if not made:
        return _form_page(which, subject_id, form, 422)
    flash_done(_l("Proposed. Another officer is drawn to decide it."))
    return see_other("owner_changes.show", change_id=made.id)


@bp.get("/<uuid:change_id>")
@access(*policies.SEERS)
def show(change_id: UUID) -> Response:
    return _page(change_id, ReasonForm(), 200)


def _page(change_id: UUID, form: Form, status: int) -> Response:
    actor = current_actor()
    change = policies.find(db(), actor, change_id)
    note_reading(actor, (OWNER_REPLACEMENT.name, change.id), purpose="review")
    body = policies.body_of(db(), change.kind, change.subject_id)
    people = [i for i in (change.lost_account_id, change.proposed_by, change.decided_by, change.settled_by) if i]
    return page(
        "owners/file.html",
        status,
        change=change,
        born=date.fromisoformat(change.birth_date) if change.birth_date else None,
        body=body,
        body_url=_back(change.kind, change.subject_id),
        names=account_names(db(), people),
        form=form,
        steps=_steps(actor, change),
        waits_for_other=change.status in STAGE_OF and not _has_step(actor, change),
        listed=next(iter(listed.matches(db(), change)), None),
        pictures=pictures_of(db(), [change.file_id]),
        grounds=GROUND_TITLES,
        titles=STATUS_TITLES,
        tones=TONES,
        today=legal_today(db()),
        back_url=url_for("staff.home"),
    )


def _has_step(actor: Actor, change: OwnerReplacement) -> bool:
    stage = STAGE_OF.get(change.status)
    held = duties.duty(db(), OWNER_REPLACEMENT.name, change.id, str(stage)) if stage else None
    return held is not None and held.officer_id == actor.account_id


def _steps(actor: Actor, change: OwnerReplacement) -> list[tuple[str, object, str]]:
    """Action, words and tone of the buttons that this officer may press now."""
    found: list[tuple[str, object, str]] = []
    if _has_step(actor, change):
        found += {
            ReplacementStatus.PROPOSED: [("agree", _l("Agree"), ""), ("refuse", _l("Refuse"), "danger")],
            ReplacementStatus.OBJECTED: [
                ("uphold", _l("The owner stays"), ""),
                ("overrule", _l("Go on in spite of the objection"), "danger"),
            ],
        }[change.status]
    if policies.may_work_on(actor, change):
        if change.status is ReplacementStatus.NOTICE:
            found.append(("object", _l("Write an objection down"), "second"))
        if change.status is ReplacementStatus.INVITED:
            found.append(("invite_again", _l("Invite again"), "second"))
        if OWNER_REPLACEMENT.allows(change.status, "take_back"):
            found.append(("take_back", _l("Take it back"), "second"))
    return found


@bp.get("/<uuid:change_id>/paper")
@access(*policies.SEERS)
def paper(change_id: UUID) -> Response:
    change = policies.find(db(), current_actor(), change_id)
    note_reading(current_actor(), (OWNER_REPLACEMENT.name, change.id), purpose="paper")
    return sent_file(download(db(), change.file_id, change.reference, asked_picture()))


@bp.post("/<uuid:change_id>/<any(agree, refuse, uphold, overrule, object, invite_again, take_back):action>")
@access(*policies.STAFF)
def act(change_id: UUID, action: str) -> Response:
    form = ReasonForm(request.form)
    policies.find(db(), current_actor(), change_id)
    if not form.validate() or not attempt(form, _act, change_id, action, form.reason.data or ""):
        return _page(change_id, form, 422)
    flash_done(_l("Done. The reason stands in the log."))
    return see_other("owner_changes.show", change_id=change_id)


def _act(change_id: UUID, action: str, reason: str) -> OwnerReplacement:
    session, actor = db(), current_actor()
    if action in ("agree", "refuse"):
        return services.decide(session, actor, change_id, agree=action == "agree", reason=reason)
    if action in ("uphold", "overrule"):
        return services.settle(session, actor, change_id, go_on=action == "overrule", reason=reason)
    if action == "object":
        return services.record_objection(session, actor, change_id, reason)
    if action == "take_back":
        return services.take_back(session, actor, change_id, reason)
    if action == "invite_again":
        return services.invite_again(session, actor, change_id)
    raise NotVisible
