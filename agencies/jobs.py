"""Queued work and schedules of this package."""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from agencies.branches import listed, moves
from agencies.importing import jobs as importing
from agencies.insider import assignment, duties
from agencies.licensing import evidence
from agencies.licensing.models import Licence
from agencies.licensing.status import LICENCE, LicenceStatus
from agencies.register.models import RegisterChange
from agencies.register_log import jobs as register_log
from agencies.renewal import jobs as renewal
from agencies.sanctions import case_ends, cases, reviews, suspension
from agencies.security import jobs as security
from agencies.winding_down import jobs as winding_down
from core.actor import SYSTEM
from core.db import legal_today
from core.jobs import every, job

# These declare themselves; the reviews watch the sanctions that end.
__all__ = [
    "expire",
    "importing",
    "lapse_suspensions",
    "register_log",
    "renewal",
    "reviews",
    "security",
    "sweep_register_changes",
    "winding_down",
]
BATCH = 500
KEEP_CHANGES = 1000


@every("35 18 * * *", "agencies.stop_listed")
def stop_listed(session: Session) -> int:
    """Suspend who works for an agency and stands on the blacklist, however they came onto it; gives how many."""
    return listed.stop_listed(session)


@every("20 18 * * *", "agencies.expire")
def expire(session: Session) -> int:
    """Mark licences whose last day has passed, soon after midnight in Nepal; gives how many.

    Everybody counts expiry against the day anyhow (register, ``licence_for``): a night without this job lets nobody
    through. Running twice changes nothing: only open licences are taken, each locked.
    """
    today = legal_today(session)
    due = session.scalars(
        select(Licence)
        .where(
            Licence.status.in_([LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED]),
            Licence.valid_until < today,
        )
        .order_by(Licence.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for licence in due:
        evidence = {"valid_until": licence.valid_until}
        LICENCE.apply(session, licence, "expire", actor=SYSTEM, reason="last day passed", evidence=evidence)
    return len(due)


@every("25 18 * * *", "agencies.lapse_suspensions")
def lapse_suspensions(session: Session) -> int:
    """End sanctions and bars after their own last day, once ended licences are marked; gives how many. May run twice."""
    ended = suspension.lapse(session, BATCH) + case_ends.lapse_bars(session, BATCH)
    return ended + moves.lapse(session, BATCH)


@every("30 18 * * *", "agencies.close_replies")
def close_replies(session: Session) -> int:
    """Proceedings whose time to answer is over go on to the hearing; gives how many. May run twice."""
    return cases.close_replies(session, BATCH)


@every("40 18 * * *", "agencies.sweep_register_changes")
def sweep_register_changes(session: Session) -> None:
    """Drop old change rows; every copy of the register is rebuilt once after it."""
    highest = session.scalars(select(func.max(RegisterChange.id))).one()
    if highest is not None:
        session.execute(delete(RegisterChange).where(RegisterChange.id < highest - KEEP_CHANGES))


@job("agencies.redistribute")
@every("*/5 * * * *", "agencies.redistribute_all")
def redistribute(session: Session) -> int:
    """Draw again where an officer is away, has another post or was missing; gives how many. May run twice."""
    return assignment.redistribute(session, BATCH) + duties.redistribute(session, BATCH)


@every("*/5 * * * *", "agencies.void_changed")
def void_changed(session: Session) -> int:
    """Findings whose facts were changed by no page of ours no longer count; gives how many. May run twice."""
    return evidence.sweep(session, BATCH)
