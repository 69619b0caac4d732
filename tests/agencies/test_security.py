"""Securities by their services and by the calendar: who may, what follows, and what stays as it was."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from agencies import jobs
from agencies.licensing import decisions, rules
from agencies.licensing.queries import licence_for
from agencies.licensing.status import LicenceStatus, SecurityKind, Standing
from agencies.sanctions import services as sanctions
from agencies.sanctions import suspension
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SanctionKind, SanctionStatus
from agencies.security import claims, instruments, ledger, proposals, queries
from agencies.security import rules as security_rules
from agencies.security.models import SecurityAlarm, SecurityDemand, SecurityEntry, SecurityProposal
from agencies.security.status import (
    CLAIM,
    DEMAND,
    INSTRUMENT,
    PROPOSAL,
    ClaimStatus,
    DemandStatus,
    EntryKind,
    InstrumentStatus,
    ProposalKind,
)
from core.accounts import actor_for, add_membership
from core.actor import ActorKind
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.messages import OutgoingMessage
from core.permissions import SubjectKind
from core.settings import configure
from law.country import deployment, due_after
from law.engine import RowStatus
from tests.agencies import factories as make
from tests.agencies.security import NPR, deposited, filed, granted, guaranteed, paid, paper
from tests.agencies.winding import put_closed

CASH, GUARANTEE = SecurityKind.CASH, SecurityKind.GUARANTEE
ARROWS = """
lodged record recorded
lodged return returned
recorded ask verification_asked
not_confirmed ask verification_asked
verification_asked confirm verified
verification_asked deny not_confirmed
verified warn expiring
lodged expire expired
recorded expire expired
verification_asked expire expired
verified expire expired
expiring expire expired
verified replace replaced
expiring replace replaced
verified draw drawn
expiring draw drawn
verified forfeit drawn
expiring forfeit drawn
verified release released
expiring release released
drawn restore verified
released restore verified
"""


def test_the_transition_tables_are_the_ones_written_down_here():
    assert INSTRUMENT.pairs() == {tuple(line.split()) for line in ARROWS.split("\n") if line}
    assert CLAIM.pairs() == {
        ("filed", "grant", "granted"), ("filed", "reject", "rejected"), ("granted", "pay_part", "part_paid"),
        ("part_paid", "pay_part", "part_paid"), ("granted", "pay", "paid"), ("part_paid", "pay", "paid"),
        ("granted", "settle", "paid"), ("part_paid", "settle", "paid"),
        ("part_paid", "owe_again", "granted"), ("paid", "owe_again", "granted"),
    }  # fmt: skip
    assert DEMAND.pairs() == {
        ("open", "run_out", "overdue"), ("open", "meet", "met"), ("overdue", "meet", "met"),
        ("open", "withdraw", "withdrawn"), ("overdue", "withdraw", "withdrawn"), ("met", "reopen", "open"),
    }  # fmt: skip
    assert PROPOSAL.pairs() == {("proposed", "accept", "done"), ("proposed", "reject", "rejected")}


def fresh(session, row):
    return session.get_one(type(row), row.id, populate_existing=True)


def standing(session, agency):
    return licence_for(session, agency.id, legal_today(session)).status


def owner_of(session, agency, **kw):
    account = make.account(session, "Owner", **kw)
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True)
    return account, actor_for(session, account)


def the_demand(session, agency):
    account = ledger.find_account(session, agency.id)
    return session.scalars(select(SecurityDemand).where(SecurityDemand.account_id == account.id)).one()


def total(session, agency):
    return ledger.held(session, agency.id).total.minor


# --- bank papers ---------------------------------------------------------------------------------------------------------


def test_the_recorder_of_a_paper_never_records_the_banks_answer(session):
    agency, _licence = make.licensed(session)
    maker, checker = make.finance(session), make.finance(session)
    made = instruments.record_new(session, maker, agency.id, paper(CASH, 500))
    question = instruments.ask(session, maker, made.id)
    answer = instruments.Answer(question.reference, True, make.photo())
    with pytest.raises(Denied, match="You recorded this paper"):
        instruments.answer(session, maker, made.id, answer)
    with pytest.raises(Denied):
        instruments.answer(session, make.approver(session), made.id, answer)
    with pytest.raises(DomainError, match="must carry the reference"):
        instruments.answer(session, checker, made.id, instruments.Answer("BV-0000-00000-0", True, make.photo()))
    assert (fresh(session, made).status, total(session, agency)) == (InstrumentStatus.VERIFICATION_ASKED, 0)
    instruments.answer(session, checker, made.id, instruments.Answer(question.reference.lower(), True, make.photo()))
    assert (fresh(session, made).status, total(session, agency)) == (InstrumentStatus.VERIFIED, 500)
    with pytest.raises(TooLate):
        instruments.answer(session, checker, made.id, answer)
    assert total(session, agency) == 500
    (entry,) = session.scalars(select(SecurityEntry)).all()
    assert (entry.kind, entry.made_by, entry.checked_by) == (
        EntryKind.DEPOSIT, maker.account_id, checker.account_id,
    )  # fmt: skip


def test_the_letter_to_the_bank_is_a_page_under_a_reference_that_is_used_once(session):
    from core.files import StoredFile, read_file

    agency, _licence = make.licensed(session)
    made = instruments.record_new(session, make.finance(session), agency.id, paper(CASH, 500))
    first = instruments.ask(session, make.finance(session), made.id)
    assert read_file(session.get_one(StoredFile, first.letter_id)).startswith(b"%PDF")
    with pytest.raises(TooLate):
        instruments.ask(session, make.finance(session), made.id)
    checker = make.finance(session)
    instruments.answer(session, checker, made.id, instruments.Answer(first.reference, False, make.photo()))
    second = instruments.ask(session, checker, made.id)
    assert first.reference != second.reference
    with pytest.raises(DomainError, match="must carry the reference"):
        instruments.answer(session, checker, made.id, instruments.Answer(first.reference, True, make.photo()))
    assert total(session, agency) == 0


def test_an_agency_sends_a_paper_and_nobody_elses(session):
    agency, _licence = make.licensed(session)
    other, _licence = make.licensed(session, "Makalu Recruitment")
    _account, owner = owner_of(session, agency)
    with pytest.raises(NotVisible):
        instruments.lodge(session, owner, other.id, paper(CASH, 10))
    made = instruments.lodge(session, owner, agency.id, paper(CASH, 500, number="SLIP 1"))
    assert (made.status, made.recorded_by, total(session, agency)) == (InstrumentStatus.LODGED, None, 0)
    with pytest.raises(DomainError, match="recorded before"):
        instruments.lodge(session, owner, agency.id, paper(CASH, 500, number="slip-1"))
    with pytest.raises(NotVisible):
        instruments.record(session, make.finance(session, at=make.office(session, "P9")), made.id)
    instruments.return_paper(session, make.finance(session), made.id, "The stamp can’t be read.")
    assert (fresh(session, made).status, made.returned_why) == (
        InstrumentStatus.RETURNED, "The stamp can’t be read.",
    )  # fmt: skip
    again = instruments.lodge(session, owner, agency.id, paper(CASH, 500, number="slip-1"))
    maker = make.finance(session)
    instruments.record(session, maker, again.id)
    with pytest.raises(Denied, match="You recorded this paper"):
        make.verified(session, again, by=maker)


def test_a_longer_guarantee_takes_the_place_of_the_one_before(session):
    agency, _licence = make.licensed(session)
    before = guaranteed(session, agency, 700, days=100)
    with pytest.raises(DomainError, match="must end later"):
        guaranteed(session, agency, 700, days=100, replaces=before.id, extends=True)
    after = guaranteed(session, agency, 700, days=400, replaces=before.id, extends=True)
    assert (fresh(session, before).status, fresh(session, after).status) == (
        InstrumentStatus.REPLACED, InstrumentStatus.VERIFIED,
    )  # fmt: skip
    assert (total(session, agency), ledger.left(session, before.id), ledger.left(session, after.id)) == (700, 0, 700)
    smaller = guaranteed(session, agency, 500, days=800, replaces=after.id)
    assert (total(session, agency), ledger.left(session, smaller.id)) == (500, 500)
    kinds = set(session.scalars(select(SecurityEntry.kind)))
    assert kinds == {EntryKind.LODGED, EntryKind.EXTENDED, EntryKind.REPLACED}
    other, _licence = make.licensed(session, "Makalu Recruitment")
    with pytest.raises(DomainError, match="guarantees of this agency"):
        guaranteed(session, other, 500, replaces=smaller.id)


def test_the_law_of_india_refuses_a_guarantee_that_is_too_short_and_a_row_from_memory_would_not(session, monkeypatch):
    from dataclasses import replace

    from law.engine import Applied, law_of

    row = law_of("in").applies("security.guarantee_months", on=date(2026, 1, 1)).row
    assert (row.value, row.status) == (102, RowStatus.SEEN)
    today = legal_today(session)
    floor = security_rules.months_after(today, 102)
    agency, _licence = make.licensed(session)
    for status, refuses in ((RowStatus.SEEN, True), (RowStatus.MEMORY, False)):
        found = Applied(row.value, replace(row, status=status))
        monkeypatch.setattr(security_rules, "applies", lambda *_t, _found=found, **_c: _found)
        command = paper(GUARANTEE, 500, until=floor - timedelta(1))
        if refuses:
            with pytest.raises(DomainError, match=f"must stand until {floor}"):
                instruments.record_new(session, make.finance(session), agency.id, command)
        else:
            instruments.record_new(session, make.finance(session), agency.id, command)
    assert security_rules.months_after(date(2024, 1, 31), 1) == date(2024, 2, 29)


# --- claims, draws, top-ups ----------------------------------------------------------------------------------------------


def test_three_officers_stand_between_an_award_and_the_money(session):
    agency, _licence = make.licensed(session)
    deposited(session, agency, 1000)
    boss = make.approver(session)
    claim = filed(session, agency, 300, by=boss, payees="Sita Tamang, Ram Rai")
    with pytest.raises(Denied, match="You filed this claim"):
        claims.grant(session, boss, claim.id, claims.Grant(NPR(300), "Mine."))
    with pytest.raises(DomainError, match="up to what was claimed"):
        claims.grant(session, make.approver(session), claim.id, claims.Grant(NPR(301), "More."))
    with pytest.raises(TooLate):
        claims.pay(session, make.finance(session), claim.id)
    assert (claim.status, total(session, agency)) == (ClaimStatus.FILED, 1000)
    claims.grant(session, make.approver(session), claim.id, claims.Grant(NPR(250), "Fifty were paid before."))
    with pytest.raises(Denied):
        claims.pay(session, make.approver(session), claim.id)
    claims.pay(session, make.finance(session), claim.id)
    assert (claim.status, total(session, agency)) == (ClaimStatus.PAID, 750)
    with pytest.raises(TooLate):
        claims.pay(session, make.finance(session), claim.id)
    demand = the_demand(session, agency)
    today = legal_today(session)
    assert (demand.amount_minor, demand.due_on) == (250, due_after(today, "security_top_up_days"))
    assert b"Tamang" not in claim.payees_sealed
    assert claim.payees == "Sita Tamang, Ram Rai"
    evidence = session.scalars(select(AuditEvent.evidence).where(AuditEvent.subject_id == claim.id)).all()
    assert "Tamang" not in str(evidence)


def test_an_officer_of_the_agency_and_a_rejected_award_move_nothing(session):
    agency, _licence = make.licensed(session)
    deposited(session, agency, 1000)
    account, officer = make.officer(session, make.StaffRole.LICENSING_OFFICER)
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=False)
    with pytest.raises(Denied, match="agency’s people"):
        filed(session, agency, 300, by=officer)
    claim = filed(session, agency, 300, award="A 1")
    with pytest.raises(DomainError, match="filed before"):
        filed(session, agency, 300, award="A 1")
    claims.reject(session, make.approver(session), claim.id, "Not final.")
    with pytest.raises(TooLate):
        claims.pay(session, make.finance(session), claim.id)
    assert (claim.status, total(session, agency)) == (ClaimStatus.REJECTED, 1000)
    assert filed(session, agency, 300, award="A 1").status is ClaimStatus.FILED


def test_awards_are_paid_in_the_order_of_their_decisions_and_the_rest_stays_owed(session):
    agency, _licence = make.licensed(session)
    cash = deposited(session, agency, 100)
    cover = guaranteed(session, agency, 150)
    first, second = granted(session, agency, 300), granted(session, agency, 50)
    second.decided_at += timedelta(seconds=1)
    session.flush()
    with pytest.raises(DomainError, match="decided earlier"):
        claims.pay(session, make.finance(session), second.id)
    claims.pay(session, make.finance(session), first.id)
    assert (first.status, claims.owed_on(session, first), total(session, agency)) == (ClaimStatus.PART_PAID, 50, 0)
    assert {fresh(session, p).status for p in (cash, cover)} == {InstrumentStatus.DRAWN}
    with pytest.raises(DomainError, match="Nothing is left"):
        claims.pay(session, make.finance(session), first.id)
    seen = queries.file_of(session, agency.id)
    assert [(c.owed.minor, c.first) for c in seen.claims] == [(50, True), (50, False)]
    deposited(session, agency, 250)
    claims.pay(session, make.finance(session), first.id)
    claims.pay(session, make.finance(session), second.id)
    assert (first.status, second.status, total(session, agency)) == (ClaimStatus.PAID, ClaimStatus.PAID, 150)
    drawn = session.scalars(select(SecurityEntry.amount_minor).where(SecurityEntry.kind == EntryKind.DRAW)).all()
    assert sorted(drawn) == [-150, -100, -50, -50]


def unpaid(session, days=1):
    """An agency whose demand ran out that many days ago, before the night's job."""
    agency, licence = make.licensed(session)
    deposited(session, agency, 1000)
    paid(session, agency, 300)
    demand = the_demand(session, agency)
    demand.due_on = legal_today(session) - timedelta(days)
    session.flush()
    return agency, licence, demand


