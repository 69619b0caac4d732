"""Why a payment was not made, in words: reasons of ISO 20022 (ExternalStatusReason1Code), of the card provider, and our own."""

from typing import Any

from core.i18n import _l

REASONS: dict[str, Any] = {
    "AC01": _l("The account number is wrong."),
    "AC02": _l("The account number of the payer is wrong."),
    "AC03": _l("The account number of the recipient is not valid."),
    "AC04": _l("The account is closed."),
    "AC06": _l("The account is blocked."),
    "AC07": _l("The recipient’s account is closed."),
    "AC14": _l("This kind of account can’t take the money."),
    "AG01": _l("This account may not be used for such a payment."),
    "AG02": _l("The bank does not make such a payment."),
    "AM02": _l("The amount is above what is allowed."),
    "AM04": _l("There was not enough money on the paying account."),
    "AM05": _l("The bank took it for a second copy of the same payment."),
    "AM09": _l("The amount is not what was agreed."),
    "BE01": _l("The name does not belong to the account."),
    "BE04": _l("The recipient’s address is missing."),
    "BE05": _l("The bank does not know who ordered the payment."),
    "CUST": _l("The recipient did not want the money."),
    "DT01": _l("The day of the payment is not valid."),
    "DUPL": _l("The bank took it for a second copy of the same payment."),
    "FOCR": _l("It was called back."),
    "MD07": _l("The bank says that the account’s holder has died."),
    "MS02": _l("The recipient refused it and gave no reason."),
    "MS03": _l("The bank gave no reason."),
    "NARR": _l("The bank wrote a reason of its own."),
    "RC01": _l("The bank’s code is wrong."),
    "RC03": _l("The code of the payer’s bank is wrong."),
    "RC04": _l("The code of the recipient’s bank is wrong."),
    "RR01": _l("Facts about the payer are missing that the law asks for."),
    "RR02": _l("The payer’s name or address is missing."),
    "RR03": _l("The recipient’s name or address is missing."),
    "RR04": _l("The bank may not make it under its law."),
    "TM01": _l("It came after the bank’s closing time."),
    "expired_or_canceled_card": _l("The card has run out or was cancelled."),
    "lost_or_stolen_card": _l("The card was reported lost or stolen."),
    "declined": _l("The card’s bank did not take the money."),
    "insufficient_funds": _l("There was not enough money on the paying account."),
    "refused": _l("The card company did not accept it."),
    "failed": _l("The card company gave no reason."),
    "no_account": _l("The bank did not tell which account the money came from."),
    "returned": _l("It was paid and came back."),
    "dispute": _l("A dispute ended: it was not paid out."),
    "unknown": _l("No reason was given."),
}


def reason_words(code: str | None) -> str:
    """The reason in the reader's language; for one that is not in the list, that and the code. Empty without a code."""
    if not code:
        return ""
    return str(REASONS.get(code) or _l("Another reason: %(code)s", code=code))
