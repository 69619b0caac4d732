"""Where the next page of the register begins, as an opaque text that stays right while the register changes.

The whole register goes on after the last row's name and id, there or not any more. What a query found is ranked: its
cursor knows the order that it was given for, and another order has to be asked for from the beginning.
"""

import base64
import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from agencies.register.snapshot import Entry, Register

MAXIMUM = 800


class WrongCursor(Exception):
    """A cursor that is none of ours, or one of another query."""


class ChangedOrder(Exception):
    """The order for which a cursor was given is no longer the order of the answer."""


def _encode(kind: str, *values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([kind, *values], ensure_ascii=False).encode()).decode().rstrip("=")


def _decode(cursor: str, kind: str) -> list[Any]:
    try:
        if len(cursor) > MAXIMUM:
            raise ValueError
        found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(found, list) or len(found) != 3 or found[0] != kind:
            raise ValueError
    except (ValueError, RecursionError):
        raise WrongCursor from None
    return found[1:]


def after(entry: Entry) -> str:
    """The page of the whole register that begins after this entry."""
    return _encode("n", entry.name, str(entry.agency_id))


def place_after(register: Register, cursor: str | None) -> int:
    """The position at which that page begins now.

    :raises WrongCursor: when it is none of ours.
    """
    if not cursor:
        return 0
    name, agency_id = _decode(cursor, "n")
    try:
        return register.place_after(str(name), UUID(str(agency_id)))
    except ValueError:
        raise WrongCursor from None


def _order(ids: Sequence[UUID]) -> str:
    return sha256(b"".join(i.bytes for i in ids)).hexdigest()[:24]


def within(ids: Sequence[UUID], place: int) -> str:
    """The page that begins at a place of what a query found, in exactly this order."""
    return _encode("q", place, _order(ids))


def place_within(ids: Sequence[UUID], cursor: str | None) -> int:
    """The place at which that page begins.

    :raises WrongCursor: when it is none of ours.
    :raises ChangedOrder: when the query finds something else by now, or in another order.
    """
    if not cursor:
        return 0
    place, order = _decode(cursor, "q")
    if not isinstance(place, int) or isinstance(place, bool) or place < 0:
        raise WrongCursor
    if order != _order(ids):
        raise ChangedOrder
    return place
