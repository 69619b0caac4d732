"""Proceedings from the report to the end of the order: who may, what follows, and who has to leave it to others."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from agencies import jobs
from agencies.licensing import queries as licensing
from agencies.licensing.screen import screen as application_screen
from agencies.licensing.status import ApplicationStatus, LicenceStatus, Standing
from agencies.registration import services as registration
from agencies.registration.status import IdentifierKind
from agencies.sanctions import appeals, cases, documents, fines, liftings, orders
from agencies.sanctions import services as sanctions
from agencies.sanctions.case_models import SanctionBar, SanctionCase, SanctionFine, SanctionLifting, SanctionOrder
from agencies.sanctions.case_status import (
    BAR,
    CASE,
    FINE,
    LIFTING,
    BarStatus,
    CaseSource,
    CaseStatus,
    CaseSubject,
    FineStatus,
    LiftingStatus,
    OrderKind,
)
from agencies.sanctions.models import BlacklistedPerson, Sanction
from agencies.sanctions.queries import party_is_barred, public_orders
from agencies.sanctions.status import SanctionKind, SanctionStatus
from core.accounts import actor_for, add_membership
from core.audit import AuditEvent
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.money import Money
from core.permissions import ClerkRight, Permission, SubjectKind
from core.privacy import Encrypted
from core.settings import configure, current
from law.engine import RowStatus, applies, law_of
from tests.agencies import factories as make
from tests.agencies import proceedings as go
from tests.agencies.test_sanctions import standing

C, K = CaseStatus, OrderKind
CASE_PAIRS = {
    ("reported", "screen", "screened"),
    ("reported", "drop", "dropped"),
    ("reported", "suspend", "notice"),
    ("screened", "notify", "notice"),
    ("notice", "reply", "reply"),
    ("notice", "no_reply", "reply"),
    ("reply", "reply_late", "reply"),
    ("reply", "schedule", "hearing"),
    ("hearing", "reschedule", "hearing"),
    ("hearing", "hear", "decision"),
    ("decision", "send_back", "reply"),
    ("decision", "dismiss", "dismissed"),
    ("decision", "order", "ordered"),
    ("ordered", "appeal", "appealed"),
    ("appealed", "stay", "stayed"),
    ("appealed", "refuse_stay", "appealed"),
    ("stayed", "end_stay", "appealed"),
    ("appealed", "uphold", "upheld"),
    ("stayed", "uphold", "upheld"),
    ("appealed", "vary", "varied"),
    ("stayed", "vary", "varied"),
    ("appealed", "reverse", "reversed"),
    ("stayed", "reverse", "reversed"),
    ("ordered", "expire", "expired"),
    ("upheld", "expire", "expired"),
    ("varied", "expire", "expired"),
    ("ordered", "remove", "removed"),
    ("upheld", "remove", "removed"),
    ("varied", "remove", "removed"),
}
BAR_PAIRS = {
    ("made", "impose", "in_force"),
    ("in_force", "stay", "stayed"),
    ("stayed", "resume", "in_force"),
    ("in_force", "release", "lifted"),
    ("stayed", "release", "lifted"),
    ("in_force", "lapse", "lapsed"),
    ("stayed", "lapse", "lapsed"),
    ("in_force", "reverse", "reversed"),
    ("stayed", "reverse", "reversed"),
    ("in_force", "vary", "varied"),
    ("stayed", "vary", "varied"),
}
FINE_PAIRS = {
    ("due", "pay", "paid"),
    ("stayed", "pay", "paid"),
    ("due", "stay", "stayed"),
    ("stayed", "resume", "due"),
    ("due", "cancel", "cancelled"),
    ("stayed", "cancel", "cancelled"),
    ("paid", "owe_back", "to_pay_back"),
    ("to_pay_back", "pay_back", "paid_back"),
}
LIFTING_PAIRS = {
    ("proposed", "agree", "agreed"),
    ("agreed", "lift", "lifted"),
    ("proposed", "refuse", "refused"),
    ("agreed", "refuse", "refused"),
}


def fresh(session, row):
    return session.get_one(type(row), row.id, populate_existing=True).status


def sanction_of(session, case):
    return session.scalars(select(Sanction).where(Sanction.case_id == case.id).order_by(Sanction.id.desc())).first()


def of(session, table, case):
    return session.scalars(select(table).where(table.case_id == case.id)).one()


def test_the_transition_tables_are_the_ones_written_down_here():
    assert CASE.pairs() == CASE_PAIRS
    assert BAR.pairs() == BAR_PAIRS
    assert FINE.pairs() == FINE_PAIRS
    assert LIFTING.pairs() == LIFTING_PAIRS


def test_who_may_take_which_step():
    permissions = {t.action: t.permission for t in CASE.transitions.values()}
    propose, decide, appeal = Permission.SANCTION_PROPOSE, Permission.SANCTION_DECIDE, Permission.SANCTION_APPEAL
    assert {a for a, p in permissions.items() if p is propose} == {
        "screen", "drop", "notify", "schedule", "reschedule", "hear",
    }  # fmt: skip
    assert {a for a, p in permissions.items() if p is decide} == {"send_back", "dismiss", "order"}
    assert {a for a, p in permissions.items() if p is appeal} == {
        "stay", "refuse_stay", "end_stay", "uphold", "vary", "reverse",
    }  # fmt: skip


# --- the way to the order ---------------------------------------------------------------------------------------------


def owned(session):
    """A licensed agency with its owner's actor."""
    agency, licence = make.licensed(session)
    owner = go.account(session, "Owner")
    add_membership(session, owner, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True)
    return agency, licence, actor_for(session, owner)


