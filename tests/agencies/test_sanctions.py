"""Suspending, cancelling, blacklisting; and the blacklisted director's next application."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from agencies import jobs
from agencies.licensing import decisions, queries, services
from agencies.licensing.models import Licence, LicenceMatch
from agencies.licensing.screen import screen
from agencies.licensing.status import ApplicationStatus, LicenceStatus, MatchKind, Standing
from agencies.registration import services as registration
from agencies.registration.queries import directors
from agencies.sanctions import liftings
from agencies.sanctions import services as sanctions
from agencies.sanctions.models import BlacklistedPerson, Sanction
from agencies.sanctions.status import SANCTION, SanctionKind, SanctionStatus
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.permissions import Permission
from tests.agencies import factories as make
from tests.agencies import proceedings


def standing(session, agency):
    return queries.licence_for(session, agency.id, legal_today(session)).status


def suspension(session, why):
    return sanctions.Propose(SanctionKind.SUSPENSION, why, legal_today(session) + timedelta(30))


def ordered(session, agency, kind, why="Kept passports."):
    """A sanction proposed by one officer and ordered by another; after a hearing when it is no suspension."""
    if kind in proceedings.KINDS:
        case = proceedings.ordered(session, proceedings.KINDS[kind], **proceedings.against(agency))
        return session.scalars(select(Sanction).where(Sanction.case_id == case.id)).one()
    last_day = legal_today(session) + timedelta(30) if kind is SanctionKind.SUSPENSION else None
    sanction = sanctions.propose(session, make.reviewer(session), agency.id, sanctions.Propose(kind, why, last_day))
    return sanctions.order(session, make.approver(session), sanction.id, "The facts are proved.")


def test_the_transition_table_is_the_one_written_down_here():
    assert SANCTION.pairs() == {
        ("proposed", "order", "in_force"),
        ("proposed", "reject", "rejected"),
        ("in_force", "lift", "lifted"),
        ("in_force", "lapse", "lapsed"),
        ("stayed", "lapse", "lapsed"),
        ("proposed", "impose", "in_force"),
        ("in_force", "release", "lifted"),
        ("stayed", "release", "lifted"),
        ("in_force", "stay", "stayed"),
        ("stayed", "resume", "in_force"),
        ("in_force", "reverse", "reversed"),
        ("stayed", "reverse", "reversed"),
        ("in_force", "vary", "varied"),
        ("stayed", "vary", "varied"),
    }
    by_hand = [SANCTION.transitions[name] for name in ("order", "reject", "lift")]
    assert all(t.permission is Permission.SANCTION_DECIDE and t.needs_reason for t in by_hand)


def test_a_proposal_changes_nothing_until_another_officer_orders_it(session):
    agency, _licence = make.licensed(session)
    proposer = make.approver(session)
    sanction = sanctions.propose(session, proposer, agency.id, suspension(session, "Complaints."))
    assert standing(session, agency) is Standing.LICENSED
    for act in (sanctions.order, sanctions.reject):
        with pytest.raises(Denied, match="You proposed this"):
            act(session, proposer, sanction.id, "Myself.")
    with pytest.raises(Denied):
        sanctions.order(session, make.reviewer(session), sanction.id, "Not mine to order.")
    assert session.get_one(Sanction, sanction.id, populate_existing=True).status is SanctionStatus.PROPOSED
    sanctions.order(session, make.approver(session), sanction.id, "Proved.")
    assert standing(session, agency) is Standing.SUSPENDED


def test_a_reason_is_needed_and_the_same_step_is_not_proposed_twice(session):
    agency, _licence = make.licensed(session)
    officer = make.reviewer(session)
    with pytest.raises(DomainError):
        sanctions.propose(session, officer, agency.id, suspension(session, "  "))
    sanctions.propose(session, officer, agency.id, suspension(session, "Once."))
    with pytest.raises(DomainError, match="proposed already"):
        sanctions.propose(session, officer, agency.id, suspension(session, "Twice."))


def test_a_suspension_is_lifted_by_a_third_officer_and_the_licence_comes_back(session):
    agency, _licence = make.licensed(session)
    boss = make.approver(session)
    sanction = sanctions.propose(session, make.reviewer(session), agency.id, suspension(session, "Complaints."))
    sanctions.order(session, boss, sanction.id, "Proved.")
    with pytest.raises(Denied):
        sanctions.lift(session, boss, sanction.id, "I changed my mind.")
    sanctions.lift(session, make.approver(session), sanction.id, "Money paid back.")
    assert standing(session, agency) is Standing.LICENSED


def test_a_suspended_licence_whose_day_has_passed_does_not_come_back(session):
    agency, licence = make.licensed(session)
    sanction = ordered(session, agency, SanctionKind.SUSPENSION)
    licence.valid_until = legal_today(session) - timedelta(1)
    session.flush()
    sanctions.lift(session, make.approver(session), sanction.id, "Money paid back.")
    assert session.get_one(Licence, licence.id, populate_existing=True).status is LicenceStatus.EXPIRED


@pytest.mark.parametrize("kind", [SanctionKind.CANCELLATION, SanctionKind.BLACKLISTING])
def test_nobody_is_cancelled_or_blacklisted_without_a_hearing(session, kind):
    agency, _licence = make.licensed(session)
    with pytest.raises(DomainError, match="notice, reply and hearing first"):
        sanctions.propose(session, make.reviewer(session), agency.id, sanctions.Propose(kind, "Fraud."))
    assert standing(session, agency) is Standing.LICENSED
    assert session.scalars(select(Sanction)).all() == []


def test_a_cancelled_licence_does_not_come_back(session):
    agency, _licence = make.licensed(session)
    sanction = ordered(session, agency, SanctionKind.CANCELLATION)
    assert standing(session, agency) is Standing.CANCELLED
    with pytest.raises(DomainError):
        sanctions.lift(session, make.approver(session), sanction.id, "Please.")
    assert standing(session, agency) is Standing.CANCELLED


def test_officers_elsewhere_and_the_agency_itself_can_not_propose(session):
    agency, _account, owner = make.agency(session)
    far = make.office(session, "P9", parent=make.office(session))
    for stranger, error in (
        (owner, Denied),
        (make.reviewer(session, at=far), NotVisible),
        (make.finance(session), Denied),
    ):
        with pytest.raises(error):
            sanctions.propose(session, stranger, agency.id, suspension(session, "Because."))
    assert session.scalars(select(Sanction).where(Sanction.agency_id == agency.id)).all() == []


def test_an_officer_of_the_own_agency_can_not_order(session):
    agency, _licence = make.licensed(session)
    registration.new_director(session, agency.id, make.director(phone="+9779841777777"))
    insider = make.approver(session, phone="+9779841777777")
    sanction = sanctions.propose(session, make.reviewer(session), agency.id, suspension(session, "Because."))
    with pytest.raises(Denied):
        sanctions.reject(session, insider, sanction.id, "They are nice.")


def blacklisted_agency(session):
    """An agency with two directors, one of whom left just before the order."""
    agency, _account, owner = make.agency(session, "Langtang Manpower", "लाङटाङ म्यानपावर")
    registration.add_director(session, owner, agency.id, make.director("27-01-70-01234"))
    left = registration.add_director(
        session, owner, agency.id,
        make.director("31-02-71-99999", name="Sita Devi Yadav", born=date(1985, 1, 31), phone="+9779841000009"),
    )  # fmt: skip
    registration.remove_director(session, owner, agency.id, left.id)
    ordered(session, agency, SanctionKind.BLACKLISTING)
    return agency


def test_blacklisting_names_every_director_also_the_one_who_left_in_time(session):
    agency = blacklisted_agency(session)
    assert standing(session, agency) is Standing.BLACKLISTED
    assert len(session.scalars(select(BlacklistedPerson)).all()) == 2


def test_the_same_paper_under_another_name_and_agency_is_stopped_and_shown_to_the_approver_alone(session):
    blacklisted_agency(session)
    disguised = make.director("२७-०१-७०-०१२३४", name="R. B. Sharma", born=date(1981, 1, 1), phone="+9779841000055")
    application, _agency, owner = make.submitted(session, name="New Dawn Overseas", native="", directors=[disguised])
    assert make.reload(session, application).status is ApplicationStatus.STOPPED

    boss = make.approver(session)
    make.draw_for(session, application, boss)
    seen = screen(session, boss, application.id)
    assert [(m.kind, m.score) for m in seen.matches] == [(MatchKind.IDENTIFIER, 100)]
    assert seen.matches[0].director.name == "R. B. Sharma"
    assert seen.matches[0].listed.name == "Ram Bahadur Shrestha"
    assert seen.matches[0].listed_agency == "Langtang Manpower"
    with pytest.raises(TooLate):
        decisions.take(session, make.reviewer(session), application.id)
    with pytest.raises(DomainError, match="identity paper of a person on the blacklist"):
        decisions.release(session, boss, application.id, "It is fine.")
    assert make.reload(session, application).status is ApplicationStatus.STOPPED
    decisions.refuse_stopped(session, boss, application.id, "A director is barred.")
    assert make.reload(session, application).status is ApplicationStatus.REFUSED
    assert owner.account_id is not None


def test_a_new_paper_with_the_same_birth_date_and_a_like_name_is_a_possible_match_that_can_be_released(session):
    blacklisted_agency(session)
    alike = make.director("88-88-88-88888", name="Ram Bdr. Shreshtha", born=date(1980, 5, 23), phone="+9779841000056")
    application, _agency, owner = make.submitted(session, name="New Dawn Overseas", native="", directors=[alike])
    assert make.reload(session, application).status is ApplicationStatus.STOPPED
    match = session.scalars(select(LicenceMatch)).one()
    assert (match.kind, match.score >= 90) == (MatchKind.NAME_AND_BIRTH, True)
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == application.id, AuditEvent.action == "stop")
    ).one()
    assert "Shresth" not in str(event.evidence)

    boss, maker = make.approver(session), make.reviewer(session)
    make.draw_for(session, application, boss)
    with make.drawn_for(maker):
        decisions.release(session, boss, application.id, "Other father's name, other photo.")
    decisions.take(session, maker, application.id)
    found = decisions.ReturnDefects((decisions.Defect("tax", "Unreadable."),))
    decisions.return_defects(session, maker, application.id, found)
    services.attach_paper(session, owner, application.id, services.AttachPaper("tax", make.photo(1)))
    services.submit(session, owner, application.id)
    assert make.reload(session, application).status is ApplicationStatus.IN_REVIEW


def test_another_person_with_the_same_birth_date_or_the_same_name_is_not_stopped(session):
    blacklisted_agency(session)
    others = [
        make.director("1", name="Hari Prasad Dahal", born=date(1980, 5, 23), phone="+9779841000057"),
        make.director("2", name="Ram Bahadur Shrestha", born=date(1991, 2, 2), phone="+9779841000058"),
    ]
    application, _agency, _owner = make.submitted(session, name="New Dawn Overseas", native="", directors=others)
    assert make.reload(session, application).status is ApplicationStatus.SUBMITTED


def test_a_director_swapped_in_after_a_return_is_looked_at_again(session):
    blacklisted_agency(session)
    maker = make.reviewer(session)
    clean = make.director("1", name="Hari Prasad Dahal", born=date(1970, 1, 1), phone="+9779841000057")
    with make.drawn_for(maker):
        application, agency, owner = make.submitted(session, name="New Dawn Overseas", native="", directors=[clean])
    decisions.take(session, maker, application.id)
    found = decisions.ReturnDefects((decisions.Defect("tax", "Unreadable."),))
    decisions.return_defects(session, maker, application.id, found)
    services.attach_paper(session, owner, application.id, services.AttachPaper("tax", make.photo(1)))
    registration.add_director(session, owner, agency.id, make.director("27-01-70-01234", phone="+9779841000059"))
    services.submit(session, owner, application.id)
    assert make.reload(session, application).status is ApplicationStatus.STOPPED


def test_a_blacklisting_that_comes_while_the_office_looks_stops_the_approval_and_the_licence(session):
    maker, checker, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, _agency, _owner = make.recommended(session, maker, name="New Dawn Overseas", native="")
    assert make.reload(session, application).approver_id == checker.account_id
    blacklisted_agency(session)
    with pytest.raises(DomainError, match="on the blacklist now"):
        decisions.approve(session, checker, application.id, make.approval(session))
    assert make.reload(session, application).status is ApplicationStatus.DECISION

    other = [make.director("5-5", name="Pasang Sherpa", born=date(1975, 3, 3), phone="+9779841000070")]
    with make.drawn_for(maker, checker):
        second, agency, _owner = make.recommended(session, maker, name="Second Dawn", native="", directors=other)
    make.draw_for(session, second, checker)
    decisions.approve(session, checker, second.id, make.approval(session))
    make.secured(session, cashier, second.id, make.security())
    ordered(session, agency, SanctionKind.BLACKLISTING)
    with pytest.raises(DomainError, match="can’t get a licence"):
        decisions.issue(session, cashier, second.id)
    assert make.reload(session, second).status is ApplicationStatus.SECURITY_PENDING


def test_a_blacklisted_agency_can_not_apply_again_with_fresh_directors(session):
    agency, _account, owner = make.agency(session, "Langtang Manpower")
    application = make.fill_in(session, owner, agency)
    ordered(session, agency, SanctionKind.BLACKLISTING)
    for row in directors(session, agency.id):
        registration.remove_director(session, owner, agency.id, row.id)
    fresh = make.director("7-7", name="Pasang Sherpa", born=date(1975, 3, 3), phone="+9779841000070")
    registration.add_director(session, owner, agency.id, fresh)
    with pytest.raises(DomainError, match="can’t get a licence"):
        services.submit(session, owner, application.id)
    services.withdraw(session, owner, application.id)
    with pytest.raises(DomainError, match="can’t get a licence"):
        services.start_application(session, owner, agency.id)


def test_once_the_blacklisting_is_lifted_the_person_may_apply(session):
    agency = blacklisted_agency(session)
    sanction = session.scalars(select(Sanction).where(Sanction.agency_id == agency.id)).one()
    lifting = liftings.propose(session, make.reviewer(session), sanction.id, "All workers have their money.")
    for _ in range(2):
        liftings.agree(session, make.approver(session), lifting.id, "Seen.")
    application, _agency, _owner = make.submitted(session, name="New Dawn Overseas", native="")
    assert make.reload(session, application).status is ApplicationStatus.SUBMITTED


def test_of_two_officers_who_decide_a_sanction_at_once_only_one_wins(committed):
    with committed() as session:
        agency, _licence = make.licensed(session)
        sanction = sanctions.propose(session, make.reviewer(session), agency.id, suspension(session, "Fraud."))
        bosses = [make.approver(session) for _ in range(2)]
        session.commit()
    together, answers = threading.Barrier(2), []

    def decide(actor, act):
        with committed() as own:
            together.wait()
            try:
                act(own, actor, sanction.id, "My decision.")
                own.commit()
                answers.append("done")
            except TooLate:
                own.rollback()
                answers.append("too late")

    acts = (sanctions.order, sanctions.reject)
    threads = [threading.Thread(target=decide, args=(b, a)) for b, a in zip(bosses, acts, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["done", "too late"]


def test_the_nightly_job_expires_what_has_ended_and_may_run_twice(session):
    yesterday = legal_today(session) - timedelta(1)
    _gone, ended = make.licensed(session, "Ended", until=yesterday)
    _held, suspended = make.licensed(session, "Suspended", until=yesterday, status=LicenceStatus.SUSPENDED)
    _last, today = make.licensed(session, "Last day", until=legal_today(session))
    assert jobs.expire(session) == 2
    assert jobs.expire(session) == 0
    states = [session.get_one(Licence, x.id, populate_existing=True).status for x in (ended, suspended, today)]
    assert states == [LicenceStatus.EXPIRED, LicenceStatus.EXPIRED, LicenceStatus.ACTIVE]


def test_an_agency_without_a_licence_may_not_recruit(session):
    agency, _account, _owner = make.agency(session)
    answer = queries.licence_for(session, agency.id, legal_today(session), destination="QA", lock=True)
    assert (answer.status, answer.licensed, answer.licence_number) == (Standing.NOT_LICENSED, False, None)
    assert [str(r) for r in answer.reasons] == ["This agency has no licence."]
