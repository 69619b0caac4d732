"""The log against the tables: a leaf for every row, a row for every leaf, and the register says what its log says."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.register_log.checking import Checked, check
from agencies.register_log.heads import Head, read_head
from agencies.register_log.leaf import Leaf, of_event, text_of
from agencies.register_log.models import RegisterEvent, RegisterHead, RegisterLeaf
from agencies.register_log.standing import CLOSINGS, GONE
from agencies.registration.models import Agency
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SanctionStatus
from agencies.winding_down.models import WindingDown
from agencies.winding_down.status import WindingStatus
from core.db import db_now
from core.merkle import leaf_hash

# The seal runs each minute; what is older than this and not sealed was kept back.
LATE = timedelta(minutes=15)
NOT_PUBLIC = (SanctionStatus.PROPOSED, SanctionStatus.REJECTED)


def verify(session: Session, saved: Sequence[Head] = ()) -> Checked:
    """Check the log itself, its events, and the licence and sanction tables against it."""
    rows = session.scalars(select(RegisterLeaf).order_by(RegisterLeaf.index)).all()
    stored = session.scalars(select(RegisterHead).order_by(RegisterHead.number)).all()
    heads = [read_head(row.token) for row in stored]
    found = check([row.body for row in rows], heads, saved)
    for kept, head in zip(stored, heads, strict=True):
        if (kept.number, kept.size, kept.root, kept.at) != (head.number, head.size, head.root, head.at):
            found.say(f"Head {kept.number} says something else than what was signed: it was changed.")
    for row in rows:
        if leaf_hash(row.body.encode()) != row.hash:
            found.say(f"Entry {row.index} does not have the hash that stands beside it: it was changed.")
    everything = _events(session, rows, found)
    _licences(session, everything, found)
    _orders(session, everything, found)
    _closings(session, everything, found)
    return found


def _events(session: Session, rows: Sequence[RegisterLeaf], found: Checked) -> list[Leaf]:
    """Every event in the order of the log, those that wait for the seal last; each compared with its leaf."""
    events = {event.id: event for event in session.scalars(select(RegisterEvent).order_by(RegisterEvent.id))}
    ordered: list[Leaf] = []
    for row, leaf in zip(rows, found.leaves, strict=True):
        event = events.pop(row.event_id, None)
        if event is None:
            found.say(f"The event behind entry {row.index} was deleted.")
        elif leaf is not None and text_of(of_event(event, leaf.index, leaf.previous)) != row.body:
            found.say(f"The event behind entry {row.index} is not the one that was sealed: it was changed.")
        if leaf is not None:
            ordered.append(leaf)
    floor = db_now(session) - LATE
    for event in events.values():
        if event.recorded_at < floor:
            found.say(f"Event {event.id} of {event.recorded_at:%Y-%m-%d %H:%M} was never sealed, or was dated back.")
        ordered.append(of_event(event))
    return ordered


def _licences(session: Session, leaves: Sequence[Leaf], found: Checked) -> None:
    told = {leaf.licence: leaf for leaf in leaves if leaf.licence is not None}
    rows = session.execute(
        select(Licence.number, Licence.status, Licence.valid_until, Licence.licence_class, Agency.reference).join(
            Agency, Agency.id == Licence.agency_id
        )
    ).all()
    for number, status, until, licence_class, reference in rows:
        leaf = told.pop(number, None)
        if leaf is None:
            found.say(f"The register has licence {number}, which is not in the log.")
            continue
        for what, here, there in (
            ("status", str(status), leaf.status),
            ("last day", until, leaf.until),
            ("class", licence_class, leaf.licence_class),
            ("agency", reference, leaf.agency),
        ):
            if here != there:
                found.say(f"The register says of {number}: {what} {here}; its log says {there}.")
    for number, leaf in told.items():
        if leaf.status != GONE:
            found.say(f"The log has licence {number}, which the register does not have any more.")


def _orders(session: Session, leaves: Sequence[Leaf], found: Checked) -> None:
    told = {leaf.order: leaf for leaf in leaves if leaf.licence is None and leaf.order is not None}
    rows = session.execute(
        select(
            Sanction.reference, Sanction.status, Sanction.last_day, Sanction.kind, Agency.reference.label("agency")
        ).join(Agency, Agency.id == Sanction.agency_id)
    ).all()
    for reference, status, last_day, kind, agency in rows:
        leaf = told.pop(reference, None)
        if leaf is None:
            if status not in NOT_PUBLIC:
                found.say(f"The register has order {reference}, which is not in the log.")
            continue
        for what, here, there in (
            ("status", str(status), leaf.status),
            ("last day", last_day, leaf.until),
            ("kind", str(kind), leaf.order_kind),
            ("agency", agency, leaf.agency),
        ):
            if here != there:
                found.say(f"The register says of order {reference}: {what} {here}; its log says {there}.")
    for reference, leaf in told.items():
        if leaf.status != GONE:
            found.say(f"The log has order {reference}, which the register does not have any more.")


def _closings(session: Session, leaves: Sequence[Leaf], found: Checked) -> None:
    """A closed winding-down file and its last leaf say the same: closed, and whether money stays unpaid."""
    told = {leaf.order: leaf for leaf in leaves if leaf.event in CLOSINGS}
    rows = session.execute(
        select(WindingDown.reference, WindingDown.unpaid_minor).where(WindingDown.status == WindingStatus.CLOSED)
    ).all()
    for reference, unpaid in rows:
        leaf = told.get(reference)
        if leaf is None:
            found.say(f"The register has the closing {reference}, which is not in the log.")
        elif (leaf.event == "closed_unpaid") != (unpaid > 0):
            here = "money unpaid" if unpaid else "everything settled"
            found.say(f"The register says of the closing {reference}: {here}; its log says {leaf.event}.")
