"""Money: whole minor units and an ISO 4217 code. Never a float."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Self

from core.errors import DomainError
from core.i18n import _l

# ISO 4217 list one, exponents. CLDR says 0 for AFN, IQD and LBP, which is how they are shown, not how they are kept.
_EXPONENTS = {
    "BDT": 2, "BTN": 2, "INR": 2, "LKR": 2, "MVR": 2, "NPR": 2, "PKR": 2, "PHP": 2, "IDR": 2, "AFN": 2,
    "AED": 2, "QAR": 2, "SAR": 2, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "IQD": 3, "LBP": 2, "TND": 3,
    "MYR": 2, "SGD": 2, "HKD": 2, "KRW": 0, "JPY": 0, "TWD": 2, "THB": 2, "CNY": 2, "VND": 0, "CLP": 0,
    "USD": 2, "EUR": 2, "GBP": 2, "CHF": 2, "AUD": 2, "CAD": 2, "NZD": 2, "ILS": 2, "TRY": 2, "PLN": 2,
    "RON": 2, "CZK": 2, "DKK": 2, "NOK": 2, "SEK": 2, "MUR": 2, "ZAR": 2, "RUB": 2, "HRK": 2, "BGN": 2,
}  # fmt: skip


def exponent(currency: str) -> int:
    """Decimal places of a currency (ISO 4217).

    :raises DomainError: for a code that this deployment does not know.
    """
    try:
        return _EXPONENTS[currency]
    except KeyError:
        raise DomainError(_l("This currency is not known here.")) from None


def known_currencies() -> tuple[str, ...]:
    return tuple(sorted(_EXPONENTS))


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units. Adding two currencies is an error, not a guess."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError("money is whole minor units")
        exponent(self.currency)

    @classmethod
    def from_decimal(cls, amount: Decimal, currency: str) -> Self:
        """Exact: refuses more decimals than the currency has."""
        scaled = amount.scaleb(exponent(currency))
        if scaled != scaled.to_integral_value():
            raise DomainError(_l("This amount has more decimal places than the currency has."))
        return cls(int(scaled), currency)

    def to_decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} don't mix")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def times(self, factor: Fraction | int) -> "Money":
        """Multiplied and rounded half to even, once, at the end."""
        return Money(round_half_even(Fraction(self.minor) * factor), self.currency)


def round_half_even(value: Fraction) -> int:
    """The nearest whole number; a half goes to the even one."""
    return round(value)


def plain_amount(money: Money) -> str:
    """``1234.50``: for machines, ISO 20022 and PDFs' data, not for people."""
    places = exponent(money.currency)
    quantum = Decimal(1).scaleb(-places)
    return str(money.to_decimal().quantize(quantum, rounding=ROUND_HALF_EVEN))
