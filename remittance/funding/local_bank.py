"""The collecting bank played on this machine, for the demo: a statement with the transfer that a sender says to have made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lxml import etree
from sqlalchemy.orm import Session

from core.actor import Actor
from core.db import db_now, legal_today
from core.errors import TooLate
from core.i18n import _l
from core.ids import new_reference
from core.jobs import enqueue
from core.money import Money, plain_amount
from core.settings import current
from remittance.funding.camt053 import MESSAGE
from remittance.orders.models import Remittance
from remittance.orders.services import own_remittance
from remittance.orders.status import RemittanceStatus
from remittance.quotes.accounts import BankAccount, Purpose, account_for
from remittance.rails.iso20022 import namespace, schema


def pay(session: Session, actor: Actor, remittance_id: UUID) -> Remittance:
    """Drop a statement with exactly what was asked into the bank's folder, once for each remittance."""
    remittance = own_remittance(session, actor, remittance_id)
    if remittance.status is not RemittanceStatus.SCREENED or remittance.pay_reference is None:
        raise TooLate(_l("This remittance does not wait for a bank transfer."))
    ours = account_for(Purpose.COLLECTION, remittance.currency, legal_today(session))
    if ours is None:
        raise TooLate(_l("This remittance does not wait for a bank transfer."))
    entry = Entry(remittance.pays, remittance.reference, reference=remittance.pay_reference)
    data = statement(ours, [entry], at=db_now(session))
    inbox = current().bank_folder / "inbox"
    inbox.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = inbox / f"{remittance.reference}.new"
    partial.write_bytes(data)
    partial.replace(inbox / f"demo-{remittance.reference}.xml")
    enqueue(session, "remittance.read_bank_folder", queueing_lock="remittance.read_bank_folder")
    return remittance


@dataclass(frozen=True, slots=True)
class Entry:
    """One booked entry of a made-up statement; a credit unless ``debit``. Empty texts are left out."""

    amount: Money
    bank_reference: str
    reference: str = ""
    text: str = ""
    payer: str = ""
    payer_account: str = ""
    end_to_end_id: str = ""
    debit: bool = False


def statement(ours: BankAccount, entries: Sequence[Entry], *, at: datetime) -> bytes:
    """A camt.053 of one day of one of our accounts."""
    root = etree.Element(f"{{{namespace(MESSAGE)}}}Document", nsmap={None: namespace(MESSAGE)})
    message_id = new_reference("ST")
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    top = _put(root, "BkToCstmrStmt")
    _put(top, "GrpHdr/MsgId", message_id)
    _put(top, "GrpHdr/CreDtTm", stamp)
    found = _put(top, "Stmt")
    _put(found, "Id", message_id)
    _put(found, "CreDtTm", stamp)
    _put(found, "Acct/Id/IBAN" if ours.is_iban else "Acct/Id/Othr/Id", ours.number)
    _put(found, "Bal/Tp/CdOrPrtry/Cd", "CLBD")
    total = Money(sum(-e.amount.minor if e.debit else e.amount.minor for e in entries), ours.currency)
    _put(found, "Bal/Amt", plain_amount(total if total.minor >= 0 else -total)).set("Ccy", ours.currency)
    _put(found, "Bal/CdtDbtInd", "CRDT" if total.minor >= 0 else "DBIT")
    _put(found, "Bal/Dt/Dt", stamp[:10])
    for entry in entries:
        _entry(etree.SubElement(found, f"{{{namespace(MESSAGE)}}}Ntry"), entry, stamp[:10])
    if not schema(MESSAGE).validate(root):
        raise ValueError(f"camt.053 is not valid: {schema(MESSAGE).error_log[0].message}")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _entry(place: Any, entry: Entry, day: str) -> None:
    facts = [
        ("Amt", plain_amount(entry.amount)), ("CdtDbtInd", "DBIT" if entry.debit else "CRDT"), ("Sts/Cd", "BOOK"),
        ("BookgDt/Dt", day), ("AcctSvcrRef", entry.bank_reference), ("BkTxCd/Domn/Cd", "PMNT"),
        ("BkTxCd/Domn/Fmly/Cd", "ICDT" if entry.debit else "RCDT"), ("BkTxCd/Domn/Fmly/SubFmlyCd", "ESCT"),
        ("NtryDtls/TxDtls/Refs/EndToEndId", entry.end_to_end_id),
        ("NtryDtls/TxDtls/RltdPties/Dbtr/Pty/Nm", entry.payer),
        ("NtryDtls/TxDtls/RltdPties/DbtrAcct/Id/Othr/Id", entry.payer_account),
        ("NtryDtls/TxDtls/RmtInf/Ustrd", entry.text),
        ("NtryDtls/TxDtls/RmtInf/Strd/CdtrRefInf/Ref", entry.reference),
    ]  # fmt: skip
    for path, text in facts:
        if text:
            _put(place, path, text)
    place[0].set("Ccy", entry.amount.currency)


def _put(place: Any, path: str, text: str | None = None) -> Any:
    """The element at a path below, made where it is missing."""
    for name in path.split("/"):
        found = place.find(f"{{{namespace(MESSAGE)}}}{name}")
        place = etree.SubElement(place, f"{{{namespace(MESSAGE)}}}{name}") if found is None else found
    if text is not None:
        place.text = text
    return place
