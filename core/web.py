"""The edge: one request is one transaction, every view declares who may use it, errors are sentences.

Order for a request: trusted host, CSRF, actor, declared access, form, service, one COMMIT for a non-GET answer
below 400.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

import flask
import structlog
from flask import current_app, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, HTTPException, SecurityError
from werkzeug.wrappers import Response

from core import settings
from core.accounts import UserAccount, actor_for, find_session
from core.actor import ANONYMOUS, Actor
from core.db import sessions
from core.errors import Denied, DomainError, NotVisible, TooMany
from core.files import Download
from core.forms import Form, canonical_text
from core.i18n import _l
from core.i18n import gettext as _
from core.lifetimes import lifetimes
from core.permissions import Permission

log = structlog.get_logger()
V = TypeVar("V", bound=Callable[..., Any])
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class AccessKind(StrEnum):
    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    PERMISSION = "permission"
    ANONYMOUS = "anonymous"
    WEBHOOK = "webhook"
    TOKEN = "token"  # noqa: S105 -- the name of a kind of access


@dataclass(frozen=True, slots=True)
class Access:
    """What a view declares. ``permissions``: any one of them opens the view; row policies still decide the record."""

    kind: AccessKind
    permissions: frozenset[Permission] = frozenset()
    reason: str = ""


def _declare(view: V, access: Access) -> V:
    if hasattr(view, "__access__"):
        raise TypeError(f"{view.__name__} declares its access twice")
    view.__access__ = access  # type: ignore[attr-defined]
    return view


def public(view: V) -> V:
    """Anyone may use this view."""
    return _declare(view, Access(AccessKind.PUBLIC))


def signed_in(view: V) -> V:
    """Anyone with an account may use this view; row policies decide the record."""
    return _declare(view, Access(AccessKind.SIGNED_IN))


def anonymous(view: V) -> V:
    """Anyone may use this view, and nobody is known in it: no cookie is read or set, a signed-in person is a stranger.

    A form of it carries no CSRF token (that would need a cookie); there is no account that another site could act for.
    """
    return _declare(view, Access(AccessKind.ANONYMOUS))


def access(*permissions: Permission) -> Callable[[V], V]:
    """Whoever holds one of the permissions may use this view; row policies decide the record."""
    if not permissions:
        raise TypeError("name a permission")
    return lambda view: _declare(view, Access(AccessKind.PERMISSION, frozenset(permissions)))


def webhook(reason: str) -> Callable[[V], V]:
    """A call from another system that proves itself by a signature over its body: no CSRF token."""
    return lambda view: _declare(view, Access(AccessKind.WEBHOOK, reason=reason))


def bearer(reason: str) -> Callable[[V], V]:
    """A call that proves itself by an access token or client credentials in its header: no CSRF token, no cookie."""
    return lambda view: _declare(view, Access(AccessKind.TOKEN, reason=reason))


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A line of the navigation, shown to who holds the permission (to all signed-in people when None)."""

    endpoint: str
    label: Any
    permission: Permission | None = None
    order: int = 50
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return url_for(self.endpoint, **self.values)


class Portal(flask.Flask):
    """Flask with default deny and one commit at the edge."""

    def dispatch_request(self) -> ResponseReturnValue:
        check_host()
        check_characters()
        rule = request.url_rule
        if request.routing_exception is not None or rule is None:
            return super().dispatch_request()
        declared: Access | None = getattr(self.view_functions[rule.endpoint], "__access__", None)
        if declared is None:
            raise RuntimeError(f"{rule.endpoint} declares no access")
        if declared.kind is AccessKind.ANONYMOUS:
            # Looking for a session would note its use, in the very transaction of what must stay anonymous.
            g.actor = ANONYMOUS
        if request.method not in SAFE and declared.kind not in {AccessKind.WEBHOOK, AccessKind.TOKEN}:
            (check_origin if declared.kind is AccessKind.ANONYMOUS else check_csrf)()
        refusal = check_access(declared)
        if refusal is not None:
            return refusal
        response = self.make_response(super().dispatch_request())
        if request.method not in SAFE and response.status_code < 400:
            commit()
        else:
            rollback()
        return response

    def refuse_undeclared(self) -> None:
        """Stop the start when a view declares no access.

        :raises RuntimeError: naming the views.
        """
        missing = sorted(name for name, view in self.view_functions.items() if not hasattr(view, "__access__"))
        if missing:
            raise RuntimeError(f"views without declared access: {', '.join(missing)}")


