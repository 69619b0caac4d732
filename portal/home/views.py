"""The first page, languages, help, and the law in plain words."""

from datetime import date

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from core.db import legal_today
from core.forms import parse_day
from core.i18n import current_locale, languages
from core.settings import current
from core.web import db, local_target, page, public
from law import words
from law.costs import worker_costs
from law.country import contacts_in, deployment
from law.engine import law

home = Blueprint("home", __name__)
language = Blueprint("languages", __name__)
help_ = Blueprint("help", __name__)
law_pages = Blueprint("law", __name__)


@home.get("/")
@public
def start() -> Response:
    return page("home/start.html")


@language.get("/language/<code>")
@public
def choose(code: str) -> Response:
    """Remember the language in a cookie and go back to the page."""
    response = redirect(local_target(request.args.get("next"), url_for("home.start")), 303)
    if code in languages():
        response.set_cookie(
            "lang", code, max_age=365 * 86400, secure=current().secure, httponly=True, samesite="Lax", path="/"
        )
    return response


@help_.get("/information")
@public
def now() -> Response:
    """Help, under a title that tells nothing to who looks over a shoulder."""
    country = request.args.get("country", "")
    home_code = deployment().code
    known = country in {c.country for c in deployment().help}
    contacts = list(deployment().help) if not country else contacts_in(country if known else home_code)
    places = [(home_code, deployment().names.get(current_locale(), deployment().names["en"]))]
    places += [(d.code, d.name(current_locale())) for d in deployment().destinations]
    return page("home/help.html", contacts=contacts, places=places, chosen=country if known or not country else "other")


def _day() -> date | None:
    """The day that is asked for, today when none is, None for what is no day."""
    asked = request.args.get("on", "")
    try:
        return parse_day(asked) if asked else legal_today(db())
    except ValidationError:
        return None


@law_pages.get("/law")
@public
def in_force() -> Response:
    asked = _day()
    day = asked or legal_today(db())
    status = 200 if asked else 422
    return page("law/in_force.html", status, day=day, unreadable=asked is None, rows=law().in_force(day), words=words)


@law_pages.get("/what-it-may-cost")
@public
def costs() -> Response:
    return page("law/costs.html", costs=worker_costs(law(), legal_today(db())), words=words)
