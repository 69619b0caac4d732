"""Winding down: documents and money go back to workers before anything of an ended agency is closed or released."""

import random
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from agencies.jobs import expire
from agencies.licensing.models import Licence
from agencies.licensing.status import LICENCE, LicenceStatus
from agencies.sanctions import appeals, cases
from agencies.sanctions.case_status import OrderKind
from agencies.security import claims, proposals
from agencies.security.models import SecurityClaim
from agencies.winding_down import closing, custody, jobs, opening, owed, queries, rules, seed
from agencies.winding_down.custody import Document
from agencies.winding_down.models import CustodyItem, OwedItem, WindingDown
from agencies.winding_down.owed import Debt
from agencies.winding_down.status import (
    CUSTODY,
    OWED,
    WINDING,
    CustodyStatus,
    DocumentKind,
    Outcome,
    OwedFor,
    OwedStatus,
    WindingStatus,
)
from contracts.reviews import services as reviews
from contracts.reviews.models import WorkerReview
from contracts.reviews.status import Outcome as ReviewOutcome
from core.accounts import UserAccount, actor_for, add_membership, post_staff
from core.actor import SYSTEM
from core.codes import step_up
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.messages import OutgoingMessage
from core.money import Money
from core.permissions import StaffRole, SubjectKind
from core.world import World
from migrants.registration.models import Passport
from tests.agencies import factories as make
from tests.agencies import proceedings as go
from tests.agencies import winding as wind
from tests.agencies.security import NPR, deposited
from tests.contracts import factories as contracts
from tests.migrants.factories import PASSWORD, officer

PASSPORT = Document(DocumentKind.PASSPORT, "PB1234567", "Maya Rai")
FEE = Debt(OwedFor.FEE, Money(12_000_00, "NPR"), "Maya Rai")


def table(text):
    return {(s, a, t) for line in text.strip().splitlines() for s, a, t in [line.split()]}


def test_the_transition_table_of_a_file_is_the_one_written_down_here():
    assert WINDING.pairs() == table(
        """
        open declare declared
        declared propose proposed
        proposed send_back declared
        proposed close closed
        open restore restored
        declared restore restored
        proposed restore restored
        closed restore restored
        restored reopen open
        """
    )


def test_the_transition_table_of_a_document_is_the_one_written_down_here():
    assert CUSTODY.pairs() == table(
        """
        held say_returned said_returned
        held deny disputed
        said_returned contradict disputed
        held confirm returned
        said_returned confirm returned
        handed_in confirm returned
        disputed confirm returned
        missing confirm returned
        held withdraw withdrawn
        disputed withdraw withdrawn
        held hand_in handed_in
        said_returned hand_in handed_in
        disputed hand_in handed_in
        missing hand_in handed_in
        held see_returned returned
        said_returned see_returned returned
        handed_in see_returned returned
        disputed see_returned returned
        missing see_returned returned
        held refer missing
        said_returned refer missing
        disputed refer missing
        missing replace replaced
        """
    )


def test_the_transition_table_of_a_sum_is_the_one_written_down_here():
    assert OWED.pairs() == table(
        """
        owed say_paid said_paid
        said_paid contradict owed
        owed confirm paid
        said_paid confirm paid
        owed see_paid paid
        said_paid see_paid paid
        owed claim claimed
        said_paid claim claimed
        claimed paid_out paid
        claimed claim_failed owed
        paid taken_back claimed
        claimed leave_unpaid unpaid
        unpaid confirm paid
        unpaid see_paid paid
        unpaid paid_late paid
        paid unpaid_again unpaid
        owed dismiss not_owed
        said_paid dismiss not_owed
        """
    )


@pytest.fixture
def scene(session):
    """A licensed agency and its owner."""
    return contracts.agency(session)


def fresh(session, record):
    return session.get_one(type(record), record.id, populate_existing=True)


def codes_of(session, file):
    return [h.code for h in closing.hindrances(session, file)]


# --- opening and ending --------------------------------------------------------------------------------------------------


