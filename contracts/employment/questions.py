"""A worker's questions about the own contract: asking, answering, going on without an answer, and what nobody answers.

No text of them is in the log. An answer never changes the contract: whoever says other terms has to change the terms.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts import deadlines, sides
from contracts.employment.models import EmploymentContract
from contracts.employment.policies import find, is_worker
from contracts.employment.question_models import ContractAnswer, ContractQuestion
from contracts.employment.question_policies import answering, may_add, readable, speaker
from contracts.employment.question_status import UNANSWERED, Answerer, QuestionStatus, contract_question_workflow
from contracts.employment.status import ContractStatus, contract_workflow
from contracts.employment.written import language_of
from contracts.interests import refuse_interest
from core.actor import SYSTEM, Actor
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.i18n import _l
from core.throttle import hit
from core.workflow import Transition
from law.country import due_after
from migrants.registration.models import Migrant
from migrants.registration.telling import tell_of_change

LONGEST = 1000
"""Characters of a question or an answer."""
ASKED = "question_asked"


def ask(session: Session, actor: Actor, contract_id: UUID, words: str, *, locale: str) -> ContractQuestion:
    """The worker asks whoever lodged the contract; until an answer is back, the worker can go on without it, or decline.

    :param locale: the language of the page on which it is written.
    :raises TooLate: when the contract does not wait for the worker, a question is open already, or the contract's time is over.
    :raises DomainError: without words, or with more than ``LONGEST`` characters.
    """
    contract = _own(session, actor, contract_id)
    words = _bounded(words, _l("Write what you want to know."))
    if contract.status is not ContractStatus.WORKER_REVIEW:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    # A question, its answer and going on begin a time of their own: after the last day there is none to begin.
    deadlines.refuse_late(session, contract)
    hit("contract_question", str(contract.id), limit=10, seconds=86400)
    asked_of = Answerer(contract.lodged_for)
    question = ContractQuestion(
        person_key_id=_workers_key(session, contract), contract_id=contract.id, version=contract.version, asked_of=asked_of,
        asked_by=actor.require_account(), locale=language_of(words, locale), due_on=due_after(legal_today(session), "contract_reply_days"),
        words=words,
    )  # fmt: skip
    session.add(question)
    session.flush()
    contract_workflow.apply(session, contract, "ask", actor=actor, evidence={"question_id": question.id})
    sides.tell(session, [(contract, contract.lodged_for)], ASKED)
    return question


def answer(
    session: Session, actor: Actor, contract_id: UUID, question_id: UUID, words: str, *, locale: str
) -> ContractAnswer:
    """Agency or employer answers, or a labour officer does; whoever answered, or an officer, may add to it.

    The contract goes back to the worker to be read, as it stands.

    :raises Denied: for a clerk without the right, and an officer who has a tie to one of the parties.
    :raises TooLate: when the question was taken back, the worker has decided meanwhile, or the contract's time is over.
    """
    # The contract before its question, in every act, so that no two of them wait for each other.
    contract = find(session, actor, contract_id, lock=True)
    question = session.get(ContractQuestion, question_id, with_for_update=True, populate_existing=True)
    if question is None or question.contract_id != contract.id:
        raise NotVisible
    said_by = speaker(actor, contract, question)
    if said_by is None:
        if is_worker(actor, contract) or question.asked_of not in answering(actor, contract, None):
            raise NotVisible
        raise Denied(_l("You are not allowed to do this."))
    if said_by is Answerer.OFFICE:
        refuse_interest(session, actor, employer_id=contract.employer_id, agency_id=contract.agency_id)
    words = _bounded(words, _l("Write the answer."))
    first = question.status in UNANSWERED
    if not first and not may_add(contract, question):
        raise TooLate(_l("The worker has gone on meanwhile. An answer helps no more."))
    deadlines.refuse_late(session, contract)
    hit("contract_answer", str(question.id), limit=20, seconds=86400)
    made = ContractAnswer(
        person_key_id=question.person_key_id, question_id=question.id, said_by=said_by, written_by=actor.require_account(),
        locale=language_of(words, locale), words=words,
    )  # fmt: skip
    session.add(made)
    session.flush()
    evidence = {"answer_id": made.id, "said_by": said_by, "contract_id": contract.id}
    contract_question_workflow.apply(session, question, "answer" if first else "add", actor=actor, evidence=evidence)
    if first:
        contract_workflow.apply(session, contract, "answer", actor=actor, evidence={"question_id": question.id})
    tell_of_change(session, contract.migrant_id)
    return made


def go_on(session: Session, actor: Actor, contract_id: UUID) -> EmploymentContract:
    """The worker takes the question back and decides without an answer."""
    contract = _own(session, actor, contract_id)
    deadlines.refuse_late(session, contract)
    question = _unanswered(session, contract)
    if question is not None:
        contract_question_workflow.apply(session, question, "withdraw", actor=actor)
    # A question of before there were records of them has none, and does not hold the worker either.
    contract_workflow.apply(session, contract, "go_on", actor=actor)
    return contract


def escalate(session: Session, limit: int = 500) -> int:
    """Questions whose last day has passed without an answer go to the labour officers of the worker's office, and the worker
    is told; gives how many. Running twice changes nothing."""
    late = session.scalars(
        select(ContractQuestion)
        .where(ContractQuestion.status == QuestionStatus.OPEN, ContractQuestion.due_on < legal_today(session))
        .order_by(ContractQuestion.due_on, ContractQuestion.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for question in late:
        contract_question_workflow.apply(
            session, question, "escalate", actor=SYSTEM, reason="nobody answered in time",
            evidence={"due_on": question.due_on.isoformat(), "asked_of": question.asked_of, "contract_id": question.contract_id},
        )  # fmt: skip
        tell_of_change(session, session.get_one(EmploymentContract, question.contract_id).migrant_id)
    return len(late)


def find_thread(session: Session, actor: Actor, contract_id: UUID) -> EmploymentContract:
    """The contract, for whoever may read any of its questions, or could.

    :raises NotVisible: when there is no such contract for this actor, and for the worker, who has the own page.
    :raises Denied: for a clerk without the right.
    """
    contract = find(session, actor, contract_id)
    if is_worker(actor, contract):
        raise NotVisible
    if not readable(actor, contract):
        raise Denied(_l("You are not allowed to do this."))
    return contract


def _own(session: Session, actor: Actor, contract_id: UUID) -> EmploymentContract:
    contract = find(session, actor, contract_id, lock=True)
    if not is_worker(actor, contract):
        raise NotVisible
    return contract


def _bounded(words: str, missing: object) -> str:
    kept = words.strip()
    if not kept:
        raise DomainError(missing, field="words")
    if len(kept) > LONGEST:
        raise DomainError(_l("Use at most %(max)d characters.", max=LONGEST), field="words")
    return kept


def _workers_key(session: Session, contract: EmploymentContract) -> UUID:
    return session.get_one(Migrant, contract.migrant_id).person_key_id


def _unanswered(session: Session, contract: EmploymentContract) -> ContractQuestion | None:
    return session.scalars(
        select(ContractQuestion)
        .where(ContractQuestion.contract_id == contract.id, ContractQuestion.status.in_(UNANSWERED))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _lapse(
    session: Session, contract: EmploymentContract, transition: Transition[ContractStatus], _actor: Actor
) -> None:
    """Whatever else becomes of the contract, nobody has to answer any more."""
    if ContractStatus.QUESTION not in transition.sources or transition.target is ContractStatus.QUESTION:
        return
    question = _unanswered(session, contract)
    if question is not None:
        contract_question_workflow.apply(
            session, question, "lapse", actor=SYSTEM, reason="the contract moved on", evidence={"by": transition.action}
        )


contract_workflow.watch(_lapse)
