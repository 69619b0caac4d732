"""Cases drawn at random, ties, visits, what makes a finding void, the second approver: and who may not."""

import io
import threading
from collections import Counter
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from agencies.insider import assignment, lots, marks, officers, ties
from agencies.insider import services as insider
from agencies.insider.models import CaseAssignment, ListedMatch, OfficerMark
from agencies.insider.status import MarkKind, Stage, TieKind, Why
from agencies.licensing import decisions, evidence, reviewing, services, visiting
from agencies.licensing.models import LicenceApplication
from agencies.licensing.screen import screen
from agencies.licensing.status import ApplicationStatus
from agencies.licensing.visit_models import LicenceVisit, LicenceVisitPlace, VisitAnswer
from agencies.registration import services as registration
from agencies.registration.models import Agency
from agencies.registration.status import IdentifierKind
from agencies.sanctions.case_status import OrderKind
from core.accounts import Absence, OfficeKind, actor_for
from core.audit import AuditEvent
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.permissions import StaffRole
from core.privacy import new_person
from tests.agencies import factories as make
from tests.agencies import proceedings

S = ApplicationStatus


def inspector(session, **kw):
    return make.officer(session, StaffRole.LICENCE_INSPECTOR, **kw)[1]


def plain(session, status=S.SUBMITTED, **columns):
    """A sent application written straight into the tables: for tests about who gets it."""
    made = Agency(person_key_id=new_person(session).id, office_id=make.office(session).id, name="Plain Agency")
    session.add(made)
    session.flush()
    application = LicenceApplication(
        agency_id=made.id, started_by=make.account(session).id, status=status, submitted_at=db_now(session), **columns
    )
    session.add(application)
    session.flush()
    return application, made


def draws(session, application, stage):
    return session.scalars(
        select(CaseAssignment)
        .where(CaseAssignment.application_id == application.id, CaseAssignment.stage == stage)
        .order_by(CaseAssignment.number)
    ).all()


def leave(session, actor, days=3):
    today = legal_today(session)
    session.add(Absence(account_id=actor.account_id, first_day=today, last_day=today + timedelta(days)))
    session.flush()


# --- drawn at random ---------------------------------------------------------------------------------------------------


def test_draws_are_spread_over_all_who_may_have_the_case_and_over_nobody_else(session):
    people = [make.reviewer(session) for _ in range(4)]
    tied, away, approver = make.reviewer(session), make.reviewer(session), make.approver(session)
    _application, agency = plain(session)
    insider_tie(session, tied, agency)
    leave(session, away)
    seeded = Random(20_261_127)
    with assignment.drawn_by(seeded.choice):
        drawn = Counter(assignment.draw(session, agency, Stage.REVIEW, ()).officer_id for _ in range(80))
    assert set(drawn) == {p.account_id for p in people}
    assert not set(drawn) & {tied.account_id, away.account_id, approver.account_id}
    # Chi-square against 20 each; 16.27 is the bound at 0.001 with three degrees of freedom.
    assert sum((n - 20) ** 2 / 20 for n in drawn.values()) < 16.27
    # Without a seed the system's own randomness draws: draws of one officer alone would be no draw.
    free = Counter(assignment.draw(session, agency, Stage.REVIEW, ()).officer_id for _ in range(48))
    assert len(free) == 4


def insider_tie(session, actor, agency):
    return insider.declare(session, actor, insider.DeclareTie(agency.reference, TieKind.FAMILY, "A cousin"))


def test_nobody_takes_what_was_drawn_for_another(session):
    mine, other = make.reviewer(session), make.reviewer(session)
    with make.drawn_for(mine):
        application, _agency, _owner = make.submitted(session)
    with pytest.raises(Denied, match="drawn for another officer"):
        decisions.take(session, other, application.id)
    with pytest.raises(Denied, match="drawn for another officer"):
        make.recommend(session, other, application)
    assert make.reload(session, application).status is S.SUBMITTED
    decisions.take(session, mine, application.id)
    assert make.reload(session, application).status is S.IN_REVIEW
    rows = draws(session, application, Stage.REVIEW)
    assert [(r.officer_id, r.why, r.among) for r in rows] == [(mine.account_id, Why.CAME_IN, 2)]


