"""Drawn steps of records that belong to one agency: which state is whose step, drawn when the record comes to it.

A package says it once, as a table of ``Step``; transitions, the job, the queues, the pages and the officers' statistics
read that table. The draw itself is that of ``duties``.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from agencies.insider import duties, ties
from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from core.accounts import account_names
from core.actor import Actor
from core.errors import Denied, NotVisible, TooLate
from core.i18n import _l
from core.listing import AnySelect
from core.permissions import Permission
from core.workflow import Workflow

R = TypeVar("R")
Hands = Callable[[Session, Any], Iterable[UUID | None]]
Tied = Callable[[Session, Sequence[UUID]], set[UUID]]


def _none(_session: Session, _record: Any) -> Iterable[UUID | None]:
    return ()


@dataclass(frozen=True, slots=True)
class Step:
    """One officer's step. ``states`` (and ``kinds``, where the record has some) say when it waits; ``acts`` end it or are
    counted for it; ``hands`` gives officers who had a hand in the record and do not get this step."""

    stage: StrEnum
    title: Any
    permission: Permission
    states: frozenset[Any]
    acts: tuple[str, ...]
    kinds: frozenset[Any] | None = None
    hands: Hands = _none

    def waits(self, record: Any) -> bool:
        return record.status in self.states and (self.kinds is None or record.kind in self.kinds)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the step of one record now, for its page. ``words`` say why the reader has no button; None for the holder."""

    stage: StrEnum
    title: Any
    name: str
    mine: bool
    words: Any


