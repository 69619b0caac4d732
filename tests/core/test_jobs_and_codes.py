import re

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from core import codes, jobs, throttle
from core.accounts import NewAccount, UserAccount, actor_for, create_account
from core.errors import DomainError, TooMany
from core.messages import OutgoingMessage

Sessions = sessionmaker[Session]


def waiting(session: Session) -> list[str]:
    return list(
        session.execute(text("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")).scalars()
    )


def test_a_job_is_queued_only_if_the_transaction_commits(committed: Sessions):
    with committed() as session:
        jobs.enqueue(session, "core.deliver", message_id="00000000-0000-0000-0000-000000000000")
        session.rollback()
        assert waiting(session) == []
        jobs.enqueue(session, "core.deliver", message_id="00000000-0000-0000-0000-000000000000")
        session.commit()
        assert waiting(session) == ["core.deliver"]


def test_a_queueing_lock_keeps_one_waiting_job(session: Session):
    assert jobs.enqueue(session, "core.deliver", queueing_lock="one", message_id="a") is not None
    assert jobs.enqueue(session, "core.deliver", queueing_lock="one", message_id="b") is None
    assert waiting(session) == ["core.deliver"]


def test_the_jobs_of_a_killed_worker_come_back(session: Session):
    jobs.enqueue(session, "core.deliver", message_id="a")
    session.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes')"))
    session.execute(
        text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)")
    )
    assert jobs.return_stalled(session) == 1
    assert waiting(session) == ["core.deliver"]


def account(session: Session) -> UserAccount:
    return create_account(session, NewAccount(display_name="Bina", password="long enough 7", phone="9841000001"))


def sent_code(session: Session) -> str:
    message = session.scalars(
        select(OutgoingMessage).order_by(OutgoingMessage.created_at.desc(), OutgoingMessage.id.desc()).limit(1)
    ).one()
    found = re.search(r"\b[0-9]{6}\b", message.body or "")
    assert found
    return found[0]


def test_step_up_needs_the_secret_and_the_code_for_exactly_this_document(committed: Sessions):
    with committed() as session:
        person = account(session)
        actor = actor_for(session, person)
        codes.issue_code(session, person, "accept", bound=b"terms one")
        session.commit()
        code = sent_code(session)
        for secret, tried, bound in [("wrong secret", code, b"terms one"), ("long enough 7", code, b"terms two")]:
            with pytest.raises(DomainError):
                codes.step_up(session, actor, "accept", bound=bound, secret=secret, code=tried)
            session.rollback()
        assert (
            codes.step_up(session, actor, "accept", bound=b"terms one", secret="long enough 7", code=code).id
            == person.id
        )
        with pytest.raises(DomainError):
            codes.step_up(session, actor, "accept", bound=b"terms one", secret="long enough 7", code=code)


def test_five_wrong_tries_end_a_code_even_though_each_was_rolled_back(committed: Sessions):
    with committed() as session:
        person = account(session)
        codes.issue_code(session, person, "phone")
        session.commit()
        code = sent_code(session)
        wrong = "000000" if code != "000000" else "000001"
        for _ in range(5):
            assert not codes.confirm_code(session, person, "phone", wrong)
            session.rollback()
        assert not codes.confirm_code(session, person, "phone", code)


def test_a_message_on_a_shared_telephone_names_nobody(session: Session):
    codes.issue_code(session, account(session), "phone")
    message = session.scalars(select(OutgoingMessage)).one()
    assert "Bina" not in (message.body or "")
    assert message.sent_at is None
    jobs.run_waiting(session)
    assert message.sent_at is not None


def test_too_many_tries_are_refused_for_a_while(committed: Sessions):
    for _ in range(3):
        throttle.hit("sign-in", "someone", limit=3, seconds=600)
    with pytest.raises(TooMany) as refused:
        throttle.hit("sign-in", "someone", limit=3, seconds=600)
    assert refused.value.retry_after == 600
    throttle.hit("sign-in", "someone else", limit=3, seconds=600)