@pytest.mark.real_lot
def test_a_thousand_tries_draw_nothing_and_change_no_holder(session):
    """Acting asks who has the step. Could it draw, an officer whose refused act was rolled back would try until it fell."""
    mine, eager = make.reviewer(session), make.reviewer(session)
    held, _agency = plain(session, status=S.IN_REVIEW, reviewer_id=mine.account_id)
    unheld, _other = plain(session)

    def never(_fit):
        raise AssertionError("an act has drawn")

    with assignment.drawn_by(never):
        for _ in range(1000):
            for application, words in ((held, "for another officer"), (unheld, "No officer is drawn")):
                with pytest.raises(Denied, match=words):
                    assignment.require(session, eager, application, Stage.REVIEW)
        for application in (held, unheld):
            with pytest.raises(Denied):
                decisions.take(session, eager, application.id)
    assert make.reload(session, held).reviewer_id == mine.account_id
    assert make.reload(session, unheld).reviewer_id is None
    assert draws(session, held, Stage.REVIEW) == draws(session, unheld, Stage.REVIEW) == []
    assert assignment.redistribute(session) == 1
    assert make.reload(session, unheld).reviewer_id in {mine.account_id, eager.account_id}


def test_leave_draws_again_at_random_and_a_second_run_changes_nothing(session):
    gone, *staying = [make.reviewer(session) for _ in range(3)]
    cases = [plain(session, status=S.IN_REVIEW, reviewer_id=gone.account_id)[0] for _ in range(12)]
    kept, _agency = plain(session, status=S.IN_REVIEW, reviewer_id=staying[0].account_id)
    leave(session, gone)
    with assignment.drawn_by(Random(5).choice):
        assert assignment.redistribute(session) == 12
    holders = Counter(make.reload(session, c).reviewer_id for c in cases)
    assert set(holders) == {p.account_id for p in staying}
    assert {r.why for c in cases for r in draws(session, c, Stage.REVIEW)} == {Why.AWAY}
    assert make.reload(session, kept).reviewer_id == staying[0].account_id
    assert draws(session, kept, Stage.REVIEW) == []
    assert assignment.redistribute(session) == 0


def test_with_everybody_tied_or_away_the_case_passes_up_and_waits_where_it_is_seen(session):
    top = make.office(session, "MOL", OfficeKind.MINISTRY)
    own = make.office(session)
    own.parent_id = top.id
    sister = make.office(session, "D2", parent=top)
    session.flush()
    tied, away = make.reviewer(session), make.reviewer(session)
    application, agency = plain(session)
    insider_tie(session, tied, agency)
    leave(session, away)
    assert assignment.assign(session, application, agency, Stage.REVIEW) is None
    nobody = draws(session, application, Stage.REVIEW)[-1]
    assert (nobody.office_id, nobody.officer_id) == (top.id, None)
    assert nobody.skipped == [
        {"office": str(own.id), "present": 1, "tied": 1, "had_a_hand_in_it": 0},
        {"office": str(top.id), "present": 0, "tied": 0, "had_a_hand_in_it": 0},
        {"office": str(sister.id), "present": 0, "tied": 0, "had_a_hand_in_it": 0},
    ]
    assert assignment.redistribute(session) == 0
    assert len(draws(session, application, Stage.REVIEW)) == 1, "waiting writes no row each time"
    # An officer of the sister office is there: the case passes by itself, and can be worked on from there.
    helper = make.reviewer(session, at=sister)
    assert assignment.redistribute(session) == 1
    assert make.reload(session, application).reviewer_id == helper.account_id
    assert draws(session, application, Stage.REVIEW)[-1].office_id == sister.id
    assert screen(session, helper, application.id).agency.id == agency.id
    decisions.take(session, helper, application.id)
    with pytest.raises(NotVisible):
        screen(session, make.reviewer(session, at=sister), application.id)


