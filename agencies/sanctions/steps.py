"""Whose step a proposed suspension, its review, or the lifting of a blacklisting waits for: each is drawn."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from agencies.insider import duties, ties
from agencies.insider.steps import Step, Steps, Tied
from agencies.sanctions import drawing
from agencies.sanctions.case_models import SanctionBar, SanctionCase, SanctionLifting
from agencies.sanctions.case_status import LIFTING, OPEN, LiftingStatus
from agencies.sanctions.models import Sanction, SuspensionReview
from agencies.sanctions.status import SANCTION, SUSPENSION_REVIEW, ReviewStatus, SanctionKind, SanctionStatus
from core.actor import Actor
from core.audit import AuditEvent
from core.i18n import _l
from core.permissions import Permission


class SanctionStage(StrEnum):
    """Officers' steps beside a proceeding."""

    DECISION = "decision"
    FIRST = "first"
    SECOND = "second"


_G, _L = SanctionStage, LiftingStatus


def _of_proposal(session: Session, sanction: Sanction) -> Iterable[UUID | None]:
    """Whoever proposed it, and the office that complains, here or in a proceeding that runs already."""
    out: set[UUID | None] = {sanction.proposed_by, *drawing.unit(session, sanction.complaining_office_id)}
    running = select(SanctionCase).where(SanctionCase.agency_id == sanction.agency_id, SanctionCase.status.in_(OPEN))
    for case in session.scalars(running):
        out |= drawing.unit(session, case.complaining_office_id)
    return out


def makers(session: Session, record: Sanction | SanctionBar) -> set[UUID | None]:
    """Everybody who took a step that led to a sanction or a bar, as the log knows it."""
    steps = select(AuditEvent.actor_account_id).where(
        or_(
            and_(AuditEvent.subject_kind.in_(("sanction", "sanction_bar")), AuditEvent.subject_id == record.id),
            and_(AuditEvent.subject_kind == "sanction_case", AuditEvent.subject_id == record.case_id),
        )
    )
    made: set[UUID | None] = set(session.scalars(steps))
    return made | {record.proposed_by, record.decided_by} if isinstance(record, Sanction) else made


def _of_suspension(session: Session, review: SuspensionReview) -> Iterable[UUID | None]:
    """Whoever made the suspension or made it longer, took a step of its proceeding, wrote the request down for the agency, or
    is of the office that complains."""
    sanction = session.get_one(Sanction, review.sanction_id)
    out = makers(session, sanction) | {review.asked_by}
    longer = select(Sanction.proposed_by, Sanction.decided_by).where(
        Sanction.agency_id == sanction.agency_id, Sanction.kind == SanctionKind.EXTENSION,
        Sanction.status != SanctionStatus.PROPOSED, Sanction.created_at >= sanction.created_at,
    )  # fmt: skip
    for row in session.execute(longer):
        out |= {row.proposed_by, row.decided_by}
    case = session.get(SanctionCase, sanction.case_id) if sanction.case_id else None
    return out if case is None else out | {case.reported_by} | drawing.unit(session, case.complaining_office_id)


def _of_listing(session: Session, lifting: SanctionLifting) -> Iterable[UUID | None]:
    """Whoever made the blacklisting, proposed its lifting, or agreed already."""
    return makers(session, listed(session, lifting)) | {lifting.proposed_by, lifting.first_by}


def listed(session: Session, lifting: SanctionLifting) -> Sanction | SanctionBar:
    """The blacklisting that is to be lifted."""
    if lifting.sanction_id is not None:
        return session.get_one(Sanction, lifting.sanction_id)
    return session.get_one(SanctionBar, lifting.bar_id)


def _place_of_lifting(session: Session, lifting: SanctionLifting) -> tuple[UUID, Tied]:
    record = listed(session, lifting)
    if isinstance(record, Sanction):
        agency_id = record.agency_id
        return lifting.office_id, lambda session, some: ties.tied(session, some, agency_id)
    return lifting.office_id, drawing.tied_to(session, session.get_one(SanctionCase, record.case_id))


_DECIDE = Permission.SANCTION_DECIDE
SANCTIONS = Steps(
    SANCTION,
    Sanction,
    _l("Suspensions before a hearing"),
    select(Sanction.id, Sanction.agency_id),
    [
        Step(
            _G.DECISION, _l("Decision"), _DECIDE, frozenset({SanctionStatus.PROPOSED}), ("order", "reject"),
            hands=_of_proposal,
        ),
    ],
)  # fmt: skip
REVIEWS = Steps(
    SUSPENSION_REVIEW,
    SuspensionReview,
    _l("Reviews of interim suspensions"),
    select(SuspensionReview.id, Sanction.agency_id).join(Sanction, Sanction.id == SuspensionReview.sanction_id),
    [
        Step(
            _G.DECISION, _l("Decision"), Permission.SANCTION_APPEAL, frozenset({ReviewStatus.ASKED}),
            ("uphold", "lift"), hands=_of_suspension,
        ),
    ],
)  # fmt: skip
LIFTINGS = Steps(
    LIFTING,
    SanctionLifting,
    _l("Liftings of a blacklisting"),
    select(SanctionLifting.id, Sanction.agency_id).outerjoin(Sanction, Sanction.id == SanctionLifting.sanction_id),
    [
        Step(
            _G.FIRST, _l("First of two deciders"), _DECIDE, frozenset({_L.PROPOSED}), ("agree",), hands=_of_listing
        ),
        Step(
            _G.SECOND, _l("Second of two deciders"), _DECIDE, frozenset({_L.AGREED}), ("lift", "refuse"),
            hands=_of_listing,
        ),
    ],
    place=_place_of_lifting,
)  # fmt: skip


def holds(actor: Actor, agency_id: UUID) -> ColumnElement[bool]:
    """Whether this officer has to decide about a suspension of this agency, also in another office."""
    held: Any = duties.holds(actor.account_id, SANCTIONS.name, Sanction.id)
    return exists().where(Sanction.agency_id == agency_id, Sanction.status == SanctionStatus.PROPOSED, held)
