"""Pages of staff for orientation centres and helping organisations: the list, a new one, its owner."""

from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from core.accounts import account_names
from core.errors import NotVisible
from core.i18n import _l
from core.listing import fetch_page
from core.owners import owners_of
from core.permissions import Permission, SubjectKind
from core.web import access, attempt, current_actor, db, flash_done, page, see_other
from portal.people import bodies
from portal.people.forms import BodyForm, OwnerForm, ReasonForm

bp = Blueprint("bodies", __name__, url_prefix="/staff/organisations/<any(centre, ngo):word>")
STAFF = (Permission.CENTRE_INSPECT, Permission.STAFF_MANAGE)


def _kind(word: str) -> bodies.BodyKind:
    kind = bodies.KINDS[SubjectKind(word)]
    if not current_actor().can(kind.permission):
        raise NotVisible
    return kind


@bp.get("")
@access(*STAFF)
def listed(word: str) -> Response:
    kind = _kind(word)
    model = kind.model
    rows = fetch_page(
        db(), bodies.entered(current_actor(), kind), (model.created_at, model.id), cursor=request.args.get("after")
    )
    return page("people/bodies.html", kind=kind, word=word, rows=rows)


@bp.get("/new")
@access(*STAFF)
def new(word: str) -> Response:
    return _form_page(word, BodyForm(), 200)


def _form_page(word: str, form: BodyForm, status: int) -> Response:
    back = url_for("bodies.listed", word=word)
    return page("people/body_form.html", status, kind=_kind(word), word=word, form=form, back_url=back)


@bp.post("/new")
@access(*STAFF)
def enter(word: str) -> Response:
    form, kind = BodyForm(request.form), _kind(word)
    made = form.validate() and attempt(form, bodies.enter, db(), current_actor(), kind, form.command())
    if not made:
        return _form_page(word, form, 422)
    flash_done(_l("It is entered, and the owner was invited."))
    return see_other("bodies.show", word=word, body_id=made)


@bp.get("/<uuid:body_id>")
@access(*STAFF)
def show(word: str, body_id: UUID) -> Response:
    return _body_page(word, body_id, OwnerForm(), ReasonForm(), 200)


def _body_page(word: str, body_id: UUID, form: OwnerForm, reason: ReasonForm, status: int) -> Response:
    kind = _kind(word)
    owners = [o.id for o in owners_of(db(), kind.kind, body_id)]
    return page(
        "people/body.html",
        status,
        kind=kind,
        word=word,
        body=bodies.find(db(), current_actor(), kind, body_id),
        owners=list(account_names(db(), owners).values()),
        waiting=bodies.waiting(db(), kind, body_id),
        had_owner=bodies.had_owner(db(), kind, body_id),
        form=form,
        reason=reason,
        refused=form if form.errors or form.form_errors else reason,
        back_url=url_for("bodies.listed", word=word),
    )


@bp.post("/<uuid:body_id>/owner")
@access(*STAFF)
def invite_owner(word: str, body_id: UUID) -> Response:
    form, kind = OwnerForm(request.form), _kind(word)
    values = {"name": form.name.data, "email": form.email.data}
    if not form.validate() or not attempt(form, bodies.invite_owner, db(), current_actor(), kind, body_id, **values):
        return _body_page(word, body_id, form, ReasonForm(), 422)
    flash_done(_l("The invitation was sent."))
    return see_other("bodies.show", word=word, body_id=body_id)


@bp.post("/<uuid:body_id>/remove-everybody")
@access(*STAFF)
def remove_everybody(word: str, body_id: UUID) -> Response:
    form, kind = ReasonForm(request.form), _kind(word)
    if not form.validate():
        return _body_page(word, body_id, OwnerForm(), form, 422)
    bodies.remove_everybody(db(), current_actor(), kind, body_id, form.reason.data)
    flash_done(_l("Nobody acts for it any more."))
    return see_other("bodies.show", word=word, body_id=body_id)
