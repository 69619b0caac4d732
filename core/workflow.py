"""State machines. One table per record kind: the guard, the buttons, the audit tag and the tests all read it.

Nothing else in the code sets a status (a house rule looks for it).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.errors import Denied, DomainError, TooLate
from core.i18n import _l
from core.permissions import Permission

S = TypeVar("S", bound=StrEnum)


class HasStatus(Protocol):
    id: Any
    status: Any


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    """One arrow: ``action`` leads from any of ``sources`` to ``target``.

    ``permission`` None means that the service alone decides who may (owners, the system, the migrant).
    ``tone`` is the button's: normal, primary or danger.
    """

    action: str
    sources: frozenset[S]
    target: S
    title: Any
    permission: Permission | None = None
    needs_reason: bool = False
    tone: str = "normal"


class Workflow(Generic[S]):
    """The transition table of one record kind.

    :param name: the audit subject kind, such as ``licence_application``.
    """

    def __init__(self, name: str, states: type[S], transitions: Iterable[Transition[S]]) -> None:
        self.name = name
        self.states = states
        self.transitions: dict[str, Transition[S]] = {}
        self._watchers: list[Callable[[Session, Any, Transition[S], Actor], None]] = []
        for transition in transitions:
            if transition.action in self.transitions:
                raise ValueError(f"{name}: action {transition.action} stands twice")
            if not transition.sources:
                raise ValueError(f"{name}: action {transition.action} starts nowhere")
            self.transitions[transition.action] = transition
        ALL[name] = self

    def watch(self, watcher: Callable[[Session, Any, Transition[S], Actor], None]) -> None:
        """Have ``watcher(session, record, transition, actor)`` called after each move, in the same transaction."""
        if watcher not in self._watchers:
            self._watchers.append(watcher)

    def available(self, status: S, actor: Actor | None = None) -> list[Transition[S]]:
        """The arrows out of ``status``, and, with an actor, only those whose permission the actor holds."""
        return [
            t
            for t in self.transitions.values()
            if status in t.sources and (actor is None or t.permission is None or actor.can(t.permission))
        ]

    def allows(self, status: S, action: str) -> bool:
        transition = self.transitions.get(action)
        return transition is not None and status in transition.sources

    def pairs(self) -> set[tuple[str, str, str]]:
        """Every ``(source, action, target)``: what the exhaustive tests compare with a hand-written list."""
        return {(s.value, t.action, t.target.value) for t in self.transitions.values() for s in t.sources}

    def apply(
        self,
        session: Session,
        record: HasStatus,
        action: str,
        *,
        actor: Actor,
        reason: str = "",
        evidence: Mapping[str, Any] | None = None,
        office_id: UUID | None = None,
    ) -> audit.AuditEvent:
        """Move a locked record along one arrow and write the audit row in the same transaction.

        :raises TooLate: when the record has moved on.
        :raises Denied: when the transition's permission is not held.
        :raises DomainError: when a reason is needed and missing.
        """
        transition = self.transitions.get(action)
        if transition is None:
            raise ValueError(f"{self.name} has no action {action}")
        if transition.permission is not None and not actor.can(transition.permission, office_id):
            raise Denied(_l("You are not allowed to do this."))
        before = record.status
        if before not in transition.sources:
            raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
        reason = reason.strip()
        if transition.needs_reason and not reason:
            raise DomainError(_l("Please give a reason."), field="reason")
        record.status = transition.target
        session.flush()
        event = audit.record(
            session,
            actor,
            subject=(self.name, record.id),
            action=action,
            reason=reason,
            evidence=dict(evidence or {}),
            from_status=str(before),
            to_status=str(transition.target),
        )
        for watcher in self._watchers:
            watcher(session, record, transition, actor)
        return event


ALL: dict[str, Workflow[Any]] = {}
