"""The law engine: the row that says most wins, unknown is an answer, contradictions do not load."""

import itertools
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ConfigurationError
from law import cases
from law.engine import CASE_KEYS, Applied, Law, Row, RowStatus, Unknown, read_law, read_row

DAY = date(2026, 11, 24)


def row(name: str, value: Any = 1, /, status: str = "V", **more: Any) -> Row:
    """A row of the topic "age.min", read the way a file is read."""
    data = {"id": name, "topic": "age.min", "value": value, "status": status, "citation": "s. 1", **more}
    return read_row(data, "test.json")


def test_the_row_that_says_most_about_the_case_wins():
    law = Law(
        "xx",
        [
            row("all", 18),
            row("women", 24, when={"sex": "F"}),
            row("women-kw", 25, when={"sex": "F", "destination": "KW"}),
        ],
    )
    assert law.applies("age.min", on=DAY).value == 18
    assert law.applies("age.min", on=DAY, sex="M", destination="KW").value == 18
    assert law.applies("age.min", on=DAY, sex="F", destination="QA").value == 24
    assert law.applies("age.min", on=DAY, sex="F", destination="KW").value == 25


def test_a_topic_that_no_row_knows_is_unknown_and_counts_as_false():
    answer = Law("xx", [row("a")]).applies("insurance.amount", on=DAY)
    assert answer == Unknown("insurance.amount")
    assert not answer
    assert (answer.value, answer.may_refuse) == (None, False)
    assert answer.as_evidence() == {"topic": "insurance.amount", "unknown": True, "row": None}


def test_zero_and_no_are_known_values_and_count_as_true():
    for topic, value in (("age.min", 0), ("fee.through_bank", False)):
        answer = Law("xx", [row("a", value, topic=topic)]).applies(topic, on=DAY)
        assert isinstance(answer, Applied)
        assert answer
        assert answer.value == value


def test_a_row_that_was_looked_for_and_not_found_is_unknown_and_named():
    answer = Law("xx", [row("a", None, status="X")]).applies("age.min", on=DAY)
    assert not answer
    assert answer.row is not None
    assert answer.row.id == "a"


def test_a_special_row_without_a_value_does_not_fall_back_to_the_general_one():
    law = Law("xx", [row("all", 18), row("kw", None, status="X", when={"destination": "KW"})])
    assert law.applies("age.min", on=DAY, destination="QA").value == 18
    assert not law.applies("age.min", on=DAY, destination="KW")


def test_only_a_row_seen_in_the_law_may_refuse():
    may = {
        s: bool(Law("xx", [row("a", None if s == "X" else 18, status=s)]).applies("age.min", on=DAY).may_refuse)
        for s in "VRMX"
    }
    assert may == {"V": True, "R": False, "M": False, "X": False}


WOMEN, KUWAIT = {"sex": "F"}, {"destination": "KW"}


def test_two_rows_that_cross_do_not_load_and_both_are_named_with_the_case_that_fits_both():
    with pytest.raises(
        ConfigurationError, match=r"rows np\.women and np\.kuwait cross: .*destination KW, sex F, "
    ) as refused:
        Law("np", [row("np.women", 24, when=WOMEN), row("np.kuwait", 21, when=KUWAIT)])
    assert "Write a row for destination KW, sex F" in str(refused.value)


def test_rows_that_cross_load_with_a_row_for_the_cases_that_fit_both():
    rows = [row("women", 24, when=WOMEN), row("kuwait", 21, when=KUWAIT), row("both", 25, when={**WOMEN, **KUWAIT})]
    law = Law("np", rows)
    assert law.applies("age.min", on=DAY, sex="F", destination="KW").value == 25
    assert law.applies("age.min", on=DAY, sex="F", destination="QA").value == 24
    assert law.applies("age.min", on=DAY, sex="M", destination="KW").value == 21
    unknown = [*rows[:2], row("both", None, status="X", when={**WOMEN, **KUWAIT})]
    assert not Law("np", unknown).applies("age.min", on=DAY, sex="F", destination="KW")


