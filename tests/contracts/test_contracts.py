from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from contracts import quota
from contracts.employers import services as employers
from contracts.employers.status import EmployerStatus
from contracts.employment import services as employment
from contracts.employment.models import ContractVersion, EmploymentContract
from contracts.employment.policies import find as find_contract
from contracts.employment.services import Lodging
from contracts.employment.status import ContractStatus, contract_workflow
from contracts.employment.terms import PassportKeeper
from contracts.job_orders import services as job_orders
from contracts.job_orders.models import JobOrder
from contracts.job_orders.policies import find as find_order
from contracts.job_orders.queries import waiting
from contracts.job_orders.status import JobOrderStatus, job_order_workflow
from contracts.queues import SEARCHES
from core.accounts import NewAccount, UserAccount, actor_for, add_membership, create_account
from core.actor import Actor
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.permissions import ClerkRight, StaffRole, SubjectKind
from migrants.registration.models import Passport
from tests.contracts import factories as make
from tests.contracts.accreditation_factories import barred
from tests.contracts.test_comparison import PROMISED
from tests.migrants.factories import PASSWORD, officer

Sessions = sessionmaker[Session]


def test_the_transition_tables_are_the_ones_that_were_agreed():
    assert job_order_workflow.pairs() == {
        ("draft", "sign", "employer_signed"), ("employer_signed", "edit", "draft"), ("agency_acknowledged", "edit", "draft"),
        ("employer_signed", "acknowledge", "agency_acknowledged"), ("employer_signed", "return", "draft"),
        ("agency_acknowledged", "return", "draft"), ("agency_acknowledged", "approve", "approved"), ("approved", "close", "closed"),
        ("agency_acknowledged", "approve_first", "second_check"), ("second_check", "confirm", "approved"),
        ("second_check", "return", "draft"), ("second_check", "edit", "draft"), ("second_check", "withdraw", "withdrawn"),
        ("draft", "lapse", "lapsed"), ("employer_signed", "lapse", "lapsed"), ("approved", "expire", "expired"),
        ("draft", "withdraw", "withdrawn"), ("employer_signed", "withdraw", "withdrawn"), ("agency_acknowledged", "withdraw", "withdrawn"),
    }  # fmt: skip
    assert contract_workflow.pairs() == {
        ("lodged", "show", "worker_review"), ("lodged", "fail", "returned"), ("worker_review", "ask", "question"),
        ("worker_review", "accept", "accepted"), ("worker_review", "decline", "declined"), ("question", "decline", "declined"),
        ("returned", "amend", "lodged"), ("worker_review", "amend", "lodged"), ("question", "amend", "lodged"),
        ("accepted", "amend", "lodged"), ("accepted", "return", "returned"), ("accepted", "register", "registered"),
        ("registered", "end", "ended"), ("question", "answer", "worker_review"), ("question", "go_on", "worker_review"),
        ("registered", "end", "ended"),
        ("returned", "withdraw", "withdrawn"), ("worker_review", "withdraw", "withdrawn"), ("question", "withdraw", "withdrawn"),
        ("accepted", "withdraw", "withdrawn"),
        ("returned", "lapse", "lapsed"), ("worker_review", "lapse", "lapsed"), ("question", "lapse", "lapsed"),
    }  # fmt: skip


def test_a_mission_of_another_country_cannot_verify(session: Session):
    employer, _actor = make.employer(session, accredited=False)
    with pytest.raises(NotVisible):
        employers.verify(session, officer(session, StaffRole.MISSION_OFFICER, "M-SA"), employer.id, "seen")
    with pytest.raises(Denied):
        employers.verify(session, officer(session, StaffRole.LABOUR_OFFICER), employer.id, "seen")
    assert employer.status is EmployerStatus.REGISTERED


