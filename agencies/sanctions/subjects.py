"""Subjects whose records another package holds: it offers a way to find one by its reference, this package keeps the id."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from agencies.sanctions.case_status import CaseSubject
from core.errors import DomainError
from core.i18n import _l
from core.ids import parse_reference


@dataclass(frozen=True, slots=True)
class Found:
    subject_id: UUID
    name: str
    country: str | None = None


Finder = Callable[[Session, str], Found | None]
_finders: dict[CaseSubject, Finder] = {}


def offer(kind: CaseSubject, finder: Finder) -> None:
    """Say how a record of this kind is found by its reference; called once, when the package is loaded."""
    _finders[kind] = finder


def is_offered(kind: CaseSubject) -> bool:
    return kind in _finders


def find_record(session: Session, kind: CaseSubject, reference: str) -> Found:
    """The record that a reference names.

    :raises DomainError: when there is none.
    """
    wanted = parse_reference(reference)
    found = _finders[kind](session, wanted) if wanted and kind in _finders else None
    if found is None:
        raise DomainError(_l("Nothing is known by this reference. Check each letter and digit."), field="reference")
    return found
