"""The public licence check: page, API, whole register, QR, key set. No account, nothing personal."""

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from agencies.branches.queries import acting
from agencies.licensing.status import Standing
from agencies.register import bulk, snapshot
from agencies.register.cursors import ChangedOrder, WrongCursor
from agencies.register.fast import plain_response
from agencies.register.presentation import check_page
from agencies.register.rendered import LIMIT, Rendered, answer
from agencies.register.search import MAXIMUM_QUERY, search
from core.errors import NotVisible
from core.i18n import gettext as _
from core.signing import public_jwks
from core.verification import verify
from core.web import db, page, problem, public

blueprint = Blueprint("register", __name__)
MAXIMUM_LIMIT = 100
# Seconds for which a browser or a proxy may give the file without asking: a suspension shows within a minute.
BULK_SECONDS = 20


@blueprint.get("/check")
@public
def check() -> ResponseReturnValue:
    """The licence check for everybody: one answer first, then the others that may be meant."""
    register, today = snapshot.current(db())
    asked = request.args.get("q")
    view = check_page(search(register, (asked or "")[:MAXIMUM_QUERY], today))
    nothing_typed = asked is not None and view.state == "empty"
    first = view.first if view.first and view.first.standing is Standing.LICENSED else None
    return page(
        "register/check.html", 422 if nothing_typed else 200, view=view, today=today, nothing_typed=nothing_typed,
        acting=acting(db(), first.entry.agency_id, today) if first else None,
    )  # fmt: skip


@blueprint.get("/verify/<token>")
@public
def verify_document(token: str) -> ResponseReturnValue:
    """What a signed document's QR stands for now."""
    return page("register/verify.html", found=verify(db(), token))


@blueprint.get("/verify")
@public
def verify_typed() -> ResponseReturnValue:
    """The code below a QR, pasted."""
    return page("register/verify.html", found=verify(db(), request.args.get("code", "")[:4000].strip()))


@blueprint.get("/.well-known/jwks.json")
@public
def key_set() -> ResponseReturnValue:
    """The public keys, so that a QR verifies offline."""
    response = jsonify(public_jwks())
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.get("/api/v1/licences")
@public
def api_licences() -> ResponseReturnValue:
    """The same answers as data, paged by cursor. Without ``q``: the whole register by name."""
    query = request.args.get("q", "")
    if len(query) > MAXIMUM_QUERY:
        return problem(422, _("Unprocessable request"), _("The search text is too long."), parameter="q")
    limit = _limit(request.args.get("limit"))
    if limit is None:
        return problem(422, _("Unprocessable request"), _("This value can’t be used."), parameter="limit")
    register, today = snapshot.current(db())
    try:
        return _given(answer(register, today, query, cursor=request.args.get("cursor"), limit=limit))
    except WrongCursor:
        return problem(422, _("Unprocessable request"), _("This value can’t be used."), parameter="cursor")
    except ChangedOrder:
        return problem(
            409, _("Conflict"), _("The register has changed. Start from the first page."), parameter="cursor"
        )


@blueprint.get("/register/agencies.<form>")
@public
def whole_register(form: str) -> ResponseReturnValue:
    """Every agency of the register as CSV or JSON."""
    if form not in bulk.FORMS:
        raise NotVisible
    register, today = snapshot.current(db())
    response = _given(bulk.whole(register, today, form))
    response.headers["Cache-Control"] = f"public, max-age={BULK_SECONDS}, must-revalidate"
    response.headers["Content-Disposition"] = f'inline; filename="agencies-{today.isoformat()}.{form}"'
    return response


@blueprint.get("/register/data-dictionary")
@public
def data_dictionary() -> ResponseReturnValue:
    """What each field of the whole register means, for people."""
    return page("register/dictionary.html", fields=bulk.FIELDS)


@blueprint.get("/register/data-dictionary.json")
@public
def data_dictionary_json() -> ResponseReturnValue:
    """The same for programs."""
    response = jsonify(fields=bulk.dictionary())
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _given(found: Rendered) -> Response:
    """An answer in the form that the asker takes, or 304 when they have it."""
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    return plain_response(found, gzipped=zipped, if_none_match=request.headers.get("If-None-Match"))


def _limit(text: str | None) -> int | None:
    if text is None:
        return LIMIT
    if not text.isascii() or not text.isdigit() or len(text) > 3 or not 1 <= int(text) <= MAXIMUM_LIMIT:
        return None
    return int(text)
