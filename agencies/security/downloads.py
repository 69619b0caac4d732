"""Files of securities for those who may see them: letters to banks, answers, awards, releases."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.security import policies
from agencies.security.models import SecurityClaim, SecurityInstrument, SecurityProposal, SecurityVerification
from core.actor import Actor
from core.errors import NotVisible
from core.files import Download, download


def _for_staff(actor: Actor) -> None:
    if not actor.is_staff:
        raise NotVisible


def bank(session: Session, actor: Actor, instrument_id: UUID, which: str, picture: int | None = None) -> Download:
    """The newest ``letter`` to the bank about a paper, or its newest ``answer``; for officers only.

    :raises NotVisible: for everybody else, and when there is none.
    """
    _for_staff(actor)
    policies.seen(session, actor, SecurityInstrument, instrument_id)
    column = SecurityVerification.letter_id if which == "letter" else SecurityVerification.answer_id
    query = select(column).where(SecurityVerification.instrument_id == instrument_id, column.is_not(None))
    found = session.scalars(query.order_by(SecurityVerification.created_at.desc()).limit(1)).one_or_none()
    return download(session, found, f"bank-{which}", picture)


def award(session: Session, actor: Actor, claim_id: UUID, picture: int | None = None) -> Download:
    """The award's own text, which may name people: for officers only.

    :raises NotVisible: for everybody else.
    """
    _for_staff(actor)
    return download(session, policies.seen(session, actor, SecurityClaim, claim_id).file_id, "award", picture)


def release(session: Session, actor: Actor, proposal_id: UUID) -> Download:
    """The letter of release, for the agency too.

    :raises NotVisible: when the actor may not see the agency, or nothing was released.
    """
    return download(session, policies.seen(session, actor, SecurityProposal, proposal_id).letter_id, "release")
