"""Sessions, bookings, attendance. The certificate is derived; nobody types one."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from agencies.sanctions.case_status import CaseSubject
from agencies.sanctions.queries import is_barred
from contracts.orientation.attendance import RUSHED, Hours, day_of, days, minutes_present
from contracts.orientation.models import (
    AttendanceEvent,
    Direction,
    OrientationCentre,
    OrientationCertificate,
    OrientationSeat,
    OrientationSession,
)
from contracts.orientation.status import SeatStatus, SessionStatus, seat_workflow, session_workflow
from core import audit, messages
from core.actor import SYSTEM, Actor
from core.db import db_now
from core.errors import DomainError, NotVisible, TooLate
from core.i18n import _l, format_number
from core.ids import ALPHABET, new_id
from core.permissions import ClerkRight, SubjectKind
from core.privacy import blind_index, derived_key
from law.country import deployment
from migrants.registration.queries import standing
from migrants.registration.telling import account_of


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session as its centre plans it; instants are aware."""

    starts_at: datetime
    ends_at: datetime
    place: str
    language: str
    trainer: str
    capacity: int


def own_centre(session: Session, actor: Actor, right: ClerkRight | None = None) -> OrientationCentre:
    """The centre that the actor acts for.

    :raises NotVisible: when there is none, or the right is missing.
    """
    own = actor.subject(SubjectKind.CENTRE)
    centre = session.get(OrientationCentre, own) if own else None
    if centre is None or centre.closed_at is not None or not actor.acts_for(SubjectKind.CENTRE, centre.id, right):
        raise NotVisible
    return centre


def plan(session: Session, actor: Actor, command: NewSession) -> OrientationSession:
    """Publish a session: it is open for booking at once."""
    centre = own_centre(session, actor, ClerkRight.SESSIONS)
    if is_barred(session, CaseSubject.ORIENTATION_CENTRE, centre.id):
        raise DomainError(_l("This centre is barred. It can’t hold sessions now."))
    if command.starts_at <= db_now(session):
        raise DomainError(_l("Choose a time in the future."), field="day")
    if command.ends_at <= command.starts_at:
        raise DomainError(_l("The end must come after the start."), field="end")
    hours = days(command.starts_at, command.ends_at)
    longest = timedelta(minutes=deployment().standard("orientation_day_minutes"))
    if not hours or hours[0].ends - hours[0].starts > longest:
        raise DomainError(
            _l("Every day begins and ends at these times. That makes a day too long: write shorter hours."), field="end"
        )
    made = OrientationSession(
        centre_id=centre.id, starts_at=command.starts_at, ends_at=command.ends_at, place=command.place,
        language=command.language, trainer=command.trainer, capacity=command.capacity,
    )  # fmt: skip
    _long_enough(hours)
    session.add(made)
    session.flush()
    session_workflow.apply(session, made, "publish", actor=actor, evidence={"capacity": made.capacity})
    return made


