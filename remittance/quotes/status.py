"""Words of quotes."""

from enum import StrEnum

from core.i18n import _l


class PayIn(StrEnum):
    """How the sender pays in."""

    BANK = "bank"
    CARD = "card"


PAY_IN_TITLES = {PayIn.BANK: _l("Bank transfer"), PayIn.CARD: _l("Card")}
