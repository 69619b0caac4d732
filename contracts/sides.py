"""The two parties that act on job orders and contracts, each by its own people."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from core.actor import Actor
from core.i18n import _l
from core.owners import tell_owners
from core.permissions import ClerkRight, SubjectKind


class Side(StrEnum):
    AGENCY = "agency"
    EMPLOYER = "employer"

    @property
    def other(self) -> "Side":
        return Side.EMPLOYER if self is Side.AGENCY else Side.AGENCY


KINDS = {Side.AGENCY: SubjectKind.AGENCY, Side.EMPLOYER: SubjectKind.EMPLOYER}
SIDE_TITLES = {Side.AGENCY: _l("the agency"), Side.EMPLOYER: _l("the employer")}


class HasParties(Protocol):
    """A job order or a contract; read only."""

    @property
    def agency_id(self) -> UUID: ...
    @property
    def employer_id(self) -> UUID: ...


def subject_of(record: HasParties, side: Side) -> UUID:
    return record.agency_id if side is Side.AGENCY else record.employer_id


def acts_on(actor: Actor, record: HasParties, side: Side, right: ClerkRight | None = None) -> bool:
    """Whether the actor is one of this side's people, with the right."""
    return actor.acts_for(KINDS[side], subject_of(record, side), right)


def side_of(actor: Actor, record: HasParties, right: ClerkRight | None = None) -> Side | None:
    """The side for which the actor acts on a record; None for everybody else."""
    return next((side for side in Side if acts_on(actor, record, side, right)), None)


def tell(session: Session, told: Iterable[tuple[HasParties, Side]], template: str) -> None:
    """Send the owners of these sides a message that names nobody: one, however many records it is about."""
    for kind, subject_id in sorted({(KINDS[side], subject_of(record, side)) for record, side in told}):
        tell_owners(session, kind, subject_id, template)
