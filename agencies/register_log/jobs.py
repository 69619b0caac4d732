"""Sealing each minute; bringing heads elsewhere each day, place by place, tried again when one fails."""

import structlog
from sqlalchemy.orm import Session

from agencies.register_log import comparison
from agencies.register_log.models import RegisterHead
from agencies.register_log.places import places
from agencies.register_log.services import anchor, seal
from core.jobs import enqueue, every, job

log = structlog.get_logger()


@every("* * * * *", "register_log.seal")
def seal_events(session: Session) -> None:
    """Public changes of the last minute become leaves under a signed head."""
    seal(session)


@every("35 18 * * *", "register_log.anchor")
def anchor_daily(session: Session) -> None:
    """Sign a head as of now and queue one job for each place, so that a place that is away keeps no other waiting."""
    head = seal(session, refresh=True)
    if head is None:
        return
    for name in places():
        enqueue(session, "register_log.anchor_head", place=name, number=head.number)


@every("35 19 * * *", "register_log.compare")
def compare_keepers(session: Session) -> dict[str, int]:
    """Once heads were brought: do all keepers agree? The result stands in the audit log, and on the pages that show it."""
    compared = comparison.compare(session, places().values())
    comparison.note(session, compared)
    if not compared.agree:
        log.error("keepers of register heads disagree", found=len(compared.found))
    return {"keepers": len(compared.held), "found": len(compared.found)}


@job("register_log.anchor_head")
def anchor_head(session: Session, place: str, number: int) -> None:
    """Bring one head to one place. May run twice: what is there already is left."""
    chosen = places().get(place)
    if chosen is not None:
        anchor(session, session.get_one(RegisterHead, number), chosen)
