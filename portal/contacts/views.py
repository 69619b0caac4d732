"""Pages for one's own e-mail address and telephone number, and the one where the old contact says "this was not me".

Addresses, numbers and codes travel in forms alone: addresses of pages end in logs.
"""

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from core.accounts import UserAccount
from core.i18n import _l
from core.web import attempt, current_actor, db, flash_done, page, public, see_other, signed_in
from portal.contacts import policies, services
from portal.contacts.forms import FORMS, AskForm, CodeForm, NotMeForm
from portal.contacts.status import ChangeStatus, ContactKind

bp = Blueprint("contacts", __name__)
KIND = "<any(email, phone):word>"


@bp.get(f"/account/contact/{KIND}")
@signed_in
def change(word: str) -> Response:
    return _ask_page(FORMS[ContactKind(word)](), 200)


def _ask_page(form: AskForm, status: int) -> Response:
    policies.require_here(current_actor(), form.kind)
    account = db().get_one(UserAccount, current_actor().require_account())
    return page(
        "contacts/change.html",
        status,
        form=form,
        kind=str(form.kind),
        present=account.email if form.kind is ContactKind.EMAIL else account.phone,
        told=account.email or account.phone,
        needs_app=policies.needs_app(account),
        hours=services.wait_hours(),
        back_url=url_for("signin.account"),
    )


@bp.post(f"/account/contact/{KIND}")
@signed_in
def ask(word: str) -> Response:
    form = FORMS[ContactKind(word)](request.form)
    if not form.validate() or not attempt(form, services.ask, db(), current_actor(), form.command()):
        return _ask_page(form, 422)
    return see_other("contacts.code", word=word)


@bp.get(f"/account/contact/{KIND}/code")
@signed_in
def code(word: str) -> Response:
    return _code_page(word, CodeForm(), 200)


def _code_page(word: str, form: CodeForm, status: int) -> Response:
    kind, actor = ContactKind(word), current_actor()
    policies.require_here(actor, kind)
    waiting = services.find_open(db(), actor.require_account(), kind)
    if waiting is None or waiting.status is not ChangeStatus.ASKED:
        return see_other("contacts.change", word=word)
    back = url_for("contacts.change", word=word)
    return page("contacts/code.html", status, form=form, kind=word, new=waiting.new, back_url=back)


@bp.post(f"/account/contact/{KIND}/code")
@signed_in
def confirm(word: str) -> Response:
    form = CodeForm(request.form)
    policies.require_here(current_actor(), ContactKind(word))
    made = form.validate() and attempt(form, services.confirm, db(), current_actor(), ContactKind(word), form.code.data)
    if not made:
        return _code_page(word, form, 422)
    first = made.status is ChangeStatus.DONE
    flash_done(_l("It is confirmed.") if first else _l("It is confirmed. Until it counts, you can still stop it."))
    return see_other("signin.account")


@bp.post(f"/account/contact/{KIND}/take-back")
@signed_in
def take_back(word: str) -> Response:
    services.take_back(db(), current_actor(), ContactKind(word))
    flash_done(_l("It stays as it is."))
    return see_other("signin.account")


@bp.get("/not-me")
@public
def not_me() -> Response:
    return page("contacts/not_me.html", form=NotMeForm())


@bp.post("/not-me")
@public
def stop() -> Response:
    form, found = NotMeForm(request.form), []

    def act() -> bool:
        found.append(services.stop(db(), form.words.data, address=request.remote_addr or ""))
        return True

    if not form.validate() or not attempt(form, act):
        return page("contacts/not_me.html", 422, form=form)
    return page("contacts/stopped.html", anew=found[0])
