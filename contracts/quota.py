"""The quota of a job order: a lodged contract reserves a place, a registered one takes it, a clearance uses it.

A contract remembers the place that it holds, so a place is given back once, from where it is. Each step is one UPDATE that
the database's constraint guards, so no race can take more than was approved.
"""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contracts.employment.models import EmploymentContract
from contracts.employment.status import ContractStatus, Place
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import JobOrderStatus
from core.errors import TooLate
from core.i18n import _l

# Whoever has departed used the place up: it stays counted as cleared.
COUNTERS = {
    Place.RESERVED: "reserved",
    Place.CONTRACTED: "contracted",
    Place.CLEARED: "cleared",
    Place.DEPARTED: "cleared",
}


def move(session: Session, contract: EmploymentContract, place: Place) -> None:
    """Move a contract, locked by the caller, to another place; where it holds that one already, nothing changes.

    :raises TooLate: when none is left.
    """
    before, after = COUNTERS.get(contract.place), COUNTERS.get(place)
    if before != after:
        shift(session, contract.job_order_id, **{k: v for k, v in ((before, -1), (after, 1)) if k})
    contract.place = place
    session.flush()


def hold(session: Session, contract: EmploymentContract) -> None:
    """Lock the job order of a locked contract, before the contract is changed.

    A lodging for the same worker holds the job order and waits for what becomes of the contract; who changed the contract
    first and then waited for the job order would wait in a ring with it.
    """
    session.execute(select(JobOrder.id).where(JobOrder.id == contract.job_order_id).with_for_update())


def shift(session: Session, job_order_id: UUID, **change: int) -> None:
    """Change counters of a job order, such as ``reserved=1``.

    :raises TooLate: when the approved number does not allow it, or the job order is closed or over: a place that was given back
        is not taken again there.
    """
    # Taking one more needs an open job order; moving on and giving back do not.
    open_still = [JobOrder.status == JobOrderStatus.APPROVED] if sum(change.values()) > 0 else []
    values = {name: getattr(JobOrder, name) + by for name, by in change.items()}
    try:
        with session.begin_nested():
            done = session.execute(
                update(JobOrder)
                .where(JobOrder.id == job_order_id, *open_still)
                .values(values)
                .returning(JobOrder.id)
                .execution_options(synchronize_session=False)
            ).first()
    except IntegrityError:
        raise TooLate(_l("No place is left in this job order.")) from None
    if done is None:
        raise TooLate(_l("This job order is not open."))


def locked_contract(session: Session, contract_id: UUID) -> EmploymentContract:
    """The contract as it stands now, locked until the caller's transaction ends."""
    return session.get_one(EmploymentContract, contract_id, with_for_update=True, populate_existing=True)


def give_up_clearance(session: Session, contract_id: UUID) -> None:
    """A clearance was closed before departure: the place is the contract's again, or nobody's if that has ended."""
    contract = locked_contract(session, contract_id)
    if contract.place is Place.CLEARED:
        stands = contract.status is ContractStatus.REGISTERED
        move(session, contract, Place.CONTRACTED if stands else Place.NONE)
