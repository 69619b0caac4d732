"""Who has to act on an application, and until when: a day set anew at each move to another part of the work.

Steps that the applicant can not tell apart share one clock, so that a day tells nothing about a stop or a half approval.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing.models import LicenceApplication
from agencies.licensing.securing import coming_state
from agencies.licensing.status import APPLICATION, ApplicationStatus, Party
from agencies.security.models import SecurityAccount, SecurityInstrument
from agencies.security.status import INSTRUMENT
from core import audit
from core.actor import SYSTEM, Actor
from core.db import legal_today
from core.workflow import Transition
from law.country import due_if_set

_S = ApplicationStatus


@dataclass(frozen=True, slots=True)
class Clock:
    """``standard`` names the row of the country's policy that says how many working days."""

    party: Party
    standard: str


REVIEW = Clock(Party.OFFICE, "review_days")
DECISION = Clock(Party.OFFICE, "licence_decision_days")
SECURITY = Clock(Party.AGENCY, "licence_security_days")
PAPERS_IN = Clock(Party.OFFICE, "security_review_days")
CLOCKS = {
    _S.SUBMITTED: REVIEW,
    _S.STOPPED: REVIEW,
    _S.IN_REVIEW: REVIEW,
    _S.INSPECTION: Clock(Party.INSPECTOR, "licence_visit_days"),
    _S.RETURNED: Clock(Party.AGENCY, "licence_mend_days"),
    _S.DECISION: DECISION,
    _S.SECOND_CHECK: DECISION,
    _S.SECURITY_PENDING: SECURITY,
}


def day_of(session: Session, status: ApplicationStatus) -> date | None:
    """The last day for whoever has to act in a state that begins today."""
    return due_if_set(legal_today(session), CLOCKS[status].standard)


def _set(session: Session, application: LicenceApplication, clock: Clock | None) -> None:
    application.awaits = clock.party if clock else None
    application.due_on = due_if_set(legal_today(session), clock.standard) if clock else None


def on_move(
    session: Session, application: LicenceApplication, transition: Transition[ApplicationStatus], _actor: Actor
) -> None:
    """Start the clock of the new state; a move within one part of the work lets the old one run on."""
    clock = CLOCKS.get(transition.target)
    if clock is not None and all(CLOCKS.get(s) == clock for s in transition.sources):
        return
    _set(session, application, clock)
    if transition.target is _S.SECURITY_PENDING:
        # At a renewal the security may be there already.
        reconsider(session, application)


def reconsider(session: Session, application: LicenceApplication) -> None:
    """After an approval the agency has to act until enough papers are in, and then the office; and back, when the bank
    does not stand for one of them."""
    if application.status is not _S.SECURITY_PENDING:
        return
    state = coming_state(session, application)
    clock = PAPERS_IN if state is not None and state.complete else SECURITY
    if application.awaits is clock.party:
        return
    before = application.awaits
    _set(session, application, clock)
    session.flush()
    audit.record(
        session, SYSTEM, subject=(APPLICATION.name, application.id), action="pass_on",
        evidence={"from": before, "to": clock.party, "due_on": application.due_on, "policy": clock.standard},
    )  # fmt: skip


def after_instrument(session: Session, instrument: SecurityInstrument, _transition: Any, _actor: Actor) -> None:
    """A bank paper was recorded, answered for by its bank, or is gone."""
    agency_id: UUID = session.scalars(
        select(SecurityAccount.agency_id).where(SecurityAccount.id == instrument.account_id)
    ).one()
    waiting = session.scalars(
        select(LicenceApplication)
        .where(LicenceApplication.agency_id == agency_id, LicenceApplication.status == _S.SECURITY_PENDING)
        .with_for_update()
    ).one_or_none()
    if waiting is not None:
        reconsider(session, waiting)


APPLICATION.watch(on_move)
INSTRUMENT.watch(after_instrument)
