"""Pages of registering, for the migrant."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from core import accounts
from core.errors import NotVisible
from core.forms import Form
from core.i18n import _l, current_locale
from core.permissions import Permission
from core.throttle import hit
from core.web import access, attempt, current_actor, db, flash_done, page, public, see_other, with_session_cookie
from law.country import deployment
from migrants.registration import forms, queries, recovery, services
from migrants.registration.next_steps import next_step
from migrants.registration.progress import PURPOSES, event_words, next_task, tasks
from migrants.registration.protecting import Protection, protection_of
from migrants.registration.status import BASIS_TOLD, BEFORE, SEX_TITLES, STATUS_TITLES, STATUS_TONES, MigrantStatus

bp = Blueprint("migrants", __name__)


@bp.get("/registration/new")
@public
def begin() -> Response:
    return page("migrants/begin.html", form=forms.BeginForm())


@bp.post("/registration/new")
@public
def send_begin() -> Response:
    form = forms.BeginForm(request.form)
    hit("register", request.remote_addr or "", limit=60, seconds=3600)
    made = form.validate() and attempt(form, services.begin, db(), form.command(current_locale()))
    if not made:
        return page("migrants/begin.html", 422, form=form)
    cookie.clear()
    token = accounts.open_session(db(), made[1], agent=request.headers.get("User-Agent", ""))
    return with_session_cookie(see_other("migrants.reference"), token)


@bp.get("/me/reference")
@access(Permission.MIGRANT_OWN)
def reference() -> Response:
    return page("migrants/reference.html", migrant=services.own_record(db(), current_actor()))


@bp.get("/me")
@access(Permission.MIGRANT_OWN)
def me() -> Response:
    migrant = services.own_record(db(), current_actor())
    own = queries.registration(db(), migrant)
    status = (STATUS_TITLES[own.status], STATUS_TONES.get(own.status, "wait"))
    return page(
        "migrants/me.html",
        own=own,
        status=status,
        tasks=tasks(own),
        next=next_task(own),
        open=own.status in BEFORE,
        basis_told=BASIS_TOLD,
        step=next_step(db(), migrant.id) if own.status is MigrantStatus.VERIFIED else None,
        protection=protection_of(db(), migrant.id) if own.status is MigrantStatus.PROTECTION else Protection(),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One question: its form, the attributes that fill it, the service that saves it."""

    form: Any
    save: Any
    hint: Any = ""


STEPS = {
    "name": Step(
        forms.NameForm,
        services.save_details,
        _l("As in your passport or citizenship paper, in any script. One name is fine."),
    ),
    "birth": Step(
        forms.BirthForm, services.save_details, _l("Year, month, day. If you know only the year, take 01-01.")
    ),
    "sex": Step(forms.SexForm, services.save_details),
    "parents": Step(forms.ParentsForm, services.save_details, _l("Leave empty what you do not know.")),
    "place": Step(forms.PlaceForm, services.save_details),
    "office": Step(forms.OfficeForm, services.save_details, _l("Its officers will look at your registration.")),
    "passport": Step(
        forms.PassportForm, services.save_passport, _l("No passport yet? Go back; you can do this later.")
    ),
}


def _form(name: str, data: Any, own: queries.Registration) -> Any:
    values = {
        "full_name": own.full_name, "latin_name": own.latin_name, "day": own.birth_date, "sex": own.sex,
        "father_name": own.father_name, "mother_name": own.mother_name, "lives_in": own.lives_in,
        "document_number": own.document_number, "mrz": own.mrz or own.photo_mrz,
    }  # fmt: skip
    form = STEPS[name].form(data, data=None if data else values)
    if name == "place":
        home = [(deployment().code, deployment().names.get(current_locale(), deployment().names["en"]))]
        form.lives_in.choices = home + [(d.code, d.name(current_locale())) for d in deployment().destinations]
    if (
        name == "birth"
        and not data
        and own.birth_date is None
        and current_locale() == "ne"
        and "BS" in deployment().calendars
    ):
        # Who reads Nepali knows the birthday in Bikram Sambat.
        form.calendar.data = "BS"
    if name == "office":
        offices = services.labour_offices(db())
        form.office.choices = [(o.code, o.name(current_locale())) for o in offices]
        if not data:
            form.office.data = next((o.code for o in offices if o.id == own.office_id), None)
    return form


@bp.get("/me/registration/<name>")
@access(Permission.MIGRANT_OWN)
def step(name: str) -> Response:
    if name not in STEPS:
        raise NotVisible
    own = queries.registration(db(), services.own_record(db(), current_actor()))
    return _step_page(name, _form(name, None, own), own, 200)


def _step_page(name: str, form: Any, own: queries.Registration, status: int) -> Response:
    found = STEPS[name]
    return page(
        "migrants/step.html", status, name=name, form=form, hint=found.hint, own=own, back_url=url_for("migrants.me")
    )


@bp.post("/me/registration/<name>")
@access(Permission.MIGRANT_OWN)
def save_step(name: str) -> Response:
    if name not in STEPS:
        raise NotVisible
    own = queries.registration(db(), services.own_record(db(), current_actor()))
    form = _form(name, request.form, own)
    if not form.validate() or attempt(form, STEPS[name].save, db(), current_actor(), form.command()) is None:
        return _step_page(name, form, own, 422)
    return see_other("migrants.me")


