"""The fee of an application, for a first licence or a renewal: what the law asks for, and the receipt that finance saw."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing import policies, rules
from agencies.licensing.models import LicenceApplication, LicenceFee
from agencies.licensing.status import ApplicationStatus, Procedure
from agencies.renewal import rules as renewal_rules
from core import audit
from core.actor import Actor
from core.db import legal_day, legal_today
from core.errors import DomainError, TooLate
from core.i18n import _l, format_money
from core.money import Money
from law.engine import Applied, Found


@dataclass(frozen=True, slots=True)
class RecordFee:
    """A receipt that finance has seen: of a bank, or of the office's own cash desk."""

    amount: Money
    receipt: str
    paid_on: date


def asked(session: Session, application: LicenceApplication) -> tuple[Money | None, Found]:
    """What the law asks for on the day on which the application was sent; None where no fee is known."""
    on = legal_day(application.submitted_at) if application.submitted_at else legal_today(session)
    return asked_for(application.procedure, application.licence_class or "", on)


def asked_for(procedure: Procedure, licence_class: str, on: date) -> tuple[Money | None, Found]:
    """The same by what an application asks for, its class, and the day on which it was sent."""
    return renewal_rules.fee(on) if procedure is Procedure.RENEWAL else rules.application_fee(licence_class, on)


def paid(session: Session, application_id: UUID) -> LicenceFee | None:
    return session.scalars(select(LicenceFee).where(LicenceFee.application_id == application_id)).one_or_none()


def is_owed(session: Session, application: LicenceApplication) -> bool:
    """Whether the licence waits for the receipt of a fee that was seen in the law."""
    amount, found = asked(session, application)
    return amount is not None and found.may_refuse and paid(session, application.id) is None


def refuse_unpaid(session: Session, application: LicenceApplication) -> None:
    """
    :raises DomainError: while a fee that was seen in the law has no receipt.
    """
    amount, found = asked(session, application)
    if amount is not None and found.may_refuse and paid(session, application.id) is None:
        raise DomainError(_l("The fee of %(amount)s has no receipt yet.", amount=format_money(amount)))


def record(session: Session, actor: Actor, application_id: UUID, command: RecordFee) -> LicenceFee:
    """A finance officer has seen the receipt of the fee.

    :raises DomainError: for no amount, a day to come, another currency, or less than a fee that was seen in the law.
    :raises TooLate: before the approval, after the licence, or when the fee stands there already.
    """
    held = policies.find_for_finance(session, actor, application_id)
    if held.application.status is not ApplicationStatus.SECURITY_PENDING or paid(session, application_id) is not None:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    if command.paid_on > legal_today(session):
        raise DomainError(_l("This day is still to come."), field="paid_on")
    if not command.receipt.strip():
        raise DomainError(_l("Write the number of the receipt."), field="receipt")
    amount, found = asked(session, held.application)
    if command.amount.minor <= 0 or (amount is not None and command.amount.currency != amount.currency):
        raise DomainError(_l("Write the amount of the fee."), field="fee")
    if amount is not None and found.may_refuse and command.amount.minor < amount.minor:
        raise DomainError(_l("The fee is %(amount)s.", amount=format_money(amount)), field="fee")
    fee = LicenceFee(
        application_id=application_id, amount_minor=command.amount.minor, currency=command.amount.currency,
        receipt=command.receipt.strip(), paid_on=command.paid_on, recorded_by=actor.require_account(),
    )  # fmt: skip
    session.add(fee)
    session.flush()
    evidence = {
        "amount_minor": fee.amount_minor, "currency": fee.currency, "paid_on": fee.paid_on, "receipt": fee.receipt,
        "law": found.row.as_evidence() if isinstance(found, Applied) else {},
    }  # fmt: skip
    audit.record(
        session, actor, subject=("licence_application", application_id), action="record_fee", evidence=evidence
    )
    return fee
