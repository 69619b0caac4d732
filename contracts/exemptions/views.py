"""Pages of exemptions from bans: for the ministry's officers, and for the auditor to read."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from contracts.answer.places import country_name
from contracts.exemptions import grounds, policies, queries, services
from contracts.exemptions.forms import DecisionForm, ProposeForm
from contracts.exemptions.models import BanExemption
from contracts.exemptions.status import EXEMPTION_TITLES, ExemptionStatus, exemption_workflow
from core import audit
from core.accounts import account_names
from core.db import legal_today
from core.files import download
from core.i18n import _l
from core.permissions import Permission
from core.reading import note_reading
from core.web import access, asked_picture, attempt, current_actor, db, flash_done, page, see_other, sent_file
from law.country import deployment
from law.engine import Row
from migrants.registration.status import SEX_TITLES

bp = Blueprint("exemptions", __name__, url_prefix="/staff/exemptions")


def ban_words(row: Row | None) -> str:
    """A ban for an officer: where, which work, for whom."""
    if row is None:
        return ""
    country = country_name(row.when["destination"]) if "destination" in row.when else str(_l("Every country"))
    work = deployment().occupation_name(row.when["occupation"]) if "occupation" in row.when else ""
    return ", ".join(part for part in (country, work, str(SEX_TITLES.get(row.when.get("sex", ""), ""))) if part)


@bp.get("")
@access(Permission.BAN_EXEMPT)
def listed() -> ResponseReturnValue:
    rows = [(e, of, ban_words(grounds.written(e.ban_row))) for e, of in queries.listed(db(), current_actor())]
    return page("exemptions/list.html", rows=rows, titles=EXEMPTION_TITLES, cited=grounds.written)


@bp.get("/new")
@access(Permission.BAN_EXEMPT)
def new() -> ResponseReturnValue:
    return _form(ProposeForm(), 200)


def _with_bans(form: ProposeForm) -> ProposeForm:
    form.ban_row.choices = [("", "–"), *((row.id, ban_words(row)) for row in grounds.bans(legal_today(db())))]
    return form


def _form(form: ProposeForm, status: int) -> Response:
    back = url_for("exemptions.listed")
    return page(
        "exemptions/new.html",
        status,
        form=_with_bans(form),
        any_ban=bool(grounds.bans(legal_today(db()))),
        back_url=back,
    )


@bp.post("/new")
@access(Permission.BAN_EXEMPT)
def propose() -> ResponseReturnValue:
    form = _with_bans(ProposeForm(CombinedMultiDict([request.form, request.files])))
    made = form.validate() and attempt(form, lambda: services.propose(db(), current_actor(), form.command()))
    if not made:
        return _form(form, 422)
    flash_done(_l("Proposed. Another officer decides."))
    return see_other("exemptions.show", exemption_id=made.id)


@bp.get("/<uuid:exemption_id>")
@access(Permission.BAN_EXEMPT, Permission.AUDIT_READ)
def show(exemption_id: UUID) -> ResponseReturnValue:
    return _page(exemption_id, DecisionForm(), 200)


def _arrows(exemption: BanExemption) -> list[object]:
    """What this officer may do now: never give or refuse what is one's own."""
    actor = current_actor()
    own = exemption.proposed_by == actor.account_id
    hidden = ("grant", "refuse") if own else ("withdraw",)
    found = exemption_workflow.available(exemption.status, actor)
    return [t for t in found if t.permission is not None and t.action not in hidden]


def _page(exemption_id: UUID, form: DecisionForm, status: int) -> Response:
    actor = current_actor()
    found = policies.find(db(), actor, exemption_id)
    note_reading(actor, ("ban_exemption", found.id), purpose="review")
    row = grounds.written(found.ban_row)
    names = account_names(db(), [found.proposed_by, *([found.decided_by] if found.decided_by else [])])
    return page(
        "exemptions/file.html",
        status,
        exemption=found,
        of=queries.subject_reference(db(), found),
        row=row,
        ban=ban_words(row),
        ground=grounds.ground(row, legal_today(db())) if row else None,
        title=EXEMPTION_TITLES[found.status],
        why=audit.last_reason(db(), exemption_workflow.name, found.id, found.status.value)
        if found.status is not ExemptionStatus.PROPOSED
        else "",
        names=names,
        arrows=_arrows(found),
        may_open=actor.can(Permission.BAN_EXEMPT),
        form=form,
        back_url=url_for("exemptions.listed") if actor.can(Permission.BAN_EXEMPT) else url_for("staff.home"),
    )


@bp.post("/<uuid:exemption_id>")
@access(Permission.BAN_EXEMPT)
def decide(exemption_id: UUID) -> ResponseReturnValue:
    form = DecisionForm(request.form)
    done = form.validate() and attempt(
        form, services.decide, db(), current_actor(), exemption_id, form.action.data, form.reason.data
    )
    if not done:
        return _page(exemption_id, form, 422)
    flash_done(_l("Your decision is written down."))
    return see_other("exemptions.show", exemption_id=exemption_id)


@bp.get("/<uuid:exemption_id>/paper")
@access(Permission.BAN_EXEMPT)
def paper(exemption_id: UUID) -> ResponseReturnValue:
    found = policies.find(db(), current_actor(), exemption_id)
    note_reading(current_actor(), ("ban_exemption", found.id), purpose="paper")
    return sent_file(download(db(), found.file_id, "exemption", asked_picture()))
