"""Proposing an exemption from a ban, and deciding on it: two officers of the same right, never one."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contracts.exemptions import grounds
from contracts.exemptions.grounds import JOB_ORDER, PERSON, Case
from contracts.exemptions.models import BanExemption
from contracts.exemptions.policies import find, refuse_ties
from contracts.exemptions.status import ExemptionStatus, exemption_workflow
from contracts.job_orders.models import JobOrder
from core import audit
from core.actor import SYSTEM, Actor
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, NotVisible
from core.files import store_upload
from core.i18n import _l
from core.permissions import Permission, SubjectKind
from law.country import due_after
from law.engine import Applied, Found, Row
from migrants.registration.models import Migrant
from migrants.registration.queries import migrant_by_reference, standing
from migrants.registration.telling import tell_of_change

DECISIONS = ("grant", "refuse", "withdraw", "revoke")


@dataclass(frozen=True, slots=True)
class Proposal:
    """``reference`` of a person or of a job order; ``evidence`` is the paper on which it rests."""

    reference: str
    ban_row: str
    last_day: date
    reason: str
    evidence: bytes


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whom it is for; ``key`` seals the evidence of a person."""

    kind: str
    case: Case
    migrant_id: UUID | None = None
    job_order_id: UUID | None = None
    key: UUID | None = None


def propose(session: Session, actor: Actor, command: Proposal) -> BanExemption:
    """Propose an exemption; another officer decides.

    :raises DomainError: for an unknown reference, a ban that is not in force or of another case, a day that has passed, or
        where the law knows no such exemption.
    """
    actor.require(Permission.BAN_EXEMPT)
    today = legal_today(session)
    subject = _subject(session, actor, command.reference)
    row = grounds.ban(command.ban_row, today)
    if row is None or not grounds.speaks_of(row, subject.case):
        raise DomainError(_l("This ban is not for this person or job. Choose the one that is."), field="ban_row")
    found = grounds.refuse_without_ground(row, subject.kind, today)
    if command.last_day < today:
        raise DomainError(_l("This day has passed."), field="last_day")
    refuse_ties(session, actor, migrant_id=subject.migrant_id, job_order_id=subject.job_order_id)
    stored = store_upload(session, actor, command.evidence, purpose="ban exemption", person_key_id=subject.key)
    made = BanExemption(
        migrant_id=subject.migrant_id, job_order_id=subject.job_order_id, ban_row=row.id, reason=command.reason,
        file_id=stored.id, last_day=command.last_day, due_on=due_after(today, "ban_exemption_days"),
        proposed_by=actor.require_account(),
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        raise DomainError(
            _l("There is an exemption from this ban already, or one is proposed."), field="ban_row"
        ) from None
    audit.record(
        session, actor, subject=(exemption_workflow.name, made.id), action="propose", reason=command.reason,
        evidence=_evidence(made, row, found),
    )  # fmt: skip
    return made


def _subject(session: Session, actor: Actor, reference: str) -> _Subject:
    order = session.scalars(select(JobOrder).where(JobOrder.reference == reference)).one_or_none()
    if order is not None:
        case = Case(order.destination, str(order.terms["occupation"]))
        return _Subject(JOB_ORDER, case, job_order_id=order.id)
    migrant_id = migrant_by_reference(session, reference)
    person = standing(session, migrant_id) if migrant_id else None
    if person is None or person.level < 1 or person.migrant_id in actor.subjects(SubjectKind.MIGRANT):
        raise DomainError(_l("No verified person and no job order has this reference."), field="reference")
    key = session.scalars(select(Migrant.person_key_id).where(Migrant.id == person.migrant_id)).one()
    return _Subject(PERSON, Case(sex=person.sex), migrant_id=person.migrant_id, key=key)


def _evidence(made: BanExemption, row: Row | None, ground: Found | None) -> dict[str, Any]:
    """What a decision stores: the ban, what the law says of exemptions, the last day and the paper."""
    said = None
    if ground is not None:
        said = ground.row.as_evidence() if isinstance(ground, Applied) else ground.as_evidence()
    return {
        "ban": row.as_evidence() if row else {"row": made.ban_row}, "ground": said, "last_day": made.last_day,
        "file_id": made.file_id, "migrant_id": made.migrant_id, "job_order_id": made.job_order_id,
    }  # fmt: skip


def decide(session: Session, actor: Actor, exemption_id: UUID, action: str, reason: str) -> BanExemption:
    """Give, refuse or revoke it, or take one's own proposal back.

    :raises Denied: when the officer who proposed it gives or refuses it, another takes it back, or a tie is seen.
    :raises DomainError: when the ban or the day is over, or the law knows no such exemption any more.
    """
    exemption = find(session, actor, exemption_id, lock=True)
    if action not in DECISIONS:
        raise NotVisible
    own = exemption.proposed_by == actor.account_id
    if action in ("grant", "refuse") and own:
        raise Denied(_l("Another officer has to decide this."))
    if action == "withdraw" and not own:
        raise Denied(_l("Only the officer who proposed it can withdraw it."))
    if action != "withdraw":
        refuse_ties(session, actor, migrant_id=exemption.migrant_id, job_order_id=exemption.job_order_id)
    row, ground = grounds.written(exemption.ban_row), None
    if action == "grant":
        ground = _still_grounded(session, exemption)
    if action in ("grant", "refuse") and exemption.status is ExemptionStatus.PROPOSED:
        exemption.decided_by, exemption.decided_at, exemption.due_on = actor.account_id, db_now(session), None
    exemption_workflow.apply(
        session, exemption, action, actor=actor, reason=reason, evidence=_evidence(exemption, row, ground)
    )
    exemption.due_on = None
    if exemption.migrant_id is not None and action in ("grant", "revoke"):
        tell_of_change(session, exemption.migrant_id)
    return exemption


def _still_grounded(session: Session, exemption: BanExemption) -> Found:
    today = legal_today(session)
    row = grounds.ban(exemption.ban_row, today)
    if row is None:
        raise DomainError(_l("This ban is not in force today: nothing is to be exempted from."))
    if exemption.last_day < today:
        raise DomainError(_l("This day has passed."))
    return grounds.refuse_without_ground(row, PERSON if exemption.migrant_id else JOB_ORDER, today)


def expire_due(session: Session) -> int:
    """What is past its last day runs out; pages ask the day themselves, so a late run lets nobody through."""
    open_ = (ExemptionStatus.PROPOSED, ExemptionStatus.IN_FORCE)
    query = select(BanExemption).where(BanExemption.status.in_(open_), BanExemption.last_day < legal_today(session))
    due = session.scalars(query.with_for_update(skip_locked=True).limit(500)).all()
    for exemption in due:
        exemption_workflow.apply(session, exemption, "expire", actor=SYSTEM)
        exemption.due_on = None
    return len(due)
