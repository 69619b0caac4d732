"""Awards that an emptied security can't pay: the file ends, the debt does not, and everybody can see it."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from agencies.register import bulk, snapshot
from agencies.register_log.models import RegisterEvent
from agencies.registration.services import new_director
from agencies.security import claims, proposals
from agencies.security.models import SecurityClaim, SecurityEntry
from agencies.security.status import ClaimStatus, EntryKind, ProposalKind
from agencies.winding_down import closing, custody, jobs, opening, owed, queries, reminders
from agencies.winding_down.custody import Document
from agencies.winding_down.debts import unpaid_behind
from agencies.winding_down.models import OwedItem, WindingDown
from agencies.winding_down.status import DocumentKind, Outcome, OwedStatus, WindingStatus
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.messages import OutgoingMessage
from tests.agencies import factories as make
from tests.agencies import proceedings as go
from tests.agencies import winding as wind
from tests.agencies.security import NPR, deposited, granted
from tests.contracts import factories as contracts
from tests.migrants.factories import PASSWORD

AWARD = 80_000_00


@pytest.fixture
def scene(session):
    """A licensed agency, its owner, and a worker."""
    agency, owner = contracts.agency(session)
    return agency, owner, contracts.worker(session)[2]


def fresh(session, record):
    return session.get_one(type(record), record.id, populate_existing=True)


def codes_of(session, file):
    return [h.code for h in closing.hindrances(session, file)]


def events_of(session, agency):
    query = select(RegisterEvent).where(RegisterEvent.agency == agency.reference).order_by(RegisterEvent.id)
    return [(e.event, e.status, e.order_kind) for e in session.scalars(query)]


def entry_of(session, agency):
    return next(e for e in snapshot.read(session) if e.agency_id == agency.id)


def messages_of(session, template):
    query = select(OutgoingMessage).where(OutgoingMessage.template == template).order_by(OutgoingMessage.id)
    return session.scalars(query).all()


def close(session, file, outcome):
    closing.propose(session, go.reviewer(session), file.id, outcome, "Asked at the bank.")
    return closing.decide(session, go.approver(session), file.id, "close", "Agreed.")


def test_a_used_up_security_lets_the_file_end_and_the_rest_of_the_award_stays_owed(session, scene):
    agency, owner, worker = scene
    deposited(session, agency, 30_000_00)
    file, item = wind.awarded(session, agency, owner, worker, AWARD)
    assert codes_of(session, file) == ["owed"]
    claims.pay(session, make.finance(session), item.claim_id)
    assert codes_of(session, file) == []
    for wrong in (Outcome.RELEASE, Outcome.FORFEIT):
        with pytest.raises(DomainError, match="only in this way"):
            closing.propose(session, go.reviewer(session), file.id, wrong, "All is back.")
    close(session, file, Outcome.SHORTFALL)
    file = fresh(session, file)
    assert (file.status, file.unpaid_count, file.unpaid) == (WindingStatus.CLOSED, 1, NPR(50_000_00))
    assert fresh(session, item).status is OwedStatus.UNPAID
    assert session.get_one(SecurityClaim, item.claim_id).status is ClaimStatus.PART_PAID
    (told,) = messages_of(session, "winding_unpaid")
    assert told.account_id == worker.account_id
    assert agency.name not in told.body
    (part,) = queries.own_parts(session, item.migrant_id)
    assert part.owed[0].left == NPR(50_000_00)
    assert file.certificate_id is not None


def test_register_log_and_files_say_that_it_was_closed_and_how_much_stays_unpaid(session, scene):
    agency, owner, worker = scene
    assert entry_of(session, agency).closing is None
    file, item = wind.closed_unpaid(session, agency, owner, worker, AWARD)
    entry, today = entry_of(session, agency), legal_today(session)
    assert entry.closing == snapshot.Closing(today, 1, NPR(AWARD))
    row = bulk.row(entry, today)
    assert (row["wound_down_on"], row["unpaid_awards"], row["unpaid_minor"], row["unpaid_currency"]) == (
        today.isoformat(), 1, AWARD, "NPR",
    )  # fmt: skip
    assert events_of(session, agency)[-2:] == [
        ("surrendered", "surrendered", None), ("closed_unpaid", "surrendered", "winding_down"),
    ]  # fmt: skip
    owed.see_paid(session, go.reviewer(session), item.id, "Receipt and worker seen.")
    assert entry_of(session, agency).closing == snapshot.Closing(today)
    assert events_of(session, agency)[-1] == ("paid_up", "surrendered", "winding_down")
    assert fresh(session, file).unpaid is None


def test_a_file_with_everything_settled_is_a_leaf_of_its_own_kind_and_can_not_be_called_a_shortfall(session, scene):
    agency, owner, _worker = scene
    file = wind.ready(session, agency, owner)
    with pytest.raises(DomainError, match="Nothing stays unpaid"):
        closing.propose(session, go.reviewer(session), file.id, Outcome.SHORTFALL, "Nothing is left.")
    close(session, file, Outcome.RELEASE)
    assert events_of(session, agency)[-1] == ("closed", "surrendered", "winding_down")
    assert entry_of(session, agency).closing == snapshot.Closing(legal_today(session))


def test_what_was_owed_outside_the_list_keeps_the_file_open_or_is_counted_as_unpaid(session, scene):
    agency, owner, _worker = scene
    deposited(session, agency, 10_000_00)
    file = wind.ready(session, agency, owner)
    award = granted(session, agency, 40_000_00)
    assert codes_of(session, file) == ["claim"]
    claims.pay(session, make.finance(session), award.id)
    assert codes_of(session, file) == []
    close(session, file, Outcome.SHORTFALL)
    assert fresh(session, file).unpaid == NPR(30_000_00)


def test_money_that_comes_before_the_second_officer_decides_is_paid_out_first(session, scene):
    agency, owner, worker = scene
    file, _item = wind.awarded(session, agency, owner, worker, AWARD)
    closing.propose(session, go.reviewer(session), file.id, Outcome.SHORTFALL, "Nothing is left.")
    deposited(session, agency, 5_000_00)
    with pytest.raises(DomainError, match="not paid"):
        closing.decide(session, go.approver(session), file.id, "close", "Agreed.")
    assert fresh(session, file).status is WindingStatus.PROPOSED


@pytest.mark.parametrize("parts", [(AWARD,), (1, AWARD - 1), (30_000_00, 30_000_00, 20_000_00)])
def test_late_money_through_the_security_is_booked_in_parts_and_never_more_than_owed(session, scene, parts):
    agency, owner, worker = scene
    file, item = wind.closed_unpaid(session, agency, owner, worker, AWARD)
    left = AWARD
    for part in parts:
        deposited(session, agency, part)
        claims.pay(session, make.finance(session), item.claim_id)
        jobs.follow(session)
        left -= part
        assert fresh(session, file).unpaid_minor == left
        assert entry_of(session, agency).closing.count == (1 if left else 0)
    assert fresh(session, item).status is OwedStatus.PAID
    assert session.get_one(SecurityClaim, item.claim_id).status is ClaimStatus.PAID
    assert jobs.follow(session)["moved"] == 0
    assert [e for e, _s, _k in events_of(session, agency)].count("paid_up") == 1


def test_a_late_payment_that_is_taken_back_is_owed_again(session, scene):
    agency, owner, worker = scene
    file, item = wind.closed_unpaid(session, agency, owner, worker, AWARD)
    deposited(session, agency, AWARD)
    claims.pay(session, make.finance(session), item.claim_id)
    jobs.follow(session)
    entry = session.scalars(select(SecurityEntry).where(SecurityEntry.kind == EntryKind.DRAW)).one()
    made = proposals.propose(
        session, make.finance(session), agency.id, ProposalKind.CORRECTION, "The wrong person.", entry_id=entry.id
    )
    proposals.decide(session, make.finance(session), made.id, "accept", "So it was.")
    assert jobs.follow(session)["moved"] == 1
    assert (fresh(session, item).status, fresh(session, file).unpaid_minor) == (OwedStatus.UNPAID, AWARD)
    assert events_of(session, agency)[-1][0] == "closed_unpaid"


def test_the_worker_says_with_password_and_code_that_the_agency_paid_and_nothing_is_drawn_for_it_any_more(
    session, scene
):
    agency, owner, worker = scene
    deposited(session, agency, 30_000_00)
    file, item = wind.awarded(session, agency, owner, worker, AWARD)
    claims.pay(session, make.finance(session), item.claim_id)
    close(session, file, Outcome.SHORTFALL)
    with pytest.raises(NotVisible):
        owed.send_code(session, contracts.worker(session)[2], item.id)
    owed.send_code(session, worker, item.id)
    code = contracts.last_code(session, worker.account_id)
    with pytest.raises(DomainError):
        owed.confirm(session, worker, item.id, secret="not the secret", code=code)
    assert fresh(session, file).unpaid_minor == 50_000_00
    owed.confirm(session, worker, item.id, secret=PASSWORD, code=code)
    claim = session.get_one(SecurityClaim, item.claim_id, populate_existing=True)
    assert (claim.status, claim.settled_minor, claims.owed_on(session, claim)) == (ClaimStatus.PAID, 50_000_00, 0)
    assert (fresh(session, item).status, fresh(session, file).unpaid_minor) == (OwedStatus.PAID, 0)
    deposited(session, agency, 50_000_00)
    with pytest.raises(TooLate):
        claims.pay(session, make.finance(session), claim.id)
    # What was drawn and is taken back is owed; what the agency paid by itself is not.
    entry = session.scalars(select(SecurityEntry).where(SecurityEntry.kind == EntryKind.DRAW)).one()
    made = proposals.propose(
        session, make.finance(session), agency.id, ProposalKind.CORRECTION, "The wrong person.", entry_id=entry.id
    )
    proposals.decide(session, make.finance(session), made.id, "accept", "So it was.")
    assert claims.owed_on(session, fresh(session, claim)) == 30_000_00


def test_a_file_that_comes_back_and_ends_again_takes_over_what_stayed_unpaid(session, scene):
    agency, owner, worker = scene
    file, item = wind.closed_unpaid(session, agency, owner, worker, AWARD)
    licence = wind.newest(session, agency)
    opening.restore(session, licence.id, "an appeal")
    assert entry_of(session, agency).closing is None
    opening.open_file(session, licence, file.ended_on)
    file = fresh(session, file)
    assert (file.status, file.unpaid) == (WindingStatus.OPEN, None)
    deposited(session, agency, AWARD + 5_00)
    custody.declare(session, owner, file.id)
    assert "claim" in codes_of(session, file)
    claims.pay(session, make.finance(session), item.claim_id)
    assert jobs.follow(session)["moved"] == 1
    assert fresh(session, item).status is OwedStatus.PAID
    wind.long_ago(session, fresh(session, file))
    assert codes_of(session, file) == []


def test_what_is_left_after_a_late_payment_can_go_back(session, scene):
    agency, owner, worker = scene
    _file, item = wind.closed_unpaid(session, agency, owner, worker, AWARD)
    deposited(session, agency, AWARD + 5_00)
    assert "still owed" in " ".join(map(str, proposals.may_release(session, agency.id)))
    claims.pay(session, make.finance(session), item.claim_id)
    reasons = " ".join(map(str, proposals.may_release(session, agency.id)))
    assert "owed" not in reasons
    assert "forfeited" not in reasons


def test_who_filed_the_claim_an_agency_or_another_area_does_not_say_that_it_was_paid(session, scene):
    agency, owner, worker = scene
    clerk = go.reviewer(session)
    file, item = wind.closed_unpaid(session, agency, owner, worker, AWARD, clerk=clerk)
    with pytest.raises(Denied, match="filed the claim"):
        owed.see_paid(session, clerk, item.id, "Receipt and worker seen.")
    with pytest.raises(NotVisible):
        owed.see_paid(session, go.reviewer(session, at=go.elsewhere(session)), item.id, "Receipt seen.")
    for run in (
        lambda: owed.see_paid(session, owner, item.id, "We paid."),
        lambda: owed.say_paid(session, owner, item.id),
    ):
        with pytest.raises((Denied, NotVisible, TooLate)):
            run()
    with pytest.raises(TooLate):
        custody.claim_item(session, worker, file.id, Document(DocumentKind.PASSPORT))
    assert (fresh(session, item).status, fresh(session, file).unpaid_minor) == (OwedStatus.UNPAID, AWARD)


def test_two_officers_close_it_and_never_one_alone(session, scene):
    agency, owner, worker = scene
    file, item = wind.awarded(session, agency, owner, worker, AWARD)
    boss = go.reviewer(session)
    closing.propose(session, boss, file.id, Outcome.SHORTFALL, "Nothing is left.")
    with pytest.raises(Denied):
        closing.decide(session, boss, file.id, "close", "Mine.")
    assert (fresh(session, file).status, fresh(session, item).status) == (WindingStatus.PROPOSED, OwedStatus.CLAIMED)


# --- the people behind it ------------------------------------------------------------------------------------------------


def directed(session, agency, **person):
    row = new_director(session, agency.id, make.director(**person))
    session.flush()
    return row


def test_the_same_person_behind_a_new_application_is_shown_with_what_stayed_unpaid(session, scene):
    agency, owner, worker = scene
    directed(session, agency, number="27-01-70-55555")
    left = directed(
        session, agency, number="27-01-70-66666", name="Hari Lama", born=legal_today(session) - timedelta(12000)
    )
    left.removed_at = db_now(session) - timedelta(900)
    wind.closed_unpaid(session, agency, owner, worker, AWARD)
    same, _owner, _actor = make.agency(session, name="Second Start Pvt. Ltd.", native="")
    directed(session, same, number="27-01-70-55555", name="Somebody Else")
    (row,) = unpaid_behind(session, same.id)
    assert (row.agency_id, row.unpaid, row.count, row.certain) == (agency.id, NPR(AWARD), 1, True)
    alike, _owner, _actor = make.agency(session, name="Third Start Pvt. Ltd.", native="")
    directed(session, alike, number="27-01-70-77777", name="Ram Bahadur Shresta")
    assert [(r.certain, r.director) for r in unpaid_behind(session, alike.id)] == [(False, "Ram Bahadur Shresta")]
    clean, _owner, _actor = make.agency(session, name="Clean Start Pvt. Ltd.", native="")
    directed(session, clean, number="27-01-70-66666", name="Hari Lama")
    assert unpaid_behind(session, clean.id) == []
    assert [(r.director, r.certain) for r in unpaid_behind(session, agency.id)] == [(None, True)]


# --- reminders -----------------------------------------------------------------------------------------------------------


def test_an_agency_is_reminded_once_in_each_interval_while_something_is_open(session, scene):
    agency, owner, worker = scene
    file = wind.ended(session, agency)
    jobs.tell(session, str(file.id))
    item = custody.claim_item(session, worker, file.id, Document(DocumentKind.PASSPORT))
    custody.declare(session, owner, file.id)
    assert reminders.remind(session, 10) == 0
    file.told_at -= timedelta(7)
    session.flush()
    assert [reminders.remind(session, 10) for _night in range(2)] == [1, 0]
    assert [m.account_id for m in messages_of(session, "winding_reminder")] == [owner.account_id]
    file.reminded_on -= timedelta(7)
    session.flush()
    assert reminders.remind(session, 10) == 1
    custody.decide(session, go.reviewer(session), item.id, "see_returned", "Seen.")
    file.reminded_on -= timedelta(7)
    session.flush()
    assert reminders.remind(session, 10) == 0


def test_an_agency_is_reminded_of_what_stayed_unpaid_until_it_is_paid(session, scene):
    agency, owner, worker = scene
    file, item = wind.closed_unpaid(session, agency, owner, worker, AWARD)
    assert reminders.remind(session, 10) == 0
    file.closed_on -= timedelta(30)
    session.flush()
    assert [reminders.remind(session, 10) for _night in range(2)] == [1, 0]
    owed.see_paid(session, go.reviewer(session), item.id, "Receipt and worker seen.")
    file.reminded_on -= timedelta(30)
    session.flush()
    assert reminders.remind(session, 10) == 0


# --- races ---------------------------------------------------------------------------------------------------------------


def test_a_worker_and_a_payment_at_once_book_the_money_once(committed):
    with committed() as session:
        agency, owner = contracts.agency(session)
        worker = contracts.worker(session)[2]
        _file, item = wind.closed_unpaid(session, agency, owner, worker, AWARD)
        deposited(session, agency, AWARD)
        officer, cashier = go.reviewer(session), make.finance(session)
        session.commit()
    gate, ends = threading.Barrier(2), []

    def act(service, *args):
        gate.wait()
        with committed() as session:
            try:
                service(session, *args)
                session.commit()
                ends.append("done")
            except (TooLate, DomainError):
                ends.append("late")

    works = [(owed.see_paid, officer, item.id, "Receipt and worker seen."), (claims.pay, cashier, item.claim_id)]
    threads = [threading.Thread(target=act, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committed() as session:
        jobs.follow(session)
        claim = session.get_one(SecurityClaim, item.claim_id)
        drawn = -sum(session.scalars(select(SecurityEntry.amount_minor).where(SecurityEntry.kind == EntryKind.DRAW)))
        assert claim.settled_minor + drawn == AWARD
        assert claims.owed_on(session, claim) == 0
        assert session.get_one(OwedItem, item.id).status is OwedStatus.PAID
        assert session.scalars(select(WindingDown.unpaid_minor)).one() == 0