class Steps(Generic[R]):
    """The drawn steps of one kind of record.

    :param workflow: its state machine; each move draws the step that it leads to.
    :param agencies: selects the record's id and its agency's id.
    :param place: for records that need not be about an agency: the office of one, and who is tied to whom it is about.
    """

    def __init__(
        self, workflow: Workflow[Any], model: type[R], title: Any, agencies: AnySelect, steps: Sequence[Step],
        *, place: Callable[[Session, R], tuple[UUID, Tied]] | None = None,
    ) -> None:  # fmt: skip
        self._place = place
        self.name, self.model, self.steps = workflow.name, model, tuple(steps)
        self.titles = {str(s.stage): s.title for s in steps}
        self._agencies = agencies
        self._columns: Any = model
        workflow.watch(lambda session, record, _move, _actor: self.settle(session, record))
        duties.register(
            duties.Kind(
                self.name, self._locked_turn, self._open, title=title,
                stages=self.titles,
                acts={a: str(s.stage) for s in steps for a in s.acts},
                agencies=agencies,
            )
        )  # fmt: skip

    def step_of(self, record: Any) -> Step | None:
        """The step that waits; None when no officer's does."""
        return next((s for s in self.steps if s.waits(record)), None)

    def step(self, stage: StrEnum) -> Step:
        return next(s for s in self.steps if s.stage is stage)

    def agency_of(self, session: Session, record_id: UUID) -> UUID:
        """
        :raises NotVisible: when there is no such record.
        """
        agency_id = self._agency_id(session, record_id)
        if agency_id is None:
            raise NotVisible
        return agency_id

    def _agency_id(self, session: Session, record_id: UUID) -> UUID | None:
        row = session.execute(self._agencies.where(self._columns.id == record_id)).one_or_none()
        return None if row is None else row[1]

    def turn(self, session: Session, record: Any) -> duties.Turn | None:
        """The step of a locked record, and who can't have it."""
        step = self.step_of(record)
        if step is None:
            return None
        office_id, tied = (self._place or self._of_agency)(session, record)
        out = frozenset(h for h in step.hands(session, record) if h is not None)
        return duties.Turn(step.stage, step.permission, office_id, tied, out)

    def _of_agency(self, session: Session, record: Any) -> tuple[UUID, Tied]:
        agency_id = self.agency_of(session, record.id)
        office_id = session.scalars(select(Agency.office_id).where(Agency.id == agency_id)).one()

        def tied(session: Session, accounts: Sequence[UUID]) -> set[UUID]:
            return ties.tied(session, accounts, agency_id)

        return office_id, tied

    def settle(self, session: Session, record: Any) -> None:
        """Draw the officer of the step to which a locked record has come, unless there is one who can go on."""
        if self.step_of(record) is None:
            return
        session.flush()
        turn = self.turn(session, record)
        if turn is not None:
            duties.settle(session, self.name, record.id, turn)

    def require(self, session: Session, actor: Actor, record: Any, stage: StrEnum) -> None:
        """Let only the officer act for whom this step of a locked record was drawn.

        :raises TooLate: when the record waits for no such step any more.
        :raises Denied: for everybody else.
        """
        actor.require(self.step(stage).permission)
        turn = self.turn(session, record)
        if turn is None or turn.stage != stage:
            raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
        if actor.account_id in turn.leave_out:
            raise Denied(_l("You had a hand in this before. Another officer must do this."))
        duties.require(session, actor, self.name, record.id, turn)

    def find_agency(self, session: Session, actor: Actor, record_id: UUID, *, lock: bool = False) -> Agency:
        """The record's agency, for whoever may see it, and for the officer who has a step of it in another office.

        :raises NotVisible: for everybody else.
        """
        agency_id = self.agency_of(session, record_id)
        if self.has_passed_to(session, actor, record_id):
            query = select(Agency).where(Agency.id == agency_id)
            return session.scalars(query.with_for_update() if lock else query).one()
        return agency_policies.find(session, actor, agency_id, lock=lock)

    def has_passed_to(self, session: Session, actor: Actor, record_id: UUID) -> bool:
        """Whether a step of the record is, or was last, this officer's: then the office does not matter."""
        held = duties.holds(actor.account_id, self.name, record_id)
        return actor.is_staff and bool(session.scalar(select(held)))

    def _where(self, step: Step) -> ColumnElement[bool]:
        waits = self._columns.status.in_(sorted(step.states))
        return waits if step.kinds is None else and_(waits, self._columns.kind.in_(sorted(step.kinds)))

    def mine(self, actor: Actor, *stages: StrEnum) -> ColumnElement[bool]:
        """Records whose waiting step, one of these (all when none is named), this officer has."""
        wanted = [s for s in self.steps if not stages or s.stage in stages]
        held = (
            and_(self._where(s), duties.holds(actor.account_id, self.name, self._columns.id, s.stage)) for s in wanted
        )
        return or_(*held)

    def nobody(self) -> ColumnElement[bool]:
        """Records for whose waiting step no officer could be drawn."""
        return or_(*(and_(self._where(s), duties.nobody(self.name, self._columns.id, s.stage)) for s in self.steps))

    def holders(self, session: Session, actor: Actor, records: Iterable[Any]) -> dict[UUID, Holder]:
        """Who has the waiting step of each record: one query for holders, one for names."""
        waiting = {r.id: s for r in records if (s := self.step_of(r)) is not None}
        found = duties.holders(session, self.name, waiting)
        names = account_names(session, {o for o in found.values() if o})
        rows = {}
        for record_id, step in waiting.items():
            officer = found.get((record_id, str(step.stage)))
            mine = officer is not None and officer == actor.account_id
            rows[record_id] = Holder(
                step.stage, step.title, names.get(officer, "") if officer else "", mine, _words(officer, mine)
            )
        return rows

    def _locked_turn(self, session: Session, record_id: UUID) -> duties.Turn | None:
        """Agency first, as everywhere."""
        agency_id = self._agency_id(session, record_id)
        session.execute(select(Agency.id).where(Agency.id == agency_id).with_for_update())
        query = select(self.model).where(self._columns.id == record_id).with_for_update()
        record = session.scalars(query, execution_options={"populate_existing": True}).one()
        return self.turn(session, record)

    def _open(self, session: Session) -> list[tuple[UUID, str, Permission]]:
        return [
            (record_id, step.stage, step.permission)
            for step in self.steps
            for record_id in session.scalars(
                select(self._columns.id).where(self._where(step)).order_by(self._columns.created_at)
            )
        ]


def _words(officer: UUID | None, mine: bool) -> Any:
    if mine:
        return None
    if officer is None:
        return _l("No officer is drawn for this yet. It is drawn within minutes.")
    return _l("This was drawn for another officer.")