def test_a_demand_that_runs_out_suspends_by_itself_once_and_the_confirmed_top_up_lifts_it(session):
    agency, licence, demand = unpaid(session)
    found = jobs.security.watch_securities(session), jobs.security.watch_securities(session)
    assert [f["ran_out"] for f in found] == [1, 0]
    assert standing(session, agency) is Standing.SUSPENDED
    sanction = session.get_one(Sanction, demand.sanction_id)
    assert (sanction.proposed_by, sanction.decided_by, sanction.status) == (None, None, SanctionStatus.IN_FORCE)
    assert demand.show_cause_by == due_after(legal_today(session), "security_show_cause_days")
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == licence.id, AuditEvent.action == "hold")
    ).one()
    assert (event.actor_kind, event.actor_account_id) == (ActorKind.SYSTEM, None)

    half = instruments.record_new(session, make.finance(session), agency.id, paper(CASH, 100))
    make.verified(session, half)
    assert (fresh(session, demand).status, standing(session, agency)) == (DemandStatus.OVERDUE, Standing.SUSPENDED)
    rest = instruments.record_new(session, make.finance(session), agency.id, paper(CASH, 300))
    assert standing(session, agency) is Standing.SUSPENDED
    make.verified(session, rest)
    assert (fresh(session, demand).status, standing(session, agency)) == (DemandStatus.MET, Standing.LICENSED)
    assert fresh(session, sanction).status is SanctionStatus.LIFTED
    assert (total(session, agency), ledger.toward_demand(session, demand.id)) == (1100, 300)
    kinds = session.scalars(select(SecurityEntry.kind).where(SecurityEntry.instrument_id == rest.id)).all()
    assert sorted(kinds) == [EntryKind.DEPOSIT, EntryKind.TOP_UP]


