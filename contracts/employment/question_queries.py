"""What pages read of questions about contracts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.registration import waiting as agency_home
from agencies.registration.waiting import Waiting
from contracts.employers.models import Employer
from contracts.employment.models import EmploymentContract
from contracts.employment.question_models import ContractAnswer, ContractQuestion
from contracts.employment.question_policies import may_add, readable
from contracts.employment.question_status import UNANSWERED, Answerer, QuestionStatus
from contracts.employment.status import ContractStatus
from core.actor import Actor
from core.db import legal_day
from core.i18n import _l
from core.listing import AnySelect
from core.permissions import ClerkRight, Permission, SubjectKind


@dataclass(frozen=True, slots=True)
class Said:
    """One answer; ``words`` is None once the worker was erased."""

    by: Answerer
    at: datetime
    locale: str
    words: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its answers, the oldest first. ``may_add``: the worker still decides about these terms."""

    id: UUID
    status: QuestionStatus
    asked_of: Answerer
    at: datetime
    due_on: date
    locale: str
    words: str | None
    old_terms: bool
    may_add: bool
    answers: Sequence[Said]

    @property
    def unanswered(self) -> bool:
        return self.status in UNANSWERED


def thread(session: Session, actor: Actor, contract: EmploymentContract, limit: int = 50) -> list[Asked]:
    """The questions of a contract that the actor may read, the newest first."""
    questions = session.scalars(
        select(ContractQuestion)
        .where(ContractQuestion.contract_id == contract.id, ContractQuestion.asked_of.in_(readable(actor, contract)))
        .order_by(ContractQuestion.created_at.desc(), ContractQuestion.id.desc())
        .limit(limit)
    ).all()
    answers = _answers(session, [q.id for q in questions])
    return [
        Asked(
            q.id, q.status, q.asked_of, q.created_at, q.due_on, q.locale, q.words, q.version != contract.version,
            may_add(contract, q), answers[q.id],
        )
        for q in questions
    ]  # fmt: skip


def _answers(session: Session, question_ids: list[UUID]) -> dict[UUID, list[Said]]:
    found: dict[UUID, list[Said]] = defaultdict(list)
    if not question_ids:
        return found
    query = select(ContractAnswer).where(ContractAnswer.question_id.in_(question_ids))
    for row in session.scalars(query.order_by(ContractAnswer.created_at, ContractAnswer.id).limit(1000)):
        found[row.question_id].append(Said(row.said_by, row.created_at, row.locale, row.words))
    return found


def has_any(session: Session, actor: Actor, contract: EmploymentContract) -> bool:
    """Whether there is a question on the contract that the actor may read."""
    query = select(ContractQuestion.id).where(
        ContractQuestion.contract_id == contract.id, ContractQuestion.asked_of.in_(readable(actor, contract))
    )
    return session.scalar(query.limit(1)) is not None


def has_answer(session: Session, contract: EmploymentContract) -> bool:
    """Whether the worker still decides about the terms, with an answer to the newest question before them."""
    if contract.status is not ContractStatus.WORKER_REVIEW:
        return False
    query = select(ContractQuestion).where(ContractQuestion.contract_id == contract.id)
    newest = session.scalars(
        query.order_by(ContractQuestion.created_at.desc(), ContractQuestion.id.desc()).limit(1)
    ).one_or_none()
    return newest is not None and may_add(contract, newest)


def of_party(session: Session, actor: Actor, side: Answerer, subject_id: UUID, limit: int = 20) -> list[Waiting]:
    """Questions that wait for an agency or an employer, the oldest first; none for a clerk without the right."""
    agency = side is Answerer.AGENCY
    if not actor.acts_for(SubjectKind.AGENCY if agency else SubjectKind.EMPLOYER, subject_id, ClerkRight.CONTRACTS):
        return []
    party = EmploymentContract.agency_id if agency else EmploymentContract.employer_id
    rows = session.execute(
        select(
            EmploymentContract.id, EmploymentContract.reference, ContractQuestion.created_at, ContractQuestion.due_on
        )
        .join(EmploymentContract, EmploymentContract.id == ContractQuestion.contract_id)
        .where(party == subject_id, ContractQuestion.asked_of == side, ContractQuestion.status.in_(UNANSWERED))
        .order_by(ContractQuestion.due_on, ContractQuestion.id)
        .limit(limit)
    ).all()
    title = _l("A worker’s question about a contract")
    return [
        Waiting(title, r.reference, legal_day(r.created_at), r.due_on, "contract_questions.show", {"contract_id": r.id})
        for r in rows
    ]


def of_agency(session: Session, actor: Actor, agency_id: UUID) -> list[Waiting]:
    return of_party(session, actor, Answerer.AGENCY, agency_id)


def overdue(actor: Actor) -> AnySelect:
    """Questions of workers of the actor's area that nobody answered in time."""
    return (
        select(
            ContractQuestion.id, ContractQuestion.contract_id, ContractQuestion.created_at, ContractQuestion.due_on,
            EmploymentContract.reference, Employer.name.label("employer"),
        )
        .join(EmploymentContract, EmploymentContract.id == ContractQuestion.contract_id)
        .join(Employer, Employer.id == EmploymentContract.employer_id)
        .where(
            ContractQuestion.status == QuestionStatus.OVERDUE,
            EmploymentContract.office_id.in_(actor.offices(Permission.CONTRACT_REGISTER)),
        )
    )  # fmt: skip


agency_home.offer(of_agency)
