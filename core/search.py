"""Finding a record by what a person tells: each package offers its search, the staff page asks them all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from core.actor import Actor
from core.permissions import Permission


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One record that may be the one. Only what the actor may see stands in it."""

    kind: Any
    reference: str
    label: str
    status: Any
    url: str


@dataclass(frozen=True, slots=True)
class SearchProvider:
    """``find(session, actor, text, limit)`` looks only where the actor's permission reaches."""

    kind: str
    permission: Permission
    find: Callable[[Session, Actor, str, int], Sequence[SearchHit]]
