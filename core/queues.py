"""Work that waits for staff: each package offers its queues, the staff home shows those the actor may work on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.actor import Actor
from core.listing import AnySelect, fetch_page
from core.permissions import Permission


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One waiting record. ``label`` must be safe on a shared screen: an agency's name, never a migrant's."""

    reference: str
    label: str
    received_at: datetime | None
    due_on: date | None
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class QueuePage:
    """How many wait, and one page of them, the longest waiting first; ``next_cursor`` is None on the last."""

    total: int
    rows: Sequence[QueueRow]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of one permission.

    ``query`` selects all that waits where the actor reaches, in no order; ``keys`` are columns that it selects, by which
    it is ordered, the last one unique; ``row`` makes a line for people of what the query gives.
    """

    name: str
    title: Any
    permission: Permission
    query: Callable[[Actor], AnySelect]
    keys: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]]
    row: Callable[[Any], QueueRow]


def fetch(session: Session, queue: Queue, actor: Actor, *, limit: int, cursor: str | None = None) -> QueuePage:
    """One page of a queue.

    :raises DomainError: when the cursor is none of ours.
    """
    query = queue.query(actor)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    found = fetch_page(session, query, queue.keys, cursor=cursor, limit=limit)
    return QueuePage(total, [queue.row(r) for r in found.rows], found.next_cursor)
