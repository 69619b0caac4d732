"""Sealing each minute; bringing heads elsewhere each day, place by place, tried again when one fails."""

from sqlalchemy.orm import Session

from agencies.register_log.models import RegisterHead
from agencies.register_log.places import places
from agencies.register_log.services import anchor, seal
from core.jobs import enqueue, every, job


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


@job("register_log.anchor_head")
def anchor_head(session: Session, place: str, number: int) -> None:
    """Bring one head to one place. May run twice: what is there already is left."""
    chosen = places().get(place)
    if chosen is not None:
        anchor(session, session.get_one(RegisterHead, number), chosen)
