"""At the airport: a departure is written down, mended within hours, or stopped because something does not match."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contracts import quota
from contracts.clearance.models import DepartureClearance
from contracts.clearance.replacing import follow_registered
from contracts.clearance.status import ENDED, ClearanceStatus, clearance_workflow
from contracts.clearance.watch import missing_grounds
from contracts.employment.status import Place
from core.actor import Actor
from core.db import db_now, legal_today
from core.errors import DomainError, NotVisible, TooLate
from core.i18n import _l, format_date
from core.permissions import Permission, SubjectKind
from law.country import deployment, due_after
from migrants.registration.telling import tell_of_change


def _at_desk(session: Session, actor: Actor, clearance_id: UUID) -> DepartureClearance:
    """The clearance, locked, for an officer of an airport; never the officer's own."""
    actor.require(Permission.DEPARTURE_RECORD)
    clearance = session.get(DepartureClearance, clearance_id, with_for_update=True, populate_existing=True)
    if clearance is None or clearance.migrant_id in actor.subjects(SubjectKind.MIGRANT):
        raise NotVisible
    return clearance


def other_day(session: Session, clearance: DepartureClearance) -> bool:
    """Whether the flight that was applied for is on another day than today: then the officer says why."""
    return clearance.flight_on is not None and clearance.flight_on != legal_today(session)


def depart(session: Session, actor: Actor, clearance_id: UUID, reason: str = "") -> DepartureClearance:
    """The airport's officer has seen person, passport and clearance.

    :raises DomainError: when it has run out, is held, or the flight is on another day and no reason is given.
    """
    clearance = _at_desk(session, actor, clearance_id)
    if clearance.valid_until is not None and clearance.valid_until < legal_today(session):
        raise DomainError(_l("This clearance has run out."))
    if clearance.status is ClearanceStatus.HELD or missing_grounds(session, clearance, departing=True, lock=True):
        raise DomainError(
            _l("This clearance is held: something it stands on has fallen away. Send the person to the desk.")
        )
    if other_day(session, clearance) and not reason.strip():
        day = format_date(clearance.flight_on)
        raise DomainError(
            _l("The flight was to be on %(day)s, not today. Look at the ticket, and say why.", day=day), field="reason"
        )
    quota.move(session, quota.locked_contract(session, clearance.contract_id), Place.DEPARTED)
    evidence = {"flight_on": clearance.flight_on, "other_day": other_day(session, clearance)}
    clearance_workflow.apply(session, clearance, "depart", actor=actor, reason=reason, evidence=evidence)
    clearance.departed_at = db_now(session)
    return clearance


def correctable_until(clearance: DepartureClearance) -> datetime | None:
    """Until when a departure can be taken back; None when none is written down."""
    if clearance.status is not ClearanceStatus.DEPARTED or clearance.departed_at is None:
        return None
    return clearance.departed_at + timedelta(hours=deployment().standard("departure_correction_hours"))


def correct(session: Session, actor: Actor, clearance_id: UUID, reason: str) -> DepartureClearance:
    """A departure that did not happen is taken back, by the same officer or another: both rows stay in the log.

    :raises TooLate: after the window, or when the person has begun to prepare another departure.
    """
    clearance = _at_desk(session, actor, clearance_id)
    until = correctable_until(clearance)
    if until is not None and until < db_now(session):
        raise TooLate(_l("It is too late to correct this here. Write to the clearance office."))
    another = select(DepartureClearance.id).where(
        DepartureClearance.migrant_id == clearance.migrant_id, DepartureClearance.status.not_in(ENDED)
    )
    if until is not None and session.scalar(another.limit(1)) is not None:
        raise _prepared()
    try:
        with session.begin_nested():
            clearance_workflow.apply(session, clearance, "correct_departure", actor=actor, reason=reason)
    except IntegrityError:
        # Begun in this very moment: the database allows one in hand.
        raise _prepared() from None
    contract = quota.locked_contract(session, clearance.contract_id)
    if contract.place is Place.DEPARTED:
        quota.move(session, contract, Place.CLEARED)
    clearance.departed_at = None
    session.flush()
    follow_registered(session, actor, clearance.migrant_id)
    return clearance


def _prepared() -> TooLate:
    return TooLate(_l("The person prepares another departure already. Write to the clearance office."))


def stop(session: Session, actor: Actor, clearance_id: UUID, reason: str) -> DepartureClearance:
    """Person, passport and clearance do not match: nobody departs on it until the clearance office has looked."""
    clearance = _at_desk(session, actor, clearance_id)
    clearance_workflow.apply(session, clearance, "stop", actor=actor, reason=reason)
    clearance.due_on = due_after(legal_today(session), "clearance_review_days")
    tell_of_change(session, clearance.migrant_id)
    return clearance