def test_from_report_to_order_each_step_by_its_own_officer_and_the_agency_answers(session):
    agency, licence, owner = owned(session)
    reporter, screener, hearer = (go.reviewer(session) for _ in range(3))
    paper = cases.NewPaper("Statement of a worker", make.photo(), shown=False)
    case = go.report(session, reporter, papers=(paper,), **go.against(agency))
    with pytest.raises(Denied, match="You made this report"):
        cases.screen(session, reporter, case.id, "Myself.")
    assert fresh(session, case) is C.REPORTED
    cases.screen(session, screener, case.id, "Three say the same.")
    with pytest.raises(NotVisible):
        cases.reply(session, owner, case.id, "What is said of us?")
    cases.notify(session, screener, case.id, "You keep passports.")
    cases.reply(session, owner, case.id, "We keep them safe.", (cases.NewPaper("List", make.photo(5)),))
    with pytest.raises(DomainError, match="given already"):
        cases.reply(session, owner, case.id, "Once more.")
    evidence, answer = session.scalars(
        select(documents.SanctionPaper)
        .where(documents.SanctionPaper.case_id == case.id)
        .order_by(documents.SanctionPaper.id)
    ).all()
    with pytest.raises(NotVisible):
        documents.download_paper(session, owner, evidence.id)
    assert documents.download_paper(session, owner, answer.id).media_type == "image/jpeg"
    assert documents.download_paper(session, hearer, evidence.id).content
    with pytest.raises(DomainError, match="still to come"):
        cases.schedule(session, hearer, case.id, cases.Hearing(db_now(session) - timedelta(hours=1), "Room 3"))
    cases.schedule(session, hearer, case.id, cases.Hearing(db_now(session) + timedelta(days=3), "Room 3"))
    with pytest.raises(DomainError, match="not been held"):
        cases.hear(session, hearer, case.id, cases.Heard("x", True, "y"))
    cases.schedule(session, hearer, case.id, cases.Hearing(db_now(session), "Room 4"), "They asked for it.")
    cases.hear(session, hearer, case.id, cases.Heard("They admit it.", True, "Cancel the licence."))
    decider = go.approver(session)
    order = orders.order(session, decider, case.id, go.decision(session, K.CANCEL))
    assert (fresh(session, case), fresh(session, licence)) == (C.ORDERED, LicenceStatus.CANCELLED)
    assert standing(session, agency) is Standing.CANCELLED
    assert (order.prepared_by, order.ordered_by) == (hearer.account_id, decider.account_id)
    assert order.appeal_until == legal_today(session) + timedelta(30)
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == case.id, AuditEvent.action == "order")
    ).one()
    assert event.evidence["law"]["appeal"]["policy"] == "appeal_days"
    pdf = documents.download_order(session, owner, case.id)
    assert (pdf.content[:5], pdf.filename) == (b"%PDF-", f"{order.reference}.pdf")


def test_the_first_decider_sends_it_back_and_a_dismissal_ends_the_interim_suspension(session):
    agency, licence = make.licensed(session)
    proposer, boss = go.reviewer(session), go.approver(session)
    until = legal_today(session) + timedelta(30)
    command = sanctions.Propose(SanctionKind.SUSPENSION, "Complaints.", until)
    interim = sanctions.order(session, boss, sanctions.propose(session, proposer, agency.id, command).id, "At once.")
    case = session.get_one(SanctionCase, interim.case_id)
    for _ in range(2):
        officer = go.reviewer(session)
        if case.status is C.NOTICE:
            cases.record_reply(session, officer, case.id, "Untrue.")
        cases.schedule(session, officer, case.id, cases.Hearing(db_now(session), "Room 3"))
        cases.hear(session, officer, case.id, cases.Heard("Nothing clear.", False, "Not proved."))
        if case.minutes == "Nothing clear." and fresh(session, interim) is SanctionStatus.IN_FORCE:
            for maker in (proposer, boss):
                with pytest.raises(Denied):
                    orders.dismiss(session, maker, case.id, "Mine.")
        if _ == 0:
            cases.send_back(session, go.approver(session), case.id, "Hear the workers too.")
            assert (case.status, case.hearing_at) == (C.REPLY, None)
    assert fresh(session, licence) is LicenceStatus.SUSPENDED
    orders.dismiss(session, go.approver(session), case.id, "Not proved.")
    assert (fresh(session, case), fresh(session, interim), fresh(session, licence)) == (
        C.DISMISSED, SanctionStatus.LIFTED, LicenceStatus.ACTIVE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "licence_after", "sanction"),
    [
        (K.WARN, LicenceStatus.ACTIVE, None),
        (K.FINE, LicenceStatus.ACTIVE, None),
        (K.SUSPEND, LicenceStatus.SUSPENDED, SanctionKind.SUSPENSION),
        (K.CANCEL, LicenceStatus.CANCELLED, SanctionKind.CANCELLATION),
        (K.BLACKLIST, LicenceStatus.CANCELLED, SanctionKind.BLACKLISTING),
    ],
)
def test_each_order_does_its_own_and_a_reversal_takes_it_back(session, kind, licence_after, sanction):
    agency, licence = make.licensed(session)
    case = go.ordered(session, kind, **go.against(agency))
    assert fresh(session, licence) is licence_after
    row = sanction_of(session, case)
    assert (row.kind if row else None) is sanction
    assert len(fines.unpaid_fines(session, agency.id)) == (kind is K.FINE)
    appeals.record(session, go.reviewer(session), case.id, go.on_paper("Wrong."))
    appeals.decide(session, go.appeal_officer(session), case.id, "reverse", "The statement was forged.")
    assert (fresh(session, case), fresh(session, licence)) == (C.REVERSED, LicenceStatus.ACTIVE)
    assert standing(session, agency) is Standing.LICENSED
    assert fines.unpaid_fines(session, agency.id) == []
    if row:
        assert fresh(session, row) is SanctionStatus.REVERSED
        assert [(o.state, o.kind, o.is_interim) for o in public_orders(session, agency.id)] == [
            (SanctionStatus.REVERSED, sanction, False)
        ]


