from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from contracts.orientation import documents, inspection, queries, services
from contracts.orientation.attendance import Hours, days, minutes_present
from contracts.orientation.models import (
    AttendanceEvent,
    Direction,
    OrientationCentre,
    OrientationCertificate,
    OrientationSeat,
    OrientationSession,
)
from contracts.orientation.status import SeatStatus, SessionStatus, seat_workflow, session_workflow
from core.accounts import NewAccount, actor_for, add_membership, create_account
from core.actor import Actor
from core.db import db_now
from core.errors import DomainError, NotVisible, TooLate
from core.messages import OutgoingMessage
from core.permissions import ClerkRight, StaffRole, SubjectKind
from core.verification import Answer, verify
from tests.contracts import factories as make
from tests.migrants.factories import PASSWORD, account_of, office, officer

Sessions = sessionmaker[Session]
START = datetime(2026, 11, 24, 4, tzinfo=UTC)


def centre(session: Session, name: str = "Kathmandu Orientation Centre") -> tuple[OrientationCentre, Actor]:
    made = OrientationCentre(name=name, district="Kathmandu", office_id=office(session).id)
    session.add(made)
    account = create_account(session, NewAccount("Gopal Rai", PASSWORD))
    session.flush()
    add_membership(session, account, kind=SubjectKind.CENTRE, subject_id=made.id, is_owner=True)
    return made, actor_for(session, account)


def meeting(session: Session, owner: Actor, *, capacity: int = 10, hours: int = 8) -> OrientationSession:
    """Two days, from tomorrow on at this time of day."""
    now = db_now(session)
    plan = services.NewSession(
        now + timedelta(days=1), now + timedelta(days=2, hours=hours), "Hall 1", "ne", "Bina Lama", capacity
    )
    return services.plan(session, owner, plan)


def move(session: Session, found: OrientationSession, by: timedelta) -> None:
    """As if the clock stood elsewhere: the session is moved against the server's time."""
    found.starts_at += by
    found.ends_at += by
    session.flush()


def test_the_transition_tables_are_the_ones_that_were_agreed():
    assert session_workflow.pairs() == {
        ("planned", "publish", "open"), ("open", "close", "closed"), ("planned", "cancel", "cancelled"), ("open", "cancel", "cancelled"),
    }  # fmt: skip
    assert seat_workflow.pairs() == {
        ("booked", "check_in", "checked_in"), ("present", "check_in", "checked_in"), ("checked_in", "check_out", "present"),
        ("checked_in", "forgot_out", "present"),
        ("booked", "call_off", "cancelled"), ("checked_in", "call_off", "cancelled"), ("present", "call_off", "cancelled"),
        ("present", "certify", "certified"), ("booked", "cancel", "cancelled"), ("booked", "miss", "absent"),
        ("checked_in", "miss", "absent"), ("present", "miss", "absent"), ("certified", "revoke", "revoked"),
    }  # fmt: skip


MINUTES = st.integers(-120, 1200)


TWO_DAYS = days(START, START + timedelta(days=1, hours=8))


@given(st.lists(st.tuples(MINUTES, MINUTES), max_size=6))
def test_minutes_never_exceed_the_session_and_never_fall_below_zero(pairs: list[tuple[int, int]]):
    events = []
    for one, two in pairs:
        came, went = sorted((one, two))
        events += [(Direction.IN, START + timedelta(minutes=came)), (Direction.OUT, START + timedelta(minutes=went))]
    assert 0 <= minutes_present(events, TWO_DAYS) <= 960


def test_a_session_has_the_same_hours_on_each_of_its_days():
    eight = timedelta(hours=8)
    next_day = START + timedelta(days=1)
    assert days(START, START + eight) == [Hours(START, START + eight)]
    assert [Hours(START, START + eight), Hours(next_day, next_day + eight)] == TWO_DAYS
    assert days(START, START + timedelta(days=1)) == []


def test_minutes_outside_the_hours_or_without_an_out_do_not_count():
    ends = START + timedelta(hours=8)
    day = days(START, ends)
    early = [(Direction.IN, START - timedelta(minutes=20)), (Direction.OUT, START + timedelta(hours=1))]
    assert minutes_present(early, day) == 60
    assert minutes_present([(Direction.IN, START)], day) == 0
    assert minutes_present([(Direction.OUT, ends)], day) == 0


