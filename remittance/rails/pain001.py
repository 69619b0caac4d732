"""Payout orders as an ISO 20022 pain.001.001.09 message, always checked against the schema before it leaves."""

from datetime import UTC
from typing import Any

from lxml import etree

from core.money import Money, plain_amount
from remittance.rails.iso20022 import namespace, schema
from remittance.rails.port import Party, PayoutFile, PayoutOrder

MESSAGE = "pain.001.001.09"


def build(file: PayoutFile) -> bytes:
    """The message as bytes. The same file gives the same bytes.

    :raises ValueError: when there is nothing to pay, currencies are mixed, or the schema refuses the result.
    """
    if not file.orders:
        raise ValueError("a payout file needs at least one order")
    currencies = {o.amount.currency for o in file.orders}
    if len(currencies) != 1:
        raise ValueError("a payout file is in one currency")
    total = plain_amount(Money(sum(o.amount.minor for o in file.orders), currencies.pop()))
    root = etree.Element(f"{{{namespace(MESSAGE)}}}Document", nsmap={None: namespace(MESSAGE)})
    message = _add(root, "CstmrCdtTrfInitn")
    header = _add(message, "GrpHdr")
    _add(header, "MsgId", file.message_id)
    _add(header, "CreDtTm", file.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _add(header, "NbOfTxs", str(len(file.orders)))
    _add(header, "CtrlSum", total)
    _add(_add(header, "InitgPty"), "Nm", _line(file.debtor.name, 140))
    payment = _add(message, "PmtInf")
    _add(payment, "PmtInfId", file.message_id)
    _add(payment, "PmtMtd", "TRF")
    _add(payment, "NbOfTxs", str(len(file.orders)))
    _add(payment, "CtrlSum", total)
    _add(_add(payment, "ReqdExctnDt"), "Dt", file.execute_on.isoformat())
    _party(payment, "Dbtr", file.debtor)
    _account(payment, "DbtrAcct", file.debtor_account)
    _bank(payment, "DbtrAgt", file.debtor_bank, file.debtor.country)
    _add(payment, "ChrgBr", "SLEV")
    for order in file.orders:
        _order(payment, order)
    if not schema(MESSAGE).validate(root):
        # The schema's own message may quote a name or an account: only the place goes on.
        fault = schema(MESSAGE).error_log[0]
        raise ValueError(f"pain.001 is not valid at line {fault.line}: {fault.type_name}")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _order(payment: Any, order: PayoutOrder) -> None:
    part = _add(payment, "CdtTrfTxInf")
    _add(_add(part, "PmtId"), "EndToEndId", order.end_to_end_id)
    amount = _add(_add(part, "Amt"), "InstdAmt", plain_amount(order.amount))
    amount.set("Ccy", order.amount.currency)
    _party(part, "UltmtDbtr", order.ultimate_debtor)
    _bank(part, "CdtrAgt", order.creditor_bank, order.creditor.country)
    _party(part, "Cdtr", order.creditor)
    _account(part, "CdtrAcct", order.creditor_account)
    if order.purpose_code:
        _add(_add(part, "Purp"), "Cd", order.purpose_code)


def _add(parent: Any, name: str, text: str | None = None) -> Any:
    made = etree.SubElement(parent, f"{{{namespace(MESSAGE)}}}{name}")
    made.text = text
    return made


def _line(text: str, length: int) -> str:
    return " ".join(text.split())[:length]


def _party(parent: Any, name: str, party: Party) -> None:
    made = _add(parent, name)
    _add(made, "Nm", _line(party.name, 140))
    address = _add(made, "PstlAdr")
    _add(address, "TwnNm", _line(party.town, 35))
    _add(address, "Ctry", party.country)


def _account(parent: Any, name: str, number: str) -> None:
    _add(_add(_add(_add(parent, name), "Id"), "Othr"), "Id", number)


def _bank(parent: Any, name: str, bank: str, country: str) -> None:
    institution = _add(_add(parent, name), "FinInstnId")
    _add(institution, "Nm", _line(bank, 140))
    _add(_add(institution, "PstlAdr"), "Ctry", country)
