"""Signing in and out, the second factor, the own account."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from core import device
from core.accounts import UserAccount, account_names
from core.documents import qr_svg
from core.i18n import _l
from core.i18n import gettext as _
from core.settings import current
from core.throttle import hit
from core.web import (
    attempt,
    current_actor,
    db,
    flash_done,
    local_target,
    page,
    public,
    see_other,
    session_cookie,
    signed_in,
    with_session_cookie,
)
from portal.contacts import services as contacts
from portal.contacts.policies import has_here
from portal.contacts.status import ContactKind
from portal.signin import services
from portal.signin.devices import device_words
from portal.signin.forms import (
    CodeForm,
    EnrolForm,
    ForgottenForm,
    NewPasswordForm,
    PasswordForm,
    RecoveryForm,
    SignInForm,
)

bp = Blueprint("signin", __name__)


@bp.get("/sign-in")
@public
def sign_in() -> Response:
    if current_actor().account_id is not None:
        return redirect(url_for("signin.home"), 303)
    return page("signin/sign_in.html", form=SignInForm(), next=request.args.get("next", ""))


@bp.post("/sign-in")
@public
def send_sign_in() -> Response:
    form = SignInForm(request.form)
    target = local_target(request.form.get("next"), url_for("signin.home"))
    opened = form.validate() and attempt(
        form,
        services.sign_in,
        db(),
        login=form.login.data,
        password=form.password.data,
        agent=request.headers.get("User-Agent", ""),
        address=request.remote_addr or "",
    )
    if not opened:
        return page("signin/sign_in.html", 422, form=form, next=target)
    cookie.clear()
    return with_session_cookie(
        redirect(url_for("signin.code", next=target) if opened.pending else target, 303), opened.token
    )


@bp.get("/sign-in/code")
@public
def code() -> Response:
    waiting = services.pending_session(db(), request.cookies.get(session_cookie(), ""))
    if waiting is None:
        return see_other("signin.sign_in")
    if not waiting[1].totp_confirmed:
        return see_other("signin.enrol", next=request.args.get("next", ""))
    return page("signin/code.html", form=CodeForm(), next=request.args.get("next", ""))


@bp.post("/sign-in/code")
@public
def send_code() -> Response:
    form = CodeForm(request.form)
    target = local_target(request.form.get("next"), url_for("signin.home"))
    opened = form.validate() and attempt(
        form,
        services.confirm_second_factor,
        db(),
        token=request.cookies.get(session_cookie(), ""),
        code=form.code.data,
        agent=request.headers.get("User-Agent", ""),
    )
    if not opened:
        return page("signin/code.html", 422, form=form, next=target)
    cookie.clear()
    return with_session_cookie(redirect(target, 303), opened.token)


@bp.get("/sign-in/set-up")
@public
def enrol() -> Response:
    return _enrol_page(EnrolForm(), 200)


@bp.post("/sign-in/set-up")
@public
def start_enrolment() -> Response:
    """Make the authenticator's secret (a GET never writes), then show it."""
    waiting = services.pending_session(db(), request.cookies.get(session_cookie(), ""))
    if waiting is None:
        return see_other("signin.sign_in")
    services.begin_enrolment(db(), waiting[1])
    return see_other("signin.enrol", next=request.form.get("next", ""))


def _enrol_page(form: EnrolForm, status: int) -> Response:
    waiting = services.pending_session(db(), request.cookies.get(session_cookie(), ""))
    if waiting is None or waiting[1].totp_confirmed:
        return see_other("signin.sign_in")
    secret = waiting[1].totp_secret
    label = quote(f"OpenPassage:{waiting[1].reference}")
    uri = f"otpauth://totp/{label}?secret={secret}&issuer=OpenPassage"
    qr = qr_svg(uri, title=_("QR code for your authenticator app")) if secret else None
    return page("signin/enrol.html", status, form=form, secret=secret, qr=qr, next=request.values.get("next", ""))


@bp.post("/sign-out")
@signed_in
def sign_out() -> Response:
    services.sign_out(db(), current_actor())
    response = see_other("home.start")
    response.delete_cookie(session_cookie(), path="/", secure=current().secure, httponly=True, samesite="Lax")
    cookie.clear()
    # Drafts of visits and the pages kept for a place without a connection leave a device that others use, too.
    device.forget(response)
    return response