def test_a_night_counts_nothing():
    in_on_the_first_out_on_the_second = [
        (Direction.IN, START),
        (Direction.OUT, START + timedelta(days=1, minutes=5)),
    ]
    assert minutes_present(in_on_the_first_out_on_the_second, TWO_DAYS) == 0


def test_the_last_seat_is_given_once_under_a_race(committed: Sessions):
    with committed() as session:
        _centre, owner = centre(session)
        found = meeting(session, owner, capacity=3)
        people = [make.worker(session)[2] for _ in range(30)]
        session.commit()

    def take(actor: Actor) -> bool:
        with committed() as session:
            try:
                services.book(session, actor, found.id)
            except TooLate:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(15) as pool:
        assert sum(pool.map(take, people)) == 3
    with committed() as session:
        assert session.get_one(OrientationSession, found.id).booked == 3
        assert session.scalar(select(func.count()).select_from(OrientationSeat)) == 3


def test_one_person_has_one_seat_and_can_give_it_back(session: Session):
    _centre, owner = centre(session)
    one, two = meeting(session, owner), meeting(session, owner)
    _id, _reference, actor = make.worker(session)
    seat = services.book(session, actor, one.id)
    with pytest.raises(DomainError, match="a seat already"):
        services.book(session, actor, two.id)
    _id, _reference, stranger = make.worker(session)
    with pytest.raises(NotVisible):
        services.cancel(session, stranger, seat.id)
    services.cancel(session, actor, seat.id)
    services.book(session, actor, two.id)
    counts = session.execute(
        select(OrientationSession.id, OrientationSession.booked).execution_options(populate_existing=True)
    )
    assert {row.id: row.booked for row in counts} == {one.id: 0, two.id: 1}


def test_an_unverified_person_books_nothing(session: Session):
    from tests.migrants.factories import applicant

    _centre, owner = centre(session)
    found = meeting(session, owner)
    with pytest.raises(DomainError):
        services.book(session, applicant(session)[1], found.id)
    assert session.get_one(OrientationSession, found.id, populate_existing=True).booked == 0


def pass_time(session: Session, found: OrientationSession, by: timedelta) -> None:
    """Time passes: the session and what was scanned are moved back together."""
    move(session, found, -by)
    session.execute(update(AttendanceEvent).values(at=AttendanceEvent.at - by))
    session.expire_all()


def attend(session: Session, *, late: float = 0.0, forget: bool = False) -> tuple[OrientationSeat, Actor]:
    """Through both days of a session, ``late`` hours late on the first, perhaps without scanning out on it."""
    _centre, owner = centre(session)
    found = meeting(session, owner)
    seat = services.book(session, make.worker(session)[2], found.id)
    go_through(session, owner, found, seat, late=late, forget=forget)
    return seat, owner


def go_through(
    session: Session,
    owner: Actor,
    found: OrientationSession,
    seat: OrientationSeat,
    *,
    late: float = 0,
    forget: bool = False,
) -> None:
    """Scanned in and out on both days; a few minutes after the end of the second one."""
    code = services.attendance_code(seat.id)
    pass_time(session, found, timedelta(days=1, hours=late, minutes=-5))
    services.record(session, owner, found.id, code, Direction.IN)
    pass_time(session, found, timedelta(hours=8 - late, minutes=10))
    if not forget:
        services.record(session, owner, found.id, code.lower(), Direction.OUT)
    pass_time(session, found, timedelta(hours=15, minutes=50))
    services.record(session, owner, found.id, code, Direction.IN)
    pass_time(session, found, timedelta(hours=8, minutes=10))
    services.record(session, owner, found.id, code, Direction.OUT)


def test_the_certificate_follows_from_times_in_and_out(session: Session):
    seat, _owner = attend(session, late=0.5)
    # Half an hour late on the first day: not the whole of it.
    assert seat.status is SeatStatus.PRESENT
    assert queries.certificate_of(session, seat.migrant_id) is None


def test_whoever_forgot_to_scan_out_can_come_again_but_is_not_certified(session: Session):
    seat, _owner = attend(session, forget=True)
    assert seat.status is SeatStatus.PRESENT
    assert queries.certificate_of(session, seat.migrant_id) is None


def test_a_day_that_would_last_through_the_night_is_not_published(session: Session):
    _centre, owner = centre(session)
    with pytest.raises(DomainError, match="a day too long"):
        meeting(session, owner, hours=16)
    assert session.scalar(select(func.count()).select_from(OrientationSession)) == 0