def test_a_demand_holds_on_its_last_day_and_is_reminded_of_once_for_each_distance(session):
    agency, _licence, demand = unpaid(session, days=0)
    owner_of(session, agency, phone="+9779841000055")
    assert jobs.security.watch_securities(session)["ran_out"] == 0
    assert standing(session, agency) is Standing.LICENSED
    reminded = session.scalars(select(SecurityAlarm.days).where(SecurityAlarm.demand_id == demand.id)).all()
    assert sorted(reminded) == [1, 7]
    assert jobs.security.watch_securities(session)["reminded"] == 0
    (message,) = session.scalars(select(OutgoingMessage)).all()
    assert message.body == "There is news about the security of your agency. Sign in to see it."


def test_another_suspension_keeps_the_licence_when_the_top_up_is_there(session):
    agency, licence, _demand = unpaid(session)
    last_day = legal_today(session) + timedelta(30)
    proposed = sanctions.propose(
        session, make.reviewer(session), agency.id,
        sanctions.Propose(SanctionKind.SUSPENSION, "Complaints.", last_day),
    )  # fmt: skip
    sanctions.order(session, make.approver(session), proposed.id, "Proved.")
    jobs.security.watch_securities(session)
    deposited(session, agency, 300)
    assert standing(session, agency) is Standing.SUSPENDED
    sanctions.lift(session, make.approver(session), proposed.id, "Settled.")
    assert fresh(session, licence).status is LicenceStatus.ACTIVE


