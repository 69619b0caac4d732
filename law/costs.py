"""What a worker may be asked to pay, in plain words: only the costs that fall on a worker, each with its row."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.i18n import _l
from core.money import Money
from law.engine import Law, Row


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of the page. ``amount`` is None for a rule without one."""

    title: Any
    amount: Money | None
    row: Row


# A topic, the part of its value (empty where the value is the amount itself), and what it means to a worker.
_AMOUNTS = (
    ("fee_cap.worker", "", _l("The most an agency may ask of a worker")),
    ("registration_fee", "", _l("Fee of the registration")),
    ("clearance.fee", "to", _l("Fee of a departure clearance, at most")),
    ("welfare_fund", "up_to", _l("Welfare fund")),
    ("welfare_fund", "above", _l("Welfare fund, for a longer contract")),
    ("insurance.premium", "", _l("Price of the insurance")),
    ("pdo", "fee", _l("Orientation before departure")),
)
_RULES = (
    ("fee.through_bank", _l("Every payment must go through a bank")),
    ("fee_cap.rule", _l("Rule on what an agency may ask of a worker")),
)


def _amounts(rows: list[Row]) -> Iterator[Cost]:
    for topic, part, title in _AMOUNTS:
        for row in rows:
            amount = row.money(part) if row.topic == topic and row.value is not None else None
            if amount is not None:
                yield Cost(title, amount, row)


def worker_costs(law: Law, on: date) -> list[Cost]:
    """The costs of a worker under this law on this day, a line for each case that the law tells apart.

    What is unknown is left out, never shown as nothing to pay.
    """
    rows = law.in_force(on)
    rules = [Cost(title, None, row) for topic, title in _RULES for row in rows if row.topic == topic and row.value]
    return [*_amounts(rows), *rules]
