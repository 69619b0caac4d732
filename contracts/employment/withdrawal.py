"""Contracts that end before they are registered: taken back by who lodged them, or lapsed. The place is given back once."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from contracts import quota
from contracts.employment.models import EmploymentContract
from contracts.employment.policies import find
from contracts.employment.status import Place, contract_workflow
from contracts.sides import acts_on
from core.actor import Actor
from core.errors import Denied, DomainError, TooLate
from core.i18n import _l
from core.permissions import ClerkRight
from migrants.registration.telling import tell_of_change


def may_withdraw(actor: Actor, contract: EmploymentContract) -> bool:
    """Whether the actor is of the side that lodged it last, with the right, and it is not registered."""
    mine = acts_on(actor, contract, contract.lodged_for, ClerkRight.CONTRACTS)
    return mine and contract_workflow.allows(contract.status, "withdraw")


def withdraw(session: Session, actor: Actor, contract_id: UUID, reason: str) -> EmploymentContract:
    """The side that lodged a contract takes it back, with a reason that the worker reads; the worker is told.

    :raises Denied: to everybody else who sees it.
    :raises TooLate: once it is registered or over.
    """
    contract = find(session, actor, contract_id, lock=True)
    if not acts_on(actor, contract, contract.lodged_for, ClerkRight.CONTRACTS):
        raise Denied(_l("Only who lodged the contract can withdraw it."))
    if not reason.strip():
        raise DomainError(_l("Please give a reason."), field="reason")
    return end_early(session, actor, contract, "withdraw", reason, {"side": contract.lodged_for})


def end_early(
    session: Session,
    actor: Actor,
    contract: EmploymentContract,
    action: str,
    reason: str,
    evidence: Mapping[str, Any],
) -> EmploymentContract:
    """End a locked contract that is not registered. Who never saw it is told nothing.

    :raises TooLate: when it has moved on.
    """
    if not contract_workflow.allows(contract.status, action):
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    quota.hold(session, contract)
    quota.move(session, contract, Place.NONE)
    contract_workflow.apply(session, contract, action, actor=actor, reason=reason, evidence=evidence)
    contract.due_on = None
    if contract.shown_at is not None:
        tell_of_change(session, contract.migrant_id)
    return contract