@bp.get("/home")
@signed_in
def home() -> Response:
    """To the first page of whoever signed in."""
    from flask import current_app

    actor = current_actor()
    for item in current_app.extensions["openpassage.navigation"]:
        if item.permission is not None and item.permission in actor.permissions:
            return see_other(item.endpoint)
    return see_other("signin.account")


@bp.get("/account")
@signed_in
def account() -> Response:
    own = db().get_one(UserAccount, current_actor().require_account())
    return page(
        "signin/account.html",
        account=own,
        name=account_names(db(), [own.id])[own.id],
        contacts=_contacts(),
        sessions=services.open_sessions(db(), current_actor()),
        current_session=current_actor().session_id,
        device_words=device_words,
    )


def _contacts() -> list[dict[str, Any]]:
    """What the person can do about e-mail and telephone, and what is under way."""
    actor, shown = current_actor(), []
    words = {ContactKind.EMAIL: _l("Change your e-mail address"), ContactKind.PHONE: _l("Change your telephone number")}
    for kind in ContactKind:
        waiting = contacts.find_open(db(), actor.require_account(), kind)
        own = url_for("contacts.change", word=kind) if has_here(actor, kind) else url_for("migrants.phone")
        shown.append(
            {
                "kind": str(kind),
                "waits": waiting.new if waiting else None,
                "effective_at": waiting.effective_at if waiting else None,
                "change_url": own,
                "words": words[kind],
            }
        )
    return shown


@bp.get("/account/password")
@signed_in
def password() -> Response:
    return page("signin/password.html", form=PasswordForm(), back_url=url_for("signin.account"))


@bp.post("/account/password")
@signed_in
def change_password() -> Response:
    form = PasswordForm(request.form)
    if form.validate():
        attempt(
            form,
            services.change_password,
            db(),
            current_actor(),
            current=form.current.data,
            password=form.password.data,
        )
    if form.errors or form.form_errors:
        return page("signin/password.html", 422, form=form, back_url=url_for("signin.account"))
    flash_done(_l("Your password is changed. Sign in with the new one."))
    return see_other("signin.sign_in")


@bp.get("/account/recovery-codes")
@signed_in
def recovery_form() -> Response:
    return page("signin/recovery.html", form=RecoveryForm(), back_url=url_for("signin.account"))


@bp.post("/account/recovery-codes")
@signed_in
def recovery_codes() -> Response:
    form = RecoveryForm(request.form)
    made = form.validate() and attempt(
        form, services.new_recovery_codes, db(), current_actor(), password=form.password.data
    )
    if not made:
        return page("signin/recovery.html", 422, form=form, back_url=url_for("signin.account"))
    return page("signin/recovery_codes.html", codes=made)


@bp.get("/sign-in/forgotten")
@public
def forgotten() -> Response:
    return page("signin/forgotten.html", form=ForgottenForm(), back_url=url_for("signin.sign_in"))


@bp.post("/sign-in/forgotten")
@public
def send_forgotten() -> Response:
    """The same page for a known and an unknown address. It is carried in the form: addresses of pages end in logs."""
    form = ForgottenForm(request.form)
    if not form.validate():
        return page("signin/forgotten.html", 422, form=form, back_url=url_for("signin.sign_in"))
    hit("forgotten-address", request.remote_addr or "", limit=30, seconds=3600)
    services.ask_for_new_password(db(), form.login.data)
    return page("signin/new_password.html", form=NewPasswordForm(login=form.login.data))


@bp.post("/sign-in/new-password")
@public
def new_password() -> Response:
    form = NewPasswordForm(request.form)
    if form.validate():
        values = {"login": form.login.data, "code": form.code.data, "password": form.password.data}
        attempt(form, services.set_new_password, db(), **values)
    if form.errors or form.form_errors:
        return page("signin/new_password.html", 422, form=form)
    flash_done(_l("Your password is changed. Sign in with the new one."))
    return see_other("signin.sign_in")


@bp.post("/account/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: UUID) -> Response:
    services.end_session(db(), current_actor(), session_id)
    flash_done(_l("You are signed out there."))
    return see_other("signin.account")


@bp.post("/account/end-sessions")
@signed_in
def end_sessions() -> Response:
    services.end_other_sessions(db(), current_actor())
    flash_done(_l("You are signed out everywhere else."))
    return see_other("signin.account")
