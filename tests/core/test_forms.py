from datetime import date
from decimal import Decimal
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms.validators import ValidationError

from core.errors import DomainError
from core.forms import (
    AmountField,
    CodeField,
    DateField,
    DigitsField,
    Form,
    NameField,
    PhoneField,
    canonical_text,
    parse_day,
    parse_decimal,
    required,
)
from core.i18n import catalogue, in_locale, languages
from core.money import Money


class Sample(Form):
    name = NameField("Name", [required()])
    phone = PhoneField("Phone")
    count = DigitsField("Count", low=1, high=50)
    code = CodeField("Code")
    calendar = NameField("Calendar")
    day = DateField("Day", calendar_field="calendar")


def read(**values: str) -> Sample:
    form = Sample(MultiDict(values))
    form.validate()
    return form


def test_native_digits_are_read_and_canonical_forms_come_out():
    form = read(name="  सीता   राई ", phone="९८४१२३४५६७", count="१२", code="१२३ ४५६", calendar="BS", day="२०५५-०२-०९")
    assert form.errors == {}
    assert (form.name.data, form.phone.data, form.count.data, form.code.data) == (
        "सीता राई",
        "+9779841234567",
        12,
        "123456",
    )
    assert form.day.data == date(1998, 5, 23)


@pytest.mark.parametrize("count", ["1_0", "1E1", "-3", "0", "51", "1.0", "²"])
def test_numbers_written_like_a_program_are_refused(count: str):
    assert "count" in read(name="A", count=count).errors


@pytest.mark.parametrize("text", ["2081-13-01", "1998-02-30", "98-1-1", "1998-05", ""])
def test_a_day_that_does_not_exist_is_refused(text: str):
    with pytest.raises(ValidationError):
        parse_day(text)


def test_a_name_has_letters_and_no_digits():
    assert "name" in read(name="Ram 2").errors
    assert "name" in read(name="---").errors


@given(st.text(max_size=60))
def test_canonical_text_is_stable_and_holds_no_hidden_direction_marks(text: str):
    once = canonical_text(text)
    assert canonical_text(once) == once
    assert not set(once) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u0000")


def test_wtforms_own_sentences_speak_every_language():
    for code in languages():
        with in_locale(code):
            message = read(name="").errors["name"][0]
            assert str(message)
            assert code == "en" or str(message) == catalogue(code)["Please fill this in."]


@pytest.mark.parametrize("nothing", ["   ", "\0", "\u202e", "\n\t"])
@pytest.mark.parametrize("field", ["name", "phone", "count", "day", "amount"])
def test_what_is_nothing_once_it_is_read_is_not_there(field: str, nothing: str):
    class Asked(Form):
        name = NameField("Name", [required()])
        phone = PhoneField("Phone", [required()])
        count = DigitsField("Count", [required()])
        day = DateField("Day", [required()])
        amount = AmountField("Amount", [required()])

    form = Asked(MultiDict({field: nothing}))
    assert not form.validate()
    assert field in form.errors


@pytest.mark.parametrize(
    "text", ["9" * 16, "999,999,999,999,999,999", "1,00,00,00,00,00,00,00,000", "1e9", "-1", "NaN", "1.0.0"]
)
def test_an_amount_that_no_column_holds_is_refused(text: str):
    with pytest.raises(ValidationError):
        parse_decimal(text)


def test_the_largest_amount_fits_the_books():
    assert Money.from_decimal(parse_decimal("9" * 15 + ".999"), "KWD").minor < 2**63
    assert parse_decimal("12,34,567.50") == Decimal("1234567.50")


@pytest.mark.parametrize(
    "text", ["23-5-1998", "23/05/1998", "23.5.1998", "23 5 1998", "२३-५-१९९८", "۲۳/۵/۱۹۹۸", "1998-05-23"]
)
def test_a_day_is_read_with_its_year_first_or_last(text: str):
    assert parse_day(text) == date(1998, 5, 23)


@pytest.mark.parametrize("text", ["5/23/1998", "23-5-98", "1998-5-1998", "23-1998-5", "023-5-1998", "23 May 1998"])
def test_an_order_that_could_be_mistaken_is_refused(text: str):
    with pytest.raises(ValidationError):
        parse_day(text)


def test_a_day_of_bikram_sambat_may_end_with_its_year():
    assert parse_day("९-२-२०५५", "BS") == parse_day("2055-02-09", "BS") == date(1998, 5, 23)


def test_a_refusal_stands_at_the_field_that_this_form_calls_otherwise():
    class Otherwise(Form):
        called: ClassVar = {"password": "secret"}
        secret = NameField("Secret")

    form = Otherwise()
    form.refuse(DomainError("Too short.", field="password"))
    assert (form.errors, form.form_errors) == ({"secret": ["Too short."]}, [])
