"""The last day of a suspension: asked for, kept within the law, lapsing by itself, made longer by two officers."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from agencies import jobs
from agencies.licensing.status import LicenceStatus
from agencies.sanctions import services as sanctions
from agencies.sanctions import suspension
from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.case_status import CaseStatus
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SanctionKind, SanctionStatus
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, TooLate
from law.engine import Applied, RowStatus, law_of
from tests.agencies import factories as make
from tests.agencies import proceedings

S, E = SanctionKind.SUSPENSION, SanctionKind.EXTENSION


def propose(session, agency, kind, days, *, hearing=True):
    if kind is E and hearing:
        proceedings.set_hearing(session, agency)
    last_day = None if days is None else legal_today(session) + timedelta(days)
    command = sanctions.Propose(kind, "Complaints.", last_day)
    return sanctions.propose(session, make.reviewer(session), agency.id, command)


def order(session, sanction):
    return sanctions.order(session, make.approver(session), sanction.id, "Proved.")


def suspended(session, days=30):
    agency, licence = make.licensed(session)
    return agency, licence, order(session, propose(session, agency, S, days))


def later(session, *rows, days):
    """As if ``days`` had gone by since the orders."""
    for row in rows:
        row.last_day -= timedelta(days)
    session.flush()


def fresh(session, row):
    return session.get_one(type(row), row.id, populate_existing=True).status


@pytest.fixture
def indian_limit(monkeypatch):
    """The row of India's law, 30 days, with the status that a test gives it."""
    row = law_of("in").applies("licence.suspension_max_days", on=date(2026, 1, 1)).row

    def with_status(status):
        found = Applied(row.value, replace(row, status=status))
        monkeypatch.setattr(suspension, "applies", lambda *_topic, **_case: found)

    assert row.value == 30
    return with_status


@pytest.mark.parametrize(("days", "word"), [(None, "Write the last day"), (-1, "has passed")])
def test_a_suspension_carries_its_own_last_day(session, days, word):
    agency, _licence = make.licensed(session)
    with pytest.raises(DomainError, match=word):
        propose(session, agency, S, days)


def test_it_holds_on_its_last_day_and_lapses_the_day_after_once(session):
    _agency, licence, sanction = suspended(session, days=5)
    later(session, sanction, days=5)
    assert jobs.lapse_suspensions(session) == 0
    assert fresh(session, licence) is LicenceStatus.SUSPENDED
    later(session, sanction, days=1)
    assert (jobs.lapse_suspensions(session), jobs.lapse_suspensions(session)) == (1, 0)
    assert (fresh(session, sanction), fresh(session, licence)) == (SanctionStatus.LAPSED, LicenceStatus.ACTIVE)
    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == licence.id)).all()
    assert actions.count("come_back") == 1
    with pytest.raises(TooLate):
        sanctions.lift(session, make.approver(session), sanction.id, "Too late.")


def test_a_licence_that_ended_meanwhile_expires_instead_of_coming_back(session):
    _agency, licence, sanction = suspended(session)
    later(session, sanction, days=31)
    licence.valid_until = legal_today(session) - timedelta(1)
    assert jobs.lapse_suspensions(session) == 1
    assert fresh(session, licence) is LicenceStatus.EXPIRED


def test_an_order_without_a_last_day_from_before_does_not_lapse(session):
    _agency, licence, sanction = suspended(session)
    sanction.last_day = None
    session.flush()
    assert jobs.lapse_suspensions(session) == 0
    assert fresh(session, licence) is LicenceStatus.SUSPENDED


def test_two_officers_make_it_longer(session):
    agency, licence, sanction = suspended(session, days=5)
    extension = propose(session, agency, E, 40)
    assert sanction.last_day == legal_today(session) + timedelta(5)
    with pytest.raises(Denied, match="not allowed"):
        sanctions.order(session, make.reviewer(session), extension.id, "Not mine.")
    order(session, extension)
    later(session, sanction, extension, days=6)
    assert jobs.lapse_suspensions(session) == 0
    later(session, sanction, extension, days=35)
    assert jobs.lapse_suspensions(session) == 2
    assert fresh(session, licence) is LicenceStatus.ACTIVE


def test_the_proposer_of_an_extension_does_not_order_it(session):
    agency, _licence, _sanction = suspended(session, days=5)
    boss = make.approver(session)
    proceedings.set_hearing(session, agency)
    command = sanctions.Propose(E, "Still hearing.", legal_today(session) + timedelta(40))
    extension = sanctions.propose(session, boss, agency.id, command)
    with pytest.raises(Denied, match="You proposed this"):
        sanctions.order(session, boss, extension.id, "Myself.")


def test_only_a_running_suspension_is_made_longer_and_only_longer(session):
    agency, _licence = make.licensed(session)
    with pytest.raises(DomainError, match="no suspension to make longer"):
        propose(session, agency, E, 40)
    order(session, propose(session, agency, S, 5))
    with pytest.raises(DomainError, match="until this day already"):
        propose(session, agency, E, 5)


