"""The inspector's part of orientation: marked scans are looked at, a certificate that should not have been is revoked."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.insider.ties import was_of
from contracts.orientation.models import (
    AttendanceEvent,
    AttendanceReview,
    OrientationCentre,
    OrientationCertificate,
    OrientationSeat,
    OrientationSession,
)
from contracts.orientation.services import tell
from contracts.orientation.status import seat_workflow
from core import audit
from core.actor import Actor
from core.db import db_now
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.i18n import _l
from core.permissions import Permission, SubjectKind


def inspected(session: Session, actor: Actor, session_id: UUID, *, lock: bool = False) -> OrientationSession:
    """A session of a centre of the inspector's area.

    :raises NotVisible: for every other.
    """
    found = session.get(OrientationSession, session_id, with_for_update=lock, populate_existing=lock)
    centre = session.get(OrientationCentre, found.centre_id) if found else None
    if found is None or centre is None or not actor.can(Permission.CENTRE_INSPECT, centre.office_id):
        raise NotVisible
    return found


def _to_decide(session: Session, actor: Actor, session_id: UUID) -> OrientationSession:
    """The locked session, for an inspector who has no part in its centre.

    :raises Denied: when the inspector belongs, or belonged, to the centre.
    """
    found = inspected(session, actor, session_id, lock=True)
    if was_of(session, actor.require_account(), SubjectKind.CENTRE, found.centre_id):
        raise Denied(_l("You are, or were, one of this centre’s people. Another inspector must do this."))
    return found


def look(session: Session, actor: Actor, session_id: UUID, scans: Sequence[UUID], finding: str) -> OrientationSession:
    """Note that these marked scans were looked at, and what the inspector found; they leave the queue.

    :raises NotVisible: for a scan that is not of this session, or was never marked.
    :raises TooLate: for one that was looked at already.
    """
    meeting = _to_decide(session, actor, session_id)
    if not scans:
        raise DomainError(_l("Tick at least one scan."))
    if not finding.strip():
        raise DomainError(_l("Please give a reason."), field="finding")
    open_, done = _marked(session, meeting)
    if not set(scans) <= open_ | done:
        raise NotVisible
    if not set(scans) <= open_:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    _settle(session, actor, meeting, set(scans), finding=finding.strip())
    return meeting


def _marked(session: Session, meeting: OrientationSession, seat_id: UUID | None = None) -> tuple[set[UUID], set[UUID]]:
    """Marked scans of a session, or of one seat: those that wait, and those that were looked at."""
    query = (
        select(AttendanceEvent.id, AttendanceReview.id.label("review"))
        .join(OrientationSeat, OrientationSeat.id == AttendanceEvent.seat_id)
        .outerjoin(AttendanceReview, AttendanceReview.event_id == AttendanceEvent.id)
        .where(OrientationSeat.session_id == meeting.id, AttendanceEvent.rushed)
    )
    rows = session.execute(query if seat_id is None else query.where(OrientationSeat.id == seat_id)).all()
    return {r.id for r in rows if r.review is None}, {r.id for r in rows if r.review is not None}


def _settle(session: Session, actor: Actor, meeting: OrientationSession, scans: set[UUID], *, finding: str) -> None:
    by = actor.require_account()
    session.add_all(AttendanceReview(event_id=scan, reviewed_by=by, finding=finding) for scan in sorted(scans))
    session.flush()
    audit.record(
        session, actor, subject=("orientation_session", meeting.id), action="look_at_scans", reason=finding,
        evidence={"scans": sorted(str(scan) for scan in scans)},
    )  # fmt: skip


def revoke(
    session: Session, actor: Actor, session_id: UUID, certificate_id: UUID, reason: str
) -> OrientationCertificate:
    """Revoke a certificate of this session that should not have been. The person is told and can book another session.

    Marked scans of the same person that still wait are settled with it.

    :raises NotVisible: for a certificate of another session.
    :raises DomainError: without a reason.
    """
    meeting = _to_decide(session, actor, session_id)
    certificate = session.get(OrientationCertificate, certificate_id, with_for_update=True)
    seat = session.get(OrientationSeat, certificate.seat_id, with_for_update=True) if certificate else None
    if certificate is None or seat is None or seat.session_id != meeting.id:
        raise NotVisible
    seat_workflow.apply(session, seat, "revoke", actor=actor, reason=reason)
    certificate.revoked_at, certificate.revoked_reason = db_now(session), reason.strip()
    waiting, _done = _marked(session, meeting, seat.id)
    if waiting:
        _settle(session, actor, meeting, waiting, finding=reason.strip())
    tell(session, seat.migrant_id, "certificate_revoked")
    return certificate
