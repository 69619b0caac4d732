"""Accepting an invitation, and the clerks of an organisation."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from core.accounts import account_names
from core.errors import NotVisible
from core.i18n import _l, current_locale
from core.invitations import open_invitation
from core.permissions import ClerkRight, Permission, SubjectKind
from core.throttle import hit
from core.web import access, attempt, current_actor, db, flash_done, page, public, see_other, signed_in
from portal.people import clerks, invitations, policies, queries
from portal.people.forms import AcceptForm, ClerkForm
from portal.people.titles import KIND_TITLES, RIGHT_TITLES, ROLE_TITLES

bp = Blueprint("people", __name__)


def _invitation_page(token: str, form: AcceptForm, status: int) -> Response:
    hit("invitation", request.remote_addr or "", limit=60, seconds=900)
    found = open_invitation(db(), token)
    if not form.name.data:
        form.name.data = found.name
    return page(
        "people/invitation.html",
        status,
        form=form,
        token=token,
        invited_by=account_names(db(), [found.invited_by])[found.invited_by],
        goal=ROLE_TITLES[found.role] if found.role else KIND_TITLES[found.kind] if found.kind else "",
        rights=[RIGHT_TITLES[ClerkRight(r)] for r in found.rights],
    )


@bp.get("/invitations/<token>")
@public
def invitation(token: str) -> Response:
    return _invitation_page(token, AcceptForm(), 200)


@bp.post("/invitations/<token>/new")
@public
def accept_new(token: str) -> Response:
    hit("invitation", request.remote_addr or "", limit=60, seconds=900)
    form = AcceptForm(request.form)
    done = form.validate() and attempt(
        form, invitations.accept_new, db(), token, name=form.name.data, password=form.password.data
    )
    if not done:
        return _invitation_page(token, form, 422)
    flash_done(_l("Your account is ready. Sign in with your e-mail address and the password that you chose."))
    return see_other("signin.sign_in")


@bp.post("/invitations/<token>/accept")
@signed_in
def accept(token: str) -> Response:
    invitations.accept_signed_in(db(), current_actor(), token)
    # The second step may be new to this account: everything starts with a fresh sign-in.
    cookie.clear()
    flash_done(_l("You are in. The new rights count from now on."))
    return see_other("signin.home")


def _kind(word: str) -> SubjectKind:
    try:
        kind = SubjectKind(word)
    except ValueError:
        raise NotVisible from None
    if kind not in policies.GIVEN_RIGHTS:
        raise NotVisible
    return kind


def _clerks_page(kind: SubjectKind, subject_id: UUID, form: ClerkForm, status: int) -> Response:
    actor = current_actor()
    policies.require_acting_for(actor, kind, subject_id)
    may = actor.acts_for(kind, subject_id, ClerkRight.PEOPLE)
    return page(
        "people/clerks.html",
        status,
        form=form,
        kind=str(kind),
        subject_id=subject_id,
        rows=queries.clerks(db(), kind, subject_id),
        may=may,
        invited=queries.invited_clerks(db(), kind, subject_id) if may else [],
        rights=[(str(r), RIGHT_TITLES[r]) for r in policies.rights_to_give(actor, kind, subject_id)],
        titles={str(r): t for r, t in RIGHT_TITLES.items()},
        ticked=request.form.getlist("rights"),
        locale=current_locale(),
        back_url=url_for("signin.home"),
    )


@bp.get("/people")
@access(Permission.EMPLOYER_OWN, Permission.CENTRE_OWN, Permission.NGO_OWN)
def mine() -> Response:
    """To the people of the organisation that the actor acts for."""
    held = next(m for m in current_actor().memberships if m.kind in policies.GIVEN_RIGHTS)
    return see_other("people.clerk_list", kind=str(held.kind), subject_id=held.subject_id)


@bp.get("/people/<kind>/<uuid:subject_id>")
@signed_in
def clerk_list(kind: str, subject_id: UUID) -> Response:
    return _clerks_page(_kind(kind), subject_id, ClerkForm(), 200)


@bp.post("/people/<kind>/<uuid:subject_id>")
@signed_in
def invite_clerk(kind: str, subject_id: UUID) -> Response:
    form = ClerkForm(request.form)
    which = _kind(kind)
    policies.require_people_of(current_actor(), which, subject_id)
    if form.validate():
        command = form.command(which, subject_id, rights=request.form.getlist("rights"))
        attempt(form, clerks.invite, db(), current_actor(), command)
    if form.errors or form.form_errors:
        return _clerks_page(which, subject_id, form, 422)
    flash_done(_l("The invitation was sent."))
    return see_other("people.clerk_list", kind=kind, subject_id=subject_id)


@bp.post("/people/<kind>/<uuid:subject_id>/<uuid:membership_id>/remove")
@signed_in
def remove_clerk(kind: str, subject_id: UUID, membership_id: UUID) -> Response:
    clerks.remove(db(), current_actor(), _kind(kind), subject_id=subject_id, membership_id=membership_id)
    flash_done(_l("This person can no longer act for you."))
    return see_other("people.clerk_list", kind=kind, subject_id=subject_id)


@bp.post("/people/<kind>/<uuid:subject_id>/invitations/<uuid:invitation_id>/take-back")
@signed_in
def take_back_clerk(kind: str, subject_id: UUID, invitation_id: UUID) -> Response:
    clerks.take_back(db(), current_actor(), _kind(kind), subject_id=subject_id, invitation_id=invitation_id)
    flash_done(_l("The invitation was taken back."))
    return see_other("people.clerk_list", kind=kind, subject_id=subject_id)
