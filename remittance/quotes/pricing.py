"""The price of a remittance, exactly: whole minor units and ratios, one rounding for each amount.

Rounding: what a provider takes is rounded up (never short), what the family receives is rounded down to the whole
minor unit; both roundings are part of the total cost that is shown.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from core.money import Money, exponent

# The payment provider takes amounts of these only in whole tens of the minor unit.
_TENS = frozenset({"KWD", "BHD", "OMR", "JOD", "TND"})


@dataclass(frozen=True, slots=True)
class Rate:
    """What one whole unit of the source currency is worth: the middle of the market and what the customer gets."""

    source: str
    target: str
    mid: Fraction
    customer: Fraction

    def __post_init__(self) -> None:
        if not 0 < self.customer <= self.mid:
            raise ValueError("the customer's rate lies above zero and not above the middle rate")

    def minor(self, rate: Fraction) -> Fraction:
        """A rate per whole unit as a ratio of minor units."""
        return rate * Fraction(10) ** (exponent(self.target) - exponent(self.source))


@dataclass(frozen=True, slots=True)
class Tariff:
    """Service fee on the amount sent; the pay-in's fee on everything charged. Fixed part in the source currency."""

    service_bp: int
    pay_in_bp: int
    pay_in_fixed: Fraction

    def __post_init__(self) -> None:
        if not 0 <= self.pay_in_bp < 10_000 or self.service_bp < 0 or self.pay_in_fixed < 0:
            raise ValueError("a tariff has no negative part and takes less than everything")


@dataclass(frozen=True, slots=True)
class Price:
    """One offer. ``cost`` is the total cost as a ratio of the amount sent."""

    amount: Money
    service_fee: Money
    pay_in_fee: Money
    receives: Money
    margin: Money
    cost: Fraction

    @property
    def fee(self) -> Money:
        return self.service_fee + self.pay_in_fee

    @property
    def pays(self) -> Money:
        return self.amount + self.fee

    @property
    def cost_bp(self) -> int:
        """Total cost in basis points, rounded up: a cost just over a line counts as over it."""
        return ceil(self.cost * 10_000)


def price(amount: Money, rate: Rate, tariff: Tariff, *, by_card: bool) -> Price:
    """What it costs to send ``amount``.

    :raises ValueError: for an amount that is not positive or in another currency than the rate.
    """
    if amount.minor <= 0 or amount.currency != rate.source:
        raise ValueError("a positive amount in the rate's currency")
    service = Money(ceil(Fraction(amount.minor * tariff.service_bp, 10_000)), amount.currency)
    before = amount.minor + service.minor
    # The provider takes its share of everything charged, its own fee included: so divide, don't multiply.
    gross = ceil((before + tariff.pay_in_fixed) / (1 - Fraction(tariff.pay_in_bp, 10_000)))
    if by_card and amount.currency in _TENS:
        gross = -(-gross // 10) * 10
    receives = Money(floor(amount.minor * rate.minor(rate.customer)), rate.target)
    worth = amount.minor * rate.minor(rate.mid)
    margin_share = (worth - receives.minor) / worth
    margin = Money(ceil(margin_share * amount.minor), amount.currency)
    cost = Fraction(gross - amount.minor, amount.minor) + margin_share
    return Price(amount, service, Money(gross - before, amount.currency), receives, margin, cost)
