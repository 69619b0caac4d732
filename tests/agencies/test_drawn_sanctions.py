"""Suspensions before a hearing, their reviews and the liftings of blacklistings are drawn among those without a hand in them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from agencies.insider import duties
from agencies.insider import services as insider
from agencies.insider.status import TieKind
from agencies.queues import QUEUES
from agencies.sanctions import liftings, reviews
from agencies.sanctions import services as sanctions
from agencies.sanctions.case_status import CaseSubject, LiftingStatus, OrderKind
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import ReviewStatus, SanctionKind, SanctionStatus
from agencies.sanctions.steps import LIFTINGS, REVIEWS, SANCTIONS, SanctionStage
from core.accounts import actor_for, add_membership
from core.db import legal_today
from core.errors import Denied
from core.permissions import SubjectKind
from tests.agencies import factories as make
from tests.agencies import proceedings as go

pytestmark = pytest.mark.real_lot
G = SanctionStage


def holder(session, steps, record, stage):
    held = duties.duty(session, steps.name, record.id, stage)
    return held.officer_id if held else None


def waiting(session, actor, name):
    queue = next(q for q in QUEUES if q.name == name)
    return [r.id for r in session.execute(queue.query(actor))]


def proposed(session, agency, proposer):
    command = sanctions.Propose(SanctionKind.SUSPENSION, "Took passports.", legal_today(session) + timedelta(6))
    return sanctions.propose(session, proposer, agency.id, command)


def test_a_suspension_is_ordered_by_the_officer_drawn_and_its_review_falls_to_a_stranger_to_it(session):
    agency, _licence = make.licensed(session)
    proposer, mine, other = go.approver(session), go.approver(session), go.approver(session)
    with make.drawn_for(proposer, mine, other):
        sanction = proposed(session, agency, proposer)
        assert holder(session, SANCTIONS, sanction, G.DECISION) == mine.account_id
        for act in (sanctions.order, sanctions.reject):
            for actor, words in ((proposer, "You proposed this"), (other, "drawn for another officer")):
                with pytest.raises(Denied, match=words):
                    act(session, actor, sanction.id, "In danger.")
        queues = [waiting(session, a, "sanction.decision") for a in (proposer, mine, other)]
        assert (sanction.status, queues) == (SanctionStatus.PROPOSED, [[], [sanction.id], []])
        sanctions.order(session, mine, sanction.id, "In danger.")
    assert sanction.status is SanctionStatus.IN_FORCE
    owner = go.account(session)
    add_membership(session, owner, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True)
    judge, second = go.appeal_officer(session), go.appeal_officer(session)
    with make.drawn_for(judge, second):
        review = reviews.ask(session, actor_for(session, owner), sanction.case_id, "We hold none.")
        assert [waiting(session, j, "case.review") for j in (judge, second)] == [[review.id], []]
        with pytest.raises(Denied, match="drawn for another officer"):
            reviews.decide(session, second, review.id, "lift", "No danger.")
        assert review.status is ReviewStatus.ASKED
        insider.declare(session, judge, insider.DeclareTie(agency.reference, TieKind.FAMILY, "A cousin"))
        assert holder(session, REVIEWS, review, G.DECISION) == second.account_id
        assert reviews.decide(session, second, review.id, "lift", "No danger.").status is ReviewStatus.LIFTED


@pytest.mark.parametrize("of", ["agency", "agent abroad"])
def test_a_lifting_falls_to_two_deciders_one_after_the_other_who_made_nothing_of_it(session, of):
    if of == "agency":
        subject = go.against(make.licensed(session)[0])
    else:
        subject = {"kind": CaseSubject.FOREIGN_AGENT, "name": "Dhow", "identifier": "CR 1", "country": "QA"}
    decider, proposer, first, second = (go.approver(session) for _ in range(4))
    with make.drawn_for(decider, first, second, proposer):
        case = go.ordered(session, OrderKind.BLACKLIST, decider=decider, **subject)
        listed = session.scalars(select(Sanction.id).where(Sanction.case_id == case.id)).one_or_none()
        target = listed or session.scalars(select(liftings.SanctionBar.id)).one()
        lifting = liftings.propose(session, proposer, target, "All are paid.")
        assert holder(session, LIFTINGS, lifting, G.FIRST) == first.account_id
        for actor, words in ((decider, "took part"), (proposer, "proposed this"), (second, "drawn for another")):
            with pytest.raises(Denied, match=words):
                liftings.agree(session, actor, lifting.id, "Seen.")
        assert lifting.status is LiftingStatus.PROPOSED
        liftings.agree(session, first, lifting.id, "Seen.")
        assert holder(session, LIFTINGS, lifting, G.SECOND) == second.account_id
        assert waiting(session, second, "case.lifting") == [lifting.id]
        liftings.agree(session, second, lifting.id, "Seen.")
    assert lifting.status is LiftingStatus.LIFTED