def test_what_officers_lift_is_not_ordered_again_by_the_calendar(session):
    agency, _licence, demand = unpaid(session)
    jobs.security.watch_securities(session)
    sanctions.lift(session, make.approver(session), demand.sanction_id, "The court stays it.")
    assert jobs.security.watch_securities(session)["ran_out"] == 0
    assert (standing(session, agency), demand.status) == (Standing.LICENSED, DemandStatus.OVERDUE)


def test_a_limit_that_was_seen_in_the_law_ends_the_suspension_and_one_from_memory_does_not(session, monkeypatch):
    for certain in (True, False):
        _agency, _licence, demand = unpaid(session)
        day = legal_today(session) + timedelta(29)
        monkeypatch.setattr(suspension, "limit", lambda _t, c=certain, d=day: suspension.Limit(d, c, {"row": "x"}))
        jobs.security.watch_securities(session)
        assert session.get_one(Sanction, demand.sanction_id).last_day == (day if certain else None)


# --- the calendar --------------------------------------------------------------------------------------------------------


def shorten(session, guarantee, days):
    guarantee.guarantee_until = legal_today(session) + timedelta(days)
    session.flush()


def test_a_guarantee_that_ends_too_early_is_warned_of_once_for_each_distance(session):
    agency, _licence = make.licensed(session)
    owner_of(session, agency)
    cover = guaranteed(session, agency, 700, days=61)
    told = lambda: sorted(session.scalars(select(SecurityAlarm.days)))  # noqa: E731
    before = len(session.scalars(select(OutgoingMessage)).all())
    assert (jobs.security.watch_securities(session)["warned"], told()) == (0, [])
    for days, expected in ((60, [60]), (59, [60]), (30, [30, 60]), (5, [7, 30, 60]), (0, [7, 30, 60])):
        shorten(session, cover, days)
        jobs.security.watch_securities(session)
        jobs.security.watch_securities(session)
        assert told() == expected
    assert fresh(session, cover).status is InstrumentStatus.EXPIRING
    assert queries.home(session, agency.id).ending == [legal_today(session)]
    assert len(session.scalars(select(OutgoingMessage)).all()) - before == 3


