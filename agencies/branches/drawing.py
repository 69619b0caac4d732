"""Whose step a branch or representative, or a move of one, waits for: each is drawn, never picked."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from agencies.branches.models import Presence, PresenceMove
from agencies.branches.status import (
    PRESENCE,
    PRESENCE_MOVE,
    MoveStatus,
    PresenceStage,
    PresenceStatus,
)
from agencies.insider import duties
from agencies.insider.steps import Step, Steps
from core.actor import Actor
from core.i18n import _l
from core.permissions import Permission

_G, _S = PresenceStage, PresenceStatus


def _verifier(_session: Session, presence: Presence) -> Iterable[UUID | None]:
    return (presence.verified_by,)


def _makers(session: Session, move: PresenceMove) -> Iterable[UUID | None]:
    """Whoever proposed it, and the one officer of the suspension that it makes longer or ends."""
    return move.proposed_by, session.scalar(select(Presence.suspended_by).where(Presence.id == move.presence_id))


PRESENCES = Steps(
    PRESENCE,
    Presence,
    _l("Branches and representatives"),
    select(Presence.id, Presence.agency_id),
    [
        Step(
            _G.VERIFICATION, _l("Verification"), Permission.LICENCE_REVIEW, frozenset({_S.PROPOSED}),
            ("verify", "refuse"),
        ),
        Step(
            _G.ACTIVATION, _l("Activation"), Permission.LICENCE_APPROVE, frozenset({_S.VERIFIED}),
            ("activate", "send_back"), hands=_verifier,
        ),
    ],
)  # fmt: skip
MOVES = Steps(
    PRESENCE_MOVE,
    PresenceMove,
    _l("Suspensions, returns and removals of branches and representatives"),
    select(PresenceMove.id, Presence.agency_id).join(Presence, Presence.id == PresenceMove.presence_id),
    [
        Step(
            _G.SECOND, _l("Decision"), Permission.LICENCE_APPROVE, frozenset({MoveStatus.PROPOSED}),
            ("accept", "reject"), hands=_makers,
        ),
    ],
)  # fmt: skip


def holds(actor: Actor, presence_id: UUID) -> ColumnElement[bool]:
    """Whether this officer has a step of the presence, or of a move of it, also in another office."""
    move = exists().where(
        PresenceMove.presence_id == presence_id, duties.holds(actor.account_id, MOVES.name, PresenceMove.id)
    )
    return or_(duties.holds(actor.account_id, PRESENCES.name, presence_id), move)
