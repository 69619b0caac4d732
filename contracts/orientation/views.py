"""Pages of orientation: for the migrant, for the centre, for the inspector."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from agencies.sanctions.case_queries import served_on
from agencies.sanctions.case_status import CASE_TITLES, CaseSubject
from contracts.orientation import documents, queries, services
from contracts.orientation.forms import CodeForm, ReasonForm, SessionForm
from contracts.orientation.models import Direction, OrientationSession
from contracts.orientation.status import SEAT_TITLES, SESSION_TITLES, SeatStatus, SessionStatus
from core.db import db_now
from core.documents import qr_svg
from core.errors import NotVisible
from core.forms import Form
from core.i18n import _l
from core.i18n import gettext as _
from core.permissions import ClerkRight, Permission, SubjectKind
from core.web import access, attempt, current_actor, db, flash_done, page, see_other
from law.country import deployment

bp = Blueprint("orientation", __name__)


@bp.get("/me/orientation")
@access(Permission.MIGRANT_OWN)
def mine() -> Response:
    return _mine(Form(), 200)


def _mine(form: Form, status: int) -> Response:
    own = current_actor().subject(SubjectKind.MIGRANT)
    if own is None:
        raise NotVisible
    seat = queries.active_seat(db(), own)
    certificate = queries.certificate_of(db(), own)
    code = services.attendance_code(seat[0].id) if seat else ""
    return page(
        "orientation/mine.html",
        status,
        form=form,
        seat=seat,
        seat_title=SEAT_TITLES[seat[0].status] if seat else None,
        code=code,
        qr=qr_svg(code, title=_("Your attendance code")) if code else None,
        certificate=certificate,
        missed=None if seat or certificate else queries.last_missed(db(), own),
        needed=deployment().standard("orientation_minutes"),
        lost=None if seat or certificate else queries.lost(db(), own),
        revoked=SeatStatus.REVOKED,
        sessions=[] if seat or certificate else queries.open_sessions(db()),
        back_url=url_for("migrants.me"),
    )


@bp.post("/me/orientation/<uuid:session_id>/book")
@access(Permission.MIGRANT_OWN)
def book(session_id: UUID) -> Response:
    form = Form()
    if not attempt(form, services.book, db(), current_actor(), session_id):
        return _mine(form, 422)
    flash_done(_l("Your seat is booked."))
    return see_other("orientation.mine")


@bp.post("/me/orientation/seat/<uuid:seat_id>/cancel")
@access(Permission.MIGRANT_OWN)
def cancel(seat_id: UUID) -> Response:
    form = Form()
    if not attempt(form, services.cancel, db(), current_actor(), seat_id):
        return _mine(form, 422)
    flash_done(_l("Your seat is given back."))
    return see_other("orientation.mine")


@bp.get("/me/orientation/certificate")
@access(Permission.MIGRANT_OWN)
def certificate() -> Response:
    own = current_actor().subject(SubjectKind.MIGRANT)
    found = queries.certificate_of(db(), own) if own else None
    if found is None:
        raise NotVisible
    response = FlaskResponse(documents.certificate_pdf(db(), found.id), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.reference}.pdf"'
    return response


# --- the centre ------------------------------------------------------------------------------------------------------


@bp.get("/centre")
@access(Permission.CENTRE_OWN)
def centre() -> Response:
    own = services.own_centre(db(), current_actor())
    return page(
        "orientation/centre.html",
        centre=own,
        sessions=queries.sessions_of(db(), own.id),
        titles=SESSION_TITLES,
        proceedings=served_on(db(), CaseSubject.ORIENTATION_CENTRE, own.id),
        case_titles=CASE_TITLES,
    )


@bp.get("/centre/sessions/new")
@access(Permission.CENTRE_OWN)
def new() -> Response:
    services.own_centre(db(), current_actor(), ClerkRight.SESSIONS)
    return page("orientation/session_form.html", form=SessionForm(), back_url=url_for("orientation.centre"))


@bp.post("/centre/sessions/new")
@access(Permission.CENTRE_OWN)
def plan() -> Response:
    form = SessionForm(request.form)
    made = form.validate() and attempt(form, services.plan, db(), current_actor(), form.command())
    if not made:
        return page("orientation/session_form.html", 422, form=form, back_url=url_for("orientation.centre"))
    return see_other("orientation.session", session_id=made.id)


@bp.get("/centre/sessions/<uuid:session_id>")
@access(Permission.CENTRE_OWN)
def session(session_id: UUID) -> Response:
    """The door: whether people come in or go out is chosen once, and stays for the next code."""
    chosen = request.args.get("direction")
    return _session(session_id, CodeForm(), 200, Direction.OUT if chosen == Direction.OUT else Direction.IN)


def _session(session_id: UUID, form: Form, status: int, way: Direction = Direction.IN) -> Response:
    meeting = services.own_session(db(), current_actor(), session_id, ClerkRight.ATTENDANCE)
    return page(
        "orientation/session.html",
        status,
        meeting=meeting,
        form=form,
        way=way,
        # A scanner types into the field as it stands: what was refused is shown beside it, and the field is empty.
        entry=CodeForm(formdata=None),
        roster=queries.roster(db(), meeting.id),
        titles=SEAT_TITLES,
        title=SESSION_TITLES[meeting.status],
        **_ways(meeting),
        back_url=url_for("orientation.centre"),
    )


def _ways(meeting: OrientationSession) -> dict[str, bool]:
    """What its centre can do with a session: cancel it until its end, close it afterwards."""
    manages = current_actor().acts_for(SubjectKind.CENTRE, meeting.centre_id, ClerkRight.SESSIONS)
    open_, over = meeting.status is SessionStatus.OPEN, meeting.ends_at <= db_now(db())
    return {"can_close": manages and open_ and over, "can_cancel": manages and open_ and not over}


@bp.post("/centre/sessions/<uuid:session_id>/cancel")
@access(Permission.CENTRE_OWN)
def call_off(session_id: UUID) -> Response:
    form = ReasonForm(request.form)
    if not form.validate() or not attempt(form, services.call_off, db(), current_actor(), session_id, form.reason.data):
        return _session(session_id, form, 422)
    flash_done(_l("The session is cancelled, and everybody who had a seat was told."))
    return see_other("orientation.session", session_id=session_id)


@bp.post("/centre/sessions/<uuid:session_id>/<direction>")
@access(Permission.CENTRE_OWN)
def scan(session_id: UUID, direction: str) -> Response:
    form = CodeForm(request.form)
    if direction not in set(Direction):
        raise NotVisible
    seat = form.validate() and attempt(
        form, services.record, db(), current_actor(), session_id, form.code.data, Direction(direction)
    )
    if not seat:
        return _session(session_id, form, 422, Direction(direction))
    flash_done(_l("Checked in.") if direction == Direction.IN else _l("Checked out."))
    return see_other("orientation.session", session_id=session_id, direction=direction)


@bp.post("/centre/sessions/<uuid:session_id>/close")
@access(Permission.CENTRE_OWN)
def close(session_id: UUID) -> Response:
    form = CodeForm()
    if not attempt(form, services.close, db(), current_actor(), session_id):
        return _session(session_id, form, 422)
    return see_other("orientation.session", session_id=session_id)