def test_an_expired_licence_opens_one_file_by_itself_with_the_ministrys_standard_as_due_day(session, scene):
    agency, _owner = scene
    licence, today = wind.newest(session, agency), legal_today(session)
    licence.issued_on, licence.valid_until = today - timedelta(400), today - timedelta(1)
    session.flush()
    assert expire(session) == 1
    file = wind.file_of(session, agency)
    assert (file.status, file.ended_on, file.due_on) == (
        WindingStatus.OPEN, today - timedelta(1), today + timedelta(29),
    )  # fmt: skip
    assert file.law["standard"] == "winding_return_days"
    assert opening.follow(session, 10) == (0, 0)


def test_a_cancelled_licence_gets_the_time_of_the_law_and_a_stay_ends_the_file_until_it_is_cancelled_again(
    session, scene
):
    agency, owner = scene
    case = go.ordered(session, OrderKind.CANCEL, **go.against(agency))
    file = wind.file_of(session, agency)
    assert (file.due_on, file.law["row"], file.law["status"]) == (
        legal_today(session) + timedelta(30), "np.licence.cancel.refund_days", "V",
    )  # fmt: skip
    custody.declare_item(session, owner, file.id, PASSPORT)
    custody.declare(session, owner, file.id)
    appeals.record(session, go.reviewer(session), case.id, go.on_paper("Not heard.", True))
    judge = go.appeal_officer(session)
    appeals.decide_stay(session, judge, case.id, "Wait.", grant=True)
    assert fresh(session, file).status is WindingStatus.RESTORED
    with pytest.raises(TooLate):
        custody.declare_item(session, owner, file.id, PASSPORT)
    appeals.decide(session, judge, case.id, "uphold", "The order stands.")
    file = wind.file_of(session, agency)
    assert (file.status, file.declared_at) == (WindingStatus.OPEN, None)
    assert len(queries.file_of(session, file).custody) == 1


def test_a_licence_that_is_replaced_by_a_newer_one_is_not_wound_down(session, scene):
    agency, _owner = scene
    LICENCE.apply(session, wind.newest(session, agency), "expire", actor=SYSTEM, reason="replaced by a new licence")
    assert session.scalars(select(WindingDown)).all() == []


def test_what_was_missed_is_found_and_a_new_licence_ends_the_file(session, scene):
    agency, _owner = scene
    licence, today = wind.newest(session, agency), legal_today(session)
    licence.issued_on, licence.valid_until = today - timedelta(400), today - timedelta(5)
    licence.status = LicenceStatus.EXPIRED
    session.flush()
    assert opening.follow(session, 10) == (1, 0)
    file = wind.file_of(session, agency)
    assert file.ended_on == today - timedelta(5)
    session.add(
        Licence(
            agency_id=agency.id, number="NP/9/2083", serial=licence.serial + 10_000, licence_class="A",
            status=LicenceStatus.ACTIVE, issued_on=today, valid_until=today + timedelta(300), token="t-" + licence.number,
        )
    )  # fmt: skip
    session.flush()
    assert opening.follow(session, 10) == (0, 1)
    assert fresh(session, file).status is WindingStatus.RESTORED
    assert opening.follow(session, 10) == (0, 0)


def test_owner_and_workers_are_told_once_and_an_sms_names_nobody(session):
    contract, worker, scene = contracts.registered(session)
    file = wind.ended(session, scene.agency_record)
    jobs.tell(session, str(file.id))
    jobs.tell(session, str(file.id))
    sent = session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == "winding_news")).all()
    assert {m.account_id for m in sent} == {worker.account_id, scene.agency.account_id}
    assert len(sent) == 2
    for message in sent:
        assert scene.agency_record.name not in (message.body or "")
        assert contract.reference not in (message.body or "")


def test_who_left_the_agency_is_not_told_of_its_end(session, scene):
    agency, owner = scene
    gone = officer(session, StaffRole.LABOUR_OFFICER)
    left = session.get_one(UserAccount, gone.account_id)
    membership = add_membership(session, left, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True)
    membership.ended_at = db_now(session)
    file = wind.ended(session, agency)
    assert opening.tell(session, file.id) == 1
    sent = session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == "winding_news")).all()
    assert [m.account_id for m in sent] == [owner.account_id]


