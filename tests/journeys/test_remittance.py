"""Money on its way home, through real pages: from a quote without an account to the receipt, by bank and by card."""

import re
import secrets
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from core.actor import SYSTEM
from core.money import Money
from core.permissions import StaffRole
from remittance.funding.services import import_statement
from remittance.orders import officers, payouts
from remittance.orders.models import BankLine, Refund, Remittance
from remittance.orders.payouts import rail
from remittance.orders.status import RefundStatus, RemittanceStatus
from remittance.rails.local_partner import answer_outbox
from remittance.reconciliation.services import make_reports
from tests.journeys import kit
from tests.journeys.conftest import Portal, at_a_desk, staff
from tests.journeys.person import Person, code_for
from tests.remittance import factories
from tests.remittance.statements import statement

pytestmark = pytest.mark.browser


def number(person: Person) -> int:
    """Two walks, two sets of officers: an authenticator's code works once."""
    return 1 if person.javascript else 2


@pytest.fixture
def sender(portal: Portal) -> dict[str, str]:
    """A verified migrant, and the rates and floats of a working day."""
    with portal.sessions() as session:
        factories.rates(session)
        factories.fill_float(session)
        account, _actor = factories.migrant(session)
        session.commit()
        return {"login": account.reference, "password": factories.PASSWORD}


def quote(person: Person, country: str, amount: str) -> None:
    person.go("/remittance/quote")
    person.well()
    person.fill(country=country, amount=amount)
    kit.follow(person.page.get_by_role("button", name="Show what arrives"))
    person.well()


def order(portal: Portal, person: Person, sender: dict[str, str], way: str) -> str:
    """From the quote to an order that waits for its money. Gives its page."""
    kit.enter(person.context, portal, sender["login"])
    quote(person, "QA" if way == "bank" else "AE", "1000")
    form = person.page.locator(f"main form:has(input[name=pay_in][value={way}])")
    kit.follow(form.locator("button[type=submit]"))
    person.well()
    person.fill(full_name="Maya Tamang", bank="Nabil Bank", account_number="0123 4567 89", town="Dhading")
    person.send()
    person.well()
    person.sees("Maya Tamang")
    person.send()
    person.well()
    person.fill(secret=sender["password"], code=code_for(portal, sender["login"]))
    person.send()
    person.well()
    person.sees("Now pay")
    return person.page.url


def pay_out(portal: Portal, bank_folder: Path) -> None:
    """The worker writes the payment file, the bank answers it, the worker reads the answer."""
    portal.drain()
    assert answer_outbox(bank_folder) == 1
    for name, answer in rail().answers():
        with portal.sessions() as session:
            if name.endswith("-status.xml"):
                payouts.take_answers(session, answer)
            else:
                # The partner tells of its float too.
                import_statement(session, SYSTEM, answer)
            session.commit()
        rail().done(name)


def has_receipt(person: Person, url: str) -> None:
    person.go(url)
    person.well()
    with person.page.expect_download() as download:
        person.page.get_by_role("link", name="Receipt (PDF)").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def test_anybody_sees_what_the_family_receives_before_signing_in(
    portal: Portal, sender, somebody: Callable[..., Person]
):
    person = somebody()
    quote(person, "QA", "1000")
    person.sees("39,800.00")
    person.sees("0.80%")
    person.sees("Not offered")


def test_a_bank_transfer_arrives_and_an_order_that_failed_is_paid_back(
    portal: Portal, sender: dict[str, str], somebody: Callable[..., Person], bank_folder: Path, tmp_path: Path
):
    person = somebody()
    url = order(portal, person, sender, "bank")
    reference = re.search(r"RF[0-9]{2}( [0-9A-Z]{1,4})+", person.page.locator("main").inner_text())
    assert reference
    with portal.sessions() as session:
        pays = session.get_one(Remittance, url.rsplit("/", 1)[1]).pays
    paper = tmp_path / "camt.053.xml"
    paper.write_bytes(statement([(pays, reference[0], "Sita", f"bank-{number(person)}")], message=f"M{number(person)}"))
    officer = somebody(staff(portal, "remittance_officer", number=number(person)))
    for read in (1, 2):
        officer.go("/remittance-office/bank")
        officer.well()
        officer.page.set_input_files("main [name=file]", paper)
        kit.follow(officer.page.get_by_role("button", name="Read it"))
        officer.refuses_nothing(f"reading it {read}")
    pay_out(portal, bank_folder)
    person.go(url)
    person.sees("39,800.00")
    has_receipt(person, url)
    officer.go(f"/remittance-office/{url.rsplit('/', 1)[1]}")
    officer.well()
    officer.go("/remittance-office/books")
    officer.well()


