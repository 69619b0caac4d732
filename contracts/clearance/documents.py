"""The departure clearance as PDF, and what its QR stands for."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.clearance.models import DepartureClearance
from contracts.clearance.services import TOKEN_TYPE, token
from contracts.clearance.status import ClearanceStatus
from contracts.clearance.watch import missing_grounds
from contracts.employment.models import EmploymentContract
from core.db import legal_today
from core.documents import qr_svg_text, render_pdf
from core.i18n import _l, format_date
from core.settings import current
from core.verification import Answer, Verification, verifier
from law.country import deployment
from migrants.registration.queries import display_names


def clearance_url(clearance: DepartureClearance) -> str:
    """What the QR holds."""
    return f"{current().public_url}/verify/{token(clearance)}"


def clearance_pdf(session: Session, clearance: DepartureClearance) -> bytes:
    """The clearance as PDF."""
    contract = session.get_one(EmploymentContract, clearance.contract_id)
    return render_pdf(
        "clearance.typ",
        {
            "ministry": deployment().ministry,
            "title": deployment().clearance_name,
            "reference": clearance.reference,
            "name": display_names(session, [clearance.migrant_id])[clearance.migrant_id],
            "country": str(contract.terms["country"]),
            "employer": str(contract.terms["employer"]),
            "post": str(contract.terms["post"]),
            "valid_until": clearance.valid_until.isoformat() if clearance.valid_until else "",
            "qr": qr_svg_text(clearance_url(clearance)),
        },
    )


NO_SUCH = Verification(
    Answer.NOT_OURS,
    _l("This is not one of our documents"),
    _l("The code is signed by us, but there is no such clearance."),
)


@verifier(TOKEN_TYPE)
def verify_clearance(session: Session, claims: Mapping[str, Any]) -> Verification:
    """Valid while granted and not run out; otherwise why not."""
    try:
        clearance = session.get(DepartureClearance, UUID(str(claims["did"])))
    except (KeyError, ValueError):
        return NO_SUCH
    if clearance is None:
        return NO_SUCH
    facts = ((_l("Reference"), clearance.reference), (_l("Valid until"), format_date(clearance.valid_until)))
    if clearance.status is ClearanceStatus.DEPARTED:
        return Verification(
            Answer.REVOKED, _l("This clearance was used"), _l("The person has departed with it."), facts
        )
    if clearance.status is ClearanceStatus.SUPERSEDED:
        return Verification(
            Answer.REVOKED, _l("This clearance is not valid: replaced"),
            _l("The person has another contract since, and needs a clearance for that one."), facts,
        )  # fmt: skip
    if clearance.status in (ClearanceStatus.HELD, ClearanceStatus.STOPPED) or (
        clearance.status is ClearanceStatus.GRANTED and missing_grounds(session, clearance)
    ):
        return Verification(
            Answer.REVOKED, _l("This clearance is held"),
            _l("Something it stands on has fallen away: the person must not depart with it now. They did nothing wrong."), facts,
        )  # fmt: skip
    ran_out = clearance.valid_until is None or clearance.valid_until < legal_today(session)
    if clearance.status is not ClearanceStatus.GRANTED or ran_out:
        return Verification(
            Answer.REVOKED, _l("This clearance is not valid"), _l("It was revoked, or it has run out."), facts
        )
    return Verification(
        Answer.VALID, _l("This clearance is valid"), _l("The person may depart for the work named on the paper."), facts
    )