def test_an_order_takes_the_place_of_the_interim_suspension_and_its_longer_time(session):
    agency, licence = make.licensed(session)
    command = sanctions.Propose(SanctionKind.SUSPENSION, "Complaints.", legal_today(session) + timedelta(9))
    interim = sanctions.propose(session, go.reviewer(session), agency.id, command)
    sanctions.order(session, go.approver(session), interim.id, "At once.")
    case, officer = session.get_one(SanctionCase, interim.case_id), go.reviewer(session)
    cases.record_reply(session, officer, case.id, "Untrue.")
    cases.schedule(session, officer, case.id, cases.Hearing(db_now(session), "Room 3"))
    longer = sanctions.Propose(SanctionKind.EXTENSION, "Hearing.", legal_today(session) + timedelta(20))
    extension = sanctions.propose(session, officer, agency.id, longer)
    sanctions.order(session, go.approver(session), extension.id, "Needed.")
    cases.hear(session, officer, case.id, cases.Heard("Heard.", True, "Suspend."))
    orders.order(session, go.approver(session), case.id, go.decision(session, K.SUSPEND))
    assert [fresh(session, r) for r in (interim, extension)] == [SanctionStatus.LIFTED] * 2
    assert fresh(session, licence) is LicenceStatus.SUSPENDED
    assert sanction_of(session, case).last_day == legal_today(session) + timedelta(60)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"kind": K.SUSPEND, "last_day": None}, "Write the last day"),
        ({"kind": K.BLACKLIST, "last_day": date(2020, 1, 1)}, "has passed"),
        ({"kind": K.FINE, "fine": None}, "amount of the fine"),
        ({"kind": K.FINE, "fine_due_on": None}, "by which to pay"),
        ({"kind": K.WARN, "reason": " "}, "give a reason"),
    ],
)
def test_an_order_that_says_too_little_is_refused_and_changes_nothing(session, changes, word):
    agency, licence = make.licensed(session)
    case = go.walked(session, C.DECISION, **go.against(agency))
    command = go.decision(session, **changes)
    with pytest.raises(DomainError, match=word):
        orders.order(session, go.approver(session), case.id, command)
    assert (fresh(session, case), fresh(session, licence)) == (C.DECISION, LicenceStatus.ACTIVE)
    assert session.scalars(select(SanctionOrder)).all() == []


def test_the_complaining_office_the_makers_and_strangers_do_not_decide(session):
    agency, licence = make.licensed(session)
    unit = go.elsewhere(session)
    source = {"source": CaseSource.UNIT, "complaining_office_id": unit.id}
    case = go.walked(session, C.DECISION, **source, **go.against(agency))
    with pytest.raises(NotVisible):
        orders.order(session, go.approver(session, at=unit), case.id, go.decision(session))
    both = go.account(session, "Two posts")
    from core.accounts import post_staff
    from core.permissions import StaffRole

    post_staff(session, both, StaffRole.LICENSING_APPROVER, make.office(session))
    post_staff(session, both, StaffRole.LICENSING_OFFICER, unit)
    with pytest.raises(Denied, match="Your office made the complaint"):
        orders.order(session, actor_for(session, both), case.id, go.decision(session))
    with pytest.raises(Denied):
        orders.order(session, go.reviewer(session), case.id, go.decision(session))
    assert (fresh(session, case), fresh(session, licence)) == (C.DECISION, LicenceStatus.ACTIVE)
    orders.order(session, go.approver(session), case.id, go.decision(session))
    assert fresh(session, case) is C.ORDERED


def test_a_hearing_officer_with_the_approvers_role_does_not_decide_and_the_database_knows(session):
    agency, _licence = make.licensed(session)
    case = go.walked(session, C.HEARING, **go.against(agency))
    boss = go.approver(session)
    cases.hear(session, boss, case.id, cases.Heard("Heard.", True, "Suspend."))
    for act in (
        lambda: orders.order(session, boss, case.id, go.decision(session)),
        lambda: orders.dismiss(session, boss, case.id, "No."),
        lambda: cases.send_back(session, boss, case.id, "Again."),
    ):
        with pytest.raises(Denied, match="You prepared this"):
            act()
    assert fresh(session, case) is C.DECISION
    today, mine = legal_today(session), boss.account_id
    session.add(
        SanctionOrder(
            case_id=case.id,
            kind=K.WARN,
            reason="x",
            prepared_by=mine,
            ordered_by=mine,
            ordered_on=today,
            appeal_until=today,
            appeal_limit_certain=False,
        )
    )
    with pytest.raises(IntegrityError, match="maker_is_not_checker"):
        session.flush()


