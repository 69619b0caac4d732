"""A suspension that the system makes: once for one cause, without an officer, and gone with its cause."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from agencies.licensing.models import Licence
from agencies.licensing.status import LicenceStatus
from agencies.sanctions import services as sanctions
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SanctionKind, SanctionStatus
from agencies.sanctions.suspension import lift_by_system, suspend_by_system
from core.audit import AuditEvent
from core.db import legal_today
from tests.agencies import factories as make
from tests.agencies.test_suspension import S, fresh, order, propose

UNPAID = "security.unpaid"


def test_one_cause_suspends_once_and_its_end_brings_the_licence_back(session):
    agency, licence = make.licensed(session)
    made = suspend_by_system(session, agency.id, "The top-up was not paid.", UNPAID)
    assert suspend_by_system(session, agency.id, "Again.", UNPAID) is made
    assert (made.status, made.proposed_by, made.decided_by) == (SanctionStatus.IN_FORCE, None, None)
    assert fresh(session, licence) is LicenceStatus.SUSPENDED
    assert lift_by_system(session, agency.id, "something.else") is None
    assert fresh(session, licence) is LicenceStatus.SUSPENDED
    assert lift_by_system(session, agency.id, UNPAID).id == made.id
    assert (fresh(session, made), fresh(session, licence)) == (SanctionStatus.LIFTED, LicenceStatus.ACTIVE)
    assert made.lifted_on == legal_today(session)
    assert lift_by_system(session, agency.id, UNPAID) is None
    kinds = session.scalars(select(AuditEvent.actor_kind).where(AuditEvent.subject_id == made.id)).all()
    assert set(kinds) == {"system"}
    assert suspend_by_system(session, agency.id, "Unpaid once more.", UNPAID).id != made.id


def test_it_stands_beside_an_officers_suspension_and_neither_end_frees_the_licence_alone(session):
    agency, licence = make.licensed(session)
    theirs = order(session, propose(session, agency, S, 30))
    suspend_by_system(session, agency.id, "Unpaid.", UNPAID)
    sanctions.lift(session, make.approver(session), theirs.id, "Settled.")
    assert fresh(session, licence) is LicenceStatus.SUSPENDED
    lift_by_system(session, agency.id, UNPAID)
    assert fresh(session, licence) is LicenceStatus.ACTIVE


def test_without_an_open_licence_there_is_nothing_to_suspend(session):
    agency, _licence = make.licensed(session, status=LicenceStatus.CANCELLED)
    assert suspend_by_system(session, agency.id, "Unpaid.", UNPAID) is None
    assert session.scalars(select(Licence.status).where(Licence.agency_id == agency.id)).all() == ["cancelled"]


@pytest.mark.parametrize("cause", [None, UNPAID])
def test_a_row_has_an_officer_or_a_cause_and_never_both_or_neither(session, cause):
    agency, _licence = make.licensed(session)
    officer = make.account(session).id if cause else None
    session.add(
        Sanction(agency_id=agency.id, kind=SanctionKind.SUSPENSION, reason="x", cause=cause, proposed_by=officer)
    )
    with pytest.raises(IntegrityError, match="made_by_somebody"):
        session.flush()