def test_a_guarantee_that_outlasts_licence_and_tail_is_not_warned_of(session):
    today = legal_today(session)
    tail = int(deployment().standard("security_tail_days"))
    agency, _licence = make.licensed(session, until=today + timedelta(10))
    cover = guaranteed(session, agency, 700, days=10 + tail)
    assert jobs.security.watch_securities(session)["warned"] == 0
    shorten(session, cover, 9 + tail)
    assert jobs.security.watch_securities(session)["warned"] == 1


def test_an_ended_guarantee_without_another_suspends_in_the_same_night(session):
    agency, _licence = make.licensed(session)
    cover = guaranteed(session, agency, 700)
    shorten(session, cover, 0)
    assert jobs.security.watch_securities(session)["ended"] == 0
    shorten(session, cover, -1)
    found = jobs.security.watch_securities(session)
    assert (found["ended"], found["ran_out"]) == (1, 1)
    assert (fresh(session, cover).status, total(session, agency)) == (InstrumentStatus.EXPIRED, 0)
    entry = session.scalars(select(SecurityEntry).where(SecurityEntry.kind == EntryKind.EXPIRED)).one()
    assert (entry.amount_minor, entry.made_by, entry.checked_by) == (-700, None, None)
    assert standing(session, agency) is Standing.SUSPENDED
    guaranteed(session, agency, 700)
    assert standing(session, agency) is Standing.LICENSED