def test_the_draws_can_not_be_rewritten(session):
    make.reviewer(session)
    application, agency = plain(session)
    assignment.assign(session, application, agency, Stage.REVIEW)
    for statement in (
        "UPDATE case_assignment SET among = 1",
        "DELETE FROM case_assignment",
        "DELETE FROM declared_tie",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
            session.execute(text(statement))


# --- ties ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shared", ["identifier", "address", "bank_account", "phone", "surname"])
def test_what_an_officer_shares_with_an_agency_is_a_tie_but_a_surname_is_not(session, shared):
    officer, calm = make.reviewer(session), make.reviewer(session)
    given = {
        "identifier": {"identifier_kind": IdentifierKind.CITIZENSHIP, "identifier": "२७ ०१ ७० ०१२३४"},
        "address": {"district": "kathmandu", "address": "Basundhara 3"},
        "bank_account": {"bank_account": "0010-0175 00123"},
        "phone": {"phone": "+97714350000"},
        "surname": {"identifier_kind": IdentifierKind.CITIZENSHIP, "identifier": "99-01-70-01234"},
    }[shared]
    insider.give_marks(session, officer, insider.GiveMarks(**given))
    stored = session.scalars(select(OfficerMark)).all()
    assert all(len(m.value_index) == 16 for m in stored), "a keyed hash, and nothing else"
    with make.drawn_for(officer, calm):
        application, agency, _owner = make.submitted(session)
    if shared == "surname":
        assert application.reviewer_id == officer.account_id
        return
    assert application.reviewer_id == calm.account_id
    assert ties.tied(session, [officer.account_id, calm.account_id], agency.id) == {officer.account_id}
    for act in (screen, decisions.take):
        with pytest.raises(Denied, match="a tie between you and this agency"):
            act(session, officer, application.id)
    assert make.reload(session, application).status is S.SUBMITTED


def test_a_tie_declared_later_passes_the_open_case_on_at_once(session):
    officer, other = make.reviewer(session), make.reviewer(session)
    with make.drawn_for(officer):
        application, agency, _owner = make.submitted(session)
    decisions.take(session, officer, application.id)
    insider_tie(session, officer, agency)
    again = make.reload(session, application)
    assert (again.status, again.reviewer_id) == (S.IN_REVIEW, other.account_id)
    assert draws(session, application, Stage.REVIEW)[-1].why is Why.TIED
    with pytest.raises(Denied):
        make.recommend(session, officer, application)
    with pytest.raises(DomainError, match="declared this already"):
        insider_tie(session, officer, agency)
    with pytest.raises(DomainError, match="no agency"):
        insider.declare(session, officer, insider.DeclareTie("nothing", TieKind.OTHER))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Kathmandu", "Ward 3, Basundhara"), ("KATHMANDU", "Basundhara-३"), True),
        (("Kathmandu", "Ward 3, Basundhara"), ("Kathmandu", "Ward 4, Basundhara"), False),
        (("Kathmandu", "Ward 3"), ("Kathmandu", "Ward 3"), False),
        (("Kaski", "Ward 3, Basundhara"), ("Kathmandu", "Ward 3, Basundhara"), False),
    ],
)
def test_an_address_is_compared_by_its_words_and_numbers(one, other, same):
    first, second = marks.normal_address(*one), marks.normal_address(*other)
    assert (first is not None and first == second) is same


# --- the same behind a blacklisted agency --------------------------------------------------------------------------------


def blacklist(session, agency):
    maker, boss = make.reviewer(session), make.approver(session)
    proceedings.ordered(session, OrderKind.BLACKLIST, decider=boss, **proceedings.against(agency))
    return maker, boss


def test_a_bank_account_of_a_blacklisted_agency_stops_the_application_and_a_telephone_only_warns(session):
    listed, _account, owner = make.agency(session, "Langtang Manpower")
    make.fill_in(session, owner, listed, directors=[make.director("7-7", name="Pasang Sherpa", phone="+9779841000070")])
    _maker, boss = blacklist(session, listed)
    fresh, _account, actor = make.agency(session, "New Dawn Overseas")
    application = make.fill_in(session, actor, fresh)
    fresh.phone = listed.phone
    fresh.address = "Ward 9, Patan"
    session.flush()
    services.submit(session, actor, application.id)
    assert make.reload(session, application).status is S.SUBMITTED
    found = session.scalars(select(ListedMatch)).all()
    assert [(m.listed_agency_id, m.kind, m.certain) for m in found] == [(listed.id, MarkKind.PHONE, False)]

    second, _account, actor = make.agency(session, "Second Dawn")
    other = make.fill_in(session, actor, second, directors=[make.director("8-8", phone="+9779841000071")])
    second.bank_account, second.address = listed.bank_account, "Ward 9, Lagankhel"
    session.flush()
    services.submit(session, actor, other.id)
    assert make.reload(session, other).status is S.STOPPED
    make.draw_for(session, other, boss)
    rows = screen(session, boss, other.id).shared
    assert [(r.agency_name, r.kind, r.certain, r.dismissed) for r in rows] == [
        ("Langtang Manpower", MarkKind.BANK_ACCOUNT, True, False)
    ]
    decisions.release(session, boss, other.id, "The account was sold with the house.")
    assert make.reload(session, other).status is S.SUBMITTED
    # Who let it go on has no other part in it.
    assert boss.account_id in assignment.touched(session, make.reload(session, other), Stage.DECISION)


