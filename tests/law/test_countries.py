"""The shipped law files and Nepal's country package say what their sources say, and nothing more."""

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask

from core.money import known_currencies
from core.settings import ROOT
from law import words
from law.country import country_package
from law.engine import RowStatus, law_of
from law.topics import TOPICS, Shape

TODAY = date(2026, 11, 24)
COUNTRIES = ("bd", "in", "lk", "np", "ph", "pk")
LANGUAGES = {"en", "ne", "ur"}


def test_every_folder_with_parameters_is_tested_here():
    assert sorted(p.parent.name for p in (ROOT / "law").glob("*/parameters.json")) == list(COUNTRIES)


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_countrys_rows_carry_its_code_and_a_source_or_no_claim(country: str):
    law = law_of(country)
    assert law.rows
    for row in law.rows:
        assert row.id.startswith(f"{country}."), row.id
        if row.status in {RowStatus.SEEN, RowStatus.REPORTED}:
            assert row.citation, row.id
            assert row.value is not None, row.id


@pytest.mark.parametrize(
    "topic", ["licence.validity", "insurance.amount", "complaint.time_limit", "age.min", "contract.min_wage"]
)
def test_what_is_not_known_of_nepals_law_stays_unknown(topic: str):
    answer = law_of("np").applies(topic, on=TODAY)
    assert not answer
    assert not answer.may_refuse


def test_nepals_security_of_class_a_and_b_was_seen_and_of_class_c_is_from_memory():
    law = law_of("np")
    found = {c: law.applies("licence.class", on=TODAY, licence_class=c) for c in "ABC"}
    assert {c: (a.value["cash"], a.value["guarantee"], a.may_refuse) for c, a in found.items()} == {
        "A": (5_000_000, 15_000_000, True),
        "B": (10_000_000, 30_000_000, True),
        "C": (20_000_000, 40_000_000, False),
    }


@pytest.mark.parametrize(
    ("country", "topic", "value", "may_refuse"),
    [
        ("np", "fee_cap.worker", 10000, False),
        ("np", "licence.cancel.refund_days", 30, True),
        ("in", "fee_cap.worker", 30000, True),
        ("in", "licence.suspension_max_days", 30, False),
        ("bd", "licence.validity", 3, True),
        ("bd", "pdo", {"days": 3}, False),
        ("lk", "job_order.validity_days", 365, True),
        ("pk", "job_order.validity_days", 120, True),
        ("ph", "welfare_fund", {"up_to": 25}, False),
    ],
)
def test_values_are_those_of_the_sources(country: str, topic: str, value: Any, may_refuse: bool):
    answer = law_of(country).applies(topic, on=TODAY)
    assert (answer.value, answer.may_refuse) == (value, may_refuse)


@pytest.mark.parametrize(
    ("country", "classes"),
    [
        ("np", {"A": (5_000_000, 15_000_000), "B": (10_000_000, 30_000_000), "C": (20_000_000, 40_000_000)}),
        ("in", {"full": (None, 5_000_000), "small": (None, 800_000)}),
        ("bd", {"standard": (3_500_000, None)}),
        ("lk", {"standard": (None, 5_000_000)}),
        ("pk", {"standard": (None, None)}),
        ("ph", {"standard": (1_500_000, None)}),
    ],
)
def test_classes_and_their_securities_come_from_each_countrys_file(country: str, classes: dict[str, Any]):
    law = law_of(country)
    assert law.applies("licence.classes", on=TODAY).value == list(classes)
    for code, amounts in classes.items():
        found = law.applies("licence.class", on=TODAY, licence_class=code)
        value = found.value or {}
        assert (value.get("cash"), value.get("guarantee")) == amounts
        assert found.row is not None
        assert found.row.citation or found.row.status is RowStatus.NOT_FOUND


def test_a_case_of_one_route_or_destination_has_its_own_amount():
    assert law_of("pk").applies("fee_cap.worker", on=TODAY, route="agency").value == 15000
    assert law_of("pk").applies("fee_cap.worker", on=TODAY, route="direct").value == 6000
    assert law_of("bd").applies("fee_cap.worker", on=TODAY, destination="MY").value == 79000
    assert not law_of("bd").applies("fee_cap.worker", on=TODAY, destination="QA")
    assert law_of("bd").applies("age.min", on=TODAY, sex="F", occupation="9111").value == 25
    assert law_of("bd").applies("age.min", on=TODAY, sex="M", occupation="9313").value == 18


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_row_is_said_in_words_and_money_is_shown_with_its_currency(country: str, app: Flask):
    with app.test_request_context():
        for row in law_of(country).rows:
            assert words.title(row)
            said = words.value(row)
            assert said
            assert "{" not in said
            if TOPICS[row.topic].shape is Shape.AMOUNT and row.value is not None:
                assert row.unit in said


def test_nepals_package_names_everything_in_three_languages():
    country = country_package("np")
    named = [*country.destinations, *country.occupations, *country.offices, *country.help]
    named += [paper for papers in country.papers.values() for paper in papers]
    for thing in named:
        assert set(thing.names) >= LANGUAGES, thing
        assert all(name.strip() for name in thing.names.values()), thing
    assert all(set(contact.how) >= LANGUAGES for contact in country.help)


def test_destinations_have_a_known_currency_a_mission_and_help():
    country = country_package("np")
    assert [d.code for d in country.destinations] == ["QA", "SA", "AE", "KW", "MY", "OM", "BH", "KR"]
    assert set(country.destination_currencies.values()) <= set(known_currencies())
    missions = {code for office in country.offices for code in office.destinations}
    for destination in country.destinations:
        assert destination.code in missions
        assert [c for c in country.help if c.country == destination.code]


def test_offices_form_one_tree_without_a_loop():
    parents = {o.code: o.parent for o in country_package("np").offices}
    assert [code for code, parent in parents.items() if parent is None] == ["MOL"]
    for code in parents:
        seen, at = set(), code
        while (up := parents[at]) is not None:
            assert up in parents
            assert at not in seen
            seen.add(at)
            at = up
        assert at == "MOL"


def test_occupations_are_isco_unit_groups_and_each_stands_once():
    codes = [o.code for o in country_package("np").occupations]
    assert len(codes) == len(set(codes))
    assert len(codes) >= 50
    assert all(re.fullmatch(r"[1-9]\d{3}", code) for code in codes)
    assert country_package("np").occupation("9313").names["en"] == "Building construction labourers"  # type: ignore[union-attr]  # None fails too


def test_no_help_contact_with_a_telephone_claims_to_be_confirmed():
    """No number here was confirmed by the ministry: the page has to say so beside each."""
    contacts = country_package("np").help
    assert [c for c in contacts if c.phone]
    for contact in contacts:
        assert contact.source
        assert contact.checked_on <= TODAY
        assert contact.status in ({"R", "M"} if contact.phone else {"R", "M", "S"}), contact.names["en"]
        assert re.fullmatch(r"[0-9+ ]*", contact.phone)


def test_papers_asked_for_without_a_law_are_named_a_service_standard():
    for papers in country_package("np").papers.values():
        for paper in papers:
            assert (paper.status, paper.citation) == ("S", "service standard") or paper.citation != "service standard"
