"""What an agency's winding down asks of this package: who its workers are, and what becomes of each."""

from collections.abc import Sequence
from uuid import UUID

from flask import has_request_context, url_for
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from agencies.sanctions.models import Sanction
from agencies.winding_down import workers
from agencies.winding_down.models import WindingDown
from agencies.winding_down.workers import InPipeline, Source, Worker
from contracts.employment.models import EmploymentContract
from contracts.reviews.models import WorkerReview
from contracts.reviews.services import LIVING
from contracts.reviews.status import OUTCOMES, REVIEW_KINDS, REVIEW_TITLES, ReviewStatus
from core.i18n import _l
from core.privacy import blind_index
from migrants.registration.models import Migrant, Passport

AT_MOST = 500


def _worker(migrant: Migrant | None) -> Worker | None:
    return Worker(migrant.id, migrant.account_id, migrant.full_name or "") if migrant else None


def by_document(session: Session, number: str) -> Worker | None:
    """The migrant whose checked passport has this number, in capitals and digits; no other number is believed."""
    query = (
        select(Migrant)
        .join(Passport, Passport.migrant_id == Migrant.id)
        .where(Passport.document_index == blind_index("passport", number))
        .where(Passport.verified_at.is_not(None), Passport.released_at.is_(None))
        .limit(1)
    )
    return _worker(session.scalars(query).one_or_none())


def by_id(session: Session, migrant_id: UUID) -> Worker | None:
    return _worker(session.get(Migrant, migrant_id))


def pipeline(session: Session, agency_id: UUID) -> Sequence[InPipeline]:
    """Workers whose contract lives, each with the newest look at it, those that wait first; at most 500."""
    newest = (
        select(WorkerReview.id)
        .where(WorkerReview.contract_id == EmploymentContract.id, _grounds(agency_id))
        .order_by(WorkerReview.created_at.desc())
        .limit(1)
        .correlate(EmploymentContract)
        .scalar_subquery()
    )
    rows = session.execute(
        select(EmploymentContract.reference, Migrant.account_id, WorkerReview)
        .join(Migrant, Migrant.id == EmploymentContract.migrant_id)
        .outerjoin(WorkerReview, WorkerReview.id == newest)
        .where(EmploymentContract.agency_id == agency_id, EmploymentContract.status.in_(LIVING))
        .order_by((WorkerReview.status == ReviewStatus.DONE).asc().nulls_first(), EmploymentContract.id)
        .limit(AT_MOST)
    ).all()
    return [_row(reference, account_id, review) for reference, account_id, review in rows]


def _row(reference: str, account_id: UUID | None, review: WorkerReview | None) -> InPipeline:
    if review is None:
        return InPipeline(reference, _l("Has a contract"), _l("Not looked at yet"), True, "", account_id)
    outcome = OUTCOMES[review.outcome] if review.outcome else REVIEW_TITLES[review.status]
    url = url_for("reviews.show", review_id=review.id) if has_request_context() else ""
    return InPipeline(
        reference, REVIEW_KINDS[review.kind], outcome, review.status is ReviewStatus.OPEN, url, account_id
    )


def _grounds(agency_id: UUID) -> ColumnElement[bool]:
    """Looks that were taken because of this agency, not of an employer."""
    return WorkerReview.ground_id.in_(
        select(WindingDown.id)
        .where(WindingDown.agency_id == agency_id)
        .union_all(select(Sanction.id).where(Sanction.agency_id == agency_id))
    )


def unreviewed(session: Session, agency_id: UUID) -> int:
    """Workers of the agency whose look is open, or who were never looked at."""
    theirs = WorkerReview.contract_id == EmploymentContract.id
    waits = exists().where(theirs, _grounds(agency_id), WorkerReview.status == ReviewStatus.OPEN)
    seen = exists().where(theirs, _grounds(agency_id), WorkerReview.status == ReviewStatus.DONE)
    query = (
        select(func.count())
        .select_from(EmploymentContract)
        .where(EmploymentContract.agency_id == agency_id)
        .where(waits | (EmploymentContract.status.in_(LIVING) & ~seen))
    )
    return session.scalar(query) or 0


SOURCE = Source(by_document, by_id, pipeline, unreviewed)
workers.offer(SOURCE)
