"""Accounts of the books in words."""

from typing import Any

from core.i18n import _l
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
)

ACCOUNT_TITLES: dict[str, Any] = {
    BANK: _l("Our bank account"),
    CARD: _l("With the card company"),
    FLOAT: _l("Float with the payout partner"),
    IN_TRANSFER: _l("On its way to recipients"),
    EXCHANGE: _l("Exchanged between currencies"),
    OWED: _l("Owed to senders"),
    OWED_PAYOUT: _l("Owed to recipients"),
    FEES: _l("Fees earned"),
    PROVIDER_FEES: _l("Fees of the card company"),
    SUSPENSE: _l("Money of somebody unknown"),
    OWN_FUNDS: _l("Own funds"),
    PAYABLE: _l("To be given back"),
}


def account_words(code: str) -> str:
    """``owed:AED`` as a person reads it: what it is, and the currency."""
    kind, _, currency = code.partition(":")
    return f"{ACCOUNT_TITLES[kind]}, {currency}" if kind in ACCOUNT_TITLES else code