# --- the request's session and actor -------------------------------------------------------------------------------


def db() -> Session:
    """This request's database session."""
    if "db" not in g:
        g.db = sessions()()
    found: Session = g.db
    return found


def commit() -> None:
    if "db" in g:
        g.db.commit()


def rollback() -> None:
    if "db" in g:
        g.db.rollback()


def close_db(_error: BaseException | None = None) -> None:
    opened = g.pop("db", None)
    if opened is not None:
        opened.close()


def current_actor() -> Actor:
    """Who acts now, read from the database once per request."""
    if "actor" not in g:
        loader: Callable[[], Actor] = current_app.extensions.get("openpassage.actor", actor_from_cookie)
        g.actor = loader()
    found: Actor = g.actor
    return found


def session_cookie() -> str:
    """The name of the sign-in cookie; ``__Host-`` ties it to this host over HTTPS."""
    return "__Host-op-session" if settings.current().secure else "op-session"


def with_session_cookie(response: Response, token: str) -> Response:
    """Give the browser the sign-in cookie of a session that was just opened."""
    response.set_cookie(
        session_cookie(),
        token,
        secure=settings.current().secure,
        httponly=True,
        samesite="Lax",
        path="/",
        max_age=int(lifetimes().session.total_seconds()),
    )
    return response


def actor_from_cookie() -> Actor:
    """The actor of the server-side session that the sign-in cookie opens."""
    token = request.cookies.get(session_cookie(), "")
    opened = find_session(db(), token) if token else None
    if opened is None:
        return ANONYMOUS
    return actor_for(db(), db().get_one(UserAccount, opened.account_id), opened=opened)


# --- guards ----------------------------------------------------------------------------------------------------------


def check_host() -> None:
    """Refuse a Host header that is not ours: links in messages are built from settings, pages from this."""
    host = urlsplit(f"//{request.host}").hostname or ""
    if host not in settings.current().trusted_hosts:
        raise SecurityError("untrusted host")


def check_characters() -> None:
    """Refuse a NUL in an address: nobody types one, and PostgreSQL keeps none."""
    asked = (request.path, *(value for pair in request.args.items(multi=True) for value in pair))
    if any("\0" in text for text in asked):
        raise BadRequest


def csrf_token() -> str:
    """The token for this browser's forms (a masked copy, so that compression leaks nothing)."""
    secret = cookie.get("csrf")
    if not isinstance(secret, str):
        secret = cookie["csrf"] = secrets.token_hex(16)
    mask = secrets.token_bytes(16)
    masked = bytes(a ^ b for a, b in zip(mask, bytes.fromhex(secret), strict=True))
    return mask.hex() + masked.hex()


def check_origin() -> None:
    """Refuse a form that another site posted, where the browser says so."""
    origin = request.headers.get("Origin")
    if origin not in (None, "null") and urlsplit(origin).netloc != request.host:
        raise Denied(_l("This form came from another site. Open the page here and try again."))


def check_csrf() -> None:
    """Refuse a form that was not made for this browser, or that another site posted."""
    check_origin()
    sent = request.form.get("csrf_token", "") or request.headers.get("X-CSRF-Token", "")
    secret = cookie.get("csrf")
    try:
        raw = bytes.fromhex(sent)
        own = bytes(a ^ b for a, b in zip(raw[:16], raw[16:], strict=True)).hex()
    except ValueError:
        own = ""
    if not isinstance(secret, str) or not hmac.compare_digest(own, secret):
        raise Denied(_l("This page was open for too long. Go back, reload it and send it again."))


def check_access(declared: Access) -> ResponseReturnValue | None:
    """None when the actor may use the view; a way to sign in, or a refusal, when not."""
    if declared.kind in {AccessKind.PUBLIC, AccessKind.ANONYMOUS, AccessKind.WEBHOOK, AccessKind.TOKEN}:
        return None
    actor = current_actor()
    if actor.account_id is None:
        if request.path.startswith("/api/"):
            return problem(401, _("Sign in first"), _("This needs a sign-in."))
        target = request.full_path.rstrip("?") if request.method in SAFE else None
        return redirect(url_for("signin.sign_in", next=target), 303)
    if declared.kind is AccessKind.PERMISSION and not declared.permissions & actor.permissions:
        raise Denied(_l("You are not allowed to do this."))
    return None


