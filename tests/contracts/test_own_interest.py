"""Nobody decides, as an officer, what is the own agency's, the own employer's or the own."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.sanctions import liftings, orders
from agencies.sanctions.case_models import SanctionBar
from agencies.sanctions.case_status import CaseStatus, CaseSubject, OrderKind
from contracts.clearance import services as clearances
from contracts.employers import services as employers
from contracts.employment import services as employment
from contracts.job_orders import services as job_orders
from contracts.reviews import services as reviews
from contracts.reviews.models import WorkerReview
from contracts.reviews.status import OUTCOMES_FOR
from core.accounts import UserAccount, actor_for, add_membership, end_membership
from core.actor import Actor
from core.db import legal_today
from core.errors import Denied, NotVisible
from core.permissions import StaffRole, SubjectKind
from tests.agencies import proceedings as go
from tests.contracts import factories as make
from tests.contracts.test_clearance import applied, reviewed


def belonging(session: Session, actor: Actor, kind: SubjectKind, subject_id: object, *, past: bool = False) -> Actor:
    """The officer, who is (or was) one of the subject's people."""
    account = session.get_one(UserAccount, actor.account_id)
    made = add_membership(session, account, kind=kind, subject_id=subject_id, is_owner=True)  # type: ignore[arg-type]
    if past:
        end_membership(session, made)
    session.flush()
    return actor_for(session, account)


def labour(session: Session) -> Actor:
    return make.officer(session, StaffRole.LABOUR_OFFICER)


@pytest.mark.parametrize("past", [False, True], ids=["is", "was"])
@pytest.mark.parametrize("kind", [SubjectKind.AGENCY, SubjectKind.EMPLOYER])
@pytest.mark.parametrize("action", ["approve", "return"])
def test_an_officer_decides_no_job_order_of_the_own_side(session: Session, kind: SubjectKind, past: bool, action: str):
    scene = make.signed(session)
    job_orders.acknowledge(session, scene.agency, scene.order.id)
    subject = scene.agency_record.id if kind is SubjectKind.AGENCY else scene.employer_record.id
    tied = belonging(session, labour(session), kind, subject, past=past)
    with pytest.raises(Denied):
        job_orders.act(session, tied, scene.order.id, action, "Fits the market")
    job_orders.act(session, labour(session), scene.order.id, action, "Fits the market")


@pytest.mark.parametrize("kind", [SubjectKind.AGENCY, SubjectKind.EMPLOYER])
@pytest.mark.parametrize("action", ["register", "return", "end"])
def test_an_officer_decides_no_contract_of_the_own_side(session: Session, kind: SubjectKind, action: str):
    scene = make.approved(session)
    contract, _worker = make.accepted(session, scene)
    subject = scene.agency_record.id if kind is SubjectKind.AGENCY else scene.employer_record.id
    tied = belonging(session, labour(session), kind, subject)
    with pytest.raises(Denied):
        employment.decide(session, tied, contract.id, action, "In order")


def test_an_officer_witnesses_for_no_contract_of_the_own_side(session: Session):
    scene = make.approved(session)
    contract, worker = make.lodged(session, scene)
    employment.mark_read(session, worker, contract.id)
    make.let_time_pass(session, contract)
    tied = belonging(session, labour(session), SubjectKind.AGENCY, scene.agency_record.id, past=True)
    with pytest.raises(Denied):
        employment.witness(session, tied, contract.id, "PA1234567")


def test_an_officer_verifies_accredits_and_restores_no_own_employer(session: Session):
    fresh, _signatory = make.employer(session, accredited=False)
    mission = make.officer(session, StaffRole.MISSION_OFFICER, "M-QA")
    with pytest.raises(Denied):
        employers.verify(session, belonging(session, mission, SubjectKind.EMPLOYER, fresh.id), fresh.id, "Seen")
    employers.verify(session, make.officer(session, StaffRole.MISSION_OFFICER, "M-QA"), fresh.id, "Seen")
    tied = belonging(session, labour(session), SubjectKind.EMPLOYER, fresh.id, past=True)
    terms = employers.Accreditation(50, legal_today(session) + timedelta(days=700), "All papers seen")
    with pytest.raises(Denied):
        employers.accredit(session, tied, fresh.id, terms)
    employers.accredit(session, labour(session), fresh.id, terms)
    employers.sanction(session, labour(session), fresh.id, "watch", "Complaints")
    with pytest.raises(Denied):
        employers.sanction(session, tied, fresh.id, "restore", "All well")


