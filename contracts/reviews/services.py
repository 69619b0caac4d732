"""Opening, deciding and settling reviews. The sanctions are pulled from the package below, never remembered."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from agencies.sanctions.case_status import CaseSubject
from agencies.sanctions.queries import barred, sanctioned_agencies
from agencies.winding_down.opening import winding_agencies
from contracts.clearance.models import DepartureClearance
from contracts.clearance.status import ClearanceStatus
from contracts.employers.bar_queries import barred_employers
from contracts.employment.models import EmploymentContract
from contracts.employment.policies import is_worker
from contracts.employment.status import ContractStatus
from contracts.interests import refuse_interest
from contracts.reviews.models import WorkerReview
from contracts.reviews.status import OUTCOMES_FOR, REVIEW, Outcome, ReviewKind, ReviewStatus
from core import audit
from core.actor import SYSTEM, Actor
from core.db import db_now, legal_today
from core.errors import DomainError, NotVisible, TooLate
from core.i18n import _l
from core.ids import new_id, new_reference
from core.permissions import Permission
from law.country import due_after

LIVING = (
    ContractStatus.LODGED,
    ContractStatus.WORKER_REVIEW,
    ContractStatus.QUESTION,
    ContractStatus.ACCEPTED,
    ContractStatus.REGISTERED,
)
_CLEARED = (ClearanceStatus.GRANTED, ClearanceStatus.HELD, ClearanceStatus.STOPPED)


@dataclass(frozen=True, slots=True)
class Decision:
    outcome: Outcome
    note: str


def follow(session: Session) -> tuple[int, int]:
    """Open a review for each worker of each agency that is sanctioned or wound down and each barred employer, settle those
    whose ground has ended; gives both numbers. Running twice changes nothing."""
    # Where an agency is wound down and sanctioned as well, the sanction is the ground: a worker is looked at once.
    winding = winding_agencies(session)
    agencies = {**winding, **sanctioned_agencies(session)}
    # Here, too, the order of a proceeding comes before an officer's own bar.
    employers = {**barred_employers(session, legal_today(session)), **barred(session, CaseSubject.EMPLOYER)}
    opened = _open(session, EmploymentContract.agency_id, agencies) + _open(
        session, EmploymentContract.employer_id, employers
    )
    return opened, _settle(session, {*winding.values(), *agencies.values(), *employers.values()})


def _open(session: Session, party: Any, grounds: dict[UUID, UUID]) -> int:
    if not grounds:
        return 0
    far = select(DepartureClearance.id).where(DepartureClearance.contract_id == EmploymentContract.id)
    kind: ColumnElement[str] = case(
        (far.where(DepartureClearance.status == ClearanceStatus.DEPARTED).exists(), ReviewKind.DEPLOYED.value),
        (far.where(DepartureClearance.status.in_(_CLEARED)).exists(), ReviewKind.CLEARED.value),
        else_=ReviewKind.CONTRACTED.value,
    )
    rows = session.execute(
        select(EmploymentContract.id, EmploymentContract.office_id, party.label("party"), kind.label("kind")).where(
            party.in_(grounds), EmploymentContract.status.in_(LIVING)
        )
    ).all()
    due = due_after(legal_today(session), "worker_review_days")
    values = [
        {
            "id": new_id(), "reference": new_reference("WR"), "contract_id": r.id, "ground_id": grounds[r.party],
            "office_id": r.office_id, "kind": ReviewKind(r.kind), "status": ReviewStatus.OPEN, "due_on": due,
        }
        for r in rows
    ]  # fmt: skip
    if not values:
        return 0
    # Two workers of this job at once: each worker is reviewed once for one sanction.
    made = session.execute(
        insert(WorkerReview).values(values).on_conflict_do_nothing().returning(WorkerReview.id, WorkerReview.ground_id)
    ).all()
    for review_id, ground_id in made:
        evidence = {"ground_id": ground_id}
        audit.record(session, SYSTEM, subject=("worker_review", review_id), action="open", evidence=evidence)
    return len(made)


def _settle(session: Session, grounds: set[UUID]) -> int:
    """What no sanction asks for any more; a worker abroad is called all the same."""
    query = select(WorkerReview).where(
        WorkerReview.status == ReviewStatus.OPEN, WorkerReview.kind != ReviewKind.DEPLOYED
    )
    if grounds:
        query = query.where(WorkerReview.ground_id.not_in(grounds))
    gone = session.scalars(query.with_for_update(skip_locked=True)).all()
    for review in gone:
        REVIEW.apply(session, review, "settle", actor=SYSTEM, reason="the sanction has ended or changed")
    return len(gone)


def find(session: Session, actor: Actor, review_id: UUID, *, lock: bool = False) -> WorkerReview:
    """
    :raises NotVisible: for anybody but a labour officer of the migrant's area, who is not that migrant.
    """
    review = session.get(WorkerReview, review_id, with_for_update=lock, populate_existing=lock)
    if review is None or not actor.can(Permission.CONTRACT_REGISTER, review.office_id):
        raise NotVisible
    if is_worker(actor, session.get_one(EmploymentContract, review.contract_id)):
        raise NotVisible
    return review


def decide(session: Session, actor: Actor, review_id: UUID, command: Decision) -> WorkerReview:
    """Write down what was found out with the worker. The contract itself is changed by its own steps, never by this."""
    review = find(session, actor, review_id, lock=True)
    contract = session.get_one(EmploymentContract, review.contract_id)
    refuse_interest(session, actor, employer_id=contract.employer_id, agency_id=contract.agency_id)
    if command.outcome not in OUTCOMES_FOR[review.kind]:
        raise DomainError(_l("Choose one."), field="outcome")
    if not REVIEW.allows(review.status, "decide"):
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    review.outcome, review.note = command.outcome, command.note
    review.decided_by, review.decided_at = actor.require_account(), db_now(session)
    evidence = {"outcome": command.outcome, "contract_id": review.contract_id}
    REVIEW.apply(
        session, review, "decide", actor=actor, reason=command.note, evidence=evidence, office_id=review.office_id
    )
    return review


def waiting(actor: Actor) -> Any:
    """Open reviews in the actor's area."""
    return (
        select(
            WorkerReview.id,
            WorkerReview.reference,
            WorkerReview.kind,
            WorkerReview.created_at,
            WorkerReview.due_on,
            EmploymentContract.reference.label("contract"),
        )
        .join(EmploymentContract, EmploymentContract.id == WorkerReview.contract_id)
        .where(
            WorkerReview.status == ReviewStatus.OPEN,
            WorkerReview.office_id.in_(actor.offices(Permission.CONTRACT_REGISTER)),
        )
    )
