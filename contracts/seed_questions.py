"""Made-up questions of workers about their contracts: open, overdue and answered ones."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contracts.employment.models import EmploymentContract
from contracts.employment.question_models import ContractAnswer, ContractQuestion
from contracts.employment.question_status import Answerer, QuestionStatus
from contracts.employment.status import ContractStatus
from core.db import legal_day
from core.permissions import SubjectKind
from core.privacy import preload_keys
from core.world import World
from law.country import deployment, due_after
from migrants.registration.models import Migrant

# What a worker asks, in English and in the two other languages of the portal, and an answer to it.
TALKS: tuple[tuple[dict[str, str], str], ...] = (
    (
        {
            "en": "Is the overtime on Fridays paid, and when?",
            "ne": "शुक्रबारको अतिरिक्त कामको पैसा पाइन्छ? कहिले?",
            "ur": "کیا جمعہ کے اوور ٹائم کی اجرت ملتی ہے، اور کب؟",
        },
        "Yes. Overtime is paid apart, together with the wage of the same month, as the contract says.",
    ),
    (
        {
            "en": "How many people live in one room?",
            "ne": "एउटा कोठामा कति जना बस्छन्?",
            "ur": "ایک کمرے میں کتنے لوگ رہتے ہیں؟",
        },
        "Four at the most. The contract only says that the employer gives the lodging.",
    ),
    (
        {
            "en": "May I go home in the first year when my mother falls ill?",
            "ne": "आमा बिरामी हुनुभयो भने पहिलो वर्षमै घर जान पाइन्छ?",
            "ur": "اگر میری ماں بیمار ہو جائے تو کیا میں پہلے سال میں گھر جا سکتا ہوں؟",
        },
        "You can ask for unpaid leave. The ticket is paid only at the end of the contract.",
    ),
)
SPEAKS = {"np": "ne", "pk": "ur"}
ANSWERED = 12


def demo(session: Session, world: World, rows: list[dict[str, Any]], own: UUID) -> None:
    """A question on each contract of which the worker asks, so that one waits for the demo's agency, and some answers.

    :param own: the contract of the migrant who can sign in; its question was answered.
    """
    asking = [r for r in rows if r["status"] is ContractStatus.QUESTION]
    reading = [r for r in rows if r["status"] is ContractStatus.WORKER_REVIEW]
    agency_id = world.actors["agency.owner"].subject(SubjectKind.AGENCY)
    waiting = next((r for r in (*asking, *reading) if r["agency_id"] == agency_id), None)
    if waiting is not None and waiting not in asking:
        session.execute(
            update(EmploymentContract)
            .where(EmploymentContract.id == waiting["id"])
            .values(status=ContractStatus.QUESTION)
        )
        reading.remove(waiting)
        asking.append(waiting)
    mine = session.get_one(EmploymentContract, own)
    facts = {"id": mine.id, "migrant_id": mine.migrant_id, "created_at": mine.created_at}
    keys = _keys(session, [*asking, *reading[:ANSWERED], facts])
    for number, row in enumerate(asking):
        # The demo's agency still has its time; of the others some have let it pass.
        _ask(session, world, row, keys, number=number, age=1 if row is waiting else 1 + number % 6)
    for number, row in enumerate((facts, *reading[:ANSWERED])):
        _answer(session, world, _ask(session, world, row, keys, number=number, age=2, answered=True), number)
    session.flush()


def _keys(session: Session, rows: list[dict[str, Any]]) -> dict[UUID, tuple[UUID, UUID | None]]:
    """Of each migrant the person's key, opened, and the account."""
    wanted = select(Migrant.id, Migrant.person_key_id, Migrant.account_id).where(
        Migrant.id.in_([r["migrant_id"] for r in rows])
    )
    found = {r.id: (r.person_key_id, r.account_id) for r in session.execute(wanted)}
    preload_keys(session, [key for key, _account in found.values()])
    return found


def _ask(
    session: Session, world: World, row: dict[str, Any], keys: dict[UUID, tuple[UUID, UUID | None]], *,
    number: int, age: int, answered: bool = False,
) -> ContractQuestion:  # fmt: skip
    key, account = keys[row["migrant_id"]]
    midnight = datetime.combine(world.today, datetime.min.time(), UTC)
    at = max(row["created_at"], midnight - timedelta(days=age))
    due = due_after(legal_day(at), "contract_reply_days")
    language = SPEAKS.get(deployment().code, "en")
    unanswered = QuestionStatus.OVERDUE if due < world.today else QuestionStatus.OPEN
    question = ContractQuestion(
        person_key_id=key, contract_id=row["id"], version=1, asked_of=Answerer.AGENCY, due_on=due, locale=language,
        status=QuestionStatus.ANSWERED if answered else unanswered, words=TALKS[number % len(TALKS)][0][language],
        # Most migrants of the demo have no account of their own; the row must name one.
        asked_by=account or world.staff["labour.officer"], created_at=at,
    )  # fmt: skip
    session.add(question)
    return question


def _answer(session: Session, world: World, question: ContractQuestion, number: int) -> None:
    session.flush()
    by_office = number % 4 == 3
    session.add(
        ContractAnswer(
            person_key_id=question.person_key_id, question_id=question.id, locale="en", words=TALKS[number % len(TALKS)][1],
            said_by=Answerer.OFFICE if by_office else Answerer.AGENCY, created_at=question.created_at + timedelta(hours=20),
            written_by=world.staff["labour.officer" if by_office else "agency.owner"],
        )
    )  # fmt: skip
