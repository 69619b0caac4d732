"""Work that waits for an agency: packages above offer it, the agency's first page shows it with its age."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from core.actor import Actor


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits, since which day and until when, and the page (endpoint and what stands in its address) where it is done."""

    title: Any
    reference: str
    since: date
    due_on: date
    endpoint: str
    arguments: Mapping[str, Any]


Source = Callable[[Session, Actor, UUID], Sequence[Waiting]]
_sources: list[Source] = []


def offer(source: Source) -> None:
    """Have ``source(session, actor, agency_id)`` say what waits for the agency that this actor may do."""
    if source not in _sources:
        _sources.append(source)


def waiting_for(session: Session, actor: Actor, agency_id: UUID) -> list[Waiting]:
    """Everything that waits, source by source."""
    return [row for source in _sources for row in source(session, actor, agency_id)]
