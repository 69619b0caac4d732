"""Pages of an agency's own people: sign-up, home, details, directors, people with rights."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.registration import policies, queries, services, signup
from agencies.registration.forms import (
    IDENTIFIER_TITLES,
    RIGHT_TITLES,
    AgencyNameForm,
    ClerkForm,
    DetailsForm,
    DirectorForm,
    SignUpForm,
)
from agencies.registration.models import Agency
from core.db import db_now
from core.errors import NotVisible
from core.i18n import _l
from core.i18n import gettext as _
from core.permissions import ClerkRight, Permission, SubjectKind
from core.web import (
    access,
    attempt,
    current_actor,
    db,
    flash_done,
    page,
    public,
    see_other,
    signed_in,
    with_session_cookie,
)
from core.web_signup import SignUpPages

blueprint = Blueprint("agency", __name__, url_prefix="/agencies")


def own_agency(agency_id: UUID) -> Agency:
    """The agency of the address, for its own people alone."""
    return policies.find_own(db(), current_actor(), agency_id)


# --- sign-up ---------------------------------------------------------------------------------------------------------


SIGN_UP = SignUpPages(
    "agency",
    _l("Register an agency"),
    _l("For agencies that want a licence to recruit people for work abroad."),
    finish="agency.finish",
    new="agency.new",
)
SIGN_UP.install(blueprint)


@blueprint.get("/register/agency")
@public
def finish() -> ResponseReturnValue:
    if SIGN_UP.proved() is None:
        return see_other("agency.register")
    return page("agencies/sign_up_agency.html", form=SignUpForm())


@blueprint.post("/register/agency")
@public
def send_finish() -> ResponseReturnValue:
    account_id = SIGN_UP.proved()
    if account_id is None:
        return see_other("agency.register")
    form = SignUpForm(request.form)
    agent = request.headers.get("User-Agent", "")
    made = form.validate() and attempt(form, signup.finish, db(), account_id, form.sign_up(), agent=agent)
    if not made:
        return page("agencies/sign_up_agency.html", 422, form=form)
    return _signed_in(see_other("agency.show", agency_id=made[0].id), made[1])


def _signed_in(response: Response, token: str) -> Response:
    cookie.clear()
    return with_session_cookie(response, token)


@blueprint.get("/new")
@signed_in
def new() -> ResponseReturnValue:
    """A person with an account registers an agency."""
    return page("agencies/new.html", form=AgencyNameForm())


@blueprint.post("/new")
@signed_in
def send_new() -> ResponseReturnValue:
    form = AgencyNameForm(request.form)
    agency = form.validate() and attempt(form, services.register_agency, db(), current_actor(), form.command())
    if not agency:
        return page("agencies/new.html", 422, form=form)
    return see_other("agency.show", agency_id=agency.id)


# --- the agency's own pages --------------------------------------------------------------------------------------------


@blueprint.get("/home")
@access(Permission.AGENCY_OWN)
def home() -> ResponseReturnValue:
    agency_id = current_actor().subject(SubjectKind.AGENCY)
    if agency_id is None:
        raise NotVisible
    return redirect(url_for("agency.show", agency_id=agency_id), 303)


@blueprint.get("/<uuid:agency_id>/details")
@access(Permission.AGENCY_OWN)
def details(agency_id: UUID) -> ResponseReturnValue:
    agency = own_agency(agency_id)
    return page("agencies/details.html", agency=agency, form=DetailsForm(obj=agency))


@blueprint.post("/<uuid:agency_id>/details")
@access(Permission.AGENCY_OWN)
def send_details(agency_id: UUID) -> ResponseReturnValue:
    agency = own_agency(agency_id)
    form = DetailsForm(request.form)
    done = form.validate() and attempt(form, services.change_details, db(), current_actor(), agency_id, form.details())
    if not done:
        return page("agencies/details.html", 422, agency=agency, form=form)
    flash_done(_("Saved."))
    return see_other("agency.show", agency_id=agency_id)


@blueprint.get("/<uuid:agency_id>/directors")
@access(Permission.AGENCY_OWN)
def directors(agency_id: UUID) -> ResponseReturnValue:
    return _directors_page(own_agency(agency_id), DirectorForm(), 200)


def _directors_page(agency: Agency, form: DirectorForm, status: int) -> Response:
    rows = queries.directors(db(), agency.id)
    return page("agencies/directors.html", status, agency=agency, form=form, rows=rows, kinds=IDENTIFIER_TITLES)


@blueprint.post("/<uuid:agency_id>/directors")
@access(Permission.AGENCY_OWN)
def add_director(agency_id: UUID) -> ResponseReturnValue:
    own_agency(agency_id)
    form = DirectorForm(request.form)
    done = form.validate() and attempt(form, services.add_director, db(), current_actor(), agency_id, form.command())
    if not done:
        return _directors_page(own_agency(agency_id), form, 422)
    flash_done(_("The director is in the list."))
    return see_other("agency.directors", agency_id=agency_id)


@blueprint.post("/<uuid:agency_id>/directors/<uuid:director_id>/remove")
@access(Permission.AGENCY_OWN)
def remove_director(agency_id: UUID, director_id: UUID) -> ResponseReturnValue:
    services.remove_director(db(), current_actor(), agency_id, director_id)
    flash_done(_("The director was taken off the list."))
    return see_other("agency.directors", agency_id=agency_id)


@blueprint.get("/<uuid:agency_id>/people")
@access(Permission.AGENCY_OWN)
def people(agency_id: UUID) -> ResponseReturnValue:
    return _people_page(own_agency(agency_id), ClerkForm(), 200)


def _people_page(agency: Agency, form: ClerkForm, status: int) -> Response:
    may = current_actor().acts_for(SubjectKind.AGENCY, agency.id, ClerkRight.PEOPLE)
    return page(
        "agencies/people.html",
        status,
        agency=agency,
        form=form,
        may=may,
        rows=queries.people(db(), agency.id),
        invited=queries.invited(db(), agency.id, db_now(db())) if may else [],
        rights={str(r): title for r, title in RIGHT_TITLES.items()},
        ticked=request.form.getlist("rights"),
    )


@blueprint.post("/<uuid:agency_id>/people")
@access(Permission.AGENCY_OWN)
def invite(agency_id: UUID) -> ResponseReturnValue:
    agency = own_agency(agency_id)
    form = ClerkForm(request.form)
    rights = form.rights(request.form.getlist("rights"))
    done = form.validate() and attempt(
        form,
        services.invite_clerk,
        db(),
        current_actor(),
        agency_id,
        services.InviteClerk(form.name.data, form.email.data, tuple(rights)),
    )
    if not done:
        return _people_page(agency, form, 422)
    flash_done(_("The invitation was sent."))
    return see_other("agency.people", agency_id=agency_id)


@blueprint.post("/<uuid:agency_id>/people/<uuid:membership_id>/remove")
@access(Permission.AGENCY_OWN)
def remove_clerk(agency_id: UUID, membership_id: UUID) -> ResponseReturnValue:
    services.remove_clerk(db(), current_actor(), agency_id, membership_id)
    flash_done(_("This person can’t act for the agency any more."))
    return see_other("agency.people", agency_id=agency_id)


@blueprint.post("/<uuid:agency_id>/invitations/<uuid:invitation_id>/take-back")
@access(Permission.AGENCY_OWN)
def take_back(agency_id: UUID, invitation_id: UUID) -> ResponseReturnValue:
    services.take_back_invitation(db(), current_actor(), agency_id, invitation_id)
    flash_done(_("The invitation was taken back."))
    return see_other("agency.people", agency_id=agency_id)
