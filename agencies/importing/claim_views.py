"""Pages by which a licensee of the old register comes in: licence number and contact, the code, then the account."""

from uuid import UUID

from flask import Blueprint, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from agencies.importing import claiming
from agencies.importing.forms import AskForm, OwnerForm, PaperForm, PaperOwnerForm, ProveForm
from core.forms import Form
from core.i18n import gettext as _
from core.web import attempt, current_actor, db, flash_done, page, public, see_other, with_session_cookie

blueprint = Blueprint("claim", __name__, url_prefix="/agencies/claim")
KEY = "agency_claim"


def _held(stage: str) -> UUID | None:
    """The claim that this browser is at, when it has come as far as ``stage``: asked, proved or paper."""
    held = cookie.get(KEY)
    if not isinstance(held, dict) or held.get("stage") not in stage.split():
        return None
    return UUID(held["claim"])


def _hold(claim_id: UUID, stage: str) -> None:
    cookie[KEY] = {"claim": str(claim_id), "stage": stage}


@blueprint.get("")
@public
def ask() -> ResponseReturnValue:
    return page("importing/claim_ask.html", form=AskForm())


@blueprint.post("")
@public
def send_ask() -> ResponseReturnValue:
    """The same answer for everybody: the next page asks for the code."""
    form = AskForm(request.form)
    claim_id = form.validate() and attempt(form, claiming.ask, db(), form.command(), address=request.remote_addr or "")
    if not claim_id:
        return page("importing/claim_ask.html", 422, form=form)
    _hold(claim_id, "asked")
    return see_other("claim.code")


@blueprint.get("/code")
@public
def code() -> ResponseReturnValue:
    if _held("asked") is None:
        return see_other("claim.ask")
    return page("importing/claim_code.html", form=ProveForm())


@blueprint.post("/code")
@public
def send_code() -> ResponseReturnValue:
    claim_id = _held("asked")
    if claim_id is None:
        return see_other("claim.ask")
    form = ProveForm(request.form)
    if not (form.validate() and attempt(form, claiming.prove, db(), claim_id, form.code.data)):
        return page("importing/claim_code.html", 422, form=form)
    _hold(claim_id, "proved")
    return see_other("claim.account")


@blueprint.get("/paper")
@public
def paper() -> ResponseReturnValue:
    return page("importing/claim_paper.html", form=PaperForm())


@blueprint.post("/paper")
@public
def send_paper() -> ResponseReturnValue:
    form = PaperForm(request.form)
    claim_id = form.validate() and attempt(
        form,
        claiming.use_paper,
        db(),
        reference=form.reference.data,
        code=form.code.data,
        address=request.remote_addr or "",
    )
    if not claim_id:
        return page("importing/claim_paper.html", 422, form=form)
    _hold(claim_id, "paper")
    return see_other("claim.account")


def _form(data: object = None) -> OwnerForm:
    kind = PaperOwnerForm if _held("paper") is not None else OwnerForm
    return kind(data) if data is not None else kind()


def _account_page(form: Form, status: int) -> Response:
    return page("importing/claim_account.html", status, form=form, signed_in=current_actor().account_id is not None)


@blueprint.get("/account")
@public
def account() -> ResponseReturnValue:
    if _held("proved paper") is None:
        return see_other("claim.ask")
    return _account_page(_form(), 200)


@blueprint.post("/account")
@public
def send_account() -> ResponseReturnValue:
    claim_id = _held("proved paper")
    if claim_id is None:
        return see_other("claim.ask")
    actor, form = current_actor(), _form(request.form)
    if actor.account_id is not None:
        done = attempt(form, claiming.take_over, db(), claim_id, None, actor=actor)
    else:
        agent = request.headers.get("User-Agent", "")
        done = form.validate() and attempt(form, claiming.take_over, db(), claim_id, form.command(), agent=agent)
    if not done:
        return _account_page(form, 422)
    agency, token = done
    cookie.pop(KEY)
    flash_done(_("The agency is yours now. Look at what the old register says about it."))
    response = see_other("agency.show", agency_id=agency.id)
    return with_session_cookie(response, token) if token else response
