"""Bank statements as ISO 20022 camt.053.001.08: booked credits with the reference that the payer gave."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from core.errors import DomainError
from core.i18n import _l
from core.money import Money
from remittance.funding.reference import find_references, is_reference
from remittance.rails.iso20022 import Texts, read_message

MESSAGE = "camt.053.001.08"
MAX_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One booked credit. ``key`` is the same whenever this entry comes again, in whatever file."""

    key: bytes
    booked_on: date
    amount: Money
    references: tuple[str, ...]
    payer: str
    text: str
    end_to_end_id: str = ""
    payer_account: str = ""
    payer_bank: str = ""
    payer_country: str = ""


@dataclass(frozen=True, slots=True)
class StatementDebit:
    """One booked debit: money that left our account. ``end_to_end_id`` is ours when we ordered it."""

    key: bytes
    booked_on: date
    amount: Money
    end_to_end_id: str


@dataclass(frozen=True, slots=True)
class Statement:
    message_id: str
    statement_id: str
    account: str
    lines: tuple[StatementLine, ...]
    debits: tuple[StatementDebit, ...]
    skipped: int


def read(data: bytes) -> list[Statement]:
    """Every statement of a message. Reversals and entries not yet booked are counted as skipped.

    :raises DomainError: when the file isn't such a message, or holds too much.
    """
    root = read_message(data, MESSAGE)
    texts = Texts(MESSAGE)
    message_id = texts.text(root, "BkToCstmrStmt/GrpHdr/MsgId")
    found = [_statement(texts, s, message_id) for s in texts.all(root, "BkToCstmrStmt/Stmt")]
    if sum(len(s.lines) + len(s.debits) + s.skipped for s in found) > MAX_ENTRIES:
        raise DomainError(_l("This file holds too many entries. Ask the bank for smaller ones."), field="file")
    return found


def _statement(texts: Texts, statement: Any, message_id: str) -> Statement:
    account = texts.text(statement, "Acct/Id/IBAN") or texts.text(statement, "Acct/Id/Othr/Id")
    lines: list[StatementLine] = []
    debits: list[StatementDebit] = []
    skipped = 0
    seen: dict[tuple[str, ...], int] = {}
    for entry in texts.all(statement, "Ntry"):
        booked = texts.text(entry, "Sts/Cd") == "BOOK"
        reversal = texts.text(entry, "RvslInd") in ("true", "1")
        if not booked or reversal:
            skipped += 1
            continue
        found = _lines(texts, entry, account, seen)
        if texts.text(entry, "CdtDbtInd") == "CRDT":
            lines += found
        else:
            debits += [
                StatementDebit(sha256(b"debit" + x.key).digest(), x.booked_on, x.amount, x.end_to_end_id) for x in found
            ]
    return Statement(message_id, texts.text(statement, "Id"), account, tuple(lines), tuple(debits), skipped)


def _lines(texts: Texts, entry: Any, account: str, seen: dict[tuple[str, ...], int]) -> list[StatementLine]:
    """One line for each transaction of the entry; the entry itself when it has no details."""
    details = texts.all(entry, "NtryDtls/TxDtls")
    parts = details if len(details) > 1 else [details[0] if details else entry]
    booked_on = texts.day(entry, "BookgDt") or texts.day(entry, "ValDt")
    if booked_on is None:
        raise DomainError(_l("An entry of this file has no day."), field="file")
    found = []
    for part in parts:
        amount = _amount(texts.one(part, "Amt") if len(details) > 1 else texts.one(entry, "Amt"))
        bank_reference = (
            texts.text(part, "Refs/AcctSvcrRef") or texts.text(entry, "AcctSvcrRef") or texts.text(entry, "NtryRef")
        )
        text = " ".join(e.text or "" for e in texts.all(part, "RmtInf/Ustrd"))
        structured = [(e.text or "").replace(" ", "").upper() for e in texts.all(part, "RmtInf/Strd/CdtrRefInf/Ref")]
        end_to_end = texts.text(part, "Refs/EndToEndId")
        references = [r for r in structured if is_reference(r)] + find_references(f"{text} | {end_to_end}")
        payer = texts.text(part, "RltdPties/Dbtr/Pty/Nm")
        facts = (
            account,
            bank_reference,
            booked_on.isoformat(),
            str(amount.minor),
            amount.currency,
            end_to_end,
            text,
            payer,
        )
        # Two entries alike in every fact are two payments: the second of a file gets a number of its own.
        seen[facts] = seen.get(facts, 0) + 1
        key = sha256("\0".join([*facts, str(seen[facts])]).encode()).digest()
        debtor = "RltdPties/DbtrAcct/Id"
        found.append(
            StatementLine(
                key,
                booked_on,
                amount,
                tuple(dict.fromkeys(references)),
                payer,
                text,
                end_to_end_id=end_to_end,
                payer_account=texts.text(part, f"{debtor}/IBAN") or texts.text(part, f"{debtor}/Othr/Id"),
                payer_bank=texts.text(part, "RltdAgts/DbtrAgt/FinInstnId/BICFI")
                or texts.text(part, "RltdAgts/DbtrAgt/FinInstnId/Nm"),
                payer_country=texts.text(part, "RltdPties/Dbtr/Pty/PstlAdr/Ctry"),
            )
        )
    return found


def _amount(element: Any) -> Money:
    if element is None:
        raise DomainError(_l("An entry of this file has no amount."), field="file")
    return Money.from_decimal(Decimal(element.text), element.get("Ccy"))
