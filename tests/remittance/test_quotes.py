"""What is offered and what not, and why: fresh rates, one order's limit, the countries where nothing can be chosen."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.db import db_now, legal_today
from core.errors import DomainError
from core.jobs import run_schedule_now
from core.money import Money
from law.country import deployment
from law.seed_data import seed_file
from remittance.quotes import services
from remittance.quotes.models import ExchangeRate
from remittance.quotes.services import Missing, load_rates, missing, quotes, served
from remittance.quotes.status import PayIn
from tests.remittance import factories as f

THOUSAND = Money(100_000, "QAR")


def rates_of(session: Session, tmp_path: Path, days: int, **more: str) -> None:
    """The tests' rates, dated some days ago."""
    data = json.loads(f.RATES.read_text())
    start = db_now(session) - timedelta(days=days)
    dated = (legal_today(session) - timedelta(days=days)).isoformat()
    path = tmp_path / f"rates-{days}.json"
    path.write_text(json.dumps(data | {"dated_on": dated, "valid_from": start.isoformat(), **more}))
    load_rates(session, path)


@pytest.mark.parametrize(("days", "good"), [(0, True), (3, True), (4, False), (27, False)])
def test_a_rate_is_used_for_three_days(client, session: Session, tmp_path: Path, days: int, good: bool):
    rates_of(session, tmp_path, days)
    answer = client.get("/remittance/quote?country=QA&amount=1000")
    text = answer.get_data(as_text=True)
    assert (answer.status_code, "39,800.00" in text) == ((200, True) if good else (422, False))
    assert ("too old to promise anything" in text) is not good
    assert (served(session) != []) is good


@pytest.mark.parametrize(("minutes", "good"), [(60, True), (-1, False)])
def test_a_rate_with_an_end_of_its_own_is_used_until_then(session: Session, tmp_path: Path, minutes: int, good: bool):
    until = db_now(session) + timedelta(minutes=minutes)
    rates_of(session, tmp_path, 20, valid_until=until.isoformat())
    if good:
        assert quotes(session, "QA", THOUSAND)
    else:
        with pytest.raises(DomainError, match="no exchange rate"):
            quotes(session, "QA", THOUSAND)


def test_an_offer_that_was_seen_is_not_taken_when_its_rate_has_become_old(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    rates_of(session, tmp_path, 3)
    _account, actor = f.migrant(session)
    assert f.offer(session, actor)
    monkeypatch.setitem(deployment().policy, "remittance_rate_days", 2)
    with pytest.raises(DomainError, match="too old"):
        f.offer(session, actor)


def test_a_demo_dates_its_rates_anew_each_day_and_no_others(session: Session, tmp_path: Path):
    rates_of(session, tmp_path, 4)
    run_schedule_now("remittance.sweep", session)
    with pytest.raises(DomainError, match="too old"):
        quotes(session, "QA", THOUSAND)
    load_rates(session, seed_file("rates"))
    count = select(func.count()).select_from(ExchangeRate)
    before = session.scalar(count) or 0
    for _again in range(2):
        run_schedule_now("remittance.sweep", session)
        assert session.scalar(count) == before + 9
    assert quotes(session, "QA", THOUSAND)[0].rate_dated_on == legal_today(session)


# At 40 for a riyal and 140 for a dollar, 10,000 dollars are 35,000 riyals.
@pytest.mark.parametrize(("minor", "good"), [(3_500_000, True), (3_500_001, False), (9_999_999_900, False)])
def test_one_order_has_a_limit(client, session: Session, minor: int, good: bool):
    f.rates(session)
    account, _actor = f.migrant(session)
    client.sign_in(session, account)
    amount = Money(minor, "QAR").to_decimal()
    answer = client.get(f"/remittance/quote?country=QA&amount={amount}")
    text = answer.get_data(as_text=True)
    assert answer.status_code == (200 if good else 422)
    assert ("One order may send at most QAR 35,000.00" in text) is not good
    if not good:
        values = {"country": "QA", "amount": str(amount), "pay_in": "bank", "pays": "1", "receives": "1"}
        assert "at most" in client.post_form("/remittance/start", **values).get_data(as_text=True)


def test_the_limit_is_the_country_packages(session: Session, monkeypatch: pytest.MonkeyPatch):
    from law.country import country_package

    assert country_package("in").standard("remittance_order_limit_usd") == 2500
    f.rates(session)
    monkeypatch.setitem(deployment().policy, "remittance_order_limit_usd", 100)
    with pytest.raises(DomainError, match=r"QAR 350\.00"):
        quotes(session, "QA", Money(35_001, "QAR"))


def test_the_page_says_why_a_card_is_not_offered(client, session: Session):
    f.rates(session)
    text = client.get("/remittance/quote?country=QA&amount=1000").get_data(as_text=True)
    assert "no prices for cards of Qatar" in text
    small = client.get("/remittance/quote?country=AE&amount=5").get_data(as_text=True)
    assert ("fixed part of the fee" in small, "foreign one" in small) == (True, False)


def test_ways_that_are_not_there_are_named_with_the_reason(client, session: Session, monkeypatch: pytest.MonkeyPatch):
    f.rates(session)
    assert missing(session, "QA") == {}
    monkeypatch.setattr(services, "account_for", lambda *_: None)
    assert missing(session, "QA") == {PayIn.BANK: Missing.NO_ACCOUNT}
    text = client.get("/remittance/quote?country=QA&amount=1000").get_data(as_text=True)
    assert ("no bank account in this currency" in text, "Nothing can be chosen" in text) == (True, True)
    assert served(session) == ["AE"]
    assert '<option selected value="AE">' in client.get("/remittance/quote").get_data(as_text=True)
    assert set(missing(session, "JO")) == {PayIn.BANK, PayIn.CARD}


def test_without_any_rate_the_page_says_so_at_once(client, session: Session):
    assert "Nobody can send money here today" in client.get("/remittance/quote").get_data(as_text=True)


@pytest.mark.parametrize(
    ("language", "said"), [("ne", "प्रदर्शनका लागि"), ("ur", "نمائش کے لیے"), ("en", "Demonstration")]
)
def test_the_source_of_the_rates_is_told_in_the_readers_language(client, session: Session, language: str, said: str):
    load_rates(session, seed_file("rates"), fresh=True)
    client.set_cookie("lang", language)
    text = client.get("/remittance/quote?country=QA&amount=1000").get_data(as_text=True)
    assert said in text
    assert ("Demonstration figures" in text) is (language == "en")
