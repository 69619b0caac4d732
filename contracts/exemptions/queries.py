"""What other features and pages read of exemptions."""

from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contracts.exemptions.models import BanExemption
from contracts.exemptions.status import ExemptionStatus
from contracts.job_orders.models import JobOrder
from core.actor import Actor
from core.listing import AnySelect
from core.permissions import Permission, SubjectKind
from migrants.registration.models import Migrant


def exempted(
    session: Session, ban_row: str, on: date, *, migrant_id: UUID, job_order_id: UUID, lock: bool = False
) -> BanExemption | None:
    """The exemption in force for a person, or else for the job order; None when there is none.

    :param lock: hold it until the caller's transaction ends, so that nobody revokes it meanwhile.
    """
    query = (
        select(BanExemption)
        .where(
            BanExemption.status == ExemptionStatus.IN_FORCE, BanExemption.last_day >= on, BanExemption.ban_row == ban_row,
            or_(BanExemption.migrant_id == migrant_id, BanExemption.job_order_id == job_order_id),
        )
        .order_by(BanExemption.migrant_id.is_(None), BanExemption.last_day.desc())
        .limit(1)
    )  # fmt: skip
    return session.scalars(query.with_for_update(read=True) if lock else query).one_or_none()


def exempted_order(session: Session, ban_row: str, on: date, order_reference: str) -> BanExemption | None:
    """The exemption in force for the workers of a job order."""
    query = (
        select(BanExemption)
        .join(JobOrder, JobOrder.id == BanExemption.job_order_id)
        .where(
            BanExemption.status == ExemptionStatus.IN_FORCE, BanExemption.last_day >= on, BanExemption.ban_row == ban_row,
            JobOrder.reference == order_reference,
        )
    )  # fmt: skip
    return session.scalars(query).one_or_none()


def visible(actor: Actor) -> AnySelect:
    """Exemptions that an officer may see: all but one for the officer, with the reference of whom each is for."""
    query = (
        select(BanExemption, Migrant.reference.label("person"), JobOrder.reference.label("job_order"))
        .outerjoin(Migrant, Migrant.id == BanExemption.migrant_id)
        .outerjoin(JobOrder, JobOrder.id == BanExemption.job_order_id)
    )
    own = actor.subjects(SubjectKind.MIGRANT)
    return query.where(or_(BanExemption.migrant_id.is_(None), BanExemption.migrant_id.not_in(own))) if own else query


def listed(session: Session, actor: Actor, limit: int = 200) -> list[tuple[BanExemption, str]]:
    """The newest exemptions with the reference of the person or the job order."""
    rows = session.execute(visible(actor).order_by(BanExemption.created_at.desc(), BanExemption.id).limit(limit))
    return [(row[0], row.person or row.job_order) for row in rows]


def subject_reference(session: Session, exemption: BanExemption) -> str:
    """The reference of the person or the job order."""
    model, key = (Migrant, exemption.migrant_id) if exemption.migrant_id else (JobOrder, exemption.job_order_id)
    return session.scalars(select(model.reference).where(model.id == key)).one()


def waiting(actor: Actor) -> AnySelect:
    """Proposals of other officers that wait for a second one."""
    query = select(
        BanExemption.id, BanExemption.reference, BanExemption.ban_row, BanExemption.created_at, BanExemption.due_on
    ).where(BanExemption.status == ExemptionStatus.PROPOSED, BanExemption.proposed_by != actor.account_id)
    return query if actor.can(Permission.BAN_EXEMPT) else query.where(BanExemption.id.is_(None))