def test_another_agency_and_a_clerk_without_the_right_neither_read_nor_answer(session):
    agency, _licence, _owner = owned(session)
    _other, _l, stranger = owned(session)
    clerk = go.account(session, "Clerk")
    add_membership(session, clerk, kind=SubjectKind.AGENCY, subject_id=agency.id, rights=[ClerkRight.CONTRACTS])
    case = go.walked(session, C.NOTICE, **go.against(agency))
    for act in (
        lambda: cases.reply(session, stranger, case.id, "Hm."),
        lambda: documents.download_order(session, stranger, case.id),
        lambda: appeals.lodge(session, stranger, case.id, appeals.Appeal("Hm.")),
        lambda: cases.screen(session, go.reviewer(session, at=go.elsewhere(session)), case.id, "x"),
    ):
        with pytest.raises(NotVisible):
            act()
    with pytest.raises(Denied, match="not given you this right"):
        cases.reply(session, actor_for(session, clerk), case.id, "Hm.")
    assert (fresh(session, case), case.reply) == (C.NOTICE, None)


def test_no_answer_in_time_goes_on_without_it_once_and_a_late_one_is_still_taken(session):
    agency, _licence, owner = owned(session)
    case = go.walked(session, C.NOTICE, **go.against(agency))
    assert case.reply_by == legal_today(session) + timedelta(15)
    assert jobs.close_replies(session) == 0
    case.reply_by = legal_today(session) - timedelta(1)
    session.flush()
    assert (jobs.close_replies(session), jobs.close_replies(session)) == (1, 0)
    assert (fresh(session, case), case.reply) == (C.REPLY, None)
    cases.reply(session, owner, case.id, "Sorry for the delay.")
    assert (fresh(session, case), case.reply) == (C.REPLY, "Sorry for the delay.")


# --- appeal, stay ---------------------------------------------------------------------------------------------------------


def test_a_stay_gives_the_licence_back_until_the_appeal_is_upheld(session):
    agency, licence, owner = owned(session)
    for kind, held in ((K.SUSPEND, LicenceStatus.SUSPENDED), (K.BLACKLIST, LicenceStatus.CANCELLED)):
        case = go.ordered(session, kind, **go.against(agency))
        appeals.lodge(session, owner, case.id, appeals.Appeal("Not heard.", ask_stay=True))
        judge = go.appeal_officer(session)
        appeals.decide_stay(session, judge, case.id, "It would end the firm.", grant=True)
        assert (fresh(session, case), fresh(session, licence)) == (C.STAYED, LicenceStatus.ACTIVE)
        assert standing(session, agency) is Standing.LICENSED
        assert fresh(session, sanction_of(session, case)) is SanctionStatus.STAYED
        appeals.end_stay(session, judge, case.id, "New complaints.")
        assert (fresh(session, case), fresh(session, licence)) == (C.APPEALED, held)
        appeals.decide(session, go.appeal_officer(session), case.id, "uphold", "The order is right.")
        assert (fresh(session, case), fresh(session, licence)) == (C.UPHELD, held)
        if kind is K.SUSPEND:
            sanctions.lift(session, go.approver(session), sanction_of(session, case).id, "Paid back.")
            assert (fresh(session, case), fresh(session, licence)) == (C.REMOVED, LicenceStatus.ACTIVE)
    assert standing(session, agency) is Standing.BLACKLISTED


def test_upholding_ends_a_running_stay(session):
    agency, licence = make.licensed(session)
    case = go.appealed(session, K.CANCEL, ask_stay=True, **go.against(agency))
    judge = go.appeal_officer(session)
    appeals.decide_stay(session, judge, case.id, "Until decided.", grant=True)
    appeals.decide(session, judge, case.id, "uphold", "Right.")
    assert (fresh(session, case), fresh(session, licence)) == (C.UPHELD, LicenceStatus.CANCELLED)
    assert fresh(session, sanction_of(session, case)) is SanctionStatus.IN_FORCE


def test_whoever_took_part_decides_neither_stay_nor_appeal(session):
    from core.accounts import post_staff
    from core.permissions import StaffRole

    agency, licence = make.licensed(session)
    account, boss = go.posted(session, StaffRole.LICENSING_APPROVER)
    case = go.ordered(session, K.SUSPEND, decider=boss, **go.against(agency))
    appeals.record(session, go.reviewer(session), case.id, go.on_paper("Wrong.", ask_stay=True))
    post_staff(session, account, StaffRole.APPEAL_OFFICER, make.office(session))
    promoted = actor_for(session, account)
    for act in (
        lambda who: appeals.decide_stay(session, who, case.id, "Mine.", grant=True),
        lambda who: appeals.decide(session, who, case.id, "uphold", "Mine."),
    ):
        with pytest.raises(Denied, match="You took part"):
            act(promoted)
        with pytest.raises(Denied, match="not allowed"):
            act(go.approver(session))
    assert (fresh(session, case), fresh(session, licence)) == (C.APPEALED, LicenceStatus.SUSPENDED)
    order = of(session, SanctionOrder, case)
    order.appeal_decided_by = boss.account_id
    with pytest.raises(IntegrityError, match="appeal_goes_to_others"):
        session.flush()


