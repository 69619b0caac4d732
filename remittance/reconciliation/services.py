"""The day's report: our books against the card provider's movements, the bank's statements and the partner's of our float.

Each movement is looked for by its own id and counted on the day on which the other side counts it: a statement is read a
day late. What the other side does not have counts on our own day; a day is one of UTC, as the provider's. Made again, a
report finds what came late; what an officer closed stays closed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.actor import SYSTEM, Actor
from core.audit import record
from core.db import db_now
from core.errors import NotVisible
from core.ids import new_id
from law.country import deployment
from remittance.credit_transfers.models import CreditTransfer
from remittance.funding.port import BalanceTransaction, CardProvider
from remittance.ledger.models import LedgerAccount, LedgerEntry, LedgerTransfer
from remittance.ledger.services import BANK, CARD, FLOAT
from remittance.orders.models import Remittance
from remittance.quotes.accounts import Purpose, account_for
from remittance.reconciliation.models import ReconciliationDifference, ReconciliationReport, StatementEntry
from remittance.reconciliation.status import DifferenceKind, difference_workflow

# Movements of the provider that we post, by the key that we post them under. All others are named one by one.
_KEYS = {
    "charge": ("funded", "settled"), "payment": ("funded", "settled"), "refund": ("refund_left",),
    "payment_refund": ("refund_left",), "refund_failure": ("refund_back",), "payment_failure_refund": ("refund_back",),
}  # fmt: skip
# A demonstration's made-up past has no other side.
MADE_UP = "seed:"
# The other side may count a movement on another day: the provider on a neighbouring one, a statement may come weeks late.
_AROUND, _LATE = timedelta(days=3), timedelta(days=35)


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of an account, ``reference`` being what both sides know it by."""

    account: str
    reference: str
    kind: str
    minor: int


def span(day: date, *, around: timedelta = timedelta(0)) -> tuple[datetime, datetime]:
    """A day of UTC as two instants, with room around it."""
    start = datetime.combine(day, time.min, UTC)
    return start - around, start + timedelta(days=1) + around


def make_reports(session: Session, day: date, provider: CardProvider | None) -> list[ReconciliationReport]:
    """Every account's report of a day: the bank's, the float's and the card provider's, where there is one."""
    made = _compare(
        session, day, BANK, _bank_says(session, *_days(day)), _bank_says(session, day, day), _bank_key(session)
    )
    if account_for(Purpose.FLOAT, deployment().currency, day) is not None:
        told_near, told = _float_says(session, *_days(day)), _float_says(session, day, day)
        made += _compare(session, day, FLOAT, told_near, told, _float_key(session, day))
    if provider is not None:
        near = list(provider.movements(*span(day, around=_AROUND)))
        start, end = span(day)
        that_day = [m for m in near if start <= m.at < end]
        made += _compare(session, day, CARD, _provider_says(near), _provider_says(that_day), _card_key)
    return made


def _days(day: date) -> tuple[date, date]:
    return day - _LATE, day + _LATE


def _bank_says(session: Session, first: date, last: date) -> list[Movement]:
    return [
        Movement(f"{BANK}:{r.currency}", r.entry_key.hex(), "credit" if r.amount_minor > 0 else "debit", r.amount_minor)
        for r in _entries(session, BANK, first, last)
    ]


def _entries(session: Session, account: str, first: date, last: date) -> Iterable[StatementEntry]:
    mine = StatementEntry.account == account
    return session.scalars(select(StatementEntry).where(mine, StatementEntry.booked_on.between(first, last)))


def _float_says(session: Session, first: date, last: date) -> list[Movement]:
    """Debits and what was paid back carry our EndToEndId, the order's reference; a credit without one is a top-up."""
    found = []
    for r in _entries(session, FLOAT, first, last):
        reference = r.end_to_end_id or (_top_up(r.amount_minor) if r.amount_minor > 0 else r.entry_key.hex())
        kind = "credit" if r.amount_minor > 0 else "debit"
        found.append(Movement(f"{FLOAT}:{r.currency}", reference, kind, r.amount_minor))
    return found


