"""Lists paged by cursor: the next page starts after the last row's keys, so rows never repeat or go missing."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import Session

from core.errors import DomainError
from core.i18n import _l

R = TypeVar("R")
AnySelect = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Rows of one page and the cursor of the next, None at the end."""

    rows: Sequence[R]
    next_cursor: str | None


def _encode(values: Sequence[Any]) -> str:
    plain = [[_kind(v), v.isoformat() if isinstance(v, (date, datetime)) else str(v)] for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _kind(value: Any) -> str:
    if isinstance(value, datetime):
        return "t"
    if isinstance(value, date):
        return "d"
    if isinstance(value, UUID):
        return "u"
    return "i" if isinstance(value, int) else "s"


_READ: dict[str, Any] = {"t": datetime.fromisoformat, "d": date.fromisoformat, "u": UUID, "i": int, "s": str}


def _decode(cursor: str, length: int) -> tuple[Any, ...]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = tuple(_READ[kind](text) for kind, text in json.loads(base64.urlsafe_b64decode(padded)))
        if len(values) != length:
            raise ValueError(cursor)
    except (ValueError, KeyError, TypeError):
        raise DomainError(_l("This page link is not valid. Start from the first page.")) from None
    return values


def fetch_page(
    session: Session,
    query: AnySelect,
    keys: Sequence[Any],
    *,
    cursor: str | None = None,
    limit: int = 50,
    descending: bool = False,
) -> Page[Any]:
    """One page of ``query`` ordered by ``keys`` (columns that are selected too, the last one unique)."""
    if cursor:
        edge = tuple_(*keys)
        values = _decode(cursor, len(keys))
        query = query.where(edge < values if descending else edge > values)
    query = query.order_by(*[k.desc() if descending else k for k in keys]).limit(limit + 1)
    rows = session.execute(query).all()
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    return Page(rows[:limit], _encode([_value(last, k) for k in keys]))


def _value(row: Any, key: Any) -> Any:
    mapping = row._mapping
    if key in mapping:
        return mapping[key]
    return getattr(row[0], key.key) if hasattr(row[0], key.key) else mapping[key.key]
