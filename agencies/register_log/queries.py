"""What pages, addresses and the command line read of the register's log."""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agencies.licensing.numbers import matches, parse_number
from agencies.register_log.leaf import Leaf, of_event, read
from agencies.register_log.models import RegisterAnchor, RegisterEvent, RegisterHead, RegisterLeaf
from agencies.registration.models import Agency
from core.merkle import Tree

MOST = 1000
_lock = threading.Lock()
_trees: dict[str, Tree] = {}


def tree_under(session: Session, head: RegisterHead) -> Tree:
    """The tree with at least the leaves under ``head``. Each process keeps its own and adds what is new."""
    database = session.scalars(select(func.current_database())).one()
    with _lock:
        held = _trees.get(database) or Tree()
        if held.size < head.size:
            _add(session, held, head.size)
        if held.size < head.size or held.root(head.size) != head.root:
            held = Tree()
            _add(session, held, head.size)
        _trees.clear()
        _trees[database] = held
        return held


def _add(session: Session, tree: Tree, size: int) -> None:
    for found in session.scalars(
        select(RegisterLeaf.hash)
        .where(RegisterLeaf.index >= tree.size, RegisterLeaf.index < size)
        .order_by(RegisterLeaf.index)
    ):
        tree.add(found)


def head_of_size(session: Session, size: int) -> RegisterHead | None:
    """The first head over exactly this many leaves."""
    query = select(RegisterHead).where(RegisterHead.size == size).order_by(RegisterHead.number).limit(1)
    return session.scalars(query).one_or_none()


def heads_from(session: Session, first: int, limit: int) -> Sequence[RegisterHead]:
    """Heads in order, from a number on."""
    return session.scalars(
        select(RegisterHead).where(RegisterHead.number >= first).order_by(RegisterHead.number).limit(limit)
    ).all()


def leaves_from(session: Session, start: int, end: int) -> Sequence[RegisterLeaf]:
    """Sealed leaves ``start`` up to, not including, ``end``."""
    return session.scalars(
        select(RegisterLeaf)
        .where(RegisterLeaf.index >= start, RegisterLeaf.index < end)
        .order_by(RegisterLeaf.index)
        .limit(MOST)
    ).all()


def newest_leaf_of(session: Session, number: str) -> int | None:
    """The index of the newest sealed leaf that names this licence."""
    return session.scalar(
        select(func.max(RegisterLeaf.index))
        .join(RegisterEvent, RegisterEvent.id == RegisterLeaf.event_id)
        .where(RegisterEvent.licence == number)
    )


def index_of_hash(session: Session, digest: bytes) -> int | None:
    return session.scalar(select(RegisterLeaf.index).where(RegisterLeaf.hash == digest).limit(1))


def licence_number(session: Session, text: str) -> str | None:
    """The licence number in the log that a person meant, written in any of the usual ways; the newest of several."""
    exact = session.scalar(select(RegisterEvent.licence).where(RegisterEvent.licence == text.strip()).limit(1))
    meant = parse_number(text)
    if exact is not None or meant is None:
        return exact
    near = session.execute(
        select(RegisterEvent.licence, func.max(RegisterEvent.id).label("newest"))
        .where(RegisterEvent.event == "issued", RegisterEvent.licence.like(f"%{meant.serial}/%"))
        .group_by(RegisterEvent.licence)
        .order_by(func.max(RegisterEvent.id).desc())
        .limit(200)
    ).all()
    for number in (str(row[0]) for row in near):
        serial = re.search(r"([0-9]+)/[0-9]+$", number)
        if serial and matches(meant, int(serial[1]), number):
            return number
    return None


@dataclass(frozen=True, slots=True)
class History:
    """Every leaf of the agency that held a licence, sealed or waiting for the seal, in the order of the log."""

    number: str
    agency: str
    name: str | None
    leaves: tuple[Leaf, ...]


def history(session: Session, text: str) -> History | None:
    """What the log says of the agency with this licence number."""
    number = licence_number(session, text)
    if number is None:
        return None
    reference = session.scalars(
        select(RegisterEvent.agency).where(RegisterEvent.licence == number).order_by(RegisterEvent.id.desc()).limit(1)
    ).one()
    name = session.scalar(select(Agency.name).where(Agency.reference == reference))
    return History(number, reference, name, tuple(leaves_of(session, reference)))


def leaves_of(session: Session, reference: str) -> list[Leaf]:
    """The leaves of one agency: sealed ones as their text says, others as they will be."""
    rows = session.execute(
        select(RegisterEvent, RegisterLeaf.body)
        .outerjoin(RegisterLeaf, RegisterLeaf.event_id == RegisterEvent.id)
        .where(RegisterEvent.agency == reference)
        .order_by(RegisterLeaf.index.asc().nulls_last(), RegisterEvent.id)
        .limit(MOST)
    ).all()
    return [read(body) if body is not None else of_event(event) for event, body in rows]


@dataclass(frozen=True, slots=True)
class AnchorRow:
    """The newest head at one place."""

    place: str
    head_number: int
    size: int
    at: datetime


def newest_anchors(session: Session) -> list[AnchorRow]:
    """For each place, the newest head that was brought there."""
    newest = (
        select(RegisterAnchor.place, func.max(RegisterAnchor.head_number).label("number"))
        .group_by(RegisterAnchor.place)
        .subquery()
    )
    rows = session.execute(
        select(RegisterAnchor.place, RegisterAnchor.head_number, RegisterHead.size, RegisterAnchor.at)
        .join(newest, (newest.c.place == RegisterAnchor.place) & (newest.c.number == RegisterAnchor.head_number))
        .join(RegisterHead, RegisterHead.number == RegisterAnchor.head_number)
        .order_by(RegisterAnchor.place)
        .limit(10)
    )
    return [AnchorRow(*row) for row in rows]


def waiting(session: Session) -> int:
    """How many events wait for the seal."""
    sealed = select(RegisterLeaf.event_id).where(RegisterLeaf.event_id == RegisterEvent.id).exists()
    return session.scalars(select(func.count()).select_from(RegisterEvent).where(~sealed)).one()
