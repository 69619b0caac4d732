"""The question and the answer as every channel has them: frozen, in no channel's form."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from agencies.licensing.status import Standing
from contracts.answer.status import State, Subject, Word
from law.engine import Row


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks, as they wrote it. Empty: not asked.

    ``agency`` is a name or a licence number in any script, ``card`` the number of a card, ``job_order`` and ``employer``
    a reference (an employer may also be named), ``occupation`` an ISCO-08 unit group, ``destination`` ISO 3166-1 alpha-2.
    """

    agency: str = ""
    card: str = ""
    job_order: str = ""
    employer: str = ""
    occupation: str = ""
    destination: str = ""

    @property
    def is_empty(self) -> bool:
        return not any((self.agency, self.card, self.job_order, self.employer, self.occupation, self.destination))

    @property
    def asks_beyond_the_register(self) -> bool:
        """Whether it asks for anything that is not in the public register, which anybody may have as a whole."""
        return bool(self.card or self.job_order or self.employer)


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the answer. ``code`` is for programs, ``sentence`` for people; ``rows`` are the law rows and ``records``
    the references that it rests on."""

    subject: Subject
    state: State
    code: str
    sentence: Any
    rows: tuple[Row, ...] = ()
    records: tuple[str, ...] = ()
    facts: tuple[tuple[Any, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """An agency as the public register has it."""

    agency_id: UUID
    name: str
    name_local: str
    number: str | None
    district: str
    standing: Standing
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The one answer. ``agency`` is the one that was surely meant; ``choices`` are those that may be."""

    question: Question
    day: date
    word: Word
    title: Any
    advice: tuple[Any, ...]
    tone: str
    agency: Listed | None = None
    parts: tuple[Part, ...] = ()
    choices: tuple[Listed, ...] = field(default=())

    def part(self, subject: Subject) -> Part | None:
        return next((p for p in self.parts if p.subject is subject), None)