def test_whoever_was_there_from_beginning_to_end_is_certified_and_it_verifies(session: Session):
    seat, _owner = attend(session)
    certificate = queries.certificate_of(session, seat.migrant_id)
    assert seat.status is SeatStatus.CERTIFIED
    assert certificate
    assert certificate.minutes == 960
    record = session.get_one(OrientationCertificate, certificate.id)
    assert verify(session, documents.token(record)).answer is Answer.VALID
    assert documents.certificate_pdf(session, certificate.id).startswith(b"%PDF-")
    inspector = officer(session, StaffRole.CENTRE_INSPECTOR)
    stranger = officer(session, StaffRole.CENTRE_INSPECTOR, "P2")
    with pytest.raises(NotVisible):
        inspection.revoke(session, stranger, seat.session_id, certificate.id, "not mine")
    inspection.revoke(session, inspector, seat.session_id, certificate.id, "The person was not there")
    assert verify(session, documents.token(record)).answer is Answer.REVOKED
    assert queries.certificate_of(session, seat.migrant_id) is None


def test_codes_of_other_sessions_wrong_order_and_other_centres_are_refused(session: Session):
    _centre, owner = centre(session)
    _other, stranger = centre(session, "Pokhara Centre")
    one, two = meeting(session, owner), meeting(session, owner)
    _id, _reference, actor = make.worker(session)
    seat = services.book(session, actor, one.id)
    code = services.attendance_code(seat.id)
    with pytest.raises(DomainError, match="only during"):
        services.record(session, owner, one.id, code, Direction.IN)
    for found in (one, two):
        move(session, found, -timedelta(days=1))
    with pytest.raises(DomainError, match="does not belong"):
        services.record(session, owner, two.id, code, Direction.IN)
    with pytest.raises(DomainError, match="not inside"):
        services.record(session, owner, one.id, code, Direction.OUT)
    with pytest.raises(NotVisible):
        services.record(session, stranger, one.id, code, Direction.IN)
    services.record(session, owner, one.id, code, Direction.IN)
    with pytest.raises(DomainError, match="inside already"):
        services.record(session, owner, one.id, code, Direction.IN)
    assert session.scalar(select(func.count()).select_from(AttendanceEvent)) == 1


def test_scans_faster_than_a_face_can_be_compared_are_marked(session: Session):
    _centre, owner = centre(session)
    found = meeting(session, owner)
    seats = [services.book(session, make.worker(session)[2], found.id) for _ in range(2)]
    move(session, found, -timedelta(days=1))
    for seat in seats:
        services.record(session, owner, found.id, services.attendance_code(seat.id), Direction.IN)
    (row,) = session.execute(queries.rushed(officer(session, StaffRole.CENTRE_INSPECTOR)))
    assert row.id == found.id


def test_a_clerk_without_the_right_publishes_nothing(session: Session):
    made, _owner = centre(session)
    account = create_account(session, NewAccount("Clerk", PASSWORD))
    add_membership(session, account, kind=SubjectKind.CENTRE, subject_id=made.id, rights=[ClerkRight.ATTENDANCE])
    with pytest.raises(NotVisible):
        meeting(session, actor_for(session, account))
    assert session.scalar(select(func.count()).select_from(OrientationSession)) == 0


def test_closing_marks_who_was_not_there(session: Session):
    _centre, owner = centre(session)
    found = meeting(session, owner)
    seat = services.book(session, make.worker(session)[2], found.id)
    with pytest.raises(DomainError, match="not over"):
        services.close(session, owner, found.id)
    move(session, found, -timedelta(days=3))
    services.close(session, owner, found.id)
    assert (found.status, session.get_one(OrientationSeat, seat.id).status) == (SessionStatus.CLOSED, SeatStatus.ABSENT)


def test_the_database_itself_knows_the_number_of_seats(session: Session):
    _centre, owner = centre(session)
    found: UUID = meeting(session, owner, capacity=2).id
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(update(OrientationSession).where(OrientationSession.id == found).values(booked=3))


def messages_named(session: Session, template: str) -> int:
    query = select(func.count()).select_from(OutgoingMessage).where(OutgoingMessage.template == template)
    return session.scalar(query) or 0


