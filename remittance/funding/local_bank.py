"""The collecting bank played on this machine, for the demo: a statement with the transfer that a sender says to have made."""

from datetime import UTC, datetime
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
    data = statement(
        remittance.pays, remittance.pay_reference, ours=ours, bank_reference=remittance.reference, at=db_now(session)
    )
    inbox = current().bank_folder / "inbox"
    inbox.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = inbox / f"{remittance.reference}.new"
    partial.write_bytes(data)
    partial.replace(inbox / f"demo-{remittance.reference}.xml")
    enqueue(session, "remittance.read_bank_folder", queueing_lock="remittance.read_bank_folder")
    return remittance


def statement(amount: Money, reference: str, *, ours: BankAccount, bank_reference: str, at: datetime) -> bytes:
    """A camt.053 with one booked credit."""
    root = etree.Element(f"{{{namespace(MESSAGE)}}}Document", nsmap={None: namespace(MESSAGE)})
    message_id = new_reference("ST")
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    day, value = stamp[:10], plain_amount(amount)
    facts = [
        ("BkToCstmrStmt/GrpHdr/MsgId", message_id), ("BkToCstmrStmt/GrpHdr/CreDtTm", stamp),
        ("BkToCstmrStmt/Stmt/Id", message_id), ("BkToCstmrStmt/Stmt/CreDtTm", stamp),
        (f"BkToCstmrStmt/Stmt/Acct/Id/{'IBAN' if ours.is_iban else 'Othr/Id'}", ours.number),
        ("BkToCstmrStmt/Stmt/Bal/Tp/CdOrPrtry/Cd", "CLBD"), ("BkToCstmrStmt/Stmt/Bal/Amt", value),
        ("BkToCstmrStmt/Stmt/Bal/CdtDbtInd", "CRDT"), ("BkToCstmrStmt/Stmt/Bal/Dt/Dt", day),
        ("BkToCstmrStmt/Stmt/Ntry/Amt", value), ("BkToCstmrStmt/Stmt/Ntry/CdtDbtInd", "CRDT"),
        ("BkToCstmrStmt/Stmt/Ntry/Sts/Cd", "BOOK"), ("BkToCstmrStmt/Stmt/Ntry/BookgDt/Dt", day),
        ("BkToCstmrStmt/Stmt/Ntry/AcctSvcrRef", bank_reference),
        ("BkToCstmrStmt/Stmt/Ntry/BkTxCd/Domn/Cd", "PMNT"), ("BkToCstmrStmt/Stmt/Ntry/BkTxCd/Domn/Fmly/Cd", "RCDT"),
        ("BkToCstmrStmt/Stmt/Ntry/BkTxCd/Domn/Fmly/SubFmlyCd", "ESCT"),
        ("BkToCstmrStmt/Stmt/Ntry/NtryDtls/TxDtls/RmtInf/Strd/CdtrRefInf/Ref", reference),
    ]  # fmt: skip
    for path, text in facts:
        place = root
        for name in path.split("/"):
            found = place.find(f"{{{namespace(MESSAGE)}}}{name}")
            place = etree.SubElement(place, f"{{{namespace(MESSAGE)}}}{name}") if found is None else found
        place.text = text
        if path.endswith("/Amt"):
            place.set("Ccy", amount.currency)
    if not schema(MESSAGE).validate(root):
        raise ValueError(f"camt.053 is not valid: {schema(MESSAGE).error_log[0].message}")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
