"""The day's report: books, card provider and bank side by side, each difference named once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import SYSTEM
from core.db import db_now
from core.errors import Denied, DomainError, TooLate
from core.jobs import run_now, run_schedule_now, run_waiting
from core.money import Money
from core.permissions import StaffRole
from remittance.funding import local_bank
from remittance.funding import services as funding
from remittance.funding.local_bank import Entry
from remittance.ledger.services import credit, debit, post
from remittance.orders import officers, payouts
from remittance.orders.models import BankLine, Remittance
from remittance.orders.status import RemittanceStatus
from remittance.quotes.accounts import Purpose, account_for
from remittance.rails.port import PayoutAnswer, PayoutOutcome
from remittance.reconciliation import queries, services
from remittance.reconciliation.models import ReconciliationDifference, ReconciliationReport
from remittance.reconciliation.status import DifferenceKind, DifferenceStatus, difference_workflow
from tests.doubles import stripe_api
from tests.remittance import factories as f
from tests.remittance.statements import statement
from tests.remittance.test_credit_transfers import bank_refund, card_refund, debit_entry, double, provider, the_transfer

__all__ = ["double", "provider"]
BOOKED = date(2026, 11, 20)
LAKHS, FEE = Money(50_000_000, "NPR"), Money(500, "NPR")


def today(session: Session) -> date:
    from datetime import UTC

    return db_now(session).astimezone(UTC).date()


def rows(session: Session) -> list[tuple[DifferenceKind, str, int, int]]:
    found = session.scalars(select(ReconciliationDifference).order_by(ReconciliationDifference.id))
    return [(d.kind, d.movement, d.ours_minor, d.theirs_minor) for d in found]


def test_the_states_are_the_ones_written_by_hand():
    assert difference_workflow.pairs() == {("open", "close", "closed")}


def test_a_payment_its_fee_a_refund_and_its_failure_agree_with_the_provider(session: Session, double, provider):
    _made, refund = card_refund(session, provider)
    (report,) = [
        r for r in services.make_reports(session, today(session), provider) if r.account == "card_clearing:AED"
    ]
    assert (report.matched, report.differences, report.ours) == (2, 0, report.theirs)
    assert report.ours == Money(-3099, "AED")
    stripe_api.fail_refund(double.store, refund.provider_refund_id or "")
    # The provider has the money again and we have not heard: named.
    services.make_reports(session, today(session), provider)
    assert rows(session) == [(DifferenceKind.NOT_IN_BOOKS, "refund_failure", 0, 103_399)]
    from remittance.orders import officers

    officers.check_refund(session, refund.provider_refund_id or "", provider)
    (report,) = [
        r for r in services.make_reports(session, today(session), provider) if r.account == "card_clearing:AED"
    ]
    assert (report.matched, report.differences) == (3, 0)


def test_another_settlement_currency_agrees_too(session: Session, double, provider):
    from fractions import Fraction

    double.store.kept, double.store.rate = "usd", Fraction(27229, 100_000)
    card_refund(session, provider)
    made = {
        r.account: r for r in services.make_reports(session, today(session), provider) if r.account.startswith("card")
    }
    assert {a: (r.ours_minor, r.theirs_minor, r.differences) for a, r in made.items()} == {
        "card_clearing:AED": (0, 0, 0), "card_clearing:USD": (-844, -844, 0),
    }  # fmt: skip


def test_what_the_provider_moved_and_we_did_not_and_the_other_way_round(session: Session, double, provider):
    card_refund(session, provider)
    with double.store.lock:
        stripe_api.moved(double.store, "payout", -500, 0, "aed", "po_1")
    amount = Money(777, "AED")
    post(
        session,
        "funded:pi_nobody",
        kind="funded",
        subject_id=None,
        legs=[debit("card_clearing", amount), credit("owed", amount)],
    )
    made_up = [debit("card_clearing", amount), credit("owed", amount)]
    post(session, "seed:in:1", kind="funded", subject_id=None, legs=made_up)
    services.make_reports(session, today(session), provider)
    assert sorted(rows(session)) == [
        (DifferenceKind.NOT_IN_BOOKS, "payout", 0, -500),
        (DifferenceKind.NOT_IN_THEIRS, "funded", 777, 0),
    ]


def test_more_movements_than_a_page_are_all_read(session: Session, double, provider):
    with double.store.lock:
        for n in range(230):
            stripe_api.moved(double.store, "adjustment", n + 1, 0, "aed", f"adj_{n}")
    services.make_reports(session, today(session), provider)
    assert sorted(r[3] for r in rows(session)) == list(range(1, 231))


def test_the_banks_statement_agrees_and_its_own_charge_is_named(session: Session):
    made, _refund = bank_refund(session)
    transfer = the_transfer(session)
    funding.import_statement(session, SYSTEM, debit_entry(transfer))
    charge = statement([(Money(250, "QAR"), "", "Bank", "FEE")], side="DBIT", message="FEE")
    for _again in range(2):
        funding.import_statement(session, SYSTEM, charge)
    services.make_reports(session, BOOKED, None)
    (report,) = session.scalars(select(ReconciliationReport).where(ReconciliationReport.account == "bank:QAR"))
    assert report.theirs == Money(-250, "QAR")
    # The books may count it on another day than the bank's: no difference for that.
    assert rows(session) == [(DifferenceKind.NOT_IN_BOOKS, "debit", 0, -250)]
    assert made.refunded_minor == made.paid_minor


def test_a_statement_read_a_day_late_is_counted_on_the_banks_own_day(session: Session):
    f.rates(session)
    made = f.authorised(session, f.migrant(session)[1])
    funding.import_statement(session, SYSTEM, statement([(made.pays, made.pay_reference or "", "Sita", "B1")]))
    for day, counted in ((BOOKED, made.pays.minor), (today(session), 0)):
        services.make_reports(session, day, None)
        (report,) = session.scalars(
            select(ReconciliationReport).where(
                ReconciliationReport.account == "bank:QAR", ReconciliationReport.day == day
            )
        )
        assert (report.ours_minor, report.theirs_minor, report.differences) == (counted, counted, 0)
        assert report.moved is bool(counted)


def float_statement(session: Session, *entries: Entry) -> None:
    ours = account_for(Purpose.FLOAT, "NPR", today(session))
    assert ours is not None
    funding.import_statement(session, SYSTEM, local_bank.statement(ours, entries, at=db_now(session)))


def float_report(session: Session) -> ReconciliationReport:
    services.make_reports(session, today(session), None)
    query = select(ReconciliationReport).where(ReconciliationReport.account == "partner_float:NPR")
    return session.scalars(query.execution_options(populate_existing=True)).one()


def sent_order(session: Session) -> Remittance:
    f.rates(session)
    made = f.authorised(session, f.migrant(session)[1])
    funding.import_statement(session, SYSTEM, statement([(made.pays, made.pay_reference or "", "Sita", "B1")]))
    officers.pay_in_float(session, f.officer(session, StaffRole.REMITTANCE_APPROVER)[1], LAKHS, reason="slip 7")
    payouts.make_batch(session)
    return made


def test_the_partners_statement_of_the_float_agrees_with_top_ups_payouts_and_failures(session: Session):
    made = sent_order(session)
    top_up, payout = Entry(LAKHS, "T1"), Entry(made.receives, "P1", end_to_end_id=made.reference, debit=True)
    float_statement(session, top_up, payout)
    report = float_report(session)
    assert (report.matched, report.differences, report.ours) == (2, 0, report.theirs)
    assert report.ours == LAKHS - made.receives
    # No order and no bank line comes of it.
    assert session.scalars(select(BankLine).where(BankLine.currency == "NPR")).all() == []
    payouts.apply_answer(session, PayoutAnswer(made.reference, PayoutOutcome.FAILED, "AC04"))
    assert float_report(session).differences == 1
    float_statement(session, top_up, payout, Entry(made.receives, "P2", end_to_end_id=made.reference))
    assert float_report(session).ours == LAKHS


def test_what_the_partner_did_not_take_or_took_too_much_or_for_itself_is_named(session: Session):
    made = sent_order(session)
    assert float_report(session).differences == 2
    more = made.receives + Money(1, "NPR")
    float_statement(session, Entry(more, "P1", end_to_end_id=made.reference, debit=True), Entry(FEE, "F1", debit=True))
    float_report(session)
    minor = made.receives.minor
    assert {r for r in rows(session) if r[1] in ("debit", "float")} == {
        (DifferenceKind.AMOUNT, "debit", -minor, -minor - 1),
        (DifferenceKind.NOT_IN_BOOKS, "debit", 0, -500),
        (DifferenceKind.NOT_IN_THEIRS, "float", LAKHS.minor, 0),
    }


def test_in_the_demo_the_partner_sends_a_statement_of_the_float_with_its_answers(session: Session):
    made = sent_order(session)
    run_waiting(session)
    run_schedule_now("remittance.bank_folder", session)
    run_schedule_now("remittance.bank_folder", session)
    session.refresh(made)
    assert made.status is RemittanceStatus.PAID_OUT
    float_statement(session, Entry(LAKHS, "T1"))
    assert (float_report(session).matched, float_report(session).differences) == (2, 0)


def test_only_an_officer_closes_a_difference_with_a_reason_and_it_stays_closed(client, session: Session):
    funding.import_statement(session, SYSTEM, statement([(Money(250, "QAR"), "", "Bank", "FEE")], side="DBIT"))
    services.make_reports(session, BOOKED, None)
    (found,) = session.scalars(select(ReconciliationDifference))
    _one, officer = f.officer(session)
    _two, other = f.officer(session, StaffRole.LABOUR_OFFICER)
    with pytest.raises(Denied):
        services.close(session, other, found.id, reason="x")
    session.expire_all()
    with pytest.raises(DomainError), session.begin_nested():
        services.close(session, officer, found.id, reason=" ")
    staff, _officer = f.officer(session)
    client.sign_in(session, staff)
    page = f"/remittance-office/reconciliation/{BOOKED}"
    for language in ("ne", "ur", "en"):
        client.set_cookie("lang", language)
        assert client.get(page).status_code == 200
        assert client.get("/remittance-office/reconciliation").status_code == 200
    assert client.post_form(f"{page}/{found.id}/close", reason="").status_code == 422
    assert client.post_form(f"{page}/{found.id}/close", reason="=the bank's charge").status_code == 303
    session.expire_all()
    services.make_reports(session, BOOKED, None)
    assert (found.status, len(rows(session))) == (DifferenceStatus.CLOSED, 1)
    with pytest.raises(TooLate):
        services.close(session, officer, found.id, reason="again")
    session.expire_all()
    lines = client.get(f"{page}.csv").get_data(as_text=True).splitlines()
    assert lines[0] == ",".join(queries.COLUMNS)
    assert lines[-1].endswith("closed,'=the bank's charge")
    assert client.get("/remittance-office/reconciliation/2001-01-01").status_code == 404
    assert client.get("/remittance-office/reconciliation/x").status_code == 404


def test_the_schedule_makes_the_reports_of_the_days_before(session: Session, provider):
    funding.import_statement(session, SYSTEM, statement([(Money(250, "QAR"), "", "Bank", "FEE")], side="DBIT"))
    run_schedule_now("remittance.reconcile", session)
    run_waiting(session)
    days = {r.day for r in session.scalars(select(ReconciliationReport))}
    assert days <= {today(session) - timedelta(days=n) for n in range(1, 5)}
    run_now("remittance.reconcile_day", session, day=BOOKED.isoformat())
    assert [d.day for d in queries.days(session) if d.still_open] == [BOOKED]