def test_a_stay_is_answered_once_and_only_when_asked_for(session):
    agency, licence = make.licensed(session)
    case = go.appealed(session, K.SUSPEND, **go.against(agency))
    with pytest.raises(TooLate, match="No stay is asked for"):
        appeals.decide_stay(session, go.appeal_officer(session), case.id, "Anyway.", grant=True)
    other, _licence = make.licensed(session, "Koshi Overseas")
    asked = go.appealed(session, K.SUSPEND, ask_stay=True, **go.against(other))
    appeals.decide_stay(session, go.appeal_officer(session), asked.id, "No danger in waiting.", grant=False)
    with pytest.raises(TooLate, match="answered already"):
        appeals.decide_stay(session, go.appeal_officer(session), asked.id, "Yes.", grant=True)
    assert (fresh(session, asked), fresh(session, licence)) == (C.APPEALED, LicenceStatus.SUSPENDED)


@pytest.mark.parametrize("status", ["V", "M"])
def test_a_late_appeal_is_refused_only_where_the_law_was_seen_to_say_so(session, monkeypatch, status):
    from dataclasses import replace

    from law.engine import Applied

    row = law_of("bd").applies("appeal.days", on=date(2026, 1, 1)).row
    assert (row.value, row.status) == (30, RowStatus.SEEN)
    found = Applied(row.value, replace(row, status=RowStatus(status)))
    monkeypatch.setattr(orders, "applies", lambda *_topic, **_case: found)
    agency, licence, owner = owned(session)
    case = go.walked(session, C.DECISION, **go.against(agency))
    order = orders.order(session, go.approver(session), case.id, go.decision(session, K.SUSPEND))
    assert order.law["appeal"]["row"] == row.id
    order.ordered_on -= timedelta(31)
    order.appeal_until -= timedelta(31)
    session.flush()
    if status == "V":
        with pytest.raises(TooLate, match="time to appeal is over"):
            appeals.lodge(session, owner, case.id, appeals.Appeal("Late."))
        assert (fresh(session, case), order.appeal) == (C.ORDERED, None)
        appeals.record(
            session, go.reviewer(session), case.id,
            go.on_paper("By post.", received_on=order.appeal_until),
        )  # fmt: skip
        assert (fresh(session, case), order.appeal_late) == (C.APPEALED, False)
    else:
        appeals.lodge(session, owner, case.id, appeals.Appeal("Late."))
        assert (fresh(session, case), order.appeal_late) == (C.APPEALED, True)
    assert fresh(session, licence) is LicenceStatus.SUSPENDED


def test_an_appeal_makes_an_order_milder_never_harder(session):
    agency, licence = make.licensed(session)
    case = go.appealed(session, K.CANCEL, **go.against(agency))
    judge = go.appeal_officer(session)
    with pytest.raises(DomainError, match="milder, not harder"):
        appeals.decide(session, judge, case.id, "vary", "More.", go.decision(session, K.BLACKLIST))
    assert (fresh(session, case), fresh(session, licence)) == (C.APPEALED, LicenceStatus.CANCELLED)
    short = go.decision(session, K.SUSPEND, last_day=legal_today(session) + timedelta(10))
    appeals.decide(session, judge, case.id, "vary", "Ten days are enough.", short)
    assert (fresh(session, case), fresh(session, licence)) == (C.VARIED, LicenceStatus.SUSPENDED)
    rows = session.scalars(select(Sanction).where(Sanction.case_id == case.id).order_by(Sanction.id)).all()
    assert [(r.kind, r.status) for r in rows] == [
        (SanctionKind.CANCELLATION, SanctionStatus.VARIED), (SanctionKind.SUSPENSION, SanctionStatus.IN_FORCE),
    ]  # fmt: skip
    rows[1].last_day -= timedelta(11)
    session.flush()
    assert (jobs.lapse_suspensions(session), jobs.lapse_suspensions(session)) == (1, 0)
    assert (fresh(session, case), fresh(session, licence)) == (C.EXPIRED, LicenceStatus.ACTIVE)


def test_a_suspension_that_lapsed_during_the_appeal_is_expired_once_upheld(session):
    agency, licence = make.licensed(session)
    case = go.appealed(session, K.SUSPEND, ask_stay=True, **go.against(agency))
    judge = go.appeal_officer(session)
    appeals.decide_stay(session, judge, case.id, "Until decided.", grant=True)
    sanction_of(session, case).last_day -= timedelta(61)
    session.flush()
    assert jobs.lapse_suspensions(session) == 1
    assert fresh(session, case) is C.STAYED
    appeals.decide(session, judge, case.id, "uphold", "Right, and over.")
    assert (fresh(session, case), fresh(session, licence)) == (C.EXPIRED, LicenceStatus.ACTIVE)


