"""What law and policy say of securities: how much, for how long, how many workers. No number stands here."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing import rules as licensing
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.status import ApplicationStatus, LicenceStatus
from core.money import Money
from law.country import deployment, due_after
from law.engine import Applied, applies

OPEN = (LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Required:
    """What has to stand behind a licence. ``known`` is False where neither a decision nor the law names an amount; ``lots``
    of it are for more workers than the class allows by itself."""

    cash: Money
    guarantee: Money
    known: bool
    certain: bool
    evidence: dict[str, Any]
    lots: int = 0

    @property
    def total(self) -> Money:
        return self.cash + self.guarantee


@dataclass(frozen=True, slots=True)
class Ended:
    """The earliest end that a guarantee given on a day may have, by the law. ``day`` None: the law names none."""

    day: date | None
    certain: bool
    evidence: dict[str, Any]


def newest_licence(session: Session, agency_id: UUID) -> Licence | None:
    """The newest licence, whatever its state."""
    query = select(Licence).where(Licence.agency_id == agency_id).order_by(Licence.serial.desc()).limit(1)
    return session.scalars(query).one_or_none()


def required(session: Session, licence: Licence | None, on: date) -> Required:
    """What the approver asked for with this licence; where that is not known, what the law says of its class."""
    zero = Money(0, deployment().currency)
    if licence is None:
        return Required(zero, zero, False, False, {})
    if licence.application_id is not None:
        asked = session.get_one(LicenceApplication, licence.application_id)
        if asked.security_currency is not None:
            return _asked_for(asked)
    terms = licensing.class_terms(licence.licence_class, on)
    if terms is None or not terms.known:
        return Required(zero, zero, False, False, {} if terms is None else terms.evidence)
    return Required(terms.cash, terms.guarantee, True, terms.certain, terms.evidence)


def asked_before_licence(session: Session, agency_id: UUID) -> Required | None:
    """What the approver asked for with an approved application that has no licence yet; None where none waits."""
    asked = session.scalars(
        select(LicenceApplication).where(
            LicenceApplication.agency_id == agency_id,
            LicenceApplication.status == ApplicationStatus.SECURITY_PENDING,
            LicenceApplication.security_currency.is_not(None),
        )
    ).one_or_none()
    return _asked_for(asked) if asked is not None else None


def _asked_for(asked: LicenceApplication) -> Required:
    currency = asked.security_currency or deployment().currency
    cash = Money(asked.security_cash_minor or 0, currency)
    guarantee = Money(asked.security_guarantee_minor or 0, currency)
    return Required(cash, guarantee, True, True, {"application_id": asked.id})


def guarantee_floor(on: date) -> Ended:
    """How long a bank guarantee that is given today must stand by the law (``security.guarantee_months``)."""
    found = applies("security.guarantee_months", on=on)
    if not isinstance(found, Applied):
        return Ended(None, False, found.as_evidence())
    return Ended(months_after(on, int(found.value)), found.may_refuse, found.row.as_evidence())


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for shorter in range(4):
        try:
            return date(year, month + 1, day.day - shorter)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _days(standard: str) -> tuple[int, ...]:
    return tuple(sorted((int(d) for d in str(deployment().standard(standard)).split()), reverse=True))


def alarm_days() -> tuple[int, ...]:
    """At how many days before the end of a guarantee the agency is warned, the widest first."""
    return _days("security_alarm_days")


def reminder_days() -> tuple[int, ...]:
    """At how many days before the last day of a demand the agency is reminded, the widest first."""
    return _days("security_reminder_days")


def should_stand_until(licence: Licence) -> date:
    """The day that a guarantee should reach: the end of the licence and its tail."""
    return licence.valid_until + timedelta(days=int(deployment().standard("security_tail_days")))


def claims_until(ended_on: date) -> date:
    """The last day on which claims against an ended licence are taken."""
    return ended_on + timedelta(days=int(deployment().standard("security_claims_days")))


def top_up_by(today: date) -> date:
    return due_after(today, "security_top_up_days")


def show_cause_by(today: date) -> date:
    return due_after(today, "security_show_cause_days")


@dataclass(frozen=True, slots=True)
class WorkerLimit:
    """Workers that a class allows in a year, or in the ``whole_term`` of the licence; ``limit`` None: without end, or,
    where ``known`` is False, not known."""

    licence_class: str
    limit: int | None
    known: bool
    certain: bool
    evidence: dict[str, Any]
    whole_term: bool = False


def worker_limit(licence_class: str, held_cash: Money, held_total: Money, on: date) -> WorkerLimit:
    """The limit of the class, or of a higher one whose security is held in full: who tops up may send more."""
    best = limit_of(licence_class, on)
    for terms in licensing.classes(on):
        enough = terms.known and terms.cash <= held_cash and terms.total <= held_total
        if terms.code == licence_class or not enough or not best.known or best.limit is None:
            continue
        other = limit_of(terms.code, on)
        if other.known and (other.limit is None or other.limit > best.limit):
            best = other
    return best


def limit_of(licence_class: str, on: date) -> WorkerLimit:
    """The limit of a class by itself."""
    found = applies("licence.class", on=on, licence_class=licence_class)
    if not isinstance(found, Applied):
        return WorkerLimit(licence_class, None, False, False, found.as_evidence())
    if "workers_to" not in found.value:
        return WorkerLimit(licence_class, None, False, False, found.row.as_evidence())
    most, whole_term = found.value["workers_to"], bool(found.value.get("whole_term"))
    return WorkerLimit(licence_class, most, True, found.may_refuse, found.row.as_evidence(), whole_term)


def licence_year(issued_on: date, on: date) -> date:
    """The first day of the licence's own year in which a day lies."""
    years = max(0, on.year - issued_on.year)
    start = months_after(issued_on, 12 * years)
    return start if start <= on else months_after(issued_on, 12 * (years - 1))
