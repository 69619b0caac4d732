"""Pages of an agency for its security: what is held, what is to do, sending a paper."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response

from agencies.licensing.status import SecurityKind
from agencies.registration import policies as agencies
from agencies.security import downloads, instruments, queries
from agencies.security.forms import PaperForm
from agencies.security.status import (
    CAUSE_TITLES,
    CLAIM_TITLES,
    DEMAND_TITLES,
    ENTRY_TITLES,
    INSTRUMENT_TITLES,
    KIND_TITLES,
    PROPOSAL_STATES,
    PROPOSAL_TITLES,
    STANDING,
)
from core.i18n import gettext as _
from core.permissions import ClerkRight, Permission, SubjectKind
from core.web import (
    access,
    asked_picture,
    attempt,
    current_actor,
    db,
    flash_done,
    page,
    see_other,
    sent_file,
    signed_in,
)
from law.country import deployment

blueprint = Blueprint("security", __name__)
TITLES = {
    "paper_kinds": KIND_TITLES,
    "paper_states": INSTRUMENT_TITLES,
    "entry_titles": ENTRY_TITLES,
    "demand_states": DEMAND_TITLES,
    "causes": CAUSE_TITLES,
    "claim_states": CLAIM_TITLES,
    "proposal_titles": PROPOSAL_TITLES,
    "proposal_states": PROPOSAL_STATES,
}


def paper_form(values: object, seen: queries.File) -> PaperForm:
    """The form of a bank paper, with the guarantees that it can take the place of."""
    form = PaperForm(values)
    form.offer([(p.id, p.label) for p in seen.papers if p.status in STANDING and p.kind is SecurityKind.GUARANTEE])
    return form


@blueprint.get("/agencies/<uuid:agency_id>/security")
@access(Permission.AGENCY_OWN)
def account(agency_id: UUID) -> ResponseReturnValue:
    agency = agencies.find_own(db(), current_actor(), agency_id)
    return page(
        "security/account.html",
        agency=agency,
        s=queries.file_of(db(), agency_id),
        may_send=current_actor().acts_for(SubjectKind.AGENCY, agency_id, ClerkRight.APPLY),
        **TITLES,
    )


@blueprint.get("/agencies/<uuid:agency_id>/security/paper")
@access(Permission.AGENCY_OWN)
def paper(agency_id: UUID) -> ResponseReturnValue:
    return _paper_page(agency_id, None, 200)


def _paper_page(agency_id: UUID, form: PaperForm | None, status: int) -> Response:
    agency = agencies.find_own(db(), current_actor(), agency_id, ClerkRight.APPLY)
    form = form or paper_form(None, queries.file_of(db(), agency_id))
    return page("security/paper.html", status, agency=agency, form=form, currency=deployment().currency)


@blueprint.post("/agencies/<uuid:agency_id>/security/paper")
@access(Permission.AGENCY_OWN)
def send_paper(agency_id: UUID) -> ResponseReturnValue:
    agencies.find_own(db(), current_actor(), agency_id, ClerkRight.APPLY)
    sent: CombinedMultiDict[str, Any] = CombinedMultiDict([request.form, request.files])
    form = paper_form(sent, queries.file_of(db(), agency_id))
    done = form.validate() and attempt(form, _lodge, agency_id, form)
    if not done:
        return _paper_page(agency_id, form, 422)
    flash_done(_("The paper was sent. It counts once the bank has confirmed it."))
    return see_other("security.account", agency_id=agency_id)


def _lodge(agency_id: UUID, form: PaperForm) -> object:
    return instruments.lodge(db(), current_actor(), agency_id, form.command(deployment().currency))


@blueprint.get("/securities/<uuid:instrument_id>/<any(letter, answer):which>")
@signed_in
def download_bank(instrument_id: UUID, which: str) -> ResponseReturnValue:
    return sent_file(downloads.bank(db(), current_actor(), instrument_id, which, asked_picture()))


@blueprint.get("/securities/claims/<uuid:claim_id>/award")
@signed_in
def download_award(claim_id: UUID) -> ResponseReturnValue:
    return sent_file(downloads.award(db(), current_actor(), claim_id, asked_picture()))


@blueprint.get("/securities/releases/<uuid:proposal_id>")
@signed_in
def download_release(proposal_id: UUID) -> ResponseReturnValue:
    return sent_file(downloads.release(db(), current_actor(), proposal_id))
