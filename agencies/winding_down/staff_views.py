"""One screen for one agency's winding down: documents, money, workers, and the end."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from agencies.registration import policies as agencies
from agencies.winding_down import closing, custody, owed, policies, queries, unpaid
from agencies.winding_down.forms import ClaimForm, DebtForm, DocumentForm, ProposeForm, ReasonForm
from agencies.winding_down.models import CustodyItem, OwedItem
from agencies.winding_down.screen import TITLES, apart
from agencies.winding_down.status import CUSTODY, LIVE
from core.accounts import account_names
from core.forms import Form
from core.i18n import gettext as _
from core.permissions import Permission
from core.reading import note_reading
from core.web import access, attempt, current_actor, db, flash_done, page, see_other
from law.country import deployment

blueprint = Blueprint("winding_files", __name__, url_prefix="/licensing/winding-down")
P = Permission


@blueprint.get("/<uuid:winding_id>")
@access(*policies.SEERS)
def show(winding_id: UUID) -> ResponseReturnValue:
    return _page(winding_id, {}, 200)


@blueprint.get("/agencies/<uuid:agency_id>")
@access(*policies.SEERS)
def of_agency(agency_id: UUID) -> ResponseReturnValue:
    """The newest file of an agency; back to the agency where there is none, as for one that ended in the old register."""
    agency = agencies.find(db(), current_actor(), agency_id)
    record = queries.newest(db(), agency.id)
    if record is None:
        flash_done(_("Nothing is to be wound down here."))
        return see_other("sanctions.agency", agency_id=agency.id)
    return see_other("winding_files.show", winding_id=record.id)


def _page(winding_id: UUID, refused: dict[str, Form], status: int) -> Response:
    actor = current_actor()
    record, agency = policies.seen(db(), actor, winding_id)
    note_reading(actor, ("winding_down", winding_id), purpose="winding down")
    people = [p for p in (record.declared_by, record.proposed_by, record.decided_by) if p]
    return page(
        "winding_down/file.html",
        status,
        agency=agency,
        s=queries.file_of(db(), record),
        pipeline=queries.pipeline_of(db(), agency.id),
        hindrances=closing.hindrances(db(), record),
        short=unpaid.shortfall(db(), agency.id) if record.status in LIVE else None,
        live=record.status in LIVE,
        may_review=actor.can(P.LICENCE_REVIEW, agency.office_id),
        may_approve=actor.can(P.LICENCE_APPROVE, agency.office_id),
        acts={t.action: t for t in CUSTODY.transitions.values() if t.action in custody.OFFICER},
        sources={t.action: t.sources for t in CUSTODY.transitions.values()},
        refused=next(iter(refused.values()), None),
        forms=apart({
            "document": DocumentForm(), "debt": DebtForm(), "claim": ClaimForm(), "propose": ProposeForm(),
            "decide": ReasonForm(), **refused,
        }),
        people=account_names(db(), people),
        currency=deployment().currency,
        back_url=url_for("staff.home"),
        **TITLES,
    )  # fmt: skip


def _act(winding_id: UUID, key: str, form: Form, run: Callable[[], Any]) -> ResponseReturnValue:
    if not (form.validate() and attempt(form, run)):
        return _page(winding_id, {key: form}, 422)
    flash_done(_("Done."))
    return see_other("winding_files.show", winding_id=winding_id)


@blueprint.post("/<uuid:winding_id>/documents")
@access(P.LICENCE_REVIEW)
def add_document(winding_id: UUID) -> ResponseReturnValue:
    form = DocumentForm(request.form)
    return _act(
        winding_id, "document", form, lambda: custody.note_item(db(), current_actor(), winding_id, form.command())
    )


@blueprint.post("/<uuid:winding_id>/sums")
@access(P.LICENCE_REVIEW)
def add_sum(winding_id: UUID) -> ResponseReturnValue:
    form = DebtForm(request.form)
    return _act(
        winding_id, "debt", form,
        lambda: owed.note_debt(db(), current_actor(), winding_id, form.command(deployment().currency)),
    )  # fmt: skip


@blueprint.post("/documents/<uuid:item_id>")
@access(P.LICENCE_REVIEW)
def document(item_id: UUID) -> ResponseReturnValue:
    """The button that was pressed says which act it is."""
    winding_id = policies.item(db(), CustodyItem, item_id).winding_id
    form, action = ReasonForm(request.form), request.form.get("action", "")
    return _act(
        winding_id, f"doc-{item_id}", form,
        lambda: custody.decide(db(), current_actor(), item_id, action, form.reason.data),
    )  # fmt: skip


@blueprint.post("/sums/<uuid:item_id>/<any(see_paid, dismiss):action>")
@access(P.LICENCE_REVIEW, P.LICENCE_APPROVE)
def sum_(item_id: UUID, action: str) -> ResponseReturnValue:
    winding_id = policies.item(db(), OwedItem, item_id).winding_id
    form = ReasonForm(request.form)
    service = owed.see_paid if action == "see_paid" else owed.dismiss
    return _act(winding_id, f"sum-{item_id}", form, lambda: service(db(), current_actor(), item_id, form.reason.data))


@blueprint.post("/sums/<uuid:item_id>/claim")
@access(P.LICENCE_REVIEW)
def claim(item_id: UUID) -> ResponseReturnValue:
    winding_id = policies.item(db(), OwedItem, item_id).winding_id
    form = ClaimForm(CombinedMultiDict([request.form, request.files]))
    return _act(
        winding_id, f"claim-{item_id}", form,
        lambda: owed.claim(db(), current_actor(), item_id, form.reason.data, form.file.content() or b""),
    )  # fmt: skip


@blueprint.post("/<uuid:winding_id>/propose")
@access(P.LICENCE_REVIEW)
def propose(winding_id: UUID) -> ResponseReturnValue:
    form = ProposeForm(request.form)
    return _act(
        winding_id, "propose", form,
        lambda: closing.propose(db(), current_actor(), winding_id, form.chosen, form.reason.data),
    )  # fmt: skip


@blueprint.post("/<uuid:winding_id>/<any(close, send_back):action>")
@access(P.LICENCE_APPROVE)
def decide(winding_id: UUID, action: str) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    return _act(
        winding_id, "decide", form,
        lambda: closing.decide(db(), current_actor(), winding_id, action, form.reason.data),
    )  # fmt: skip
