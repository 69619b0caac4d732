"""A worker's questions about the own contract: who is asked, who may read and answer, and what becomes of the contract."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from agencies.registration.waiting import waiting_for
from contracts.employment import question_queries, questions
from contracts.employment import services as employment
from contracts.employment.models import EmploymentContract
from contracts.employment.question_models import ContractAnswer, ContractQuestion
from contracts.employment.question_status import Answerer, QuestionStatus, contract_question_workflow
from contracts.employment.services import Lodging
from contracts.employment.status import ContractStatus
from contracts.employment.written import language_of
from contracts.next_steps import worker_step
from core.accounts import NewAccount, UserAccount, actor_for, add_membership, create_account
from core.actor import Actor
from core.audit import AuditEvent
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.messages import OutgoingMessage
from core.permissions import ClerkRight, StaffRole, SubjectKind
from core.privacy import destroy_person
from law.country import due_after
from tests.contracts import factories as make
from tests.contracts.test_comparison import PROMISED
from tests.migrants.factories import PASSWORD, officer

Sessions = sessionmaker[Session]
WORDS = "Is overtime on Fridays paid?"
ANSWER = "Yes, one and a half times the hour."


def asked(session: Session, **changes: object) -> tuple[make.Scene, EmploymentContract, Actor, ContractQuestion]:
    scene = make.approved(session)
    contract, worker = make.lodged(session, scene, **changes)
    return scene, contract, worker, questions.ask(session, worker, contract.id, WORDS, locale="en")


def reply(session: Session, actor: Actor, question: ContractQuestion, words: str = ANSWER) -> ContractAnswer:
    return questions.answer(session, actor, question.contract_id, question.id, words, locale="en")


def clerk(session: Session, kind: SubjectKind, subject_id: UUID, *rights: ClerkRight) -> Actor:
    account = create_account(session, NewAccount("Clerk", PASSWORD))
    add_membership(session, account, kind=kind, subject_id=subject_id, rights=rights)
    return actor_for(session, account)


def templates(session: Session, actor: Actor) -> list[str]:
    query = select(OutgoingMessage.template).where(OutgoingMessage.account_id == actor.account_id)
    return list(session.scalars(query.order_by(OutgoingMessage.created_at, OutgoingMessage.id)))


def test_the_transition_table_is_the_one_that_was_agreed():
    assert contract_question_workflow.pairs() == {
        ("open", "escalate", "overdue"),
        ("open", "answer", "answered"), ("overdue", "answer", "answered"), ("answered", "add", "answered"),
        ("open", "withdraw", "withdrawn"), ("overdue", "withdraw", "withdrawn"),
        ("open", "lapse", "lapsed"), ("overdue", "lapse", "lapsed"),
    }  # fmt: skip


def test_question_and_answer_are_sealed_records_and_no_word_of_them_is_in_the_log(session: Session):
    scene, contract, worker, question = asked(session)
    assert (question.asked_of, question.due_on) == (
        Answerer.AGENCY,
        due_after(legal_today(session), "contract_reply_days"),
    )
    assert contract.status is ContractStatus.QUESTION
    made = reply(session, scene.agency, question)
    assert (made.said_by, made.written_by, made.words) == (Answerer.AGENCY, scene.agency.account_id, ANSWER)
    assert (contract.status, contract.version) == (ContractStatus.WORKER_REVIEW, 1)
    raw = session.execute(text("SELECT q.*, a.* FROM contract_question q, contract_answer a")).one()
    rows = session.scalars(select(AuditEvent).where(AuditEvent.subject_id.in_([contract.id, question.id]))).all()
    assert {e.action for e in rows} >= {"ask", "answer"}
    for where in (repr(raw), *(f"{e.reason} {e.evidence}" for e in rows)):
        assert "overtime" not in where
        assert "half times" not in where
    # The party hears that a question waits, the worker that there is something to read; neither message takes a value.
    assert templates(session, scene.agency)[-1:] == ["question_asked"]
    assert "question_asked" not in templates(session, scene.employer)
    assert templates(session, worker)[-1:] == ["record_changed"]
    # Erasing the worker erases the thread, whoever wrote it.
    destroy_person(session, question.person_key_id, db_now(session))
    (row,) = question_queries.thread(session, scene.agency, contract)
    assert (row.words, [a.words for a in row.answers]) == (None, [None])


@pytest.mark.parametrize(
    ("words", "page", "language"),
    [
        ("Is it paid?", "en", "en"), ("शुक्रबार पनि?", "en", "ne"), ("شام کو؟", "ne", "ur"), ("Overtime 8h?", "ne", "en"),
        ("शुक्रबार OK?", "ne", "ne"), ("? 12", "ur", "ur"), ("周五吗", "ne", "ne"),
    ],
)  # fmt: skip
def test_a_text_is_marked_with_the_language_of_its_script(words: str, page: str, language: str):
    assert language_of(words, page) == language


@pytest.mark.parametrize("words", ["", "  \n ", "x" * (questions.LONGEST + 1)])
def test_nothing_and_too_much_are_refused_at_the_field(session: Session, words: str):
    contract, worker = make.lodged(session, make.approved(session))
    with pytest.raises(DomainError) as refused:
        questions.ask(session, worker, contract.id, words, locale="en")
    assert refused.value.field == "words"
    assert (contract.status, session.scalar(select(ContractQuestion))) == (ContractStatus.WORKER_REVIEW, None)


def test_after_an_answer_the_worker_accepts_or_asks_again(session: Session):
    scene, contract, worker, question = asked(session)
    with pytest.raises(TooLate):
        questions.ask(session, worker, contract.id, "Once more?", locale="en")
    reply(session, scene.agency, question)
    step = worker_step(session, contract.migrant_id)
    assert step is not None
    assert str(step.title) == "Your question was answered"
    again = questions.ask(session, worker, contract.id, "اور ہفتہ کو؟", locale="en")
    reply(session, scene.agency, again)
    newest, first = question_queries.thread(session, worker, contract)
    assert (newest.words, newest.locale, first.words, first.locale) == ("اور ہفتہ کو؟", "ur", WORDS, "en")
    assert [(a.by, a.words) for a in first.answers] == [(Answerer.AGENCY, ANSWER)]
    employment.mark_read(session, worker, contract.id)
    make.let_time_pass(session, contract)
    employment.send_accept_code(session, worker, contract.id)
    code = make.last_code(session, worker.require_account())
    employment.accept(session, worker, contract.id, secret=PASSWORD, code=code, locale="ne")
    assert contract.status is ContractStatus.ACCEPTED
    with pytest.raises(TooLate):
        reply(session, scene.agency, again, "No, not at all.")
    assert len(session.scalars(select(ContractAnswer)).all()) == 2


def test_without_an_answer_the_worker_goes_on_or_declines(session: Session):
    scene, contract, worker, question = asked(session)
    for somebody in (scene.agency, scene.employer, officer(session, StaffRole.LABOUR_OFFICER)):
        with pytest.raises(NotVisible):
            questions.go_on(session, somebody, contract.id)
    questions.go_on(session, worker, contract.id)
    assert (contract.status, question.status) == (ContractStatus.WORKER_REVIEW, QuestionStatus.WITHDRAWN)
    with pytest.raises(TooLate):
        reply(session, scene.agency, question)
    second = questions.ask(session, worker, contract.id, WORDS, locale="en")
    employment.decline(session, worker, contract.id)
    assert (contract.status, second.status) == (ContractStatus.DECLINED, QuestionStatus.LAPSED)
    with pytest.raises(TooLate):
        reply(session, scene.agency, second)
    assert session.scalars(select(ContractAnswer)).all() == []


def test_new_terms_take_the_place_of_an_answer(session: Session):
    scene, contract, worker, question = asked(session)
    employment.amend(session, scene.agency, contract.id, replace(PROMISED, wage_minor=PROMISED.wage_minor + 5000))
    assert (contract.status, question.status) == (ContractStatus.WORKER_REVIEW, QuestionStatus.LAPSED)
    (row,) = question_queries.thread(session, worker, contract)
    assert row.old_terms
    assert not row.may_add


def test_a_question_from_before_there_were_records_does_not_hold_the_worker(session: Session):
    contract, worker = make.lodged(session, make.approved(session))
    contract.status = ContractStatus.QUESTION
    session.flush()
    questions.go_on(session, worker, contract.id)
    assert contract.status is ContractStatus.WORKER_REVIEW


def test_others_see_nothing_and_a_clerk_needs_the_right(session: Session):
    scene, contract, worker, question = asked(session)
    _record, stranger = make.agency(session)
    _id, _reference, other = make.worker(session)
    far = officer(session, StaffRole.LABOUR_OFFICER, "P2")
    able = clerk(session, SubjectKind.AGENCY, scene.agency_record.id, ClerkRight.CONTRACTS)
    unable = clerk(session, SubjectKind.AGENCY, scene.agency_record.id, ClerkRight.APPLY)
    for somebody in (stranger, other, far):
        with pytest.raises(NotVisible):
            questions.find_thread(session, somebody, contract.id)
    # The worker doesn't answer for others; the employer wasn't asked.
    for somebody in (stranger, other, far, worker, scene.employer):
        with pytest.raises((NotVisible, Denied)):
            reply(session, somebody, question)
    assert question_queries.thread(session, scene.employer, contract) == []
    for act in (lambda: questions.find_thread(session, unable, contract.id), lambda: reply(session, unable, question)):
        with pytest.raises(Denied):
            act()
    assert waiting_for(session, unable, scene.agency_record.id) == []
    elsewhere, _worker = make.lodged(session, scene)
    with pytest.raises(NotVisible):
        questions.answer(session, scene.agency, elsewhere.id, question.id, ANSWER, locale="en")
    assert (question.status, session.scalar(select(ContractAnswer))) == (QuestionStatus.OPEN, None)
    (row,) = waiting_for(session, able, scene.agency_record.id)
    assert (row.reference, row.since, row.due_on) == (contract.reference, legal_today(session), question.due_on)
    assert reply(session, able, question).said_by is Answerer.AGENCY
    assert waiting_for(session, able, scene.agency_record.id) == []


def test_the_employer_answers_where_it_lodged_the_contract(client: FlaskClient, session: Session):
    scene = make.approved(session)
    _id, reference, worker = make.worker(session)
    contract = employment.lodge(session, scene.employer, Lodging(scene.order.id, reference, PROMISED))
    question = questions.ask(session, worker, contract.id, WORDS, locale="en")
    assert question.asked_of is Answerer.EMPLOYER
    assert question_queries.thread(session, scene.agency, contract) == []
    with pytest.raises(NotVisible):
        reply(session, scene.agency, question)
    (row,) = question_queries.of_party(session, scene.employer, Answerer.EMPLOYER, scene.employer_record.id)
    assert row.reference == contract.reference
    client.sign_in(session, session.get_one(UserAccount, scene.employer.require_account()))
    assert f'href="/contracts/{contract.id}/questions"' in client.get("/employer").text
    assert reply(session, scene.employer, question).said_by is Answerer.EMPLOYER


def test_what_nobody_answers_comes_to_the_labour_officers_who_step_in(client: FlaskClient, session: Session):
    scene, contract, worker, question = asked(session)
    near, far = (officer(session, StaffRole.LABOUR_OFFICER, office) for office in ("DOFE", "P2"))
    assert questions.escalate(session) == 0
    question.due_on = legal_today(session) - timedelta(1)
    session.flush()
    assert session.execute(question_queries.overdue(near)).all() == []
    assert (questions.escalate(session), questions.escalate(session)) == (1, 0)
    assert question.status is QuestionStatus.OVERDUE
    assert templates(session, worker)[-1:] == ["record_changed"]
    client.sign_in(session, session.get_one(UserAccount, near.require_account()))
    listed = client.get("/staff/queue/contract-questions").text
    assert contract.reference in listed
    assert "nobody answered in time" in listed
    assert WORDS in client.get(f"/contracts/{contract.id}/questions").text
    assert session.execute(question_queries.overdue(far)).all() == []
    # The agency may still answer, and an officer puts right what it said.
    reply(session, scene.agency, question)
    assert reply(session, near, question, "No: the contract names no rate.").said_by is Answerer.OFFICE
    (row,) = question_queries.thread(session, worker, contract)
    assert [a.by for a in row.answers] == [Answerer.AGENCY, Answerer.OFFICE]
    assert session.execute(question_queries.overdue(near)).all() == []


def test_an_officer_with_a_tie_to_the_agency_does_not_answer(session: Session):
    scene, _contract, _worker, question = asked(session)
    tied = officer(session, StaffRole.LABOUR_OFFICER)
    account = session.get_one(UserAccount, tied.require_account())
    held = add_membership(session, account, kind=SubjectKind.EMPLOYER, subject_id=scene.employer_record.id)
    held.ended_at = db_now(session)
    session.flush()
    with pytest.raises(Denied):
        reply(session, tied, question)
    assert question.status is QuestionStatus.OPEN


def test_the_database_keeps_one_open_question_on_a_contract(session: Session):
    _scene, contract, _worker, question = asked(session)
    kept = {"contract_id": contract.id, "version": 1, "asked_of": Answerer.AGENCY, "asked_by": question.asked_by}
    twice = ContractQuestion(
        person_key_id=question.person_key_id, **kept, locale="en", due_on=question.due_on, words="Twice"
    )
    with pytest.raises(IntegrityError, match="uq_contract_question_unanswered"):
        _flush(session, twice)


def _flush(session: Session, row: ContractQuestion) -> None:
    with session.begin_nested():
        session.add(row)
        session.flush()


def test_an_answer_and_a_no_at_once_leave_one_of_them(committed: Sessions):
    with committed() as session:
        scene, contract, worker, question = asked(session)
        session.commit()
    start = Barrier(2)

    def act(step) -> str:
        with committed() as session:
            start.wait()
            try:
                step(session)
            except TooLate:
                return "late"
            session.commit()
            return "done"

    with ThreadPoolExecutor(2) as pool:
        said = pool.submit(
            act, lambda s: questions.answer(s, scene.agency, contract.id, question.id, ANSWER, locale="en")
        )
        declined = pool.submit(act, lambda s: employment.decline(s, worker, contract.id))
        outcome = (said.result(), declined.result())
    with committed() as session:
        kept = session.get_one(EmploymentContract, contract.id)
        state = session.get_one(ContractQuestion, question.id).status
        answers = len(session.scalars(select(ContractAnswer)).all())
    # The no always holds. An answer that came first is kept; one that came after it is refused, and nothing of it stays.
    assert kept.status is ContractStatus.DECLINED
    assert (outcome, state, answers) in [
        (("done", "done"), QuestionStatus.ANSWERED, 1),
        (("late", "done"), QuestionStatus.LAPSED, 0),
    ]


def test_worker_and_agency_read_the_thread_and_mend_an_empty_form(client: FlaskClient, session: Session):
    scene = make.approved(session)
    contract, worker = make.lodged(session, scene)
    client.sign_in(session, session.get_one(UserAccount, worker.require_account()))
    empty = client.post_form(f"/me/contract/{contract.id}/ask", words=" ")
    assert empty.status_code == 422
    assert "Write what you want to know." in empty.text
    assert client.post_form(f"/me/contract/{contract.id}/ask", words=WORDS).status_code == 303
    waiting = client.get("/me/contract").text
    assert f"/me/contract/{contract.id}/go_on" in waiting
    assert f"/me/contract/{contract.id}/decline" in waiting
    client.sign_in(session, session.get_one(UserAccount, scene.agency.require_account()))
    assert "A worker’s question about a contract" in client.get(f"/agencies/{scene.agency_record.id}").text
    thread = client.get(f"/contracts/{contract.id}/questions").text
    assert f'<p lang="en" dir="auto">{WORDS}</p>' in thread
    assert "Change the terms" in thread
    question = session.scalars(select(ContractQuestion)).one()
    path = f"/contracts/{contract.id}/questions/{question.id}"
    assert client.post_form(path, words="").status_code == 422
    assert client.post_form(path, words=ANSWER).status_code == 303
    client.sign_in(session, session.get_one(UserAccount, worker.require_account()))
    shown = client.get("/me/contract").text
    assert f"The agency <bdi>{scene.agency_record.name}</bdi> answers:" in shown
    assert ANSWER in shown
    assert "An answer does not change the contract." in shown


def test_both_sides_are_told_of_a_decision_and_only_its_lodger(session: Session):
    scene = make.approved(session)
    contract, worker = make.accepted(session, scene)
    decider = officer(session, StaffRole.LABOUR_OFFICER)
    employment.decide(session, decider, contract.id, "register", "All green")
    assert templates(session, worker)[-1:] == ["record_changed"]
    assert templates(session, scene.agency)[-1:] == ["contract_news"]
    assert "contract_news" not in templates(session, scene.employer)
    before = len(templates(session, worker))
    employment.decide(session, decider, contract.id, "end", "The worker is back")
    assert templates(session, worker)[before:] == ["record_changed"]
    assert templates(session, scene.agency).count("contract_news") == 1


def test_after_the_last_day_of_the_contract_nobody_begins_a_time_of_its_own(session: Session):
    scene = make.approved(session)
    contract, worker = make.lodged(session, scene)
    asked = questions.ask(session, worker, contract.id, "Where do I sleep?", locale="en")
    contract.lapses_on = legal_today(session) - timedelta(days=1)
    session.flush()
    with pytest.raises(TooLate):
        questions.answer(session, scene.agency, contract.id, asked.id, "In a room for two.", locale="en")
    with pytest.raises(TooLate):
        questions.go_on(session, worker, contract.id)
    contract.status = ContractStatus.WORKER_REVIEW
    session.flush()
    with pytest.raises(TooLate):
        questions.ask(session, worker, contract.id, "And now?", locale="en")
