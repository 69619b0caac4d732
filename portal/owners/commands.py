"""What an officer gives for a proposal."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from agencies.registration.status import IdentifierKind
from core.permissions import SubjectKind
from portal.owners.status import Ground


@dataclass(frozen=True, slots=True)
class NewOwner:
    """A person named with an identity paper; the e-mail address takes the invitation."""

    name: str
    email: str
    identifier_kind: IdentifierKind
    identifier: str
    birth_date: date


@dataclass(frozen=True, slots=True)
class Propose:
    """``director_id`` or ``person``, one of them. ``email``: of a director on whose record none stands.

    ``evidence`` says what the officer saw; ``file`` is the paper itself.
    """

    kind: SubjectKind
    subject_id: UUID
    ground: Ground
    evidence: str
    director_id: UUID | None = None
    email: str = ""
    person: NewOwner | None = None
    file: bytes | None = None
