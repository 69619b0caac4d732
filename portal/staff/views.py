"""Staff home: queues with ages and due times, and the search that asks for its purpose; the auditor's pages."""

import importlib
import importlib.util
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, g, redirect, request
from flask import Response as Answer
from werkzeug.wrappers import Response
from wtforms.validators import AnyOf

from agencies.register_log import comparison
from core import audit
from core.actor import Actor
from core.db import apart, legal_today
from core.errors import NotVisible
from core.forms import DateField, Form, RadioField, TextField, required
from core.i18n import _l
from core.permissions import Permission
from core.queues import Queue, QueuePage, fetch
from core.search import SearchHit, SearchProvider
from core.throttle import hit
from core.web import NavigationItem, access, current_actor, db, page
from law.country import deployment
from portal.packages import PACKAGES
from portal.staff import ages

bp = Blueprint("staff", __name__, url_prefix="/staff")
ROWS, PAGE = 10, 50
SEARCHERS = (Permission.SEARCH_PEOPLE, Permission.SEARCH_AGENCIES, Permission.REMITTANCE_OPERATE)


def _offered(name: str) -> list[Any]:
    found: list[Any] = []
    for package in PACKAGES:
        if importlib.util.find_spec(f"{package}.queues") is not None:
            found += getattr(importlib.import_module(f"{package}.queues"), name, [])
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """A queue with what waits in it."""

    queue: Queue
    page: QueuePage


@bp.get("")
@access(Permission.STAFF_HOME)
def home() -> Response:
    actor = current_actor()
    shown = [
        Shown(q, fetch(db(), q, actor, limit=ROWS)) for q in _offered("QUEUES") if q.permission in actor.permissions
    ]
    return page(
        "staff/home.html", queues=shown, pages=_own_pages(actor), today=legal_today(db()), ages=ages,
        may_search=_may_search(actor), keepers=_keepers(actor),
    )  # fmt: skip


def _keepers(actor: Actor) -> int:
    """How much the keepers of the register's seals disagree, for those who answer for it."""
    if not actor.permissions & {Permission.AUDIT_READ, Permission.LICENCE_APPROVE}:
        return 0
    found = comparison.last(db())
    return len(found.compared.found) if found else 0


def _own_pages(actor: Actor) -> list[NavigationItem]:
    """Where a role works that has no queue, such as the airport's and the auditor's: the menu but for this very page."""
    items: list[NavigationItem] = current_app.extensions["openpassage.navigation"]
    return [
        i
        for i in items
        if i.permission in actor.permissions and i.permission not in {Permission.STAFF_HOME, Permission.OWN_ACCOUNT}
    ]


@bp.get("/queue/<name>")
@access(Permission.STAFF_HOME)
def queue(name: str) -> Response:
    actor = current_actor()
    found = next((q for q in _offered("QUEUES") if q.name == name and q.permission in actor.permissions), None)
    if found is None:
        raise NotVisible
    shown = Shown(found, fetch(db(), found, actor, limit=PAGE, cursor=request.args.get("cursor")))
    return page("staff/queue.html", shown=shown, today=legal_today(db()), ages=ages)


class SearchForm(Form):
    """What is looked for, and why."""

    purpose = RadioField(
        _l("Why do you search?"),
        [required(), AnyOf(["queue", "request", "complaint"])],
        choices=[
            ("queue", _l("For a case in my queue")),
            ("request", _l("The person or agency asked me")),
            ("complaint", _l("For a complaint")),
        ],
    )
    text = TextField(_l("Name, reference, licence number, passport number or telephone"), [required()], maximum=100)


def _may_search(actor: Actor) -> bool:
    return bool(set(SEARCHERS) & actor.permissions)


@bp.get("/search")
@access(*SEARCHERS)
def search() -> Response:
    return page("staff/search.html", form=SearchForm(), hits=None)


@bp.post("/search")
@access(*SEARCHERS)
def find() -> Response:
    """By POST: what is looked for stays out of addresses and logs."""
    form = SearchForm(request.form)
    if not form.validate():
        return page("staff/search.html", 422, form=form, hits=None)
    actor = current_actor()
    hit("staff-search", str(actor.account_id), limit=deployment().standard("searches_per_day"), seconds=86400)
    hits: list[SearchHit] = []
    providers: list[SearchProvider] = [p for p in _offered("SEARCHES") if p.permission in actor.permissions]
    for provider in providers:
        hits += provider.find(db(), actor, form.text.data, ROWS)
    kinds = sorted({p.kind for p in providers})
    audit.record(
        db(),
        actor,
        subject=("search", None),
        action="search",
        reason=form.purpose.data,
        evidence={"kinds": kinds, "found": len(hits)},
    )
    return page("staff/search.html", form=form, hits=hits)


class DaysForm(Form):
    """From which day to which the log is shown."""

    first = DateField(_l("From"))
    last = DateField(_l("To"))


