"""Steps of any record that are drawn as applications are: at random, among the untied officers who are present.

A package registers a ``Kind`` of record and says, for a locked record, whose ``Turn`` it is. ``settle`` keeps the officer
who has the step or draws another one; ``require`` lets nobody else act. When an office has nobody the step passes on.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from agencies.insider.assignment import draw_among, present
from agencies.insider.models import Duty, DutyDraw
from agencies.insider.status import Why
from core import audit
from core.actor import SYSTEM, Actor
from core.errors import Denied
from core.i18n import _l
from core.listing import AnySelect
from core.permissions import Permission


@dataclass(frozen=True, slots=True)
class Turn:
    """The step that waits. ``tied`` gives those of some officers who have an interest; ``leave_out`` had a hand before."""

    stage: str
    permission: Permission
    office_id: UUID
    tied: Callable[[Session, Sequence[UUID]], set[UUID]]
    leave_out: frozenset[UUID] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record whose steps are drawn. ``name`` as in the audit log; ``turn`` locks the record and gives its turn,
    None when no officer's step waits; ``open`` names records that wait for an officer, with the stage, oldest first.

    For what is seen from above: ``title`` of the kind, its ``stages`` with titles, which logged ``acts`` belong to which
    stage, and ``agencies``, which selects the record's id and its agency's.
    """

    name: str
    turn: Callable[[Session, UUID], Turn | None]
    open: Callable[[Session], Sequence[tuple[UUID, str, Permission]]]
    title: Any
    stages: Mapping[Any, Any]
    acts: Mapping[str, str]
    agencies: AnySelect


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Called once by the package that has the record."""
    KINDS[kind.name] = kind


def duty(session: Session, kind: str, subject_id: UUID, stage: str) -> Duty | None:
    """Who has the step now; None before the first draw."""
    found = select(Duty).where(Duty.subject_kind == kind, Duty.subject_id == subject_id, Duty.stage == stage)
    return session.scalars(found, execution_options={"populate_existing": True}).one_or_none()


def holders(session: Session, kind: str, subject_ids: Iterable[UUID]) -> dict[tuple[UUID, str], UUID]:
    """The officers of the steps of these records, by record and stage; a step without one is left out."""
    rows = session.execute(
        select(Duty.subject_id, Duty.stage, Duty.officer_id).where(
            Duty.subject_kind == kind, Duty.subject_id.in_(list(subject_ids)), Duty.officer_id.is_not(None)
        )
    )
    return {(subject_id, stage): officer for subject_id, stage, officer in rows if officer is not None}


def settle(session: Session, kind: str, subject_id: UUID, turn: Turn, *, swept: bool = False) -> UUID | None:
    """The officer of the step of a locked record: who had it goes on, unless away, moved, tied or with a hand in it."""
    held = duty(session, kind, subject_id, turn.stage)
    if held is None or held.officer_id is None:
        return assign(session, kind, subject_id, turn, Why.WAITED if swept else Why.CAME_IN)
    if held.officer_id in turn.tied(session, [held.officer_id]) | turn.leave_out:
        return assign(session, kind, subject_id, turn, Why.TIED)
    if held.officer_id not in present(session, held.office_id, turn.permission):
        return assign(session, kind, subject_id, turn, Why.AWAY)
    return held.officer_id


def assign(session: Session, kind: str, subject_id: UUID, turn: Turn, why: Why) -> UUID | None:
    """Draw, and write the draw down; the caller holds the record. Nobody found twice in a row is written once."""
    drawn = draw_among(session, turn.office_id, turn.permission, turn.tied, turn.leave_out)
    held = duty(session, kind, subject_id, turn.stage)
    if drawn.officer_id is None and held is not None and held.officer_id is None:
        return None
    if held is None:
        held = Duty(subject_kind=kind, subject_id=subject_id, stage=turn.stage)
        session.add(held)
    held.officer_id, held.office_id = drawn.officer_id, drawn.office_id
    session.flush()
    mine = (DutyDraw.subject_kind == kind, DutyDraw.subject_id == subject_id)
    number = session.scalar(select(func.coalesce(func.max(DutyDraw.number), 0)).where(*mine)) or 0
    row = DutyDraw(
        subject_kind=kind, subject_id=subject_id, number=number + 1, stage=turn.stage, office_id=drawn.office_id,
        officer_id=drawn.officer_id, why=why, among=drawn.among, skipped=list(drawn.skipped),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, SYSTEM, subject=(kind, subject_id), action="assign",
        evidence={
            "stage": turn.stage, "officer": drawn.officer_id, "office": drawn.office_id, "why": why,
            "among": drawn.among, "skipped": drawn.skipped,
        },
    )  # fmt: skip
    return drawn.officer_id


def require(session: Session, actor: Actor, kind: str, subject_id: UUID, turn: Turn) -> None:
    """Only the drawn officer acts, with the permission in the office to which the step fell. Nothing is drawn here: an
    officer who could make the lot fall by trying would try until it falls well.

    :raises Denied: for everybody else, and while nobody is drawn.
    """
    held = duty(session, kind, subject_id, turn.stage)
    if held is None or held.officer_id is None:
        raise Denied(_l("No officer is drawn for this yet. It is drawn within minutes."))
    if held.officer_id != actor.account_id:
        raise Denied(_l("This was drawn for another officer."))
    actor.require(turn.permission, held.office_id)


def holds(actor_id: UUID | None, kind: str, subject_id: Any, stage: Any = None) -> ColumnElement[bool]:
    """Records whose step (``stage``: this one, or any) this officer has, as a WHERE clause."""
    tests = [Duty.subject_kind == kind, Duty.subject_id == subject_id, Duty.officer_id == actor_id]
    return exists().where(*tests, *([Duty.stage == stage] if stage is not None else []))


def nobody(kind: str, subject_id: Any, stage: Any) -> ColumnElement[bool]:
    """Records for whose step no officer could be drawn, as a WHERE clause."""
    has = exists().where(
        Duty.subject_kind == kind, Duty.subject_id == subject_id, Duty.stage == stage, Duty.officer_id.is_not(None)
    )
    return ~has


def redistribute(session: Session, limit: int = 500) -> int:
    """Draw again for open records whose officer is away, has moved or is missing; gives how many changed. May run twice.

    At most ``limit`` are tried, any of those that are due: many for whom nobody is there do not keep the others waiting.
    """
    there: dict[tuple[UUID, Permission], set[UUID]] = {}
    due: list[tuple[Kind, UUID]] = []
    for kind in KINDS.values():
        waiting = kind.open(session)
        held = {
            (d.subject_id, d.stage): d
            for d in session.scalars(select(Duty).where(Duty.subject_kind == kind.name))
        }  # fmt: skip
        for subject_id, stage, permission in waiting:
            found = held.get((subject_id, stage))
            if found is not None and found.officer_id is not None:
                key = (found.office_id, permission)
                if key not in there:
                    there[key] = set(present(session, *key))
                if found.officer_id in there[key]:
                    continue
            due.append((kind, subject_id))
    if len(due) > limit:
        due = secrets.SystemRandom().sample(due, limit)
    return sum(draw_again(session, kind, subject_id) for kind, subject_id in due)


def draw_again(session: Session, kind: Kind, subject_id: UUID) -> bool:
    """Lock, look once more, and draw; gives whether the officer changed."""
    turn = kind.turn(session, subject_id)
    if turn is None:
        return False
    before = duty(session, kind.name, subject_id, turn.stage)
    was = before.officer_id if before is not None else None
    return settle(session, kind.name, subject_id, turn, swept=True) != was


def pass_on(session: Session, account_id: UUID) -> None:
    """An officer has declared a tie: open steps of this officer to which there is one now are drawn again."""
    for kind in KINDS.values():
        mine = set(
            session.scalars(
                select(Duty.subject_id).where(Duty.subject_kind == kind.name, Duty.officer_id == account_id)
            )
        )
        if not mine:
            continue
        for subject_id, _stage, _permission in kind.open(session):
            if subject_id in mine:
                draw_again(session, kind, subject_id)