def test_a_paper_that_waits_for_its_bank_gives_the_agency_time(session):
    agency, _licence = make.licensed(session)
    cover = guaranteed(session, agency, 700)
    instruments.record_new(session, make.finance(session), agency.id, paper(CASH, 700))
    shorten(session, cover, -1)
    found = jobs.security.watch_securities(session)
    assert (found["ended"], found["ran_out"], standing(session, agency)) == (1, 0, Standing.LICENSED)
    assert the_demand(session, agency).due_on == due_after(legal_today(session), "security_top_up_days")


def test_nothing_is_asked_for_when_more_is_held_than_the_licence_needs_or_the_licence_has_ended(session):
    rich, _licence = make.licensed(session)
    terms = rules.class_terms("A", legal_today(session))
    deposited(session, rich, terms.total.minor)
    ended, _licence = make.licensed(
        session, "Makalu Recruitment", status=LicenceStatus.EXPIRED, until=legal_today(session) - timedelta(9)
    )
    for agency in (rich, ended):
        shorten(session, guaranteed(session, agency, 700), -1)
    assert jobs.security.watch_securities(session)["ended"] == 2
    assert session.scalars(select(SecurityDemand)).all() == []
    assert standing(session, rich) is Standing.LICENSED


# --- correction, release, forfeiture -------------------------------------------------------------------------------------


def proposed(session, agency, kind, **more):
    return proposals.propose(session, make.finance(session), agency.id, kind, "It has to be.", **more)


def done(session, proposal, by=None):
    return proposals.decide(session, by or make.finance(session), proposal.id, "accept", "Checked.")


def test_a_payment_is_taken_back_by_its_opposite_and_never_by_one_officer(session):
    agency, _licence, demand = unpaid(session)
    jobs.security.watch_securities(session)
    draw = session.scalars(select(SecurityEntry).where(SecurityEntry.kind == EntryKind.DRAW)).one()
    maker = make.finance(session)
    with pytest.raises(Denied):
        proposals.propose(session, make.approver(session), agency.id, ProposalKind.CORRECTION, "x", entry_id=draw.id)
    wish = proposals.propose(session, maker, agency.id, ProposalKind.CORRECTION, "Sent back.", entry_id=draw.id)
    with pytest.raises(Denied, match="You proposed this"):
        done(session, wish, by=maker)
    assert total(session, agency) == 700
    done(session, wish)
    assert (total(session, agency), demand.status, standing(session, agency)) == (
        1000, DemandStatus.WITHDRAWN, Standing.LICENSED,
    )  # fmt: skip
    claim = session.get_one(claims.SecurityClaim, draw.claim_id)
    assert (claim.status, claims.owed_on(session, claim)) == (ClaimStatus.GRANTED, 300)
    with pytest.raises(DomainError, match="can’t be corrected"):
        proposed(session, agency, ProposalKind.CORRECTION, entry_id=draw.id)
    assert fresh(session, draw).amount_minor == -300