def test_a_suspension_is_itself_the_notice_and_is_made_longer_only_once_a_hearing_is_set(session):
    agency, _licence, sanction = suspended(session, days=5)
    case = session.get_one(SanctionCase, sanction.case_id)
    assert (case.status, case.notice, case.reply_by) == (
        CaseStatus.NOTICE, sanction.reason, legal_today(session) + timedelta(15),
    )  # fmt: skip
    assert (case.reported_by, case.screened_by) == (sanction.proposed_by, sanction.decided_by)
    with pytest.raises(DomainError, match="Set the hearing first"):
        propose(session, agency, E, 40, hearing=False)
    assert propose(session, agency, E, 40).status is SanctionStatus.PROPOSED


def test_an_extension_ordered_after_the_lapse_comes_too_late(session):
    agency, licence, sanction = suspended(session, days=5)
    extension = propose(session, agency, E, 40)
    later(session, sanction, days=6)
    jobs.lapse_suspensions(session)
    with pytest.raises(TooLate):
        order(session, extension)
    assert fresh(session, licence) is LicenceStatus.ACTIVE


def test_after_its_last_day_nothing_is_made_longer_even_before_the_job(session):
    agency, _licence, sanction = suspended(session, days=5)
    extension = propose(session, agency, E, 40)
    later(session, sanction, days=6)
    with pytest.raises(TooLate, match="no suspension to make longer"):
        order(session, extension)


def test_an_extension_is_not_lifted_alone_and_ends_with_its_suspension(session):
    agency, licence, sanction = suspended(session, days=5)
    extension = order(session, propose(session, agency, E, 40))
    boss = make.approver(session)
    with pytest.raises(DomainError, match="Lift the suspension itself"):
        sanctions.lift(session, boss, extension.id, "Only this.")
    sanctions.lift(session, boss, sanction.id, "Money paid back.")
    assert (fresh(session, extension), fresh(session, licence)) == (SanctionStatus.LIFTED, LicenceStatus.ACTIVE)


@pytest.mark.parametrize("end", ["lapse", "lift"])
def test_the_end_of_an_older_suspension_does_not_bring_a_licence_back_that_another_holds(session, end):
    """The older one outlived its licence, which was cancelled; the next licence is suspended for something new."""
    agency, licence, old = suspended(session, days=5)
    licence.status = LicenceStatus.ACTIVE
    session.flush()
    order(session, propose(session, agency, S, 60))
    if end == "lapse":
        later(session, old, days=6)
        assert jobs.lapse_suspensions(session) == 1
    else:
        sanctions.lift(session, make.approver(session), old.id, "Settled.")
    assert fresh(session, licence) is LicenceStatus.SUSPENDED


def test_a_limit_that_was_seen_in_the_law_refuses_and_its_last_day_is_allowed(session, indian_limit):
    indian_limit(RowStatus.SEEN)
    agency, _licence = make.licensed(session)
    with pytest.raises(DomainError, match="does not allow a suspension that is this long"):
        propose(session, agency, S, 30)
    assert propose(session, agency, S, 29).last_day == legal_today(session) + timedelta(29)


def test_a_limit_from_memory_warns_and_is_kept_with_the_decision(session, indian_limit):
    indian_limit(RowStatus("M"))
    agency, _licence = make.licensed(session)
    sanction = order(session, propose(session, agency, S, 90))
    acts = ("propose", "order")
    found = select(AuditEvent).where(AuditEvent.subject_id == sanction.id, AuditEvent.action.in_(acts))
    assert [e.evidence["past_unverified_limit"] for e in session.scalars(found)] == [True, True]
    assert fresh(session, sanction) is SanctionStatus.IN_FORCE


def test_a_last_day_that_passed_before_the_order_is_refused(session):
    agency, licence = make.licensed(session)
    sanction = propose(session, agency, S, 2)
    later(session, sanction, days=3)
    with pytest.raises(DomainError, match="has passed"):
        order(session, sanction)
    assert fresh(session, licence) is LicenceStatus.ACTIVE
    assert session.scalars(select(Sanction.status)).all() == [SanctionStatus.PROPOSED]


def test_a_lift_and_the_lapse_at_once_leave_one_answer(committed):
    with committed() as session:
        _agency, licence, sanction = suspended(session, days=5)
        boss = make.approver(session)
        later(session, sanction, days=6)
        session.commit()
    together, answers = threading.Barrier(2), []

    def lift():
        with committed() as own:
            together.wait()
            try:
                sanctions.lift(own, boss, sanction.id, "Paid back.")
                own.commit()
                answers.append(SanctionStatus.LIFTED)
            except TooLate:
                own.rollback()

    def lapse():
        with committed() as own:
            together.wait()
            done = jobs.lapse_suspensions(own)
            own.commit()
            if done:
                answers.append(SanctionStatus.LAPSED)

    threads = [threading.Thread(target=act) for act in (lift, lapse)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committed() as session:
        assert [fresh(session, sanction)] == answers
        assert fresh(session, licence) is LicenceStatus.ACTIVE
        freed = select(AuditEvent.id).where(
            AuditEvent.subject_id == licence.id, AuditEvent.action.in_(["come_back", "reinstate"])
        )
        assert len(session.scalars(freed).all()) == 1
