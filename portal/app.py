"""The application factory: settings in, a Flask application out that refuses to start half-made."""

import gzip
import importlib
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from core import contact, db, device, i18n, lifetimes, web
from core.documents import qr_svg
from core.errors import DomainError
from core.settings import ROOT, Settings, configure
from law.country import deployment
from law.engine import law
from portal.logs import configure_logs
from portal.packages import PACKAGES, load_jobs, load_tables
from portal.static_files import install as install_static

log = structlog.get_logger()


def prepare(settings: Settings, *, pool_size: int = 10) -> None:
    """Everything a process needs before it touches the database: settings, country, tables, jobs, sessions."""
    configure(settings)
    if not settings.testing:
        configure_logs()
    country = deployment()
    law()  # A law file that is wrong stops the start, and names the row.
    db.set_legal_zone(country.time_zone)
    contact.set_region(country.code)
    lifetimes.configure(country.policy)
    i18n.set_calendars(country.calendars)
    load_tables()
    load_jobs()
    db.connect(settings.database_url, pool_size=pool_size)


def create_app(settings: Settings) -> Flask:
    """The portal as a WSGI application."""
    prepare(settings, pool_size=settings.web_threads + 2)
    app = web.Portal("portal", static_folder=None, template_folder=str(ROOT / "templates"))
    _configure(app, settings)
    _templates(app)
    navigation: list[web.NavigationItem] = []
    for package in PACKAGES:
        module = importlib.import_module(f"{package}.blueprints")
        for blueprint in module.BLUEPRINTS:
            app.register_blueprint(blueprint)
        navigation.extend(module.NAVIGATION)
        for setup in getattr(module, "SETUP", []):
            setup(app)
    app.extensions["openpassage.navigation"] = sorted(navigation, key=lambda item: item.order)
    install_static(app)
    app.register_error_handler(DomainError, web.domain_error)
    app.register_error_handler(HTTPException, web.http_error)
    app.register_error_handler(Exception, web.unexpected_error)
    app.teardown_appcontext(web.close_db)
    app.before_request(_choose_locale)
    app.after_request(_headers)
    app.after_request(device.leave_to_nobody_else)
    app.teardown_request(_reset_locale)
    app.refuse_undeclared()
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    prefix = "__Host-" if settings.secure else ""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME=f"{prefix}op",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=lifetimes.lifetimes().session,
        MAX_CONTENT_LENGTH=settings.max_upload_bytes + 64 * 1024,
        MAX_FORM_MEMORY_SIZE=512 * 1024,
        MAX_FORM_PARTS=300,
        TESTING=settings.testing,
        PREFERRED_URL_SCHEME="https" if settings.secure else "http",
    )


def _templates(app: Flask) -> None:
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True, pgettext=i18n.pgettext)  # type: ignore[attr-defined]
    environment.filters.update(
        day=i18n.format_date,
        moment=i18n.format_datetime,
        money=i18n.format_money,
        number=i18n.format_number,
        percent=i18n.format_percent,
        digits=i18n.local_digits,
    )
    environment.globals.update(
        csrf_token=web.csrf_token,
        lifetimes=lifetimes.lifetimes,
        qr_svg=qr_svg,
        has_endpoint=lambda name: name in app.view_functions,
        kit=_Kit(environment),
    )
    app.context_processor(_context)


class _Kit:
    """The kit's macros as a global: every template has them without an import of its own."""

    def __init__(self, environment: Any) -> None:
        self._environment = environment

    def __getattr__(self, name: str) -> Any:
        return getattr(self._environment.get_template("components/kit.html").module, name)


def _context() -> dict[str, Any]:
    code = i18n.current_locale()
    actor = web.current_actor() if request else None
    return {
        "locale": code,
        "direction": i18n.direction(code),
        "languages": i18n.languages().values(),
        "actor": actor,
        "deployment": deployment(),
        "navigation": _navigation(actor) if actor else [],
        "this_page": web.this_page,
    }


def _navigation(actor: Any) -> list[dict[str, Any]]:
    from flask import current_app

    if actor.account_id is None:
        return []
    items = current_app.extensions["openpassage.navigation"]
    shown = [i for i in items if i.permission is None or i.permission in actor.permissions]
    return [{"url": i.url, "label": str(i.label), "current": request.path == i.url} for i in shown]


def _choose_locale() -> None:
    """The language cookie, else what the browser asks for, else English."""
    chosen = request.cookies.get("lang", "")
    if chosen not in i18n.languages():
        chosen = request.accept_languages.best_match(list(i18n.languages()), default="en")
    g.locale_token = i18n.set_locale(chosen)


def _reset_locale(_error: BaseException | None = None) -> None:
    token = g.pop("locale_token", None)
    if token is not None:
        i18n.reset_locale(token)


_CSP = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; font-src 'self'; "
    " connect-src 'self'; form-action 'self'{pay}; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)


def _for_anybody(response: Response) -> bool:
    """Data and documents of public addresses; pages say who is signed in, all else may be somebody's own."""
    view = current_app.view_functions.get(request.endpoint or "")
    declared: web.Access | None = getattr(view, "__access__", None)
    return response.mimetype != "text/html" and declared is not None and declared.kind is web.AccessKind.PUBLIC


def _headers(response: Response) -> Response:
    from core.settings import current

    headers = response.headers
    # A form post that ends in a redirect to the payment page needs that origin in form-action (Chromium checks it).
    pay = getattr(g, "form_action", "")
    headers.setdefault("Content-Security-Policy", _CSP.format(pay=f" {pay}" if pay else ""))
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if current().secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-cache" if _for_anybody(response) else "no-store"
    headers.add("Vary", "Cookie")
    return _compressed(response)


def _compressed(response: Response) -> Response:
    """Pages and JSON travel compressed. Tokens in a page are masked anew each time, so that their size tells nothing."""
    wanted = "gzip" in request.headers.get("Accept-Encoding", "")
    plain = response.mimetype in {"text/html", "application/json", "text/csv"} and not response.is_streamed
    if (
        wanted
        and plain
        and "Content-Encoding" not in response.headers
        and response.content_length
        and response.content_length > 1000
    ):
        response.set_data(gzip.compress(response.get_data(), 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.add("Vary", "Accept-Encoding")
    return response
