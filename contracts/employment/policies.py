"""Who may see or do what to which contract."""

from uuid import UUID

from sqlalchemy.orm import Session

from contracts.employment.models import EmploymentContract
from core.actor import Actor
from core.errors import NotVisible
from core.permissions import ClerkRight, Permission, SubjectKind


def is_worker(actor: Actor, contract: EmploymentContract) -> bool:
    """The migrant alone, on the own account."""
    return contract.migrant_id in actor.subjects(SubjectKind.MIGRANT)


def is_party(actor: Actor, contract: EmploymentContract, right: ClerkRight | None = None) -> bool:
    """The employer or the agency of the contract."""
    return actor.acts_for(SubjectKind.AGENCY, contract.agency_id, right) or actor.acts_for(
        SubjectKind.EMPLOYER, contract.employer_id, right
    )


def is_registrar(actor: Actor, contract: EmploymentContract) -> bool:
    """An officer of the migrant's area; never on the own contract."""
    return actor.can(Permission.CONTRACT_REGISTER, contract.office_id) and not is_worker(actor, contract)


def find(session: Session, actor: Actor, contract_id: UUID, *, lock: bool = False) -> EmploymentContract:
    """A contract that the actor may see.

    :raises NotVisible: when there is none for this actor.
    """
    contract = session.get(EmploymentContract, contract_id, with_for_update=lock, populate_existing=lock)
    if contract is None or not (
        is_worker(actor, contract) or is_party(actor, contract) or is_registrar(actor, contract)
    ):
        raise NotVisible
    return contract


def find_to_read(session: Session, actor: Actor, contract_id: UUID) -> EmploymentContract:
    """A contract for a page that changes nothing: the auditor reads it too.

    :raises NotVisible: when there is none for this actor.
    """
    contract = session.get(EmploymentContract, contract_id)
    if contract is not None and actor.can(Permission.AUDIT_READ, contract.office_id):
        return contract
    return find(session, actor, contract_id)