def _top_up(minor: int) -> str:
    """No reference of ours goes with a top-up: it is known by its amount."""
    return f"top_up:{minor}"


def _float_key(session: Session, day: date) -> Callable[[str, int], str]:
    """Orders are known to the partner by their reference; the books know them by id."""
    since, until = span(day, around=_LATE)
    orders = {
        f"{kind}:{id_}": reference
        for id_, reference, kind in session.execute(
            select(Remittance.id, Remittance.reference, LedgerTransfer.kind)
            .join(LedgerTransfer, LedgerTransfer.subject_id == Remittance.id)
            .where(LedgerTransfer.kind.in_(["sent", "failed"]), LedgerTransfer.created_at.between(since, until))
        )
    }
    return lambda key, minor: _top_up(minor) if key.startswith("float:") else orders.get(key, key)


def _provider_says(found: Iterable[BalanceTransaction]) -> list[Movement]:
    return [
        Movement(
            f"{CARD}:{m.net.currency}",
            f"{_KEYS[m.kind][-1]}:{m.about}" if m.kind in _KEYS else m.id,
            m.kind,
            m.net.minor,
        )
        for m in found
    ]


def _bank_key(session: Session) -> Callable[[str, int], str]:
    """Credits are posted under the entry's key; debits under the transfer's, which knows the entry that confirmed it."""
    confirmed = {
        f"transfer:{id_}": (key or b"").hex()
        for id_, key in session.execute(
            select(CreditTransfer.id, CreditTransfer.bank_entry_key).where(CreditTransfer.bank_entry_key.is_not(None))
        )
    }
    return lambda key, _minor: confirmed.get(key, key.removeprefix("bank:"))


def _card_key(key: str, _minor: int) -> str:
    """What the sender paid and what the provider counts for it are one movement of the provider."""
    return f"settled:{key.removeprefix('funded:')}" if key.startswith("funded:") else key


