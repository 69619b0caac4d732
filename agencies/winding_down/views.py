"""Winding down for everybody, for the worker, and for the agency."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.register.search import MAXIMUM_QUERY
from agencies.registration import policies as agencies
from agencies.registration.models import Agency
from agencies.security.rules import claims_until
from agencies.winding_down import custody, owed, policies, queries, rules
from agencies.winding_down.forms import ConfirmForm, DebtForm, DeclareForm, DocumentForm
from agencies.winding_down.models import CustodyItem, OwedItem
from agencies.winding_down.screen import TITLES, apart
from agencies.winding_down.status import LIVE
from core.db import legal_today
from core.errors import NotVisible
from core.files import download
from core.forms import Form
from core.i18n import gettext as _
from core.permissions import ClerkRight, Permission, SubjectKind
from core.web import (
    access,
    attempt,
    current_actor,
    db,
    flash_done,
    page,
    public,
    see_other,
    sent_file,
    signed_in,
    typed,
)
from law.country import deployment

blueprint = Blueprint("winding_down", __name__)


# --- for everybody -------------------------------------------------------------------------------------------------------


@blueprint.get("/winding-down")
@public
def index() -> ResponseReturnValue:
    """The agencies, page by page, or those whose name was typed."""
    name = request.args.get("q", "")[:MAXIMUM_QUERY].replace("\0", "")
    found = queries.public(db(), name, cursor=request.args.get("cursor"))
    return page("winding_down/index.html", found=found, name=name, today=legal_today(db()), **TITLES)


@blueprint.get("/winding-down/<uuid:winding_id>")
@public
def about(winding_id: UUID) -> ResponseReturnValue:
    """What everybody may know of one agency's winding down: no numbers of documents, no sums, nobody's name."""
    file, today = policies.record(db(), winding_id), legal_today(db())
    return page(
        "winding_down/about.html",
        file=file,
        agency=db().get_one(Agency, file.agency_id),
        live=file.status in LIVE,
        until=claims_until(file.ended_on),
        today=today,
        reaches=rules.complaint_reaches(today),
        is_migrant=current_actor().can(Permission.MIGRANT_OWN),
        back_url="/winding-down",
        **TITLES,
    )


@blueprint.get("/winding-down/agencies/<uuid:agency_id>")
@public
def of_agency(agency_id: UUID) -> ResponseReturnValue:
    """The newest winding down of an agency of the register."""
    file = queries.newest(db(), agency_id)
    if file is None:
        return see_other("winding_down.index")
    return see_other("winding_down.about", winding_id=file.id)


# --- for the worker ------------------------------------------------------------------------------------------------------


@blueprint.get("/me/winding-down")
@access(Permission.MIGRANT_OWN)
def own() -> ResponseReturnValue:
    return _own_page(None, {}, 200)


@blueprint.get("/me/winding-down/<uuid:winding_id>")
@access(Permission.MIGRANT_OWN)
def own_file(winding_id: UUID) -> ResponseReturnValue:
    return _own_page(winding_id, {}, 200)


def _own_page(winding_id: UUID | None, refused: dict[str, Form], status: int) -> Response:
    """The worker's items; with a file, the forms to add to it."""
    migrant_id = policies.migrant_of(current_actor())
    file = policies.record(db(), winding_id) if winding_id else None
    parts = queries.own_parts(db(), migrant_id, winding_id)
    return page(
        "winding_down/own.html",
        status,
        parts=[p for p in parts if file is None or p.record.id == file.id],
        file=file,
        live=LIVE,
        refused=next(iter(refused.values()), None),
        forms=apart({"document": DocumentForm(), "debt": DebtForm(), **refused}),
        currency=deployment().currency,
        back_url="/me",
        **TITLES,
    )


@blueprint.post("/me/winding-down/<uuid:winding_id>/<any(documents, sums):part>")
@access(Permission.MIGRANT_OWN)
def own_add(winding_id: UUID, part: str) -> ResponseReturnValue:
    key, form = _form(part)
    service: Any = custody.claim_item if part == "documents" else owed.claim_debt
    if not (form.validate() and attempt(form, lambda: service(db(), current_actor(), winding_id, _command(form)))):
        return _own_page(winding_id, {key: form}, 422)
    flash_done(_("Written down. An officer sees it, and so does the agency."))
    return see_other("winding_down.own_file", winding_id=winding_id)


def _form(part: str) -> tuple[str, Form]:
    return ("document", DocumentForm(request.form)) if part == "documents" else ("debt", DebtForm(request.form))


def _command(form: Any) -> Any:
    return form.command() if isinstance(form, DocumentForm) else form.command(deployment().currency)


@blueprint.get("/me/winding-down/<any(documents, sums):part>/<uuid:item_id>")
@access(Permission.MIGRANT_OWN)
def confirm(part: str, item_id: UUID) -> ResponseReturnValue:
    return _confirm_page(part, item_id, ConfirmForm(), 200)


