"""The clock of a transaction: asked once, and again by the next."""

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session, sessionmaker

from core.db import db_now


def test_a_transaction_has_one_moment_and_the_next_has_its_own(committed: sessionmaker[Session]):
    asked = []
    with committed() as session:
        event.listen(session.get_bind(), "before_cursor_execute", lambda *a: asked.append(a[2]))
        first = db_now(session)
        with session.begin_nested():
            assert db_now(session) == first == session.scalars(select(func.now())).one()
        assert sum("now()" in statement for statement in asked) == 2
        session.commit()
        second = db_now(session)
        assert second > first
        session.rollback()
        assert db_now(session) > second
    with committed() as other:
        assert db_now(other) > second