# --- documents -----------------------------------------------------------------------------------------------------------


def test_the_agency_never_ends_an_item_and_the_worker_does_with_password_and_code(session, scene):
    agency, owner = scene
    migrant_id, _reference, worker = contracts.worker(session)
    number = session.scalars(select(Passport).where(Passport.migrant_id == migrant_id)).one().document_number
    file = wind.ended(session, agency)
    item = custody.declare_item(session, owner, file.id, Document(DocumentKind.PASSPORT, number.lower(), "Sunita"))
    assert (item.migrant_id, item.account_id) == (migrant_id, worker.account_id)
    for action in ("see_returned", "hand_in", "confirm", "replace"):
        with pytest.raises((Denied, NotVisible)):
            custody.decide(session, owner, item.id, action, "It is back.")
    with pytest.raises(NotVisible):
        custody.confirm(session, owner, item.id, secret=PASSWORD, code="000000")
    custody.answer(session, owner, item.id, "say_returned")
    assert codes_of(session, file).count("custody") == 1
    custody.object_to(session, worker, item.id, "contradict")
    assert item.status is CustodyStatus.DISPUTED
    custody.send_code(session, worker, item.id)
    code = contracts.last_code(session, worker.account_id)
    with pytest.raises(DomainError):
        custody.confirm(session, worker, item.id, secret="not the secret", code=code)
    assert fresh(session, item).status is CustodyStatus.DISPUTED
    custody.confirm(session, worker, item.id, secret=PASSWORD, code=code)
    assert item.status is CustodyStatus.RETURNED
    assert "custody" not in codes_of(session, file)
    with pytest.raises(DomainError):
        custody.confirm(session, worker, item.id, secret=PASSWORD, code=code)
    custody.send_code(session, worker, item.id)
    again = contracts.last_code(session, worker.account_id)
    with pytest.raises(TooLate):
        custody.confirm(session, worker, item.id, secret=PASSWORD, code=again)


def test_a_code_for_one_document_confirms_no_other(session, scene):
    agency, _owner = scene
    _id, _reference, worker = contracts.worker(session)
    file = wind.ended(session, agency)
    first = custody.claim_item(session, worker, file.id, Document(DocumentKind.PASSPORT))
    other = custody.claim_item(session, worker, file.id, Document(DocumentKind.CERTIFICATE))
    custody.send_code(session, worker, first.id)
    code = contracts.last_code(session, worker.account_id)
    with pytest.raises(DomainError):
        custody.confirm(session, worker, other.id, secret=PASSWORD, code=code)
    with pytest.raises(DomainError):
        step_up(session, worker, owed.PURPOSE, bound=first.id.bytes, secret=PASSWORD, code=code)
    assert fresh(session, other).status is CustodyStatus.HELD


def test_a_worker_names_what_the_agency_left_out_and_the_agency_can_not_make_it_go_away(session, scene):
    agency, owner = scene
    _id, _reference, worker = contracts.worker(session)
    file = wind.ended(session, agency)
    item = custody.claim_item(session, worker, file.id, Document(DocumentKind.PASSPORT))
    custody.declare(session, owner, file.id)
    custody.answer(session, owner, item.id, "deny", "Never seen.")
    assert item.status is CustodyStatus.DISPUTED
    assert "custody" in codes_of(session, file)
    custody.decide(session, go.reviewer(session), item.id, "refer", "Police office Kalimati, number 12.")
    assert (item.status, "custody" in codes_of(session, file)) == (CustodyStatus.MISSING, True)
    custody.decide(session, go.reviewer(session), item.id, "replace", "New passport seen.")
    assert "custody" not in codes_of(session, file)


