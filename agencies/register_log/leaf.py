"""A leaf of the register's log: the exact text that is hashed. docs/register-log.md says what each part means."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol

from core.audit import canonical
from core.db import legal_day

VERSION = 1
FIRST_LINK = "0" * 64
PARTS = frozenset(
    {
        "agency", "class", "day", "event", "imported", "index", "licence", "order", "order_kind", "previous", "recorded",
        "status", "until", "version",
    }
)  # fmt: skip


class Recorded(Protocol):
    """The columns of an event that a leaf is made of."""

    recorded_at: Any
    event: Any
    agency: Any
    licence: Any
    licence_class: Any
    order_reference: Any
    order_kind: Any
    status: Any
    until: Any
    day: Any
    imported: Any


@dataclass(frozen=True, slots=True)
class Leaf:
    """One public change, as its leaf says it. ``status`` is that of the licence, or of the order when no licence is named.

    ``index`` is None, and there is no link, while the event waits for its seal.
    """

    index: int | None
    event: str
    agency: str
    licence: str | None
    licence_class: str | None
    order: str | None
    order_kind: str | None
    status: str
    until: date | None
    day: date
    recorded: datetime
    imported: bool
    previous: str = ""


def instant(moment: datetime) -> str:
    """An instant as leaves and heads write it: UTC, microseconds, Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def of_event(event: Recorded, index: int | None = None, previous: str = "") -> Leaf:
    """The leaf of an event; the day of a change that named none is the legal day on which it was recorded."""
    return Leaf(
        index=index,
        event=event.event,
        agency=event.agency,
        licence=event.licence,
        licence_class=event.licence_class,
        order=event.order_reference,
        order_kind=event.order_kind,
        status=event.status,
        until=event.until,
        day=event.day or legal_day(event.recorded_at),
        recorded=event.recorded_at.astimezone(UTC),
        imported=event.imported,
        previous=previous,
    )


def text_of(leaf: Leaf) -> str:
    """JSON with sorted keys, no spaces, UTF-8: these bytes are hashed."""
    return canonical(
        {
            "version": VERSION,
            "index": leaf.index,
            "event": leaf.event,
            "agency": leaf.agency,
            "licence": leaf.licence,
            "class": leaf.licence_class,
            "order": leaf.order,
            "order_kind": leaf.order_kind,
            "status": leaf.status,
            "until": leaf.until,
            "day": leaf.day,
            "recorded": instant(leaf.recorded),
            "imported": leaf.imported,
            "previous": leaf.previous,
        }
    )


def read(text: str) -> Leaf:
    """A leaf from its text.

    :raises ValueError: when it is none, or is not written in the one way that a leaf is written.
    """
    try:
        parts = json.loads(text)
        if not isinstance(parts, dict) or set(parts) != PARTS or parts["version"] != VERSION:
            raise ValueError(text)
        leaf = Leaf(
            index=parts["index"],
            event=parts["event"],
            agency=parts["agency"],
            licence=parts["licence"],
            licence_class=parts["class"],
            order=parts["order"],
            order_kind=parts["order_kind"],
            status=parts["status"],
            until=date.fromisoformat(parts["until"]) if parts["until"] is not None else None,
            day=date.fromisoformat(parts["day"]),
            recorded=read_instant(parts["recorded"]),
            imported=parts["imported"],
            previous=parts["previous"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not a leaf") from error
    if text_of(leaf) != text:
        raise ValueError("not in the canonical form")
    return leaf
