"""Bank statements for tests: camt.053 written as a bank writes it."""

import re
from xml.sax.saxutils import escape

from core.money import Money, plain_amount
from remittance.quotes.accounts import DEMO, Purpose, accounts_of

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>{message}</MsgId><CreDtTm>2026-11-20T06:00:00Z</CreDtTm></GrpHdr>
<Stmt><Id>{message}</Id><CreDtTm>2026-11-20T06:00:00Z</CreDtTm><Acct><Id>{ours}</Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">0</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-11-20</Dt></Dt></Bal>
"""
ENTRY = """<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>{state}</Cd></Sts>
<BookgDt><Dt>2026-11-20</Dt></BookgDt><AcctSvcrRef>{bank}</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls>{refs}<RltdPties><Dbtr><Pty><Nm>{payer}</Nm></Pty></Dbtr>{account}</RltdPties><RmtInf>{text}</RmtInf></TxDtls></NtryDtls></Ntry>
"""


# The demo's accounts, one for each currency.
OURS = {a.currency: a.number for a in accounts_of(DEMO) if a.purpose is Purpose.COLLECTION}


def _number(number: str) -> str:
    return f"<IBAN>{number}</IBAN>" if re.match(r"[A-Z]{2}[0-9]{2}", number) else f"<Othr><Id>{number}</Id></Othr>"


def statement(
    entries: list[tuple[Money, str, str, str]],
    *,
    message: str = "S1",
    side: str = "CRDT",
    state: str = "BOOK",
    free: bool = False,
    account: str = "",
    end_to_end: str = "",
    ours: str = "",
) -> bytes:
    """Entries of (amount, reference, payer, the bank's own reference) on ``ours``; ``free``: the reference stands in a free text."""
    currency = entries[0][0].currency if entries else "QAR"
    body = ""
    for amount, reference, payer, bank in entries:
        if free:
            text = f"<Ustrd>{escape(reference)}</Ustrd>"
        else:
            text = f"<Strd><CdtrRefInf><Ref>{escape(reference)}</Ref></CdtrRefInf></Strd>" if reference else ""
        body += ENTRY.format(
            currency=amount.currency,
            amount=plain_amount(amount),
            side=side,
            state=state,
            bank=bank,
            payer=escape(payer),
            text=text,
            account=f"<DbtrAcct><Id><Othr><Id>{account}</Id></Othr></Id></DbtrAcct>" if account else "",
            refs=f"<Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>" if end_to_end else "",
        )
    return (
        HEAD.format(message=message, currency=currency, ours=_number(ours or OURS[currency]))
        + body
        + "</Stmt></BkToCstmrStmt></Document>"
    ).encode()
