"""Making the licence: number, signed token, document."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing import rules
from agencies.licensing.models import LICENCE_SERIAL, Licence, LicenceApplication
from agencies.licensing.numbers import format_number
from agencies.licensing.status import LICENCE, LicenceStatus
from agencies.registration.models import Agency
from core import audit
from core.actor import SYSTEM, Actor
from core.db import legal_today
from core.documents import qr_svg_text, render_pdf
from core.errors import DomainError
from core.files import keep
from core.i18n import _l, bikram_sambat, in_locale
from core.ids import new_id
from core.settings import current
from core.signing import sign_token
from law.country import deployment

TOKEN_TYPE = "licence"  # noqa: S105 -- the type of a signed document


def issue_licence(session: Session, actor: Actor, application: LicenceApplication, agency: Agency) -> Licence:
    """The licence of an approved application. The agency is locked; one licence at a time is in force.

    :raises DomainError: when the last day has passed meanwhile, or a suspended licence stands in the way.
    """
    today = legal_today(session)
    if application.valid_until is None or application.valid_until <= today:
        raise DomainError(_l("The last day of the licence has passed. The approver must decide again."))
    before = session.scalars(
        select(Licence)
        .where(Licence.agency_id == agency.id, Licence.status.in_([LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED]))
        .with_for_update()
    ).one_or_none()
    if before is not None and before.status is LicenceStatus.SUSPENDED:
        raise DomainError(_l("The agency’s licence is suspended. That must be settled first."))
    if before is not None:
        LICENCE.apply(session, before, "expire", actor=SYSTEM, reason="replaced by a new licence")
    serial = int(session.scalars(select(LICENCE_SERIAL.next_value())).one())
    licence = new_licence(application, agency, serial=serial, issued_on=today)
    session.add(licence)
    session.flush()
    keep_document(session, actor, licence, agency)
    audit.record(
        session, actor, subject=("licence", licence.id), action="issue",
        evidence={"application_id": application.id, "number": licence.number, "document_id": licence.document_id},
    )  # fmt: skip
    return licence


def keep_document(session: Session, actor: Actor, licence: Licence, agency: Agency) -> None:
    """Print the licence as it stands now, and keep the paper as its document."""
    document = render_pdf("licence.typ", document_data(licence, agency))
    licence.document_id = keep(
        session, actor, document, media_type="application/pdf", purpose="licence.document",
        person_key_id=agency.person_key_id,
    ).id  # fmt: skip
    session.flush()


def new_licence(application: LicenceApplication, agency: Agency, *, serial: int, issued_on: date) -> Licence:
    """The record with its number and its signed token; nothing in the token is not printed on the licence."""
    assert application.valid_until is not None
    number = format_number(serial, issued_on, prefix=rules.prefix(), calendar=rules.calendar())
    licence_id = new_id()
    return Licence(
        id=licence_id,
        agency_id=agency.id,
        application_id=application.id,
        number=number,
        serial=serial,
        licence_class=application.licence_class or "",
        issued_on=issued_on,
        valid_until=application.valid_until,
        token=licence_token(licence_id, number, agency, issued_on, application.valid_until),
    )


def licence_token(licence_id: UUID, number: str, agency: Agency, issued_on: date, valid_until: date) -> str:
    """What the QR holds: enough to read the licence without a network and to find its state with one."""
    claims: dict[str, Any] = {
        "iss": current().public_url,
        "lid": licence_id,
        "num": number,
        "name": agency.name,
        "from": issued_on,
        "until": valid_until,
    }
    return sign_token(claims, typ=TOKEN_TYPE)


def verify_url(token: str) -> str:
    return f"{current().public_url}/verify/{token}"


def document_data(licence: Licence, agency: Agency) -> dict[str, Any]:
    """Plain values for the document's template, in English and in the country's language."""
    country = deployment()
    with in_locale("ne"):
        bs = {"issued": bikram_sambat(licence.issued_on), "until": bikram_sambat(licence.valid_until)}
    return {
        "number": licence.number,
        "name": agency.name,
        "name_local": agency.name_local or "",
        "licence_class": licence.licence_class,
        "district": agency.district or "",
        "issued_on": licence.issued_on.isoformat(),
        "valid_until": licence.valid_until.isoformat(),
        "bs": bs,
        "ministry": country.ministry,
        "country": country.names,
        "reference": agency.reference,
        "qr": qr_svg_text(verify_url(licence.token or "")),
        "check_url": f"{current().public_url}/check",
    }