def test_an_officer_decides_no_proceeding_against_the_own_employer(session: Session):
    accused, _owner = make.employer(session)
    case = go.walked(session, CaseStatus.DECISION, kind=CaseSubject.EMPLOYER, reference=accused.reference)
    tied = belonging(session, go.approver(session), SubjectKind.EMPLOYER, accused.id, past=True)
    with pytest.raises(Denied):
        orders.dismiss(session, tied, case.id, "Nothing in it")


def test_an_officer_lifts_no_blacklisting_of_the_own_employer(session: Session):
    accused, _owner = make.employer(session)
    go.ordered(session, OrderKind.BLACKLIST, kind=CaseSubject.EMPLOYER, reference=accused.reference)
    barred = session.scalars(select(SanctionBar)).one()
    tied = belonging(session, go.reviewer(session), SubjectKind.EMPLOYER, accused.id, past=True)
    with pytest.raises(Denied):
        liftings.propose(session, tied, barred.id, "Everybody was paid back.")
    lifting = liftings.propose(session, go.reviewer(session), barred.id, "Everybody was paid back.")
    tied = belonging(session, go.approver(session), SubjectKind.EMPLOYER, accused.id)
    with pytest.raises(Denied):
        liftings.agree(session, tied, lifting.id, "Yes")
    liftings.agree(session, go.approver(session), lifting.id, "Yes")


def test_nobody_reviews_the_own_case_after_a_sanction(session: Session):
    _contract, worker, scene = make.registered(session)
    go.ordered(session, OrderKind.SUSPEND, **go.against(scene.agency_record))
    reviews.follow(session)
    review = session.scalars(select(WorkerReview)).one()
    outcome = next(iter(OUTCOMES_FOR[review.kind]))
    own = belonging(session, labour(session), SubjectKind.MIGRANT, worker.memberships[0].subject_id)
    with pytest.raises(NotVisible):
        reviews.decide(session, own, review.id, reviews.Decision(outcome, "Looked at"))
    tied = belonging(session, labour(session), SubjectKind.AGENCY, scene.agency_record.id)
    with pytest.raises(Denied):
        reviews.decide(session, tied, review.id, reviews.Decision(outcome, "Looked at"))


def test_an_officer_of_the_agencys_side_clears_none_of_its_workers(session: Session):
    asked, _actor, scene = applied(session)
    tied = belonging(
        session, make.officer(session, StaffRole.CLEARANCE_OFFICER), SubjectKind.AGENCY, scene.agency_record.id
    )
    with pytest.raises(Denied):
        clearances.decide(session, tied, asked.id, "review", "All there")
    ready, _actor, scene, _reviewer = reviewed(session)
    tied = belonging(
        session, make.officer(session, StaffRole.CLEARANCE_APPROVER), SubjectKind.EMPLOYER, scene.employer_record.id, past=True
    )  # fmt: skip
    with pytest.raises(Denied):
        clearances.decide(session, tied, ready.id, "grant", "All holds")


@pytest.mark.parametrize("kind", [SubjectKind.AGENCY, SubjectKind.EMPLOYER])
def test_a_tie_that_a_labour_officer_declares_refuses_the_act_and_takes_the_button(
    client: Any, session: Session, kind: SubjectKind
):
    scene = make.signed(session)
    job_orders.acknowledge(session, scene.agency, scene.order.id)
    subject = scene.agency_record if kind is SubjectKind.AGENCY else scene.employer_record
    officer, page = labour(session), f"/job-orders/{scene.order.id}"
    client.sign_in(session, session.get_one(UserAccount, officer.account_id))
    assert f"{page}/approve" in client.get(page).text
    assert client.post_form("/licensing/ties", subject="EM-0000-00000-0", kind="family", note="").status_code == 422
    form = {"subject": subject.reference, "kind": "family", "note": "My brother"}
    assert client.post_form("/licensing/ties", **form).status_code == 303
    assert client.post_form("/licensing/ties", **form).status_code == 422
    ties = client.get("/licensing/ties").text
    assert (subject.name in ties, "My brother" in ties) == (True, True)
    shown = client.get(page).text
    assert (f"{page}/approve" in shown, "There is a tie between you and this" in shown) == (False, True)
    with pytest.raises(Denied, match="There is a tie"):
        job_orders.act(session, officer, scene.order.id, "approve", "Fits the market")
    job_orders.act(session, labour(session), scene.order.id, "approve", "Fits the market")
