"""Cards: hosted page, signed events, money booked once, refunds, against a local process that speaks Stripe's API."""

import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest
import stripe
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from core.jobs import run_waiting
from core.money import Money
from core.permissions import StaffRole
from core.settings import configure, current
from remittance.funding.stripe_cards import StripeCards, cards
from remittance.ledger.services import balance
from remittance.orders import officers
from remittance.orders.models import ProviderEvent, Refund, Remittance
from remittance.orders.officers import ProposeRefund
from remittance.orders.queries import reconcile
from remittance.orders.status import RefundStatus, RemittanceStatus
from remittance.quotes.status import PayIn
from tests.doubles import stripe_api
from tests.remittance import factories as f

S = RemittanceStatus
SECRET = "whsec_openpassage"


@pytest.fixture
def double() -> Iterator[stripe_api.Double]:
    running = stripe_api.start(0, "sk_test_openpassage", "", SECRET)
    yield running
    running.stop()


@pytest.fixture
def provider(double: stripe_api.Double, session: Session) -> Iterator[StripeCards]:
    before = current()
    configure(replace(before, stripe_api_base=double.url))
    yield cards()
    configure(before)


def pay_page(url: str, card: str = "4242424242424242") -> tuple[int, str]:
    """Fill in the hosted page like a person; gives the status and where it leads."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: object, **kw: object) -> None:
            return None

    opener = urllib.request.build_opener(Stay)
    try:
        with opener.open(url, data=urllib.parse.urlencode({"card": card}).encode()) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("Location", "")


def event_for(checkout_id: str, event_id: str = "evt_1") -> bytes:
    body = {
        "id": event_id,
        "object": "event",
        "type": "checkout.session.completed",
        "data": {"object": {"id": checkout_id}},
    }
    return json.dumps(body).encode()


def send(client, payload: bytes, signature: str | None = None):
    headers = {
        "Stripe-Signature": signature or stripe_api.signature(payload, SECRET),
        "Content-Type": "application/json",
    }
    return client.post("/webhooks/stripe", data=payload, headers=headers)


def card_order(session: Session) -> tuple[Remittance, object]:
    f.rates(session)
    f.fill_float(session)
    account, actor = f.migrant(session)
    return f.authorised(session, actor, country="AE", pay_in=PayIn.CARD), account


def test_a_card_pays_on_the_hosted_page_and_the_signed_event_moves_the_money_on(client, session: Session, provider):
    remittance, account = card_order(session)
    client.sign_in(session, account)
    page = client.get(f"/remittance/{remittance.id}")
    assert provider.base in page.headers["Content-Security-Policy"]
    begun = client.post_form(f"/remittance/{remittance.id}/pay")
    assert begun.status_code == 303
    assert begun.location.startswith(f"{provider.base}/c/pay/cs_test_")
    status, target = pay_page(begun.location)
    assert (status, target) == (303, f"{current().public_url}/remittance/{remittance.id}?paid=1")
    # The way back proves nothing: only what the provider says counts.
    session.refresh(remittance)
    assert remittance.status is S.SCREENED
    assert send(client, event_for(remittance.checkout_id)).status_code == 200
    run_waiting(session)
    session.refresh(remittance)
    assert remittance.status is S.IN_TRANSFER
    # 1000 AED + 3.00 service; 2.9% + 1.00 for the card, so that the fee itself is covered.
    assert remittance.paid_minor == 103_399
    assert balance(session, "provider_fees:AED") == Money(3099, "AED")
    assert balance(session, "card_clearing:AED") == Money(103_399 - 3099, "AED")
    assert balance(session, "owed:AED") == Money(0, "AED")
    assert reconcile(session).agrees


def test_pressing_pay_twice_opens_the_same_page(client, session: Session, provider):
    remittance, account = card_order(session)
    client.sign_in(session, account)
    first = client.post_form(f"/remittance/{remittance.id}/pay").location
    assert client.post_form(f"/remittance/{remittance.id}/pay").location == first


def test_a_declined_card_changes_nothing_and_another_one_may_be_tried(client, session: Session, provider):
    remittance, account = card_order(session)
    client.sign_in(session, account)
    url = client.post_form(f"/remittance/{remittance.id}/pay").location
    status, body = pay_page(url, "4000000000000002")
    assert (status, "declined" in body) == (200, True)
    session.refresh(remittance)
    assert remittance.checkout_id is not None
    assert send(client, event_for(remittance.checkout_id)).status_code == 200
    run_waiting(session)
    session.refresh(remittance)
    assert (remittance.status, remittance.paid_minor) == (S.SCREENED, 0)
    assert pay_page(url)[0] == 303


@pytest.mark.parametrize(
    "forge",
    [
        lambda _body: "",
        lambda _body: "t=1,v1=00",
        lambda body: stripe_api.signature(body, "another secret"),
        lambda body: stripe_api.signature(body, SECRET, at=int(time.time()) - 301),
        lambda body: stripe_api.signature(body + b" ", SECRET),
    ],
)
def test_an_event_without_the_right_signature_is_refused(client, session: Session, provider, forge):
    body = event_for("cs_x")
    answer = client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": forge(body)})
    assert answer.status_code == 422
    assert session.scalar(select(func.count()).select_from(ProviderEvent)) == 0


def test_a_signed_event_about_an_unpaid_page_books_nothing(client, session: Session, provider):
    remittance, account = card_order(session)
    client.sign_in(session, account)
    client.post_form(f"/remittance/{remittance.id}/pay")
    session.refresh(remittance)
    assert remittance.checkout_id is not None
    assert send(client, event_for(remittance.checkout_id)).status_code == 200
    run_waiting(session)
    session.refresh(remittance)
    assert (remittance.status, remittance.paid_minor) == (S.SCREENED, 0)


def test_a_payment_that_comes_after_cancelling_is_held_for_an_officer_and_given_back(
    client, session: Session, provider
):
    remittance, account = card_order(session)
    client.sign_in(session, account)
    url = client.post_form(f"/remittance/{remittance.id}/pay").location
    assert client.post_form(f"/remittance/{remittance.id}/cancel").status_code == 303
    pay_page(url)
    session.refresh(remittance)
    assert remittance.checkout_id is not None
    assert send(client, event_for(remittance.checkout_id)).status_code == 200
    run_waiting(session)
    session.refresh(remittance)
    assert remittance.status is S.HELD
    _one, maker = f.officer(session)
    _two, checker = f.officer(session, StaffRole.REMITTANCE_APPROVER)
    refund = officers.propose_refund(session, maker, remittance.id, ProposeRefund(remittance.paid, "came late"))
    officers.decide_refund(session, checker, refund.id, action="approve", reason="yes")
    run_waiting(session)
    assert (refund.status, remittance.status) == (RefundStatus.DONE, S.REFUNDED)
    assert refund.provider_refund_id is not None
    assert balance(session, "owed:AED") == Money(0, "AED")
    # Run again, as a job may be: the provider gives the same refund, nothing more.
    officers.give_back(session, refund.id, provider)
    assert session.scalars(select(Refund)).one().amount_minor == 103_399


def test_the_provider_failing_once_is_tried_again_with_the_same_key(session: Session, provider, double):
    double.store.failures = 1
    opened = provider.open_checkout("k1", "order-1", Money(5000, "AED"), label="x", back="http://127.0.0.1/")
    keys = [k for _m, _p, k in double.store.requests]
    assert keys == ["checkout-k1", "checkout-k1"]
    assert opened.id.startswith("cs_test_")


def test_the_double_is_as_strict_as_the_real_one(double, provider):
    client = stripe.StripeClient("sk_test_openpassage", base_addresses={"api": double.url}, max_network_retries=0)
    provider.open_checkout("k1", "o", Money(5000, "AED"), label="x", back="http://127.0.0.1/")
    with pytest.raises(stripe.IdempotencyError):
        client.v1.refunds.create({"payment_intent": "pi_x"}, options={"idempotency_key": "checkout-k1"})
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter"):
        client.v1.checkout.sessions.create({"mode": "payment", "payment_method_types": ["card"]})  # type: ignore[typeddict-unknown-key]
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient("sk_wrong", base_addresses={"api": double.url}).v1.refunds.retrieve("re_1")


def test_more_than_was_paid_is_never_given_back(double, provider):
    opened = provider.open_checkout("k1", "o", Money(5000, "AED"), label="x", back="http://127.0.0.1/")
    pay_page(opened.url)
    paid = provider.payment(opened.id)
    assert paid.paid == Money(5000, "AED")
    provider.refund("r1", paid.payment_id or "", Money(3000, "AED"))
    assert provider.refund("r1", paid.payment_id or "", Money(3000, "AED")).id.startswith("re_")
    from remittance.funding.port import ProviderRefused

    with pytest.raises(ProviderRefused):
        provider.refund("r2", paid.payment_id or "", Money(2001, "AED"))


def test_one_event_sent_forty_times_at_once_is_booked_once(app, committed: "sessionmaker[Session]", double):
    configure(replace(current(), stripe_api_base=double.url))
    with committed() as s:
        remittance, _account = card_order(s)
        opened = cards().open_checkout(
            str(remittance.id), str(remittance.id), remittance.pays, label="x", back="http://127.0.0.1/"
        )
        remittance.checkout_id = opened.id
        s.commit()
    assert pay_page(opened.url)[0] == 303
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    body = event_for(opened.id)
    answers: list[int] = []

    def deliver() -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{server.port}/webhooks/stripe",
            data=body,
            headers={"Stripe-Signature": stripe_api.signature(body, SECRET), "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            answers.append(answer.status)

    threads = [threading.Thread(target=deliver) for _ in range(40)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    server.shutdown()
    serving.join()
    server.server_close()
    assert answers == [200] * 40
    with committed() as s:
        assert s.scalar(select(func.count()).select_from(ProviderEvent)) == 1
        assert (
            s.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'remittance.apply_payment'")) == 1
        )

    def apply() -> None:
        # A job may run twice, here eight times at once.
        with committed() as s:
            from remittance.funding.services import apply_payment

            apply_payment(s, cards(), opened.id)
            s.commit()

    workers = [threading.Thread(target=apply) for _ in range(8)]
    for t in workers:
        t.start()
    for t in workers:
        t.join()
    with committed() as s:
        assert balance(s, "owed:AED") == Money(-103_399, "AED")
        assert s.scalars(select(Remittance)).one().paid_minor == 103_399


def returned(client, remittance: Remittance, query: str = "?paid=1") -> tuple[str, str | None]:
    answer = client.get(f"/remittance/{remittance.id}{query}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True), answer.headers.get("Refresh")


def test_who_comes_back_after_paying_waits_and_sees_no_button_to_pay_again(client, session: Session, provider):
    remittance, account = card_order(session)
    client.sign_in(session, account)
    pay_page(client.post_form(f"/remittance/{remittance.id}/pay").location)
    for query in ("?paid=1", ""):
        text, refresh = returned(client, remittance, query)
        assert "Do not pay again" in text
        assert ("Pay by card" in text, "Cancel" in text, refresh) == (
            False,
            False,
            f"5; url=/remittance/{remittance.id}{query}",
        )
    refused = client.post_form(f"/remittance/{remittance.id}/pay")
    assert refused.status_code == 422
    assert refused.headers["Refresh"] == f"5; url=/remittance/{remittance.id}"
    assert "Do not pay again" in refused.get_data(as_text=True)
    session.refresh(remittance)
    assert remittance.status is S.SCREENED


def test_looking_again_books_the_card_companys_own_answer_once(client, session: Session, provider):
    remittance, account = card_order(session)
    client.sign_in(session, account)
    pay_page(client.post_form(f"/remittance/{remittance.id}/pay").location)
    for _again in range(2):
        assert client.post_form(f"/remittance/{remittance.id}/look").status_code == 303
    session.refresh(remittance)
    assert (remittance.status, remittance.paid_minor) == (S.FUNDED, 103_399)
    assert send(client, event_for(remittance.checkout_id or "")).status_code == 200
    run_waiting(session)
    assert balance(session, "card_clearing:AED") == Money(103_399 - 3099, "AED")
    session.refresh(remittance)
    assert remittance.paid_minor == 103_399
    assert returned(client, remittance)[1] is None


def test_looking_before_anything_was_paid_books_nothing(client, session: Session, provider):
    remittance, account = card_order(session)
    client.sign_in(session, account)
    client.post_form(f"/remittance/{remittance.id}/pay")
    assert client.post_form(f"/remittance/{remittance.id}/look").status_code == 303
    session.refresh(remittance)
    assert (remittance.status, remittance.paid_minor) == (S.SCREENED, 0)


def test_who_turned_back_before_paying_may_still_pay_on_the_same_page(client, session: Session, provider):
    remittance, account = card_order(session)
    client.sign_in(session, account)
    client.post_form(f"/remittance/{remittance.id}/pay")
    text, refresh = returned(client, remittance, "")
    assert ("You have not paid yet" in text, "Pay by card" in text, refresh) == (True, True, None)
    # Said to have paid, and the provider does not know yet: wait rather than pay.
    text, refresh = returned(client, remittance)
    assert ("Do not pay again" in text, "Pay by card" in text, refresh) == (
        True,
        False,
        f"5; url=/remittance/{remittance.id}?paid=1",
    )


def test_a_card_company_that_does_not_answer_shows_no_button_to_pay(client, session: Session, provider, double):
    remittance, account = card_order(session)
    client.sign_in(session, account)
    client.post_form(f"/remittance/{remittance.id}/pay")
    double.store.failures = 9
    text, _refresh = returned(client, remittance, "")
    assert ("Do not pay again" in text, "Pay by card" in text) == (True, False)


def test_nobody_else_may_look(client, session: Session, provider):
    remittance, _account = card_order(session)
    other, _actor = f.migrant(session, "Hari Rai")
    client.sign_in(session, other)
    assert client.post_form(f"/remittance/{remittance.id}/look").status_code == 404
