"""Quotes: exact, dated, and refused when they cost too much."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.db import db_now, legal_today
from core.errors import DomainError
from core.i18n import _l, format_date, format_money
from core.money import Money, exponent
from law.country import deployment
from law.seed_data import seed_file
from remittance.quotes.accounts import Purpose, account_for
from remittance.quotes.models import ExchangeRate
from remittance.quotes.pricing import Price, Rate, Tariff, price
from remittance.quotes.status import PayIn
from remittance.quotes.tariffs import PayInCost, pay_in_cost, service_row

_E8 = 10**8


@dataclass(frozen=True, slots=True)
class Quote:
    """One way to send, priced. ``refused`` when it costs more than is ever offered here."""

    country: str
    pay_in: PayIn
    price: Price
    rate: Rate
    rate_id: UUID
    rate_dated_on: date
    rate_origin: str
    pay_in_cost: PayInCost
    arrival_hours: int
    warns: bool
    refused: bool


def load_rates(session: Session, path: Path, *, fresh: bool = False) -> int:
    """Load a rate file: ``{origin, dated_on, valid_from, target, rates: [{source, mid, customer}]}``, rates as text.

    Rows once loaded stay; newer ones take over from their ``valid_from``. ``fresh``: dated today instead of as the file
    says, for made-up rates. Gives how many rows were added.

    :raises DomainError: naming what is wrong.
    """
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if fresh:
            start = db_now(session) - timedelta(minutes=1)
            data |= {"dated_on": legal_today(session).isoformat(), "valid_from": start.isoformat(), "valid_until": None}
        rows = [_rate_row(data, r) for r in data["rates"]]
    except (KeyError, ValueError, ArithmeticError, TypeError):
        raise DomainError(_l("This rate file can’t be read.")) from None
    session.add_all(rows)
    session.flush()
    return len(rows)


def _rate_row(data: dict[str, Any], rate: dict[str, str]) -> ExchangeRate:
    exponent(rate["source"])
    until = data.get("valid_until")
    return ExchangeRate(
        source_currency=rate["source"],
        target_currency=data["target"],
        mid_e8=_scaled(rate["mid"]),
        customer_e8=_scaled(rate["customer"]),
        valid_from=datetime.fromisoformat(data["valid_from"]),
        valid_until=datetime.fromisoformat(until) if until else None,
        dated_on=date.fromisoformat(data["dated_on"]),
        origin=data["origin"],
    )


def _scaled(text: str) -> int:
    scaled = Decimal(text) * _E8
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError(text)
    return int(scaled)


def demo_rates(session: Session) -> bool:
    """In a demo, date its made-up rates anew each day, once they were loaded; gives whether it did."""
    path = seed_file("rates")
    origin = json.loads(path.read_text(encoding="utf-8"))["origin"]
    newest = session.scalar(select(func.max(ExchangeRate.dated_on)).where(ExchangeRate.origin == origin))
    if newest is None or newest >= legal_today(session):
        return False
    load_rates(session, path, fresh=True)
    return True


def current_rate(session: Session, source: str, target: str) -> ExchangeRate:
    """The newest rate in force now.

    :raises DomainError: when none is known, or the newest is too old: yesterday's price is no price.
    """
    now = db_now(session)
    row = session.scalars(
        select(ExchangeRate)
        .where(
            ExchangeRate.source_currency == source,
            ExchangeRate.target_currency == target,
            ExchangeRate.valid_from <= now,
            or_(ExchangeRate.valid_until.is_(None), ExchangeRate.valid_until > now),
        )
        .order_by(ExchangeRate.valid_from.desc(), ExchangeRate.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise DomainError(_l("There is no exchange rate for this country today. Please try again later."))
    days = deployment().standard("remittance_rate_days")
    if row.valid_until is None and row.dated_on + timedelta(days=days) < legal_today(session):
        raise DomainError(
            _l(
                "The exchange rate that we have is of %(day)s. It is too old to promise anything. Please try again later.",
                day=format_date(row.dated_on),
            )
        )
    return row


def as_rate(row: ExchangeRate) -> Rate:
    return Rate(row.source_currency, row.target_currency, Fraction(row.mid_e8, _E8), Fraction(row.customer_e8, _E8))


def converted(session: Session, amount: Money, currency: str) -> Fraction:
    """An amount in another currency's minor units at middle rates through the home currency, exact.

    :raises DomainError: when a rate is missing.
    """
    if amount.currency == currency:
        return Fraction(amount.minor)
    home = deployment().currency
    worth = Fraction(amount.minor)
    if amount.currency != home:
        worth *= _mid(session, amount.currency, home)
    return worth if currency == home else worth / _mid(session, currency, home)


def _mid(session: Session, source: str, target: str) -> Fraction:
    rate = as_rate(current_rate(session, source, target))
    return rate.minor(rate.mid)


def quotes(session: Session, country: str, amount: Money) -> Sequence[Quote]:
    """Every way to send this amount from a country, the cheapest first.

    :raises DomainError: for a country that is not served, another currency, too much for one order, or without a fresh rate.
    """
    home = deployment()
    if home.destination_currencies.get(country) != amount.currency:
        raise DomainError(_l("Choose the country where you work."), field="country")
    if amount.minor <= 0:
        raise DomainError(_l("Write an amount above zero."), field="amount")
    today = legal_today(session)
    service = service_row(country, today)
    if service is None:
        raise DomainError(_l("Money can’t be sent from this country here yet."), field="country")
    row = current_rate(session, amount.currency, home.currency)
    _within_limit(session, amount)
    found = []
    for pay_in in PayIn:
        cost = pay_in_cost(pay_in, country, today)
        # Nobody is asked to transfer money to an account that nobody can name.
        nowhere = pay_in is PayIn.BANK and account_for(Purpose.COLLECTION, amount.currency, today) is None
        if cost is not None and not nowhere:
            found.append(_quote(session, country, amount, pay_in, cost, row=row, service=service))
    return sorted(found, key=lambda q: q.price.cost)


def _within_limit(session: Session, amount: Money) -> None:
    """The most that one order may send, by the country package: in US dollars at middle rates."""
    limit = Money(deployment().standard("remittance_order_limit_usd") * 100, "USD")
    if converted(session, amount, "USD") <= limit.minor:
        return
    unit = 10 ** exponent(amount.currency)
    most = Money(floor(converted(session, limit, amount.currency) / unit) * unit, amount.currency)
    raise DomainError(
        _l("One order may send at most %(amount)s. Write a smaller amount.", amount=format_money(most)), field="amount"
    )


class Missing(StrEnum):
    """Why a way to pay in is not there at all."""

    NO_ACCOUNT = "no_account"
    NO_PRICE = "no_price"


def missing(session: Session, country: str) -> dict[PayIn, Missing]:
    """The ways that a country does not have today, each with the reason."""
    today, currency = legal_today(session), deployment().destination_currencies.get(country, "")
    found = {p: Missing.NO_PRICE for p in PayIn if pay_in_cost(p, country, today) is None}
    if account_for(Purpose.COLLECTION, currency, today) is None:
        found[PayIn.BANK] = Missing.NO_ACCOUNT
    return found


def served(session: Session) -> list[str]:
    """The countries where a way to pay in can be chosen now, as the package orders them."""
    home, found = deployment(), []
    for destination in home.destinations:
        currency = home.destination_currencies[destination.code]
        try:
            # What a family is usually sent: about 300 dollars.
            amount = Money(floor(converted(session, Money(300_00, "USD"), currency)), currency)
            offered = quotes(session, destination.code, amount)
        except DomainError:
            continue
        if any(not q.refused for q in offered):
            found.append(destination.code)
    return found


def _quote(
    session: Session,
    country: str,
    amount: Money,
    pay_in: PayIn,
    cost: PayInCost,
    *,
    row: ExchangeRate,
    service: dict[str, Any],
) -> Quote:
    fixed = Fraction(0)
    if cost.fixed_minor:
        fixed = converted(session, Money(cost.fixed_minor, cost.fixed_currency), amount.currency)
    rate = as_rate(row)
    made = price(amount, rate, Tariff(service["rate_bp"], cost.rate_bp, fixed), by_card=pay_in is PayIn.CARD)
    home = deployment()
    return Quote(
        country=country,
        pay_in=pay_in,
        price=made,
        rate=rate,
        rate_id=row.id,
        rate_dated_on=row.dated_on,
        rate_origin=row.origin,
        pay_in_cost=cost,
        arrival_hours=service["arrival_hours"][pay_in],
        warns=made.cost * 10_000 > home.standard("remittance_warn_bp"),
        refused=made.cost * 10_000 > home.standard("remittance_refuse_bp"),
    )