def test_what_the_agency_declared_it_can_not_deny_and_the_worker_can_not_withdraw(session, scene):
    agency, owner = scene
    migrant_id, _reference, worker = contracts.worker(session)
    number = session.scalars(select(Passport).where(Passport.migrant_id == migrant_id)).one().document_number
    file = wind.ended(session, agency)
    item = custody.claim_item(session, worker, file.id, Document(DocumentKind.PASSPORT))
    same = custody.declare_item(session, owner, file.id, Document(DocumentKind.PASSPORT, number, "Sunita"))
    assert (same.id, same.agency_says, same.worker_says) == (item.id, True, True)
    with pytest.raises(DomainError, match="on the list yourself"):
        custody.answer(session, owner, item.id, "deny", "No.")
    with pytest.raises(DomainError, match="The agency says"):
        custody.object_to(session, worker, item.id, "withdraw")
    assert fresh(session, item).status is CustodyStatus.HELD


def test_nobody_gets_hold_of_anothers_item_by_typing_its_number(session, scene):
    agency, owner = scene
    _id, _reference, thief = contracts.worker(session)
    file = wind.ended(session, agency)
    item = custody.declare_item(session, owner, file.id, PASSPORT)
    mine = custody.claim_item(session, thief, file.id, Document(DocumentKind.PASSPORT, PASSPORT.number))
    assert mine.id != item.id
    assert fresh(session, item).migrant_id is None
    with pytest.raises(NotVisible):
        custody.confirm(session, thief, item.id, secret=PASSWORD, code="000000")


def test_a_worker_sees_only_what_is_about_that_worker_and_another_agency_nothing(session, scene):
    agency, _owner = scene
    migrant_id, _reference, worker = contracts.worker(session)
    other_id, _reference, other = contracts.worker(session)
    file = wind.ended(session, agency)
    item = custody.claim_item(session, worker, file.id, Document(DocumentKind.PASSPORT))
    debt = owed.claim_debt(session, worker, file.id, FEE)
    (part,) = queries.own_parts(session, migrant_id)
    assert ([r.id for r in part.custody], [r.id for r in part.owed]) == ([item.id], [debt.id])
    assert queries.own_parts(session, other_id) == []
    for act in (custody.send_code, owed.send_code):
        with pytest.raises(NotVisible):
            act(session, other, item.id if act is custody.send_code else debt.id)
    _agency, stranger = contracts.agency(session)
    for run in (
        lambda: custody.declare_item(session, stranger, file.id, PASSPORT),
        lambda: custody.declare(session, stranger, file.id),
        lambda: custody.answer(session, stranger, item.id, "say_returned"),
        lambda: owed.say_paid(session, stranger, debt.id),
    ):
        with pytest.raises(NotVisible):
            run()
    assert (fresh(session, item).status, fresh(session, debt).status) == (CustodyStatus.HELD, OwedStatus.OWED)


# --- money ---------------------------------------------------------------------------------------------------------------


def test_a_sum_is_claimed_from_the_security_once_and_its_books_alone_say_when_it_is_paid(session, scene):
    agency, owner = scene
    deposited(session, agency, 50_000_00)
    file = wind.ended(session, agency)
    item = owed.declare_debt(session, owner, file.id, FEE)
    maker = make.reviewer(session)
    owed.claim(session, maker, item.id, "The receipt was seen.", make.photo())
    filed = session.get_one(SecurityClaim, item.claim_id)
    assert (filed.amount_minor, filed.beneficiaries, item.status) == (12_000_00, 1, OwedStatus.CLAIMED)
    with pytest.raises(DomainError, match="claimed or settled"):
        owed.claim(session, maker, item.id, "Again.", make.photo())
    with pytest.raises(TooLate):
        owed.see_paid(session, maker, item.id, "It was paid.")
    claims.reject(session, make.approver(session), filed.id, "The paper is of another agency.")
    assert jobs.follow(session)["moved"] == 1
    assert (fresh(session, item).status, item.claim_id) == (OwedStatus.OWED, None)
    owed.claim(session, maker, item.id, "With the right paper.", make.photo())
    claims.grant(session, make.approver(session), item.claim_id, claims.Grant(NPR(12_000_00), "Right."))
    assert jobs.follow(session)["moved"] == 0
    claims.pay(session, make.finance(session), item.claim_id)
    assert jobs.follow(session)["moved"] == 1
    assert fresh(session, item).status is OwedStatus.PAID
    assert jobs.follow(session)["moved"] == 0


