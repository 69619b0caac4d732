"""What the package above knows of workers: it offers its answers here, since this package may not import it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Worker:
    """A registered migrant; ``account_id`` None where there is no sign-in."""

    migrant_id: UUID
    account_id: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class InPipeline:
    """A worker under contract with the agency, with the look that a labour officer takes; never a name.

    ``open`` until that officer has written down what becomes of the worker.
    """

    contract: str
    how_far: Any
    outcome: Any
    open: bool
    url: str
    account_id: UUID | None


@dataclass(frozen=True, slots=True)
class Source:
    """``by_document``: a migrant by the number of the passport. ``by_id``: by the record's id. ``pipeline``: workers of an
    agency. ``unreviewed``: how many of them nobody has looked at yet."""

    by_document: Callable[[Session, str], Worker | None]
    by_id: Callable[[Session, UUID], Worker | None]
    pipeline: Callable[[Session, UUID], Sequence[InPipeline]]
    unreviewed: Callable[[Session, UUID], int]


_sources: list[Source] = []


def offer(source: Source) -> None:
    _sources[:] = [source]


def source() -> Source:
    """
    :raises RuntimeError: when no package offers it: not knowing the workers must never read as "there are none".
    """
    if not _sources:
        raise RuntimeError("nobody offers the workers of an agency")
    return _sources[0]
