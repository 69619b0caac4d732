"""Contracts and job orders end: withdrawn by who lodged them, lapsed after their day, closed with the people under them kept."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts import deadlines, jobs, lapses, quota
from contracts.employment import questions
from contracts.employment import services as employment
from contracts.employment.models import EmploymentContract
from contracts.employment.policies import find as find_contract
from contracts.employment.queries import newest_of
from contracts.employment.status import ContractStatus, Place
from contracts.employment.terms import PassportKeeper
from contracts.employment.withdrawal import withdraw
from contracts.job_orders import services as job_orders
from contracts.job_orders.models import JobOrder
from contracts.job_orders.policies import find as find_order
from contracts.job_orders.queries import of_agency
from contracts.job_orders.status import JobOrderStatus
from contracts.sides import Side
from core.accounts import NewAccount, UserAccount, actor_for, add_membership, create_account
from core.actor import Actor
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.messages import OutgoingMessage
from core.permissions import ClerkRight, StaffRole, SubjectKind
from law.country import deployment
from law.engine import Applied, Row, RowStatus
from migrants.registration.models import Migrant
from tests.contracts import factories as make
from tests.contracts.accreditation_factories import barred
from tests.contracts.test_comparison import PROMISED
from tests.migrants.factories import PASSWORD, officer

# Written by hand: which row of the country's policy says how long each state waits for a party.
WAITS = {
    ContractStatus.WORKER_REVIEW: "contract_answer_days", ContractStatus.QUESTION: "contract_question_days",
    ContractStatus.RETURNED: "contract_mend_days", JobOrderStatus.DRAFT: "job_order_sign_days",
    JobOrderStatus.EMPLOYER_SIGNED: "job_order_acknowledge_days",
}  # fmt: skip
NEWS = ("record_changed", "party_news", "lapse_warning")


def clerk(session: Session, scene: make.Scene, *rights: ClerkRight, side: Side = Side.AGENCY) -> Actor:
    account = create_account(session, NewAccount("Clerk", PASSWORD, email=f"{len(rights)}{side}@clerks.example"))
    kind, subject = (
        (SubjectKind.AGENCY, scene.agency_record.id)
        if side is Side.AGENCY
        else (SubjectKind.EMPLOYER, scene.employer_record.id)
    )
    add_membership(session, account, kind=kind, subject_id=subject, rights=list(rights))
    return actor_for(session, account)


def places(session: Session, order_id: object) -> tuple[int, int, int]:
    order = session.get_one(JobOrder, order_id, populate_existing=True)
    return order.reserved, order.contracted, order.cleared


def told(session: Session, actor: Actor) -> list[str]:
    query = select(OutgoingMessage.template).where(OutgoingMessage.account_id == actor.require_account())
    return [t for t in session.scalars(query.order_by(OutgoingMessage.id)) if t in NEWS]


def yesterday(session: Session, *records: deadlines.Waiting) -> None:
    """As if their last day had been yesterday."""
    for record in records:
        record.lapses_on = legal_today(session) - timedelta(days=1)
    session.flush()


def labour(session: Session) -> Actor:
    return officer(session, StaffRole.LABOUR_OFFICER)


def test_each_state_that_waits_for_a_party_has_its_days_and_no_other_has(session: Session):
    today = legal_today(session)
    for status in (*ContractStatus, *JobOrderStatus):
        standard = WAITS.get(status)
        expected = deployment().working_week.after(today, deployment().policy[standard]) if standard else None
        if status is JobOrderStatus.APPROVED:
            expected = today + timedelta(days=deployment().policy["job_order_recruiting_days"])
        assert deadlines.last_day(status, today) == expected


def test_a_ministry_without_such_days_lets_nothing_lapse(session: Session, monkeypatch: pytest.MonkeyPatch):
    for name in (*WAITS.values(), "job_order_recruiting_days"):
        monkeypatch.delitem(deployment().policy, name)
    contract, _worker = make.lodged(session, make.approved(session))
    assert contract.lapses_on is None
    assert jobs.lapse(session) == 0
    assert contract.status is ContractStatus.WORKER_REVIEW


def test_days_that_begin_later_do_not_count_before(session: Session, monkeypatch: pytest.MonkeyPatch):
    tomorrow = legal_today(session) + timedelta(days=1)
    monkeypatch.setitem(deployment().policy_from, "contract_answer_days", tomorrow)
    assert deadlines.last_day(ContractStatus.WORKER_REVIEW, tomorrow - timedelta(days=1)) is None
    assert deadlines.last_day(ContractStatus.WORKER_REVIEW, tomorrow) is not None


@pytest.mark.parametrize(("status", "expected"), [(RowStatus.SEEN, 120), (RowStatus.REPORTED, 365)])
def test_the_time_to_recruit_is_the_laws_where_it_was_seen(
    session: Session, monkeypatch: pytest.MonkeyPatch, status: RowStatus, expected: int
):
    row = Row("xx.days", "job_order.validity_days", 120, "days", "", "An Act", status, None, None)
    monkeypatch.setattr(deadlines, "applies", lambda _topic, **_day: Applied(120, row))
    today, order = legal_today(session), make.approved(session).order
    assert deadlines.recruiting_until(today) == order.lapses_on == today + timedelta(days=expected)
    used = deadlines.basis(order)
    assert used == ({"law": row.as_evidence()} if expected == 120 else {"policy": "job_order_recruiting_days"})


# --- withdrawing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", list(Side))
def test_the_side_that_lodged_withdraws_and_nobody_else(session: Session, side: Side):
    scene = make.approved(session)
    _id, reference, worker = make.worker(session)
    lodger, other = (scene.agency, scene.employer) if side is Side.AGENCY else (scene.employer, scene.agency)
    contract = employment.lodge(session, lodger, employment.Lodging(scene.order.id, reference, PROMISED))
    assert contract.lodged_for is side
    without = clerk(session, scene, ClerkRight.JOB_ORDERS, side=side)
    for somebody in (other, without, worker, labour(session)):
        with pytest.raises(Denied):
            withdraw(session, somebody, contract.id, "Mine")
    _record, stranger = make.agency(session)
    with pytest.raises(NotVisible):
        withdraw(session, stranger, contract.id, "Mine")
    entitled = clerk(session, scene, ClerkRight.JOB_ORDERS, ClerkRight.CONTRACTS, side=side)
    with pytest.raises(DomainError, match="give a reason"):
        withdraw(session, entitled, contract.id, "  ")
    assert (contract.status, places(session, scene.order.id)) == (ContractStatus.WORKER_REVIEW, (1, 0, 0))
    withdraw(session, entitled, contract.id, "The worker is ill.")
    assert (contract.status, contract.place, contract.lapses_on) == (ContractStatus.WITHDRAWN, Place.NONE, None)
    assert places(session, scene.order.id) == (0, 0, 0)
    assert told(session, worker) == ["record_changed", "record_changed"]
    with pytest.raises(TooLate):
        withdraw(session, entitled, contract.id, "Again")
    assert places(session, scene.order.id) == (0, 0, 0)
    # The worker is free for another one.
    employment.lodge(session, lodger, employment.Lodging(scene.order.id, reference, PROMISED))
    assert places(session, scene.order.id) == (1, 0, 0)


def test_what_the_worker_accepted_is_withdrawn_until_it_is_registered(session: Session):
    scene = make.approved(session)
    accepted, worker = make.accepted(session, scene)
    registered, _worker, _scene = make.registered(session, scene)
    assert (accepted.lapses_on, registered.lapses_on) == (None, None)
    withdraw(session, scene.agency, accepted.id, "The employer closed the site.")
    assert (accepted.status, accepted.due_on) == (ContractStatus.WITHDRAWN, None)
    with pytest.raises(TooLate):
        withdraw(session, scene.agency, registered.id, "Too late")
    assert (registered.status, registered.place) == (ContractStatus.REGISTERED, Place.CONTRACTED)
    assert places(session, scene.order.id) == (0, 1, 0)
    with pytest.raises(TooLate):
        employment.decline(session, worker, accepted.id)


def test_who_never_saw_a_contract_is_told_nothing_of_its_end(session: Session):
    scene = make.approved(session)
    contract, worker = make.lodged(session, scene, passport_kept_by=PassportKeeper.EMPLOYER)
    withdraw(session, scene.agency, contract.id, "It was a mistake.")
    assert told(session, worker) == []
    assert newest_of(session, contract.migrant_id) is None


def test_the_worker_sees_the_contract_that_was_shown_last_not_the_one_that_was_lodged_last(session: Session):
    scene = make.approved(session)
    first, _worker = make.accepted(session, scene)
    employment.decide(session, labour(session), first.id, "return", "A digit is missing.")
    reference = session.get_one(Migrant, first.migrant_id).reference
    second = employment.lodge(session, scene.agency, employment.Lodging(scene.order.id, reference, PROMISED))
    with pytest.raises(DomainError, match="another contract meanwhile"):
        employment.amend(session, scene.agency, first.id, PROMISED)
    withdraw(session, scene.agency, second.id, "Lodged twice.")
    assert newest_of(session, first.migrant_id) is second
    second.shown_at -= timedelta(seconds=1)
    employment.amend(session, scene.agency, first.id, PROMISED)
    assert newest_of(session, first.migrant_id) is first


# --- lapsing ---------------------------------------------------------------------------------------------------------


def test_contracts_lapse_after_their_day_and_give_their_place_back_once(session: Session):
    scene = make.approved(session)
    waits, worker = make.lodged(session, scene)
    asked, asker = make.lodged(session, scene)
    questions.ask(session, asker, asked.id, "Is food given?", locale="en")
    accepted, _worker = make.accepted(session, scene)
    returned, _worker = make.accepted(session, scene)
    employment.decide(session, labour(session), returned.id, "return", "The wage lacks a digit.")
    today, _other = legal_today(session), make.lodged(session, scene)
    assert jobs.lapse(session) == 0
    waits.lapses_on = asked.lapses_on = returned.lapses_on = today
    assert jobs.lapse(session) == 0
    assert told(session, worker) == ["record_changed", "record_changed"]
    yesterday(session, waits, asked, returned)
    assert jobs.lapse(session) == 3
    assert jobs.lapse(session) == 0
    assert {c.status for c in (waits, asked, returned)} == {ContractStatus.LAPSED}
    assert accepted.status is ContractStatus.ACCEPTED
    assert places(session, scene.order.id) == (2, 0, 0)
    assert told(session, worker) == ["record_changed"] * 3
    # One message to the agency's owner for the warning and one for the end, however many contracts.
    assert told(session, scene.agency) == ["lapse_warning", "party_news"]
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == waits.id, AuditEvent.action == "lapse")
    ).one()
    assert (event.actor_kind, event.evidence["waited"]) == ("system", "worker_review")
    assert (event.evidence["policy"], event.evidence["last_day"]) == ("contract_answer_days", str(waits.lapses_on))


def test_before_the_job_comes_by_nobody_acts_after_the_day(session: Session):
    scene = make.approved(session)
    contract, worker = make.lodged(session, scene)
    employment.mark_read(session, worker, contract.id)
    make.let_time_pass(session, contract)
    employment.send_accept_code(session, worker, contract.id)
    yesterday(session, contract)
    code = make.last_code(session, worker.require_account())
    with pytest.raises(TooLate, match="The time for this ended"):
        employment.accept(session, worker, contract.id, secret=PASSWORD, code=code, locale="en")
    with pytest.raises(TooLate, match="The time for this ended"):
        employment.amend(session, scene.agency, contract.id, PROMISED)
    # A question would begin a time of its own.
    with pytest.raises(TooLate, match="The time for this ended"):
        questions.ask(session, worker, contract.id, "Why?", locale="en")
    with pytest.raises(TooLate, match="The time for this ended"):
        employment.send_accept_code(session, worker, contract.id)
    assert contract.status is ContractStatus.WORKER_REVIEW


def test_new_terms_give_the_worker_the_whole_time_anew(session: Session):
    scene = make.approved(session)
    contract, worker = make.lodged(session, scene)
    full, contract.lapses_on = contract.lapses_on, legal_today(session)
    employment.amend(session, scene.agency, contract.id, replace(PROMISED, wage_minor=130000))
    assert contract.lapses_on == full
    assert lapses.warn(session, 10) == 0
    contract.lapses_on = legal_today(session) + timedelta(days=deployment().policy["contract_warning_days"])
    assert [lapses.warn(session, 10) for _ in range(2)] == [1, 0]
    contract.lapses_on -= timedelta(days=1)
    assert lapses.warn(session, 10) == 1
    assert told(session, worker).count("record_changed") == 4


def test_job_orders_lapse_where_nobody_acts_and_expire_after_the_time_to_recruit(session: Session):
    signed, approved = make.signed(session), make.approved(session)
    draft = job_orders.draft(session, signed.employer, job_orders.Draft(signed.agency_record.id, 3, PROMISED))
    taken_on = make.signed(session)
    job_orders.acknowledge(session, taken_on.agency, taken_on.order.id)
    assert taken_on.order.lapses_on is None
    kept, worker = make.lodged(session, approved)
    yesterday(session, signed.order, approved.order, draft)
    with pytest.raises(TooLate, match="The time for this ended"):
        job_orders.acknowledge(session, signed.agency, signed.order.id)
    _id, reference, _worker = make.worker(session)
    with pytest.raises(TooLate, match="The time to recruit under this job order ended"):
        employment.lodge(session, approved.agency, employment.Lodging(approved.order.id, reference, PROMISED))
    assert [jobs.lapse(session) for _ in range(2)] == [3, 0]
    assert (signed.order.status, draft.status) == (JobOrderStatus.LAPSED, JobOrderStatus.LAPSED)
    assert (approved.order.status, taken_on.order.status) == (
        JobOrderStatus.EXPIRED,
        JobOrderStatus.AGENCY_ACKNOWLEDGED,
    )
    assert told(session, signed.employer) == told(session, signed.agency) == ["party_news"]
    # The agency never heard of the draft, and still does not.
    assert [r[0].id for r in of_agency(session, signed.agency_record.id)] == [signed.order.id]
    with pytest.raises(NotVisible):
        find_order(session, signed.agency, draft.id)
    assert find_order(session, signed.employer, draft.id) is draft
    # Who was under it goes on, and counts: with the employer's capacity and with its place.
    assert job_orders.capacity_left(session, approved.employer_record) == 49
    assert (kept.status, places(session, approved.order.id)) == (ContractStatus.WORKER_REVIEW, (1, 0, 0))
    accept(session, worker, kept)
    employment.decide(session, labour(session), kept.id, "register", "Accepted in time")
    assert places(session, approved.order.id) == (0, 1, 0)


def accept(session: Session, worker: Actor, contract: EmploymentContract) -> None:
    employment.mark_read(session, worker, contract.id)
    make.let_time_pass(session, contract)
    employment.send_accept_code(session, worker, contract.id)
    code = make.last_code(session, worker.require_account())
    employment.accept(session, worker, contract.id, secret=PASSWORD, code=code, locale="en")


@pytest.mark.parametrize("since", ["then", "later"])
def test_what_waited_before_there_were_days_gets_its_time_from_today(
    session: Session, monkeypatch: pytest.MonkeyPatch, since: str
):
    today = legal_today(session)
    monkeypatch.setitem(
        deployment().policy_from, "job_order_recruiting_days", today - timedelta(days=500 if since == "then" else 5)
    )
    scene = make.approved(session)
    contract, _worker = make.lodged(session, scene)
    full, contract.lapses_on, scene.order.lapses_on = contract.lapses_on, None, None
    assert scene.order.approved_at
    scene.order.approved_at -= timedelta(days=400)
    assert jobs.lapse(session) == 0
    assert contract.lapses_on == full
    left = deployment().policy["job_order_warning_days" if since == "then" else "job_order_recruiting_days"]
    assert scene.order.lapses_on == today + timedelta(days=left)
    assert ("lapse_warning" in told(session, scene.employer)) == (since == "then")


def test_a_job_takes_a_batch_and_the_next_one_the_rest(session: Session):
    scene = make.approved(session)
    made = [make.lodged(session, scene)[0] for _ in range(3)]
    yesterday(session, *made)
    assert [lapses.lapse_contracts(session, 2) for _ in range(3)] == [2, 1, 0]


# --- closing, and what a place that was given back means ----------------------------------------------------------------


@pytest.mark.parametrize("side", list(Side))
def test_either_side_withdraws_before_the_approval_and_closes_after_it(session: Session, side: Side):
    early, open_one = make.signed(session), make.approved(session)
    kept, _worker = make.lodged(session, open_one)
    for scene, action, status in (
        (early, "withdraw", JobOrderStatus.WITHDRAWN), (open_one, "close", JobOrderStatus.CLOSED),
    ):  # fmt: skip
        mine, other = (scene.agency, scene.employer) if side is Side.AGENCY else (scene.employer, scene.agency)
        without = clerk(session, scene, ClerkRight.CONTRACTS, side=side)
        with pytest.raises(Denied):
            job_orders.act(session, without, scene.order.id, action, "Because")
        with pytest.raises(Denied):
            job_orders.act(session, labour(session), scene.order.id, action, "Because")
        with pytest.raises(DomainError, match="give a reason"):
            job_orders.act(session, mine, scene.order.id, action, "")
        assert action in {a.action for a in job_orders.actions(mine, scene.order)}
        job_orders.act(session, mine, scene.order.id, action, "Because")
        assert scene.order.status is status
        assert told(session, other)[-1] == "party_news"
        with pytest.raises(TooLate):
            job_orders.act(session, mine, scene.order.id, action, "Because")
        _drop(session, without)
    assert (kept.status, places(session, open_one.order.id)) == (ContractStatus.WORKER_REVIEW, (1, 0, 0))


def _drop(session: Session, actor: Actor) -> None:
    """The next clerk of the same name needs the address."""
    session.get_one(UserAccount, actor.require_account()).email_index = None
    session.flush()


def test_a_returned_contract_of_a_closed_job_order_takes_no_place_again(session: Session):
    scene = make.approved(session)
    returned, _worker = make.accepted(session, scene)
    waits, worker = make.lodged(session, scene)
    employment.decide(session, labour(session), returned.id, "return", "The wage lacks a digit.")
    job_orders.act(session, scene.employer, scene.order.id, "close", "The site is finished.")
    for contract in (returned, waits):
        before = (contract.status, contract.version, contract.place)
        with pytest.raises(TooLate, match="This job order is closed"):
            employment.amend(session, scene.agency, contract.id, PROMISED)
        assert (contract.status, contract.version, contract.place) == before
    # No other way leads to a place, either.
    with pytest.raises(TooLate):
        quota.move(session, returned, Place.RESERVED)
    assert places(session, scene.order.id) == (1, 0, 0)
    accept(session, worker, waits)
    employment.decide(session, labour(session), waits.id, "register", "Accepted before it was closed")
    assert places(session, scene.order.id) == (0, 1, 0)


def test_registering_asks_for_the_parties_of_today(session: Session):
    scene = make.approved(session)
    contract, _worker = make.accepted(session, scene)
    job_orders.act(session, scene.agency, scene.order.id, "close", "The site is finished.")
    barred(session, scene.employer_record)
    with pytest.raises(DomainError, match="barred"):
        employment.decide(session, labour(session), contract.id, "register", "ok")
    with pytest.raises(TooLate):
        employment.amend(session, scene.agency, contract.id, PROMISED)
    assert contract.status is ContractStatus.ACCEPTED
    assert find_contract(session, scene.agency, contract.id) is contract
