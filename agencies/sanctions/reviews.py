"""The review of an interim suspension: the agency asks once, officers who did not make it uphold or lift it.

The proceeding goes on whatever becomes of the suspension: it has its own order, and its own appeal.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from agencies.registration import policies as agency_policies
from agencies.sanctions import case_policies as policies
from agencies.sanctions import drawing, liftings, orders
from agencies.sanctions.appeals import PAPER_MISSING, day_of_receipt
from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.case_status import OPEN, PaperStep
from agencies.sanctions.cases import NewPaper, add_papers
from agencies.sanctions.models import Sanction, SuspensionReview
from agencies.sanctions.status import SANCTION, SUSPENSION_REVIEW, ReviewStatus, SanctionKind, SanctionStatus
from agencies.sanctions.steps import REVIEWS, SanctionStage
from agencies.sanctions.suspension import end_extensions, give_back, in_force
from agencies.sanctions.telling import tell
from core import audit
from core.actor import SYSTEM, Actor
from core.db import legal_day, legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.i18n import _l
from core.permissions import Permission
from core.workflow import Transition
from law.country import due_after

OUTCOMES = ("uphold", "lift")


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A request that came on paper: its words, the paper, the day on which it came (today when none is written)."""

    words: str
    paper: NewPaper | None
    received_on: date | None = None


@dataclass(frozen=True, slots=True)
class AskBy:
    """Until when the agency can ask. ``certain`` only where the text of the law was seen: then a later day is refused."""

    day: date
    certain: bool
    evidence: dict[str, Any]


def ask_by(sanction: Sanction) -> AskBy:
    """The time of an appeal counts from the day of the suspension: the law's, else the ministry's standard."""
    ordered_on = legal_day(sanction.decided_at or sanction.created_at)
    found = orders.appeal_time(ordered_on)
    return AskBy(found.until, found.certain, found.evidence)


def of_case(session: Session, case: SanctionCase) -> tuple[Sanction | None, SuspensionReview | None]:
    """The interim suspension of a proceeding that holds today, and the newest review in the proceeding."""
    running = in_force(session, case.agency_id) if case.agency_id and case.status in OPEN else None
    if running is not None and running.case_id != case.id:
        running = None
    review = session.scalars(
        select(SuspensionReview)
        .join(Sanction, Sanction.id == SuspensionReview.sanction_id)
        .where(Sanction.case_id == case.id)
        .order_by(SuspensionReview.id.desc())
        .limit(1)
    ).one_or_none()
    return running, review


def may_ask(session: Session, case: SanctionCase) -> Sanction | None:
    """The suspension for which a review can be asked now; None where none holds, or one was asked for it."""
    running, _newest = of_case(session, case)
    if running is None or running.proposed_by is None:
        return None
    asked = session.scalar(select(SuspensionReview.id).where(SuspensionReview.sanction_id == running.id))
    return None if asked else running


def ask(session: Session, actor: Actor, case_id: UUID, words: str) -> SuspensionReview:
    """The agency asks, once for each suspension.

    :raises TooLate: when none holds, it was asked before, or the law's time is over; a time that no law names lets the
        request through, marked as late, and an officer decides.
    """
    case = policies.find_own(session, actor, case_id, lock=True)
    return _ask(session, actor, case, _to_review(session, case), words, legal_today(session))


def record(session: Session, actor: Actor, case_id: UUID, command: OnPaper) -> SuspensionReview:
    """An officer writes down, for the agency, a request that came on paper; another one decides it.

    :raises TooLate: as for the agency itself, counted from the day of the receipt.
    :raises DomainError: without the paper, or with a day on which it can't have come.
    """
    case = policies.find_for(session, actor, case_id, Permission.SANCTION_PROPOSE)
    sanction = _to_review(session, case)
    ordered_on = legal_day(sanction.decided_at or sanction.created_at)
    received = day_of_receipt(session, command.received_on, ordered_on)
    if command.paper is None:
        raise DomainError(PAPER_MISSING, field="file")
    review = _ask(session, actor, case, sanction, command.words, received)
    review.paper_id = add_papers(session, actor, case, PaperStep.REVIEW, (command.paper,))[0].id
    session.flush()
    tell(session, case)
    return review


def _to_review(session: Session, case: SanctionCase) -> Sanction:
    sanction = may_ask(session, case)
    if sanction is None:
        raise TooLate(_l("There is no interim suspension to review, or it was asked already."))
    return sanction


def _ask(
    session: Session, actor: Actor, case: SanctionCase, sanction: Sanction, words: str, received: date
) -> SuspensionReview:
    if not words.strip():
        raise DomainError(_l("Write why the suspension is wrong."), field="words")
    until = ask_by(sanction)
    late = received > until.day
    if late and until.certain:
        raise TooLate(_l("The time to ask for a review is over. Answer in the proceeding."))
    due = due_after(received, "suspension_review_days")
    review = SuspensionReview(
        sanction_id=sanction.id, words=words, asked_by=actor.require_account(), asked_on=received, late=late,
        law=until.evidence, due_on=min(due, sanction.last_day) if sanction.last_day else due,
    )  # fmt: skip
    session.add(review)
    session.flush()
    evidence = {
        "sanction_id": sanction.id, "case_id": case.id, "received_on": received, "late": late, "law": until.evidence,
    }  # fmt: skip
    audit.record(
        session,
        actor,
        subject=(SUSPENSION_REVIEW.name, review.id),
        action="ask",
        evidence=evidence,
        to_status=review.status,
    )
    REVIEWS.settle(session, review)
    return review


