"""Dated data of this package: what pay-ins cost, the partner's tariff, standards, banks."""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from law.country import deployment
from remittance.quotes.status import PayIn

DATA = Path(__file__).parent.parent / "data"


@dataclass(frozen=True, slots=True)
class PayInCost:
    """One row of a provider's list of prices. ``status`` V was seen, M is from memory.

    ``abroad``: the provider has no prices for that country's cards and charges them as foreign ones.
    """

    id: str
    rate_bp: int
    fixed_minor: int
    fixed_currency: str
    status: str
    source: str
    abroad: bool = False


@lru_cache
def read_data(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _newest(rows: list[dict[str, Any]], on: date) -> dict[str, Any] | None:
    known = [r for r in rows if date.fromisoformat(r["effective_from"]) <= on]
    return max(known, key=lambda r: str(r["effective_from"])) if known else None


def pay_in_cost(pay_in: PayIn, country: str, on: date) -> PayInCost | None:
    """What paying in costs there on that day; None when nothing is known."""
    rows = [r for r in read_data("costs")["rows"] if r["pay_in"] == pay_in and country in r["countries"]]
    row = _newest(rows, on)
    if row is None:
        return None
    return PayInCost(
        row["id"], row["rate_bp"], row["fixed_minor"], row["fixed_currency"], row["status"], row["source"],
        row.get("abroad", False),
    )  # fmt: skip


def service_row(country: str, on: date) -> dict[str, Any] | None:
    """The partner's tariff for a country of work: ``rate_bp`` and ``arrival_hours`` by way of paying in."""
    return _newest([r for r in read_data("costs")["service"] if country in r["countries"]], on)


def standards() -> dict[str, Any]:
    """Thresholds, each with its source and status."""
    return read_data("standards")


def banks() -> tuple[str, ...]:
    """Names of banks that the partner pays out to."""
    return deployment().banks