def test_a_top_up_that_never_came_opens_the_demand_again(session):
    agency, _licence, demand = unpaid(session)
    deposited(session, agency, 300)
    assert fresh(session, demand).status is DemandStatus.MET
    entry = session.scalars(select(SecurityEntry).where(SecurityEntry.kind == EntryKind.TOP_UP)).one()
    done(session, proposed(session, agency, ProposalKind.CORRECTION, entry_id=entry.id))
    assert (fresh(session, demand).status, total(session, agency)) == (DemandStatus.OPEN, 700)
    other, _licence = make.licensed(session, "Makalu Recruitment")
    with pytest.raises(DomainError, match="Choose one of the entries"):
        proposed(session, other, ProposalKind.CORRECTION, entry_id=entry.id)


def reasons(session, agency):
    return [str(r) for r in proposals.may_release(session, agency.id)]


def test_a_security_goes_back_after_the_time_for_claims_by_two_finance_officers(session):
    today = legal_today(session)
    days = int(deployment().standard("security_claims_days"))
    agency, licence = make.licensed(session)
    assert reasons(session, agency) == ["Nothing is held."]
    papers = deposited(session, agency, 1000), guaranteed(session, agency, 500)
    assert reasons(session, agency) == ["The licence has not ended."]
    with pytest.raises(DomainError, match="has not ended"):
        proposed(session, agency, ProposalKind.RELEASE)
    licence.status, licence.valid_until = LicenceStatus.EXPIRED, today - timedelta(days)
    licence.issued_on = licence.valid_until - timedelta(99)
    session.flush()
    open_yet = "The winding down of this agency is not closed."
    assert reasons(session, agency) == [f"Claims are taken until {today}.", open_yet]
    licence.valid_until -= timedelta(1)
    session.flush()
    assert reasons(session, agency) == [open_yet]
    put_closed(session, agency, licence)
    claim = filed(session, agency, 100)
    assert reasons(session, agency) == ["A claim is open, or an award is still owed."]
    claims.reject(session, make.approver(session), claim.id, "Settled between them.")
    assert reasons(session, agency) == []
    maker = make.finance(session)
    wish = proposals.propose(session, maker, agency.id, ProposalKind.RELEASE, "The time is over.")
    with pytest.raises(DomainError, match="proposed already"):
        proposed(session, agency, ProposalKind.RELEASE)
    with pytest.raises(Denied, match="You proposed this"):
        done(session, wish, by=maker)
    late = filed(session, agency, 100)
    with pytest.raises(DomainError, match="A claim is open"):
        done(session, wish)
    assert total(session, agency) == 1500
    claims.reject(session, make.approver(session), late.id, "Settled.")
    done(session, wish)
    assert total(session, agency) == 0
    assert {fresh(session, p).status for p in papers} == {InstrumentStatus.RELEASED}
    assert wish.letter_id is not None
    with pytest.raises(TooLate):
        done(session, wish)
    assert len(session.scalars(select(SecurityEntry).where(SecurityEntry.kind == EntryKind.RELEASE)).all()) == 2


def test_a_forfeiture_is_decided_by_the_authority_and_not_by_finance(session):
    agency, _licence = make.licensed(session)
    cash = deposited(session, agency, 1000)
    wish = proposed(session, agency, ProposalKind.FORFEITURE)
    with pytest.raises(Denied):
        done(session, wish)
    assert total(session, agency) == 1000
    done(session, wish, by=make.approver(session))
    assert (total(session, agency), fresh(session, cash).status) == (0, InstrumentStatus.DRAWN)
    wish = session.get_one(SecurityProposal, wish.id)
    assert wish.letter_id is None
    event = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == wish.id, AuditEvent.action == "accept"))
    assert event.one().evidence["law"] is None


# --- licence and capacity ------------------------------------------------------------------------------------------------


