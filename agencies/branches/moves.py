"""Suspending, restoring and removing who works already: one officer for some days, two for everything that lasts."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.branches import services
from agencies.branches.cards import revoke_card
from agencies.branches.drawing import MOVES
from agencies.branches.listed import matches, refuse_listed, stop_listed
from agencies.branches.models import Presence, PresenceMove
from agencies.branches.status import (
    PRESENCE,
    PRESENCE_MOVE,
    MoveKind,
    MoveStatus,
    PresenceStage,
    PresenceStatus,
)
from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from core import audit
from core.actor import SYSTEM, Actor
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition
from law.country import deployment, due_if_set

_S = PresenceStatus
PROPOSERS = (Permission.LICENCE_REVIEW, Permission.LICENCE_APPROVE)


def suspend(session: Session, actor: Actor, presence_id: UUID, reason: str) -> Presence:
    """One approver stops somebody at once, for the days of the ministry's policy; then it lapses by itself.

    :raises DomainError: when such a suspension has lapsed before and no two officers have decided since.
    """
    presence, _agency = services.for_officer(session, actor, presence_id, Permission.LICENCE_APPROVE)
    if presence.lapsed_on is not None and PRESENCE.allows(presence.status, "suspend"):
        raise DomainError(_l("One suspension has lapsed already. Another one needs two officers: propose it."))
    last_day = legal_today(session) + timedelta(int(deployment().standard("presence_suspension_days")) - 1)
    PRESENCE.apply(session, presence, "suspend", actor=actor, reason=reason, evidence={"last_day": last_day})
    presence.suspended_by, presence.suspended_until = actor.require_account(), last_day
    session.flush()
    return presence


def lapse(session: Session, limit: int) -> int:
    """End suspensions by one officer after their last day, each locked; gives how many. May run twice.

    Whoever stands on the blacklist is stopped by the portal in the same moment.
    """
    due = session.scalars(
        select(Presence.id)
        .where(Presence.status == _S.SUSPENDED, Presence.suspended_until < legal_today(session))
        .order_by(Presence.id)
        .limit(limit)
    ).all()
    return sum(_lapse(session, presence_id) for presence_id in due)


def _lapse(session: Session, presence_id: UUID) -> bool:
    agency_id = session.scalars(select(Presence.agency_id).where(Presence.id == presence_id)).one()
    session.execute(select(Agency.id).where(Agency.id == agency_id).with_for_update())
    presence = session.get_one(Presence, presence_id, with_for_update=True, populate_existing=True)
    last_day, today = presence.suspended_until, legal_today(session)
    if presence.status is not _S.SUSPENDED or last_day is None or last_day >= today:
        return False
    _end_of_one(presence)
    PRESENCE.apply(session, presence, "lapse", actor=SYSTEM, reason="last day passed", evidence={"last_day": last_day})
    presence.lapsed_on = today
    session.flush()
    if any(m.same for m in matches(session, presence)):
        stop_listed(session, [presence.identifier_index])
    return True


def _end_of_one(presence: Presence) -> None:
    presence.suspended_by = presence.suspended_until = None


def fits(presence: Presence, kind: MoveKind) -> bool:
    """Whether two officers may decide this as the presence stands now: who is suspended without end is not suspended again."""
    endless = presence.status is _S.SUSPENDED and presence.suspended_until is None
    return PRESENCE.allows(presence.status, kind) and not (kind is MoveKind.HOLD and endless)


def open_move(session: Session, presence_id: UUID) -> PresenceMove | None:
    query = select(PresenceMove).where(
        PresenceMove.presence_id == presence_id, PresenceMove.status == MoveStatus.PROPOSED
    )
    return session.scalars(query).one_or_none()


def propose(session: Session, actor: Actor, presence_id: UUID, kind: MoveKind, reason: str) -> PresenceMove:
    """Propose what needs two officers; the second one is drawn.

    :raises TooLate: when it makes no sense any more.
    :raises DomainError: when something is proposed already, or somebody on the blacklist should come back.
    """
    presence, _agency = services.for_officer(session, actor, presence_id, *PROPOSERS)
    if not fits(presence, kind):
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    if not reason.strip():
        raise DomainError(_l("Please give a reason."), field="reason")
    if open_move(session, presence.id) is not None:
        raise DomainError(_l("Something is proposed already and waits for another officer."))
    if kind is MoveKind.RESTORE:
        refuse_listed(session, presence)
    move = PresenceMove(
        presence_id=presence.id, kind=kind, reason=reason.strip(), proposed_by=actor.require_account(),
        due_on=due_if_set(legal_today(session), "presence_decision_days"),
    )  # fmt: skip
    session.add(move)
    session.flush()
    audit.record(
        session, actor, subject=(PRESENCE_MOVE.name, move.id), action="propose", reason=move.reason,
        evidence={"presence_id": presence.id, "kind": kind}, to_status=move.status,
    )  # fmt: skip
    MOVES.settle(session, move)
    return move


def decide(session: Session, actor: Actor, move_id: UUID, action: str, reason: str) -> PresenceMove:
    """``accept`` or ``reject``, by the officer for whom it was drawn, who had no hand in it.

    :raises Denied: for everybody else, whoever proposed it and whoever suspended alone among them.
    """
    presence_id = session.scalar(select(PresenceMove.presence_id).where(PresenceMove.id == move_id))
    if presence_id is None:
        raise NotVisible
    presence, agency = services.find(session, actor, presence_id, lock=True)
    agency_policies.refuse_conflict(session, actor, agency.id)
    move = session.get_one(PresenceMove, move_id, with_for_update=True, populate_existing=True)
    if move.proposed_by == actor.account_id:
        raise Denied(_l("You proposed this. Another officer must decide it."))
    MOVES.require(session, actor, move, PresenceStage.SECOND)
    move.decided_by, move.decision_reason = actor.require_account(), reason.strip()
    PRESENCE_MOVE.apply(session, move, action, actor=actor, reason=reason, evidence={"kind": move.kind})
    if action == "accept":
        _carry_out(session, actor, presence, move, reason)
    return move


def _carry_out(session: Session, actor: Actor, presence: Presence, move: PresenceMove, reason: str) -> None:
    if move.kind is MoveKind.RESTORE:
        refuse_listed(session, presence)
    _end_of_one(presence)
    presence.lapsed_on = None
    evidence = {"move_id": move.id, "proposed_by": move.proposed_by}
    PRESENCE.apply(session, presence, move.kind, actor=actor, reason=reason, evidence=evidence)
    if presence.status is _S.REMOVED:
        revoke_card(session, presence.id, legal_today(session))
    session.flush()


def _drop_senseless(session: Session, presence: Presence, _move: Transition[PresenceStatus], _actor: Actor) -> None:
    """A proposal that the presence has overtaken: withdrawn by its agency, back by itself, stopped by the portal."""
    waiting = open_move(session, presence.id)
    if waiting is not None and not fits(presence, waiting.kind):
        PRESENCE_MOVE.apply(session, waiting, "fall_away", actor=SYSTEM, reason="overtaken")


PRESENCE.watch(_drop_senseless)
