"""After a sanction: nothing new begins with the party, and each worker who has a contract is looked at by a person."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from agencies.sanctions import appeals
from agencies.sanctions.case_status import CaseSubject, OrderKind
from agencies.sanctions.queries import is_barred
from contracts.clearance.models import DepartureClearance
from contracts.clearance.status import ClearanceStatus
from contracts.employers.queries import standing
from contracts.employment.services import Lodging, lodge
from contracts.employment.status import ContractStatus
from contracts.job_orders import services as job_orders
from contracts.orientation import services as orientation
from contracts.reviews import services as reviews
from contracts.reviews.models import WorkerReview
from contracts.reviews.status import REVIEW, Outcome, ReviewKind, ReviewStatus
from core.db import db_now, legal_today
from core.errors import DomainError, NotVisible, TooLate
from core.permissions import StaffRole
from tests.agencies import proceedings as go
from tests.contracts import factories as make
from tests.contracts.test_comparison import PROMISED
from tests.contracts.test_orientation import centre, meeting
from tests.migrants.factories import officer


def rows(session):
    return session.scalars(select(WorkerReview).order_by(WorkerReview.created_at)).all()


def test_the_transition_table_is_the_one_written_down_here():
    assert REVIEW.pairs() == {("open", "decide", "done"), ("open", "settle", "settled")}


def test_a_barred_employer_gets_no_new_job_order_or_contract_and_may_again_after_the_appeal(session):
    scene = make.approved(session)
    employer = scene.employer_record
    _id, reference, _actor = make.worker(session)
    case = go.ordered(session, OrderKind.BLACKLIST, kind=CaseSubject.EMPLOYER, reference=employer.reference)
    assert (case.name, case.country, case.subject_id) == (employer.name, "QA", employer.id)
    assert is_barred(session, CaseSubject.EMPLOYER, employer.id)
    assert not standing(session, employer.id, legal_today(session)).may_hire
    with pytest.raises(DomainError, match="barred"):
        job_orders.draft(session, scene.employer, job_orders.Draft(scene.agency_record.id, 2, PROMISED))
    with pytest.raises(DomainError, match="barred"):
        lodge(session, scene.agency, Lodging(scene.order.id, reference, PROMISED))
    appeals.record(session, go.reviewer(session), case.id, go.on_paper("It was another firm."))
    appeals.decide(session, go.appeal_officer(session), case.id, "reverse", "Another firm.")
    assert lodge(session, scene.agency, Lodging(scene.order.id, reference, PROMISED)).status is not None


def test_workers_of_a_blacklisted_agency_are_looked_at_one_by_one_and_no_contract_is_touched(session):
    contract, _worker, scene = make.registered(session)
    other, _worker = make.lodged(session, make.approved(session))
    assert reviews.follow(session) == (0, 0)
    case = go.ordered(session, OrderKind.BLACKLIST, **go.against(scene.agency_record))
    assert (reviews.follow(session), reviews.follow(session)) == ((1, 0), (0, 0))
    review = rows(session)[0]
    assert (review.contract_id, review.kind, review.status) == (contract.id, ReviewKind.CONTRACTED, ReviewStatus.OPEN)
    assert contract.status is ContractStatus.REGISTERED
    assert other.id != review.contract_id

    labour = officer(session, StaffRole.LABOUR_OFFICER)
    with pytest.raises(NotVisible):
        reviews.decide(session, go.approver(session), review.id, reviews.Decision(Outcome.MOVED, "x"))
    with pytest.raises(DomainError):
        reviews.decide(session, labour, review.id, reviews.Decision(Outcome.SAFE, "She is at home."))
    assert review.status is ReviewStatus.OPEN
    reviews.decide(session, labour, review.id, reviews.Decision(Outcome.MOVED, "She goes with another agency."))
    with pytest.raises(TooLate):
        reviews.decide(session, labour, review.id, reviews.Decision(Outcome.ENDED, "Again."))
    assert (review.status, review.outcome, contract.status) == (
        ReviewStatus.DONE, Outcome.MOVED, ContractStatus.REGISTERED,
    )  # fmt: skip
    appeals.record(session, go.reviewer(session), case.id, go.on_paper("Wrong."))
    appeals.decide(session, go.appeal_officer(session), case.id, "reverse", "Forged.")
    assert reviews.follow(session) == (0, 0)


def test_how_far_the_worker_is_decides_what_is_done_and_only_a_call_abroad_outlives_the_sanction(session):
    scene = make.approved(session)
    contracts = [make.registered(session, scene)[0] for _ in range(2)]
    for contract, status in zip(contracts, (ClearanceStatus.GRANTED, ClearanceStatus.DEPARTED), strict=True):
        session.add(clearance_of(session, contract, status))
    session.flush()
    case = go.appealed(session, OrderKind.SUSPEND, ask_stay=True, **go.against(scene.agency_record))
    assert reviews.follow(session) == (2, 0)
    assert {r.contract_id: r.kind for r in rows(session)} == {
        contracts[0].id: ReviewKind.CLEARED, contracts[1].id: ReviewKind.DEPLOYED,
    }  # fmt: skip
    appeals.decide_stay(session, go.appeal_officer(session), case.id, "Wait.", grant=True)
    assert reviews.follow(session) == (0, 1)
    assert {r.contract_id: r.status for r in rows(session)} == {
        contracts[0].id: ReviewStatus.SETTLED, contracts[1].id: ReviewStatus.OPEN,
    }  # fmt: skip


def clearance_of(session, contract, status):
    one, two = (go.account(session).id for _ in range(2))
    return DepartureClearance(
        migrant_id=contract.migrant_id, contract_id=contract.id, job_order_id=contract.job_order_id,
        office_id=contract.office_id, status=status, reviewed_by=one, granted_by=two, granted_at=db_now(session),
        valid_until=legal_today(session) + timedelta(60),
    )  # fmt: skip


def test_a_barred_centre_holds_no_new_session_and_gives_no_seat(session):
    record, owner = centre(session)
    open_session = meeting(session, owner)
    case = go.ordered(session, OrderKind.SUSPEND, kind=CaseSubject.ORIENTATION_CENTRE, reference=record.reference)
    assert (case.name, is_barred(session, CaseSubject.ORIENTATION_CENTRE, record.id)) == (record.name, True)
    with pytest.raises(DomainError, match="centre is barred"):
        meeting(session, owner)
    with pytest.raises(TooLate, match="another centre"):
        orientation.book(session, make.worker(session)[2], open_session.id)
    assert open_session.booked == 0