# --- visits --------------------------------------------------------------------------------------------------------------


def snapped():
    """A photo as a telephone takes it: place and time inside."""
    image, out = Image.new("RGB", (80, 60), (10, 90, 30)), io.BytesIO()
    exif = image.getexif()
    exif[0x0132] = "2026:11:20 10:00:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (27.0, 42.0, 36.0), 3: "E", 4: (85.0, 19.0, 12.0)})
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_an_inspector_visits_and_is_neither_reviewer_nor_approver(session):
    maker, eye, boss = make.reviewer(session), inspector(session), make.approver(session)
    application, agency, _owner = make.submitted(session)
    decisions.ask_visit(session, maker, application.id, "Papers in order.")
    assert make.reload(session, application).inspector_id == eye.account_id
    for command, words in (
        (make.report(session, finding=" "), "give a reason"),
        (visiting.Report(legal_today(session), "Seen.", ()), "Answer every line"),
        (make.report(session, VisitAnswer.NO), "each line that is not yes"),
        (visiting.Report(legal_today(session) + timedelta(1), "Seen.", ()), "lie in the future"),
    ):
        with pytest.raises(DomainError, match=words), session.begin_nested():
            visiting.report(session, eye, application.id, command)
    for stranger in (maker, boss, inspector(session)):
        with pytest.raises((Denied, NotVisible)):
            visiting.report(session, stranger, application.id, make.report(session))
    assert make.reload(session, application).status is S.INSPECTION
    assert session.scalar(select(func.count()).select_from(LicenceVisit)) == 0

    visiting.report(session, eye, application.id, make.report(session, photos=[snapped()]))
    done = make.reload(session, application)
    assert (done.status, done.approver_id, done.visited_on) == (S.DECISION, boss.account_id, legal_today(session))
    (visit,) = screen(session, boss, application.id).visits
    (photo,) = visit.photos
    assert (photo.place, photo.taken_at) == ("27.71000, 85.32000", "2026:11:20 10:00:00")
    (seen_by_reviewer,) = screen(session, maker, application.id).visits
    assert (seen_by_reviewer.photos[0].place, seen_by_reviewer.photos[0].taken_at) == (None, None)
    with Image.open(io.BytesIO(visiting.photo(session, maker, photo.id).content)) as kept:
        assert dict(kept.getexif()) == {}
    place = session.scalars(select(LicenceVisitPlace)).one()
    assert b"27.71" not in place.position_sealed
    decisions.approve(session, boss, application.id, make.approval(session))
    assert agency.name


def test_a_visit_sends_back_with_each_thing_named_and_comes_back_to_the_inspector_at_its_place(session):
    maker, eye = make.reviewer(session), inspector(session)
    application, _agency, owner = make.submitted(session)
    place = application.submitted_at
    decisions.ask_visit(session, maker, application.id, "Papers in order.")
    found = decisions.ReturnDefects((decisions.Defect("premises", "The lease is for another house."),))
    visiting.return_visit(session, eye, application.id, found)
    assert make.reload(session, application).status is S.RETURNED
    services.attach_paper(session, owner, application.id, services.AttachPaper("premises", make.photo(7)))
    services.submit(session, owner, application.id)
    again = make.reload(session, application)
    assert (again.status, again.inspector_id, again.submitted_at) == (S.INSPECTION, eye.account_id, place)
    visiting.report(session, eye, application.id, make.report(session))
    assert make.reload(session, application).status is S.DECISION


def test_without_a_visit_the_reviewer_says_why_and_the_approver_reads_it(session):
    maker, boss = make.reviewer(session), make.approver(session)
    application, _agency, _owner = make.submitted(session)
    with pytest.raises(DomainError, match="say why not"):
        decisions.recommend(session, maker, application.id, decisions.Recommend("In order."))
    assert make.reload(session, application).status is S.SUBMITTED
    decisions.recommend(session, maker, application.id, decisions.Recommend("In order.", "Seen last month."))
    assert screen(session, boss, application.id).application.visit_waiver == "Seen last month."


