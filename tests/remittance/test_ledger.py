"""The books: zero sum, floors, keys for ever, never changed."""

import threading
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from core.ids import new_id
from core.money import Money
from remittance.ledger import services as ledger
from remittance.ledger.services import BANK, FLOAT, OWED, OWN_FUNDS, Leg, NotCovered, credit, debit


def money(minor: int, currency: str = "QAR") -> Money:
    return Money(minor, currency)


def post(session: Session, key: str, minor: int = 500) -> UUID:
    return ledger.post(
        session, key, kind="test", subject_id=None, legs=[debit(BANK, money(minor)), credit(OWED, money(minor))]
    )


def test_a_transfer_moves_money_between_accounts(session: Session):
    post(session, "a")
    assert ledger.balance(session, "bank:QAR") == money(500)
    assert ledger.balance(session, "owed:QAR") == money(-500)


def test_the_same_key_posts_once_and_gives_the_first_id(session: Session):
    assert post(session, "a") == post(session, "a")
    assert ledger.balance(session, "bank:QAR") == money(500)


def test_a_key_used_for_other_legs_is_refused(session: Session):
    post(session, "a")
    with pytest.raises(ValueError, match="other legs"):
        post(session, "a", 501)
    assert ledger.balance(session, "bank:QAR") == money(500)


@pytest.mark.parametrize(
    "legs",
    [
        [debit(BANK, money(5)), credit(OWED, money(4))],
        [debit(BANK, money(5))],
        [debit(BANK, money(5)), credit(OWED, money(5, "AED"))],
        [Leg("bank:QAR", money(5, "AED")), Leg("owed:QAR", money(-5, "AED"))],
    ],
)
def test_legs_that_do_not_balance_in_each_currency_are_refused(session: Session, legs: list[Leg]):
    with pytest.raises(IntegrityError):
        ledger.post(session, "a", kind="test", subject_id=None, legs=legs)
    assert ledger.trial_balance(session) == [] or all(m.minor == 0 for _c, m in ledger.trial_balance(session))


def test_a_leg_added_later_is_refused_even_when_it_balances(session: Session):
    transfer = post(session, "a")
    account = session.scalar(text("SELECT id FROM ledger_account WHERE code = 'bank:QAR'"))
    with pytest.raises(DBAPIError, match="complete"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO ledger_entry (id, transfer_id, account_id, currency, amount_minor) VALUES"
                " (:a, :t, :acc, 'QAR', 7), (:b, :t, :acc, 'QAR', -7)"
            ),
            {"a": new_id(), "b": new_id(), "t": transfer, "acc": account},
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET amount_minor = 1",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_transfer SET kind = 'x'",
        "DELETE FROM ledger_transfer",
        "UPDATE ledger_account SET balance_minor = 9",
        "UPDATE exchange_rate SET mid_e8 = 1",
        "DELETE FROM provider_event",
    ],
)
def test_the_application_may_not_change_the_books(session: Session, statement: str):
    post(session, "a")
    with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
        session.execute(text(statement))


def test_a_guarded_account_never_falls_below_its_floor(session: Session):
    fill = [debit(FLOAT, money(100, "NPR")), credit(OWN_FUNDS, money(100, "NPR"))]
    ledger.post(session, "fill", kind="test", subject_id=None, legs=fill)
    take = [credit(FLOAT, money(101, "NPR")), debit(OWED, money(101, "NPR"))]
    with pytest.raises(NotCovered):
        ledger.post(session, "take", kind="test", subject_id=None, legs=take)
    assert ledger.balance(session, "partner_float:NPR") == money(100, "NPR")


def test_exactly_ten_of_forty_racing_debits_pass_an_account_that_covers_ten(committed: "sessionmaker[Session]"):
    with committed() as s:
        ledger.ensure_accounts(s, ["owed:NPR"])
        fill = [debit(FLOAT, money(1000, "NPR")), credit(OWN_FUNDS, money(1000, "NPR"))]
        ledger.post(s, "fill", kind="test", subject_id=None, legs=fill)
        s.commit()
    passed: list[int] = []

    def take(number: int) -> None:
        with committed() as s:
            legs = [credit(FLOAT, money(100, "NPR")), debit(OWED, money(100, "NPR"))]
            try:
                ledger.post(s, f"take-{number}", kind="test", subject_id=None, legs=legs)
                s.commit()
                passed.append(number)
            except NotCovered:
                s.rollback()

    threads = [threading.Thread(target=take, args=(n,)) for n in range(40)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    with committed() as s:
        assert len(passed) == 10
        assert ledger.balance(s, "partner_float:NPR") == money(0, "NPR")
        assert s.scalar(text("SELECT balance_minor FROM ledger_account WHERE code = 'partner_float:NPR'")) == 0


def test_one_key_posted_by_twenty_threads_counts_once(committed: "sessionmaker[Session]"):
    with committed() as s:
        ledger.ensure_accounts(s, ["bank:QAR", "owed:QAR"])
        s.commit()

    def work() -> None:
        with committed() as s:
            post(s, "same")
            s.commit()

    threads = [threading.Thread(target=work) for _ in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    with committed() as s:
        assert ledger.balance(s, "bank:QAR") == money(500)
        assert s.scalar(text("SELECT count(*) FROM ledger_entry")) == 2
