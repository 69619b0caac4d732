"""Money that goes back: by bank, confirmed by the bank's own message; refunds that fail; payments of nobody known."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from lxml import etree
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import SYSTEM
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.jobs import run_schedule_now, run_waiting
from core.messages import OutgoingMessage
from core.money import Money
from core.permissions import StaffRole
from core.settings import configure, current
from remittance.credit_transfers import services as transfers
from remittance.credit_transfers.models import CreditTransfer
from remittance.credit_transfers.services import Creditor
from remittance.credit_transfers.status import CreditTransferStatus as T
from remittance.credit_transfers.status import credit_transfer_workflow
from remittance.funding import services as funding
from remittance.funding.stripe_cards import StripeCards, cards
from remittance.ledger.services import balance, trial_balance
from remittance.orders import officers, payouts
from remittance.orders.models import BankLine, Refund, Remittance
from remittance.orders.officers import ProposeRefund, ProposeSettlement
from remittance.orders.queries import reconcile
from remittance.orders.status import BankLineStatus, RefundStatus, RemittanceStatus
from remittance.quotes.status import PayIn
from remittance.rails.iso20022 import schema
from remittance.rails.port import PayoutAnswer, PayoutOutcome
from tests.doubles import stripe_api
from tests.remittance import factories as f
from tests.remittance.statements import statement
from tests.remittance.test_stripe import pay_page

TO = Creditor("Sita Tamang", "QA58DOHB00001234567890ABCDEFG", "DOHBQAQA", "Doha", "QA")
ARROWS = """
proposed approve ordered
proposed reject rejected
ordered write written
written pay paid
hand_proposed pay paid
written propose_hand hand_proposed
hand_proposed confirm_hand paid
hand_proposed put_back written
written fail failed
hand_proposed fail failed
paid come_back failed
"""


def test_the_states_are_the_ones_written_by_hand():
    assert credit_transfer_workflow.pairs() == {tuple(line.split()) for line in ARROWS.split("\n") if line}


def balanced(session: Session) -> bool:
    sums: dict[str, int] = {}
    for _code, money in trial_balance(session):
        sums[money.currency] = sums.get(money.currency, 0) + money.minor
    return not any(sums.values()) and reconcile(session).agrees


def two(session: Session) -> tuple[object, object]:
    return f.officer(session)[1], f.officer(session, StaffRole.REMITTANCE_APPROVER)[1]


def bank_refund(session: Session, account: str = "QA01SENDER") -> tuple[Remittance, Refund]:
    """Paid by bank, then given back by two officers."""
    f.rates(session)
    _account, actor = f.migrant(session)
    made = f.authorised(session, actor)
    data = statement([(made.pays, made.pay_reference or "", "Sita", "B1")], account=account)
    funding.import_statement(session, SYSTEM, data)
    maker, checker = two(session)
    refund = officers.propose_refund(session, maker, made.id, ProposeRefund(made.paid, "asked"))
    officers.decide_refund(session, checker, refund.id, action="approve", reason="yes")
    run_waiting(session)
    return made, refund


def the_transfer(session: Session) -> CreditTransfer:
    return session.scalars(select(CreditTransfer).order_by(CreditTransfer.id.desc())).first()


def debit_entry(transfer: CreditTransfer, minor: int = 0, bank: str = "D1") -> bytes:
    amount = Money(transfer.amount_minor + minor, transfer.currency)
    return statement([(amount, "", "us", bank)], side="DBIT", end_to_end=transfer.reference, message=bank)


def messages(session: Session) -> list[str]:
    """Which messages went out, by name: those of one transaction have one time, and no order of their own."""
    run_waiting(session)
    query = select(OutgoingMessage.template).where(OutgoingMessage.template.like("refund%"))
    return sorted(session.scalars(query))


# --- bank refunds ------------------------------------------------------------------------------------------------------


def test_a_bank_refund_goes_to_the_account_it_came_from_and_the_statement_confirms_it(session: Session):
    made, refund = bank_refund(session)
    transfer = the_transfer(session)
    path = payouts.rail().outbox / f"{transfer.reference}.xml"  # type: ignore[attr-defined]
    root = etree.fromstring(path.read_bytes())
    assert schema("pain.001.001.09").validate(root)
    assert [e.text for e in root.iter("{*}EndToEndId")] == [transfer.reference]
    assert [e.findtext(".//{*}Id/{*}Othr/{*}Id") for e in root.iter("{*}CdtrAcct")] == ["QA01SENDER"]
    assert (transfer.status, refund.status) == (T.WRITTEN, RefundStatus.APPROVED)
    assert balance(session, "payable:QAR") == -made.paid
    for _again in range(3):
        funding.import_statement(session, SYSTEM, debit_entry(transfer))
    assert (transfer.status, refund.status) == (T.PAID, RefundStatus.DONE)
    assert balance(session, "payable:QAR") == Money(0, "QAR") == balance(session, "bank:QAR")
    assert transfers.answered(session, PayoutAnswer(transfer.reference, PayoutOutcome.FAILED, "AC04")) is False
    assert balanced(session)
    assert messages(session) == ["refund_paid"]


@pytest.mark.parametrize("minor", [-1, 1])
def test_a_debit_of_another_amount_confirms_nothing(session: Session, minor: int):
    _made, refund = bank_refund(session)
    transfer = the_transfer(session)
    funding.import_statement(session, SYSTEM, debit_entry(transfer, minor))
    assert (transfer.status, refund.status) == (T.WRITTEN, RefundStatus.APPROVED)


def test_a_transfer_that_the_bank_refuses_waits_for_two_officers_and_another_account(session: Session):
    made, refund = bank_refund(session)
    first = the_transfer(session)
    assert payouts.apply_answer(session, PayoutAnswer(first.reference, PayoutOutcome.FAILED, "AC04")) is True
    assert (first.status, refund.status, refund.failure_code) == (T.FAILED, RefundStatus.FAILED, "AC04")
    maker, checker = two(session)
    officers.propose_settlement(session, maker, refund.id, ProposeSettlement(PayIn.BANK, TO, "new account"))
    officers.decide_settlement(session, checker, refund.id, approve=True, reason="passport copy seen")
    run_waiting(session)
    second = the_transfer(session)
    assert second.id != first.id
    assert payouts.apply_answer(session, PayoutAnswer(second.reference, PayoutOutcome.PAID, "")) is True
    # The bank's late word on the first changes nothing.
    assert payouts.apply_answer(session, PayoutAnswer(first.reference, PayoutOutcome.PAID, "")) is False
    assert refund.status is RefundStatus.DONE
    assert balance(session, "bank:QAR") == Money(0, "QAR")
    assert made.refunded_minor == made.paid_minor
    assert balanced(session)
    assert messages(session) == ["refund_failed", "refund_paid"]


def test_a_paid_transfer_that_is_sent_back_is_owed_again(session: Session):
    made, refund = bank_refund(session)
    transfer = the_transfer(session)
    funding.import_statement(session, SYSTEM, debit_entry(transfer))
    back = statement([(made.paid, "", "us", "R1")], end_to_end=transfer.reference, message="R1")
    for _again in range(2):
        funding.import_statement(session, SYSTEM, back)
    assert (transfer.status, refund.status) == (T.FAILED, RefundStatus.FAILED)
    assert balance(session, "payable:QAR") == -made.paid
    assert balance(session, "bank:QAR") == made.paid
    assert balance(session, "suspense:QAR") == Money(0, "QAR")
    assert balanced(session)


def test_counting_as_paid_by_hand_takes_two_officers(session: Session):
    _made, refund = bank_refund(session)
    transfer = the_transfer(session)
    maker, checker = two(session)
    with pytest.raises(TooLate):
        transfers.by_hand(session, checker, transfer.id, action="confirm_hand", reason="it must be")
    with pytest.raises(DomainError):
        transfers.by_hand(session, maker, transfer.id, action="propose_hand", reason=" ")
    transfers.by_hand(session, checker, transfer.id, action="propose_hand", reason="letter of the bank")
    with pytest.raises(Denied):
        transfers.by_hand(session, checker, transfer.id, action="confirm_hand", reason="me again")
    with pytest.raises(Denied):
        transfers.by_hand(session, maker, transfer.id, action="confirm_hand", reason="may not")
    transfers.by_hand(
        session, f.officer(session, StaffRole.REMITTANCE_APPROVER)[1], transfer.id, action="confirm_hand", reason="seen"
    )
    assert (transfer.status, refund.status) == (T.PAID, RefundStatus.DONE)
    # The statement that comes after all counts nothing twice.
    funding.import_statement(session, SYSTEM, debit_entry(transfer))
    assert balance(session, "bank:QAR") == Money(0, "QAR")
    assert balanced(session)


def test_a_lost_writing_is_found_by_the_sweep_and_writes_the_same_bytes(session: Session):
    _made, _refund = bank_refund(session)
    transfer = the_transfer(session)
    path = payouts.rail().outbox / f"{transfer.reference}.xml"  # type: ignore[attr-defined]
    before = path.read_bytes()
    path.unlink()
    transfers.write(session, transfer.id, payouts.rail())
    assert not path.exists()
    transfer.status = T.ORDERED
    session.flush()
    configure(replace(current(), stripe_secret_key=""))
    run_schedule_now("remittance.sweep", session)
    run_waiting(session)
    assert path.read_bytes() == before


# --- cards -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def double() -> Iterator[stripe_api.Double]:
    running = stripe_api.start(0, "sk_test_openpassage", "", "whsec_openpassage")
    yield running
    running.stop()


@pytest.fixture
def provider(double: stripe_api.Double, session: Session) -> Iterator[StripeCards]:
    before = current()
    configure(replace(before, stripe_api_base=double.url, stripe_secret_key="sk_test_openpassage"))
    yield cards()
    configure(before)


def card_refund(session: Session, provider: StripeCards) -> tuple[Remittance, Refund]:
    """Paid by card, then given back by two officers; the provider was asked."""
    f.rates(session)
    _account, actor = f.migrant(session)
    made = f.authorised(session, actor, country="AE", pay_in=PayIn.CARD)
    url = funding.open_checkout(session, actor, made.id, provider=provider, label="x", back="http://localhost/")
    assert pay_page(url)[0] == 303
    assert funding.apply_payment(session, provider, made.checkout_id or "") is True
    maker, checker = two(session)
    refund = officers.propose_refund(session, maker, made.id, ProposeRefund(made.paid, "asked"))
    officers.decide_refund(session, checker, refund.id, action="approve", reason="yes")
    officers.give_back(session, refund.id, provider)
    return made, refund


def test_a_card_refund_that_fails_days_later_is_owed_again_and_paid_to_an_account(session: Session, double, provider):
    made, refund = card_refund(session, provider)
    assert refund.status is RefundStatus.DONE
    stripe_api.fail_refund(double.store, refund.provider_refund_id or "")
    for _again in range(3):
        assert officers.check_refund(session, refund.provider_refund_id or "", provider) is True
    assert (refund.status, refund.failure_code) == (RefundStatus.FAILED, "expired_or_canceled_card")
    assert balance(session, "payable:AED") == -made.paid
    maker, checker = two(session)
    officers.propose_settlement(session, maker, refund.id, ProposeSettlement(PayIn.BANK, TO, "card closed"))
    with pytest.raises(Denied):
        officers.decide_settlement(session, maker, refund.id, approve=True, reason="mine")
    officers.decide_settlement(session, checker, refund.id, approve=True, reason="account checked")
    run_waiting(session)
    # The card's event comes once more, and the job of the card runs once more: the bank's way stands.
    assert officers.check_refund(session, refund.provider_refund_id or "", provider) is False
    officers.give_back(session, refund.id, provider)
    assert refund.status is RefundStatus.APPROVED
    transfer = the_transfer(session)
    funding.import_statement(session, SYSTEM, debit_entry(transfer))
    assert refund.status is RefundStatus.DONE
    assert balance(session, "payable:AED") == Money(0, "AED")
    assert balance(session, "bank:AED") == -made.paid
    assert messages(session) == ["refund_failed", "refund_paid", "refund_paid"]
    assert balanced(session)


def test_the_card_may_be_tried_again_as_another_refund_of_the_provider(session: Session, double, provider):
    double.store.refunds = "failed"
    made, refund = card_refund(session, provider)
    first = refund.provider_refund_id
    assert refund.status is RefundStatus.FAILED
    maker, checker = two(session)
    officers.propose_settlement(session, maker, refund.id, ProposeSettlement(PayIn.CARD, TO, "bank says it works"))
    officers.decide_settlement(session, checker, refund.id, approve=False, reason="wait a day")
    assert refund.status is RefundStatus.FAILED
    officers.propose_settlement(session, maker, refund.id, ProposeSettlement(PayIn.CARD, TO, "now"))
    officers.decide_settlement(session, checker, refund.id, approve=True, reason="now")
    double.store.refunds = "succeeded"
    officers.give_back(session, refund.id, provider)
    assert (refund.status, refund.provider_refund_id != first) == (RefundStatus.DONE, True)
    assert balance(session, "payable:AED") == Money(0, "AED")
    assert session.scalar(select(func.count()).select_from(CreditTransfer)) == 0
    assert made.refunded_minor == made.paid_minor
    assert balanced(session)


def test_a_pending_card_refund_is_not_done_until_the_provider_says_so(session: Session, double, provider):
    double.store.refunds = "pending"
    _made, refund = card_refund(session, provider)
    assert refund.status is RefundStatus.APPROVED
    officers.give_back(session, refund.id, provider)
    assert refund.status is RefundStatus.APPROVED
    double.store.objects[refund.provider_refund_id]["status"] = "succeeded"
    officers.give_back(session, refund.id, provider)
    assert refund.status is RefundStatus.DONE
    assert sum(path == "/v1/refunds" for _m, path, _k in double.store.requests) == 1


def test_a_refund_event_is_asked_about_and_a_forged_one_is_refused(client, session: Session, double, provider):
    from tests.remittance.test_stripe import SECRET, send

    _made, refund = card_refund(session, provider)
    stripe_api.fail_refund(double.store, refund.provider_refund_id or "")
    body = (
        b'{"id":"evt_r1","object":"event","type":"refund.failed","data":{"object":{"id":"%s"}}}'
        % (refund.provider_refund_id or "").encode()
    )
    assert send(client, body, stripe_api.signature(body, "another")).status_code in (400, 422)
    run_waiting(session)
    session.refresh(refund)
    assert refund.status is RefundStatus.DONE
    for _again in range(2):
        assert send(client, body, stripe_api.signature(body, SECRET)).status_code == 200
    run_waiting(session)
    session.refresh(refund)
    assert refund.status is RefundStatus.FAILED


def test_amount_and_fee_in_the_provider_accounts_currency_balance_in_each(session: Session, double, provider):
    from fractions import Fraction

    double.store.kept, double.store.rate = "usd", Fraction(27229, 100_000)
    made, refund = card_refund(session, provider)
    # 1,033.99 AED at 0.27229 are 281.55 USD, the fee of 30.99 AED is 8.44 USD.
    assert balance(session, "provider_fees:USD") == Money(844, "USD")
    assert balance(session, "card_clearing:AED") == Money(0, "AED")
    assert balance(session, "card_clearing:USD") == Money(-844, "USD")
    assert refund.status is RefundStatus.DONE
    stripe_api.fail_refund(double.store, refund.provider_refund_id or "")
    officers.check_refund(session, refund.provider_refund_id or "", provider)
    assert balance(session, "card_clearing:USD") == Money(28_155 - 844, "USD")
    assert balance(session, "payable:AED") == -made.paid
    assert balanced(session)


def test_a_fee_that_is_known_later_is_booked_once(session: Session, double, provider):
    f.rates(session)
    _account, actor = f.migrant(session)
    made = f.authorised(session, actor, country="AE", pay_in=PayIn.CARD)
    url = funding.open_checkout(session, actor, made.id, provider=provider, label="x", back="http://localhost/")
    pay_page(url)
    (charge,) = [o for o in double.store.objects.values() if o["object"] == "charge"]
    balance_id, charge["balance_transaction"] = charge["balance_transaction"], None
    assert funding.apply_payment(session, provider, made.checkout_id or "") is True
    assert made.status is RemittanceStatus.FUNDED
    assert balance(session, "provider_fees:AED") == Money(0, "AED")
    assert funding.unsettled(session) == [made.checkout_id]
    assert funding.settle_payment(session, provider, made.checkout_id or "") is False
    charge["balance_transaction"] = balance_id
    assert funding.settle_payment(session, provider, made.checkout_id or "") is True
    assert funding.settle_payment(session, provider, made.checkout_id or "") is False
    assert balance(session, "provider_fees:AED") == Money(3099, "AED")
    assert funding.unsettled(session) == []


# --- money of nobody known ---------------------------------------------------------------------------------------------


def unknown(session: Session, account: str = "QA99UNKNOWN") -> BankLine:
    data = statement([(Money(12_345, "QAR"), "", "Hari Rai", "B7")], account=account)
    funding.import_statement(session, SYSTEM, data)
    return session.scalars(select(BankLine)).one()


def test_money_of_nobody_known_goes_back_to_the_account_it_came_from(session: Session):
    line = unknown(session)
    maker, checker = two(session)
    funding.propose_return(session, maker, line.id, to=replace(TO, account="MYOWN123"), reason="nobody knows")
    transfer = the_transfer(session)
    assert (transfer.creditor_account, transfer.creditor_name) == ("QA99UNKNOWN", "Hari Rai")
    with pytest.raises(Denied):
        funding.decide_return(session, maker, line.id, approve=True, reason="me")
    assert balance(session, "suspense:QAR") == -line.amount
    funding.decide_return(session, checker, line.id, approve=True, reason="yes")
    with pytest.raises(TooLate):
        funding.decide_return(session, checker, line.id, approve=True, reason="twice")
    run_waiting(session)
    run_waiting(session)
    files = list((current().bank_folder / "outbox").glob("*.xml"))
    assert [p.stem for p in files] == [transfer.reference]
    assert (line.status, balance(session, "payable:QAR")) == (BankLineStatus.RETURNING, -line.amount)
    funding.import_statement(session, SYSTEM, debit_entry(transfer))
    assert (line.status, transfer.status) == (BankLineStatus.RETURNED, T.PAID)
    for code in ("bank", "suspense", "payable"):
        assert balance(session, f"{code}:QAR") == Money(0, "QAR")
    assert balanced(session)


def test_a_return_that_fails_or_is_rejected_leaves_the_money_in_suspense(session: Session):
    line = unknown(session)
    maker, checker = two(session)
    funding.propose_return(session, maker, line.id, to=TO, reason="nobody knows")
    funding.decide_return(session, checker, line.id, approve=False, reason="ask the bank first")
    assert (line.status, the_transfer(session).status) == (BankLineStatus.QUEUED, T.REJECTED)
    funding.propose_return(session, maker, line.id, to=TO, reason="asked")
    funding.decide_return(session, checker, line.id, approve=True, reason="yes")
    run_waiting(session)
    transfer = the_transfer(session)
    payouts.apply_answer(session, PayoutAnswer(transfer.reference, PayoutOutcome.FAILED, "AC04"))
    assert (line.status, line.why) == (BankLineStatus.QUEUED, "return_failed")
    assert balance(session, "suspense:QAR") == -line.amount
    assert balance(session, "payable:QAR") == Money(0, "QAR")
    assert balanced(session)


def test_money_being_sent_back_cannot_be_attached_nor_sent_back_twice(session: Session):
    f.rates(session)
    _account, actor = f.migrant(session)
    made = f.authorised(session, actor)
    line = unknown(session)
    maker, checker = two(session)
    funding.propose_return(session, maker, line.id, to=TO, reason="nobody knows")
    with pytest.raises(TooLate):
        funding.propose_attach(session, checker, line.id, reference=made.reference, reason="mine")
    with pytest.raises(DomainError):
        funding.propose_return(session, checker, line.id, to=TO, reason="again")
    assert session.scalar(select(func.count()).select_from(CreditTransfer)) == 1


def test_without_an_account_nothing_is_sent_back(session: Session):
    line = unknown(session, account="")
    maker, _checker = two(session)
    with pytest.raises(DomainError), session.begin_nested():
        funding.propose_return(session, maker, line.id, to=replace(TO, account=""), reason="nobody knows")
    session.refresh(line)
    assert line.status is BankLineStatus.QUEUED


# --- pages -------------------------------------------------------------------------------------------------------------


def test_officers_walk_the_pages_of_a_return_and_of_a_failed_refund(client, session: Session):
    line = unknown(session)
    made, refund = bank_refund_without_account(session)
    maker, _one = f.officer(session)
    checker, _two = f.officer(session, StaffRole.REMITTANCE_APPROVER)
    office = "/remittance-office"
    client.sign_in(session, maker)
    assert "Hari Rai" in client.get(f"{office}/bank").get_data(as_text=True)
    empty = client.post_form(f"{office}/bank/{line.id}/return", town="", country="", reason="x")
    assert empty.status_code == 422
    sent = client.post_form(f"{office}/bank/{line.id}/return", town="Doha", country="QA", bank="DOHB", reason="nobody")
    assert sent.status_code == 303
    assert "another officer decides" in client.get(f"{office}/bank/{line.id}").get_data(as_text=True)
    assert client.post_form(f"{office}/bank/{line.id}/return/approve", reason="me").status_code == 403
    page = client.get(f"{office}/refunds/{refund.id}").get_data(as_text=True)
    assert "Ask the sender for an account" in page
    form = {"full_name": TO.name, "account_number": TO.account, "bank": TO.bank, "town": TO.town, "country": TO.country}
    assert (
        client.post_form(f"{office}/refunds/{refund.id}/settle", way="bank", reason="given", **form).status_code == 303
    )
    client.sign_in(session, checker)
    assert client.post_form(f"{office}/bank/{line.id}/return/approve", reason="yes").status_code == 303
    assert client.post_form(f"{office}/refunds/{refund.id}/settlement/approve", reason="yes").status_code == 303
    session.expire_all()
    assert (line.status, refund.status) == (BankLineStatus.RETURNING, RefundStatus.APPROVED)
    for transfer in session.scalars(select(CreditTransfer)).all():
        for language in ("ne", "ur", "en"):
            client.set_cookie("lang", language)
            for path in (f"transfers/{transfer.id}", f"bank/{line.id}", f"refunds/{refund.id}", "refunds", "bank"):
                assert client.get(f"{office}/{path}").status_code == 200, (language, path)
    assert client.get("/staff").status_code == 200
    account = session.get_one(Remittance, made.id).migrant_id
    assert account


def bank_refund_without_account(session: Session) -> tuple[Remittance, Refund]:
    return bank_refund(session, account="")


def test_an_officer_never_settles_the_own_refund(session: Session):
    from core.accounts import UserAccount, actor_for, post_staff
    from migrants.registration.models import Migrant

    made, refund = bank_refund(session, account="")
    migrant = session.get_one(Migrant, made.migrant_id)
    account = session.get_one(UserAccount, migrant.account_id)
    post_staff(session, account, StaffRole.REMITTANCE_APPROVER, f.office(session))
    own = actor_for(session, account)
    with pytest.raises(NotVisible):
        officers.propose_settlement(session, own, refund.id, ProposeSettlement(PayIn.BANK, TO, "mine"))
    maker, _checker = two(session)
    officers.propose_settlement(session, maker, refund.id, ProposeSettlement(PayIn.BANK, TO, "asked"))
    with pytest.raises(NotVisible):
        officers.decide_settlement(session, own, refund.id, approve=True, reason="mine")


# --- with an attacker's eye --------------------------------------------------------------------------------------------


def test_an_amount_changed_at_the_provider_is_held_and_never_sent(session: Session, double, provider):
    f.rates(session)
    f.fill_float(session)
    _account, actor = f.migrant(session)
    made = f.authorised(session, actor, country="AE", pay_in=PayIn.CARD)
    url = funding.open_checkout(session, actor, made.id, provider=provider, label="x", back="http://localhost/")
    assert pay_page(url)[0] == 303
    (intent,) = [o for o in double.store.objects.values() if o["object"] == "payment_intent"]
    intent["amount_received"] -= 1
    assert funding.apply_payment(session, provider, made.checkout_id or "") is True
    assert made.status is RemittanceStatus.HELD
    assert payouts.make_batch(session) is None
    with pytest.raises(DomainError):
        officers.release(session, two(session)[0], made.id, reason="nearly all of it")


def test_after_the_confirmation_the_recipient_can_neither_be_changed_nor_taken_away(session: Session):
    from remittance.orders import services
    from remittance.orders.services import NewBeneficiary

    f.rates(session)
    f.fill_float(session)
    _account, actor = f.migrant(session)
    made = f.authorised(session, actor)
    before = made.beneficiary_id
    other = services.add_beneficiary(session, actor, NewBeneficiary("Gita Rai", "Nabil Bank", "9999999", "Damak"))
    with pytest.raises(TooLate):
        services.choose_recipient(session, actor, made.id, other.id)
    assert before is not None
    services.remove_beneficiary(session, actor, before)
    data = statement([(made.pays, made.pay_reference or "", "Sita", "B1")])
    funding.import_statement(session, SYSTEM, data)
    payouts.make_batch(session)
    run_waiting(session)
    assert made.beneficiary_id == before
    (path,) = (current().bank_folder / "outbox").glob("*.xml")
    assert f.MOTHER.account_number.encode() in path.read_bytes()


def test_one_payment_pays_one_order_whatever_reference_is_told_twice(session: Session):
    """Two orders of the same amount, one transfer that names both: an officer looks, nothing is sent."""
    f.rates(session)
    _account, actor = f.migrant(session)
    one, two_ = f.authorised(session, actor), f.authorised(session, actor)
    text = f"{one.pay_reference} {two_.pay_reference}"
    funding.import_statement(session, SYSTEM, statement([(one.pays, text, "Sita", "B1")], free=True))
    assert (one.paid_minor, two_.paid_minor) == (0, 0)
    line = session.scalars(select(BankLine)).one()
    assert (line.status, line.why) == (BankLineStatus.QUEUED, "several_references")
    maker, checker = two(session)
    funding.propose_attach(session, maker, line.id, reference=one.reference, reason="the first")
    funding.decide_attach(session, checker, line.id, approve=True, reason="yes")
    with pytest.raises(TooLate):
        funding.propose_attach(session, maker, line.id, reference=two_.reference, reason="and the second")
    assert (one.status, two_.status) == (RemittanceStatus.FUNDED, RemittanceStatus.SCREENED)


def test_senders_and_strangers_see_no_officers_page(client, session: Session):
    line = unknown(session)
    account, _actor = f.migrant(session)
    paths = (f"bank/{line.id}", f"bank/{line.id}/return", "refunds", "reconciliation", "reconciliation/2026-11-20.csv")
    for path in paths:
        assert client.get(f"/remittance-office/{path}").status_code == 303
    client.sign_in(session, account)
    for path in paths:
        assert client.get(f"/remittance-office/{path}").status_code == 403
    assert client.post_form(f"/remittance-office/bank/{line.id}/return/approve", reason="x").status_code == 403
    staff, _officer = f.officer(session)
    client.sign_in(session, staff)
    nobody = "00000000-0000-7000-8000-000000000000"
    for path in (f"bank/{nobody}", f"refunds/{nobody}", f"transfers/{nobody}"):
        assert client.get(f"/remittance-office/{path}").status_code == 404
