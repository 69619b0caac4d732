"""The security of an approved application: what is asked for, what the bank has confirmed, what is on its way."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agencies.licensing.models import LicenceApplication
from agencies.licensing.status import SecurityKind
from agencies.security.ledger import held as held_security
from agencies.security.models import SecurityAccount, SecurityInstrument
from agencies.security.status import COMING
from core.money import Money


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
