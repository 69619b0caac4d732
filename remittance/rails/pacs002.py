"""The partner's answers as ISO 20022 pacs.002.001.10: what became of each order."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from remittance.rails.iso20022 import Texts, namespace, read_message, schema
from remittance.rails.port import PayoutAnswer, PayoutOutcome

MESSAGE = "pacs.002.001.10"
# Only a final yes or no. ACSP, PDNG and the rest mean "wait": nothing may be concluded from them.
_FINAL = {"ACCC": PayoutOutcome.PAID, "ACSC": PayoutOutcome.PAID, "RJCT": PayoutOutcome.FAILED}


def read(data: bytes) -> list[PayoutAnswer]:
    """Every final answer of a message.

    :raises DomainError: when it isn't such a message.
    """
    root = read_message(data, MESSAGE)
    texts = Texts(MESSAGE)
    found = []
    for part in texts.all(root, "FIToFIPmtStsRpt/TxInfAndSts"):
        outcome = _FINAL.get(texts.text(part, "TxSts"))
        if outcome is not None:
            found.append(
                PayoutAnswer(texts.text(part, "OrgnlEndToEndId"), outcome, texts.text(part, "StsRsnInf/Rsn/Cd"))
            )
    return found


def build(message_id: str, made_at: datetime, answers: Sequence[PayoutAnswer]) -> bytes:
    """A message that gives these answers: what the local partner of the demo and the tests sends."""
    root = etree.Element(f"{{{namespace(MESSAGE)}}}Document", nsmap={None: namespace(MESSAGE)})
    report = _add(root, "FIToFIPmtStsRpt")
    header = _add(report, "GrpHdr")
    _add(header, "MsgId", message_id)
    _add(header, "CreDtTm", made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    for answer in answers:
        part = _add(report, "TxInfAndSts")
        _add(part, "OrgnlEndToEndId", answer.end_to_end_id)
        _add(part, "TxSts", "ACSC" if answer.outcome is PayoutOutcome.PAID else "RJCT")
        if answer.reason_code:
            _add(_add(_add(part, "StsRsnInf"), "Rsn"), "Cd", answer.reason_code)
    if not schema(MESSAGE).validate(root):
        raise ValueError("pacs.002 is not valid")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _add(parent: Any, name: str, text: str | None = None) -> Any:
    made = etree.SubElement(parent, f"{{{namespace(MESSAGE)}}}{name}")
    made.text = text
    return made
