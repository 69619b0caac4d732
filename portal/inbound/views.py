"""The SMS gateway's webhook."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from core import inbound
from core.db import db_now
from core.errors import NotVisible
from core.web import db, problem, webhook

bp = Blueprint("inbound", __name__, url_prefix="/webhooks")
# An SMS of several parts and its frame; nothing longer is even hashed.
LONGEST = 16 * 1024


@bp.post("/sms")
@webhook("signed over its raw body and time by the SMS gateway")
def sms() -> ResponseReturnValue:
    """Keep the message once; the worker answers it."""
    gateway = inbound.gateway()
    if gateway is None:
        raise NotVisible
    if (request.content_length or 0) > LONGEST:
        return problem(413, "Content Too Large")
    received = gateway.read(request.get_data(), dict(request.headers), db_now(db()))
    if received is not None:
        inbound.take(db(), received)
    return {"received": True}