def test_a_licence_does_not_come_back_from_an_appeal_while_another_sanction_holds_or_it_has_ended(session):
    agency, licence = make.licensed(session)
    case = go.ordered(session, K.CANCEL, **go.against(agency))
    second = go.ordered(session, K.BLACKLIST, **go.against(agency))
    for closed in (case, second):
        appeals.record(session, go.reviewer(session), closed.id, go.on_paper("Wrong."))
    appeals.decide(session, go.appeal_officer(session), case.id, "reverse", "No.")
    assert (standing(session, agency), fresh(session, licence)) == (Standing.BLACKLISTED, LicenceStatus.CANCELLED)
    licence.valid_until = legal_today(session) - timedelta(1)
    session.flush()
    row = sanction_of(session, second)
    assert row.licence_id is None
    appeals.decide(session, go.appeal_officer(session), second.id, "reverse", "No.")
    assert fresh(session, licence) is LicenceStatus.CANCELLED


# --- fines ------------------------------------------------------------------------------------------------------------------


def test_a_fine_is_paid_to_finance_alone_and_goes_back_after_an_appeal(session):
    agency, _licence = make.licensed(session)
    case = go.ordered(session, K.FINE, **go.against(agency))
    fine = of(session, SanctionFine, case)
    owed = fines.unpaid_fines(session, agency.id)
    assert [(f.amount, f.overdue) for f in owed] == [(Money(50_000_00, "NPR"), False)]
    today, cashier = legal_today(session), go.finance(session)
    with pytest.raises(Denied):
        fines.record(session, go.approver(session), fine.id, "pay", on=today, receipt="R-1")
    with pytest.raises(DomainError, match="still to come"):
        fines.record(session, cashier, fine.id, "pay", on=today + timedelta(1), receipt="R-1")
    with pytest.raises(DomainError, match="number of the receipt"):
        fines.record(session, cashier, fine.id, "pay", on=today, receipt=" ")
    assert fresh(session, fine) is FineStatus.DUE
    fines.record(session, cashier, fine.id, "pay", on=today, receipt="R-1")
    with pytest.raises(TooLate):
        fines.record(session, cashier, fine.id, "pay", on=today, receipt="R-2")
    assert fines.unpaid_fines(session, agency.id) == []
    appeals.record(session, go.reviewer(session), case.id, go.on_paper("Too much."))
    smaller = go.decision(session, K.FINE, fine=Money(10_000_00, "NPR"))
    same = go.decision(session, K.FINE)
    with pytest.raises(DomainError, match="milder"):
        appeals.decide(session, go.appeal_officer(session), case.id, "vary", "Same.", same)
    appeals.decide(session, go.appeal_officer(session), case.id, "vary", "A tenth is enough.", smaller)
    assert fresh(session, fine) is FineStatus.TO_PAY_BACK
    assert [f.amount for f in fines.unpaid_fines(session, agency.id)] == [Money(10_000_00, "NPR")]
    fines.record(session, cashier, fine.id, "pay_back", on=today, receipt="B-1")
    assert fresh(session, fine) is FineStatus.PAID_BACK


def test_a_stayed_fine_is_not_owed_and_an_overdue_one_says_so(session):
    agency, _licence = make.licensed(session)
    case = go.appealed(session, K.FINE, ask_stay=True, **go.against(agency))
    fine = of(session, SanctionFine, case)
    fine.due_on = legal_today(session) - timedelta(1)
    session.flush()
    assert [f.overdue for f in fines.unpaid_fines(session, agency.id)] == [True]
    judge = go.appeal_officer(session)
    appeals.decide_stay(session, judge, case.id, "Wait.", grant=True)
    assert fines.unpaid_fines(session, agency.id) == []
    appeals.decide(session, judge, case.id, "uphold", "Right.")
    assert fresh(session, fine) is FineStatus.DUE


# --- other subjects ---------------------------------------------------------------------------------------------------------

PERSON = {
    "kind": CaseSubject.DIRECTOR,
    "name": "Ram Bahadur Shrestha",
    "identifier_kind": IdentifierKind.CITIZENSHIP,
    "identifier": "27-01-70-01234",
    "birth_date": date(1980, 5, 23),
}
AGENT = {"kind": CaseSubject.FOREIGN_AGENT, "name": "Gulf Manpower LLC", "identifier": "CR 77-88", "country": "QA"}


def test_a_person_blacklisted_alone_is_caught_as_a_director_of_a_new_agency(session):
    case = go.ordered(session, K.BLACKLIST, **PERSON)
    disguised = make.director("२७-०१-७०-०१२३४", name="R. B. Sharma", born=date(1981, 1, 1), phone="+9779841000055")
    application, _agency, _owner = make.submitted(session, name="New Dawn Overseas", native="", directors=[disguised])
    assert make.reload(session, application).status is ApplicationStatus.STOPPED
    seen = application_screen(session, go.approver(session), application.id)
    assert [(m.listed.name, m.sanction_reference, m.score) for m in seen.matches] == [
        ("Ram Bahadur Shrestha", case.reference, 100)
    ]
    alike = make.director("9-9", name="Ram Bdr. Shreshtha", born=date(1980, 5, 23), phone="+9779841000056")
    second, _agency, _owner = make.submitted(session, name="Second Dawn", native="", directors=[alike])
    assert make.reload(session, second).status is ApplicationStatus.STOPPED
    lifting = liftings.propose(session, go.reviewer(session), of(session, SanctionBar, case).id, "Served his time.")
    for _ in range(2):
        liftings.agree(session, go.approver(session), lifting.id, "Seen.")
    assert (fresh(session, case), of(session, SanctionBar, case).public_reason) == (C.REMOVED, "Served his time.")
    third, _agency, _owner = make.submitted(
        session, name="Third Dawn", native="", directors=[make.director(phone="+9779841000057")]
    )
    assert make.reload(session, third).status is ApplicationStatus.SUBMITTED


