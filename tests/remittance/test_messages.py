"""Messages of ISO 20022: written valid, read safely; virtual references; exact prices."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from core.errors import DomainError
from core.money import Money, exponent
from remittance.funding import camt053, local_bank, reference
from remittance.quotes.accounts import DEMO, accounts_of
from remittance.quotes.pricing import Rate, Tariff, price
from remittance.rails import pacs002, pain001
from remittance.rails.iso20022 import schema
from remittance.rails.port import Party, PayoutAnswer, PayoutFile, PayoutOrder, PayoutOutcome
from tests.remittance.statements import statement

DOHA = next(a for a in accounts_of(DEMO) if a.currency == "QAR")
QAR = Money(100_300, "QAR")
REFERENCE = reference.with_check("K7XN4TQP0A3M")


def order(minor: int = 12_345, name: str = "मायादेवी तामाङ", currency: str = "NPR") -> PayoutOrder:
    creditor = Party(name, "Dhading", "NP")
    return PayoutOrder("RM-1", Money(minor, currency), creditor, "0123", "Nabil Bank", Party("Sita", "Qatar", "QA"))


def payout_file(orders: list[PayoutOrder]) -> PayoutFile:
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    return PayoutFile("PB-1", at, date(2026, 11, 24), Party("Ministry", "Kathmandu", "NP"), "FLOAT", "Partner", orders)


def test_a_payout_file_is_valid_and_its_sums_are_exact():
    data = pain001.build(payout_file([order(12_345), order(5)]))
    root = etree.fromstring(data)
    assert schema("pain.001.001.09").validate(root)
    assert [e.text for e in root.iter("{*}CtrlSum")] == ["123.50", "123.50"]
    assert [e.text for e in root.iter("{*}InstdAmt")] == ["123.45", "0.05"]
    assert [e.text for e in root.iter("{*}NbOfTxs")] == ["2", "2"]


def test_the_same_file_gives_the_same_bytes():
    assert pain001.build(payout_file([order()])) == pain001.build(payout_file([order()]))


def test_markup_in_a_name_stays_text():
    root = etree.fromstring(pain001.build(payout_file([order(name="A</Nm><Amt>9</Amt>")])))
    assert [e.text for e in root.iter("{*}Nm")][4:5] != []
    assert len(list(root.iter("{*}InstdAmt"))) == 1


def test_an_empty_file_and_mixed_currencies_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        pain001.build(payout_file([]))
    with pytest.raises(ValueError, match="one currency"):
        pain001.build(payout_file([order(), order(currency="INR")]))


def test_what_the_schema_refuses_never_leaves_and_the_error_names_nobody():
    bad = PayoutOrder("R" * 36, Money(1, "NPR"), Party("Maya", "D", "NP"), "1", "B", Party("S", "Q", "QA"))
    with pytest.raises(ValueError, match="not valid") as caught:
        pain001.build(payout_file([bad]))
    assert "Maya" not in str(caught.value)


def test_answers_are_read_back_and_anything_unclear_is_no_answer():
    answers = [PayoutAnswer("RM-1", PayoutOutcome.PAID, ""), PayoutAnswer("RM-2", PayoutOutcome.FAILED, "AC04")]
    data = pacs002.build("A1", datetime(2026, 11, 24, tzinfo=UTC), answers)
    assert pacs002.read(data) == answers
    assert pacs002.read(data.replace(b"ACSC", b"ACSP")) == answers[1:]


def test_a_statement_gives_its_booked_credits_with_their_references():
    (found,) = camt053.read(statement([(QAR, REFERENCE, "Sita Tamang", "B1"), (Money(500, "QAR"), "", "Hari", "B2")]))
    assert [(line.amount, line.references, line.payer) for line in found.lines] == [
        (QAR, (REFERENCE,), "Sita Tamang"),
        (Money(500, "QAR"), (), "Hari"),
    ]


def test_a_reference_typed_with_spaces_into_a_free_text_is_found():
    text = f"salary for home {reference.spaced(REFERENCE).lower()} thanks"
    (found,) = camt053.read(statement([(QAR, text, "Sita", "B1")], free=True))
    assert found.lines[0].references == (REFERENCE,)


@pytest.mark.parametrize(("side", "state"), [("DBIT", "BOOK"), ("CRDT", "PDNG"), ("CRDT", "INFO")])
def test_debits_and_what_is_not_booked_do_not_count(side: str, state: str):
    (found,) = camt053.read(statement([(QAR, REFERENCE, "Sita", "B1")], side=side, state=state))
    assert (found.lines, found.skipped, len(found.debits)) == ((), 0 if side == "DBIT" else 1, int(side == "DBIT"))


def test_two_entries_alike_in_everything_are_two_payments_and_keep_their_keys():
    twice = statement([(QAR, REFERENCE, "Sita", "B1"), (QAR, REFERENCE, "Sita", "B1")])
    (one,), (again,) = camt053.read(twice), camt053.read(twice)
    keys = [line.key for line in one.lines]
    assert len(set(keys)) == 2
    assert keys == [line.key for line in again.lines]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not xml",
        b"<a/>",
        b'<!DOCTYPE x [<!ENTITY e "boom">]><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">&e;</Document>',
        b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><Document/>',
        b" " * (5 * 1024 * 1024 + 1),
    ],
)
def test_files_that_are_none_are_refused(data: bytes):
    with pytest.raises(DomainError):
        camt053.read(data)


def test_an_entity_is_never_opened_even_in_a_file_that_is_right_otherwise():
    good = statement([(QAR, REFERENCE, "Sita", "B1")])
    evil = good.replace(b"<Document", b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><Document', 1)
    with pytest.raises(DomainError, match="document type"):
        camt053.read(evil.replace(b"Sita", b"&x;"))


def test_the_demos_bank_writes_what_the_reader_reads():
    data = local_bank.statement(
        DOHA, [local_bank.Entry(QAR, "RM-1", reference=REFERENCE)], at=datetime(2026, 11, 24, tzinfo=UTC)
    )
    (found,) = camt053.read(data)
    assert [(line.amount, line.references) for line in found.lines] == [(QAR, (REFERENCE,))]


def test_the_standards_own_example_of_a_reference_is_right():
    # ISO 11649's well-known example.
    assert reference.is_reference("RF18539007547034")
    assert reference.with_check("539007547034") == "RF18539007547034"


@given(
    st.text(alphabet=reference.ALPHABET, min_size=12, max_size=12),
    st.integers(0, 15),
    st.sampled_from(reference.ALPHABET),
)
def test_one_wrong_character_of_a_reference_is_seen(body: str, place: int, other: str):
    good = reference.with_check(body)
    assert reference.is_reference(good)
    wrong = good[:place] + other + good[place + 1 :]
    # A letter counts as two digits: a digit taken for a letter shifts the rest, and is seen 96 times of 97 only.
    if wrong != good and place >= 4 and other.isdigit() == good[place].isdigit():
        assert not reference.is_reference(wrong)


# --- prices ------------------------------------------------------------------------------------------------------------

QA_RATE = Rate("QAR", "NPR", Fraction(40), Fraction("39.80"))


def test_a_price_to_the_last_digit():
    made = price(Money(100_000, "QAR"), QA_RATE, Tariff(30, 0, Fraction(0)), by_card=False)
    assert (made.service_fee.minor, made.pay_in_fee.minor, made.pays.minor) == (300, 0, 100_300)
    assert made.receives == Money(3_980_000, "NPR")
    assert made.margin == Money(500, "QAR")
    assert (made.cost, made.cost_bp) == (Fraction(8, 1000), 80)


@pytest.mark.parametrize(("rate_bp", "percent"), [(290, "3.05"), (440, "4.55"), (540, "5.55")])
def test_the_providers_own_prices_on_two_hundred_dollars(rate_bp: int, percent: str):
    # Not grossed up: what the provider keeps of 200 dollars, as in its list.
    kept = Fraction(20_000 * rate_bp, 10_000) + 30
    assert kept / 20_000 * 100 == Fraction(percent)
    made = price(
        Money(20_000, "USD"),
        Rate("USD", "NPR", Fraction(140), Fraction(140)),
        Tariff(0, rate_bp, Fraction(30)),
        by_card=True,
    )
    assert made.cost * 100 > Fraction(percent)


currencies = st.sampled_from(["QAR", "KWD", "KRW", "AED", "BHD", "USD"])


@given(
    currencies,
    st.integers(1, 10**10),
    st.integers(1, 10**9),
    st.integers(0, 900),
    st.tuples(st.integers(0, 500), st.integers(0, 1000), st.integers(0, 10_000)),
    st.booleans(),
)
def test_prices_hold_together(
    currency: str, minor: int, mid: int, margin_bp: int, fees: tuple[int, int, int], by_card: bool
):
    middle = Fraction(mid, 10**5)
    rate = Rate(currency, "NPR", middle, middle * (10_000 - margin_bp) / 10_000)
    tariff = Tariff(fees[0], fees[1], Fraction(fees[2], 7))
    made = price(Money(minor, currency), rate, tariff, by_card=by_card)
    # The provider's share of everything charged is covered, and not by more than rounding allows.
    share = Fraction(made.pays.minor * fees[1], 10_000) + tariff.pay_in_fixed
    slack = 10 if by_card and exponent(currency) == 3 else 1
    assert share <= made.pay_in_fee.minor < share + slack + 1
    assert made.pays == made.amount + made.service_fee + made.pay_in_fee
    exact = minor * rate.minor(rate.customer)
    assert exact - 1 < made.receives.minor <= exact
    worth = minor * rate.minor(rate.mid)
    assert made.cost == (Fraction(made.fee.minor, minor) + 1 - made.receives.minor / worth)
    if by_card and exponent(currency) == 3:
        assert made.pays.minor % 10 == 0


@given(st.integers(1, 10**8), st.integers(1, 10**8))
def test_who_sends_more_never_makes_less_arrive(one: int, two: int):
    low, high = sorted((one, two))
    tariff = Tariff(30, 0, Fraction(0))
    first = price(Money(low, "QAR"), QA_RATE, tariff, by_card=False)
    second = price(Money(high, "QAR"), QA_RATE, tariff, by_card=False)
    assert first.receives.minor <= second.receives.minor
    assert first.pays.minor <= second.pays.minor


def test_a_rate_above_the_middle_or_below_nothing_is_refused():
    for customer in (Fraction(41), Fraction(0), Fraction(-1)):
        with pytest.raises(ValueError, match="customer"):
            Rate("QAR", "NPR", Fraction(40), customer)
