"""Work that imports leave to officers."""

from typing import Any

from flask import url_for

from agencies.importing import queries
from agencies.importing.models import AgencyClaim, ImportConflict
from agencies.importing.services import REASONS
from agencies.importing.status import CLAIM_TITLES, KIND_TITLES, ClaimStatus, ClaimWay, ConflictStatus
from agencies.registration import policies
from core.db import legal_day
from core.i18n import _l
from core.permissions import Permission
from core.queues import Queue, QueueRow
from law.country import due_after


def _conflict_row(row: Any) -> QueueRow:
    return QueueRow(
        reference=row.reference,
        label=row.agency_name,
        received_at=row.created_at,
        due_on=due_after(legal_day(row.created_at), "review_days"),
        url=url_for("importing.conflict", conflict_id=row.id),
        note=f"{KIND_TITLES[row.kind]}: {REASONS[row.why]}",
    )


def _claim_row(row: Any) -> QueueRow:
    return QueueRow(
        reference=row.reference,
        label=row.agency_name,
        received_at=row.created_at,
        due_on=due_after(legal_day(row.created_at), "review_days"),
        url=url_for("sanctions.agency", agency_id=row.agency_id),
        note=str(CLAIM_TITLES[row.status]),
    )


def _conflicts(name: str, title: Any, permission: Permission, status: ConflictStatus) -> Queue:
    return Queue(
        name,
        title,
        permission,
        query=lambda actor: queries.conflicts_waiting(policies.visible(actor, permission), status),
        keys=(ImportConflict.created_at, ImportConflict.id),
        row=_conflict_row,
    )


def _claims(name: str, title: Any, permission: Permission, status: ClaimStatus, way: ClaimWay) -> Queue:
    return Queue(
        name,
        title,
        permission,
        query=lambda actor: queries.claims_waiting(policies.visible(actor, permission), status, way),
        keys=(AgencyClaim.created_at, AgencyClaim.id),
        row=_claim_row,
    )


QUEUES = (
    _conflicts(
        "import.conflicts", _l("The old register says otherwise"), Permission.LICENCE_REVIEW, ConflictStatus.WAITING
    ),
    _conflicts(
        "import.second", _l("Values of the old register to confirm"), Permission.LICENCE_APPROVE, ConflictStatus.PROPOSED
    ),
    _claims(
        "import.claims", _l("Agencies claimed by their registered contact"), Permission.LICENCE_REVIEW,
        ClaimStatus.CLAIMED, ClaimWay.CONTACT,
    ),
    _claims(
        "import.papers", _l("Claims whose papers were seen"), Permission.LICENCE_APPROVE, ClaimStatus.SEEN, ClaimWay.OFFICE
    ),
)  # fmt: skip