def test_a_row_for_both_cases_settles_only_its_own_days():
    crossing = [row("women", 24, when=WOMEN), row("kuwait", 21, when=KUWAIT)]
    early = row("early", 25, when={**WOMEN, **KUWAIT}, effective_to="2025-12-31")
    late = row("late", 26, when={**WOMEN, **KUWAIT}, effective_from="2026-01-01")
    Law("np", [*crossing, late, early])
    with pytest.raises(ConfigurationError, match="on 2026-01-01, they say"):
        Law("np", [*crossing, early])
    with pytest.raises(ConfigurationError, match="cross"):
        Law("np", [*crossing, late])


def test_rows_that_cross_load_where_they_say_the_same_or_never_hold_together():
    same = Law("np", [row("kuwait", 24, when=KUWAIT, status="R"), row("women", 24, when=WOMEN)])
    answer = same.applies("age.min", on=DAY, sex="F", destination="KW")
    assert (answer.value, answer.may_refuse) == (24, True)
    Law(
        "np",
        [row("a", 24, when=WOMEN, effective_to="2026-01-01"), row("b", 21, when=KUWAIT, effective_from="2026-01-02")],
    )
    with pytest.raises(ConfigurationError, match="cross"):
        Law("np", [row("a", 24, when=WOMEN, unit="years"), row("b", 24, when=KUWAIT, unit="months")])


@pytest.mark.parametrize("key", ["destination", "sex", "route"])
def test_two_values_of_one_thing_never_fit_one_case(key: str):
    one, other = {"destination": ("KW", "QA"), "sex": ("F", "M"), "route": ("agency", "direct")}[key]
    law = Law("np", [row("one", 24, when={key: one}), row("other", 21, when={key: other})])
    assert [law.applies("age.min", on=DAY, **{key: v}).value for v in (one, other)] == [24, 21]


def test_a_row_holds_on_its_first_and_its_last_day_and_on_no_other():
    law = Law("xx", [row("a", 18, effective_from="2026-01-01", effective_to="2026-11-24")])
    assert [bool(law.applies("age.min", on=d)) for d in (date(2025, 12, 31), date(2026, 1, 1), DAY)] == [
        False,
        True,
        True,
    ]
    assert not law.applies("age.min", on=DAY + timedelta(days=1))
    assert law.in_force(DAY + timedelta(days=1)) == []


def test_a_changed_law_answers_by_the_day_asked_for():
    law = Law("xx", [row("old", 18, effective_to="2025-12-31"), row("new", 21, effective_from="2026-01-01")])
    assert (law.applies("age.min", on=date(2025, 12, 31)).value, law.applies("age.min", on=date(2026, 1, 1)).value) == (
        18,
        21,
    )


def test_two_rows_for_the_same_case_and_day_are_refused_and_both_named():
    with pytest.raises(ConfigurationError, match=r"np\.one and np\.two"):
        Law("np", [row("np.one", 18, effective_to="2026-01-01"), row("np.two", 21, effective_from="2026-01-01")])


def test_a_case_that_the_law_has_no_word_for_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="religion"):
        Law("xx", [row("a")]).applies("age.min", on=DAY, religion="any")


