"""Our own bank accounts: shown to who pays by transfer, and the only ones whose statements count."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from stdnum import iban

from core.actor import SYSTEM
from core.db import legal_today
from core.errors import ConfigurationError, DomainError
from core.money import Money
from core.settings import configure, current
from remittance.funding.services import import_statement
from remittance.orders.models import BankLine
from remittance.orders.status import RemittanceStatus
from remittance.quotes.accounts import Purpose, account_for, account_numbered, accounts
from remittance.quotes.services import quotes
from remittance.quotes.status import PayIn
from tests.remittance import factories as f
from tests.remittance.statements import statement

ROW = {
    "purpose": "collection", "currency": "QAR", "country": "QA", "holder": "Ministry", "bank": "A bank", "bic": "",
    "number": "QA92 DEMO 0000 0000 0000 0000 0000 1", "effective_from": "2026-01-01",
}  # fmt: skip


@pytest.fixture
def own(session: Session, tmp_path: Path) -> Iterator[Path]:
    """A bank folder of its own, where a deployment's accounts lie."""
    before = current()
    configure(replace(before, bank_folder=tmp_path))
    yield tmp_path
    configure(before)


def put(folder: Path, *rows: dict[str, str]) -> None:
    (folder / "accounts.json").write_text(json.dumps({"accounts": rows}))


def test_every_iban_of_the_demo_has_right_check_digits():
    ibans = [a for a in accounts() if a.is_iban]
    assert len(ibans) == 7
    assert all(iban.is_valid(a.number) for a in ibans)


@pytest.mark.parametrize(
    "change",
    [
        {"number": "QA93DEMO000000000000000000001"}, {"number": "AE879990000000000000001"}, {"number": ""},
        {"holder": " "}, {"effective_from": "soon"}, {"currency": "XXX"}, {"purpose": "savings"},
    ],
)  # fmt: skip
def test_an_account_with_a_wrong_part_stops_with_a_sentence(own: Path, change: dict[str, str]):
    put(own, ROW | change)
    with pytest.raises(ConfigurationError, match="account 1"):
        accounts()


def test_the_account_of_the_day_is_taken_and_an_older_one_stays_known(own: Path):
    newer = ROW | {"number": "QA65DEMO000000000000000000002", "effective_from": "2026-06-01"}
    put(own, ROW | {"effective_to": "2026-07-31"}, newer)
    on = {day: account_for(Purpose.COLLECTION, "QAR", date.fromisoformat(day)) for day in ("2026-05-31", "2026-06-01")}
    assert [a.number[2:4] if a else "" for a in on.values()] == ["92", "65"]
    assert account_for(Purpose.COLLECTION, "QAR", date(2025, 12, 31)) is None
    assert account_for(Purpose.COLLECTION, "SAR", date(2026, 6, 1)) is None
    assert account_numbered("QA92 DEMO 0000 0000 0000 0000 0000 1") is not None


def test_who_pays_by_transfer_is_shown_bank_holder_and_account(client, session: Session):
    f.rates(session)
    account, actor = f.migrant(session)
    remittance = f.authorised(session, actor)
    client.sign_in(session, account)
    text = client.get(f"/remittance/{remittance.id}").get_data(as_text=True)
    assert "QA92 DEMO 0000 0000 0000 0000 0000 1" in text
    assert "Doha Demonstration Bank" in text
    assert "Remittance collection (demonstration)" in text


def test_without_an_account_in_the_currency_the_bank_is_not_offered(own: Path, session: Session):
    f.rates(session)
    put(own, ROW)
    assert [q.pay_in for q in quotes(session, "AE", Money(100_000, "AED"))] == [PayIn.CARD]
    assert PayIn.BANK in [q.pay_in for q in quotes(session, "QA", Money(100_000, "QAR"))]
    with pytest.raises(DomainError):
        f.offer(session, f.migrant(session)[1], country="AE")


def test_an_order_whose_account_went_away_is_told_not_to_pay(client, own: Path, session: Session):
    f.rates(session)
    put(own, ROW)
    account, actor = f.migrant(session)
    remittance = f.authorised(session, actor)
    put(own, ROW | {"effective_to": "2026-02-01"})
    client.sign_in(session, account)
    text = client.get(f"/remittance/{remittance.id}").get_data(as_text=True)
    assert "Do not pay yet" in text
    assert remittance.pay_reference
    assert "Send exactly" not in text


@pytest.mark.parametrize("number", ["QA65DEMO000000000000000000002", "SA2799000000000000000001"])
def test_a_statement_of_an_account_that_is_not_ours_or_of_another_currency_is_refused(session: Session, number: str):
    f.rates(session)
    made = f.authorised(session, f.migrant(session)[1])
    data = statement([(made.pays, made.pay_reference or "", "Sita", "B1")], ours=number)
    with pytest.raises(DomainError):
        import_statement(session, SYSTEM, data)
    assert made.status is RemittanceStatus.SCREENED
    assert session.scalar(select(func.count()).select_from(BankLine)) == 0


def test_a_statement_of_an_account_that_was_closed_is_still_read(own: Path, session: Session):
    f.rates(session)
    put(own, ROW)
    made = f.authorised(session, f.migrant(session)[1])
    newer = ROW | {"number": "QA65DEMO000000000000000000002", "effective_from": legal_today(session).isoformat()}
    put(own, ROW | {"effective_to": "2026-10-31"}, newer)
    data = statement([(made.pays, made.pay_reference or "", "Sita", "B1")], ours=str(ROW["number"]).replace(" ", ""))
    assert import_statement(session, SYSTEM, data).matched == 1
