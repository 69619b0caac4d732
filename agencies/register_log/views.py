"""The register's log for everybody: pages in words, addresses with proofs. No account, nothing personal."""

import re
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.register_log import comparison, presentation, queries, totals
from agencies.register_log.export import export_chunks
from agencies.register_log.models import RegisterHead
from agencies.register_log.services import last_head
from core.db import legal_today
from core.i18n import gettext as _
from core.web import db, page, problem, public

blueprint = Blueprint("register_log", __name__, url_prefix="/register/log")
LIMIT, MOST_HEADS, SHOWN_DAYS = 100, 500, 30


class _Unusable(Exception):
    """A value in the address that can't be used."""

    def __init__(self, parameter: str, status: int = 422) -> None:
        super().__init__(parameter)
        self.parameter, self.status = parameter, status


@blueprint.errorhandler(_Unusable)
def _unusable(error: _Unusable) -> Response:
    if error.status == 404:
        return problem(404, _("Not found"), _("The log has nothing like this."), parameter=error.parameter)
    return problem(422, _("Unprocessable request"), _("This value can’t be used."), parameter=error.parameter)


def _number(name: str, default: int | None, low: int, high: int) -> int:
    text = request.args.get(name)
    if text is None and default is not None:
        return default
    if text is None or not re.fullmatch(r"[0-9]{1,12}", text) or not low <= int(text) <= high:
        raise _Unusable(name)
    return int(text)


def _day(name: str, default: date) -> date:
    text = request.args.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise _Unusable(name)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Unusable(name) from None


def _head() -> RegisterHead:
    head = last_head(db())
    if head is None:
        raise _Unusable("head", 404)
    return head


def _published(body: dict[str, Any], tag: str, seconds: int) -> Response:
    """An answer that anybody may keep for a while, and ask for again at no cost."""
    return _kept(jsonify(body), tag, seconds)


def _kept(response: Response, tag: str, seconds: int) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.set_etag(tag)
    return response.make_conditional(request)


# --- pages -------------------------------------------------------------------------------------------------------------


@blueprint.get("")
@public
def index() -> ResponseReturnValue:
    """How the register proves itself."""
    head, compared = last_head(db()), comparison.last(db())
    return page(
        "register_log/index.html",
        head=presentation.head_data(head) if head else None,
        head_at=head.at if head else None,
        anchors=queries.newest_anchors(db()),
        places=presentation.PLACE_TITLES,
        compared=compared,
        disagreements=presentation.disagreement_rows(compared.compared if compared else None),
        waiting=queries.waiting(db()),
        today=legal_today(db()),
    )


@blueprint.get("/history")
@public
def history() -> ResponseReturnValue:
    """Everything that the log has of one licence number, and how it stood on a day."""
    today = legal_today(db())
    number = request.args.get("number", "")[:120]
    wrong_day = False
    try:
        on = _day("on", today)
    except _Unusable:
        on, wrong_day = today, True
    wrong_day = wrong_day or on > today
    found = queries.history(db(), number) if number and not wrong_day else None
    return page(
        "register_log/history.html",
        422 if wrong_day else 200,
        view=presentation.history_page(found, on) if found else None,
        number=number,
        on=request.args.get("on", "")[:20] or today.isoformat(),
        wrong_day=wrong_day,
        today=today,
    )


@blueprint.get("/days")
@public
def days() -> ResponseReturnValue:
    """What happened on each day, by the log and by the audit log."""
    today = legal_today(db())
    last = min(_day("until", today), today)
    first = last - timedelta(days=SHOWN_DAYS - 1)
    found = totals.totals(db(), first, last)
    return page(
        "register_log/days.html",
        days=found,
        counted=list(totals.COUNTED_TITLES.items()),
        differences=presentation.difference_rows(found),
        first=first,
        last=last,
        earlier=(first - timedelta(days=1)).isoformat(),
    )


# --- data --------------------------------------------------------------------------------------------------------------


@blueprint.get("/head")
@public
def head() -> ResponseReturnValue:
    """The newest signed tree head."""
    found = _head()
    return _published(presentation.head_data(found), f"head-{found.number}", 30)


@blueprint.get("/heads")
@public
def heads() -> ResponseReturnValue:
    """Signed heads in order, from ``first`` on."""
    first = _number("first", 1, 1, 10**12)
    limit = _number("limit", LIMIT, 1, MOST_HEADS)
    rows = queries.heads_from(db(), first, limit)
    following = rows[-1].number + 1 if len(rows) == limit else None
    body = {"heads": [presentation.head_data(row) for row in rows], "next": following}
    return _published(body, f"heads-{first}-{limit}-{len(rows)}", 86400 if following else 30)


