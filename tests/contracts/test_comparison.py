from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.employment.comparison import HIGHER_IS_BETTER, LOWER_IS_BETTER, Level, blocks, compare, worst
from contracts.employment.terms import LIMITS, PassportKeeper, Payer, Provision, Terms, read_terms
from core.errors import DomainError

PROMISED = Terms(
    post="Operator labour", occupation="9329", employer="Doha Build W.L.L.", country="QA", site="Doha", wage_minor=120000,
    wage_currency="QAR", hours_per_day=8, days_per_week=6, overtime_paid=True, food=Provision.PROVIDED,
    lodging=Provision.PROVIDED, ticket_out=Payer.EMPLOYER, ticket_back=Payer.EMPLOYER, insurance=Payer.EMPLOYER, leave_days=30,
    term_months=24, probation_months=3, notice_days=30, worker_pays_minor=0, passport_kept_by=PassportKeeper.WORKER,
)  # fmt: skip
NUMBERS = sorted(HIGHER_IS_BETTER | LOWER_IS_BETTER)


def level_of(**changes: object) -> Level:
    return worst(compare(PROMISED, replace(PROMISED, **changes)))


def test_the_same_terms_have_no_difference():
    assert compare(PROMISED, PROMISED) == []


def test_another_word_for_one_isco_code_is_only_wording():
    assert level_of(post="Operator helper") is Level.COSMETIC
    assert level_of(employer="DOHA BUILD WLL") is Level.COSMETIC


@pytest.mark.parametrize(
    "changes",
    [
        {"wage_minor": 119999}, {"hours_per_day": 9}, {"days_per_week": 7}, {"employer": "Another Company"}, {"country": "SA"},
        {"occupation": "9111"}, {"term_months": 36}, {"worker_pays_minor": 1}, {"food": Provision.ALLOWANCE},
        {"ticket_back": Payer.WORKER}, {"overtime_paid": False}, {"wage_currency": "NPR"},
    ],
)  # fmt: skip
def test_what_is_worse_than_promised_blocks(changes: dict[str, object]):
    assert level_of(**changes) is Level.WORSE
    assert blocks(level_of(**changes))


def test_a_held_passport_is_critical_even_when_it_was_promised():
    assert level_of(passport_kept_by=PassportKeeper.EMPLOYER) is Level.CRITICAL
    held = replace(PROMISED, passport_kept_by=PassportKeeper.EMPLOYER)
    assert worst(compare(held, held)) is Level.CRITICAL


@pytest.mark.parametrize(
    "changes", [{"wage_minor": 130000}, {"worker_pays_minor": 0, "leave_days": 45}, {"hours_per_day": 7}]
)
def test_better_terms_do_not_block(changes: dict[str, object]):
    assert not blocks(level_of(**changes))


@given(st.sampled_from(NUMBERS), st.data())
def test_worse_one_way_is_better_the_other_way(name: str, data: st.DataObject):
    one = data.draw(st.integers(*LIMITS[name]))
    two = data.draw(st.integers(*LIMITS[name]).filter(lambda n: n != one))
    a, b = replace(PROMISED, **{name: one}), replace(PROMISED, **{name: two})
    assert {worst(compare(a, b)), worst(compare(b, a))} == {Level.BETTER, Level.WORSE}


@given(st.integers(*LIMITS["wage_minor"]), st.integers(*LIMITS["wage_minor"]))
def test_a_lower_wage_is_never_less_than_worse(promised: int, offered: int):
    found = worst(compare(replace(PROMISED, wage_minor=promised), replace(PROMISED, wage_minor=offered)))
    assert (found is Level.WORSE) == (offered < promised)
    assert (found is Level.SAME) == (offered == promised)


def test_terms_survive_storage_and_any_change_changes_the_digest():
    assert read_terms(PROMISED.as_data()) == PROMISED
    assert replace(PROMISED, notice_days=29).digest() != PROMISED.digest()


@pytest.mark.parametrize(
    "change",
    [{"hours_per_day": 0}, {"wage_minor": -1}, {"wage_minor": 1.5}, {"days_per_week": 8}, {"wage_currency": "XXX"}],
)
def test_terms_that_cannot_be_are_refused(change: dict[str, object]):
    with pytest.raises(DomainError):
        read_terms({**PROMISED.as_data(), **change})
