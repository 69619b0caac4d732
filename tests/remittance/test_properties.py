"""Properties of books and prices: whatever comes, in whatever order and however often, the sums are nothing."""

import random
import threading
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core.money import Money, exponent
from remittance.ledger import services as ledger
from remittance.ledger.services import Leg, NotCovered, credit, debit
from remittance.quotes import services as quotes
from remittance.quotes.pricing import Rate, Tariff, price
from remittance.quotes.status import PayIn
from tests.remittance import factories as f

CURRENCIES = ("NPR", "QAR", "KWD", "JPY", "USD")
KINDS = ("bank", "owed", "suspense", "payable", "card_clearing", "fees")


@st.composite
def movements(draw: st.DrawFn) -> list[Leg]:
    """A balanced movement in one or two currencies."""
    legs: list[Leg] = []
    for currency in draw(st.lists(st.sampled_from(CURRENCIES), min_size=1, max_size=2, unique=True)):
        one, other = draw(st.lists(st.sampled_from(KINDS), min_size=2, max_size=2, unique=True))
        amount = Money(draw(st.integers(1, 10**12)), currency)
        legs += [debit(one, amount), credit(other, amount)]
    return legs


@given(st.lists(movements(), min_size=1, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_movements_in_any_order_and_repeated_sum_to_nothing(
    session: Session, made: list[list[Leg]], rng: random.Random
):
    once = session.begin_nested()
    calls = [(n, legs) for n, legs in enumerate(made) for _again in range(rng.randint(1, 3))]
    rng.shuffle(calls)
    for n, legs in calls:
        ledger.post(session, f"key-{n}", kind="test", subject_id=None, legs=legs)
    expected: dict[str, int] = {}
    for legs in made:
        for leg in legs:
            expected[leg.account] = expected.get(leg.account, 0) + leg.amount.minor
    found = {code: money.minor for code, money in ledger.trial_balance(session)}
    assert {c: m for c, m in found.items() if m} == {c: m for c, m in expected.items() if m}
    for currency in CURRENCIES:
        assert sum(m for c, m in found.items() if c.endswith(currency)) == 0
    once.rollback()


@given(movements())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_opposite_of_a_movement_leaves_nothing(session: Session, legs: list[Leg]):
    once = session.begin_nested()
    ledger.post(session, "there", kind="test", subject_id=None, legs=legs)
    for _again in range(3):
        ledger.reverse(session, "there", "back", kind="back")
    assert all(m.minor == 0 for _code, m in ledger.trial_balance(session))
    once.rollback()


def test_forty_replays_of_every_event_by_forty_threads_count_once(committed: "sessionmaker[Session]"):
    """Each thread tells all events in an order of its own: money in, sent, paid or failed, over one covered float."""
    rng = random.Random(20_261_124)
    with committed() as s:
        codes = [f"{k}:{c}" for k in (*KINDS, "own_funds", "partner_float") for c in ("NPR", "KWD")]
        ledger.ensure_accounts(s, codes)
        fill = Money(10**6, "NPR")
        ledger.post(
            s, "fill", kind="t", subject_id=None, legs=[debit("partner_float", fill), credit("own_funds", fill)]
        )
        s.commit()
    events: list[tuple[str, list[Leg]]] = []
    for n in range(12):
        paid, out = Money(rng.randint(1, 999_999), "KWD"), Money(rng.randint(1, 60_000), "NPR")
        sent = [debit("owed", out), credit("partner_float", out)]
        events.append((f"in-{n}", [debit("bank", paid), credit("owed", paid)]))
        events.append((f"sent-{n}", sent))
        if n % 3 == 0:
            events.append((f"failed-{n}", [Leg(leg.account, -leg.amount) for leg in sent]))
    faults: list[Exception] = []

    def tell(place: int) -> None:
        order = random.Random(place)
        mine = list(events)
        order.shuffle(mine)
        with committed() as s:
            for key, legs in mine:
                try:
                    ledger.post(s, key, kind="t", subject_id=None, legs=legs)
                    s.commit()
                except NotCovered:
                    s.rollback()
                except Exception as error:
                    faults.append(error)
                    s.rollback()

    threads = [threading.Thread(target=tell, args=(n,)) for n in range(40)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert faults == []
    with committed() as s:
        assert s.scalar(text("SELECT count(*) FROM ledger_transfer")) == len(events) + 1
        balances = dict(ledger.trial_balance(s))
        for currency in ("NPR", "KWD"):
            assert sum(m.minor for c, m in balances.items() if c.endswith(currency)) == 0
        expected = 10**6 + sum(
            leg.amount.minor for _key, legs in events for leg in legs if leg.account == "partner_float:NPR"
        )
        assert balances["partner_float:NPR"].minor == expected
        kept = s.scalar(text("SELECT balance_minor FROM ledger_account WHERE code = 'partner_float:NPR'"))
        assert kept == expected


# --- prices ------------------------------------------------------------------------------------------------------------


@given(
    source=st.sampled_from(["JPY", "KWD", "QAR", "KRW", "BHD"]),
    target=st.sampled_from(["NPR", "JPY", "KWD"]),
    minor=st.integers(1, 10**10),
    mid=st.fractions(Fraction(1, 1000), 1000, max_denominator=10**8),
    loss=st.fractions(0, Fraction(1, 10), max_denominator=10_000),
    service=st.integers(0, 600),
    taken=st.integers(0, 900),
    fixed=st.fractions(0, 500, max_denominator=100),
    by_card=st.booleans(),
)
def test_a_price_is_whole_never_short_and_its_cost_is_everything_lost(
    source: str,
    target: str,
    minor: int,
    mid: Fraction,
    loss: Fraction,
    service: int,
    taken: int,
    fixed: Fraction,
    by_card: bool,
):
    if source == target:
        return
    amount, rate = Money(minor, source), Rate(source, target, mid, mid * (1 - loss))
    made = price(amount, rate, Tariff(service, taken, fixed), by_card=by_card)
    scale = Fraction(10) ** (exponent(target) - exponent(source))
    # The family never gets a part of a minor unit, and never less than one below the exact amount.
    assert 0 <= amount.minor * rate.customer * scale - made.receives.minor < 1
    # What is charged covers the provider's share of it, its own fee included.
    assert made.pays.minor - made.pays.minor * Fraction(taken, 10_000) - fixed >= amount.minor + made.service_fee.minor
    if by_card and source in ("KWD", "BHD"):
        assert made.pays.minor % 10 == 0
    lost = made.pays.minor - Fraction(made.receives.minor) / (mid * scale)
    assert made.cost == lost / amount.minor
    assert made.cost_bp - 1 < made.cost * 10_000 <= made.cost_bp


@pytest.mark.parametrize(
    ("service_bp", "over", "warns", "refused"),
    [(300, 0, False, False), (300, 1, True, False), (500, 0, True, False), (500, 1, True, True)],
)
def test_the_lines_of_three_and_five_percent_at_the_last_minor_unit(
    session: Session, monkeypatch: pytest.MonkeyPatch, service_bp: int, over: int, warns: bool, refused: bool
):
    """Exactly at a line is not over it; one hundredth of a riyal more is."""
    f.rates(session)
    session.execute(
        text(
            "INSERT INTO exchange_rate (id, source_currency, target_currency, mid_e8, customer_e8, valid_from, dated_on,"
            " origin) VALUES (gen_random_uuid(), 'QAR', 'NPR', 4000000000, 4000000000, now(), current_date, 'test')"
        )
    )
    row = {"rate_bp": service_bp, "arrival_hours": {"bank": 24, "card": 1}}
    cost = quotes.PayInCost("t", 0, over, "QAR", "V", "test")
    monkeypatch.setattr(quotes, "service_row", lambda *_: row)
    monkeypatch.setattr(quotes, "pay_in_cost", lambda pay_in, *_: cost if pay_in is PayIn.BANK else None)
    (quote,) = quotes.quotes(session, "QA", Money(100_000, "QAR"))
    assert quote.price.cost == Fraction(service_bp, 10_000) + Fraction(over, 100_000)
    assert (quote.warns, quote.refused) == (warns, refused)