@blueprint.get("/entries")
@public
def entries() -> ResponseReturnValue:
    """Sealed entries ``start`` to ``end``, both included, at most 1000 at once."""
    size = _head().size
    start = _number("start", 0, 0, max(size - 1, 0))
    end = min(_number("end", start + LIMIT - 1, start, 10**12), size - 1, start + queries.MOST - 1)
    rows = queries.leaves_from(db(), start, end + 1)
    following = end + 1 if end + 1 < size else None
    body = {"entries": [presentation.entry_data(row) for row in rows], "next": following}
    return _published(body, f"entries-{start}-{end}", 86400 if following else 30)


@blueprint.get("/proof")
@public
def proof() -> ResponseReturnValue:
    """That an entry stands in the tree: by ``index``, by ``hash``, or the newest of a licence ``number``."""
    newest = _head()
    size = _number("size", newest.size, 1, newest.size)
    place = _place(size)
    if place is None or place >= size:
        raise _Unusable(next((name for name in ("number", "hash") if name in request.args), "index"), 404)
    tree = queries.tree_under(db(), newest)
    row = queries.leaves_from(db(), place, place + 1)[0]
    body = {
        **presentation.entry_data(row),
        "size": size,
        "root": tree.root(size).hex(),
        "path": [step.hex() for step in tree.inclusion(place, size)],
    }
    return _published(body, f"proof-{place}-{size}", 30)


def _place(size: int) -> int | None:
    number, digest = request.args.get("number"), request.args.get("hash")
    if number is not None:
        licence = queries.licence_number(db(), number[:120])
        return queries.newest_leaf_of(db(), licence) if licence else None
    if digest is not None:
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise _Unusable("hash")
        return queries.index_of_hash(db(), bytes.fromhex(digest))
    return _number("index", None, 0, size - 1)


@blueprint.get("/consistency")
@public
def consistency() -> ResponseReturnValue:
    """That the tree of ``first`` entries is the beginning of the tree of ``second``."""
    newest = _head()
    second = _number("second", newest.size, 1, newest.size)
    first = _number("first", None, 1, second)
    tree = queries.tree_under(db(), newest)
    body = {
        "first": first,
        "second": second,
        "first_root": tree.root(first).hex(),
        "second_root": tree.root(second).hex(),
        "proof": [step.hex() for step in tree.consistency(first, second)],
    }
    return _published(body, f"consistency-{first}-{second}", 86400)


@blueprint.get("/status")
@public
def status() -> ResponseReturnValue:
    """How the agency with a licence number stood on a day, and the leaf and order that say so."""
    today = legal_today(db())
    on = _day("on", today)
    if on > today:
        raise _Unusable("on")
    number = request.args.get("number", "")
    if not number.strip() or len(number) > 120:
        raise _Unusable("number")
    found = queries.history(db(), number)
    if found is None:
        raise _Unusable("number", 404)
    last = found.leaves[-1].index
    return _published(presentation.status_data(found, on), f"status-{found.number}-{on}-{len(found.leaves)}-{last}", 30)


@blueprint.get("/totals")
@public
def daily_totals() -> ResponseReturnValue:
    """What happened on each day from ``from`` until ``until`` (at most 92 days)."""
    today = legal_today(db())
    last = _day("until", today)
    first = _day("from", last - timedelta(days=SHOWN_DAYS - 1) if last > date(1, 2, 1) else last)
    if not timedelta(0) <= last - first < timedelta(days=totals.MOST_DAYS):
        raise _Unusable("from")
    found = totals.totals(db(), first, last)
    body = {
        "from": first.isoformat(),
        "until": last.isoformat(),
        "days": [presentation.day_data(day) for day in found],
        "same": not presentation.difference_rows(found),
    }
    response = jsonify(body)
    response.add_etag()
    return _kept(response, response.get_etag()[0] or "totals", 60)


@blueprint.get("/export")
@public
def export() -> ResponseReturnValue:
    """The whole log in one file, for ``portal register verify`` and tools/verify_register.py."""
    found = _head()
    response = Response(mimetype="application/x-ndjson")
    response.headers["Content-Disposition"] = 'attachment; filename="register-log.jsonl"'
    response = _kept(response, f"export-{found.number}", 30)
    if response.status_code == 200:
        # Sent while it is read. It is put in last: whatever counts its length would read all of it into memory.
        response.headers.pop("Content-Length", None)
        response.response = export_chunks(found.size, found.number)
    return response