# --- what makes a finding void -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [S.DECISION, S.SECURITY_PENDING])
def test_a_change_after_the_finding_or_the_approval_makes_it_void(session, state):
    maker, boss, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, agency, owner = make.recommended(session, maker)
    if state is S.SECURITY_PENDING:
        decisions.approve(session, boss, application.id, make.approval(session))
    registration.add_director(session, owner, agency.id, make.director("66-6", phone="+9779841000066"))
    void = make.reload(session, application)
    assert (void.status, void.decided_by, void.evidence_hash) == (S.IN_REVIEW, None, None)
    assert void.reviewer_id == maker.account_id
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == application.id, AuditEvent.action == "void")
    ).one()
    assert (event.evidence["what"], event.from_status) == ("directors", str(state))
    assert event.evidence["found_fit"] != event.evidence["now"]
    with pytest.raises(TooLate):
        decisions.approve(session, boss, application.id, make.approval(session))
    with pytest.raises((TooLate, DomainError)):
        decisions.issue(session, cashier, application.id)


def test_a_change_by_another_way_is_seen_at_the_decision_before_the_licence_and_by_the_sweep(session):
    maker, boss, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, agency, _owner = make.recommended(session, maker)
    agency.address = "Ward 8, Elsewhere"
    answer = decisions.approve(session, boss, application.id, make.approval(session))
    assert (answer.status, answer.decided_by) == (S.IN_REVIEW, None)
    make.recommend(session, maker, application)
    decisions.approve(session, boss, application.id, make.approval(session))
    decisions.record_security(session, cashier, application.id, make.security())
    agency.bank_account = "999"
    with pytest.raises(DomainError, match="have changed since the approval"):
        decisions.issue(session, cashier, application.id)
    assert make.reload(session, application).status is S.SECURITY_PENDING
    assert (evidence.sweep(session), evidence.sweep(session)) == (1, 0)
    assert make.reload(session, application).status is S.IN_REVIEW


def test_the_same_facts_written_again_make_nothing_void(session):
    maker, boss = make.reviewer(session), make.approver(session)
    application, agency, owner = make.recommended(session, maker)
    names = (
        "name",
        "name_local",
        "company_number",
        "district",
        "address",
        "phone",
        "email",
        "bank_name",
        "bank_account",
    )
    same = registration.AgencyDetails(**{n: getattr(agency, n) for n in names})
    registration.change_details(session, owner, agency.id, same)
    assert make.reload(session, application).status is S.DECISION
    decisions.approve(session, boss, application.id, make.approval(session))
    assert make.reload(session, application).status is S.SECURITY_PENDING


# --- the second approver -------------------------------------------------------------------------------------------------


def risky(session, maker):
    """Nobody visited, a director with a passport, refused before, registered lately: six points."""
    director = registration.AddDirector(
        "John Smith", IdentifierKind.PASSPORT, "X123", make.director().birth_date, "+9779841000077"
    )
    application, agency, owner = make.recommended(session, maker, directors=[director])
    session.add(
        LicenceApplication(
            agency_id=agency.id,
            started_by=owner.account_id,
            status=S.REFUSED,
            submitted_at=db_now(session),
        )
    )
    session.flush()
    return application


def test_above_the_line_of_risk_a_second_approver_agrees_or_not(session):
    maker, first, second = make.reviewer(session), make.approver(session), make.approver(session)
    with make.drawn_for(first):
        application = risky(session, maker)
    assert {r.code: r.points for r in screen(session, first, application.id).risk.reasons} == {
        "risk_no_visit": 2, "risk_foreign_director": 1, "risk_refused_before": 2, "risk_young_agency": 1,
    }  # fmt: skip
    decisions.approve(session, first, application.id, make.approval(session))
    waiting = make.reload(session, application)
    assert (waiting.status, waiting.second_approver_id) == (S.SECOND_CHECK, second.account_id)
    for person in (first, maker):
        with pytest.raises(Denied):
            decisions.confirm(session, person, application.id, "Fine by me.")
    assert make.reload(session, application).status is S.SECOND_CHECK
    decisions.disagree(session, second, application.id, "Ask for the passport's visa.")
    back = make.reload(session, application)
    assert (back.status, back.decided_by, back.reviewer_id) == (S.IN_REVIEW, None, maker.account_id)
    with make.drawn_for(first):
        make.recommend(session, maker, application)
    decisions.approve(session, first, application.id, make.approval(session))
    with pytest.raises(IntegrityError), session.begin_nested():  # noqa: PT012 -- the flush inside the savepoint
        application.second_approver_id = application.decided_by
        session.flush()
    session.refresh(application)
    decisions.confirm(session, second, application.id, "Seen and agreed.")
    assert make.reload(session, application).status is S.SECURITY_PENDING


