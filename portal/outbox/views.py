"""The captured outbox: in demo mode only, so that a newcomer can read the code that was sent."""

from flask import Blueprint, abort
from sqlalchemy import select
from werkzeug.wrappers import Response

from core.messages import OutgoingMessage
from core.settings import current
from core.web import db, page, public

bp = Blueprint("outbox", __name__)


@bp.get("/dev/outbox")
@public
def index() -> Response:
    if not current().demo:
        abort(404)
    messages = db().scalars(select(OutgoingMessage).order_by(OutgoingMessage.created_at.desc()).limit(50)).all()
    return page("outbox/index.html", messages=messages)
