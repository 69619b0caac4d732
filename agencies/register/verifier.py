"""What the QR of a licence stands for now."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing.issue import TOKEN_TYPE
from agencies.licensing.models import Licence
from agencies.licensing.queries import STANDING_REASONS, standing_on
from agencies.licensing.status import Standing
from agencies.registration.models import Agency
from agencies.sanctions.queries import blacklisted
from core.db import legal_today
from core.i18n import _l, format_date
from core.verification import Answer, Verification, verifier

NOT_OURS = Verification(
    Answer.NOT_OURS,
    _l("This is not one of our documents"),
    _l("The code is signed by us, but the register has no such licence."),
)


@verifier(TOKEN_TYPE)
def verify_licence(session: Session, claims: Mapping[str, Any]) -> Verification:
    """Valid while this very licence is in force; otherwise revoked, and why. The register decides, not the token."""
    try:
        licence_id = UUID(str(claims["lid"]))
    except (KeyError, ValueError):
        return NOT_OURS
    row = session.execute(
        select(Licence, Agency.name, blacklisted())
        .join(Agency, Agency.id == Licence.agency_id)
        .where(Licence.id == licence_id)
    ).one_or_none()
    if row is None:
        return NOT_OURS
    licence, name, listed = row
    standing = standing_on(
        legal_today(session), is_blacklisted=bool(listed), status=licence.status, valid_until=licence.valid_until
    )
    facts = (
        (_l("Agency"), name),
        (_l("Licence number"), licence.number),
        (_l("Valid until"), format_date(licence.valid_until)),
    )
    if standing is Standing.LICENSED:
        return Verification(Answer.VALID, _l("This licence is valid"), STANDING_REASONS[standing], facts)
    return Verification(Answer.REVOKED, _l("This licence is not valid"), STANDING_REASONS[standing], facts)
