"""Whom to call: each contact says where it is from, from which day, and whether the ministry confirmed it."""

import re

import pytest

from core.i18n import in_locale, languages
from law.country import country_package, deployment
from tests.law.test_countries import COUNTRIES

UNCONFIRMED = {"en": "not confirmed by the ministry", "ne": "मन्त्रालयले पुष्टि नगरेको", "ur": "وزارت سے تصدیق شدہ نہیں"}


@pytest.mark.parametrize("locale", list(UNCONFIRMED))
def test_every_contact_shows_its_source_its_day_and_whether_it_is_confirmed(client, session, locale: str):
    client.set_cookie("lang", locale)
    cards = re.findall(r'<section class="card">.*?</section>', client.get("/information").text, re.DOTALL)
    contacts = deployment().help
    assert len(cards) == len(contacts)
    with in_locale(locale):
        from core.i18n import format_date

        # The confirmed ones come first, each group in the order of the country package.
        for card, contact in zip(cards, sorted(contacts, key=lambda c: not c.confirmed), strict=True):
            assert f"<bdi>{contact.origin(locale)}</bdi>" in card.replace("&#39;", "'")
            assert format_date(contact.checked_on) in card
            assert (UNCONFIRMED[locale] in card) is (contact.status in ("R", "M"))
    assert {c.status in ("R", "M") for c in contacts} == {True, False}


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_source_is_put_into_the_readers_language(country: str):
    for contact in country_package(country).help:
        for locale in languages():
            assert locale == "en" or contact.origin(locale) != contact.source, contact.source


def test_the_page_says_what_to_do_when_nobody_answers_and_in_a_country_that_is_not_listed(client, session):
    page = client.get("/information").text
    assert "When nobody answers" in page
    assert page.index("Confirmed by the ministry") < page.index("Try these, too")
    for asked in ("other", "ZZ"):
        page = client.get(f"/information?country={asked}").text
        assert '<option value="other" selected>' in page
        assert "call the police of the country where you are" in page
        assert "Police in Nepal" in page
        assert "Police in Qatar" not in page
    page = client.get("/information?country=QA").text
    assert "Police in Qatar" in page
    assert "Police in Nepal" not in page
