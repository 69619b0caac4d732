"""Pages of the inspector of centres: the sessions of the area, and one session with its evidence."""

from uuid import UUID

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from contracts.orientation import inspection, queries
from contracts.orientation.forms import FindingForm, ReasonForm
from contracts.orientation.models import OrientationSession
from contracts.orientation.status import SEAT_TITLES, SESSION_TITLES
from core.errors import DomainError
from core.forms import Form
from core.i18n import _l
from core.listing import fetch_page
from core.permissions import Permission
from core.reading import note_reading
from core.web import access, attempt, current_actor, db, flash_done, page, see_other
from law.country import deployment

bp = Blueprint("inspection", __name__, url_prefix="/staff/attendance")


@bp.get("")
@access(Permission.CENTRE_INSPECT)
def listed() -> Response:
    rows = fetch_page(
        db(),
        queries.in_area(current_actor()),
        (OrientationSession.starts_at, OrientationSession.id),
        cursor=request.args.get("cursor"),
        descending=True,
    )
    return page("orientation/inspected_list.html", rows=rows, titles=SESSION_TITLES, back_url=url_for("staff.home"))


@bp.get("/<uuid:session_id>")
@access(Permission.CENTRE_INSPECT)
def show(session_id: UUID) -> Response:
    return _show(session_id, FindingForm(), 200)


def _show(session_id: UUID, form: Form, status: int) -> Response:
    meeting = inspection.inspected(db(), current_actor(), session_id)
    note_reading(current_actor(), ("orientation_session", meeting.id), purpose="review")
    rows = queries.evidence(db(), meeting)
    return page(
        "orientation/inspected.html",
        status,
        meeting=meeting,
        title=SESSION_TITLES[meeting.status],
        rows=rows,
        waiting=any(scan.waits for row in rows for scan in row.scans),
        minimum=deployment().standard("orientation_minutes"),
        titles=SEAT_TITLES,
        ticked=request.form.getlist("scans"),
        refused=form,
        form=form if isinstance(form, FindingForm) else FindingForm(),
        back_url=url_for("inspection.listed"),
    )


def _ticked() -> list[UUID]:
    """The scans that were ticked.

    :raises DomainError: when one is no id.
    """
    try:
        return [UUID(text) for text in request.form.getlist("scans")]
    except ValueError:
        raise DomainError(_l("Tick at least one scan.")) from None


@bp.post("/<uuid:session_id>/looked")
@access(Permission.CENTRE_INSPECT)
def look(session_id: UUID) -> Response:
    form, actor = FindingForm(request.form), current_actor()
    if not form.validate() or not attempt(
        form, lambda: inspection.look(db(), actor, session_id, _ticked(), form.finding.data)
    ):
        return _show(session_id, form, 422)
    flash_done(_l("Noted. These scans wait no longer."))
    return see_other("inspection.show", session_id=session_id)


@bp.post("/<uuid:session_id>/certificates/<uuid:certificate_id>/revoke")
@access(Permission.CENTRE_INSPECT)
def revoke(session_id: UUID, certificate_id: UUID) -> Response:
    form, actor = ReasonForm(request.form), current_actor()
    if not form.validate() or not attempt(
        form, inspection.revoke, db(), actor, session_id, certificate_id, form.reason.data
    ):
        return _show(session_id, form, 422)
    flash_done(_l("The certificate is revoked, and the person was told."))
    return see_other("inspection.show", session_id=session_id)
