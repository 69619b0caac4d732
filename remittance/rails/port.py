"""What a payout rail must do. A licensed partner moves the money; the portal writes orders and reads answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from core.money import Money


@dataclass(frozen=True, slots=True)
class Party:
    """A person or organisation in a payment message. Town and country always: unstructured addresses have ended."""

    name: str
    town: str
    country: str


@dataclass(frozen=True, slots=True)
class PayoutOrder:
    """One payout: ``end_to_end_id`` is ours and comes back in every answer."""

    end_to_end_id: str
    amount: Money
    creditor: Party
    creditor_account: str
    creditor_bank: str
    ultimate_debtor: Party
    purpose_code: str = "FAMI"


@dataclass(frozen=True, slots=True)
class PayoutFile:
    """One file of payouts, all in one currency."""

    message_id: str
    made_at: datetime
    execute_on: date
    debtor: Party
    debtor_account: str
    debtor_bank: str
    orders: Sequence[PayoutOrder]


class PayoutOutcome(StrEnum):
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PayoutAnswer:
    """What the partner says became of one order. Anything but a clear yes or no is not an answer."""

    end_to_end_id: str
    outcome: PayoutOutcome
    reason_code: str


class PayoutRail(Protocol):
    """One way to a payout partner."""

    name: str

    def send(self, file: PayoutFile) -> bytes:
        """Hand a file over. Sending the same file again must change nothing. Gives the bytes that were sent."""
        ...

    def answers(self) -> Sequence[tuple[str, bytes]]:
        """Answer files that wait: name and content."""
        ...

    def done(self, *names: str) -> None:
        """These answer files were taken."""
        ...
