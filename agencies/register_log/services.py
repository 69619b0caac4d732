"""Sealing: events become leaves with a place in the tree, and a signed head stands over them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from agencies.register_log.heads import sign_head
from agencies.register_log.leaf import FIRST_LINK, of_event, text_of
from agencies.register_log.models import RegisterAnchor, RegisterEvent, RegisterHead, RegisterLeaf
from agencies.register_log.port import Anchor
from core.errors import DomainError
from core.i18n import _l
from core.merkle import Tree, leaf_hash
from core.settings import current

# A transaction that began before this server did is over, whatever its id says: ids start anew in a restored database.
_READY = text(
    "(xid < pg_snapshot_xmin(pg_current_snapshot()) OR recorded_at < pg_postmaster_start_time())"
    " AND NOT EXISTS (SELECT FROM register_leaf WHERE event_id = register_event.id)"
)
_CLOCK = text(
    "SELECT clock_timestamp(), least(now(), coalesce((SELECT min(xact_start) FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_xid IS NOT NULL), now()))"
)


def last_head(session: Session) -> RegisterHead | None:
    """The newest signed head."""
    return session.scalars(select(RegisterHead).order_by(RegisterHead.number.desc()).limit(1)).one_or_none()


def seal(session: Session, *, refresh: bool = False) -> RegisterHead | None:
    """Seal every event below the transaction horizon under a new signed head; None when there is nothing new.

    Transactions commit out of order, so an event waits until every transaction that began before it is over. Events of
    one batch stand in the order in which they were written: those of one agency follow each other by its lock. One
    sealer at a time.

    :param refresh: sign a head also when nothing happened, so that it says "up to this moment".
    :raises DomainError: when leaves are missing or too many; a broken log is not built upon.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('openpassage.register.seal'))"))
    last = last_head(session)
    now, floor = session.execute(_CLOCK).one()
    events = session.scalars(select(RegisterEvent).where(_READY).order_by(RegisterEvent.id)).all()
    if not events and not (refresh and last):
        return None
    hashes = session.scalars(select(RegisterLeaf.hash).order_by(RegisterLeaf.index)).all()
    highest = session.scalars(select(func.max(RegisterLeaf.index))).one()
    if len(hashes) != (last.size if last else 0) or (hashes and highest != len(hashes) - 1):
        raise DomainError(_l("The register’s log is not whole: nothing was sealed. Run portal register verify."))
    tree = Tree(hashes)
    previous = hashes[-1].hex() if hashes else FIRST_LINK
    for event in events:
        body = text_of(of_event(event, tree.size, previous))
        digest = leaf_hash(body.encode())
        session.add(RegisterLeaf(index=tree.size, event_id=event.id, body=body, hash=digest))
        tree.add(digest)
        previous = digest.hex()
    head = _signed(last.number + 1 if last else 1, tree, now, floor)
    session.add(head)
    session.flush()
    return head


def _signed(number: int, tree: Tree, now: datetime, floor: datetime) -> RegisterHead:
    root = tree.root()
    token = sign_head(number, tree.size, root, now, floor, current().public_url)
    return RegisterHead(number=number, size=tree.size, root=root, at=now, floor=floor, token=token)


def anchored(session: Session, head_number: int, place: str) -> bool:
    """Whether this head is known to be at that place."""
    return session.get(RegisterAnchor, (head_number, place)) is not None


def anchor(session: Session, head: RegisterHead, place: Anchor) -> RegisterAnchor | None:
    """Bring a head to a place outside the operator's control and keep what came back; None when it is there already."""
    if anchored(session, head.number, place.name):
        return None
    earlier = session.scalars(select(RegisterLeaf.hash).order_by(RegisterLeaf.index)).all()
    receipt = place.keep(head.number, head.token, Tree(earlier))
    now = session.scalars(select(func.clock_timestamp())).one()
    kept = RegisterAnchor(head_number=head.number, place=place.name, at=now, receipt=receipt)
    session.add(kept)
    session.flush()
    return kept


@contextmanager
def taken_over(session: Session, day: date) -> Iterator[None]:
    """Mark what is written inside as taken over from an older register, in effect since ``day``.

    A licence's issue keeps its own day. The mark stands in the leaf for good: imported entries are not decisions made
    here, and a verifier lists the days on which they were recorded.
    """
    session.flush()
    _mark(session, day.isoformat())
    yield
    session.flush()
    _mark(session, "")


def _mark(session: Session, value: str) -> None:
    session.execute(text("SELECT set_config('openpassage.imported', :value, true)"), {"value": value})
