"""An approved application and its security: what is asked for, what the banks have confirmed, and whose step it is."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from agencies.licensing import fees
from agencies.licensing.models import LicenceApplication
from agencies.licensing.status import APPLICATION_TITLES, ApplicationStatus, SecurityKind
from agencies.security.ledger import held as held_security
from agencies.security.models import SecurityAccount, SecurityEntry, SecurityInstrument
from agencies.security.status import COMING
from core.i18n import _l, format_money
from core.money import Money

FEE_MISSING = _l("Approved and the security is complete: the receipt of the fee is missing")
READY = _l("Approved and the security is complete: ready to issue")


@dataclass(frozen=True, slots=True)
class SecurityState:
    """What is asked for and what is there, in the currency of the decision."""

    asked_cash: Money
    asked_guarantee: Money
    cash: Money
    guarantee: Money

    @property
    def complete(self) -> bool:
        """Cash in full, and all of it together; more cash may stand in for the guarantee."""
        return self.cash.minor >= self.asked_cash.minor and self.missing.minor == 0

    @property
    def missing(self) -> Money:
        """What is still to come, in all."""
        asked = self.asked_cash.minor + self.asked_guarantee.minor
        short = asked - self.cash.minor - self.guarantee.minor
        short = max(short, self.asked_cash.minor - self.cash.minor, 0)
        return Money(short, self.cash.currency)


def security_state(session: Session, application: LicenceApplication) -> SecurityState | None:
    """What the bank has confirmed for the agency and lasts as long as the licence; None before the approval."""
    currency = application.security_currency
    if currency is None:
        return None
    there = held_security(session, application.agency_id, until=application.valid_until)
    return SecurityState(
        Money(application.security_cash_minor or 0, currency),
        Money(application.security_guarantee_minor or 0, currency),
        there.cash,
        there.guarantee,
    )


def coming_state(session: Session, application: LicenceApplication) -> SecurityState | None:
    """The same with the papers whose bank has not answered yet: whether the agency has brought all that it has to."""
    state = security_state(session, application)
    if state is None:
        return None
    lasts = (SecurityInstrument.kind == SecurityKind.CASH) | (
        SecurityInstrument.guarantee_until >= application.valid_until
    )
    rows = session.execute(
        select(SecurityInstrument.kind, func.sum(SecurityInstrument.amount_minor))
        .join(SecurityAccount, SecurityAccount.id == SecurityInstrument.account_id)
        .where(
            SecurityAccount.agency_id == application.agency_id,
            SecurityInstrument.status.in_(list(COMING)),
            SecurityInstrument.currency == state.cash.currency,
            SecurityInstrument.replaces_id.is_(None),
            lasts,
        )
        .group_by(SecurityInstrument.kind)
    )
    more = {kind: int(minor) for kind, minor in rows}
    return SecurityState(
        state.asked_cash,
        state.asked_guarantee,
        state.cash + Money(more.get(SecurityKind.CASH, 0), state.cash.currency),
        state.guarantee + Money(more.get(SecurityKind.GUARANTEE, 0), state.guarantee.currency),
    )


def complete() -> ColumnElement[bool]:
    """The same as :attr:`SecurityState.complete`, as a WHERE clause on :class:`LicenceApplication`."""
    a = LicenceApplication
    lasting = or_(SecurityInstrument.kind == SecurityKind.CASH, SecurityInstrument.guarantee_until >= a.valid_until)
    entries = (
        select(func.coalesce(func.sum(SecurityEntry.amount_minor), 0))
        .join(SecurityAccount, SecurityAccount.id == SecurityEntry.account_id)
        .join(SecurityInstrument, SecurityInstrument.id == SecurityEntry.instrument_id)
        .where(SecurityAccount.agency_id == a.agency_id, lasting)
        .correlate(a)
    )
    cash = entries.where(SecurityEntry.measure == SecurityKind.CASH).scalar_subquery()
    asked_cash = func.coalesce(a.security_cash_minor, 0)
    asked = asked_cash + func.coalesce(a.security_guarantee_minor, 0)
    return a.security_currency.is_not(None) & (cash >= asked_cash) & (entries.scalar_subquery() >= asked)


def title_of(session: Session, application: LicenceApplication, state: SecurityState | None) -> Any:
    """How the application stands, in words for officers: an approval whose security is there waits for the licence alone."""
    if application.status is ApplicationStatus.SECURITY_PENDING and state is not None and state.complete:
        return FEE_MISSING if fees.is_owed(session, application) else READY
    return APPLICATION_TITLES[application.status]


def whose_step(session: Session, application: LicenceApplication, state: SecurityState | None) -> Any:
    """Who has to do what before an approved application becomes a licence; None in any other state."""
    if application.status is not ApplicationStatus.SECURITY_PENDING or state is None:
        return None
    if state.complete and fees.is_owed(session, application):
        return _l("The security is complete. Now a finance officer records the receipt of the fee.")
    if state.complete:
        return _l(
            "The security is complete. Now a finance officer issues the licence; whoever reviewed or decided the application "
            "may not."
        )
    waiting = session.scalar(
        select(func.count())
        .select_from(SecurityInstrument)
        .join(SecurityAccount, SecurityAccount.id == SecurityInstrument.account_id)
        .where(SecurityAccount.agency_id == application.agency_id, SecurityInstrument.status.in_(COMING))
    )
    if waiting:
        return _l(
            "A bank paper is here. Now a finance officer records it and asks the bank; a second finance officer records the "
            "bank’s answer."
        )
    return _l("Now the agency brings the security: %(amount)s is missing.", amount=format_money(state.missing))