def test_a_card_pays_on_the_payment_companys_page_and_a_dispute_is_paid_back(
    portal: Portal, sender: dict[str, str], somebody: Callable[..., Person], bank_folder: Path
):
    person = somebody()
    url = order(portal, person, sender, "card")
    kit.follow(person.page.get_by_role("button", name="Pay by card"))
    assert "/c/pay/" in person.page.url
    person.page.fill("[name=card]", "4242424242424242")
    kit.follow(person.page.locator("button[type=submit]").first)
    assert person.page.url == f"{url}?paid=1"
    person.sees("Do not pay again")
    assert person.page.get_by_role("button", name="Pay by card").count() == 0
    person.well()
    wait_for_event(portal, url)
    pay_out(portal, bank_folder)
    has_receipt(person, url)
    paid_back(portal, somebody, person, url)


def wait_for_event(portal: Portal, url: str) -> None:
    """The payment company tells us by itself, a moment after the person is back."""
    for _ in range(100):
        portal.drain()
        with portal.sessions() as session:
            if session.get_one(Remittance, url.rsplit("/", 1)[1]).paid_at:
                return
        time.sleep(0.1)
    raise AssertionError("no event came")


def paid_back(portal: Portal, somebody: Callable[..., Person], person: Person, url: str) -> None:
    """The sender complains; an approver finds that nothing arrived; one officer proposes a refund, another approves."""
    person.page.locator("main details summary").click()
    decide(person, "dispute", "My mother has not received it.")
    person.well()
    page = f"/remittance-office/{url.rsplit('/', 1)[1]}"
    approver = somebody(staff(portal, "remittance_approver", number=number(person)))
    approver.go(page)
    approver.well()
    decide(approver, "settle_failed", "The partner's list does not have it.")
    maker = somebody(staff(portal, "remittance_officer", number=number(person) + 10))
    maker.go(page)
    maker.well()
    maker.page.locator("#refund-reason").fill("It did not arrive.")
    kit.follow(maker.page.locator("main form[action$='/refund'] button"))
    maker.refuses_nothing("the proposal")
    with portal.sessions() as session:
        reference = session.get_one(Remittance, url.rsplit("/", 1)[1]).reference
    approver.go("/remittance-office/refunds")
    approver.well()
    kit.follow(approver.page.locator("main li", has_text=reference).get_by_role("link"))
    approver.well()
    decide(approver, "approve", "It did not arrive indeed.")
    portal.drain()
    with portal.sessions() as session:
        remittance = session.get_one(Remittance, url.rsplit("/", 1)[1])
        refund = session.scalars(select(Refund).where(Refund.remittance_id == remittance.id)).one()
        assert refund.status is RefundStatus.DONE
        assert (remittance.refunded_minor, remittance.status) == (remittance.paid_minor, RemittanceStatus.REFUNDED)
    person.go(url)
    person.sees("Money given back")
    person.well()


def decide(person: Person, action: str, reason: str) -> None:
    form = person.page.locator(f"main form[action$='/{action}']").first
    form.locator("[name=reason]").fill(reason)
    kit.follow(form.locator("button"))
    person.refuses_nothing(action)


