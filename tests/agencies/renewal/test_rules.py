"""What each country's law file says of a renewal, and what follows where it says nothing."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies.licensing import rules as licensing
from agencies.licensing.models import Licence
from agencies.licensing.status import Procedure
from agencies.renewal import rules
from agencies.renewal.activity import Span
from agencies.renewal.status import Verdict
from core.money import Money
from core.settings import configure
from law.country import country_package
from law.engine import Applied, Unknown
from tests.agencies.renewal import renewals

V = Verdict
TODAY = date(2026, 11, 28)
ENDS = date(2027, 1, 31)


@pytest.fixture
def country(settings):
    """Another deployment, for this test alone."""
    yield lambda code: configure(replace(settings, country=code))
    configure(settings)


# country: lowest number and how it is known, fee, days before the end, years of a licence and how they are known
FOUND = {
    "np": (100, "R", None, None, None, None),
    "bd": (100, "R", None, None, 3, "V"),
    "in": (None, "R", None, None, 5, "R"),
    "lk": (60, "V", Money(100_000_00, "LKR"), 30, 1, "R"),
    "pk": (None, None, None, None, None, None),
    "ph": (None, None, None, None, 3, "R"),
}


@pytest.mark.parametrize("code", FOUND)
def test_each_country_is_tested_by_its_own_rows(country, code):
    country(code)
    number, how, fee, before, years, years_how = FOUND[code]
    floor = rules.floor(TODAY)
    assert floor.value == number
    assert (str(floor.row.status) if floor.row else None) == how
    amount, _found = rules.fee(TODAY)
    assert amount == fee
    window = rules.window(ENDS, TODAY)
    policy = country_package(code).policy
    assert window.until == ENDS - timedelta(days=before or policy["renewal_latest_days"])
    assert window.opens == ENDS - timedelta(days=policy["renewal_opens_days"])
    assert window.evidence.get("unknown") is (None if before else True)
    licence = Licence(issued_on=date(2025, 2, 1), valid_until=ENDS)
    end = rules.proposed_end(licence, licence.issued_on, TODAY)
    assert end == (date(2027 + years, 1, 31) if years else ENDS + (ENDS - date(2025, 2, 1)))
    latest, _law = rules.latest_end(licence, TODAY)
    assert latest == (date(2030, 1, 31) if years_how == "V" else None)


@pytest.mark.parametrize("code", FOUND)
def test_short_activity_refuses_only_where_the_law_was_seen(country, code):
    country(code)
    says = {"np": V.WARN, "bd": V.WARN, "in": V.UNKNOWN, "lk": V.FAIL, "pk": V.UNKNOWN, "ph": V.UNKNOWN}
    assert rules.judge(False, rules.floor(TODAY)) is says[code]
    assert rules.judge(True, rules.floor(TODAY)) is V.PASS


@pytest.mark.parametrize("code", FOUND)
def test_no_country_s_file_refuses_for_debts_that_it_does_not_speak_of(country, code):
    country(code)
    from law.engine import applies

    # India's guidance speaks of pending complaints; it was reported, and warns.
    reported = {"in": {"no_proceeding"}}.get(code, set())
    for name in ("awards_paid", "fines_paid", "not_suspended", "no_proceeding"):
        found = rules.judge(False, applies(f"licence.renewal.{name}", on=TODAY))
        assert found is (V.WARN if name in reported else V.UNKNOWN)
        assert country_package(code).papers["renewal"]


@pytest.mark.parametrize(
    ("met", "value", "status", "says"),
    [
        (True, True, "V", V.PASS), (False, True, "V", V.FAIL), (False, True, "R", V.WARN), (False, True, "M", V.WARN),
        (False, False, "V", V.PASS),
    ],
)  # fmt: skip
def test_only_a_row_that_was_seen_refuses(met, value, status, says):
    found = Applied(value, renewals.row("licence.renewal.fines_paid", value, status))
    assert rules.judge(met, found) is says


def test_what_is_not_known_goes_to_an_officer_and_never_refuses():
    assert rules.judge(False, Unknown("licence.renewal.fines_paid")) is V.UNKNOWN
    assert rules.judge(True, Unknown("licence.renewal.fines_paid")) is V.PASS


@pytest.mark.parametrize(
    ("on", "since", "first", "spans", "whole"),
    [
        # A term of nearly two years: the year up to the day; what lies before it is no whole year.
        (date(2026, 11, 28), date(2025, 1, 31), date(2025, 1, 31), [(date(2025, 11, 29), date(2026, 11, 28))], True),
        # Two whole years of a term: both, the latest first; the term before it was judged at its own renewal.
        (date(2026, 11, 28), date(2024, 11, 1), date(2020, 1, 1),
         [(date(2025, 11, 29), date(2026, 11, 28)), (date(2024, 11, 29), date(2025, 11, 28))], True),
        (date(2026, 11, 28), date(2024, 11, 29), date(2020, 1, 1),
         [(date(2025, 11, 29), date(2026, 11, 28)), (date(2024, 11, 29), date(2025, 11, 28))], True),
        # A yearly licence that was renewed before: the year reaches back over the last renewal.
        (date(2026, 11, 28), date(2026, 1, 15), date(2020, 1, 1), [(date(2025, 11, 29), date(2026, 11, 28))], True),
        # A young licence: no whole year, so nothing is missed yet.
        (date(2026, 11, 28), date(2026, 3, 1), date(2026, 3, 1), [(date(2026, 3, 1), date(2026, 11, 28))], False),
        # The 29th of February has a year before it, too.
        (date(2028, 2, 29), date(2027, 3, 1), date(2027, 3, 1), [(date(2027, 3, 1), date(2028, 2, 29))], True),
    ],
)  # fmt: skip
def test_years_are_counted_back_to_the_day(on, since, first, spans, whole):
    found, are_whole = rules.years_back(on, since, first)
    assert (found, are_whole) == ([Span(*s) for s in spans], whole)


def test_a_renewal_asks_for_fewer_papers_than_a_first_licence(settings):
    configure(settings)
    assert {p.code for p in licensing.papers(Procedure.RENEWAL)} == {"tax", "premises", "police"}
    assert {p.code for p in licensing.every_paper()} == {"registration", "tax", "premises", "police"}


@given(
    st.dates(date(2001, 1, 1), date(2060, 12, 31)), st.integers(0, 4000), st.integers(0, 4000),
)  # fmt: skip
def test_years_follow_each_other_without_gap_and_reach_back_no_further_than_the_licence(on, term, before):
    since = on - timedelta(days=term)
    first = since - timedelta(days=before)
    spans, whole = rules.years_back(on, since, first)
    assert spans[0].last == on
    assert all(later.first - earlier.last == timedelta(days=1) for later, earlier in pairwise(spans))
    assert all(s.first >= first for s in spans)
    if whole:
        assert all(364 <= (s.last - s.first).days <= 366 for s in spans)
        # Of the term less than a year is left out, and only the latest year may lie before it.
        assert (spans[-1].first - since).days <= 366
        assert all(s.first >= since for s in spans[1:])
    else:
        assert spans == [Span(first, on)]
        assert (on - first).days <= 366
