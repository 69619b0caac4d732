"""Posting to the books and reading them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import DomainError
from core.i18n import _l
from core.ids import new_id
from core.money import Money
from remittance.ledger.models import LedgerAccount, LedgerEntry, LedgerTransfer


@dataclass(frozen=True, slots=True)
class Leg:
    """One entry to be: account code and amount, a debit positive."""

    account: str
    amount: Money


# Codes of accounts by kind, each in one currency. Only the partner's float is guarded: it was paid in beforehand.
BANK, CARD, FLOAT, IN_TRANSFER, EXCHANGE = "bank", "card_clearing", "partner_float", "in_transfer", "exchange"
OWED, OWED_PAYOUT, FEES, PROVIDER_FEES, SUSPENSE = "owed", "owed_payout", "fees", "provider_fees", "suspense"
OWN_FUNDS = "own_funds"
# Money that was decided to be given back and has not yet left: until the bank or the card provider says so.
PAYABLE = "payable"
FLOORS = {FLOAT: 0}


class NotCovered(DomainError):
    """A guarded account does not hold enough."""

    status = 409


def debit(kind: str, money: Money) -> Leg:
    return Leg(f"{kind}:{money.currency}", money)


def credit(kind: str, money: Money) -> Leg:
    return Leg(f"{kind}:{money.currency}", -money)


def ensure_accounts(session: Session, codes: Sequence[str]) -> None:
    """Make the accounts that are missing. Called before posting: an account made on the fly could not be locked."""
    for code in sorted(set(codes)):
        kind, currency = code.split(":")
        session.execute(
            text(
                "INSERT INTO ledger_account (id, code, currency, floor_minor) VALUES (:id, :code, :currency, :floor)"
                " ON CONFLICT (code) DO NOTHING"
            ),
            {"id": new_id(), "code": code, "currency": currency, "floor": FLOORS.get(kind)},
        )


def post(session: Session, key: str, *, kind: str, subject_id: UUID | None, legs: Sequence[Leg]) -> UUID:
    """Post one transfer, once for its key; posting it again gives the first one's id and changes nothing.

    :raises NotCovered: when a guarded account would fall below its floor.
    :raises ValueError: when the key was used for other legs.
    """
    ensure_accounts(session, [leg.account for leg in legs if leg.amount.minor])
    body = _body(legs)
    session.flush()
    try:
        with session.begin_nested():
            return UUID(
                str(
                    session.execute(
                        text("SELECT post_transfer(:id, :key, :kind, :subject, CAST(:legs AS jsonb))"),
                        {"id": new_id(), "key": key, "kind": kind, "subject": subject_id, "legs": json.dumps(body)},
                    ).scalar_one()
                )
            )
    except IntegrityError as error:
        if "ck_ledger_account_floor" in str(error.orig):
            raise NotCovered(_l("The partner’s float does not cover this. It has to be topped up first.")) from None
        if "used for other legs" in str(error.orig):
            raise ValueError(f"the ledger key {key} was used for other legs") from None
        raise


def reverse(session: Session, key: str, new_key: str, *, kind: str) -> UUID:
    """Post the exact opposite of what a key posted.

    :raises ValueError: when nothing was posted under that key.
    """
    known = session.scalars(select(LedgerTransfer).where(LedgerTransfer.idempotency_key == key)).one_or_none()
    if known is None:
        raise ValueError(f"nothing was posted under the ledger key {key}")
    rows = session.execute(
        select(LedgerAccount.code, LedgerEntry.currency, LedgerEntry.amount_minor)
        .join(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .where(LedgerEntry.transfer_id == known.id)
        .order_by(LedgerAccount.code, LedgerEntry.id)
    )
    legs = [Leg(code, Money(-minor, currency)) for code, currency, minor in rows]
    return post(session, new_key, kind=kind, subject_id=known.subject_id, legs=legs)


def is_posted(session: Session, key: str) -> bool:
    return session.scalar(select(LedgerTransfer.id).where(LedgerTransfer.idempotency_key == key)) is not None


@dataclass(frozen=True, slots=True)
class Posting:
    """One transfer to be posted among many."""

    key: str
    kind: str
    subject_id: UUID | None
    legs: Sequence[Leg]


def post_many(session: Session, postings: Sequence[Posting]) -> None:
    """Post many transfers in order, for imports: the first that is refused refuses them all."""
    ensure_accounts(session, [leg.account for p in postings for leg in p.legs])
    session.flush()
    values = [
        {"id": new_id(), "key": p.key, "kind": p.kind, "subject": p.subject_id, "legs": json.dumps(_body(p.legs))}
        for p in postings
    ]
    if values:
        session.connection().execute(
            text("SELECT post_transfer(:id, :key, :kind, :subject, CAST(:legs AS jsonb))"), values
        )


def _body(legs: Sequence[Leg]) -> list[dict[str, object]]:
    return [
        {"account": leg.account, "currency": leg.amount.currency, "amount": leg.amount.minor, "id": str(new_id())}
        for leg in legs
        if leg.amount.minor
    ]


def balance(session: Session, code: str) -> Money:
    """The balance of an account, summed from its entries."""
    currency = code.split(":")[1]
    total = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerAccount.code == code)
    )
    return Money(int(total or 0), currency)


def subject_balance(session: Session, subject_id: UUID, code: str) -> Money:
    """What an account holds for one remittance."""
    total = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .join(LedgerTransfer, LedgerTransfer.id == LedgerEntry.transfer_id)
        .where(LedgerAccount.code == code, LedgerTransfer.subject_id == subject_id)
    )
    return Money(int(total or 0), code.split(":")[1])


def trial_balance(session: Session) -> list[tuple[str, Money]]:
    """Every account with its balance: within a currency they sum to zero."""
    rows = session.execute(
        select(LedgerAccount.code, LedgerAccount.currency, func.coalesce(func.sum(LedgerEntry.amount_minor), 0))
        .join(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id, isouter=True)
        .group_by(LedgerAccount.code, LedgerAccount.currency)
        .order_by(LedgerAccount.currency, LedgerAccount.code)
    )
    return [(code, Money(int(total), currency)) for code, currency, total in rows]
