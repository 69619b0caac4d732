"""Blacklisted persons among those who lead a branch or represent an agency: found before the card, and stopped after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, and_, exists, or_, select
from sqlalchemy.orm import Session

from agencies.branches.models import Presence
from agencies.branches.status import PRESENCE, PresenceStatus
from agencies.registration.models import AgencyDirector
from agencies.registration.services import name_hashes
from agencies.sanctions.case_models import SanctionBar, SanctionCase
from agencies.sanctions.case_status import BAR, BarStatus, CaseSubject
from agencies.sanctions.models import BlacklistedPerson, Sanction
from agencies.sanctions.queries import bar_holds_now
from agencies.sanctions.status import SANCTION, SanctionKind, SanctionStatus
from core.actor import SYSTEM, Actor
from core.errors import DomainError
from core.i18n import _l
from core.names import POSSIBLE, compare_persons
from core.privacy import blind_index, preload_keys
from core.workflow import Transition


class Known(Protocol):
    """A person of whom birth date, name and the keyed hash of an identity paper are known."""

    @property
    def birth_date(self) -> str | None: ...
    @property
    def name(self) -> str | None: ...
    @property
    def identifier_index(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class ListedMatch:
    """Somebody on the blacklist beside this person: the ``same`` identity paper, or one who may be the same (0 to 100)."""

    same: bool
    score: int


def matches(session: Session, presence: Known) -> list[ListedMatch]:
    """By the identity paper whatever the name, or by birth date and a name that sounds alike; the surest first."""
    birth = blind_index("director.birth", presence.birth_date or "")
    hashes = name_hashes(presence.name or "")
    people: list[AgencyDirector | SanctionCase] = []
    lists: tuple[tuple[Any, Exists], ...] = ((AgencyDirector, _by_sanction()), (SanctionCase, _by_bar(session)))
    for model, on_the_list in lists:
        alike = and_(model.birth_index == birth, model.name_hashes.overlap(hashes))
        query = select(model).where(or_(model.identifier_index == presence.identifier_index, alike), on_the_list)
        people += session.scalars(query.limit(50)).all()
    preload_keys(session, [p.person_key_id for p in people])
    found = [_match(presence, person) for person in people]
    return sorted((m for m in found if m.same or m.score >= POSSIBLE), key=lambda m: (not m.same, -m.score))


def _by_sanction() -> Exists:
    return exists().where(
        BlacklistedPerson.director_id == AgencyDirector.id,
        BlacklistedPerson.sanction_id == Sanction.id,
        Sanction.status == SanctionStatus.IN_FORCE,
    )


def _by_bar(session: Session) -> Exists:
    return exists().where(
        SanctionBar.case_id == SanctionCase.id, BlacklistedPerson.bar_id == SanctionBar.id, bar_holds_now(session)
    )


def _match(presence: Known, person: AgencyDirector | SanctionCase) -> ListedMatch:
    same = person.identifier_index == presence.identifier_index
    return ListedMatch(same, 100 if same else compare_persons(presence.name or "", person.name or "").score)


def refuse_listed(session: Session, presence: Known) -> None:
    """Asked at each step that lets somebody work for an agency, or own its account: verifying, activating, a card, an invitation.

    :raises DomainError: when the identity paper is that of a person on the blacklist. A likeness is the officer's to weigh.
    """
    if any(m.same for m in matches(session, presence)):
        raise DomainError(_l("This person stands on the blacklist."), field="reason")


def stop_listed(session: Session, indexes: Iterable[bytes] | None = None) -> int:
    """Suspend every active branch and representative whose person is on the blacklist, and make a suspension that would
    lapse last; gives how many. May run twice.

    :param indexes: keyed hashes of identity papers that were listed just now; all that are on the list when None.
    """
    query = select(Presence.id).where(_works())
    if indexes is not None:
        query = query.where(Presence.identifier_index.in_(list(indexes)))
    else:
        query = query.where(
            or_(
                Presence.identifier_index.in_(select(AgencyDirector.identifier_index).where(_by_sanction())),
                Presence.identifier_index.in_(select(SanctionCase.identifier_index).where(_by_bar(session))),
            )
        )
    return sum(_stop(session, presence_id) for presence_id in session.scalars(query.order_by(Presence.id)).all())


def _works() -> ColumnElement[bool]:
    lapses = and_(Presence.status == PresenceStatus.SUSPENDED, Presence.suspended_until.is_not(None))
    return or_(Presence.status == PresenceStatus.ACTIVE, lapses)


def _stop(session: Session, presence_id: UUID) -> bool:
    presence = session.get_one(Presence, presence_id, with_for_update=True, populate_existing=True)
    lapses = presence.status is PresenceStatus.SUSPENDED and presence.suspended_until is not None
    if presence.status is not PresenceStatus.ACTIVE and not lapses:
        return False
    presence.suspended_by = presence.suspended_until = None
    PRESENCE.apply(session, presence, "stop", actor=SYSTEM, reason="the person was blacklisted")
    return True


def _agency_listed(session: Session, sanction: Sanction, move: Transition[SanctionStatus], _actor: Actor) -> None:
    if sanction.kind is SanctionKind.BLACKLISTING and move.target is SanctionStatus.IN_FORCE:
        query = select(AgencyDirector.identifier_index).where(AgencyDirector.agency_id == sanction.agency_id)
        stop_listed(session, session.scalars(query).all())


def _person_barred(session: Session, bar: SanctionBar, move: Transition[BarStatus], _actor: Actor) -> None:
    barred = bar.subject_kind is CaseSubject.DIRECTOR and move.target is BarStatus.IN_FORCE
    if barred and bar.identifier_index is not None:
        stop_listed(session, [bar.identifier_index])


SANCTION.watch(_agency_listed)
BAR.watch(_person_barred)
