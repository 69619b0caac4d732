"""What a card provider must do: host the payment page, tell what was paid, give money back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.errors import DomainError
from core.money import Money


class ProviderDown(DomainError):
    """The provider can't be reached or failed: nothing is known, try again later."""


class ProviderRefused(DomainError):
    """The provider understood and said no."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A hosted payment page: where the payer goes."""

    id: str
    url: str


class CheckoutState(StrEnum):
    """What became of a payment page: nothing yet, sent off by the payer (paid, or the card company still asks), run out."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Payment:
    """What the provider says of a payment page now. ``paid`` None: not paid (yet).

    ``settled`` is what the provider counts for it, before its fee and in the currency of its own account;
    ``provider_fee`` is in that currency too. Both None: not known yet.
    """

    checkout_id: str
    order: str
    payment_id: str | None
    paid: Money | None
    provider_fee: Money | None
    settled: Money | None = None
    exchange_rate: str = ""


class RefundOutcome(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RefundState:
    """What the provider says of a refund now. ``settled``: what it took from our account there, as a positive amount."""

    id: str
    outcome: RefundOutcome
    settled: Money | None
    reason: str


@dataclass(frozen=True, slots=True)
class BalanceTransaction:
    """One movement on our account at the provider.

    ``about`` is the payment's or refund's id; ``net`` is what it changed, its fee taken off.
    """

    id: str
    kind: str
    about: str
    net: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """A signed message: only its ids are believed, everything else is asked again."""

    id: str
    kind: str
    object_id: str


class CardProvider(Protocol):
    name: str

    def open_checkout(
        self, key: str, order: str, amount: Money, *, label: str, back: str, cancelled: str = ""
    ) -> Checkout:
        """Open a page. The same key and values give the same page. ``back``: where the payer goes after paying,
        ``cancelled``: without; the same when empty."""
        ...

    def payment(self, checkout_id: str) -> Payment: ...

    def state(self, checkout_id: str) -> CheckoutState:
        """What became of a page, asked while a person waits: an answer within seconds or none.

        :raises ProviderDown: when there is none.
        """
        ...

    def refund(self, key: str, payment_id: str, amount: Money) -> RefundState:
        """Give money back; the same key does it once."""
        ...

    def refund_state(self, refund_id: str) -> RefundState: ...

    def movements(self, since: datetime, until: datetime) -> Iterator[BalanceTransaction]:
        """Every movement on our account from ``since`` up to, not including, ``until``."""
        ...

    def event(self, payload: bytes, signature: str) -> Event:
        """Check the signature over the raw body.

        :raises DomainError: when it isn't the provider's, or too old.
        """
        ...
