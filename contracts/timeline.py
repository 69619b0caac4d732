"""What happened with a contract or a job order, from the log: what was sent, sent back and why, by which side, on which day.

A party reads what concerns it, the worker a plain version. Officers stand there as their office, never by name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.employment.law_check import TITLES as LAW_TITLES
from contracts.employment.models import EmploymentContract
from contracts.employment.status import contract_workflow
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import job_order_workflow
from contracts.sides import KINDS, SIDE_TITLES, HasParties, Side, subject_of
from core.accounts import Membership
from core.actor import ActorKind
from core.audit import AuditEvent
from core.i18n import _l
from core.workflow import Workflow
from migrants.registration.models import Migrant

AT_MOST = 200


class Reader(StrEnum):
    OFFICE = "office"
    AGENCY = "agency"
    EMPLOYER = "employer"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Step:
    """One line, oldest first; ``actor`` is the side, empty where the portal did it."""

    title: Any
    at: datetime
    actor: Any
    reason: str = ""


CONTRACT_STEPS = {
    "lodge": _l("Lodged"),
    "show": _l("Shown to the worker"),
    "fail": _l("Against the law: sent back at once"),
    "ask": _l("The worker asked a question"),
    "accept": _l("Accepted"),
    "decline": _l("Declined"),
    "amend": _l("Lodged again with changed terms"),
    "return": _l("Sent back to be mended"),
    "register": _l("Registered"),
    "end": _l("Ended"),
    "withdraw": _l("Withdrawn"),
    "lapse": _l("Lapsed: nobody acted in time"),
}
WORKER_STEPS = {
    **CONTRACT_STEPS,
    "lodge": _l("A contract for you was lodged"),
    "show": _l("Shown to you"),
    "ask": _l("You asked a question"),
    "accept": _l("You accepted it"),
    "decline": _l("You said no"),
    "withdraw": _l("Taken back"),
    "lapse": _l("Its time ran out"),
}
JOB_ORDER_STEPS = {
    "draft": _l("Drafted"),
    "sign": _l("Signed"),
    "edit": _l("Changed: it has to be signed again"),
    "acknowledge": _l("The agency took it on"),
    "return": _l("Sent back to be mended"),
    "approve_first": _l("Approved by a first officer"),
    "approve": _l("Approved"),
    "confirm": _l("Approved by a second officer"),
    "close": _l("Closed"),
    "withdraw": _l("Withdrawn"),
    "lapse": _l("Lapsed: nobody acted in time"),
    "expire": _l("The time to recruit is over"),
}
WORKER, OFFICE = _l("the worker"), _l("the labour office")
# Words that were written to the parties. A question is between the worker and who answers it.
TO_PARTIES = frozenset({"return", "end", "withdraw", "close"})
TO_WORKER = frozenset({"end", "withdraw"})
TO_OFFICE = TO_PARTIES | {"register", "approve", "approve_first", "confirm"}


def of_contract(session: Session, contract: EmploymentContract, reader: Reader) -> list[Step]:
    """The way of a contract; of one that was lodged before the log said so, the lodging from its record."""
    events = _events(session, contract_workflow, contract.id, extra=("lodge",))
    who = _actors(session, contract, events, contract.migrant_id)
    titles = WORKER_STEPS if reader is Reader.WORKER else CONTRACT_STEPS
    steps = [] if any(e.action == "lodge" for e in events) else [_lodged(contract, titles)]
    for event in events:
        title = titles.get(event.action) or contract_workflow.transitions[event.action].title
        actor = "" if reader is Reader.WORKER and who(event) is WORKER else who(event)
        steps.append(Step(title, event.at, actor, _reason(event, reader)))
    return steps


def _lodged(contract: EmploymentContract, titles: dict[str, Any]) -> Step:
    side = SIDE_TITLES[contract.lodged_for] if contract.version == 1 else ""
    return Step(titles["lodge"], contract.created_at, side)


def of_job_order(session: Session, order: JobOrder, reader: Reader) -> list[Step]:
    """The way of a job order; to an agency, only while it named that agency."""
    events = _events(session, job_order_workflow, order.id, extra=("draft",))
    if reader is Reader.AGENCY:
        events = _named(events, order.agency_id)
    who = _actors(session, order, events)
    return [Step(JOB_ORDER_STEPS[e.action], e.at, who(e), _reason(e, reader)) for e in events]


def _named(events: Sequence[AuditEvent], agency_id: UUID) -> list[AuditEvent]:
    """From each signature that named the agency to the next one; of those that do not say, the newest did."""
    signed = [e.id for e in events if e.action == "sign"]
    named, found = False, []
    for event in events:
        if event.action == "sign":
            written = event.evidence.get("agency_id")
            named = written == str(agency_id) if written else event.id == signed[-1]
        if named:
            found.append(event)
    return found


def _events(
    session: Session, workflow: Workflow[Any], subject_id: UUID, *, extra: tuple[str, ...]
) -> Sequence[AuditEvent]:
    newest = (
        select(AuditEvent)
        .where(
            AuditEvent.subject_kind == workflow.name,
            AuditEvent.subject_id == subject_id,
            AuditEvent.action.in_([*workflow.transitions, *extra]),
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(AT_MOST)
    )
    return session.scalars(newest).all()[::-1]


def _actors(session: Session, record: HasParties, events: Iterable[AuditEvent], migrant_id: UUID | None = None) -> Any:
    """Who did a step, by side: as the log wrote it down, else by whose people the account is or was."""
    accounts = {e.actor_account_id for e in events if e.actor_account_id}
    subjects = {(KINDS[side], subject_of(record, side)): side for side in Side}
    rows = session.execute(
        select(Membership.account_id, Membership.kind, Membership.subject_id).where(
            Membership.account_id.in_(accounts), Membership.subject_id.in_([s for _kind, s in subjects])
        )
    ).all()
    sides = {r.account_id: subjects[r.kind, r.subject_id] for r in rows if (r.kind, r.subject_id) in subjects}
    worker = session.scalar(select(Migrant.account_id).where(Migrant.id == migrant_id)) if migrant_id else None

    def who(event: AuditEvent) -> Any:
        if event.actor_kind == ActorKind.SYSTEM:
            return ""
        if worker is not None and event.actor_account_id == worker:
            return WORKER
        written = event.evidence.get("side")
        side = Side(written) if written else sides.get(event.actor_account_id)
        return SIDE_TITLES[side] if side else OFFICE

    return who


def _reason(event: AuditEvent, reader: Reader) -> str:
    if event.action == "fail" and reader is not Reader.WORKER:
        # The log keeps the topics of the law; pages say their titles.
        return ", ".join(str(LAW_TITLES.get(topic, topic)) for topic in event.reason.split(", "))
    told = {Reader.OFFICE: TO_OFFICE, Reader.WORKER: TO_WORKER}.get(reader, TO_PARTIES)
    return event.reason if event.action in told else ""