@bp.get("/me/passport-photo")
@access(Permission.MIGRANT_OWN)
def photo() -> Response:
    own = queries.registration(db(), services.own_record(db(), current_actor()))
    return page("migrants/photo.html", form=forms.PhotoForm(), own=own, back_url=url_for("migrants.me"))


@bp.post("/me/passport-photo")
@access(Permission.MIGRANT_OWN)
def send_photo() -> Response:
    form = forms.PhotoForm(request.files)
    saved = form.validate() and attempt(form, services.save_photo, db(), current_actor(), form.photo.content() or b"")
    if not saved:
        own = queries.registration(db(), services.own_record(db(), current_actor()))
        return page("migrants/photo.html", 422, form=form, own=own, back_url=url_for("migrants.me"))
    flash_done(_l("Your photo is kept. We are reading it; you can go on meanwhile."))
    return see_other("migrants.me")


@bp.get("/me/phone")
@access(Permission.MIGRANT_OWN)
def phone() -> Response:
    own = queries.registration(db(), services.own_record(db(), current_actor()))
    return page("migrants/phone.html", form=forms.PhoneForm(data={"phone": own.phone}), back_url=url_for("migrants.me"))


@bp.post("/me/phone")
@access(Permission.MIGRANT_OWN)
def send_phone() -> Response:
    form = forms.PhoneForm(request.form)
    hit("phone-code", str(current_actor().account_id), limit=6, seconds=3600)
    if form.validate():
        attempt(form, services.give_phone, db(), current_actor(), form.phone.data)
    if form.errors or form.form_errors:
        return page("migrants/phone.html", 422, form=form, back_url=url_for("migrants.me"))
    return see_other("migrants.phone_code")


@bp.get("/me/phone/code")
@access(Permission.MIGRANT_OWN)
def phone_code() -> Response:
    return _code_page(forms.PhoneCodeForm(), 200)


def _code_page(form: forms.PhoneCodeForm, status: int) -> Response:
    """Of the number only its end is shown: a telephone is often shared or looked at by others."""
    own = queries.registration(db(), services.own_record(db(), current_actor()))
    ending = own.phone[-3:] if own.phone else ""
    return page("migrants/phone_code.html", status, form=form, ending=ending, back_url=url_for("migrants.phone"))


@bp.post("/me/phone/code")
@access(Permission.MIGRANT_OWN)
def confirm_phone() -> Response:
    form = forms.PhoneCodeForm(request.form)
    if not form.validate() or not attempt(form, services.confirm_phone, db(), current_actor(), form.code.data):
        return _code_page(form, 422)
    flash_done(_l("Your telephone is confirmed."))
    return see_other("migrants.me")


@bp.get("/me/check")
@access(Permission.MIGRANT_OWN)
def check() -> Response:
    own = queries.registration(db(), services.own_record(db(), current_actor()))
    return _check_page(own, Form(), 200)


def _check_page(own: queries.Registration, form: Form, status: int) -> Response:
    """What was typed, in words; while something is missing, the steps still to do stand where the button would."""
    return page(
        "migrants/check.html",
        status,
        own=own,
        form=form,
        place=_place(own.lives_in),
        sex=SEX_TITLES.get(own.sex or "", ""),
        missing=[t for t in tasks(own) if t["tone"] == "warn" and t.get("needed", True)],
        back_url=url_for("migrants.me"),
    )


def _place(code: str | None) -> str:
    """The country's name in the reader's language; the deployment's own country is no destination."""
    if code == deployment().code:
        return deployment().names.get(current_locale(), deployment().names["en"])
    return deployment().destination_name(code) if code else ""


@bp.post("/me/check")
@access(Permission.MIGRANT_OWN)
def submit() -> Response:
    form = Form(request.form)
    # Sending, correcting and sending again must not become a way to ask who holds which number.
    hit("submit-identity", str(current_actor().account_id), limit=8, seconds=86400)
    if not attempt(form, services.submit, db(), current_actor()):
        own = queries.registration(db(), services.own_record(db(), current_actor()))
        return _check_page(own, form, 422)
    return see_other("migrants.me")


@bp.post("/me/correct")
@access(Permission.MIGRANT_OWN)
def take_back() -> Response:
    services.take_back(db(), current_actor())
    return see_other("migrants.me")


@bp.get("/me/history")
@access(Permission.MIGRANT_OWN)
def history() -> Response:
    migrant = services.own_record(db(), current_actor())
    return page(
        "migrants/history.html",
        events=queries.own_history(db(), migrant),
        words=event_words,
        purposes=PURPOSES,
        back_url=url_for("migrants.me"),
    )


@bp.get("/recover")
@public
def recover() -> Response:
    return page("migrants/recover.html", form=forms.NewSecretForm())


@bp.post("/recover")
@public
def use_recovery() -> Response:
    form = forms.NewSecretForm(request.form)
    hit("recover-address", request.remote_addr or "", limit=30, seconds=3600)
    done = form.validate() and attempt(
        form, recovery.use, db(), reference=form.reference.data, code=form.code.data, secret=form.secret.data
    )
    if not done:
        return page("migrants/recover.html", 422, form=form)
    flash_done(_l("Your new password is set. Sign in with your reference and this password."))
    return see_other("signin.sign_in")