def test_a_contact_that_an_agency_controls_stops_the_verification(session: Session):
    employer, _actor = make.employer(session, accredited=False)
    agency, _owner = make.agency(session)
    clerk = create_account(session, NewAccount("Clerk", PASSWORD, phone=employer.signatory_phone))
    add_membership(session, clerk, kind=SubjectKind.AGENCY, subject_id=agency.id, rights=[ClerkRight.CONTRACTS])
    with pytest.raises(DomainError, match="belongs to an agency"):
        employers.verify(session, officer(session, StaffRole.MISSION_OFFICER, "M-QA"), employer.id, "seen")
    assert employer.status is EmployerStatus.REGISTERED


def test_only_the_named_signatory_signs_with_password_and_code(session: Session):
    agency, _owner = make.agency(session)
    employer, signatory = make.employer(session)
    order = job_orders.draft(session, signatory, job_orders.Draft(agency.id, 5, PROMISED))
    clerk = create_account(session, NewAccount("Clerk", PASSWORD, email="clerk@example.qa"))
    add_membership(session, clerk, kind=SubjectKind.EMPLOYER, subject_id=employer.id, is_owner=True)
    with pytest.raises(Denied):
        job_orders.sign(session, actor_for(session, clerk), order.id, secret=PASSWORD, code="000000")
    job_orders.send_signing_code(session, signatory, order.id)
    assert signatory.account_id
    code = make.last_code(session, signatory.account_id)
    # The code is good for the document that it was sent for, and for no other.
    job_orders.edit(session, signatory, order.id, job_orders.Draft(agency.id, 500, PROMISED))
    with pytest.raises(DomainError, match="password or the code"):
        job_orders.sign(session, signatory, order.id, secret=PASSWORD, code=code)
    assert order.status is JobOrderStatus.DRAFT


def test_an_edit_after_the_signature_voids_it(session: Session):
    scene = make.signed(session)
    job_orders.edit(session, scene.employer, scene.order.id, job_orders.Draft(scene.agency_record.id, 9, PROMISED))
    assert (scene.order.status, scene.order.signed_by, scene.order.signed_document) == (
        JobOrderStatus.DRAFT,
        None,
        None,
    )


def test_strangers_see_no_job_order_and_an_agency_sees_no_draft(session: Session):
    scene = make.signed(session)
    _other, other_agency = make.agency(session)
    with pytest.raises(NotVisible):
        find_order(session, other_agency, scene.order.id)
    job_orders.edit(session, scene.employer, scene.order.id, job_orders.Draft(scene.agency_record.id, 9, PROMISED))
    with pytest.raises(NotVisible):
        find_order(session, scene.agency, scene.order.id)


def test_an_officer_of_another_area_sees_no_job_order(session: Session):
    scene = make.signed(session)
    job_orders.acknowledge(session, scene.agency, scene.order.id)
    stranger = officer(session, StaffRole.LABOUR_OFFICER, "P2")
    with pytest.raises(NotVisible):
        job_orders.approve(session, stranger, scene.order.id, "ok")
    assert session.execute(waiting(stranger)).all() == []
    (row,) = session.execute(waiting(officer(session, StaffRole.LABOUR_OFFICER)))
    assert row.id == scene.order.id
    assert scene.order.status is JobOrderStatus.AGENCY_ACKNOWLEDGED


def test_approval_stays_within_the_employers_capacity(session: Session):
    scene = make.signed(session, headcount=51, capacity=50)
    job_orders.acknowledge(session, scene.agency, scene.order.id)
    with pytest.raises(DomainError, match="capacity leaves 50"):
        job_orders.approve(session, officer(session, StaffRole.LABOUR_OFFICER), scene.order.id, "ok")
    assert scene.order.status is JobOrderStatus.AGENCY_ACKNOWLEDGED


def test_a_barred_employer_gets_no_new_contract(session: Session):
    scene = make.approved(session)
    barred(session, scene.employer_record)
    _id, reference, _actor = make.worker(session)
    with pytest.raises(DomainError, match="barred"):
        employment.lodge(session, scene.agency, Lodging(scene.order.id, reference, PROMISED))


