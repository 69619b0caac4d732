"""What waits for officers because licences have ended."""

from typing import Any

from flask import url_for

from agencies.registration.policies import visible
from agencies.winding_down.models import WindingDown
from agencies.winding_down.queries import overdue, waiting, with_security
from agencies.winding_down.status import WindingStatus
from core.i18n import _l
from core.permissions import Permission
from core.queues import Queue, QueueRow

P, S = Permission, WindingStatus


def _row(row: Any) -> QueueRow:
    url = url_for("winding_files.show", winding_id=row.id)
    return QueueRow(row.reference, row.agency_name, row.created_at, row.due_on, url)


QUEUES = (
    Queue(
        "winding.overdue", _l("Agencies that did not give papers or money back in time"), P.LICENCE_REVIEW,
        lambda actor: overdue(visible(actor, P.LICENCE_REVIEW)), (WindingDown.due_on, WindingDown.id), _row,
    ),
    Queue(
        "winding.open", _l("Agencies whose licence has ended"), P.LICENCE_REVIEW,
        lambda actor: waiting(visible(actor, P.LICENCE_REVIEW), S.OPEN, S.DECLARED), (WindingDown.due_on, WindingDown.id), _row,
    ),
    Queue(
        "winding.decide", _l("Winding-down files to close"), P.LICENCE_APPROVE,
        lambda actor: waiting(visible(actor, P.LICENCE_APPROVE), S.PROPOSED), (WindingDown.due_on, WindingDown.id), _row,
    ),
    Queue(
        "winding.security", _l("Securities to give back or forfeit after a winding down"), P.SECURITY_RECORD,
        lambda actor: with_security(visible(actor, P.SECURITY_RECORD)), (WindingDown.due_on, WindingDown.id), _row,
    ),
)  # fmt: skip