# --- answers ----------------------------------------------------------------------------------------------------


def typed(name: str, *, maximum: int = 2000) -> str:
    """One short text of a form that has no other field, such as a reason: canonical, cut at ``maximum`` characters."""
    return canonical_text(request.form.get(name, ""))[:maximum]


def page(template: str, status: int = 200, /, **context: Any) -> Response:
    """A page from a template."""
    return flask.make_response(render_template(template, **context), status)


def sent_file(found: Download) -> Response:
    """A stranger's file: a picture is shown, all else is saved; nothing in it runs, and no cache keeps it."""
    response = Response(found.content, mimetype=found.media_type)
    kind = "inline" if found.shown else "attachment"
    response.headers["Content-Disposition"] = f'{kind}; filename="{found.filename}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def asked_picture() -> int | None:
    """``?picture=3``: the third picture of a file instead of the file. None when the file itself is asked for."""
    return request.args.get("picture", type=int)


def see_other(endpoint: str, /, **values: Any) -> Response:
    """After a change: look there (303)."""
    return redirect(url_for(endpoint, **values), 303)


def local_target(target: str | None, fallback: str) -> str:
    """A path of ours to go on to; never another site's."""
    if (
        target
        and target.startswith("/")
        and not target.startswith("//")
        and "\\" not in target
        and not urlsplit(target).netloc
    ):
        return target
    return fallback


def page_of(path: str) -> str | None:
    """The nearest page at or above an address: where the form stood that was sent there. None when there is none."""
    adapter = current_app.create_url_adapter(request)
    while adapter is not None and path.strip("/"):
        try:
            adapter.match(path, method="GET")
        except HTTPException:
            path = path.rpartition("/")[0]
        else:
            return path
    return None


def this_page() -> str:
    """Where to come back to after changing the language: this page, or the one whose form was sent and refused."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    came = urlsplit(request.referrer or "")
    if came.netloc == request.host and page_of(came.path) == came.path:
        return f"{came.path}?{came.query}" if came.query else came.path
    return page_of(request.path) or url_for("home.start")


def flash_done(text: Any) -> None:
    """Say on the next page what was done."""
    flask.flash(str(text), "done")


def attempt(form: Form, service: Callable[..., Any], /, *args: Any, **values: Any) -> Any:
    """Call a service; a refusal is shown on the form and everything is rolled back. None when refused.

    Refusals about the record itself (404, 403, 429) go on to their own pages.
    """
    try:
        return service(*args, **values)
    except DomainError as error:
        if error.status not in (409, 422):
            raise
        rollback()
        form.refuse(error)
        return None


def problem(status: int, title: str, detail: str = "", /, **extra: Any) -> Response:
    """An API error as a problem document (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, **({"detail": detail} if detail else {}), **extra}
    response = flask.jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def _is_api() -> bool:
    return request.path.startswith(("/api/", "/webhooks/", "/oauth/"))


def domain_error(error: DomainError) -> ResponseReturnValue:
    """A refusal that no form showed."""
    rollback()
    if isinstance(error, NotVisible):
        return error_page(404)
    response = error_page(error.status, str(error))
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def http_error(error: HTTPException) -> ResponseReturnValue:
    rollback()
    if error.code is not None and error.code < 400:
        return error.get_response()
    if error.code == 405 and request.method == "GET" and not _is_api():
        # The address of a form that was sent, opened again: its page is meant.
        meant = page_of(request.path)
        if meant is not None:
            return redirect(meant, 303)
    response = error_page(error.code or 500)
    if error.code == 405 and hasattr(error, "valid_methods"):
        response.headers["Allow"] = ", ".join(error.valid_methods or [])
    return response


def unexpected_error(error: Exception) -> ResponseReturnValue:
    rollback()
    # The kind and the place, never the message: it may carry what the person typed.
    log.error(
        "unexpected error", kind=type(error).__name__, endpoint=request.endpoint, exc_info=settings.current().demo
    )
    if settings.current().testing:
        raise error
    return error_page(500)


def error_page(status: int, message: str = "") -> Response:
    """A kind page (or a problem document) for a status."""
    from werkzeug.http import HTTP_STATUS_CODES

    if _is_api():
        return problem(status, HTTP_STATUS_CODES.get(status, "Error"), message)
    known = status if status in {400, 403, 404, 409, 413, 422, 429, 500} else (404 if status < 500 else 500)
    return page(f"errors/{known}.html", status, message=message)