@pytest.fixture
def stray(portal: Portal) -> dict[str, str]:
    """Money of nobody known, a refund that reached nobody, and yesterday's report: addresses of their pages."""
    with portal.sessions() as session:
        factories.rates(session)
        who = secrets.token_hex(4)
        unknown = statement([(Money(12_345, "QAR"), "", "Hari Rai", who)], message=who, account=f"QA99{who.upper()}")
        import_statement(session, SYSTEM, unknown)
        line = session.scalars(select(BankLine).order_by(BankLine.id.desc()).limit(1)).one()
        _account, actor = factories.migrant(session)
        order_ = factories.authorised(session, actor)
        data = statement([(order_.pays, order_.pay_reference or "", "Sita", f"{who}-2")], message=f"{who}-2")
        import_statement(session, SYSTEM, data)
        maker, checker = (
            factories.officer(session, r)[1] for r in (StaffRole.REMITTANCE_OFFICER, StaffRole.REMITTANCE_APPROVER)
        )
        refund = officers.propose_refund(session, maker, order_.id, officers.ProposeRefund(order_.paid, "asked"))
        officers.decide_refund(session, checker, refund.id, action="approve", reason="yes")
        charge = statement([(Money(250, "QAR"), "", "Bank", f"{who}-3")], side="DBIT", message=f"{who}-3")
        import_statement(session, SYSTEM, charge)
        make_reports(session, date(2026, 11, 20), None)
        session.commit()
        return {
            "line": f"/remittance-office/bank/{line.id}", "refund": f"/remittance-office/refunds/{refund.id}",
            "day": "/remittance-office/reconciliation/2026-11-20", "days": "/remittance-office/reconciliation",
        }  # fmt: skip


def looked_at(portal: Portal, person: Person, *pages: str) -> None:
    """Every page in three languages is well."""
    for language in ("ne", "ur", "en"):
        person.context.add_cookies([{"name": "lang", "value": language, "url": portal.url}])
        for page in pages:
            person.go(page)
            person.well()
            kit.screenshot(
                person.page,
                f"remittance-{language}-{page.split('/')[-1][:8]}-{page.split('/')[-2][:8]}-{number(person)}",
            )


@at_a_desk
def test_two_officers_send_money_of_nobody_known_back_and_settle_a_refund_that_failed(
    portal: Portal, stray: dict[str, str], somebody: Callable[..., Person], bank_folder: Path
):
    probe = somebody()
    place = number(probe) + 20
    maker = somebody(staff(portal, "remittance_officer", number=place))
    checker = somebody(staff(portal, "remittance_approver", number=place))
    looked_at(portal, maker, *stray.values(), "/remittance-office/bank", "/remittance-office/refunds")
    looked_at(portal, maker, f"{stray['line']}/return", f"{stray['line']}/attach", f"{stray['refund']}/settle")
    maker.go(f"{stray['line']}/return")
    maker.fill(bank="DOHBQAQA", town="Doha", country="QA", reason="Nobody has this reference.")
    maker.send()
    maker.sees("another officer decides")
    maker.go(f"{stray['refund']}/settle")
    maker.page.locator("main [name=way][value=bank]").check()
    maker.fill(
        full_name="Sita Tamang", account_number="QA58 DOHB 0000 1234", bank="DOHBQAQA", town="Doha", country="QA"
    )
    maker.fill(reason="She gave it at the office.")
    maker.send()
    maker.go(stray["day"])
    decide(maker, "close", "The bank's own charge.")
    checker.go(stray["line"])
    decide(checker, "return/approve", "So it is.")
    looked_at(portal, checker, stray["refund"])
    decide(checker, "settlement/approve", "Passbook seen.")
    portal.drain()
    assert answer_outbox(bank_folder) >= 2
    for name, answer in rail().answers():
        with portal.sessions() as session:
            if name.endswith("-status.xml"):
                payouts.take_answers(session, answer)
            else:
                # The partner tells of its float too.
                import_statement(session, SYSTEM, answer)
            session.commit()
        rail().done(name)
    checker.go(stray["line"])
    checker.sees("sent back")
    checker.go(stray["refund"])
    checker.sees("given back")
    kit.follow(checker.page.locator("main a[href*='/transfers/']").first)
    looked_at(portal, checker, checker.page.url.removeprefix(portal.url), stray["line"])
