"""Two at once: sent twice, and renewed while it is suspended."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from agencies.licensing import decisions, services
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.status import ApplicationStatus, LicenceStatus
from agencies.register_log.models import RegisterEvent
from agencies.sanctions import services as sanctions
from agencies.sanctions.status import SanctionKind
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import DomainError, TooLate
from tests.agencies import factories as make
from tests.agencies.renewal import renewals


def at_once(sessions, *works):
    """Run each in a thread and a transaction of its own, all begun together; gives what came of each, in order."""
    together, answers = threading.Barrier(len(works)), [""] * len(works)

    def run(place, work):
        with sessions() as own:
            together.wait()
            try:
                work(own)
                own.commit()
                answers[place] = "done"
            except TooLate:
                own.rollback()
                answers[place] = "too late"
            except DomainError:
                own.rollback()
                answers[place] = "refused"

    threads = [threading.Thread(target=run, args=(i, w)) for i, w in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_sent_twice_at_once_it_stands_once_and_its_tests_were_run_once(committed):
    with committed() as session:
        make.reviewer(session)
        agency, _licence, owner = renewals.near_its_end(session)
        application = renewals.filled_in(session, owner, agency)
        session.commit()
    send = lambda own: services.submit(own, owner, application.id)  # noqa: E731
    assert sorted(at_once(committed, send, send)) == ["done", "too late"]
    with committed() as session:
        assert session.get_one(LicenceApplication, application.id).status is ApplicationStatus.SUBMITTED
        sent = session.scalars(
            select(AuditEvent.id).where(AuditEvent.subject_id == application.id, AuditEvent.action == "submit")
        ).all()
        assert len(sent) == 1


@pytest.mark.parametrize("number", range(3))
def test_a_renewal_and_a_suspension_at_once_never_leave_a_suspended_agency_in_force(committed, number):
    with committed() as session:
        application, agency, licence, _owner, cashier = renewals.approved(session)
        first, second = make.reviewer(session), make.approver(session)
        day = legal_today(session) + timedelta(number + 1)
        proposed = sanctions.propose(
            session, first, agency.id, sanctions.Propose(SanctionKind.SUSPENSION, "Complaints.", day)
        )
        session.commit()
    answers = at_once(
        committed,
        lambda own: decisions.issue(own, cashier, application.id),
        lambda own: sanctions.order(own, second, proposed.id, "Proved."),
    )
    assert answers[1] == "done"
    with committed() as session:
        now = session.get_one(Licence, licence.id)
        assert now.status is LicenceStatus.SUSPENDED
        held = session.get_one(LicenceApplication, application.id)
        logged = session.scalars(select(RegisterEvent.event).where(RegisterEvent.licence == licence.number)).all()
        if answers[0] == "done":
            assert held.status is ApplicationStatus.ISSUED
            assert now.valid_until == held.valid_until
            assert "renewed" in logged
        else:
            assert answers[0] == "refused"
            assert held.status is ApplicationStatus.SECURITY_PENDING
            assert now.valid_until < held.valid_until
            assert "renewed" not in logged