def test_the_next_licence_stands_on_what_is_left_of_the_account(session):
    """The first licence's money counts for the second one; what was paid out meanwhile is missing."""
    maker, checker, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, agency, _owner = make.recommended(session, maker)
    decisions.approve(session, checker, application.id, make.approval(session))
    assert decisions.security_state(session, application).missing == NPR(20_000_000_00)
    deposited(session, agency, 20_000_000_00)
    assert decisions.security_state(session, application).complete
    claim = granted(session, agency, 1_00)
    claims.pay(session, make.finance(session), claim.id)
    with pytest.raises(DomainError, match=r"NPR 1.00 is missing"):
        decisions.issue(session, cashier, application.id)
    deposited(session, agency, 1_00)
    assert decisions.issue(session, cashier, application.id).status is LicenceStatus.ACTIVE


def test_the_worker_limit_is_the_laws_and_rises_with_the_security(session):
    today = legal_today(session)
    agency, licence = make.licensed(session)
    found = queries.capacity(session, agency.id, today)
    assert (found.limit, found.known, found.certain) == (3000, True, True)
    assert (found.passed_by(3000), found.passed_by(3001)) == (False, True)
    assert found.evidence["row"] == "np.licence.class.a"
    assert found.evidence["citation"]
    deposited(session, agency, 10_000_000_00)
    assert queries.capacity(session, agency.id, today).limit == 3000
    guaranteed(session, agency, 30_000_000_00)
    found = queries.capacity(session, agency.id, today)
    assert (found.limit, found.licence_class, found.evidence["row"]) == (5000, "B", "np.licence.class.b")
    paid(session, agency, 1)
    assert queries.capacity(session, agency.id, today).limit == 3000
    assert queries.capacity(session, licence.id, today) is None


@pytest.mark.parametrize(
    ("issued", "on", "first"),
    [
        (date(2024, 3, 10), date(2024, 3, 10), date(2024, 3, 10)),
        (date(2024, 3, 10), date(2026, 3, 9), date(2025, 3, 10)),
        (date(2024, 3, 10), date(2026, 3, 10), date(2026, 3, 10)),
        (date(2024, 2, 29), date(2025, 3, 1), date(2025, 2, 28)),
    ],
)
def test_workers_are_counted_by_the_licences_own_year(issued, on, first):
    assert security_rules.licence_year(issued, on) == first


AMOUNTS = {
    "np": [("A", "NPR", 5_000_000, 15_000_000, 3000, True), ("B", "NPR", 10_000_000, 30_000_000, 5000, True),
           ("C", "NPR", 20_000_000, 40_000_000, None, False)],
    "bd": [("standard", "BDT", 3_500_000, 0, None, False)],
    "in": [("full", "INR", 0, 5_000_000, None, True), ("small", "INR", 0, 800_000, 100, True)],
    "lk": [("standard", "LKR", 0, 5_000_000, None, True)],
    "pk": [("standard", "PKR", 0, 0, None, False)],
    "ph": [("standard", "PHP", 1_500_000, 0, None, False)],
}  # fmt: skip


@pytest.mark.parametrize("country", list(AMOUNTS))
def test_each_countrys_amounts_and_limits_come_from_its_law_with_their_source(session, settings, country):
    from dataclasses import replace

    agency, licence = make.licensed(session)
    today = legal_today(session)
    configure(replace(settings, country=country))
    try:
        for code, currency, cash, guarantee, limit, certain in AMOUNTS[country]:
            licence.licence_class = code
            needed = security_rules.required(session, licence, today)
            assert (needed.cash.currency, needed.cash.minor, needed.guarantee.minor) == (
                currency, cash * 100, guarantee * 100,
            )  # fmt: skip
            assert (needed.known, needed.certain) == (country != "pk", certain)
            found = queries.capacity(session, agency.id, today)
            assert (found.limit, found.known) == (limit, country != "pk")
            if needed.known:
                assert needed.evidence["citation"]
            else:
                assert needed.evidence["unknown"] is True
    finally:
        configure(settings)
