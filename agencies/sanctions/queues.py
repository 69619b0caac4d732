"""What waits in proceedings: reports, notices, answers, hearings, orders, stays, appeals, liftings, fines."""

from typing import Any

from flask import url_for

from agencies.insider.nobody import at_the_offices
from agencies.registration import policies as agencies
from agencies.sanctions import case_queries as queries
from agencies.sanctions.case_models import SanctionCase, SanctionFine, SanctionLifting
from agencies.sanctions.case_status import CASE_TITLES, FINE_TITLES, LIFTING_TITLES, SUBJECT_TITLES, CaseStatus
from agencies.sanctions.models import SuspensionReview
from agencies.sanctions.status import REVIEW_TITLES
from agencies.sanctions.steps import LIFTINGS, REVIEWS
from core.i18n import _l
from core.permissions import Permission
from core.queues import Queue, QueueRow

P, C = Permission, CaseStatus


def _label(row: Any) -> str:
    """An agency's name is public; everybody else's stands inside the proceeding alone."""
    return row.agency_name or str(SUBJECT_TITLES[row.subject_kind])


def _case_row(row: Any) -> QueueRow:
    url = url_for("proceedings.show", case_id=row.id)
    return QueueRow(row.reference, _label(row), row.created_at, row.due_on, url, str(CASE_TITLES[row.status]))


def _cases(name: str, title: Any, permission: Permission, *states: CaseStatus, asked: bool | None = None) -> Queue:
    return Queue(
        name,
        title,
        permission,
        query=lambda actor: queries.waiting(actor, permission, *states, asked=asked, own=True),
        keys=(SanctionCase.due_on, SanctionCase.id),
        row=_case_row,
    )


def _fine_row(row: Any) -> QueueRow:
    url = url_for("proceedings.show", case_id=row.case_id)
    return QueueRow(row.reference, _label(row), row.created_at, row.due_on, url, str(FINE_TITLES[row.status]))


def _lifting_row(row: Any) -> QueueRow:
    url = url_for("proceedings.lifting", lifting_id=row.id)
    label = row.agency_name or row.reference
    return QueueRow(row.reference, label, row.created_at, row.due_on, url, str(LIFTING_TITLES[row.status]))


def _review_row(row: Any) -> QueueRow:
    url = url_for("suspension_reviews.show", review_id=row.id)
    return QueueRow(row.reference, row.agency_name, row.created_at, row.due_on, url, str(REVIEW_TITLES[row.status][0]))


QUEUES = (
    _cases("case.reported", _l("Reports to screen"), P.SANCTION_PROPOSE, C.REPORTED),
    _cases("case.notice", _l("Notices to serve"), P.SANCTION_PROPOSE, C.SCREENED),
    _cases("case.reply", _l("Answers awaited"), P.SANCTION_PROPOSE, C.NOTICE),
    _cases("case.hearing", _l("Hearings to set or to hold"), P.SANCTION_PROPOSE, C.REPLY, C.HEARING),
    _cases("case.order", _l("Orders to decide"), P.SANCTION_DECIDE, C.DECISION),
    _cases("case.stay", _l("Stays to decide"), P.SANCTION_APPEAL, C.APPEALED, asked=True),
    _cases("case.appeal", _l("Appeals to decide"), P.SANCTION_APPEAL, C.APPEALED, C.STAYED, asked=False),
    Queue(
        "case.review",
        _l("Interim suspensions to review"),
        P.SANCTION_APPEAL,
        query=lambda actor: queries.reviews_waiting(REVIEWS.mine(actor)),
        keys=(SuspensionReview.due_on, SuspensionReview.id),
        row=_review_row,
    ),
    Queue(
        "case.nobody",
        _l("No officer is there for these proceedings"),
        P.STAFF_MANAGE,
        query=queries.nobody,
        keys=(SanctionCase.due_on, SanctionCase.id),
        row=at_the_offices(_case_row),
    ),
    Queue(
        "case.nobody_review",
        _l("No officer is there for these reviews of suspensions"),
        P.STAFF_MANAGE,
        query=lambda actor: queries.reviews_waiting(REVIEWS.nobody(), agencies.visible(actor, P.STAFF_MANAGE)),
        keys=(SuspensionReview.due_on, SuspensionReview.id),
        row=at_the_offices(_review_row),
    ),
    Queue(
        "case.nobody_lifting",
        _l("No officer is there for these liftings"),
        P.STAFF_MANAGE,
        query=lambda actor: queries.liftings_waiting(
            LIFTINGS.nobody(), SanctionLifting.office_id.in_(actor.offices(P.STAFF_MANAGE))
        ),
        keys=(SanctionLifting.due_on, SanctionLifting.id),
        row=at_the_offices(_lifting_row),
    ),
    Queue(
        "case.lifting",
        _l("Liftings of a blacklisting to decide"),
        P.SANCTION_DECIDE,
        query=lambda actor: queries.liftings_waiting(LIFTINGS.mine(actor)),
        keys=(SanctionLifting.due_on, SanctionLifting.id),
        row=_lifting_row,
    ),
    Queue(
        "case.fine",
        _l("Fines to be paid or paid back"),
        P.SECURITY_RECORD,
        query=queries.fines_waiting,
        keys=(SanctionFine.due_on, SanctionFine.id),
        row=_fine_row,
    ),
)
