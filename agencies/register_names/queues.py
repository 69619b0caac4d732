"""Names that wait for an officer."""

from typing import Any

from flask import url_for

from agencies.register_names.models import NameProposal
from agencies.register_names.queries import waiting
from agencies.register_names.status import USE_TITLES, NameStatus
from agencies.registration import policies
from core.db import legal_day
from core.i18n import _l
from core.permissions import Permission
from core.queues import Queue, QueueRow
from law.country import due_after


def _row(row: Any) -> QueueRow:
    return QueueRow(
        reference=row.reference,
        label=row.agency_name,
        received_at=row.created_at,
        due_on=due_after(legal_day(row.created_at), "review_days"),
        url=url_for("register_names.show", proposal_id=row.id),
        note=str(USE_TITLES[row.use]),
    )


def _queue(name: str, title: Any, permission: Permission, status: NameStatus) -> Queue:
    return Queue(
        name,
        title,
        permission,
        query=lambda actor: waiting(policies.visible(actor, permission), status, but=actor.require_account()),
        keys=(NameProposal.created_at, NameProposal.id),
        row=_row,
    )


QUEUES = (
    _queue("name.agree", _l("Further names of agencies"), Permission.LICENCE_REVIEW, NameStatus.PROPOSED),
    _queue("name.stopped", _l("Names that look like another agency’s"), Permission.LICENCE_APPROVE, NameStatus.STOPPED),
)
