"""The card of a branch or representative: number, signed token, document with the words that a worker must know."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.branches.models import CARD_SERIAL, Presence, PresenceCard
from agencies.branches.rules import card_until
from agencies.licensing.issue import verify_url
from agencies.licensing.queries import LicenceStanding
from agencies.registration.models import Agency
from core import audit
from core.actor import Actor
from core.db import legal_today
from core.documents import qr_svg_text, render_pdf
from core.errors import DomainError
from core.files import keep
from core.i18n import _l
from core.ids import new_id
from core.settings import current
from core.signing import sign_token
from law.country import deployment


def issue_card(
    session: Session, actor: Actor, presence: Presence, agency: Agency, licence: LicenceStanding
) -> PresenceCard:
    """A new card; the one before is void from today. The presence and the licence are locked, the licence is in force.

    :raises DomainError: when the licence ends today, so that no card could last until tomorrow.
    """
    today = legal_today(session)
    assert licence.valid_until is not None
    until = card_until(presence.kind, presence.country, today, licence.valid_until)
    if until <= today:
        raise DomainError(_l("The licence of the agency ends today. Renew it first."))
    revoke_card(session, presence.id, today)
    serial = int(session.scalars(select(CARD_SERIAL.next_value())).one())
    number = f"{presence.reference}/{serial}"
    card_id = new_id()
    card = PresenceCard(
        id=card_id,
        presence_id=presence.id,
        number=number,
        issued_on=today,
        valid_until=until,
        issued_by=actor.require_account(),
        token=sign_token(claims(card_id, number, presence, agency, today, until), typ=presence.kind.value),
    )
    session.add(card)
    session.flush()
    document = render_pdf("presence_card.typ", document_data(card, presence, agency, licence.licence_number or ""))
    card.document_id = keep(
        session, actor, document, media_type="application/pdf", purpose="presence.card",
        person_key_id=presence.person_key_id,
    ).id  # fmt: skip
    session.flush()
    audit.record(
        session, actor, subject=("agency_presence", presence.id), action="issue_card",
        evidence={"card_id": card.id, "number": number, "valid_until": until, "document_id": card.document_id},
    )  # fmt: skip
    return card


def revoke_card(session: Session, presence_id: UUID, today: date) -> None:
    """The open card is void from today."""
    card = session.scalars(
        select(PresenceCard)
        .where(PresenceCard.presence_id == presence_id, PresenceCard.revoked_on.is_(None))
        .with_for_update()
    ).one_or_none()
    if card is not None:
        card.revoked_on = today
        session.flush()


def paper_end(presence: Presence) -> str:
    """The last characters of the identity paper: enough to hold it beside the card, too few to use."""
    return f"…{(presence.identifier or '')[-4:]}"


def claims(card_id: UUID, number: str, presence: Presence, agency: Agency, today: date, until: date) -> dict[str, Any]:
    """What the QR holds: no more than the card shows, so that a copied code betrays itself offline, too."""
    return {
        "iss": current().public_url,
        "cid": card_id,
        "num": number,
        "name": presence.name,
        "paper": paper_end(presence),
        "place": presence.place,
        "agency": agency.name,
        "from": today,
        "until": until,
    }


def document_data(card: PresenceCard, presence: Presence, agency: Agency, licence_number: str) -> dict[str, Any]:
    country = deployment()
    return {
        "kind": presence.kind.value,
        "number": card.number,
        "name": presence.name,
        "paper": paper_end(presence),
        "place": presence.place,
        "country": country.destination_name(presence.country) if presence.country else "",
        "agency": agency.name,
        "licence": licence_number,
        "issued_on": card.issued_on.isoformat(),
        "valid_until": card.valid_until.isoformat(),
        "ministry": country.ministry["en"],
        "qr": qr_svg_text(verify_url(card.token)),
        "check_url": f"{current().public_url}/check",
    }