def _confirm_page(part: str, item_id: UUID, form: Form, status: int) -> Response:
    kind: Any = CustodyItem if part == "documents" else OwedItem
    item = policies.item(db(), kind, item_id)
    if item.migrant_id != policies.migrant_of(current_actor()):
        raise NotVisible
    return page(
        "winding_down/confirm.html", status, part=part, item=item, form=form, back_url="/me/winding-down", **TITLES
    )


@blueprint.post(
    "/me/winding-down/<any(documents, sums):part>/<uuid:item_id>/<any(code, confirm, contradict, withdraw):action>"
)
@access(Permission.MIGRANT_OWN)
def own_act(part: str, item_id: UUID, action: str) -> ResponseReturnValue:
    form = ConfirmForm(request.form)
    if not ((action != "confirm" or form.validate()) and attempt(form, lambda: _own_act(part, item_id, action, form))):
        return _confirm_page(part, item_id, form, 422)
    if action == "code":
        flash_done(_("A code was sent to you."))
        return see_other("winding_down.confirm", part=part, item_id=item_id)
    flash_done(_("Written down."))
    return see_other("winding_down.own")


def _own_act(part: str, item_id: UUID, action: str, form: Any) -> Any:
    actor, service = current_actor(), custody if part == "documents" else owed
    if action == "code":
        service.send_code(db(), actor, item_id)
        return True
    if action == "confirm":
        return service.confirm(db(), actor, item_id, secret=form.secret.data, code=form.code.data)
    if part == "documents":
        return custody.object_to(db(), actor, item_id, action)
    if action == "contradict":
        return owed.contradict(db(), actor, item_id)
    raise NotVisible


# --- for the agency ------------------------------------------------------------------------------------------------------


@blueprint.get("/agencies/<uuid:agency_id>/winding-down")
@access(Permission.AGENCY_OWN)
def mine(agency_id: UUID) -> ResponseReturnValue:
    return _mine_page(agency_id, {}, 200)


def _mine_page(agency_id: UUID, refused: dict[str, Form], status: int) -> Response:
    agency = agencies.find_own(db(), current_actor(), agency_id)
    record = queries.newest(db(), agency_id)
    return page(
        "winding_down/mine.html",
        status,
        agency=agency,
        s=queries.file_of(db(), record) if record else None,
        live=bool(record) and record is not None and record.status in LIVE,
        may_sign=current_actor().acts_for(SubjectKind.AGENCY, agency_id, ClerkRight.SIGN),
        refused=next(iter(refused.values()), None),
        forms=apart({"document": DocumentForm(), "debt": DebtForm(), "declare": DeclareForm(), **refused}),
        currency=deployment().currency,
        back_url=f"/agencies/{agency_id}",
        **TITLES,
    )


def _agency_act(agency_id: UUID, key: str, form: Form, run: Callable[[], Any]) -> ResponseReturnValue:
    if not (form.validate() and attempt(form, run)):
        return _mine_page(agency_id, {key: form}, 422)
    flash_done(_("Written down."))
    return see_other("winding_down.mine", agency_id=agency_id)


@blueprint.post("/agencies/winding-down/<uuid:winding_id>/<any(documents, sums):part>")
@access(Permission.AGENCY_OWN)
def add(winding_id: UUID, part: str) -> ResponseReturnValue:
    key, form = _form(part)
    service: Any = custody.declare_item if part == "documents" else owed.declare_debt
    agency_id = policies.own(db(), current_actor(), winding_id).agency_id
    return _agency_act(agency_id, key, form, lambda: service(db(), current_actor(), winding_id, _command(form)))


@blueprint.post("/agencies/winding-down/<uuid:winding_id>/declare")
@access(Permission.AGENCY_OWN)
def declare(winding_id: UUID) -> ResponseReturnValue:
    agency_id = policies.own(db(), current_actor(), winding_id).agency_id
    form = DeclareForm(request.form)
    return _agency_act(agency_id, "declare", form, lambda: custody.declare(db(), current_actor(), winding_id))


@blueprint.post("/agencies/winding-down/documents/<uuid:item_id>/<any(say_returned, deny):action>")
@access(Permission.AGENCY_OWN)
def answer(item_id: UUID, action: str) -> ResponseReturnValue:
    agency_id = policies.own(db(), current_actor(), policies.item(db(), CustodyItem, item_id).winding_id).agency_id
    reason = typed("reason")
    return _agency_act(agency_id, "act", Form(), lambda: custody.answer(db(), current_actor(), item_id, action, reason))


@blueprint.post("/agencies/winding-down/sums/<uuid:item_id>/say-paid")
@access(Permission.AGENCY_OWN)
def say_paid(item_id: UUID) -> ResponseReturnValue:
    agency_id = policies.own(db(), current_actor(), policies.item(db(), OwedItem, item_id).winding_id).agency_id
    return _agency_act(agency_id, "act", Form(), lambda: owed.say_paid(db(), current_actor(), item_id))


@blueprint.get("/winding-down/<uuid:winding_id>/certificate")
@signed_in
def certificate(winding_id: UUID) -> ResponseReturnValue:
    """The closing certificate, for the agency and its officers."""
    file = policies.record(db(), winding_id)
    agencies.find(db(), current_actor(), file.agency_id)
    return sent_file(download(db(), file.certificate_id, file.reference))
