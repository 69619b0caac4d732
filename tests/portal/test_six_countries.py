"""Every country of the packages can be deployed: it is seeded by the services and its first pages answer."""

import html
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from core import contact, db, i18n
from core.accounts import UserAccount
from core.money import Money
from core.settings import configure, current
from core.world import World
from law.country import country_package, deployment
from portal.seeding import seed
from tests.law.table import CLASSES, LINES

COUNTRIES = ("bd", "in", "lk", "np", "ph", "pk")


@pytest.fixture(autouse=True)
def _nepal_again() -> Iterator[None]:
    """What a process takes from its country goes back to the tests' default."""
    yield
    home = country_package("np")
    db.set_legal_zone(home.time_zone)
    contact.set_region(home.code)
    i18n.set_calendars(home.calendars)


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_country_is_seeded_its_pages_answer_and_an_agency_applies(
    app: Flask, committed: sessionmaker[Session], country: str
):
    configure(replace(current(), country=country))
    world = seed(current(), "adversarial")
    home = deployment()
    agencies = world.found["agencies"]
    assert len(agencies) == 3
    client = app.test_client()
    number = agencies[0]["licence_number"]
    assert home.licence_prefix in number
    law = html.unescape(client.get("/law").text)
    for line in (c for c in CLASSES if c.country == country):
        assert line.source.citation in law
        for amount in line.amounts.values():
            units = int(amount.split()[1].replace(",", ""))
            assert i18n.format_money(Money(units * 100, home.currency)) in law, amount
    for line in (x for x in LINES if x.country == country):
        assert line.source.citation in law, line.name
    for path in ("/", "/law", "/what-it-may-cost", "/information", "/registration/new"):
        assert client.get(path).status_code in {200, 303}, path
    checked = client.get("/check", query_string={"q": number})
    assert checked.status_code == 200
    assert "Alpha Overseas" in checked.text
    quoted = client.get("/remittance/quote", query_string={"country": "QA", "amount": "1000"})
    assert quoted.status_code == 200
    assert home.currency in quoted.text
    _an_agency_applies_in_its_classes_and_papers(app, world)


def _an_agency_applies_in_its_classes_and_papers(app: Flask, world: World) -> None:
    from tests.conftest import PortalClient

    home, waiting = deployment(), world.found["agencies"][2]
    app.test_client_class = PortalClient
    client = app.test_client()
    with db.sessions()() as session:
        owner = next(a for a in world.accounts if a["login"] == waiting["owner"])
        client.sign_in(session, session.get_one(UserAccount, owner["account_id"]))
    for paper in home.papers["licence"]:
        page = client.get(f"/licences/applications/{waiting['application_id']}/papers/{paper.code}")
        assert page.status_code == 200, page.text
        assert paper.names["en"] in page.text
    classes = client.get(f"/licences/applications/{waiting['application_id']}/class")
    assert classes.status_code == 200
    for names in home.licence_classes.values():
        assert names["en"] in classes.text


def test_the_law_page_says_so_when_a_day_can_not_be_read(client):
    for asked in ("2026-13-01", "yesterday"):
        answer = client.get("/law", query_string={"on": asked})
        assert answer.status_code == 422
        assert "This day can’t be read" in answer.text
    assert client.get("/law", query_string={"on": "2020-01-31"}).status_code == 200
    assert "can’t be read" not in client.get("/law").text
