"""What the QR of a card stands for now. The holder's facts are shown either way: a copied code names somebody else."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.branches.cards import paper_end
from agencies.branches.models import Presence, PresenceCard
from agencies.branches.queries import standing
from agencies.branches.status import KIND_TITLES, PresenceKind
from agencies.registration.models import Agency
from core.db import legal_today
from core.i18n import _l, format_date
from core.verification import Answer, Verification, verifier

NOT_OURS = Verification(
    Answer.NOT_OURS,
    _l("This is not one of our documents"),
    _l("The code is signed by us, but no card has this number."),
)


def _verify(session: Session, claims: Mapping[str, Any], kind: PresenceKind) -> Verification:
    try:
        card_id = UUID(str(claims["cid"]))
    except (KeyError, ValueError):
        return NOT_OURS
    row = session.execute(
        select(PresenceCard, Presence, Agency.name)
        .join(Presence, Presence.id == PresenceCard.presence_id)
        .join(Agency, Agency.id == Presence.agency_id)
        .where(PresenceCard.id == card_id, Presence.kind == kind)
    ).one_or_none()
    if row is None:
        return NOT_OURS
    card, presence, agency = row
    found = standing(session, presence, card, legal_today(session))
    facts = (
        (KIND_TITLES[kind], presence.name or ""),
        (_l("Identity paper ends"), paper_end(presence)),
        (_l("Place"), presence.place),
        (_l("Agency"), agency),
        (_l("Card number"), card.number),
        (_l("Valid until"), format_date(card.valid_until)),
    )
    if found.good:
        return Verification(
            Answer.VALID,
            _l("This card is valid"),
            _l(
                "Only for the person named here: ask to see the identity paper. Whoever shows this card may hold neither "
                "your money nor your passport; the agency answers for what they do."
            ),
            facts,
        )
    return Verification(Answer.REVOKED, _l("This card is not valid"), found.reason, facts)


@verifier(PresenceKind.REPRESENTATIVE.value)
def verify_representative(session: Session, claims: Mapping[str, Any]) -> Verification:
    """A representative's card."""
    return _verify(session, claims, PresenceKind.REPRESENTATIVE)


@verifier(PresenceKind.BRANCH.value)
def verify_branch(session: Session, claims: Mapping[str, Any]) -> Verification:
    """A branch's card."""
    return _verify(session, claims, PresenceKind.BRANCH)
