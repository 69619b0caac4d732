"""Who may read or answer which question about a contract.

The worker and the labour officers of the worker's office read every question of a contract; of agency and employer only the
one that was asked, since a worker may ask the one about the other.
"""

from contracts.employment.models import EmploymentContract
from contracts.employment.policies import is_registrar, is_worker
from contracts.employment.question_models import ContractQuestion
from contracts.employment.question_status import Answerer, QuestionStatus
from contracts.employment.status import ContractStatus
from contracts.sides import Side, acts_on
from core.actor import Actor
from core.permissions import ClerkRight


def answering(
    actor: Actor, contract: EmploymentContract, right: ClerkRight | None = ClerkRight.CONTRACTS
) -> set[Answerer]:
    """For which of the two parties the actor may read and answer; a clerk needs the right to deal with contracts. Without a
    ``right``: of which the actor is one, whatever the rights."""
    return {Answerer(side) for side in Side if acts_on(actor, contract, side, right)}


def readable(actor: Actor, contract: EmploymentContract) -> set[Answerer]:
    """The actor reads what was asked of these."""
    if is_worker(actor, contract) or is_registrar(actor, contract):
        return {Answerer.AGENCY, Answerer.EMPLOYER}
    return answering(actor, contract)


def speaker(actor: Actor, contract: EmploymentContract, question: ContractQuestion) -> Answerer | None:
    """As whom the actor answers; None for whoever may not."""
    if question.asked_of in answering(actor, contract):
        return question.asked_of
    return Answerer.OFFICE if is_registrar(actor, contract) else None


def may_add(contract: EmploymentContract, question: ContractQuestion) -> bool:
    """An answer helps as long as the worker still decides about the terms that it explains."""
    return (
        question.status is QuestionStatus.ANSWERED
        and contract.status is ContractStatus.WORKER_REVIEW
        and question.version == contract.version
    )
