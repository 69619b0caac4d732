"""Another contract of the same worker was registered: what becomes of the clearance for the old one.

One in force is superseded: it leads to no departure any more, and its place goes back. One that still waits follows the
worker to the new contract, and officers look at everything again. Both happen in the transaction that registers.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts import quota
from contracts.clearance.models import ClearancePaper, DepartureClearance
from contracts.clearance.status import ENDED, IN_FORCE, clearance_workflow
from contracts.employment.models import EmploymentContract
from contracts.employment.queries import ContractStanding, registered_contract
from contracts.employment.status import ContractStatus, contract_workflow
from core import audit
from core.actor import SYSTEM, Actor
from core.db import legal_today
from core.workflow import Transition
from law.country import due_after
from migrants.registration.telling import tell_of_change


def in_hand(session: Session, migrant_id: UUID) -> DepartureClearance | None:
    """The person's clearance that has not ended, locked; None when there is none."""
    query = select(DepartureClearance).where(
        DepartureClearance.migrant_id == migrant_id, DepartureClearance.status.not_in(ENDED)
    )
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()


def follow_registered(session: Session, actor: Actor, migrant_id: UUID) -> None:
    """Settle what is in hand for another contract than the registered one; asking twice changes nothing.

    :param actor: who asks, where the clearance only waits for the worker; what is decided by it is the system's.
    """
    clearance = in_hand(session, migrant_id)
    contract = registered_contract(session, migrant_id)
    if clearance is None or contract is None or contract.contract_id == clearance.contract_id:
        return
    if clearance.status in IN_FORCE:
        _supersede(session, clearance, contract)
    else:
        _follow(session, actor, clearance, contract)


def follow_all(session: Session) -> int:
    """Settle each clearance in hand whose worker has another contract registered, however that came; gives how many.

    Registering does so at once: this finds what came another way. Running twice changes nothing.
    """
    query = (
        select(DepartureClearance.migrant_id)
        .join(EmploymentContract, EmploymentContract.migrant_id == DepartureClearance.migrant_id)
        .where(
            DepartureClearance.status.not_in(ENDED), EmploymentContract.status == ContractStatus.REGISTERED,
            EmploymentContract.id != DepartureClearance.contract_id,
        )
        .order_by(DepartureClearance.id)
        .limit(500)
    )  # fmt: skip
    found = session.scalars(query).all()
    for migrant_id in found:
        follow_registered(session, SYSTEM, migrant_id)
    return len(found)


def _supersede(session: Session, clearance: DepartureClearance, contract: ContractStanding) -> None:
    evidence = {"from": clearance.contract_id, "to": contract.contract_id}
    clearance_workflow.apply(session, clearance, "supersede", actor=SYSTEM, evidence=evidence)
    clearance.due_on = None
    # Whoever ended the contract gave its place back already; what still holds one gives it back here, once.
    quota.give_up_clearance(session, clearance.contract_id)
    tell_of_change(session, clearance.migrant_id)


def _follow(session: Session, actor: Actor, clearance: DepartureClearance, contract: ContractStanding) -> None:
    """Papers stay, and are looked at again: an insurance may be for the old employer alone."""
    evidence = {"from": clearance.contract_id, "to": contract.contract_id}
    clearance.contract_id, clearance.job_order_id = contract.contract_id, contract.job_order_id
    clearance.office_id = contract.office_id
    look_again(session, clearance)
    if not clearance_workflow.allows(clearance.status, "follow"):
        subject = ("departure_clearance", clearance.id)
        audit.record(session, actor, subject=subject, action="follow_contract", evidence=evidence)
        return
    # The flight was to another job; who looked before looked at another contract.
    clearance.reviewed_by = clearance.flight_on = None
    clearance.due_on = due_after(legal_today(session), "clearance_review_days")
    clearance_workflow.apply(session, clearance, "follow", actor=SYSTEM, evidence=evidence)
    tell_of_change(session, clearance.migrant_id)


def look_again(session: Session, clearance: DepartureClearance) -> None:
    """Every paper that was found good is to be looked at anew."""
    query = select(ClearancePaper).where(ClearancePaper.clearance_id == clearance.id).with_for_update()
    for paper in session.scalars(query).all():
        paper.checked_by = paper.checked_at = None
    session.flush()


def _on_registration(
    session: Session, contract: EmploymentContract, arrow: Transition[ContractStatus], _actor: Any
) -> None:
    if arrow.target is ContractStatus.REGISTERED:
        follow_registered(session, SYSTEM, contract.migrant_id)


contract_workflow.watch(_on_registration)
