"""Queues and searches that this package offers to staff."""

from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from core import audit
from core.actor import Actor
from core.contact import normal_phone
from core.errors import DomainError
from core.i18n import _l
from core.ids import parse_reference
from core.names import POSSIBLE, compare_persons
from core.permissions import Permission
from core.privacy import blind_index
from core.queues import Queue, QueueRow
from core.search import SearchHit, SearchProvider
from migrants.registration import queries
from migrants.registration.duplicates import name_hashes
from migrants.registration.models import AccessRecovery, Migrant
from migrants.registration.services import normal_document_number
from migrants.registration.status import OFFICER_TITLES, MigrantStatus


def _record_row(row: Any) -> QueueRow:
    url = url_for("identity.file", migrant_id=row.id)
    return QueueRow(row.reference, str(OFFICER_TITLES[row.status]), row.submitted_at, row.due_on, url)


def _records(name: str, title: Any, permission: Permission, state: MigrantStatus) -> Queue:
    return Queue(
        name,
        title,
        permission,
        query=lambda actor: queries.waiting(actor, [state]),
        keys=(Migrant.submitted_at, Migrant.id),
        row=_record_row,
    )


def _recovery_row(row: Any) -> QueueRow:
    return QueueRow(row.reference, "", row.created_at, None, url_for("identity.file", migrant_id=row.migrant_id))


QUEUES = [
    _records("mismatch", _l("Identity: something does not fit"), Permission.IDENTITY_REVIEW, MigrantStatus.MISMATCH),
    _records(
        "duplicates",
        _l("Identity: perhaps the same person"),
        Permission.IDENTITY_REVIEW,
        MigrantStatus.POSSIBLE_DUPLICATE,
    ),
    _records(
        "passed_on", _l("Identity: passed on to an approver"), Permission.IDENTITY_APPROVE, MigrantStatus.PASSED_ON
    ),
    _records("children", _l("Child protection"), Permission.CHILD_PROTECTION, MigrantStatus.PROTECTION),
    Queue(
        "recoveries",
        _l("Access to confirm"),
        Permission.RECOVERY_CONFIRM,
        query=queries.waiting_recoveries,
        keys=(AccessRecovery.created_at, AccessRecovery.id),
        row=_recovery_row,
    ),
]


def search(session: Session, actor: Actor, text: str, limit: int) -> list[SearchHit]:
    """By reference, passport number, national number, telephone or name; only where the actor's offices reach."""
    indexes: dict[str, bytes] = {}
    number = normal_document_number(text)
    if any(c.isdigit() for c in number):
        indexes = {"passport": blind_index("passport", number), "national-id": blind_index("national-id", number)}
        try:
            indexes["phone"] = blind_index("phone", normal_phone(text))
        except DomainError:
            indexes.pop("phone", None)
    found = queries.find(session, actor, indexes, parse_reference(text), limit)
    if not found and not indexes:
        rows = queries.find_by_name(session, actor, name_hashes(text), 200)
        scored = sorted(((compare_persons(text, r.full_name or "").score, r) for r in rows), key=lambda pair: -pair[0])
        found = [r for score, r in scored if score >= POSSIBLE][:limit]
    for migrant in found:
        # A list of hits shows names too: the person can see that they were found.
        audit.record(session, actor, subject=("migrant", migrant.id), action="found")
    return [
        SearchHit(
            _l("Worker"),
            r.reference,
            r.full_name or "",
            OFFICER_TITLES[r.status],
            url_for("identity.file", migrant_id=r.id, purpose="request"),
        )
        for r in found
    ]


SEARCHES = [SearchProvider("migrants", Permission.SEARCH_PEOPLE, search)]