def test_a_director_is_reported_from_the_record_and_nothing_personal_stands_open(session):
    agency, _account, owner = make.agency(session)
    director = registration.add_director(session, owner, agency.id, make.director())
    case = go.report(session, kind=CaseSubject.DIRECTOR, director_id=director.id)
    assert (case.name, case.identifier, case.agency_id) == ("Ram Bahadur Shrestha", "27-01-70-01234", None)
    sealed = {c.name for c in SanctionCase.__table__.columns if isinstance(c.type, Encrypted)}
    assert sealed == {"name_sealed", "identifier_sealed", "birth_date_sealed"}
    raw = session.execute(select(SanctionCase.__table__).where(SanctionCase.id == case.id)).one()
    assert "Shrestha" not in str(raw)
    events = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == case.id)).all()
    assert "Shrestha" not in str([e.evidence for e in events])
    assert session.scalars(select(BlacklistedPerson)).all() == []


def test_an_agent_abroad_is_barred_until_the_last_day_and_expires_by_the_job(session):
    case = go.ordered(session, K.BLACKLIST, **AGENT)
    index = cases.party_index(CaseSubject.FOREIGN_AGENT, "qa", "cr7788")
    assert party_is_barred(session, CaseSubject.FOREIGN_AGENT, index)
    bar = of(session, SanctionBar, case)
    bar.last_day = legal_today(session) - timedelta(1)
    session.flush()
    assert not party_is_barred(session, CaseSubject.FOREIGN_AGENT, index)
    assert (jobs.lapse_suspensions(session), jobs.lapse_suspensions(session)) == (1, 0)
    assert (fresh(session, bar), fresh(session, case)) == (BarStatus.LAPSED, C.EXPIRED)


def test_a_stay_and_a_reversal_reach_a_bar_too(session):
    case = go.appealed(session, K.SUSPEND, ask_stay=True, **AGENT)
    index, judge = of(session, SanctionBar, case).identifier_index, go.appeal_officer(session)
    appeals.decide_stay(session, judge, case.id, "Wait.", grant=True)
    assert not party_is_barred(session, CaseSubject.FOREIGN_AGENT, index)
    appeals.end_stay(session, judge, case.id, "No more.")
    assert party_is_barred(session, CaseSubject.FOREIGN_AGENT, index)
    appeals.decide(session, judge, case.id, "reverse", "Another firm.")
    assert fresh(session, of(session, SanctionBar, case)) is BarStatus.REVERSED


@pytest.mark.parametrize(
    ("subject", "word"),
    [
        ({**AGENT, "identifier": " "}, "a name alone is nobody"),
        ({**PERSON, "birth_date": None}, "birth date"),
        ({**AGENT, "facts": " "}, "said to have happened"),
        ({**AGENT, "source": CaseSource.UNIT}, "office that complains"),
    ],
)
def test_a_report_names_its_subject_well_enough(session, subject, word):
    with pytest.raises(DomainError, match=word):
        go.report(session, **subject)
    assert session.scalars(select(SanctionCase)).all() == []


def test_only_an_agency_has_a_licence_to_cancel(session):
    case = go.walked(session, C.DECISION, **AGENT)
    with pytest.raises(DomainError, match="no licence to cancel"):
        orders.order(session, go.approver(session), case.id, go.decision(session, K.CANCEL))
    assert fresh(session, case) is C.DECISION


# --- lifting a blacklisting -------------------------------------------------------------------------------------------------


def test_lifting_a_blacklisting_takes_three_officers_who_did_not_make_it(session):
    agency, _licence = make.licensed(session)
    decider = go.approver(session)
    case = go.ordered(session, K.BLACKLIST, decider=decider, **go.against(agency))
    sanction = sanction_of(session, case)
    with pytest.raises(DomainError, match="three officers"):
        sanctions.lift(session, go.approver(session), sanction.id, "Alone.")
    with pytest.raises(Denied, match="took part in this blacklisting"):
        liftings.propose(session, decider, sanction.id, "I was wrong.")
    with pytest.raises(DomainError, match="everybody will read"):
        liftings.propose(session, go.reviewer(session), sanction.id, " ")
    proposer, first, second = (go.approver(session) for _ in range(3))
    lifting = liftings.propose(session, proposer, sanction.id, "Every worker has the money back.")
    with pytest.raises(DomainError, match="proposed already"):
        liftings.propose(session, first, sanction.id, "Twice.")
    for who, error in ((proposer, Denied), (decider, Denied), (go.reviewer(session), Denied)):
        with pytest.raises(error):
            liftings.agree(session, who, lifting.id, "Yes.")
    liftings.agree(session, first, lifting.id, "I have seen the receipts.")
    with pytest.raises(Denied, match="third officer"):
        liftings.agree(session, first, lifting.id, "Yes again.")
    assert (fresh(session, lifting), standing(session, agency)) == (LiftingStatus.AGREED, Standing.BLACKLISTED)
    liftings.agree(session, second, lifting.id, "So have I.")
    assert (fresh(session, lifting), fresh(session, sanction), fresh(session, case)) == (
        LiftingStatus.LIFTED, SanctionStatus.LIFTED, C.REMOVED,
    )  # fmt: skip
    assert standing(session, agency) is Standing.CANCELLED
    assert [(o.kind, o.state, o.lifting_reason) for o in public_orders(session, agency.id)] == [
        (SanctionKind.BLACKLISTING, SanctionStatus.LIFTED, "Every worker has the money back.")
    ]


