"""The inspector of orientation centres: marked scans are looked at, a wrong certificate is revoked, the person is told."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from contracts.clearance.checklist import State, checklist
from contracts.orientation import inspection, queries, services
from contracts.orientation.models import (
    AttendanceEvent,
    AttendanceReview,
    Direction,
    OrientationCertificate,
    OrientationSeat,
    OrientationSession,
)
from contracts.orientation.status import SeatStatus
from core.accounts import UserAccount, actor_for, add_membership
from core.actor import Actor
from core.audit import AuditEvent
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.messages import OutgoingMessage
from core.permissions import StaffRole, SubjectKind
from core.queues import fetch
from tests.contracts import factories as make
from tests.contracts.test_orientation import attend, centre, meeting, move
from tests.migrants.factories import account_of, officer


def flagged(session: Session) -> tuple[OrientationSession, list[AttendanceEvent], Actor]:
    """Three people scanned at once: the second and the third scan are marked. Gives them and the centre's owner."""
    _centre, owner = centre(session)
    found = meeting(session, owner)
    seats = [services.book(session, make.worker(session)[2], found.id) for _ in range(3)]
    move(session, found, -timedelta(days=1))
    for seat in seats:
        services.record(session, owner, found.id, services.attendance_code(seat.id), Direction.IN)
    marked = select(AttendanceEvent).where(AttendanceEvent.rushed).order_by(AttendanceEvent.at)
    return found, list(session.scalars(marked)), owner


def inspector(session: Session, office: str = "DOFE") -> Actor:
    return officer(session, StaffRole.CENTRE_INSPECTOR, office)


def test_the_queue_leads_to_the_session_and_empties_once_every_marked_scan_was_looked_at(session: Session, app):  # type: ignore[no-untyped-def]
    from contracts.queues import QUEUES

    found, scans, _owner = flagged(session)
    actor, queue = inspector(session), next(q for q in QUEUES if q.name == "attendance")
    with app.test_request_context():
        (row,) = fetch(session, queue, actor, limit=5).rows
        assert row.url == f"/staff/attendance/{found.id}"
        assert len(scans) == 2
        inspection.look(session, actor, found.id, [scans[0].id], "A family stood together")
        assert fetch(session, queue, actor, limit=5).rows[0].note == "1"
        inspection.look(session, actor, found.id, [scans[1].id], "The same")
        assert fetch(session, queue, actor, limit=5).total == 0
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "look_at_scans").limit(1)).one()
    assert (event.subject_kind, event.subject_id) == ("orientation_session", found.id)


def test_a_scan_is_looked_at_once_with_words_and_by_an_inspector_of_the_area(session: Session):
    found, scans, owner = flagged(session)
    actor = inspector(session)
    with pytest.raises(NotVisible):
        inspection.look(session, inspector(session, "P2"), found.id, [scans[0].id], "Not mine")
    with pytest.raises(NotVisible):
        inspection.look(session, owner, found.id, [scans[0].id], "My own")
    with pytest.raises(NotVisible):
        inspection.look(session, actor, found.id, [uuid4()], "No such scan")
    with pytest.raises(DomainError, match="reason"):
        inspection.look(session, actor, found.id, [scans[0].id], " ")
    with pytest.raises(DomainError, match="at least one"):
        inspection.look(session, actor, found.id, [], "Nothing")
    assert session.scalar(select(func.count()).select_from(AttendanceReview)) == 0
    inspection.look(session, actor, found.id, [scans[0].id], "Seen")
    with pytest.raises(TooLate):
        inspection.look(session, actor, found.id, [scans[0].id], "Again")
    assert session.scalar(select(func.count()).select_from(AttendanceReview)) == 1


def test_an_inspector_who_belongs_to_the_centre_decides_nothing_there(session: Session):
    found, scans, _owner = flagged(session)
    account = session.get_one(UserAccount, inspector(session).account_id)
    add_membership(session, account, kind=SubjectKind.CENTRE, subject_id=found.centre_id, is_owner=False)
    with pytest.raises(Denied, match="Another inspector"):
        inspection.look(session, actor_for(session, account), found.id, [scans[0].id], "Fine")


def test_the_evidence_shows_scans_in_order_their_clerk_the_marks_and_the_minutes(session: Session):
    seat, owner = attend(session)
    (row,) = queries.evidence(session, session.get_one(OrientationSession, seat.session_id))
    assert [s.direction for s in row.scans] == [Direction.IN, Direction.OUT, Direction.IN, Direction.OUT]
    assert [s.at for s in row.scans] == sorted(s.at for s in row.scans)
    assert {s.clerk for s in row.scans} == {account_of(session, owner).display_name}
    assert (row.minutes, row.certificate and row.certificate.minutes) == (960, 960)


