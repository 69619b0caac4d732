"""What the calendar does to securities, every night: warn, end guarantees, remind, suspend. Running twice changes nothing.

Each agency is locked before its records are touched; one that an officer works on at that moment is taken the next night.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session

from agencies.registration.models import Agency
from agencies.security import demands, ledger, rules, tranches
from agencies.security.ledger import Officers
from agencies.security.models import SecurityAccount, SecurityAlarm, SecurityDemand, SecurityInstrument
from agencies.security.status import COMING, INSTRUMENT, STANDING, DemandCause, DemandStatus, EntryKind
from core.actor import SYSTEM
from core.db import legal_today

# Papers that the calendar still moves.
LIVE = STANDING | COMING


def _each(session: Session, kind: Any, due: Select[Any], act: Callable[[Session, Agency, Any], bool]) -> int:
    """Run ``act`` on each due record of ``kind``, its agency locked, the record read again; gives how many it changed."""
    done = 0
    for record_id, agency_id in session.execute(due.with_only_columns(kind.id, SecurityAccount.agency_id)).all():
        agency = session.scalars(
            select(Agency).where(Agency.id == agency_id).with_for_update(skip_locked=True)
        ).one_or_none()
        if agency is not None:
            record = session.get_one(kind, record_id, populate_existing=True)
            done += act(session, agency, record)
    session.flush()
    return done


def _untold(end: Any, subject: Any, days: tuple[int, ...], today: date) -> ColumnElement[bool]:
    """Whether a distance has come up that was not told yet."""
    return or_(*((end <= today + timedelta(days=d)) & ~exists().where(subject, SecurityAlarm.days == d) for d in days))


def warn(session: Session) -> int:
    """Warn agencies of guarantees that end soon and before licence and tail are over; gives how many were warned."""
    today = legal_today(session)
    told = SecurityAlarm.instrument_id == SecurityInstrument.id
    due = (
        select(SecurityInstrument)
        .join(SecurityAccount, SecurityAccount.id == SecurityInstrument.account_id)
        .where(
            SecurityInstrument.status.in_(STANDING),
            SecurityInstrument.guarantee_until >= today,
            _untold(SecurityInstrument.guarantee_until, told, rules.alarm_days(), today),
        )
        .order_by(SecurityInstrument.guarantee_until, SecurityInstrument.id)
    )
    return _each(session, SecurityInstrument, due, _warn_one)


def _warn_one(session: Session, agency: Agency, paper: SecurityInstrument) -> bool:
    licence = rules.newest_licence(session, agency.id)
    if paper.status not in STANDING or paper.guarantee_until is None or licence is None:
        return False
    if paper.guarantee_until >= rules.should_stand_until(licence):
        return False
    reached = _reached(rules.alarm_days(), paper.guarantee_until, legal_today(session))
    if not _alarm(session, paper.account_id, reached, instrument_id=paper.id):
        return False
    if INSTRUMENT.allows(paper.status, "warn"):
        INSTRUMENT.apply(session, paper, "warn", actor=SYSTEM, evidence={"until": paper.guarantee_until})
    demands.tell(session, agency.id)
    return True


def _reached(days: Iterable[int], end: date, today: date) -> list[int]:
    """The distances that have come up: after a missed night all of them, told as one."""
    return [d for d in days if today >= end - timedelta(days=d)]


def _alarm(session: Session, account_id: UUID, reached: list[int], **subject: UUID) -> bool:
    """Note the distances that were not noted yet; whether there was any."""
    ((column, subject_id),) = subject.items()
    known = set(session.scalars(select(SecurityAlarm.days).where(getattr(SecurityAlarm, column) == subject_id)).all())
    fresh = [d for d in reached if d not in known]
    session.add_all(SecurityAlarm(account_id=account_id, days=d, **subject) for d in fresh)
    session.flush()
    return bool(fresh)


def end_guarantees(session: Session, batch: int) -> int:
    """Take guarantees whose last day has passed out of the account; gives how many."""
    due = (
        select(SecurityInstrument)
        .join(SecurityAccount, SecurityAccount.id == SecurityInstrument.account_id)
        .where(SecurityInstrument.status.in_(LIVE), SecurityInstrument.guarantee_until < legal_today(session))
        .order_by(SecurityInstrument.guarantee_until, SecurityInstrument.id)
        .limit(batch)
    )
    return _each(session, SecurityInstrument, due, _end_one)


def _end_one(session: Session, agency: Agency, paper: SecurityInstrument) -> bool:
    today = legal_today(session)
    if paper.status not in LIVE or paper.guarantee_until is None or paper.guarantee_until >= today:
        return False
    worth = ledger.left(session, paper.id)
    if worth:
        ledger.post(session, paper, EntryKind.EXPIRED, -worth, Officers())
    INSTRUMENT.apply(session, paper, "expire", actor=SYSTEM, evidence={"until": paper.guarantee_until, "minor": worth})
    missing = _missing(session, agency, worth, today)
    if missing == 0:
        return True
    account = session.get_one(SecurityAccount, paper.account_id)
    # A paper that waits for its bank gets the time of an ordinary demand; without one the day has passed already.
    due = rules.top_up_by(today) if _coming(session, account.id) else paper.guarantee_until
    demands.demand(
        session, SYSTEM, account, cause=DemandCause.EXPIRY, minor=missing, due_on=due, instrument_id=paper.id
    )
    return True


def _missing(session: Session, agency: Agency, worth: int, today: date) -> int:
    """What an ended guarantee leaves open: its worth, unless more is held than is asked for. Nothing without a licence."""
    licence = rules.newest_licence(session, agency.id)
    if licence is None or licence.status not in rules.OPEN:
        return 0
    needed = tranches.required_today(session, licence, today)
    if not needed.known:
        return worth
    return max(0, min(worth, needed.total.minor - ledger.held(session, agency.id).total.minor))


def _coming(session: Session, account_id: UUID) -> bool:
    waits = exists().where(SecurityInstrument.account_id == account_id, SecurityInstrument.status.in_(COMING))
    return bool(session.scalar(select(waits)))


def remind(session: Session) -> int:
    """Remind agencies of demands that fall due soon; gives how many."""
    today = legal_today(session)
    told = SecurityAlarm.demand_id == SecurityDemand.id
    due = (
        select(SecurityDemand)
        .join(SecurityAccount, SecurityAccount.id == SecurityDemand.account_id)
        .where(
            SecurityDemand.status == DemandStatus.OPEN,
            SecurityDemand.due_on >= today,
            _untold(SecurityDemand.due_on, told, rules.reminder_days(), today),
        )
        .order_by(SecurityDemand.due_on, SecurityDemand.id)
    )
    return _each(session, SecurityDemand, due, _remind_one)


def _remind_one(session: Session, agency: Agency, open_demand: SecurityDemand) -> bool:
    if open_demand.status is not DemandStatus.OPEN:
        return False
    reached = _reached(rules.reminder_days(), open_demand.due_on, legal_today(session))
    if not _alarm(session, open_demand.account_id, reached, demand_id=open_demand.id):
        return False
    demands.tell(session, agency.id)
    return True


def run_out(session: Session, batch: int) -> int:
    """Suspend where a demand was not met by its last day; gives how many ran out."""
    due = (
        select(SecurityDemand)
        .join(SecurityAccount, SecurityAccount.id == SecurityDemand.account_id)
        .where(SecurityDemand.status == DemandStatus.OPEN, SecurityDemand.due_on < legal_today(session))
        .order_by(SecurityDemand.due_on, SecurityDemand.id)
        .limit(batch)
    )
    return _each(session, SecurityDemand, due, _run_out_one)


def _run_out_one(session: Session, agency: Agency, late: SecurityDemand) -> bool:
    if late.status is not DemandStatus.OPEN or late.due_on >= legal_today(session):
        return False
    demands.run_out(session, agency, late)
    return True


def nightly(session: Session, batch: int) -> dict[str, int]:
    """Everything, in the order in which one leads to the next."""
    return {
        "warned": warn(session),
        "ended": end_guarantees(session, batch),
        "reminded": remind(session),
        "ran_out": run_out(session, batch),
    }
