"""The bank accounts of this deployment: where senders pay in, by currency, and where the partner's float is kept.

``accounts.json`` in the bank folder, or the made-up ones of the demo. Each row is dated; a newer one of the same purpose
and currency takes over, and statements of the older one are still read. Where a country writes account numbers as IBANs,
the check digits are checked (ISO 13616) when the file is read.
"""

import json
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from stdnum import iban

from core.errors import ConfigurationError, DomainError
from core.money import exponent
from core.settings import current
from remittance.quotes.tariffs import DATA

# Countries of work whose banks number accounts with IBANs.
IBAN_COUNTRIES = frozenset({"AE", "BH", "JO", "KW", "OM", "PK", "QA", "SA"})


class Purpose(StrEnum):
    COLLECTION = "collection"
    FLOAT = "float"


@dataclass(frozen=True, slots=True)
class BankAccount:
    """One account of ours. ``number`` is an IBAN where ``is_iban``; written without spaces."""

    purpose: Purpose
    currency: str
    country: str
    holder: str
    bank: str
    bic: str
    number: str
    effective_from: date
    effective_to: date | None

    @property
    def is_iban(self) -> bool:
        return self.country in IBAN_COUNTRIES

    @property
    def shown(self) -> str:
        """In groups of four, as banks print an IBAN; other numbers as they are."""
        return " ".join(re.findall(".{1,4}", self.number)) if self.is_iban else self.number

    def holds(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


DEMO = DATA / "demo_accounts.json"


def accounts() -> tuple[BankAccount, ...]:
    """Every account, old ones too.

    :raises ConfigurationError: naming what is wrong in the file.
    """
    own = current().bank_folder / "accounts.json"
    if own.is_file():
        return accounts_of(own)
    return accounts_of(DEMO) if current().demo else ()


def accounts_of(path: Path) -> tuple[BankAccount, ...]:
    """The accounts of a file, read again when it changes.

    :raises ConfigurationError: naming what is wrong.
    """
    seen = path.stat()
    return _read(path, (seen.st_mtime_ns, seen.st_size))


def account_for(purpose: Purpose, currency: str, on: date) -> BankAccount | None:
    """The account of a purpose and currency on that day; None when none is set up."""
    found = [a for a in accounts() if a.purpose is purpose and a.currency == currency and a.holds(on)]
    return max(found, key=lambda a: a.effective_from) if found else None


def account_numbered(number: str) -> BankAccount | None:
    """Which of our accounts, old or new, has this number."""
    wanted = compact(number)
    return next((a for a in accounts() if a.number == wanted), None)


def compact(number: str) -> str:
    return re.sub(r"[\s.-]", "", number).upper()


@lru_cache(maxsize=4)
def _read(path: Path, _changed: tuple[int, int]) -> tuple[BankAccount, ...]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["accounts"]
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(f"{path.name}: not a JSON object with a list of accounts.") from None
    return tuple(_account(row, f"{path.name}: account {n}") for n, row in enumerate(rows, start=1))


def _account(row: dict[str, Any], where: str) -> BankAccount:
    try:
        until = row.get("effective_to")
        made = BankAccount(
            purpose=Purpose(row["purpose"]),
            currency=row["currency"],
            country=row["country"],
            holder=row["holder"],
            bank=row["bank"],
            bic=row.get("bic", ""),
            number=compact(row["number"]),
            effective_from=date.fromisoformat(row["effective_from"]),
            effective_to=date.fromisoformat(until) if until else None,
        )
        exponent(made.currency)
    except (KeyError, ValueError, TypeError, AttributeError, DomainError) as wrong:
        raise ConfigurationError(f"{where}: {wrong!r} is missing or has the wrong shape.") from None
    if not made.holder.strip() or not made.bank.strip():
        raise ConfigurationError(f"{where}: the holder and the bank are needed.")
    if made.is_iban and not (iban.is_valid(made.number) and made.number.startswith(made.country)):
        raise ConfigurationError(f"{where}: {made.number} is no IBAN of {made.country}.")
    if not re.fullmatch(r"[0-9A-Z]{5,34}", made.number):
        raise ConfigurationError(f"{where}: {made.number} is no account number.")
    return made
