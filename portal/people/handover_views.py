"""Pages where an owner hands over to a clerk, and the clerk confirms."""

from uuid import UUID

from flask import Blueprint, request
from flask import session as cookie
from werkzeug.wrappers import Response

from core.accounts import account_names
from core.forms import Form
from core.i18n import _l
from core.permissions import SubjectKind
from core.web import attempt, current_actor, db, flash_done, page, see_other, signed_in
from portal.owners import services as owner_changes
from portal.owners.forms import ObjectForm
from portal.people import handover
from portal.people.forms import HandOverForm, TakeOverForm

bp = Blueprint(
    "owners", __name__, url_prefix="/people/<any(agency, employer, centre, ngo):kind>/<uuid:subject_id>/owner"
)


@bp.get("")
@signed_in
def show(kind: str, subject_id: UUID) -> Response:
    return _show(kind, subject_id, HandOverForm(), 200)


def _show(kind: str, subject_id: UUID, form: Form, status: int, *, objecting: ObjectForm | None = None) -> Response:
    actor, which = current_actor(), SubjectKind(kind)
    handover.require_member(actor, which, subject_id)
    held = handover.people(db(), which, subject_id)
    names = account_names(db(), [m.account_id for m in held])
    waiting = handover.offered(db(), held)
    give = form if isinstance(form, HandOverForm) else HandOverForm()
    give.person.choices = [(str(m.id), names[m.account_id]) for m in held if not m.is_owner]
    return page(
        "people/owner.html",
        status,
        kind=kind,
        subject_id=subject_id,
        owners=[names[m.account_id] for m in held if m.is_owner],
        is_owner=actor.owns(which, subject_id),
        replacement=owner_changes.open_for(db(), which, subject_id),
        objecting=objecting or ObjectForm(),
        waiting=names[waiting.account_id] if waiting else None,
        is_asked=waiting is not None and waiting.account_id == actor.account_id,
        give=give,
        take=form if isinstance(form, TakeOverForm) else TakeOverForm(),
        refused=form,
    )


@bp.post("/offer")
@signed_in
def offer(kind: str, subject_id: UUID) -> Response:
    form, which = HandOverForm(request.form), SubjectKind(kind)
    handover.require_member(current_actor(), which, subject_id)
    held = handover.people(db(), which, subject_id)
    form.person.choices = [(str(m.id), "") for m in held if not m.is_owner]
    if not form.validate() or not attempt(
        form, handover.offer, db(), current_actor(), which, subject_id=subject_id,
        membership_id=UUID(form.person.data), password=form.password.data,
    ):  # fmt: skip
        return _show(kind, subject_id, form, 422)
    flash_done(_l("Asked. Nothing changes until this person confirms."))
    return see_other("owners.show", kind=kind, subject_id=subject_id)


@bp.post("/withdraw")
@signed_in
def withdraw(kind: str, subject_id: UUID) -> Response:
    handover.withdraw(db(), current_actor(), SubjectKind(kind), subject_id=subject_id)
    flash_done(_l("It stays as it is."))
    return see_other("owners.show", kind=kind, subject_id=subject_id)


@bp.post("/accept")
@signed_in
def accept(kind: str, subject_id: UUID) -> Response:
    form, which = TakeOverForm(request.form), SubjectKind(kind)

    def act() -> bool:
        handover.accept(db(), current_actor(), which, subject_id=subject_id, password=form.password.data)
        return True

    if not form.validate() or not attempt(form, act):
        return _show(kind, subject_id, form, 422)
    cookie.clear()
    flash_done(_l("You are the owner now. Sign in again."))
    return see_other("signin.sign_in")


@bp.post("/object")
@signed_in
def object_to(kind: str, subject_id: UUID) -> Response:
    """The owner says why the office should put nobody else in their place."""
    form, which = ObjectForm(request.form), SubjectKind(kind)
    handover.require_member(current_actor(), which, subject_id)
    if not form.validate() or not attempt(
        form, owner_changes.object_to, db(), current_actor(), which, subject_id=subject_id, reason=form.reason.data
    ):
        return _show(kind, subject_id, form, 422, objecting=form)
    flash_done(_l("The office has your objection. Another officer decides."))
    return see_other("owners.show", kind=kind, subject_id=subject_id)