def _long_enough(hours: list[Hours]) -> None:
    """A session in which nobody could get a certificate would cost people their days.

    :raises DomainError: with the minutes that the country's standard asks for.
    """
    needed = deployment().standard("orientation_minutes")
    planned = sum(int((day.ends - day.starts).total_seconds() // 60) for day in hours)
    if planned < needed:
        raise DomainError(
            _l(
                "A certificate needs %(hours)s hours of attendance, by this country’s standard; this session has %(planned)s minutes. "
                "Plan more or longer days.",
                hours=format_number(needed // 60),
                planned=format_number(planned),
            ),
            field="end",
        )


def own_session(
    session: Session, actor: Actor, session_id: UUID, right: ClerkRight, *, lock: bool = False
) -> OrientationSession:
    """A session of the actor's own centre.

    :raises NotVisible: for every other.
    """
    found = session.get(OrientationSession, session_id, with_for_update=lock, populate_existing=lock)
    if found is None or not actor.acts_for(SubjectKind.CENTRE, found.centre_id, right):
        raise NotVisible
    return found


# --- seats ---------------------------------------------------------------------------------------------------------


def attendance_code(seat_id: UUID) -> str:
    """The eight signs that a migrant shows or tells at the door; another for every booking."""
    digest = hmac.new(derived_key("attendance"), seat_id.bytes, sha256).digest()
    return "".join(ALPHABET[byte % 32] for byte in digest[:8])


def _own_migrant(actor: Actor) -> UUID:
    own = actor.subject(SubjectKind.MIGRANT)
    if own is None:
        raise NotVisible
    return own


def book(session: Session, actor: Actor, session_id: UUID) -> OrientationSeat:
    """Take a seat: one UPDATE that the database's constraint guards, so the last seat is given once.

    :raises TooLate: when the session is full, over, or not open.
    :raises DomainError: when the person has a booking already.
    """
    migrant_id = _own_migrant(actor)
    person = standing(session, migrant_id)
    if person is None or person.level < 1:
        raise DomainError(_l("First the portal must know who you are. Finish your registration."))
    centre_id = session.scalar(select(OrientationSession.centre_id).where(OrientationSession.id == session_id))
    if centre_id is not None and is_barred(session, CaseSubject.ORIENTATION_CENTRE, centre_id):
        raise TooLate(_l("This centre is barred. Choose a session of another centre."))
    seat_id = new_id()
    code = blind_index("attendance-code", attendance_code(seat_id))
    seat = OrientationSeat(id=seat_id, session_id=session_id, migrant_id=migrant_id, code_index=code)
    try:
        # Count and seat together or not at all.
        with session.begin_nested():
            _count_seat(session, session_id)
            session.add(seat)
            session.flush()
    except IntegrityError as error:
        if "uq_orientation_seat_active" in str(error.orig):
            raise DomainError(_l("You have a seat already. Give it back first.")) from None
        raise TooLate(_l("This session is full. Choose another.")) from None
    audit.record(session, actor, subject=("orientation_seat", seat.id), action="book", evidence={"session": session_id})
    return seat


def _count_seat(session: Session, session_id: UUID) -> None:
    taken = session.execute(
        update(OrientationSession)
        .where(
            OrientationSession.id == session_id,
            OrientationSession.status == SessionStatus.OPEN,
            OrientationSession.starts_at > db_now(session),
        )
        .values(booked=OrientationSession.booked + 1)
        .returning(OrientationSession.id)
        .execution_options(synchronize_session=False)
    )
    if taken.first() is None:
        raise TooLate(_l("This session can't be booked any more. Choose another."))


def cancel(session: Session, actor: Actor, seat_id: UUID) -> OrientationSeat:
    """Give a seat back."""
    found = session.get(OrientationSeat, seat_id)
    if found is None or found.migrant_id != _own_migrant(actor):
        raise NotVisible
    # The session first, then the seat: the order in which a centre that cancels takes them.
    meeting = session.get_one(OrientationSession, found.session_id, with_for_update=True, populate_existing=True)
    seat = session.get_one(OrientationSeat, seat_id, with_for_update=True, populate_existing=True)
    seat_workflow.apply(session, seat, "cancel", actor=actor)
    meeting.booked -= 1
    session.flush()
    return seat


# --- attendance ----------------------------------------------------------------------------------------------------


def record(session: Session, actor: Actor, session_id: UUID, code: str, direction: Direction) -> OrientationSeat:
    """Note a migrant coming in or going out, by their code, at the server's time.

    :raises DomainError: for a code of another session, outside the hours, or in the wrong order.
    """
    meeting = own_session(session, actor, session_id, ClerkRight.ATTENDANCE)
    now = db_now(session)
    today = day_of(now, days(meeting.starts_at, meeting.ends_at))
    if meeting.status is not SessionStatus.OPEN or today is None:
        raise DomainError(_l("People can be checked in and out only during the session."), field="code")
    typed = "".join(c for c in code.upper() if c.isalnum()).translate(str.maketrans("ILO", "110"))
    seat = session.scalars(
        select(OrientationSeat)
        .where(
            OrientationSeat.session_id == meeting.id,
            OrientationSeat.code_index == blind_index("attendance-code", typed),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if seat is None:
        raise DomainError(_l("This code does not belong to this session."), field="code")
    _end_earlier_day(session, seat, today)
    action = "check_in" if direction is Direction.IN else "check_out"
    if not seat_workflow.allows(seat.status, action):
        raise DomainError(
            _l("This person is inside already.") if direction is Direction.IN else _l("This person is not inside."),
            field="code",
        )
    rushed = _is_rushed(session, actor, now)
    event = AttendanceEvent(
        seat_id=seat.id, direction=direction, at=now, recorded_by=actor.require_account(), rushed=rushed
    )
    session.add(event)
    seat_workflow.apply(session, seat, action, actor=actor, evidence={"rushed": rushed})
    if direction is Direction.OUT:
        _certify(session, seat, meeting)
    return seat


def _end_earlier_day(session: Session, seat: OrientationSeat, today: Hours) -> None:
    """Who forgot to scan out on an earlier day is not inside any more; that day counts nothing for them."""
    if seat.status is not SeatStatus.CHECKED_IN:
        return
    last = session.scalars(
        select(AttendanceEvent.at)
        .where(AttendanceEvent.seat_id == seat.id)
        .order_by(AttendanceEvent.at.desc())
        .limit(1)
    ).one_or_none()
    if last is None or not today.takes(last):
        seat_workflow.apply(session, seat, "forgot_out", actor=SYSTEM, evidence={"last_scan": last})


def _is_rushed(session: Session, actor: Actor, now: datetime) -> bool:
    """Whether this clerk scanned somebody else a moment ago: nobody checks a face that fast."""
    last = session.scalar(
        select(AttendanceEvent.at)
        .where(AttendanceEvent.recorded_by == actor.account_id)
        .order_by(AttendanceEvent.at.desc())
        .limit(1)
    )
    return last is not None and now - last < RUSHED


def _certify(session: Session, seat: OrientationSeat, meeting: OrientationSession) -> None:
    """Make the certificate once the times add up; never otherwise."""
    session.flush()
    events = session.execute(
        select(AttendanceEvent.direction, AttendanceEvent.at).where(AttendanceEvent.seat_id == seat.id)
    )
    minutes = minutes_present([(row.direction, row.at) for row in events], days(meeting.starts_at, meeting.ends_at))
    if minutes < deployment().standard("orientation_minutes"):
        return
    certificate = OrientationCertificate(migrant_id=seat.migrant_id, seat_id=seat.id, minutes=minutes)
    session.add(certificate)
    seat_workflow.apply(session, seat, "certify", actor=SYSTEM, evidence={"minutes": minutes})


def close(session: Session, actor: Actor, session_id: UUID) -> OrientationSession:
    """Close a session that is over; who was not there long enough is absent."""
    meeting = own_session(session, actor, session_id, ClerkRight.SESSIONS, lock=True)
    if meeting.ends_at > db_now(session):
        raise DomainError(_l("The session is not over yet."))
    session_workflow.apply(session, meeting, "close", actor=actor)
    for seat in _active_seats(session, meeting):
        seat_workflow.apply(session, seat, "miss", actor=SYSTEM)
    return meeting


def _active_seats(session: Session, meeting: OrientationSession) -> Sequence[OrientationSeat]:
    """Seats of a locked session whose people are still expected, locked too."""
    active = [SeatStatus.BOOKED, SeatStatus.CHECKED_IN, SeatStatus.PRESENT]
    return session.scalars(
        select(OrientationSeat)
        .where(OrientationSeat.session_id == meeting.id, OrientationSeat.status.in_(active))
        .order_by(OrientationSeat.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def call_off(session: Session, actor: Actor, session_id: UUID, reason: str) -> OrientationSession:
    """Cancel a session that will not take place, or not to its end: nobody is absent, everybody can book another.

    Who has the certificate already keeps it. Each person is told to look at their own page, where the reason stands.

    :raises DomainError: without a reason, or once the session is over.
    """
    meeting = own_session(session, actor, session_id, ClerkRight.SESSIONS, lock=True)
    if meeting.status is SessionStatus.OPEN and meeting.ends_at <= db_now(session):
        raise DomainError(_l("This session is over. Close it."))
    session_workflow.apply(session, meeting, "cancel", actor=actor, reason=reason)
    meeting.cancelled_reason = reason.strip()
    seats = _active_seats(session, meeting)
    for seat in seats:
        seat_workflow.apply(session, seat, "call_off", actor=SYSTEM)
        tell(session, seat.migrant_id, "session_cancelled")
    meeting.booked -= len(seats)
    session.flush()
    return meeting


def tell(session: Session, migrant_id: UUID, template: str) -> None:
    """Ask the person to look at their own page; the message names nobody. Who has no account is told nothing."""
    account = account_of(session, migrant_id)
    if account is not None:
        messages.send(session, template=template, account=account)
