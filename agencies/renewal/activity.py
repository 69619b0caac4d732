"""Departed workers, as the package above knows them: it offers a counter, this package asks it at each test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Span:
    """Legal days, both ends counted."""

    first: date
    last: date


# How many workers of an agency departed in each span.
Counter = Callable[[Session, UUID, Sequence[Span]], list[int]]
_counters: list[Counter] = []


def offer(counter: Counter) -> None:
    """Say who counts departures; called once, when the package is loaded."""
    _counters[:] = [counter]


def departed(session: Session, agency_id: UUID, spans: Sequence[Span]) -> list[int] | None:
    """Workers who departed in each span; None where nobody counts: then it is not known, and never nought."""
    return _counters[0](session, agency_id, spans) if _counters else None