def test_the_agency_says_paid_the_worker_says_no_and_a_dismissal_needs_another_officer(session, scene):
    agency, owner = scene
    _id, _reference, worker = contracts.worker(session)
    file = wind.ended(session, agency)
    item = owed.claim_debt(session, worker, file.id, FEE)
    owed.say_paid(session, owner, item.id)
    assert "owed" in codes_of(session, file)
    owed.contradict(session, worker, item.id)
    assert item.status is OwedStatus.OWED
    both = officer(session, StaffRole.LICENSING_OFFICER)
    noted = owed.note_debt(session, both, file.id, FEE)
    with pytest.raises(Denied):
        owed.dismiss(session, both, noted.id, "Not owed.")
    owed.dismiss(session, go.approver(session), noted.id, "No receipt, and the worker agrees.")
    owed.send_code(session, worker, item.id)
    owed.confirm(session, worker, item.id, secret=PASSWORD, code=contracts.last_code(session, worker.account_id))
    assert "owed" not in codes_of(session, file)
    with pytest.raises(DomainError, match="amount"):
        owed.claim_debt(session, worker, file.id, Debt(OwedFor.FEE, Money(0, "NPR")))


# --- the end -------------------------------------------------------------------------------------------------------------


def test_each_guard_alone_keeps_the_file_open(session, scene):
    agency, owner = scene
    file = wind.long_ago(session, wind.ended(session, agency))
    assert codes_of(session, file) == ["not_declared"]
    custody.declare(session, owner, file.id)
    assert codes_of(session, file) == []
    file.ended_on += timedelta(1)
    session.flush()
    assert codes_of(session, file) == ["claims"]
    file.ended_on -= timedelta(1)
    item = custody.declare_item(session, owner, file.id, PASSPORT)
    assert codes_of(session, file) == ["custody"]
    boss = go.reviewer(session)
    with pytest.raises(DomainError, match="not back"):
        closing.propose(session, boss, file.id, Outcome.RELEASE, "All is back.")
    custody.decide(session, boss, item.id, "see_returned", "Seen at the counter.")
    debt = owed.declare_debt(session, owner, file.id, FEE)
    assert codes_of(session, file) == ["owed"]
    owed.see_paid(session, boss, debt.id, "Receipt and worker seen.")
    case = go.report(session, **go.against(agency))
    assert codes_of(session, file) == ["proceeding"]
    cases.screen(session, go.approver(session), case.id, "Nothing in it.", take_up=False)
    licence = wind.newest(session, agency)
    licence.status = LicenceStatus.ACTIVE
    session.flush()
    assert codes_of(session, file) == ["licensed"]


def test_workers_under_contract_are_looked_at_one_by_one_before_it_is_closed(session):
    contract, _worker, scene = contracts.registered(session)
    file = wind.long_ago(session, wind.ended(session, scene.agency_record))
    custody.declare(session, scene.agency, file.id)
    assert codes_of(session, file) == ["pipeline"]
    assert reviews.follow(session) == (1, 0)
    assert reviews.follow(session) == (0, 0)
    review = session.scalars(select(WorkerReview)).one()
    assert (review.ground_id, review.contract_id) == (file.id, contract.id)
    (row,) = queries.pipeline_of(session, scene.agency_record.id)
    assert (row.contract, row.open) == (contract.reference, True)
    labour = officer(session, StaffRole.LABOUR_OFFICER)
    reviews.decide(session, labour, review.id, reviews.Decision(ReviewOutcome.MOVED, "Goes on with another agency."))
    assert codes_of(session, file) == []


