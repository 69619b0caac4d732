"""Who may see and decide which exemption."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.employment.models import EmploymentContract
from contracts.employment.status import ContractStatus
from contracts.exemptions.models import BanExemption
from contracts.interests import refuse_interest
from contracts.job_orders.models import JobOrder
from core.actor import Actor
from core.errors import NotVisible
from core.permissions import Permission, SubjectKind

_OVER = (ContractStatus.DECLINED, ContractStatus.ENDED)


def find(session: Session, actor: Actor, exemption_id: UUID, *, lock: bool = False) -> BanExemption:
    """An exemption for an officer of the right, or for the auditor; never one for the officer's own departure.

    :raises NotVisible: for everybody else.
    """
    found = session.get(BanExemption, exemption_id, with_for_update=lock, populate_existing=lock)
    reads = actor.can(Permission.BAN_EXEMPT) or (not lock and actor.can(Permission.AUDIT_READ))
    if found is None or not reads or found.migrant_id in actor.subjects(SubjectKind.MIGRANT):
        raise NotVisible
    return found


def refuse_ties(session: Session, actor: Actor, *, migrant_id: UUID | None, job_order_id: UUID | None) -> None:
    """
    :raises Denied: when an agency or employer that gains by the exemption is, or was, the officer's.
    """
    if job_order_id is not None:
        order = session.get_one(JobOrder, job_order_id)
        refuse_interest(session, actor, employer_id=order.employer_id, agency_id=order.agency_id)
        return
    parties = select(EmploymentContract.employer_id, EmploymentContract.agency_id).where(
        EmploymentContract.migrant_id == migrant_id, EmploymentContract.status.not_in(_OVER)
    )
    for party in session.execute(parties.distinct().limit(20)):
        refuse_interest(session, actor, employer_id=party.employer_id, agency_id=party.agency_id)
