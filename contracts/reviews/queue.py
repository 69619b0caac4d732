"""What waits for labour officers because of a sanction."""

from typing import Any

from flask import url_for

from contracts.reviews.models import WorkerReview
from contracts.reviews.services import waiting
from contracts.reviews.status import REVIEW_KINDS
from core.i18n import _l
from core.permissions import Permission
from core.queues import Queue, QueueRow


def _row(row: Any) -> QueueRow:
    url = url_for("reviews.show", review_id=row.id)
    return QueueRow(row.reference, row.contract, row.created_at, row.due_on, url, str(REVIEW_KINDS[row.kind]))


REVIEWS = Queue(
    "worker-reviews",
    _l("Workers of a sanctioned agency or employer"),
    Permission.CONTRACT_REGISTER,
    query=waiting,
    keys=(WorkerReview.due_on, WorkerReview.id),
    row=_row,
)
