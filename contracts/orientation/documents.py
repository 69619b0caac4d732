"""The certificate of orientation, and what its QR stands for."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.orientation.models import OrientationCentre, OrientationCertificate, OrientationSeat, OrientationSession
from core.db import legal_day
from core.documents import qr_svg_text, render_pdf
from core.i18n import _l, format_date
from core.settings import current
from core.signing import sign_token
from core.verification import Answer, Verification, verifier
from law.country import deployment
from migrants.registration.queries import display_names

TOKEN_TYPE = "orientation-certificate"  # noqa: S105 -- a document type


def token(certificate: OrientationCertificate) -> str:
    return sign_token({"cid": str(certificate.id), "ref": certificate.reference}, typ=TOKEN_TYPE)


def certificate_pdf(session: Session, certificate_id: UUID) -> bytes:
    """The certificate as PDF."""
    certificate = session.get_one(OrientationCertificate, certificate_id)
    row = session.execute(
        select(OrientationSession, OrientationCentre.name)
        .join(OrientationSeat, OrientationSeat.session_id == OrientationSession.id)
        .join(OrientationCentre, OrientationCentre.id == OrientationSession.centre_id)
        .where(OrientationSeat.id == certificate.seat_id)
    ).one()
    url = f"{current().public_url}/verify/{token(certificate)}"
    name = display_names(session, [certificate.migrant_id])[certificate.migrant_id]
    return render_pdf(
        "certificate.typ",
        {
            "ministry": deployment().ministry, "reference": certificate.reference, "name": name, "centre": row[1],
            "minutes": certificate.minutes, "issued_on": legal_day(certificate.created_at).isoformat(), "qr": qr_svg_text(url),
        },
    )  # fmt: skip


@verifier(TOKEN_TYPE)
def verify_certificate(session: Session, claims: Mapping[str, Any]) -> Verification:
    """Valid while it was not revoked; the register decides, not the paper."""
    try:
        certificate = session.get(OrientationCertificate, UUID(str(claims["cid"])))
    except (KeyError, ValueError):
        certificate = None
    if certificate is None:
        return Verification(
            Answer.NOT_OURS,
            _l("This is not one of our documents"),
            _l("The code is signed by us, but there is no such certificate."),
        )
    facts = ((_l("Reference"), certificate.reference), (_l("Made on"), format_date(legal_day(certificate.created_at))))
    if certificate.revoked_at is not None:
        return Verification(
            Answer.REVOKED, _l("This certificate is not valid"), _l("An inspector has revoked it."), facts
        )
    return Verification(
        Answer.VALID,
        _l("This certificate is valid"),
        _l("The person was checked in and out of the whole orientation."),
        facts,
    )