def test_an_unknown_reference_and_one_with_a_contract_get_the_same_answer(session: Session):
    scene = make.approved(session)
    make.lodged(session, scene)
    taken = session.scalars(select(EmploymentContract)).one().migrant_id
    from migrants.registration.queries import standing

    person = standing(session, taken)
    assert person
    answers = []
    for reference in ("MG-0000-00000-0", person.reference):
        with pytest.raises(DomainError) as refused:
            employment.lodge(session, scene.agency, Lodging(scene.order.id, reference, PROMISED))
        answers.append(str(refused.value))
    assert len(set(answers)) == 1


def test_the_worker_alone_accepts_after_reading_and_time_with_secret_and_code(session: Session):
    scene = make.approved(session)
    contract, actor = make.lodged(session, scene)
    with pytest.raises(DomainError, match="Read the contract"):
        employment.send_accept_code(session, actor, contract.id)
    employment.mark_read(session, actor, contract.id)
    with pytest.raises(DomainError, match=r"Take your time: you can accept from .*\d"):
        employment.send_accept_code(session, actor, contract.id)
    make.let_time_pass(session, contract)
    employment.send_accept_code(session, actor, contract.id)
    assert actor.account_id
    code = make.last_code(session, actor.account_id)
    for somebody in (scene.agency, scene.employer, officer(session, StaffRole.LABOUR_OFFICER)):
        with pytest.raises((Denied, NotVisible, DomainError)):
            employment.accept(session, somebody, contract.id, secret=PASSWORD, code=code, locale="en")
    with pytest.raises(DomainError):
        employment.accept(session, actor, contract.id, secret="a wrong secret", code=code, locale="ne")
    assert contract.status is ContractStatus.WORKER_REVIEW
    employment.accept(session, actor, contract.id, secret=PASSWORD, code=code, locale="ne")
    assert contract.status is ContractStatus.ACCEPTED


def test_worse_than_promised_is_shown_and_cannot_be_registered(session: Session):
    scene = make.approved(session)
    contract, _actor = make.accepted(session, scene, wage_minor=90000)
    with pytest.raises(DomainError, match="worse than what was promised"):
        employment.decide(session, officer(session, StaffRole.LABOUR_OFFICER), contract.id, "register", "never mind")
    assert contract.status is ContractStatus.ACCEPTED
    # The database knows the rule, too.
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            EmploymentContract.__table__.update()
            .where(EmploymentContract.id == contract.id)
            .values(status="registered")
        )


def test_a_held_passport_is_against_the_law_and_goes_back_at_once(session: Session):
    scene = make.approved(session)
    contract, _actor = make.lodged(session, scene, passport_kept_by=PassportKeeper.EMPLOYER)
    assert contract.status is ContractStatus.RETURNED
    assert session.get_one(JobOrder, scene.order.id, populate_existing=True).reserved == 0


def test_new_terms_need_a_new_acceptance_and_the_old_ones_are_kept(session: Session):
    scene = make.approved(session)
    contract, _actor = make.accepted(session, scene)
    employment.amend(session, scene.agency, contract.id, replace(PROMISED, wage_minor=110000))
    assert (contract.status, contract.accepted_at, contract.version) == (ContractStatus.WORKER_REVIEW, None, 2)
    kept = session.scalars(select(ContractVersion)).one()
    assert kept.terms["wage_minor"] == 120000


def test_an_officer_of_another_area_sees_no_contract(session: Session):
    scene = make.approved(session)
    contract, _actor = make.accepted(session, scene)
    with pytest.raises(NotVisible):
        find_contract(session, officer(session, StaffRole.LABOUR_OFFICER, "P2"), contract.id)
    _other, other_worker = make.lodged(session, scene)
    with pytest.raises(NotVisible):
        employment.decline(session, other_worker, contract.id)
    assert contract.status is ContractStatus.ACCEPTED