@bp.get("/audit")
@access(Permission.AUDIT_READ)
def log() -> Response:
    from portal.staff import auditing, log_lines, wording

    form = DaysForm(request.args)
    kinds = sorted(((k, wording.kind_words(k)) for k in auditing.kinds(db())), key=lambda pair: pair[1].casefold())
    shown = {"form": form, "kinds": kinds, "head": audit.head(db())}
    if not form.validate():
        return page("staff/audit.html", 422, page=None, lines=[], wanted=auditing.Filters(), **shown)
    wanted = auditing.filters(request.args)
    found = auditing.events(db(), wanted, request.args.get("cursor"))
    lines = log_lines.lines(db(), auditing.rows(found))
    return page("staff/audit.html", page=found, lines=lines, wanted=wanted, **shown)


def _note(action: str, evidence: dict[str, Any]) -> None:
    """Written in a transaction of its own: the auditor's session changes nothing."""
    with apart() as session:
        audit.record(session, current_actor(), subject=("audit_log", None), action=action, evidence=evidence)


@bp.get("/audit/sample")
@access(Permission.AUDIT_READ)
def sample() -> Response:
    """A random sample. Every draw is noted with its seed, so that nobody can draw until the rows please them."""
    from portal.staff import auditing, log_lines

    wanted = auditing.filters(request.args)
    drawn = auditing.draw_sample(
        db(), wanted, seed=request.args.get("seed", "")[:64], until=request.args.get("until", "")[:20]
    )
    evidence = {"seed": drawn.seed, "until": drawn.until, "of": drawn.population, "filters": asdict(wanted)}
    _note("sample", evidence)
    return page("staff/sample.html", drawn=drawn, lines=log_lines.lines(db(), drawn.rows), wanted=wanted)


@bp.get("/audit/export")
@access(Permission.AUDIT_READ)
def export() -> Response:
    """The filtered rows as CSV or JSON, with the SHA-256 of the content in a header and noted in the log."""
    from portal.staff import auditing

    wanted = auditing.filters(request.args)
    kind = "json" if request.args.get("format") == "json" else "csv"
    made = auditing.export(db(), wanted, kind)
    _note("export", {"sha256": made.sha256, "rows": made.rows, "format": kind, "filters": asdict(wanted)})
    response = Response(made.content, mimetype="application/json" if kind == "json" else "text/csv")
    name = f"audit-{legal_today(db()).isoformat()}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-SHA256"] = made.sha256
    return response


@bp.get("/audit/verify")
@access(Permission.AUDIT_READ)
def verify() -> Response:
    return page("staff/verify.html", result=audit.verify(db()), head=audit.head(db()))


class OpenForm(Form):
    """Why the auditor opens a record. The log keeps it, and the answer stays out of the address."""

    purpose = RadioField(
        _l("Why do you open it?"),
        [required(), AnyOf(["sample", "complaint", "irregular", "ordered"])],
        choices=[
            ("sample", _l("It was drawn in a sample")),
            ("complaint", _l("Somebody complained")),
            ("irregular", _l("Something in the log looks wrong")),
            ("ordered", _l("A court or another authority asked")),
        ],
    )


@bp.get("/audit/rows/<uuid:event_id>")
@access(Permission.AUDIT_READ)
def row(event_id: UUID) -> Response:
    return _row_page(event_id, OpenForm(), 200)


def _row_page(event_id: UUID, form: Form, status: int) -> Response:
    """One row of the log with what it rested on, and the way to its record, or why there is none."""
    from portal.staff import auditing, log_lines, records

    event = auditing.event(db(), event_id)
    (line,) = log_lines.lines(db(), [event])
    opens = records.address(db(), event) is not None
    why = "" if opens else records.why_none(event)
    return page(
        "staff/row.html", status, event=event, line=line, evidence=auditing.evidence(event), opens=opens, why_none=why,
        form=form,
    )  # fmt: skip


@bp.post("/audit/rows/<uuid:event_id>/open")
@access(Permission.AUDIT_READ)
def open_record(event_id: UUID) -> Response:
    """The purpose is written down first; then the record's own page shows it, with its papers."""
    from portal.staff import auditing, records

    form = OpenForm(request.form)
    event = auditing.event(db(), event_id)
    address = records.address(db(), event)
    if address is None:
        raise NotVisible
    if not form.validate():
        return _row_page(event_id, form, 422)
    subject = (event.subject_kind, event.subject_id)
    audit.record(
        db(), current_actor(), subject=subject, action="read", reason=form.purpose.data, evidence={"row": event.id}
    )
    return redirect(address, 303)


@bp.after_app_request
def note_auditors_reading(answer: Answer) -> Answer:
    """Every file and paper that an auditor is shown is noted, here for all pages, so that none can forget it."""
    actor: Actor | None = g.get("actor")
    shown = request.method == "GET" and answer.status_code == 200 and request.blueprint != bp.name
    if actor is None or not shown or Permission.AUDIT_READ not in actor.permissions:
        return answer
    for value in (request.view_args or {}).values():
        if isinstance(value, UUID):
            with apart() as session:
                evidence = {"page": request.endpoint}
                audit.record(session, actor, subject=("reading", value), action="read", evidence=evidence)
    return answer