def test_what_a_decision_stores_names_row_value_citation_and_status():
    assert row("np.a", 18, status="R").as_evidence() == {
        "row": "np.a", "value": 18, "citation": "s. 1", "status": "R",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"status": "Z"}, "must be V, R, M or X"),
        ({"colour": "red"}, "unknown fields: colour"),
        ({"when": {"religion": "any"}}, "unknown things: religion"),
        ({"when": {"sex": ["F"]}}, "sex must be one text"),
        ({"when": {"sex": "woman"}}, "the sex 'woman'; it must be F, M, X"),
        ({"when": {"destination": "UK"}}, "the destination 'UK', which is no country of ISO 3166-1"),
        ({"when": {"destination": "qa"}}, "the destination 'qa', which is no country"),
        ({"when": {"destination": "EU"}}, "the destination 'EU', which is no country"),
        ({"when": {"route": "agent"}}, "the route 'agent'; it must be agency or direct"),
        ({"citation": ""}, "cites nothing"),
        ({"value": None}, "claims to be seen in the law but has no value"),
        ({"status": "X"}, "says that nothing was found, and has a value"),
        ({"value": "eighteen"}, "'eighteen', which is no count"),
        ({"value": True}, "True, which is no count"),
        ({"value": -1}, "-1, which is no count"),
        ({"topic": "fee_cap.worker_npr"}, "no topic of law/topics.py"),
        ({"topic": "fee_cap.worker", "unit": "rupees"}, "no currency"),
        ({"topic": "fee_cap.rule", "value": " "}, "no text"),
        ({"topic": "licence.classes", "value": []}, "no words"),
        ({"topic": "licence.class", "value": 5}, "has no parts"),
        ({"topic": "licence.class", "value": {"cash_npr": 5}}, "unknown parts: cash_npr"),
        ({"topic": "licence.class", "value": {"cash": "5"}}, "'5' as cash"),
        ({"topic": "licence.class", "value": {"cash": 5}, "unit": ""}, "no currency"),
        ({"effective_from": "2026-02-30"}, "a day that does not exist"),
        ({"effective_from": "2026-02-02", "effective_to": "2026-02-01"}, "ends before it begins"),
    ],
)
def test_a_malformed_row_is_refused_with_its_file_and_name(change: dict[str, Any], sentence: str):
    with pytest.raises(ConfigurationError, match=sentence) as refused:
        row("np.bad", 18, **change)
    assert str(refused.value).startswith("test.json: row np.bad")


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ({"occupation": "9999"}, "the occupation '9999', which is no ISCO-08 code"),
        ({"occupation": "911"}, "the occupation '911', which is no ISCO-08 code"),
        ({"licence_class": "D"}, "the licence class 'D', which is not in this country's country.json"),
        ({"licence_class": "a"}, "the licence class 'a'"),
    ],
)
def test_work_and_licence_classes_that_the_country_does_not_know_do_not_load(
    when: dict[str, str], sentence: str, tmp_path: Path
):
    path = tmp_path / "parameters.json"
    path.write_text(json.dumps([{"id": "np.a", "topic": "age.min", "value": 18, "status": "R", "when": when}]))
    with pytest.raises(ConfigurationError, match=sentence) as refused:
        read_law(path, "np")
    assert "row np.a" in str(refused.value)
    good = {"occupation": "9111"} if "occupation" in when else {"licence_class": "A"}
    path.write_text(path.read_text().replace(json.dumps(when), json.dumps(good)))
    assert read_law(path, "np").rows[0].when == good


def test_a_class_that_the_package_has_no_name_for_does_not_load(tmp_path: Path):
    path = tmp_path / "parameters.json"
    path.write_text(json.dumps([{"id": "np.a", "topic": "licence.classes", "value": ["A", "Z"], "status": "R"}]))
    with pytest.raises(ConfigurationError, match="no name for the class Z"):
        read_law(path, "np")


def test_the_countries_are_those_of_iso_3166():
    assert len(cases.countries()) == 249
    assert {"NP", "QA", "TW", "HK", "AX", "SS"} <= cases.countries()
    assert not {"XK", "AC", "EU", "UN", "ZZ"} & cases.countries()