def _posted(
    session: Session, kind: str, since: datetime, until: datetime, name: Callable[[str, int], str]
) -> dict[tuple[str, str], Movement]:
    """What we posted to accounts of a kind, summed by account and reference."""
    rows = session.execute(
        select(
            LedgerAccount.code, LedgerTransfer.idempotency_key, LedgerTransfer.kind, func.sum(LedgerEntry.amount_minor)
        )
        .join(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .join(LedgerTransfer, LedgerTransfer.id == LedgerEntry.transfer_id)
        .where(
            LedgerAccount.code.startswith(f"{kind}:"),
            ~LedgerTransfer.idempotency_key.startswith(MADE_UP),
            LedgerTransfer.created_at >= since,
            LedgerTransfer.created_at < until,
        )
        .group_by(LedgerAccount.code, LedgerTransfer.idempotency_key, LedgerTransfer.kind)
    )
    found: dict[tuple[str, str], Movement] = {}
    for account, key, movement, minor in rows:
        reference = name(key, int(minor))
        before = found.get((account, reference))
        total = int(minor) + (before.minor if before else 0)
        found[account, reference] = Movement(account, reference, movement, total)
    return {place: m for place, m in found.items() if m.minor}


def _summed(found: Iterable[Movement]) -> dict[tuple[str, str], Movement]:
    sums: dict[tuple[str, str], Movement] = {}
    for m in found:
        before = sums.get((m.account, m.reference))
        sums[m.account, m.reference] = Movement(
            m.account, m.reference, m.kind, m.minor + (before.minor if before else 0)
        )
    return sums


def _compare(
    session: Session, day: date, kind: str, near: list[Movement], told: list[Movement], name: Callable[[str, int], str]
) -> list[ReconciliationReport]:
    ours_near = _posted(session, kind, *span(day, around=_LATE), name)
    theirs, theirs_near = _summed(told), _summed(near)
    ours = {p: m for p, m in _posted(session, kind, *span(day), name).items() if p not in theirs_near}
    ours |= {p: ours_near[p] for p in theirs if p in ours_near}
    codes = set(session.scalars(select(LedgerAccount.code).where(LedgerAccount.code.startswith(f"{kind}:"))))
    reports = []
    for account in sorted(codes | {m.account for m in told}):
        places = sorted(p for p in {*ours, *theirs} if p[0] == account)
        rows = [_difference(ours_near.get(p), theirs_near.get(p)) for p in places]
        report = _report(session, day, account, ours, theirs, [r for r in rows if r], len(places))
        reports.append(report)
    return reports


def _difference(ours: Movement | None, theirs: Movement | None) -> tuple[DifferenceKind, Movement, int, int] | None:
    some = ours or theirs
    if some is None:
        raise ValueError("a place without a movement")
    mine, other = (ours.minor if ours else 0), (theirs.minor if theirs else 0)
    if mine == other:
        return None
    kind = (
        DifferenceKind.AMOUNT
        if ours and theirs
        else DifferenceKind.NOT_IN_THEIRS
        if ours
        else DifferenceKind.NOT_IN_BOOKS
    )
    return kind, theirs or some, mine, other


def _report(
    session: Session,
    day: date,
    account: str,
    ours: dict[tuple[str, str], Movement],
    theirs: dict[tuple[str, str], Movement],
    rows: list[tuple[DifferenceKind, Movement, int, int]],
    places: int,
) -> ReconciliationReport:
    values = {
        "ours_minor": sum(m.minor for m in ours.values() if m.account == account),
        "theirs_minor": sum(m.minor for m in theirs.values() if m.account == account),
        "matched": places - len(rows), "differences": len(rows), "made_at": db_now(session),
    }  # fmt: skip
    fresh = {"id": new_id(), "day": day, "account": account, "currency": account.split(":")[1]}
    report_id = session.execute(
        insert(ReconciliationReport)
        .values(**fresh, **values)
        .on_conflict_do_update(index_elements=["day", "account"], set_=values)
        .returning(ReconciliationReport.id)
    ).scalar_one()
    _keep(session, report_id, account, rows)
    report = session.get_one(ReconciliationReport, report_id, populate_existing=True)
    record(
        session,
        SYSTEM,
        subject=("reconciliation_report", report.id),
        action="make",
        evidence={"day": day.isoformat(), "account": account, "differences": len(rows)},
    )
    return report


def _keep(
    session: Session, report_id: UUID, account: str, rows: list[tuple[DifferenceKind, Movement, int, int]]
) -> None:
    """One row for each difference; rows are never taken away, and what an officer closed stays closed."""
    known = {
        (d.kind, d.reference): d
        for d in session.scalars(
            select(ReconciliationDifference).where(ReconciliationDifference.report_id == report_id).with_for_update()
        )
    }
    for kind, movement, ours, theirs in rows:
        before = known.get((kind, movement.reference))
        if before is None:
            session.add(
                ReconciliationDifference(
                    report_id=report_id, kind=kind, reference=movement.reference, movement=movement.kind,
                    currency=account.split(":")[1], ours_minor=ours, theirs_minor=theirs,
                )
            )  # fmt: skip
        else:
            before.ours_minor, before.theirs_minor = ours, theirs
    session.flush()


def close(session: Session, actor: Actor, difference_id: UUID, *, reason: str) -> ReconciliationDifference:
    """An officer explains a difference; the explanation stays in the report and in the audit log."""
    found = session.scalars(
        select(ReconciliationDifference)
        .where(ReconciliationDifference.id == difference_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotVisible
    found.closed_by, found.closed_reason = actor.require_account(), reason.strip()
    evidence = {"reference": found.reference, "ours_minor": found.ours_minor, "theirs_minor": found.theirs_minor}
    difference_workflow.apply(session, found, "close", actor=actor, reason=reason, evidence=evidence)
    return found
