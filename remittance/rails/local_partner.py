"""A payout partner played on this machine, for the demo and the tests: reads pain.001 files, answers with pacs.002.

An account that ends in 000 is refused as closed (AC04), one that ends in 999 is never answered: so each way of the
journey can be walked. Never used outside demo mode.
"""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from core.money import Money
from remittance.funding.local_bank import Entry, statement
from remittance.quotes.accounts import Purpose, account_for
from remittance.rails import pacs002, pain001
from remittance.rails.iso20022 import Texts, read_message
from remittance.rails.port import PayoutAnswer, PayoutOutcome


def answer_outbox(folder: Path) -> int:
    """Answer every order file not yet answered; gives how many files were."""
    outbox, inbox = folder / "outbox", folder / "inbox"
    done = 0
    for path in sorted(outbox.glob("*.xml")) if outbox.is_dir() else []:
        mark = path.with_suffix(".answered")
        if mark.exists():
            continue
        data = path.read_bytes()
        answers = _answers(data)
        if answers:
            inbox.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = inbox / f"{path.stem}.new"
            partial.write_bytes(pacs002.build(f"A{path.stem}"[:35], datetime.now(UTC), answers))
            partial.replace(inbox / f"{path.stem}-status.xml")
            _float_statement(inbox, path.stem, data, answers)
        mark.touch()
        done += 1
    return done


def _float_statement(inbox: Path, name: str, data: bytes, answers: list[PayoutAnswer]) -> None:
    """What was paid out leaves the float: the partner's statement of it, when the file was a batch of payouts."""
    now = datetime.now(UTC)
    paid = {a.end_to_end_id for a in answers if a.outcome is PayoutOutcome.PAID}
    amounts = {part: money for part, money in _orders(data).items() if part in paid}
    currency = next((m.currency for m in amounts.values()), "")
    ours = account_for(Purpose.FLOAT, currency, now.date())
    if ours is None:
        return
    entries = [Entry(m, f"{name}-{n}", end_to_end_id=e, debit=True) for n, (e, m) in enumerate(amounts.items())]
    partial = inbox / f"{name}-float.new"
    partial.write_bytes(statement(ours, entries, at=now))
    partial.replace(inbox / f"{name}-float.xml")


def _orders(data: bytes) -> dict[str, Money]:
    texts = Texts(pain001.MESSAGE)
    found = {}
    for part in texts.all(read_message(data, pain001.MESSAGE), "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf"):
        amount = texts.one(part, "Amt/InstdAmt")
        found[texts.text(part, "PmtId/EndToEndId")] = Money.from_decimal(Decimal(amount.text), amount.get("Ccy"))
    return found


def _answers(data: bytes) -> list[PayoutAnswer]:
    texts = Texts(pain001.MESSAGE)
    found = []
    for part in texts.all(read_message(data, pain001.MESSAGE), "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf"):
        account = texts.text(part, "CdtrAcct/Id/Othr/Id")
        if account.endswith("999"):
            continue
        closed = account.endswith("000")
        found.append(
            PayoutAnswer(
                texts.text(part, "PmtId/EndToEndId"),
                PayoutOutcome.FAILED if closed else PayoutOutcome.PAID,
                "AC04" if closed else "",
            )
        )
    return found
