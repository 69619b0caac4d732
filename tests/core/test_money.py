from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DomainError
from core.forms import parse_amount
from core.i18n import format_money, in_locale
from core.money import Money, exponent, known_currencies, plain_amount


@pytest.mark.parametrize(
    ("code", "places"), [("NPR", 2), ("KWD", 3), ("BHD", 3), ("OMR", 3), ("JPY", 0), ("AFN", 2), ("IQD", 3), ("LBP", 2)]
)
def test_exponents_follow_iso_4217(code: str, places: int):
    assert exponent(code) == places


def test_an_unknown_currency_is_refused():
    with pytest.raises(DomainError):
        exponent("XXX")


@given(st.integers(-(10**15), 10**15), st.sampled_from(known_currencies()))
def test_minor_units_survive_the_way_through_decimal(minor: int, currency: str):
    money = Money(minor, currency)
    assert Money.from_decimal(money.to_decimal(), currency) == money
    assert Decimal(plain_amount(money)) == money.to_decimal()


def test_two_currencies_do_not_mix():
    with pytest.raises(ValueError, match="NPR and QAR"):
        Money(1, "NPR") + Money(1, "QAR")
    with pytest.raises(TypeError):
        Money(1.5, "NPR")  # type: ignore[arg-type]


def test_a_product_is_rounded_once_half_to_even():
    assert Money(5, "NPR").times(Fraction(1, 2)) == Money(2, "NPR")
    assert Money(7, "NPR").times(Fraction(1, 2)) == Money(4, "NPR")


@pytest.mark.parametrize("text", ["1,234.50", "1234.5", "१,२३४.५०", "۱۲۳۴٫۵"])
def test_amounts_are_read_as_people_write_them(text: str):
    assert parse_amount(text, "NPR") == Money(123450, "NPR")


@pytest.mark.parametrize("text", ["1_000", "1E3", "-5", "1.2.3", "", "NaN", "12.345", "1,2,3"])
def test_what_is_no_amount_is_refused(text: str):
    with pytest.raises(DomainError):
        parse_amount(text, "NPR")


def test_money_is_shown_with_the_digits_and_groups_of_the_language():
    assert format_money(Money(123456700, "NPR")) == "NPR 12,34,567.00"
    with in_locale("ne"):
        assert format_money(Money(123456700, "NPR")) == "NPR १२,३४,५६७.००"
    with in_locale("ur"):
        assert format_money(Money(1500, "KWD")) == "KWD ۱.۵۰۰"