def test_the_start_refuses_a_wrong_law_file(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import law.engine
    from portal.app import prepare

    wrong = tmp_path / "law" / "np" / "parameters.json"
    wrong.parent.mkdir(parents=True)
    wrong.write_text(json.dumps([{"id": "np.a", "topic": "age.min", "value": 18, "status": "R", "when": {"sex": "W"}}]))
    monkeypatch.setattr(law.engine, "ROOT", tmp_path)
    law.engine.law_of.cache_clear()
    try:
        with pytest.raises(ConfigurationError, match=r"row np\.a speaks of the sex 'W'"):
            prepare(settings)
    finally:
        law.engine.law_of.cache_clear()


@pytest.mark.parametrize("missing", ["id", "topic", "value", "status"])
def test_a_row_that_lacks_a_field_is_refused(missing: str):
    data = {"id": "a", "topic": "age.min", "value": 1, "status": "V", "citation": "s. 1"}
    del data[missing]
    with pytest.raises(ConfigurationError, match=f"lacks {missing}"):
        read_row(data, "test.json")


def test_two_rows_with_one_id_do_not_load(tmp_path: Path):
    path = tmp_path / "parameters.json"
    same = {"id": "a", "value": 1, "status": "R"}
    path.write_text(json.dumps([{**same, "topic": "age.min"}, {**same, "topic": "age.max"}]))
    with pytest.raises(ConfigurationError, match="same id: a"):
        read_law(path, "np")


# --- properties, over every small law -------------------------------------------------------------------------------

_days = st.dates(date(2025, 1, 1), date(2025, 1, 12))
KEYS = CASE_KEYS[:3]
_whens = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["a", "b"]), max_size=3)


@st.composite
def _rows(draw: st.DrawFn) -> list[Row]:
    made = []
    for number in range(draw(st.integers(0, 6))):
        first, last = sorted([draw(_days), draw(_days)])
        status = draw(st.sampled_from(RowStatus))
        value = None if status is RowStatus.NOT_FOUND else draw(st.integers(1, 3))
        made.append(
            Row(
                id=f"r{number}", topic="age.min", value=value, unit="", instrument="", citation="s. 1",
                status=status,
                effective_from=draw(st.sampled_from([first, None])),
                effective_to=draw(st.sampled_from([last, None])),
                when=draw(_whens),
            )
        )  # fmt: skip
    return made


def _clash(rows: list[Row]) -> bool:
    """By brute force, each day and each case: do two rows that nothing narrower replaces say different things?"""
    days = [date(2024, 12, 31) + timedelta(days=n) for n in range(14)]
    worlds = [dict(zip(KEYS, values, strict=True)) for values in itertools.product(["a", "b", None], repeat=len(KEYS))]
    for day, case in itertools.product(days, worlds):
        live = [r for r in rows if r.matches(day, case)]
        left = [r for r in live if not any(set(r.when.items()) < set(o.when.items()) for o in live)]
        if len({r.value for r in left}) > 1 or len({frozenset(r.when.items()) for r in left}) < len(left):
            return True
    return False


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # shared machines are slow, the law is not
@given(_rows(), st.randoms(use_true_random=False), _days, _whens)
def test_a_law_loads_or_not_and_answers_the_same_in_any_order_of_its_rows(
    rows: list[Row], random: Any, on: date, case: dict[str, str]
):
    shuffled = list(rows)
    random.shuffle(shuffled)
    if _clash(rows):
        for order in (rows, shuffled):
            with pytest.raises(ConfigurationError):
                Law("xx", order)
        return
    one, other = (Law("xx", order).applies("age.min", on=on, **case) for order in (rows, shuffled))
    assert (bool(one), one.row, one.value, one.may_refuse) == (bool(other), other.row, other.value, other.may_refuse)
    if isinstance(one, Applied):
        live = [r for r in rows if r.matches(on, case)]
        assert one.row in live
        # Whatever else fits and is not broader says the same.
        assert all(r.value == one.value for r in live if not set(r.when.items()) < set(one.row.when.items()))
        assert one.row.status is not RowStatus.NOT_FOUND
        assert one.may_refuse == (one.row.status is RowStatus.SEEN)
