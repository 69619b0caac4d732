"""A licence is renewed: the whole way, each test that can stop it, and who may not."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from agencies.jobs import expire
from agencies.licensing import checklist, decisions, fees, services
from agencies.licensing.models import Licence
from agencies.licensing.queries import licence_for
from agencies.licensing.status import LICENCE, ApplicationStatus, LicenceStatus, Standing
from agencies.register_log.models import RegisterEvent
from agencies.register_log.totals import Counted, totals
from agencies.renewal import activity, testing
from agencies.renewal import services as renewals_services
from agencies.renewal.models import RenewalTest
from agencies.renewal.status import Occasion, TestCode, Verdict
from agencies.sanctions import services as sanctions
from agencies.sanctions.case_status import CaseStatus, OrderKind
from agencies.sanctions.status import SanctionKind
from agencies.security.rules import required
from core.accounts import actor_for, add_membership, post_staff
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.permissions import ClerkRight, StaffRole, SubjectKind
from core.signing import verify_token
from tests.agencies import factories as make
from tests.agencies import proceedings
from tests.agencies import security as securities
from tests.agencies.register_log import stories
from tests.agencies.renewal import renewals

T, V = TestCode, Verdict


def reload(session, licence):
    return session.get_one(Licence, licence.id, populate_existing=True)


def verdicts(session, application, *, for_officer=True):
    return {t.code: t.verdict for t in testing.tests_of(session, application, for_officer=for_officer)}


def events(session, licence):
    query = select(RegisterEvent).where(RegisterEvent.licence == licence.number).order_by(RegisterEvent.id)
    return [(e.event, e.status, e.until) for e in session.scalars(query)]


@pytest.fixture
def departures(monkeypatch):
    """So many workers departed in each year, as the package above would count."""
    return lambda *counts: monkeypatch.setattr(
        activity, "_counters", [lambda _s, _a, spans: [*counts, *[counts[-1]] * len(spans)][: len(spans)]]
    )


# --- the way -----------------------------------------------------------------------------------------------------------

LICENCE_ARROWS = {("active", "renew", "active"), ("expired", "renew", "active")}


def test_only_a_licence_in_force_or_ended_is_renewed():
    assert {p for p in LICENCE.pairs() if p[1] == "renew"} == LICENCE_ARROWS
    for status in ("suspended", "cancelled", "surrendered"):
        assert not LICENCE.allows(LicenceStatus(status), "renew")


def test_a_licence_keeps_its_number_and_gets_a_new_last_day_and_document(session):
    application, agency, licence, _owner, cashier = renewals.approved(session)
    number, token, old_end = licence.number, licence.token, licence.valid_until
    assert licence_for(session, agency.id, legal_today(session)).status is Standing.LICENSED
    assert decisions.issue(session, cashier, application.id).id == licence.id
    now = reload(session, licence)
    assert (now.number, now.status) == (number, LicenceStatus.ACTIVE)
    assert now.valid_until == old_end + timedelta(730)
    assert now.application_id == application.id
    assert now.document_id is not None
    assert now.token != token
    assert verify_token(now.token)[1]["until"] == now.valid_until.isoformat()
    assert make.reload(session, application).status is ApplicationStatus.ISSUED
    assert events(session, licence)[-1] == ("renewed", "active", now.valid_until)
    assert [e for e, _s, _u in events(session, licence)].count("renewed") == 1
    assert testing.renewal_of(session, application.id).renewed_on == legal_today(session)
    assert testing.began(session, now) == legal_today(session)


def test_each_run_of_the_tests_is_kept_with_the_law_that_it_used(session, departures):
    departures(140)
    application, _agency, _licence, _owner = renewals.renewed(session)
    rows = session.scalars(select(RenewalTest).where(RenewalTest.application_id == application.id)).all()
    assert {r.occasion for r in rows} == {Occasion.SENT, Occasion.APPROVED, Occasion.RENEWED}
    assert {r.code for r in rows if r.occasion is Occasion.SENT} == set(TestCode)
    floor = next(r for r in rows if r.occasion is Occasion.SENT and r.code is T.ACTIVITY)
    assert floor.verdict is V.PASS
    assert floor.law["row"] == "np.licence.min_activity"
    assert floor.measured["years"][0]["departed"] == 140
    audited = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == application.id, AuditEvent.action == "submit")
    ).one()
    assert audited.evidence["tests"]["activity"]["law"]["row"] == "np.licence.min_activity"


def test_a_return_keeps_the_place_in_the_queue_and_the_day_on_which_it_was_asked(session):
    maker = make.reviewer(session)
    application, _agency, _licence, owner = renewals.sent(session, reviewer=maker)
    place = application.submitted_at
    found = decisions.ReturnDefects((decisions.Defect("tax", "Of an earlier year."),))
    decisions.return_defects(session, maker, application.id, found)
    with pytest.raises(DomainError, match="Mend everything"):
        services.submit(session, owner, application.id)
    services.attach_paper(session, owner, application.id, services.AttachPaper("tax", make.photo(130)))
    services.submit(session, owner, application.id)
    again = make.reload(session, application)
    assert (again.status, again.submitted_at, again.reviewer_id) == (
        ApplicationStatus.IN_REVIEW,
        place,
        maker.account_id,
    )
    assert checklist.defects(session, application.id, 1)[0].mended_at is not None


def test_a_refused_renewal_lets_the_licence_run_to_its_end(session):
    maker, checker = make.reviewer(session), make.approver(session)
    application, agency, licence, _owner = renewals.sent(session, reviewer=maker)
    decisions.take(session, maker, application.id)
    with make.drawn_for(checker):
        make.recommend(session, maker, application)
    with pytest.raises(DomainError):
        decisions.refuse(session, checker, application.id, "  ")
    decisions.refuse(session, checker, application.id, "Too few workers were sent.")
    held = reload(session, licence)
    assert (held.status, held.valid_until) == (LicenceStatus.ACTIVE, licence.valid_until)
    assert licence_for(session, agency.id, held.valid_until).licensed
    assert not licence_for(session, agency.id, held.valid_until + timedelta(1)).licensed
    assert make.reload(session, application).decision_reason == "Too few workers were sent."


# --- when it is asked ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "says"), [(60, V.PASS), (90, V.PASS), (30, V.PASS), (29, V.WARN), (0, V.WARN)])
def test_in_time_is_counted_from_the_last_day(session, days, says):
    agency, _licence, owner = renewals.near_its_end(session, days=days)
    assert verdicts(session, renewals.filled_in(session, owner, agency))[T.WINDOW] is says


def test_before_the_window_opens_nothing_is_begun_and_the_day_is_told(session):
    agency, _licence, owner = renewals.near_its_end(session, days=91)
    with pytest.raises(DomainError, match="can be asked for from"):
        renewals_services.start(session, owner, agency.id)
    assert renewals_services.open_application(session, agency.id) is None


def test_a_late_request_is_taken_for_some_days_and_then_only_a_new_application(session):
    agency, licence, owner = renewals.near_its_end(session, days=-30)
    expire(session)
    assert reload(session, licence).status is LicenceStatus.EXPIRED
    assert verdicts(session, renewals.filled_in(session, owner, agency))[T.WINDOW] is V.WARN
    late, _licence, other = renewals.near_its_end(session, "Rara Overseas", days=-31, number="99")
    with pytest.raises(DomainError, match="too long ago"):
        renewals_services.start(session, other, late.id)


def test_a_last_day_to_ask_that_was_seen_in_the_law_refuses_after_it(session, monkeypatch):
    agency, _licence, owner = renewals.near_its_end(session, days=40)
    application = renewals.filled_in(session, owner, agency)
    terms = {"apply_days_before": 41}
    renewals.with_rows(monkeypatch, renewals.row("licence.renewal", terms, "R"))
    assert verdicts(session, application)[T.WINDOW] is V.WARN
    renewals.with_rows(monkeypatch, renewals.row("licence.renewal", terms))
    with pytest.raises(DomainError, match="Asked for in time"):
        services.submit(session, owner, application.id)
    assert make.reload(session, application).status is ApplicationStatus.DRAFT
    assert session.scalars(select(RenewalTest)).all() == []


def test_the_day_of_sending_counts_however_long_the_office_takes(session):
    application, _agency, licence, _owner = renewals.sent(session, reviewer=make.reviewer(session))
    licence.valid_until = legal_today(session) + timedelta(60)
    application.submitted_at -= timedelta(days=25)
    licence.valid_until -= timedelta(days=55)
    session.flush()
    assert verdicts(session, application)[T.WINDOW] is V.PASS


def test_an_open_application_for_a_new_licence_comes_first(session):
    agency, _licence, owner = renewals.near_its_end(session)
    services.start_application(session, owner, agency.id)
    with pytest.raises(DomainError, match="applied for a new licence"):
        renewals_services.start(session, owner, agency.id)


# --- how many workers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "says"), [("V", V.FAIL), ("R", V.WARN), ("M", V.WARN), ("X", V.UNKNOWN)])
def test_too_few_departures_refuse_only_by_a_row_that_was_seen(session, monkeypatch, departures, status, says):
    departures(99)
    agency, _licence, owner = renewals.near_its_end(session)
    application = renewals.filled_in(session, owner, agency)
    row = renewals.row("licence.min_activity", None if status == "X" else 100, status)
    renewals.with_rows(monkeypatch, row)
    assert verdicts(session, application)[T.ACTIVITY] is says
    if says is V.FAIL:
        with pytest.raises(DomainError, match="99 workers departed; 100 are asked for"):
            services.submit(session, owner, application.id)
        assert make.reload(session, application).status is ApplicationStatus.DRAFT
    else:
        services.submit(session, owner, application.id)
        assert make.reload(session, application).status is ApplicationStatus.SUBMITTED


def test_the_weakest_year_counts(session, monkeypatch, departures):
    agency, _licence, owner = renewals.near_its_end(session, days=60, held=1200)
    application = renewals.filled_in(session, owner, agency)
    renewals.with_rows(monkeypatch, renewals.row("licence.min_activity", 100))
    departures(500, 100, 100)
    assert verdicts(session, application)[T.ACTIVITY] is V.PASS
    departures(500, 99, 100)
    assert verdicts(session, application)[T.ACTIVITY] is V.FAIL


def test_a_young_licence_has_missed_no_year_yet(session, monkeypatch, departures):
    agency, _licence, owner = renewals.near_its_end(session, days=60, held=365)
    application = renewals.filled_in(session, owner, agency)
    renewals.with_rows(monkeypatch, renewals.row("licence.renewal", {"min_workers": 60}))
    departures(59)
    assert verdicts(session, application)[T.ACTIVITY] is V.WARN
    departures(60)
    assert verdicts(session, application)[T.ACTIVITY] is V.PASS


def test_where_nobody_counts_departures_they_are_unknown_and_not_nought(session, monkeypatch):
    monkeypatch.setattr(activity, "_counters", [])
    renewals.with_rows(monkeypatch, renewals.row("licence.min_activity", 100))
    agency, _licence, owner = renewals.near_its_end(session)
    assert verdicts(session, renewals.filled_in(session, owner, agency))[T.ACTIVITY] is V.UNKNOWN


# --- what is owed, and what is in force ------------------------------------------------------------------------------------


def owe_award(session, agency):
    securities.granted(session, agency, 500_00)


def owe_fine(session, agency):
    proceedings.ordered(session, OrderKind.FINE, **proceedings.against(agency))


def be_suspended(session, agency):
    stories.order(session, agency, SanctionKind.SUSPENSION, legal_today(session) + timedelta(5))


def be_proceeded_against(session, agency):
    proceedings.walked(session, CaseStatus.NOTICE, **proceedings.against(agency))


TROUBLE = {
    "awards_paid": (T.AWARDS, owe_award),
    "fines_paid": (T.FINES, owe_fine),
    "not_suspended": (T.SUSPENSION, be_suspended),
    "no_proceeding": (T.PROCEEDING, be_proceeded_against),
}


@pytest.mark.parametrize("topic", TROUBLE)
def test_trouble_refuses_by_a_seen_row_warns_by_a_reported_one_and_else_an_officer_decides(session, monkeypatch, topic):
    code, trouble = TROUBLE[topic]
    agency, _licence, owner = renewals.near_its_end(session)
    application = renewals.filled_in(session, owner, agency)
    name = f"licence.renewal.{topic}"
    for status, wanted in (("V", V.PASS), ("R", V.PASS)):
        renewals.with_rows(monkeypatch, renewals.row(name, True, status))
        assert verdicts(session, application)[code] is wanted
    trouble(session, agency)
    for status, wanted in (("R", V.WARN), ("M", V.WARN), ("V", V.FAIL)):
        renewals.with_rows(monkeypatch, renewals.row(name, True, status))
        assert verdicts(session, application)[code] is wanted
    with pytest.raises(DomainError, match="can’t be renewed like this"):
        services.submit(session, owner, application.id)
    assert make.reload(session, application).status is ApplicationStatus.DRAFT
    monkeypatch.undo()
    assert verdicts(session, application)[code] is V.UNKNOWN
    services.submit(session, owner, application.id)
    assert make.reload(session, application).status is ApplicationStatus.SUBMITTED


def test_what_is_still_being_screened_is_told_to_nobody(session):
    agency, _licence, owner = renewals.near_its_end(session)
    application = renewals.filled_in(session, owner, agency)
    proceedings.walked(session, CaseStatus.SCREENED, **proceedings.against(agency))
    assert verdicts(session, application)[T.PROCEEDING] is V.PASS


def test_the_agency_is_not_told_that_a_director_was_compared(session):
    agency, _licence, owner = renewals.near_its_end(session)
    application = renewals.filled_in(session, owner, agency)
    assert T.PEOPLE not in verdicts(session, application, for_officer=False)
    assert T.PEOPLE in verdicts(session, application)


def test_a_director_of_a_blacklisted_agency_stops_the_request_for_a_comparison(session):
    stories_agency = renewals.near_its_end(session, "Rara Overseas", number="27-01-70-0666")[0]
    agency, _licence, owner = renewals.near_its_end(session, number="27-01-70-0666")
    application = renewals.filled_in(session, owner, agency)
    make.approver(session)
    stories.order(session, stories_agency, SanctionKind.BLACKLISTING)
    services.submit(session, owner, application.id)
    assert make.reload(session, application).status is ApplicationStatus.STOPPED
    assert verdicts(session, application)[T.PEOPLE] is V.WARN


def test_a_test_that_fails_after_the_sending_stops_the_approval(session, monkeypatch):
    maker, checker = make.reviewer(session), make.approver(session)
    application, agency, licence, _owner = renewals.sent(session, reviewer=maker)
    decisions.take(session, maker, application.id)
    with make.drawn_for(checker):
        make.recommend(session, maker, application)
    securities.granted(session, agency, 500_00)
    renewals.with_rows(monkeypatch, renewals.row("licence.renewal.awards_paid", True))
    with pytest.raises(DomainError, match="Awards to workers"):
        decisions.approve(session, checker, application.id, renewals.approval(session, licence))
    assert make.reload(session, application).status is ApplicationStatus.DECISION


# --- security, fee, last day -------------------------------------------------------------------------------------------------


def test_a_guarantee_that_ends_before_the_new_term_is_extended_first(session):
    application, agency, licence, _owner, cashier = renewals.approved(session, secured=False)
    securities.deposited(session, agency, 5_000_000_00)
    securities.guaranteed(session, agency, 15_000_000_00, days=200)
    assert verdicts(session, application)[T.SECURITY] in {V.WARN, V.UNKNOWN}
    with pytest.raises(DomainError, match="security is not complete"):
        decisions.issue(session, cashier, application.id)
    assert reload(session, licence).valid_until == licence.valid_until
    securities.guaranteed(session, agency, 15_000_000_00, days=60 + 730)
    decisions.issue(session, cashier, application.id)
    # To the last day is enough; the days after it are the office's wish, and only warn.
    assert verdicts(session, application)[T.SECURITY] is V.WARN


def test_security_stands_when_it_reaches_past_the_new_term(session):
    application, _agency, _licence, _owner = renewals.renewed(session)
    tests = {t.code: t for t in testing.tests_of(session, application, for_officer=True)}
    assert tests[T.SECURITY].verdict is V.PASS
    assert tests[T.SECURITY].measured["asked_minor"] == renewals.ASKED


@pytest.mark.parametrize(("status", "refuses"), [("V", True), ("R", False)])
def test_a_fee_that_was_seen_in_the_law_has_its_receipt_before_the_licence(session, monkeypatch, status, refuses):
    application, _agency, licence, _owner, cashier = renewals.approved(session)
    renewals.with_rows(monkeypatch, renewals.row("licence.renewal", {"fee": 100_000}, status, "NPR"))
    assert verdicts(session, application)[T.FEE] is V.WARN
    if refuses:
        with pytest.raises(DomainError, match="has no receipt yet"):
            decisions.issue(session, cashier, application.id)
        with pytest.raises(DomainError, match="The fee is"):
            fees.record(session, cashier, application.id, renewals.fee(session, 99_999_99))
        fees.record(session, cashier, application.id, renewals.fee(session, 100_000_00))
        assert verdicts(session, application)[T.FEE] is V.PASS
        with pytest.raises(TooLate):
            fees.record(session, cashier, application.id, renewals.fee(session, 100_000_00))
    decisions.issue(session, cashier, application.id)
    assert reload(session, licence).valid_until > legal_today(session) + timedelta(700)


def test_only_finance_records_a_fee_and_only_after_the_approval(session):
    maker, cashier = make.reviewer(session), make.finance(session)
    application, _agency, _licence, owner = renewals.sent(session, reviewer=maker)
    with pytest.raises(TooLate):
        fees.record(session, cashier, application.id, renewals.fee(session))
    for stranger in (maker, owner):
        with pytest.raises((Denied, NotVisible)):
            fees.record(session, stranger, application.id, renewals.fee(session))
    other, _made, _actor = make.submitted(session)
    with pytest.raises(TooLate):
        fees.record(session, cashier, other.id, renewals.fee(session))


def test_the_new_last_day_lies_after_the_old_one_and_within_the_law(session, monkeypatch):
    maker, checker = make.reviewer(session), make.approver(session)
    application, _agency, licence, _owner = renewals.sent(session, reviewer=maker)
    decisions.take(session, maker, application.id)
    with make.drawn_for(checker):
        make.recommend(session, maker, application)
    with pytest.raises(DomainError, match="anyhow"):
        decisions.approve(session, checker, application.id, renewals.approval(session, licence, days=0))
    renewals.with_rows(monkeypatch, renewals.row("licence.validity", 1, "R"))
    decisions_day = renewals.approval(session, licence, days=800)
    renewals.with_rows(monkeypatch, renewals.row("licence.validity", 1))
    with pytest.raises(DomainError, match="at most"):
        decisions.approve(session, checker, application.id, decisions_day)
    assert make.reload(session, application).status is ApplicationStatus.DECISION
    end = date(licence.valid_until.year + 1, licence.valid_until.month, licence.valid_until.day)
    decisions.approve(session, checker, application.id, make.approval(session, valid_until=end))
    assert make.reload(session, application).valid_until == end


# --- what happens to the licence meanwhile --------------------------------------------------------------------------------


def test_a_licence_that_ends_under_review_is_expired_until_it_is_renewed_and_the_log_says_it_once(session):
    application, agency, licence, _owner, cashier = renewals.approved(session)
    today = legal_today(session)
    licence.valid_until = today - timedelta(1)
    session.flush()
    expire(session)
    assert licence_for(session, agency.id, today).status is Standing.EXPIRED
    before = len(events(session, licence))
    decisions.issue(session, cashier, application.id)
    now = reload(session, licence)
    assert now.status is LicenceStatus.ACTIVE
    assert events(session, licence)[before:] == [("renewed", "active", now.valid_until)]
    assert licence_for(session, agency.id, today).licensed


def test_the_day_s_totals_count_a_renewal_in_both_logs_and_no_reinstatement(session):
    application, _agency, licence, _owner, cashier = renewals.approved(session)
    today = legal_today(session)
    licence.valid_until = today - timedelta(1)
    session.flush()
    expire(session)
    decisions.issue(session, cashier, application.id)
    (day,) = totals(session, today, today)
    assert (day.log[Counted.RENEWED], day.audit[Counted.RENEWED]) == (1, 1)
    assert (day.log[Counted.REINSTATED], day.audit[Counted.REINSTATED]) == (0, 0)
    assert (day.log[Counted.EXPIRED], day.audit[Counted.EXPIRED]) == (1, 1)


def test_no_licence_is_renewed_while_a_suspension_is_in_force_not_even_an_ended_one(session):
    application, agency, licence, _owner, cashier = renewals.approved(session)
    be_suspended(session, agency)
    with pytest.raises(DomainError, match="suspended"):
        decisions.issue(session, cashier, application.id)
    licence.valid_until = legal_today(session) - timedelta(1)
    session.flush()
    expire(session)
    assert reload(session, licence).status is LicenceStatus.EXPIRED
    with pytest.raises(DomainError, match="suspended"):
        decisions.issue(session, cashier, application.id)
    assert reload(session, licence).status is LicenceStatus.EXPIRED


def test_a_licence_that_was_given_up_meanwhile_is_not_renewed(session):
    application, agency, licence, owner, cashier = renewals.approved(session)
    services.surrender(session, owner, agency.id, "We close.")
    with pytest.raises(TooLate):
        decisions.issue(session, cashier, application.id)
    assert reload(session, licence).status is LicenceStatus.SURRENDERED


def test_a_licence_that_was_given_up_or_cancelled_can_not_be_asked_for(session):
    agency, _licence, owner = renewals.near_its_end(session)
    services.surrender(session, owner, agency.id, "We close.")
    with pytest.raises(DomainError, match="no licence that can be renewed"):
        renewals_services.start(session, owner, agency.id)


# --- who may not -------------------------------------------------------------------------------------------------------------


def test_nobody_has_two_hands_in_one_renewal(session):
    one, _actor = make.officer(session, StaffRole.LICENSING_OFFICER)
    for role in (StaffRole.LICENSING_APPROVER, StaffRole.FINANCE_OFFICER):
        post_staff(session, one, role, make.office(session))
    both, checker = actor_for(session, one), make.approver(session)
    application, _agency, licence, _owner = renewals.sent(session, reviewer=both)
    decisions.take(session, both, application.id)
    with make.drawn_for(both, checker):
        make.recommend(session, both, application)
    assert make.reload(session, application).approver_id == checker.account_id
    with pytest.raises(Denied):
        decisions.approve(session, both, application.id, renewals.approval(session, licence))
    decisions.approve(session, checker, application.id, renewals.approval(session, licence))
    make.secured(session, make.finance(session), application.id, make.security(amount=renewals.ASKED))
    with pytest.raises(DomainError, match="You had a hand in this before"):
        decisions.issue(session, both, application.id)
    assert reload(session, licence).valid_until == licence.valid_until


def test_above_the_line_of_risk_a_second_approver_agrees_with_the_renewal(session):
    maker, checker, third = make.reviewer(session), make.approver(session), make.approver(session)
    application, agency, licence, _owner = renewals.sent(session, reviewer=maker)
    suspension = stories.order(session, agency, SanctionKind.SUSPENSION, legal_today(session) + timedelta(5))
    sanctions.lift(session, make.approver(session), suspension.id, "Paid back.")
    decisions.take(session, maker, application.id)
    with make.drawn_for(checker):
        make.recommend(session, maker, application)
    with make.drawn_for(third):
        decisions.approve(session, checker, application.id, renewals.approval(session, licence))
    assert make.reload(session, application).status is ApplicationStatus.SECOND_CHECK
    with pytest.raises(Denied):
        decisions.confirm(session, checker, application.id, "I agree with myself.")
    decisions.confirm(session, third, application.id, "The suspension was lifted.")
    assert make.reload(session, application).status is ApplicationStatus.SECURITY_PENDING
    occasions = set(session.scalars(select(RenewalTest.occasion).where(RenewalTest.application_id == application.id)))
    assert occasions == {Occasion.SENT, Occasion.APPROVED, Occasion.AGREED}


def test_another_agency_a_clerk_without_the_right_and_staff_begin_nothing(session):
    agency, _licence, _owner = renewals.near_its_end(session)
    _other, _made, stranger = renewals.near_its_end(session, "Rara Overseas", number="99")
    for actor in (stranger, make.reviewer(session), make.finance(session)):
        with pytest.raises(NotVisible):
            renewals_services.start(session, actor, agency.id)
    clerk = make.account(session, "Clerk")
    add_membership(
        session, clerk, kind=SubjectKind.AGENCY, subject_id=agency.id, rights=[ClerkRight.JOB_ORDERS]
    )  # fmt: skip
    with pytest.raises(Denied):
        renewals_services.start(session, actor_for(session, clerk), agency.id)
    assert renewals_services.open_application(session, agency.id) is None


def test_a_change_after_the_approval_makes_it_void(session):
    application, _agency, _licence, owner, cashier = renewals.approved(session)
    services.attach_paper(session, owner, application.id, services.AttachPaper("tax", make.photo(200)))
    assert make.reload(session, application).status is ApplicationStatus.IN_REVIEW
    with pytest.raises(TooLate):
        decisions.issue(session, cashier, application.id)


def test_after_a_renewal_its_own_decision_says_how_much_security_is_needed(session):
    application, _agency, licence, _owner = renewals.renewed(session)
    needed = required(session, reload(session, licence), legal_today(session))
    assert (needed.cash.minor, needed.guarantee.minor) == (5_000_000_00, 15_000_000_00)
    assert needed.evidence == {"application_id": application.id}
    assert testing.asked_now(session, reload(session, licence)).began == legal_today(session)