def test_a_refused_lifting_leaves_the_blacklisting_and_another_may_be_proposed(session):
    agency, _licence = make.licensed(session)
    sanction = sanction_of(session, go.ordered(session, K.BLACKLIST, **go.against(agency)))
    lifting = liftings.propose(session, go.reviewer(session), sanction.id, "Paid.")
    liftings.agree(session, go.approver(session), lifting.id, "Yes.")
    liftings.refuse(session, go.approver(session), lifting.id, "Two were not paid.")
    assert (fresh(session, lifting), standing(session, agency)) == (LiftingStatus.REFUSED, Standing.BLACKLISTED)
    assert sanction.public_reason is None
    assert liftings.propose(session, go.reviewer(session), sanction.id, "Paid now.").status is LiftingStatus.PROPOSED


def test_no_blacklisting_is_lifted_over_an_open_appeal(session):
    agency, _licence = make.licensed(session)
    case = go.appealed(session, K.BLACKLIST, **go.against(agency))
    with pytest.raises(TooLate, match="appeal about it is open"):
        liftings.propose(session, go.reviewer(session), sanction_of(session, case).id, "Paid.")
    assert session.scalars(select(SanctionLifting)).all() == []


# --- races ------------------------------------------------------------------------------------------------------------------


def together(committed, *acts):
    """Run each act in its own thread and transaction; gives how each ended, in order."""
    barrier, answers = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place, act):
        with committed() as own:
            barrier.wait()
            try:
                act(own)
                own.commit()
                answers[place] = "done"
            except (TooLate, Denied) as error:
                own.rollback()
                answers[place] = type(error).__name__

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_races_end_in_one_answer(committed):
    """An order and a dismissal; an agreement and a refusal; two second agreements."""
    with committed() as session:
        agency, _licence = make.licensed(session)
        case = go.walked(session, C.DECISION, **go.against(agency))
        bosses = [go.approver(session) for _ in range(6)]
        command = go.decision(session, K.BLACKLIST)
        session.commit()
    found = together(
        committed,
        lambda s: orders.order(s, bosses[0], case.id, command),
        lambda s: orders.dismiss(s, bosses[1], case.id, "Not proved."),
    )
    assert sorted(found) == ["TooLate", "done"]
    with committed() as session:
        barred = found[0] == "done"
        assert fresh(session, case) is (C.ORDERED if barred else C.DISMISSED)
        if not barred:
            case = go.ordered(session, K.BLACKLIST, **go.against(agency))
        sanction = sanction_of(session, case)
        lifting = liftings.propose(session, go.reviewer(session), sanction.id, "Paid.")
        session.commit()
    fresh_bosses = bosses[2:]
    assert together(
        committed,
        lambda s: liftings.agree(s, fresh_bosses[0], lifting.id, "Yes."),
        lambda s: liftings.refuse(s, fresh_bosses[1], lifting.id, "No."),
    ) in (["done", "TooLate"], ["done", "done"], ["TooLate", "done"])
    with committed() as session:
        if fresh(session, lifting) is LiftingStatus.REFUSED:
            lifting = liftings.propose(session, go.reviewer(session), sanction.id, "Paid.")
            liftings.agree(session, go.approver(session), lifting.id, "Yes.")
            session.commit()
    answers = together(
        committed,
        lambda s: liftings.agree(s, fresh_bosses[2], lifting.id, "Yes."),
        lambda s: liftings.agree(s, fresh_bosses[3], lifting.id, "Yes."),
    )
    assert sorted(answers) == ["TooLate", "done"]
    with committed() as session:
        assert (fresh(session, lifting), fresh(session, sanction)) == (LiftingStatus.LIFTED, SanctionStatus.LIFTED)
        ended = session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject_id == sanction.id, AuditEvent.to_status == "lifted")
        ).all()
        assert ended == ["lift"]
        assert licensing.licence_for(session, agency.id, legal_today(session)).status is Standing.CANCELLED


def test_a_fine_is_held_against_the_amounts_of_the_countrys_law(session):
    """Bangladesh names the least and the most in whole taka; outside of a range that was seen in the law nothing is ordered."""
    configure(replace(current(), country="bd"))
    found = applies("fine", on=legal_today(session))
    low, high = found.row.money("from"), found.row.money("to")
    assert {m.currency for m in (low, high) if m} == {"BDT"}
    case = go.walked(session, CaseStatus.DECISION, **go.against(make.licensed(session)[0]))
    inside, outside = low or high, Money((low.minor - 1) if low else (high.minor + 1), "BDT")
    day = legal_today(session) + timedelta(30)
    command = orders.Decide(OrderKind.FINE, "Proved.", fine=outside, fine_due_on=day)
    if found.may_refuse:
        with pytest.raises(DomainError, match="does not allow"):
            orders.check_effect(session, case, command)
    else:
        assert orders.check_effect(session, case, command)["fine"]["outside_unverified_range"]
    command = orders.Decide(OrderKind.FINE, "Proved.", fine=inside, fine_due_on=day)
    assert not orders.check_effect(session, case, command)["fine"]["outside_unverified_range"]
