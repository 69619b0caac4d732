"""Branches and representatives as pages read them, and how they stand: asked then and there, never remembered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from agencies.branches.models import Presence, PresenceCard, PresenceMove
from agencies.branches.rules import rule
from agencies.branches.status import PresenceKind, PresenceStatus
from agencies.licensing.models import Licence
from agencies.licensing.queries import licence_for
from agencies.licensing.status import LicenceStatus
from agencies.registration.models import Agency
from agencies.sanctions.queries import blacklisted
from core.i18n import _l
from core.listing import AnySelect
from core.privacy import preload_keys


@dataclass(frozen=True, slots=True)
class Standing:
    """``good`` while the presence is active, its principal licensed and its card valid; else the first reason why not."""

    good: bool
    reason: Any


REASONS = {
    PresenceStatus.PROPOSED: _l("No officer has verified this yet."),
    PresenceStatus.VERIFIED: _l("This has not been activated yet."),
    PresenceStatus.SUSPENDED: _l("The office has suspended this."),
    PresenceStatus.REMOVED: _l("This has been ended."),
}


def standing(session: Session, presence: Presence, card: PresenceCard | None, today: date) -> Standing:
    """How a branch or representative stands on a day. The principal's suspension is theirs, at the same moment."""
    if presence.status is not PresenceStatus.ACTIVE:
        return Standing(False, REASONS[presence.status])
    licence = licence_for(session, presence.agency_id, today)
    if not licence.licensed:
        return Standing(False, licence.reasons[0])
    if card is None or card.revoked_on is not None:
        return Standing(False, _l("This card was replaced or called back."))
    if not card.issued_on <= today <= card.valid_until:
        return Standing(False, _l("This card has run out."))
    return Standing(True, _l("The agency has a licence in force, and answers for what is done in its name."))


def open_card(session: Session, presence_id: UUID) -> PresenceCard | None:
    return session.scalars(
        select(PresenceCard).where(PresenceCard.presence_id == presence_id, PresenceCard.revoked_on.is_(None))
    ).one_or_none()


@dataclass(frozen=True, slots=True)
class Acting:
    """How many branches and representatives may act for an agency today. ``forbidden``: the law lets no representative work
    in this country. Whoever they are stands on their cards alone."""

    branches: int
    representatives: int
    forbidden: bool


def acting(session: Session, agency_id: UUID, today: date) -> Acting:
    """Counted by the same rule as :func:`standing`; representatives whom the law forbids do not count."""
    rows = session.execute(
        select(Presence.kind, Presence.country, func.count())
        .join(PresenceCard, PresenceCard.presence_id == Presence.id)
        .where(
            Presence.agency_id == agency_id, Presence.status == PresenceStatus.ACTIVE, PresenceCard.revoked_on.is_(None),
            PresenceCard.issued_on <= today, PresenceCard.valid_until >= today,
        )
        .group_by(Presence.kind, Presence.country)
    ).all()  # fmt: skip
    licensed = bool(rows) and licence_for(session, agency_id, today).licensed
    found = dict.fromkeys(PresenceKind, 0)
    for kind, country, count in rows if licensed else ():
        if not rule(kind, country, today).forbidden:
            found[kind] += count
    forbidden = rule(PresenceKind.REPRESENTATIVE, "", today).forbidden
    return Acting(found[PresenceKind.BRANCH], found[PresenceKind.REPRESENTATIVE], forbidden)


@dataclass(frozen=True, slots=True)
class PresenceRow:
    id: UUID
    reference: str
    kind: PresenceKind
    status: PresenceStatus
    country: str
    place: str
    name: str
    due_on: date | None
    suspended_until: date | None
    card: PresenceCard | None


def presences_of(session: Session, agency_id: UUID) -> Sequence[PresenceRow]:
    """Branches and representatives of an agency, the live ones first; the caller has asked the policy."""
    rows = session.execute(
        select(Presence, PresenceCard)
        .outerjoin(PresenceCard, and_(PresenceCard.presence_id == Presence.id, PresenceCard.revoked_on.is_(None)))
        .where(Presence.agency_id == agency_id)
        .order_by(Presence.status == PresenceStatus.REMOVED, Presence.created_at.desc())
        .limit(200)
    ).all()
    preload_keys(session, [p.person_key_id for p, _card in rows])
    return [
        PresenceRow(
            p.id, p.reference, p.kind, p.status, p.country, p.place, p.name or "", p.due_on, p.suspended_until, card
        )
        for p, card in rows
    ]


def waiting(*where: ColumnElement[bool]) -> AnySelect:
    """Branches and representatives that wait, as the clauses say."""
    return (
        select(
            Presence.id,
            Presence.reference,
            Presence.kind,
            Presence.created_at,
            Presence.due_on,
            Agency.name.label("agency_name"),
        )
        .join(Agency, Agency.id == Presence.agency_id)
        .where(*where)
    )


def moves_waiting(*where: ColumnElement[bool]) -> AnySelect:
    """Suspensions, returns and removals that wait for a second officer, as the clauses say."""
    return (
        select(
            PresenceMove.id,
            Presence.id.label("presence_id"),
            Presence.reference,
            PresenceMove.kind,
            PresenceMove.created_at,
            PresenceMove.due_on,
            Agency.name.label("agency_name"),
        )
        .join(Presence, Presence.id == PresenceMove.presence_id)
        .join(Agency, Agency.id == Presence.agency_id)
        .where(*where)
    )


def moves_of(session: Session, presence_id: UUID) -> Sequence[PresenceMove]:
    """What was proposed for it, newest first."""
    query = select(PresenceMove).where(PresenceMove.presence_id == presence_id)
    return session.scalars(query.order_by(PresenceMove.created_at.desc()).limit(20)).all()


def _licensed(today: date) -> ColumnElement[bool]:
    """Whether the agency of the outer query may recruit today."""
    in_force = exists().where(
        Licence.agency_id == Agency.id, Licence.status == LicenceStatus.ACTIVE, Licence.valid_until >= today
    )
    return and_(in_force, ~blacklisted())


def revocations(session: Session, today: date) -> dict[str, dict[str, str]]:
    """What a signed paper that still looks valid stands for no more: ids of cards and licences, each with a word.

    Papers past their own last day are left out: they say so themselves.
    """
    cards = session.execute(
        select(PresenceCard.id, PresenceCard.revoked_on, Presence.status, _licensed(today))
        .join(Presence, Presence.id == PresenceCard.presence_id)
        .join(Agency, Agency.id == Presence.agency_id)
        .where(PresenceCard.valid_until >= today)
    ).all()
    licences = session.execute(
        select(Licence.id, Licence.status, blacklisted())
        .join(Agency, Agency.id == Licence.agency_id)
        .where(Licence.valid_until >= today)
    ).all()
    return {
        "cards": {
            str(i): "revoked" if revoked or status is PresenceStatus.REMOVED else "suspended"
            for i, revoked, status, licensed in cards
            if revoked or status is not PresenceStatus.ACTIVE or not licensed
        },
        "licences": {
            str(i): "blacklisted" if listed else status.value
            for i, status, listed in licences
            if listed or status is not LicenceStatus.ACTIVE
        },
    }
