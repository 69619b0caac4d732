"""Demands to bring the security up again: opened by a draw or an ended guarantee, met by papers that the bank confirmed.

One that runs out suspends the licence by itself; the suspension ends by itself when the demand is met. Nobody proposes such a
suspension: its row names no officer, and the log names the system.
"""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.registration.models import Agency
from agencies.sanctions import suspension
from agencies.security import ledger, rules
from agencies.security.models import SecurityAccount, SecurityDemand
from agencies.security.status import DEMAND, WAITING, DemandCause
from core import audit
from core.actor import SYSTEM, Actor
from core.db import legal_today
from core.owners import tell_owners
from core.permissions import SubjectKind

MESSAGE = "security_news"


def tell(session: Session, agency_id: UUID) -> int:
    """Tell the owners of an agency that there is news; the message names nobody and no amount. Gives how many."""
    return tell_owners(session, SubjectKind.AGENCY, agency_id, MESSAGE)


def demand(
    session: Session,
    actor: Actor,
    account: SecurityAccount,
    *,
    cause: DemandCause,
    minor: int,
    due_on: date,
    claim_id: UUID | None = None,
    instrument_id: UUID | None = None,
) -> SecurityDemand:
    """Ask the agency for what is missing now. The caller holds the agency's lock."""
    made = SecurityDemand(
        account_id=account.id, cause=cause, amount_minor=minor, currency=account.currency, due_on=due_on,
        claim_id=claim_id, instrument_id=instrument_id,
    )  # fmt: skip
    session.add(made)
    session.flush()
    evidence = {
        "cause": cause,
        "amount_minor": minor,
        "due_on": due_on,
        "claim_id": claim_id,
        "paper_id": instrument_id,
    }
    audit.record(
        session, actor, subject=("security_demand", made.id), action="demand", evidence=evidence, to_status=made.status
    )
    tell(session, account.agency_id)
    return made


def waiting(session: Session, account_id: UUID) -> list[SecurityDemand]:
    """Demands that are not met, in the order in which they fall due."""
    query = select(SecurityDemand).where(SecurityDemand.account_id == account_id, SecurityDemand.status.in_(WAITING))
    return list(session.scalars(query.order_by(SecurityDemand.due_on, SecurityDemand.id)))


def share(session: Session, account_id: UUID, minor: int) -> Iterator[tuple[SecurityDemand, int]]:
    """How an amount spreads over the open demands, the earliest first."""
    for open_demand in waiting(session, account_id):
        part = min(minor, open_demand.amount_minor - ledger.toward_demand(session, open_demand.id))
        if part > 0:
            minor -= part
            yield open_demand, part


def settle(session: Session, agency: Agency, account_id: UUID) -> None:
    """Close the demands that are met, and lift the suspensions that they caused."""
    for met in waiting(session, account_id):
        if ledger.toward_demand(session, met.id) >= met.amount_minor:
            DEMAND.apply(session, met, "meet", actor=SYSTEM)
            _lift(session, agency.id, met)


def withdraw(session: Session, actor: Actor, dropped: SecurityDemand, reason: str) -> None:
    """A demand whose ground has gone: the payment that caused it was taken back."""
    DEMAND.apply(session, dropped, "withdraw", actor=actor, reason=reason)
    agency_id = session.scalars(select(SecurityAccount.agency_id).where(SecurityAccount.id == dropped.account_id)).one()
    _lift(session, agency_id, dropped)


def _lift(session: Session, agency_id: UUID, settled: SecurityDemand) -> None:
    if settled.sanction_id is None:
        return
    suspension.lift_by_system(session, agency_id, _cause(settled), "the security was brought up again")


def _cause(late: SecurityDemand) -> str:
    return f"security.{late.id}"


def run_out(session: Session, agency: Agency, late: SecurityDemand) -> None:
    """The last day passed and the demand is not met: the licence is suspended, with a day to be heard."""
    today = legal_today(session)
    late.show_cause_by = rules.show_cause_by(today)
    DEMAND.apply(session, late, "run_out", actor=SYSTEM, evidence={"due_on": late.due_on})
    reason = f"Security not brought up by {late.due_on}: {late.reference}. To be heard by {late.show_cause_by}."
    allowed = suspension.limit(today)
    # A limit that was not seen in the law ends nothing by itself: officers read it in the log and decide.
    last_day = allowed.day if allowed.certain else None
    sanction = suspension.suspend_by_system(session, agency.id, reason, _cause(late), last_day)
    if sanction is not None:
        sanction.show_cause_day = late.show_cause_by
        late.sanction_id = sanction.id
        evidence = {"sanction_id": sanction.id, "law": allowed.evidence, "show_cause_by": late.show_cause_by}
        audit.record(session, SYSTEM, subject=("security_demand", late.id), action="suspend", evidence=evidence)
    session.flush()
    tell(session, agency.id)