def test_below_the_line_one_approver_is_enough(session):
    maker, boss = make.reviewer(session), make.approver(session)
    application, _agency, _owner = make.recommended(session, maker)
    decisions.approve(session, boss, application.id, make.approval(session))
    done = make.reload(session, application)
    assert (done.status, done.second_approver_id) == (S.SECURITY_PENDING, None)


def test_a_split_lot_is_summed(session):
    today = legal_today(session)
    old, a, b = (lots.Lot(today - timedelta(d), n) for d, n in ((31, 90), (30, 60), (1, 39)))
    assert lots.summed([old, a, b], today, days=30) == 99
    assert not lots.needs_second([old, a, b], today)
    assert lots.needs_second([old, a, b, lots.Lot(today, 1)], today)
    assert lots.needs_second([lots.Lot(today, 100)], today)


# --- two at once ---------------------------------------------------------------------------------------------------------


def test_two_officers_racing_forty_times_leave_every_application_decided_exactly_once(committed):
    with committed() as session:
        bosses = [make.approver(session) for _ in range(2)]
        cases = []
        for _ in range(40):
            application, agency = plain(session, status=S.DECISION)
            assignment.assign(session, application, agency, Stage.DECISION)
            cases.append(application.id)
        drawn = Counter(session.scalars(select(LicenceApplication.approver_id)))
        session.commit()
    assert set(drawn) == {b.account_id for b in bosses}
    together, said = threading.Barrier(4), Counter()

    def work(actor, act):
        together.wait()
        for case in cases:
            with committed() as own:
                try:
                    act(own, actor, case, "Decided.")
                    own.commit()
                    said["done"] += 1
                except (Denied, TooLate) as refused:
                    own.rollback()
                    said[type(refused).__name__] += 1

    # Each officer in two windows, over all forty.
    windows = [(b, act) for b in bosses for act in (decisions.refuse, decisions.send_back)]
    threads = [threading.Thread(target=work, args=w) for w in windows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {"done": 40, "TooLate": 40, "Denied": 80} or (said["done"], sum(said.values())) == (40, 160), said
    with committed() as session:
        for case in session.scalars(select(LicenceApplication)).all():
            acts = session.scalars(
                select(AuditEvent).where(
                    AuditEvent.subject_id == case.id, AuditEvent.action.in_(["refuse", "send_back"])
                )
            ).all()
            assert [a.actor_account_id for a in acts] == [case.approver_id]


def race(committed, cases, windows):
    """Each window goes over all cases at once with the others; gives how often something was done or refused."""
    together, said = threading.Barrier(len(windows)), Counter()

    def work(actor, act):
        together.wait()
        for case in cases:
            with committed() as own:
                try:
                    act(own, actor, case)
                    own.commit()
                    said["done"] += 1
                except (Denied, TooLate) as refused:
                    own.rollback()
                    said[type(refused).__name__] += 1

    threads = [threading.Thread(target=work, args=w) for w in windows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def deciding(session, case, actions):
    """Which of these acts the log has of a case, and by whom."""
    rows = session.execute(
        select(AuditEvent.action, AuditEvent.actor_account_id).where(
            AuditEvent.subject_id == case.id, AuditEvent.action.in_(actions)
        )
    )
    return [tuple(row) for row in rows]


def test_approving_against_refusing_leaves_each_of_forty_decided_exactly_once(committed):
    with committed() as session:
        bosses = [make.approver(session) for _ in range(2)]
        cases, command = [], make.approval(session)
        for _ in range(40):
            application, agency = plain(session, status=S.DECISION, licence_class="A")
            assignment.assign(session, application, agency, Stage.DECISION)
            cases.append(application.id)
        session.commit()
    approve = lambda own, actor, case: decisions.approve(own, actor, case, command)  # noqa: E731
    refuse = lambda own, actor, case: decisions.refuse(own, actor, case, "Decided.")  # noqa: E731
    # The officer for whom it was drawn in two windows, and the other one in two more.
    said = race(committed, cases, [(b, act) for b in bosses for act in (approve, refuse)])
    assert (said["done"], sum(said.values())) == (40, 160), said
    ends = {"approve": {S.SECURITY_PENDING}, "approve_first": {S.SECOND_CHECK}, "refuse": {S.REFUSED}}
    with committed() as session:
        for case in session.scalars(select(LicenceApplication)).all():
            [(action, who)] = deciding(session, case, [*ends, "send_back"])
            assert who == case.approver_id == case.decided_by
            assert case.status in ends[action]


def test_agreeing_against_disagreeing_leaves_each_of_forty_decided_exactly_once(committed):
    with committed() as session:
        make.reviewer(session)
        first, *seconds = (make.approver(session) for _ in range(3))
        cases, command = [], make.approval(session)
        for _ in range(40):
            application, agency = plain(session, status=S.DECISION, licence_class="A", approver_id=first.account_id)
            decisions._write_decision(session, application, first, command)
            application.status = S.SECOND_CHECK
            session.flush()
            assignment.assign(session, application, agency, Stage.SECOND)
            cases.append(application.id)
        session.commit()
    agree = lambda own, actor, case: decisions.confirm(own, actor, case, "Seen.")  # noqa: E731
    disagree = lambda own, actor, case: decisions.disagree(own, actor, case, "Look again.")  # noqa: E731
    said = race(committed, cases, [(b, act) for b in seconds for act in (agree, disagree)])
    assert (said["done"], sum(said.values())) == (40, 160), said
    ends = {"confirm": S.SECURITY_PENDING, "disagree": S.IN_REVIEW}
    with committed() as session:
        for case in session.scalars(select(LicenceApplication)).all():
            [(action, who)] = deciding(session, case, list(ends))
            assert who in {b.account_id for b in seconds}
            assert case.status is ends[action]
            assert (case.decided_by is None) is (action == "disagree")


# --- pages ---------------------------------------------------------------------------------------------------------------


def text_of(answer):
    return answer.get_data(as_text=True)


def test_a_visit_and_the_next_file_on_the_officers_pages(client, session):
    maker, _ = make.officer(session, StaffRole.LICENSING_OFFICER)
    eye, _ = make.officer(session, StaffRole.LICENCE_INSPECTOR)
    auditor, _ = make.officer(session, StaffRole.AUDITOR)
    first, agency, _owner = make.submitted(session, name="First Overseas", native="")
    director = make.director("5-1", phone="+9779841000081")
    second, *_rest = make.submitted(session, name="Second Overseas", native="", directors=[director])
    client.sign_in(session, maker)
    assert client.post_form("/licensing/phrases", item="tax", words="Give the newest one.").status_code == 303
    assert client.post_form("/licensing/phrases", item="tax", words="Give the newest one.").status_code == 422
    assert client.get("/licensing/phrases").status_code == 200
    opened = client.get("/licensing/next")
    assert opened.location.endswith(str(first.id))
    assert "Give the newest one." in text_of(client.get(opened.location))
    url = f"/licensing/applications/{first.id}"
    went_on = client.post_form(f"{url}/ask_visit", reason="Papers in order.", then="next")
    assert went_on.location.endswith(str(second.id))
    sent = client.post_form(
        f"/licensing/applications/{second.id}/return", **{"phrase-tax": "Give the newest one.", "note-tax": "Page 2.", "then": "next"}
    )  # fmt: skip
    assert sent.location.endswith("/staff")
    assert make.reload(session, second).status is S.RETURNED

    assert client.get(f"/licensing/visits/{first.id}").status_code == 403
    client.sign_in(session, eye)
    page = text_of(client.get(f"/licensing/visits/{first.id}"))
    assert "First Overseas" in page
    assert "27-01-70-01234" not in page, "a visit needs no identity papers"
    assert client.get("/licensing/visits/worker").mimetype == "text/javascript"
    assert "First Overseas" in text_of(client.get("/licensing/visits"))
    lines = {f"answer-{c}": "yes" for c in ("sign_board", "rooms", "staff_present", "records_locked", "fees_shown")}
    values = {"visited_on": legal_today(session).isoformat(), "finding": "As described.", **lines}
    assert client.post_form(f"/licensing/visits/{first.id}/report", **values).status_code == 422
    photo = (io.BytesIO(snapped()), "p.jpg")
    done = client.post_form(
        f"/licensing/visits/{first.id}/report", **values, **{"answer-one_agency_only": "yes"}, photos=photo
    )
    assert done.location.endswith("/licensing/visits")
    assert make.reload(session, first).status is S.DECISION
    assert client.get("/licensing/ties").status_code == 200
    assert client.post_form("/licensing/ties", subject=agency.reference, kind="family", note="").status_code == 303
    assert client.post_form("/licensing/ties/marks", address="Ward 3", district="Kathmandu").status_code == 422
    assert client.post_form("/licensing/ties/marks", bank_account="12345").status_code == 303
    assert client.get("/licensing/officers").status_code == 403

    client.sign_in(session, auditor)
    seen = text_of(client.get("/licensing/officers?days=30"))
    assert "licensing_officer" in seen
    assert client.post_form("/licensing/ties", subject=agency.reference, kind="family", note="").status_code == 403


def test_statistics_count_each_officers_acts_and_the_share_of_one_agency(session):
    maker, boss = make.reviewer(session), make.approver(session)
    application, _agency, _owner = make.recommended(session, maker, name="First Overseas", native="")
    decisions.send_back(session, boss, application.id, "Look again.")
    make.recommend(session, maker, application)
    decisions.approve(session, boss, application.id, make.approval(session))
    for number in range(3):
        director = make.director(f"5-{number}", phone=f"+977984100009{number}")
        made, _a, _o = make.recommended(session, maker, name=f"Agency {'ABC'[number]}", native="", directors=[director])
        decisions.refuse(session, boss, made.id, "Not fit.")
    rows, paces = officers.overview(session, db_now(session) - timedelta(days=1))
    assert {(r.account_id, r.acts, r.top_agency, r.top_share) for r in rows} == {
        (boss.account_id, 5, "First Overseas", 40),
        (maker.account_id, 5, "First Overseas", 40),
    }
    by_stage = {(str(p.kind), str(p.stage)): p for p in paces}
    assert set(by_stage) == {("Licence applications", "Review"), ("Licence applications", "Decision")}
    judge = by_stage["Licence applications", "Decision"].rows[0]
    assert {str(title): count for title, count in judge.how} == {
        "Refuse": 3,
        "Approve": 1,
        "Back to the reviewer": 1,
    }
    assert (judge.median, judge.tenth) == (0, 0)


def test_the_time_of_each_kind_of_decision_has_its_own_half_and_nine_tenths():
    def act(hours, account=UUID(int=1), stage="payment"):
        took = None if hours is None else timedelta(hours=hours)
        return officers.Act(account, "security_claim", stage, "pay", UUID(int=9), took)

    acts = [act(h) for h in (1, 2, 3, 4, 100)] + [act(None), act(7, UUID(int=2))]
    names, agencies = {UUID(int=1): "Asha", UUID(int=2): "Bina"}, {UUID(int=9): "First Overseas"}
    pace = officers._pace("security_claim", "payment", acts, names, agencies)
    assert (str(pace.kind), str(pace.stage), pace.acts, pace.median) == ("Claims on securities", "Payment", 7, 4)
    asha, bina = pace.rows
    # Nine tenths of the way from the first to the last of five: 4 + 0.6 * 96.
    assert (asha.acts, asha.median, asha.tenth, asha.top_share) == (6, 3, 62, 100)
    assert (bina.acts, bina.median, bina.tenth, bina.top_share) == (1, 7, None, None)


def test_a_clerk_of_the_agency_and_a_stranger_reach_nothing_of_the_desk(session):
    application, _agency, owner = make.submitted(session)
    for act in (
        lambda: decisions.take(session, owner, application.id),
        lambda: reviewing.ask_visit(session, owner, application.id, "x"),
        lambda: visiting.report(session, owner, application.id, make.report(session)),
        lambda: insider.declare(session, owner, insider.DeclareTie("x", TieKind.OTHER)),
    ):
        with pytest.raises(Denied):
            act()
    assert make.reload(session, application).status is S.SUBMITTED
    assert actor_for(session, make.account(session)).roles == ()