def test_a_centre_cancels_a_session_nobody_is_absent_and_everybody_can_book_another(session: Session):
    _centre, owner = centre(session)
    one, two = meeting(session, owner), meeting(session, owner)
    people = [make.worker(session)[2] for _ in range(2)]
    seats = [services.book(session, person, one.id) for person in people]
    with pytest.raises(DomainError, match="reason"):
        services.call_off(session, owner, one.id, " ")
    assert (one.status, messages_named(session, "session_cancelled")) == (SessionStatus.OPEN, 0)
    services.call_off(session, owner, one.id, "The trainer is ill")
    assert (one.status, one.booked) == (SessionStatus.CANCELLED, 0)
    assert {seat.status for seat in seats} == {SeatStatus.CANCELLED}
    assert messages_named(session, "session_cancelled") == 2
    lost = queries.lost(session, seats[0].migrant_id)
    assert lost == queries.Lost(SeatStatus.CANCELLED, "The trainer is ill")
    with pytest.raises(TooLate):
        services.book(session, people[0], one.id)
    services.book(session, people[0], two.id)
    assert queries.lost(session, seats[0].migrant_id) is None
    with pytest.raises(TooLate):
        services.call_off(session, owner, one.id, "Again")


def test_a_session_that_breaks_off_is_cancelled_but_not_one_that_is_over(session: Session):
    _centre, owner = centre(session)
    found = meeting(session, owner)
    seat = services.book(session, make.worker(session)[2], found.id)
    move(session, found, -timedelta(days=1))
    services.record(session, owner, found.id, services.attendance_code(seat.id), Direction.IN)
    services.call_off(session, owner, found.id, "A flood")
    assert seat.status is SeatStatus.CANCELLED
    over = meeting(session, owner)
    seat = services.book(session, make.worker(session)[2], over.id)
    move(session, over, -timedelta(days=3))
    with pytest.raises(DomainError, match="over"):
        services.call_off(session, owner, over.id, "Nobody came")
    assert (over.status, seat.status) == (SessionStatus.OPEN, SeatStatus.BOOKED)


def test_only_the_centre_and_only_with_the_right_cancels(session: Session):
    made, owner = centre(session)
    _other, stranger = centre(session, "Pokhara Centre")
    found = meeting(session, owner)
    account = create_account(session, NewAccount("Clerk", PASSWORD))
    add_membership(session, account, kind=SubjectKind.CENTRE, subject_id=made.id, rights=[ClerkRight.ATTENDANCE])
    for actor in (stranger, actor_for(session, account), make.worker(session)[2]):
        with pytest.raises(NotVisible):
            services.call_off(session, actor, found.id, "Not mine")
    assert found.status is SessionStatus.OPEN


def test_cancelling_while_people_book_and_give_back_leaves_no_seat_behind(committed: Sessions):
    with committed() as session:
        _centre, owner = centre(session)
        found = meeting(session, owner, capacity=20)
        people = [make.worker(session)[2] for _ in range(12)]
        seats = [services.book(session, person, found.id).id for person in people[:6]]
        session.commit()

    def do(step: int) -> None:
        with committed() as session:
            try:
                if step == 3:
                    services.call_off(session, owner, found.id, "A flood")
                elif step < 6:
                    services.cancel(session, people[step], seats[step])
                else:
                    services.book(session, people[step], found.id)
            except TooLate:
                return
            session.commit()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(do, range(12)))
    with committed() as session:
        assert session.get_one(OrientationSession, found.id).booked == 0
        assert set(session.scalars(select(OrientationSeat.status))) == {SeatStatus.CANCELLED}


def test_the_centre_cancels_on_its_page_and_the_person_reads_why(session: Session, client: FlaskClient):
    _centre, owner = centre(session)
    found = meeting(session, owner)
    worker = make.worker(session)[2]
    services.book(session, worker, found.id)
    client.sign_in(session, account_of(session, owner))  # type: ignore[attr-defined]
    address = f"/centre/sessions/{found.id}"
    assert f'action="{address}/cancel"' in client.get(address).text
    assert client.post_form(f"{address}/cancel", reason="").status_code == 422  # type: ignore[attr-defined]
    assert client.post_form(f"{address}/cancel", reason="The trainer is ill").status_code == 303  # type: ignore[attr-defined]
    assert f'action="{address}/cancel"' not in client.get(address).text
    client.sign_in(session, account_of(session, worker))  # type: ignore[attr-defined]
    assert "The trainer is ill" in client.get("/me/orientation").text