def test_an_officer_finds_a_contract_of_the_own_area_by_its_reference(session: Session, app: Flask):
    contract, _actor, _scene = make.registered(session)
    find = next(s.find for s in SEARCHES if s.kind == "contracts")
    with app.test_request_context("/"):
        hits = find(session, officer(session, StaffRole.LABOUR_OFFICER), contract.reference.lower(), 10)
        assert [h.reference for h in hits] == [contract.reference]
        assert find(session, officer(session, StaffRole.LABOUR_OFFICER, "P2"), contract.reference, 10) == []
        assert find(session, officer(session, StaffRole.LABOUR_OFFICER), "anything else", 10) == []


def test_a_contact_that_came_to_the_agency_after_the_missions_look_stops_the_signature(session: Session):
    agency_record, _agency = make.agency(session)
    employer_record, actor = make.employer(session)
    order = job_orders.draft(session, actor, job_orders.Draft(agency_record.id, 2, make.PROMISED))
    job_orders.send_signing_code(session, actor, order.id)
    assert actor.account_id
    code = make.last_code(session, actor.account_id)
    for contact in ("email", "phone"):
        before = getattr(agency_record, contact)
        setattr(agency_record, contact, getattr(employer_record, f"signatory_{contact}"))
        with pytest.raises(DomainError, match="belongs to an agency"):
            job_orders.sign(session, actor, order.id, secret=make.PASSWORD, code=code)
        assert order.signed_by is None
        setattr(agency_record, contact, before)
    job_orders.sign(session, actor, order.id, secret=make.PASSWORD, code=code)
    assert order.signed_by == actor.account_id


def test_registering_takes_a_reserved_place(session: Session):
    contract, _actor, scene = make.registered(session)
    order = session.get_one(JobOrder, scene.order.id, populate_existing=True)
    assert contract.status is ContractStatus.REGISTERED
    assert (order.approved, order.reserved, order.contracted, order.cleared) == (5, 0, 1, 0)


def test_thirty_lodgings_for_five_places_take_five(committed: Sessions):
    with committed() as session:
        order_id = make.approved(session, headcount=5).order.id
        session.commit()

    def take(_: int) -> bool:
        with committed() as session:
            try:
                quota.shift(session, order_id, reserved=1)
            except TooLate:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(15) as pool:
        assert sum(pool.map(take, range(30))) == 5
    with committed() as session:
        assert session.get_one(JobOrder, order_id).reserved == 5


def test_two_officers_approving_at_once_approve_once(committed: Sessions):
    with committed() as session:
        scene = make.signed(session, headcount=30, capacity=50)
        job_orders.acknowledge(session, scene.agency, scene.order.id)
        officers = [officer(session, StaffRole.LABOUR_OFFICER) for _ in range(2)]
        session.commit()

    def approve(actor) -> bool:
        with committed() as session:
            try:
                job_orders.approve(session, actor, scene.order.id, "ok")
            except DomainError:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(approve, officers)) == 1
    with committed() as session:
        assert session.scalar(select(func.sum(JobOrder.approved))) == 30


def in_person(session: Session) -> tuple[EmploymentContract, Actor, str]:
    """A contract that its worker has read and thought over, and the number of their passport."""
    contract, worker = make.lodged(session, make.approved(session))
    employment.mark_read(session, worker, contract.id)
    make.let_time_pass(session, contract)
    number = session.scalars(select(Passport).where(Passport.migrant_id == contract.migrant_id)).one().document_number
    assert number
    return contract, worker, number


