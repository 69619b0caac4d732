"""The one most urgent thing for a person whose identity is known: packages above offer it, this package shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do, why, and the endpoint of the page where it is done."""

    title: Any
    why: Any
    endpoint: str


_offers: list[Callable[[Session, UUID], NextStep | None]] = []


def offer(asked: Callable[[Session, UUID], NextStep | None]) -> None:
    """Have ``asked(session, migrant_id)`` say what is next for a person; the first that answers counts."""
    if asked not in _offers:
        _offers.append(asked)


def next_step(session: Session, migrant_id: UUID) -> NextStep | None:
    """The most urgent step; None when nothing waits."""
    return next((step for asked in _offers if (step := asked(session, migrant_id)) is not None), None)