def test_one_proposes_another_closes_and_only_then_the_security_may_go_back(session, scene):
    agency, owner = scene
    deposited(session, agency, 1000)
    file = wind.ready(session, agency, owner)
    # The end of the licence stands in the audit log as of today: the security counts its own days.
    assert "The winding down of this agency is not closed." in map(str, proposals.may_release(session, agency.id))
    maker = make.approver(session)
    with pytest.raises(Denied):
        closing.propose(session, maker, file.id, Outcome.RELEASE, "All is back.")
    boss = go.reviewer(session)
    closing.propose(session, boss, file.id, Outcome.RELEASE, "All is back.")
    with pytest.raises(Denied):
        closing.decide(session, boss, file.id, "close", "Mine.")
    closing.decide(session, maker, file.id, "send_back", "Ask the bank first.")
    closing.propose(session, boss, file.id, Outcome.RELEASE, "The bank answered.")
    closing.decide(session, maker, file.id, "close", "Agreed.")
    assert (file.status, file.closed_on) == (WindingStatus.CLOSED, legal_today(session))
    assert file.certificate_id is not None
    assert "not closed" not in " ".join(map(str, proposals.may_release(session, agency.id)))
    with pytest.raises(TooLate):
        custody.declare_item(session, owner, file.id, PASSPORT)


def test_who_holds_both_roles_does_not_close_what_he_or_she_proposed(session, scene):
    agency, owner = scene
    file = wind.ready(session, agency, owner)
    account, _actor = go.posted(session, StaffRole.LICENSING_OFFICER)
    post_staff(session, account, StaffRole.LICENSING_APPROVER, make.office(session))
    both = actor_for(session, account)
    closing.propose(session, both, file.id, Outcome.FORFEIT, "They kept passports.")
    with pytest.raises(Denied, match="You proposed this"):
        closing.decide(session, both, file.id, "close", "Mine.")
    assert fresh(session, file).status is WindingStatus.PROPOSED
    closing.decide(session, go.approver(session), file.id, "close", "Agreed.")
    deposited(session, agency, 1000)
    assert "forfeited" in " ".join(map(str, proposals.may_release(session, agency.id)))


def test_an_item_that_comes_after_the_proposal_keeps_the_file_open(session, scene):
    agency, owner = scene
    _id, _reference, worker = contracts.worker(session)
    file = wind.ready(session, agency, owner)
    closing.propose(session, go.reviewer(session), file.id, Outcome.RELEASE, "All is back.")
    custody.claim_item(session, worker, file.id, Document(DocumentKind.PASSPORT))
    with pytest.raises(DomainError, match="not back"):
        closing.decide(session, go.approver(session), file.id, "close", "Agreed.")
    assert fresh(session, file).status is WindingStatus.PROPOSED


def test_an_officer_of_another_area_sees_nothing(session, scene):
    agency, owner = scene
    file = wind.ready(session, agency, owner)
    far = go.reviewer(session, at=go.elsewhere(session))
    with pytest.raises(NotVisible):
        closing.propose(session, far, file.id, Outcome.RELEASE, "All is back.")
    with pytest.raises(NotVisible):
        custody.note_item(session, far, file.id, PASSPORT)


def test_an_officer_who_is_one_of_the_agencys_people_decides_nothing(session, scene):
    agency, owner = scene
    file = wind.ready(session, agency, owner)
    account, _actor = go.posted(session, StaffRole.LICENSING_OFFICER)
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=False)
    tied = actor_for(session, account)
    with pytest.raises(Denied, match="people"):
        closing.propose(session, tied, file.id, Outcome.RELEASE, "All is back.")
    with pytest.raises(Denied, match="people"):
        custody.note_item(session, tied, file.id, PASSPORT)
    assert fresh(session, file).status is WindingStatus.DECLARED


def test_a_law_that_names_no_time_is_not_taken_for_one(session):
    day = legal_today(session)
    assert rules.give_back_by(LicenceStatus.CANCELLED, day).certain
    assert not rules.give_back_by(LicenceStatus.EXPIRED, day).certain


