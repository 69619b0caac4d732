"""What each step of a remittance posts to the books. Keys are ours and kept for ever: each step counts once."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from core.money import Money
from remittance.ledger.services import (
    BANK,
    CARD,
    EXCHANGE,
    FEES,
    FLOAT,
    IN_TRANSFER,
    OWED,
    OWED_PAYOUT,
    OWN_FUNDS,
    PAYABLE,
    PROVIDER_FEES,
    SUSPENSE,
    Leg,
    credit,
    debit,
    post,
    reverse,
)
from remittance.orders.models import BankLine, Refund, Remittance

if TYPE_CHECKING:
    from remittance.credit_transfers.models import CreditTransfer


def money_in_by_card(session: Session, remittance: Remittance, paid: Money) -> None:
    """The sender's money is due from the provider."""
    post(
        session,
        f"funded:{remittance.payment_id}",
        kind="funded",
        subject_id=remittance.id,
        legs=[debit(CARD, paid), credit(OWED, paid)],
    )


def settled_by_card(session: Session, remittance: Remittance, paid: Money, settled: Money, fee: Money) -> None:
    """What the provider counts for a payment and keeps as its fee, both in the currency of our account there."""
    post(
        session,
        f"settled:{remittance.payment_id}",
        kind="settled",
        subject_id=remittance.id,
        legs=[*_exchanged(paid, settled), debit(PROVIDER_FEES, fee), credit(CARD, fee)],
    )


def _exchanged(asked: Money, counted: Money) -> list[Leg]:
    """A claim on the card provider that it counts in another currency: balanced in each through ``exchange``."""
    if asked.currency == counted.currency:
        return []
    return [credit(CARD, asked), debit(EXCHANGE, asked), credit(EXCHANGE, counted), debit(CARD, counted)]


def bank_line_in(session: Session, line: BankLine, remittance: Remittance | None) -> None:
    """A credit on our bank account: owed for its remittance, or in suspense until somebody knows whose it is."""
    other = OWED if remittance is not None else SUSPENSE
    post(
        session,
        f"bank:{line.entry_key.hex()}",
        kind="bank_in",
        subject_id=remittance.id if remittance else line.id,
        legs=[debit(BANK, line.amount), credit(other, line.amount)],
    )


def attached(session: Session, line: BankLine, remittance: Remittance) -> None:
    """An officer found the remittance of a line in suspense."""
    post(
        session,
        f"attached:{line.id}",
        kind="attached",
        subject_id=remittance.id,
        legs=[debit(SUSPENSE, line.amount), credit(OWED, line.amount)],
    )


def sent(session: Session, remittance: Remittance) -> None:
    """The order goes to the partner: converted, fee earned, and the partner's float set aside for it.

    :raises NotCovered: when the float holds less.
    """
    post(session, f"sent:{remittance.id}", kind="sent", subject_id=remittance.id, legs=sent_legs(remittance))


def sent_legs(remittance: Remittance) -> list[Leg]:
    return [
        debit(OWED, remittance.pays),
        credit(FEES, remittance.fee),
        credit(EXCHANGE, remittance.amount),
        debit(EXCHANGE, remittance.receives),
        credit(OWED_PAYOUT, remittance.receives),
        debit(IN_TRANSFER, remittance.receives),
        credit(FLOAT, remittance.receives),
    ]


def paid_out(session: Session, remittance: Remittance) -> None:
    legs = paid_out_legs(remittance)
    post(session, f"paid_out:{remittance.id}", kind="paid_out", subject_id=remittance.id, legs=legs)


def paid_out_legs(remittance: Remittance) -> list[Leg]:
    return [debit(OWED_PAYOUT, remittance.receives), credit(IN_TRANSFER, remittance.receives)]


def failed(session: Session, remittance: Remittance) -> None:
    """The exact opposite of ``sent``: the sender is owed everything again, the fee included."""
    post(session, f"failed:{remittance.id}", kind="failed", subject_id=remittance.id, legs=failed_legs(remittance))


def failed_legs(remittance: Remittance) -> list[Leg]:
    return [Leg(leg.account, -leg.amount) for leg in sent_legs(remittance)]


def reversed_payout(session: Session, remittance: Remittance) -> None:
    """A payout counted as done that a dispute showed was not."""
    post(
        session,
        f"reversed:{remittance.id}",
        kind="reversed",
        subject_id=remittance.id,
        legs=[debit(IN_TRANSFER, remittance.receives), credit(OWED_PAYOUT, remittance.receives)],
    )


def refunded(session: Session, remittance: Remittance, refund: Refund, *, from_fees: bool) -> None:
    """Decided to be given back; it is ``payable`` until it has left. After payout it comes out of what we earned."""
    post(
        session,
        f"refund:{refund.id}",
        kind="refund",
        subject_id=remittance.id,
        legs=[debit(FEES if from_fees else OWED, refund.amount), credit(PAYABLE, refund.amount)],
    )


def card_refund_left(session: Session, refund: Refund, settled: Money | None) -> None:
    """The provider gave it back, out of our account there."""
    legs = [debit(PAYABLE, refund.amount), credit(CARD, refund.amount)]
    if settled is not None:
        legs += [Leg(leg.account, -leg.amount) for leg in _exchanged(refund.amount, settled)]
    post(
        session,
        f"refund_left:{refund.provider_refund_id}",
        kind="refund_left",
        subject_id=refund.remittance_id,
        legs=legs,
    )


def card_refund_came_back(session: Session, refund: Refund) -> None:
    """The card's bank did not take it: exactly the opposite of what was posted when it left."""
    id_ = refund.provider_refund_id
    reverse(session, f"refund_left:{id_}", f"refund_back:{id_}", kind="refund_back")


def transfer_paid(session: Session, transfer: "CreditTransfer") -> None:
    """The bank has paid a credit transfer."""
    post(
        session,
        f"transfer:{transfer.id}",
        kind="transfer_paid",
        subject_id=transfer.refund_id or transfer.bank_line_id,
        legs=[debit(PAYABLE, transfer.amount), credit(BANK, transfer.amount)],
    )


def transfer_came_back(session: Session, line: BankLine, transfer: "CreditTransfer") -> None:
    """A credit on our bank account that is our own transfer, sent back."""
    post(
        session,
        f"bank:{line.entry_key.hex()}",
        kind="transfer_back",
        subject_id=transfer.id,
        legs=[debit(BANK, line.amount), credit(PAYABLE, line.amount)],
    )


def return_ordered(session: Session, line: BankLine, transfer: "CreditTransfer") -> None:
    """Money of somebody unknown goes back to where it came from."""
    legs = [debit(SUSPENSE, line.amount), credit(PAYABLE, line.amount)]
    post(session, f"return:{transfer.id}", kind="return", subject_id=line.id, legs=legs)


def return_failed(session: Session, line: BankLine, transfer: "CreditTransfer") -> None:
    """It did not get there: in suspense again."""
    reverse(session, f"return:{transfer.id}", f"return_failed:{transfer.id}", kind="return_failed")


def float_paid_in(session: Session, key: str, amount: Money, subject_id: UUID | None = None) -> None:
    """The ministry's partner account was topped up from own funds."""
    post(
        session,
        f"float:{key}",
        kind="float",
        subject_id=subject_id,
        legs=[debit(FLOAT, amount), credit(OWN_FUNDS, amount)],
    )
