"""Cards through Stripe's hosted Checkout, a PaymentIntent underneath. Card data never comes here.

Idempotency keys are our own and derived from our ids, so a retry after any crash asks for the same thing again; Stripe
forgets keys after a day, our own states and unique columns do not.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any
from urllib.parse import urlsplit

import stripe

from core.errors import DomainError
from core.i18n import _l
from core.money import Money
from core.settings import current
from remittance.funding.port import (
    BalanceTransaction,
    CardProvider,
    Checkout,
    CheckoutState,
    Event,
    Payment,
    ProviderDown,
    ProviderRefused,
    RefundOutcome,
    RefundState,
)

TOLERANCE = 300
QUICK = 5
# The provider's page in the payer's language, where it has it.
_DOWN = (stripe.APIConnectionError, stripe.RateLimitError)


class StripeCards:
    """The adapter. ``base`` is empty for Stripe itself."""

    name = "stripe"

    def __init__(self, key: str, webhook_secret: str, base: str = "") -> None:
        self._secret = webhook_secret
        self.base = base
        where: Any = {"base_addresses": {"api": base}} if base else {}
        self._client = stripe.StripeClient(key, max_network_retries=2, **where)
        # For a question that a person waits for.
        self._quick = stripe.StripeClient(key, http_client=stripe.RequestsClient(timeout=QUICK), **where)

    @property
    def page_origin(self) -> str:
        """Where the hosted page lives, for the form's content policy."""
        if not self.base:
            return "https://checkout.stripe.com"
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}"

    def open_checkout(
        self, key: str, order: str, amount: Money, *, label: str, back: str, cancelled: str = ""
    ) -> Checkout:
        params: Any = {
            "mode": "payment",
            "client_reference_id": order,
            "success_url": back,
            "cancel_url": cancelled or back,
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": amount.currency.lower(),
                        "unit_amount": amount.minor,
                        "product_data": {"name": label},
                    },
                }
            ],
            "payment_intent_data": {"metadata": {"order": order}},
        }
        made = self._call(
            lambda: self._client.v1.checkout.sessions.create(params, options={"idempotency_key": f"checkout-{key}"})
        )
        return Checkout(made.id, str(made.url))

    def state(self, checkout_id: str) -> CheckoutState:
        found = self._call(lambda: self._quick.v1.checkout.sessions.retrieve(checkout_id))
        return CheckoutState(str(found.status or CheckoutState.OPEN))

    def payment(self, checkout_id: str) -> Payment:
        found = self._call(
            lambda: self._client.v1.checkout.sessions.retrieve(
                checkout_id, params={"expand": ["payment_intent.latest_charge.balance_transaction"]}
            )
        )
        intent = found.payment_intent
        if found.payment_status != "paid" or intent is None or intent.status != "succeeded":
            return Payment(checkout_id, str(found.client_reference_id), None, None, None)
        currency = str(intent.currency).upper()
        balance = intent.latest_charge.balance_transaction if intent.latest_charge else None
        paid = Money(intent.amount_received, currency)
        if balance is None or isinstance(balance, str):
            return Payment(checkout_id, str(found.client_reference_id), intent.id, paid, None)
        # Our account there may be kept in another currency: amount and fee come in that one.
        kept = str(balance.currency).upper()
        return Payment(
            checkout_id,
            str(found.client_reference_id),
            intent.id,
            paid,
            Money(balance.fee, kept),
            Money(balance.amount, kept),
            str(balance.exchange_rate or ""),
        )

    def refund(self, key: str, payment_id: str, amount: Money) -> RefundState:
        made = self._call(
            lambda: self._client.v1.refunds.create(
                {
                    "payment_intent": payment_id,
                    "amount": amount.minor,
                    "metadata": {"refund": key},
                    "expand": ["balance_transaction"],
                },
                options={"idempotency_key": f"refund-{key}"},
            )
        )
        return _refund_state(made)

    def refund_state(self, refund_id: str) -> RefundState:
        return _refund_state(
            self._call(lambda: self._client.v1.refunds.retrieve(refund_id, params={"expand": ["balance_transaction"]}))
        )

    def movements(self, since: datetime, until: datetime) -> Iterator[BalanceTransaction]:
        params: Any = {
            "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
            "limit": 100,
            "expand": ["data.source"],
        }
        after: dict[str, Any] = {}
        while True:
            part = self._call(partial(self._client.v1.balance_transactions.list, params | after))
            for row in part.data:
                yield _movement(row)
            if not part.has_more or not part.data:
                return
            after = {"starting_after": part.data[-1].id}

    def event(self, payload: bytes, signature: str) -> Event:
        try:
            stripe.WebhookSignature.verify_header(payload.decode("utf-8"), signature, self._secret, TOLERANCE)
            data = json.loads(payload)
            return Event(str(data["id"]), str(data["type"]), str(data["data"]["object"]["id"]))
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError):
            raise DomainError(_l("The signature is not right.")) from None

    def _call(self, ask: Any) -> Any:
        try:
            return ask()
        except _DOWN:
            raise ProviderDown(_l("The payment provider can’t be reached now. Please try again in a while.")) from None
        except stripe.APIError:
            raise ProviderDown(_l("The payment provider can’t be reached now. Please try again in a while.")) from None
        except stripe.StripeError as error:
            raise ProviderRefused(_l("The payment provider did not accept this.")) from error


# ``requires_action`` and ``pending`` mean wait.
_OUTCOMES = {"succeeded": RefundOutcome.DONE, "failed": RefundOutcome.FAILED, "canceled": RefundOutcome.FAILED}


def _refund_state(made: Any) -> RefundState:
    balance = made.balance_transaction
    settled = None
    if balance is not None and not isinstance(balance, str):
        settled = Money(-balance.net, str(balance.currency).upper())
    reason = str(getattr(made, "failure_reason", None) or "")
    return RefundState(str(made.id), _OUTCOMES.get(made.status, RefundOutcome.PENDING), settled, reason)


def _movement(row: Any) -> BalanceTransaction:
    """A payment is known by its PaymentIntent, everything else by its own source."""
    source = row.source
    about = str(getattr(source, "id", source) or "")
    if row.type in ("charge", "payment") and not isinstance(source, str | None):
        about = str(source.payment_intent or about)
    net = Money(row.net, str(row.currency).upper())
    return BalanceTransaction(str(row.id), str(row.type), about, net, datetime.fromtimestamp(row.created, UTC))


@lru_cache(maxsize=4)
def _made(key: str, secret: str, base: str) -> StripeCards:
    return StripeCards(key, secret, base)


def cards() -> StripeCards:
    """The card provider of this deployment.

    :raises DomainError: when none is set up.
    """
    settings = current()
    if not settings.stripe_secret_key:
        raise DomainError(_l("Cards are not accepted here. Choose the bank transfer."))
    return _made(settings.stripe_secret_key, settings.stripe_webhook_secret, settings.stripe_api_base)


def _fits(provider: StripeCards) -> CardProvider:
    """mypy holds the adapter to its port here."""
    return provider