def find(session: Session, actor: Actor, review_id: UUID) -> tuple[SuspensionReview, Sanction, SanctionCase]:
    """A review with its suspension and proceeding, for staff who may see the proceeding, and for whom it was drawn.

    :raises NotVisible: for everybody else.
    """
    review = session.get(SuspensionReview, review_id)
    sanction = session.get(Sanction, review.sanction_id) if review else None
    if review is None or sanction is None or sanction.case_id is None:
        raise NotVisible
    if REVIEWS.has_passed_to(session, actor, review_id):
        return review, sanction, session.get_one(SanctionCase, sanction.case_id)
    case = policies.find(session, actor, sanction.case_id)
    if not any(case.office_id in actor.offices(p) for p in policies.SIGHT):
        raise NotVisible
    return review, sanction, case


def refuse_maker(session: Session, actor: Actor, sanction: Sanction, case: SanctionCase) -> None:
    """
    :raises Denied: for whoever made the suspension, made it longer or took a step of the proceeding, wrote the request
        down for the agency, for the office that complains, and for one of the agency's people.
    """
    agency_policies.refuse_conflict(session, actor, sanction.agency_id)
    policies.refuse_unit(actor, case)
    mine = actor.require_account()
    wrote = select(SuspensionReview.id).where(
        SuspensionReview.sanction_id == sanction.id, SuspensionReview.asked_by == mine
    )
    if session.scalar(wrote):
        raise Denied(_l("You wrote this request down. Another officer must decide it."))
    longer = session.scalar(
        select(Sanction.id)
        .where(Sanction.agency_id == sanction.agency_id, Sanction.kind == SanctionKind.EXTENSION)
        .where(Sanction.status != SanctionStatus.PROPOSED, Sanction.created_at >= sanction.created_at)
        .where(or_(Sanction.proposed_by == mine, Sanction.decided_by == mine))
        .limit(1)
    )
    if longer or mine == case.reported_by or liftings.made_by(session, sanction, mine):
        raise Denied(_l("You took part in the suspension or its proceeding. The review is for somebody else."))


def decide(session: Session, actor: Actor, review_id: UUID, outcome: str, reason: str) -> SuspensionReview:
    """``uphold`` or ``lift``. Lifted, the licence comes back at once, unless another suspension holds it or it has ended.

    :raises Denied: for whoever made the suspension.
    :raises TooLate: when it has ended meanwhile, or was decided.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"a review is not decided by {outcome}")
    _review, of, seen = find(session, actor, review_id)
    case = drawing.locked(session, seen)
    actor.require(Permission.SANCTION_APPEAL)
    # The suspension before its review, as where it lapses.
    sanction = session.get_one(Sanction, of.id, with_for_update=True, populate_existing=True)
    review = session.get_one(SuspensionReview, review_id, with_for_update=True, populate_existing=True)
    refuse_maker(session, actor, sanction, case)
    REVIEWS.require(session, actor, review, SanctionStage.DECISION)
    if sanction.last_day is not None and sanction.last_day < legal_today(session):
        raise TooLate(_l("The suspension has ended by itself."))
    review.decided_by, review.decided_on = actor.require_account(), legal_today(session)
    review.reason = reason
    evidence = {"sanction_id": sanction.id, "late": review.late, "law": review.law}
    SUSPENSION_REVIEW.apply(session, review, outcome, actor=actor, reason=reason, evidence=evidence)
    if outcome == "lift":
        sanction.lifted_by, sanction.lifted_on = actor.require_account(), legal_today(session)
        SANCTION.apply(session, sanction, "release", actor=actor, reason=reason, evidence={"review_id": review.id})
        end_extensions(session, actor, sanction.agency_id, reason, action="release")
        give_back(session, actor, sanction, reason)
    session.flush()
    tell(session, case)
    return review


def _ended(session: Session, sanction: Sanction, transition: Transition[SanctionStatus], _actor: Actor) -> None:
    """A suspension that ends in another way leaves nothing to review."""
    if sanction.kind is not SanctionKind.SUSPENSION or transition.target is SanctionStatus.IN_FORCE:
        return
    open_one = session.scalars(
        select(SuspensionReview)
        .where(SuspensionReview.sanction_id == sanction.id, SuspensionReview.status == ReviewStatus.ASKED)
        .with_for_update()
    ).one_or_none()
    if open_one is not None:
        SUSPENSION_REVIEW.apply(session, open_one, "fall_away", actor=SYSTEM, reason="the suspension has ended")


SANCTION.watch(_ended)
