"""The terms of a job, as data: one shape for what a job order promises and what a contract says."""

import json
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from hashlib import sha256
from typing import Any

from core.errors import DomainError
from core.i18n import _l
from core.money import exponent


class Payer(StrEnum):
    """Who pays."""

    EMPLOYER = "employer"
    WORKER = "worker"


class Provision(StrEnum):
    """How food or lodging is given."""

    PROVIDED = "provided"
    ALLOWANCE = "allowance"
    NONE = "none"


class PassportKeeper(StrEnum):
    """Who keeps the passport. Only the worker may."""

    WORKER = "worker"
    EMPLOYER = "employer"


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of one job. Wage is for a month, in minor units; times in hours, days and months as named.

    ``occupation`` is an ISCO-08 unit group, ``country`` ISO 3166-1 alpha-2, ``worker_pays_minor`` everything that the
    worker is asked to pay in the country of origin, in that country's currency.
    """

    post: str
    occupation: str
    employer: str
    country: str
    site: str
    wage_minor: int
    wage_currency: str
    hours_per_day: int
    days_per_week: int
    overtime_paid: bool
    food: Provision
    lodging: Provision
    ticket_out: Payer
    ticket_back: Payer
    insurance: Payer
    leave_days: int
    term_months: int
    probation_months: int
    notice_days: int
    worker_pays_minor: int
    passport_kept_by: PassportKeeper

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    def digest(self) -> bytes:
        """SHA-256 of the canonical document: what is signed and accepted."""
        return sha256(canonical(self.as_data())).digest()


def canonical(data: dict[str, Any]) -> bytes:
    """One way to write the document: sorted keys, no spaces, UTF-8."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


LIMITS = {
    "wage_minor": (1, 10**12), "hours_per_day": (1, 16), "days_per_week": (1, 7), "leave_days": (0, 120),
    "term_months": (1, 60), "probation_months": (0, 12), "notice_days": (0, 180), "worker_pays_minor": (0, 10**12),
}  # fmt: skip


def read_terms(data: dict[str, Any]) -> Terms:
    """Terms from stored or typed data, checked.

    :raises DomainError: naming the field.
    """
    known = {f.name for f in fields(Terms)}
    if set(data) != known:
        raise DomainError(_l("The terms are not complete."))
    exponent(data["wage_currency"])
    for name, (low, high) in LIMITS.items():
        if not isinstance(data[name], int) or isinstance(data[name], bool) or not low <= data[name] <= high:
            raise DomainError(_l("This number can't be right."), field=name)
    values = dict(data)
    for name, kind in (
        ("food", Provision), ("lodging", Provision), ("ticket_out", Payer), ("ticket_back", Payer), ("insurance", Payer),
        ("passport_kept_by", PassportKeeper),
    ):  # fmt: skip
        values[name] = kind(values[name])
    return Terms(**values)