def test_overdue_files_stand_in_the_officers_queue(session, scene):
    agency, owner = scene
    file = wind.ended(session, agency)
    item = custody.declare_item(session, owner, file.id, PASSPORT)
    custody.declare(session, owner, file.id)
    late = select(queries.overdue(WindingDown.agency_id == agency.id).subquery().c.id)
    assert session.scalars(late).all() == []
    file.due_on = legal_today(session) - timedelta(1)
    session.flush()
    assert session.scalars(late).all() == [file.id]
    custody.decide(session, go.reviewer(session), item.id, "see_returned", "Seen.")
    assert session.scalars(late).all() == []


# --- races ---------------------------------------------------------------------------------------------------------------


def run(*works):
    """All at once, each in its thread; gives what each came to."""
    found, gate = [None] * len(works), threading.Barrier(len(works))

    def work(place, act):
        gate.wait()
        try:
            act()
            found[place] = "done"
        except (TooLate, DomainError) as error:
            found[place] = type(error).__name__

    threads = [threading.Thread(target=work, args=w) for w in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_two_approvers_and_a_worker_at_once_leave_it_closed_once_or_open_with_the_item(committed):
    with committed() as session:
        agency, owner = contracts.agency(session)
        _id, _reference, worker = contracts.worker(session)
        file = wind.ready(session, agency, owner)
        closing.propose(session, go.reviewer(session), file.id, Outcome.RELEASE, "All is back.")
        approvers = [go.approver(session), go.approver(session)]
        session.commit()

    def act(service, *args):
        def inner():
            with committed() as session:
                service(session, *args)
                session.commit()

        return inner

    first, second, added = run(
        act(closing.decide, approvers[0], file.id, "close", "Agreed."),
        act(closing.decide, approvers[1], file.id, "close", "Agreed."),
        act(custody.claim_item, worker, file.id, Document(DocumentKind.PASSPORT)),
    )
    with committed() as session:
        state = session.get_one(WindingDown, file.id).status
        items = session.scalars(select(CustodyItem.status)).all()
    closed = [first, second].count("done")
    assert closed <= 1
    assert (state is WindingStatus.CLOSED) == (closed == 1)
    assert (added == "done") == (closed == 0) == (len(items) == 1)


def test_sums_are_of_their_file(session, scene):
    agency, owner = scene
    file = wind.ended(session, agency)
    item = owed.declare_debt(session, owner, file.id, FEE)
    (row,) = queries.owed_of(session, OwedItem.winding_id == file.id)
    assert (row.id, str(row.amount.minor), row.amount.currency) == (item.id, "1200000", "NPR")


def test_the_demo_has_an_overdue_file_with_three_passports_a_closed_one_and_one_with_an_award_unpaid(session, scene):
    today = legal_today(session)
    for days in (40, 300, 310):
        make.licensed(session, f"Old {days} Overseas", status=LicenceStatus.EXPIRED, until=today - timedelta(days))
    _id, _reference, worker = contracts.worker(session)
    staff = {"licensing.officer": go.reviewer(session), "licensing.approver": go.approver(session)}
    seed.demo(session, World(today=today, rng=random.Random(1), actors=staff), worker)
    files = {f.status if f.unpaid is None else "unpaid": f for f in session.scalars(select(WindingDown)).all()}
    assert set(files) == {WindingStatus.DECLARED, WindingStatus.CLOSED, "unpaid"}
    assert files["unpaid"].unpaid == NPR(85_000_00)
    late = queries.file_of(session, files[WindingStatus.DECLARED])
    assert (len(late.custody), late.overdue_days, len(late.owed)) == (3, 10, 2)
    assert files[WindingStatus.CLOSED].certificate_id is not None


def test_a_cancellation_brings_the_day_of_an_expired_licence_forward_and_never_back(session, scene):
    agency, _owner = scene
    licence, today = wind.newest(session, agency), legal_today(session)
    licence.issued_on, licence.valid_until = today - timedelta(400), today - timedelta(20)
    session.flush()
    expire(session)
    file = wind.file_of(session, agency)
    assert file.due_on == today + timedelta(10)
    go.ordered(session, OrderKind.CANCEL, **go.against(agency))
    assert wind.file_of(session, agency).due_on == today + timedelta(10)
    assert wind.file_of(session, agency).law["row"] == "np.licence.cancel.refund_days"