def test_a_revoked_certificate_tells_the_person_why_and_no_longer_counts_for_the_clearance(session: Session):
    seat, _owner = attend(session)
    certificate = queries.certificate_of(session, seat.migrant_id)
    assert certificate
    told = select(func.count()).select_from(OutgoingMessage).where(OutgoingMessage.template == "certificate_revoked")
    state = {c.code: c.state for c in checklist(session, seat.migrant_id, frozenset()).conditions}
    assert (state["orientation"], session.scalar(told)) == (State.MET, 0)
    inspection.revoke(session, inspector(session), seat.session_id, certificate.id, "Scanned for somebody else")
    state = {c.code: c.state for c in checklist(session, seat.migrant_id, frozenset()).conditions}
    assert (state["orientation"], session.scalar(told)) == (State.MISSING, 1)
    lost = queries.lost(session, seat.migrant_id)
    assert lost == queries.Lost(SeatStatus.REVOKED, "Scanned for somebody else")


def test_revoking_settles_the_marked_scans_of_that_person(session: Session):
    seat, _owner = attend(session)
    scan = session.scalars(select(AttendanceEvent).where(AttendanceEvent.seat_id == seat.id).limit(1)).one()
    scan.rushed = True
    session.flush()
    certificate = queries.certificate_of(session, seat.migrant_id)
    assert certificate
    actor = inspector(session)
    assert len(session.execute(queries.rushed(actor)).all()) == 1
    inspection.revoke(session, actor, seat.session_id, certificate.id, "Not there")
    assert session.execute(queries.rushed(actor)).all() == []


def test_a_certificate_of_another_session_or_area_is_not_revoked(session: Session):
    seat, owner = attend(session)
    certificate = queries.certificate_of(session, seat.migrant_id)
    assert certificate
    other = meeting(session, owner)
    with pytest.raises(NotVisible):
        inspection.revoke(session, inspector(session), other.id, certificate.id, "Wrong door")
    with pytest.raises(NotVisible):
        inspection.revoke(session, inspector(session, "P2"), seat.session_id, certificate.id, "Not mine")
    with pytest.raises(DomainError, match="reason"):
        inspection.revoke(session, inspector(session), seat.session_id, certificate.id, "")
    assert queries.certificate_of(session, seat.migrant_id)


def test_the_inspectors_pages(session: Session, client: FlaskClient):
    found, scans, owner = flagged(session)
    seat, _owner = attend(session)
    client.sign_in(session, account_of(session, inspector(session)))  # type: ignore[attr-defined]
    listed = client.get("/staff/attendance").text
    assert found.reference in listed
    address = f"/staff/attendance/{found.id}"
    shown = client.get(address).text
    assert shown.count('name="scans"') == 2
    post = client.post_form  # type: ignore[attr-defined]
    assert post(f"{address}/looked", finding="Seen").status_code == 422
    assert post(f"{address}/looked", finding="Seen", scans=["nonsense"]).status_code == 422
    assert post(f"{address}/looked", finding="Seen", scans=[str(s.id) for s in scans]).status_code == 303
    assert 'name="scans"' not in client.get(address).text
    certificate = queries.certificate_of(session, seat.migrant_id)
    assert certificate
    revoke = f"/staff/attendance/{seat.session_id}/certificates/{certificate.id}/revoke"
    assert post(revoke, reason="").status_code == 422
    assert post(revoke, reason="Not there").status_code == 303
    session.expire_all()
    assert session.get_one(OrientationSeat, seat.id).status is SeatStatus.REVOKED
    client.sign_in(session, account_of(session, owner))  # type: ignore[attr-defined]
    assert client.get(address).status_code == 403


def test_where_the_law_asks_for_orientation_a_revoked_certificate_holds_the_clearance(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    from contracts.clearance import checklist as conditions
    from contracts.clearance.models import DepartureClearance
    from contracts.clearance.watch import watch
    from tests.contracts.test_clearance import granted

    seat, _owner = attend(session)
    clearance, _worker, _scene = granted(session)
    asked = conditions._orientation
    monkeypatch.setattr(conditions, "_orientation", lambda *args: replace(asked(*args), hard=True))
    session.execute(update(OrientationSeat).values(migrant_id=clearance.migrant_id))
    session.execute(update(OrientationCertificate).values(migrant_id=clearance.migrant_id))
    session.expire_all()
    assert watch(session) == (0, 0)
    certificate = queries.certificate_of(session, clearance.migrant_id)
    assert certificate
    inspection.revoke(session, inspector(session), seat.session_id, certificate.id, "Not there")
    assert watch(session) == (1, 0)
    assert session.get_one(DepartureClearance, clearance.id).status == "held"
