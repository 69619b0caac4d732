"""The officers' file of one agency's security: papers, claims, demands, ledger, and what needs two officers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from agencies.registration import policies as agencies
from agencies.security import claims, instruments, policies, proposals, queries
from agencies.security.drawing import CLAIMS, PAPERS, PROPOSALS
from agencies.security.forms import AnswerForm, ClaimForm, GrantForm, NoForm, ReasonForm
from agencies.security.models import SecurityClaim, SecurityInstrument, SecurityProposal
from agencies.security.status import ADDING, ProposalKind
from agencies.security.views import TITLES, paper_form
from core.accounts import account_names
from core.forms import Form
from core.i18n import gettext as _
from core.permissions import Permission
from core.web import access, attempt, current_actor, db, flash_done, page, see_other
from law.country import deployment

blueprint = Blueprint("securities", __name__, url_prefix="/licensing")
P = Permission


@blueprint.get("/agencies/<uuid:agency_id>/security")
@access(*policies.SEERS)
def file(agency_id: UUID) -> ResponseReturnValue:
    return _page(agency_id, None, "", 200)


def _page(agency_id: UUID, refused: Form | None, key: str, status: int) -> Response:
    """``key`` names the form that was refused, so that it is shown as it was typed."""
    actor, agency = current_actor(), policies.file_agency(db(), current_actor(), agency_id)
    seen = queries.file_of(db(), agency_id, payees=actor.can(P.SECURITY_RECORD) or actor.can(P.SANCTION_DECIDE))
    forms: dict[str, Form] = {"paper": paper_form(None, seen), "claim": ClaimForm()}
    forms |= {f"answer-{p.id}": AnswerForm() for p in seen.papers}
    forms |= {f"grant-{c.id}": GrantForm(data={"amount": c.amount.to_decimal()}) for c in seen.claims}
    if refused is not None:
        forms[key] = refused
    for name, form in forms.items():
        # Several forms stand on the page: each field's id says to which it belongs.
        for field in form:
            field.id = f"{field.id}-{name}"
    may = {p: actor.can(p, agency.office_id) for p in (P.SECURITY_RECORD, P.SANCTION_PROPOSE)}
    return page(
        "security/file.html",
        status,
        agency=agency,
        s=seen,
        forms=forms,
        refused=refused,
        may_finance=may[P.SECURITY_RECORD],
        may_claim=may[P.SECURITY_RECORD] or may[P.SANCTION_PROPOSE],
        tie=agencies.tie_words(db(), actor, agency_id),
        held=PAPERS.holders(db(), actor, seen.papers)
        | CLAIMS.holders(db(), actor, seen.claims)
        | PROPOSALS.holders(db(), actor, seen.proposals),
        hindrances=proposals.may_release(db(), agency_id),
        people=account_names(db(), seen.people),
        fixed=proposals.FIXED,
        adding=ADDING,
        **TITLES,
    )


def _act(agency_id: UUID, form: Form, key: str, run: Callable[[], Any]) -> ResponseReturnValue:
    done = form.validate() and attempt(form, run)
    if not done:
        return _page(agency_id, form, key, 422)
    flash_done(_("Done."))
    return see_other("securities.file", agency_id=agency_id)


def _sent() -> CombinedMultiDict[str, Any]:
    return CombinedMultiDict([request.form, request.files])


@blueprint.post("/agencies/<uuid:agency_id>/security/papers")
@access(P.SECURITY_RECORD)
def record_new(agency_id: UUID) -> ResponseReturnValue:
    agencies.find(db(), current_actor(), agency_id)
    form = paper_form(_sent(), queries.file_of(db(), agency_id))
    currency = deployment().currency
    return _act(
        agency_id, form, "paper",
        lambda: instruments.record_new(db(), current_actor(), agency_id, form.command(currency)),
    )  # fmt: skip


@blueprint.post("/securities/<uuid:instrument_id>/<any(record, return, ask, answer):action>")
@access(P.SECURITY_RECORD)
def paper(instrument_id: UUID, action: str) -> ResponseReturnValue:
    """One step of one bank paper; the service checks who, when and why."""
    actor = current_actor()
    policies.seen(db(), actor, SecurityInstrument, instrument_id)
    agency_id = policies.agency_of(db(), SecurityInstrument, instrument_id)
    form: Any = {"return": ReasonForm, "answer": AnswerForm}.get(action, NoForm)(_sent())
    steps: dict[str, Callable[[], Any]] = {
        "record": lambda: instruments.record(db(), actor, instrument_id),
        "return": lambda: instruments.return_paper(db(), actor, instrument_id, form.reason.data),
        "ask": lambda: instruments.ask(db(), actor, instrument_id),
        "answer": lambda: instruments.answer(db(), actor, instrument_id, form.command()),
    }
    return _act(agency_id, form, f"{action}-{instrument_id}", steps[action])


@blueprint.post("/agencies/<uuid:agency_id>/security/claims")
@access(*policies.MAY_CLAIM)
def file_claim(agency_id: UUID) -> ResponseReturnValue:
    agencies.find(db(), current_actor(), agency_id)
    form, currency = ClaimForm(_sent()), deployment().currency
    return _act(
        agency_id, form, "claim",
        lambda: claims.file_claim(db(), current_actor(), agency_id, form.command(currency)),
    )  # fmt: skip


@blueprint.post("/securities/claims/<uuid:claim_id>/<any(grant, reject, pay):action>")
@access(P.SANCTION_DECIDE, P.SECURITY_RECORD)
def claim(claim_id: UUID, action: str) -> ResponseReturnValue:
    """Granting and rejecting are for one officer, paying for another; each service asks who it is."""
    actor = current_actor()
    policies.seen(db(), actor, SecurityClaim, claim_id)
    agency_id = policies.agency_of(db(), SecurityClaim, claim_id)
    form: Any = {"grant": GrantForm, "reject": ReasonForm}.get(action, NoForm)(request.form)
    steps: dict[str, Callable[[], Any]] = {
        "grant": lambda: claims.grant(db(), actor, claim_id, form.command(deployment().currency)),
        "reject": lambda: claims.reject(db(), actor, claim_id, form.reason.data),
        "pay": lambda: claims.pay(db(), actor, claim_id),
    }
    return _act(agency_id, form, f"{action}-{claim_id}", steps[action])


@blueprint.post("/agencies/<uuid:agency_id>/security/<any(release, forfeiture):kind>")
@access(P.SECURITY_RECORD)
def propose(agency_id: UUID, kind: str) -> ResponseReturnValue:
    agencies.find(db(), current_actor(), agency_id)
    form, wanted = ReasonForm(request.form), ProposalKind(kind)
    return _act(
        agency_id, form, kind,
        lambda: proposals.propose(db(), current_actor(), agency_id, wanted, form.reason.data),
    )  # fmt: skip


@blueprint.post("/agencies/<uuid:agency_id>/security/entries/<uuid:entry_id>/correction")
@access(P.SECURITY_RECORD)
def correct(agency_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    agencies.find(db(), current_actor(), agency_id)
    form, kind = ReasonForm(request.form), ProposalKind.CORRECTION
    return _act(
        agency_id, form, f"correct-{entry_id}",
        lambda: proposals.propose(db(), current_actor(), agency_id, kind, form.reason.data, entry_id=entry_id),
    )  # fmt: skip


@blueprint.post("/securities/proposals/<uuid:proposal_id>/<any(accept, reject):action>")
@access(P.SECURITY_RECORD, P.SANCTION_DECIDE)
def decide(proposal_id: UUID, action: str) -> ResponseReturnValue:
    """The second officer's word."""
    actor = current_actor()
    policies.seen(db(), actor, SecurityProposal, proposal_id)
    agency_id = policies.agency_of(db(), SecurityProposal, proposal_id)
    form = ReasonForm(request.form)
    return _act(
        agency_id, form, f"{action}-{proposal_id}",
        lambda: proposals.decide(db(), actor, proposal_id, action, form.reason.data),
    )  # fmt: skip