def test_a_worker_without_a_telephone_accepts_before_an_officer_with_their_own_secret(session: Session):
    contract, worker, number = in_person(session)
    seer, other = officer(session, StaffRole.LABOUR_OFFICER), officer(session, StaffRole.LABOUR_OFFICER)
    code = employment.witness(session, seer, contract.id, number.lower())
    with pytest.raises(DomainError, match="password or the code"):
        employment.accept(session, worker, contract.id, secret="guessed", code=code, locale="ne")
    employment.accept(session, worker, contract.id, secret=PASSWORD, code=code, locale="ne")
    assert (contract.status, contract.witnessed_by) == (ContractStatus.ACCEPTED, seer.account_id)
    with pytest.raises(Denied):
        employment.decide(session, seer, contract.id, "register", "Fine")
    employment.decide(session, other, contract.id, "register", "Fine")
    assert contract.status is ContractStatus.REGISTERED


def test_the_database_itself_refuses_a_witness_who_registers(session: Session):
    contract, worker, number = in_person(session)
    seer = officer(session, StaffRole.LABOUR_OFFICER)
    code = employment.witness(session, seer, contract.id, number)
    employment.accept(session, worker, contract.id, secret=PASSWORD, code=code, locale="ne")
    contract.registered_by = seer.account_id
    with pytest.raises(IntegrityError):
        session.flush()


def test_nobody_else_witnesses_and_no_other_document_does(session: Session):
    contract, worker, number = in_person(session)
    scene_agency = make.agency(session)[1]
    for stranger in (officer(session, StaffRole.LABOUR_OFFICER, "P2"), worker, scene_agency):
        with pytest.raises(NotVisible):
            employment.witness(session, stranger, contract.id, number)
    seer = officer(session, StaffRole.LABOUR_OFFICER)
    for wrong in ("", "PA0000000", number[:-1]):
        with pytest.raises(DomainError, match="not the document"):
            employment.witness(session, seer, contract.id, wrong)
    assert contract.witnessed_by is None


def test_the_time_to_think_stands_before_an_officer_too(session: Session):
    contract, worker = make.lodged(session, make.approved(session))
    seer = officer(session, StaffRole.LABOUR_OFFICER)
    for step in ("unread", "read just now"):
        if step != "unread":
            employment.mark_read(session, worker, contract.id)
        with pytest.raises(DomainError):
            employment.witness(session, seer, contract.id, "PA0000001")


def test_a_code_from_the_office_is_void_once_the_terms_change(session: Session):
    scene = make.approved(session)
    contract, worker = make.lodged(session, scene)
    employment.mark_read(session, worker, contract.id)
    make.let_time_pass(session, contract)
    number = session.scalars(select(Passport).where(Passport.migrant_id == contract.migrant_id)).one().document_number
    code = employment.witness(session, officer(session, StaffRole.LABOUR_OFFICER), contract.id, number or "")
    employment.amend(session, scene.agency, contract.id, replace(PROMISED, wage_minor=PROMISED.wage_minor + 100))
    assert contract.witnessed_by is None
    employment.mark_read(session, worker, contract.id)
    make.let_time_pass(session, contract)
    with pytest.raises(DomainError):
        employment.accept(session, worker, contract.id, secret=PASSWORD, code=code, locale="ne")


def test_whoever_has_to_mend_it_reads_why_it_was_sent_back(client, session: Session):
    scene = make.signed(session)
    job_orders.act(session, officer(session, StaffRole.LABOUR_OFFICER), scene.order.id, "return", "Name the site.")
    contract, _worker = make.accepted(session, make.approved(session))
    decider = officer(session, StaffRole.LABOUR_OFFICER)
    employment.decide(session, decider, contract.id, "return", "The wage is missing a digit.")
    lodger = session.get_one(UserAccount, contract.lodged_by)
    client.sign_in(session, lodger)
    shown = client.get(f"/contracts/{contract.id}").text
    assert "Sent back: mend this" in shown
    assert "The wage is missing a digit." in shown
    client.sign_in(session, session.get_one(UserAccount, scene.employer.require_account()))
    assert "Name the site." in client.get(f"/job-orders/{scene.order.id}").text
