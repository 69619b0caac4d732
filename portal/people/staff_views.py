"""Staff administration: offices of the area, who holds which role there, absences."""

from typing import cast
from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from core.accounts import Office, UserAccount
from core.db import legal_today
from core.errors import DomainError, NotVisible
from core.i18n import _l, current_locale
from core.permissions import Permission, StaffRole
from core.web import access, attempt, current_actor, db, flash_done, page, see_other
from portal.people import invitations, queries, staff
from portal.people.forms import AbsenceForm, EndForm, ReasonForm, RoleForm, StaffForm
from portal.people.titles import ROLE_TITLES

bp = Blueprint("staff_people", __name__, url_prefix="/staff/people")


def _office(office_id: UUID) -> Office:
    if not current_actor().can(Permission.STAFF_MANAGE, office_id):
        raise NotVisible
    return db().get_one(Office, office_id)


@bp.get("")
@access(Permission.STAFF_MANAGE)
def offices() -> Response:
    return page("people/offices.html", offices=queries.offices(db(), current_actor()))


def _office_page(office_id: UUID, form: StaffForm, status: int) -> Response:
    return page(
        "people/office.html",
        status,
        office=_office(office_id),
        rows=queries.staff_of(db(), office_id, legal_today(db())),
        invited=queries.invited_staff(db(), office_id),
        form=form,
        titles=ROLE_TITLES,
        back_url=url_for("staff_people.offices"),
    )


@bp.get("/offices/<uuid:office_id>")
@access(Permission.STAFF_MANAGE)
def office(office_id: UUID) -> Response:
    return _office_page(office_id, StaffForm(), 200)


@bp.post("/offices/<uuid:office_id>")
@access(Permission.STAFF_MANAGE)
def invite(office_id: UUID) -> Response:
    form = StaffForm(request.form)
    if form.validate():
        attempt(form, invitations.invite_staff, db(), current_actor(), form.command(office_id))
    if form.errors or form.form_errors:
        return _office_page(office_id, form, 422)
    flash_done(_l("The invitation was sent."))
    return see_other("staff_people.office", office_id=office_id)


@bp.post("/invitations/<uuid:invitation_id>/take-back")
@access(Permission.STAFF_MANAGE)
def take_back(invitation_id: UUID) -> Response:
    invitations.take_back(db(), current_actor(), invitation_id)
    flash_done(_l("The invitation was taken back."))
    return see_other("staff_people.offices")


def _role_form(formdata: object = None) -> RoleForm:
    form = RoleForm(formdata)
    found = queries.offices(db(), current_actor())
    form.office.choices = [(str(o.id), o.name(current_locale())) for o in found]
    return form


def _absence_form(account_id: UUID, formdata: object = None) -> AbsenceForm:
    form = AbsenceForm(formdata)
    people = staff.colleagues(db(), account_id)
    form.handed_to.choices = [("", str(_l("Nobody: the work goes back to the queue")))] + [
        (str(i), name) for i, name in people
    ]
    return form


def _person_page(account: UserAccount, status: int, /, **forms: object) -> Response:
    shown = {"role_form": _role_form(), "absence_form": _absence_form(account.id), "reason_form": ReasonForm(), **forms}
    postings = queries.postings(db(), account.id, current_locale())
    ending = {row.id: EndForm(posting_id=row.id) for row in postings}
    shown["end_forms"] = {**ending, **(cast(dict[UUID, EndForm], forms.get("end_forms") or {}))}
    return page(
        "people/person.html",
        status,
        account=account,
        postings=postings,
        absences=queries.absences(db(), account.id, legal_today(db())),
        titles=ROLE_TITLES,
        back_url=url_for("staff_people.offices"),
        **shown,
    )


@bp.get("/<uuid:account_id>")
@access(Permission.STAFF_MANAGE)
def person(account_id: UUID) -> Response:
    return _person_page(staff.account_in_area(db(), current_actor(), account_id), 200)


@bp.post("/<uuid:account_id>/roles")
@access(Permission.STAFF_MANAGE)
def give_role(account_id: UUID) -> Response:
    account = staff.account_in_area(db(), current_actor(), account_id)
    form = _role_form(request.form)
    if form.validate():
        values = {"role": StaffRole(form.role.data), "office_id": UUID(form.office.data)}
        attempt(form, staff.give_role, db(), current_actor(), account_id, **values)
    if form.errors or form.form_errors:
        return _person_page(account, 422, role_form=form)
    flash_done(_l("The role was given. It counts from the next sign-in."))
    return see_other("staff_people.person", account_id=account_id)


@bp.post("/<uuid:account_id>/roles/<uuid:posting_id>/end")
@access(Permission.STAFF_MANAGE)
def end_role(account_id: UUID, posting_id: UUID) -> Response:
    account = staff.account_in_area(db(), current_actor(), account_id)
    form = EndForm(request.form, posting_id=posting_id)
    if form.validate():
        attempt(form, staff.end_role, db(), current_actor(), account_id, posting_id, reason=form.reason.data)
    if form.errors or form.form_errors:
        return _person_page(account, 422, end_forms={posting_id: form})
    flash_done(_l("The role has ended, and every session of this person with it."))
    return see_other("staff_people.person", account_id=account_id)


@bp.post("/<uuid:account_id>/<any(suspend, restore, reset):action>")
@access(Permission.STAFF_MANAGE)
def change(account_id: UUID, action: str) -> Response:
    account = staff.account_in_area(db(), current_actor(), account_id)
    form = ReasonForm(request.form)
    if form.validate():
        attempt(form, _change, account_id, action, form.reason.data)
    if form.errors or form.form_errors:
        return _person_page(account, 422, reason_form=form)
    flash_done(_l("Done. The reason stands in the log."))
    return see_other("staff_people.person", account_id=account_id)


def _change(account_id: UUID, action: str, reason: str) -> None:
    if action == "reset":
        staff.reset_second_step(db(), current_actor(), account_id, reason=reason)
    elif action in ("suspend", "restore"):
        staff.set_suspended(db(), current_actor(), account_id, suspended=action == "suspend", reason=reason)
    else:
        raise DomainError(_l("You are not allowed to do this."))


@bp.post("/<uuid:account_id>/absences")
@access(Permission.STAFF_MANAGE)
def record_absence(account_id: UUID) -> Response:
    account = staff.account_in_area(db(), current_actor(), account_id)
    form = _absence_form(account_id, request.form)
    if form.validate():
        attempt(form, staff.record_absence, db(), current_actor(), account_id, form.command())
    if form.errors or form.form_errors:
        return _person_page(account, 422, absence_form=form)
    flash_done(_l("The absence is recorded."))
    return see_other("staff_people.person", account_id=account_id)


@bp.post("/<uuid:account_id>/absences/<uuid:absence_id>/cancel")
@access(Permission.STAFF_MANAGE)
def cancel_absence(account_id: UUID, absence_id: UUID) -> Response:
    staff.cancel_absence(db(), current_actor(), account_id, absence_id)
    flash_done(_l("The absence is cancelled."))
    return see_other("staff_people.person", account_id=account_id)
