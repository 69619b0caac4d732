"""Staff sign-in with the office's own account, and linking one."""

from uuid import UUID

from flask import Blueprint, Flask, abort, redirect, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from core.errors import Denied
from core.forms import Form, SecretField, required
from core.i18n import _l
from core.permissions import Permission
from core.settings import current
from core.throttle import hit
from core.web import (
    access,
    attempt,
    commit,
    current_actor,
    db,
    flash_done,
    local_target,
    page,
    public,
    see_other,
    with_session_cookie,
)
from portal.oidc import client, services

bp = Blueprint("oidc", __name__)
LINKING, NEXT = "oidc_linking", "oidc_next"


class LinkForm(Form):
    """The password again, before a new way in is opened."""

    password = SecretField(_l("Password now"), [required()])


def install(app: Flask) -> None:
    app.jinja_env.globals["oidc_enabled"] = client.enabled


def _callback() -> str:
    return f"{current().public_url}{url_for('oidc.callback')}"


def _require_provider() -> None:
    if not client.enabled():
        abort(404)


@bp.get("/sign-in/office")
@public
def begin() -> Response:
    _require_provider()
    hit("oidc", request.remote_addr or "", limit=60, seconds=900)
    cookie.pop(LINKING, None)
    cookie[NEXT] = local_target(request.args.get("next"), "")
    return client.redirect_to_provider(_callback())


@bp.get("/sign-in/office/callback")
@public
def callback() -> Response:
    """The provider's answer. It comes by GET, as OpenID Connect has it, so this view commits by itself."""
    _require_provider()
    hit("oidc", request.remote_addr or "", limit=60, seconds=900)
    identity = client.identity_from_callback()
    linking, target = cookie.pop(LINKING, None), cookie.pop(NEXT, "") or url_for("signin.home")
    response = _link(identity, linking) if linking else _sign_in(identity, target)
    commit()
    return response


def _sign_in(identity: client.Identity, target: str) -> Response:
    opened = services.sign_in(db(), identity, agent=request.headers.get("User-Agent", ""))
    cookie.clear()
    goal = url_for("signin.code", next=target) if opened.pending else target
    return with_session_cookie(redirect(goal, 303), opened.token)


def _link(identity: client.Identity, linking: str) -> Response:
    # Who began must be who ends: a link made across a change of sign-in would open the wrong account.
    if linking != str(current_actor().session_id):
        raise Denied(_l("The office sign-in could not be checked. Begin again."))
    services.link(db(), current_actor(), identity)
    flash_done(_l("Your office account is linked. You can sign in with it from now on."))
    return see_other("oidc.links")


@bp.get("/account/office")
@access(Permission.STAFF_HOME)
def links() -> Response:
    _require_provider()
    return _links_page(LinkForm(), 200)


def _links_page(form: LinkForm, status: int) -> Response:
    found = services.links(db(), current_actor())
    return page("oidc/links.html", status, form=form, links=found, back_url=url_for("signin.account"))


@bp.post("/account/office")
@access(Permission.STAFF_HOME)
def link() -> Response:
    _require_provider()
    form = LinkForm(request.form)
    if form.validate():
        attempt(form, services.check_may_link, db(), current_actor(), password=form.password.data)
    if form.errors or form.form_errors:
        return _links_page(form, 422)
    response = client.redirect_to_provider(_callback())
    cookie[LINKING] = str(current_actor().session_id)
    return response


@bp.post("/account/office/<uuid:link_id>/remove")
@access(Permission.STAFF_HOME)
def remove(link_id: UUID) -> Response:
    services.unlink(db(), current_actor(), link_id)
    flash_done(_l("The office account is no longer linked."))
    return see_other("oidc.links")
