"""The made-up agencies of both profiles."""

import random
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from agencies import seed
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.queries import licence_for
from agencies.licensing.status import ApplicationStatus, LicenceStatus, Standing
from agencies.licensing.visit_models import LicenceVisit
from agencies.register import snapshot
from agencies.register.search import search
from agencies.register_names.models import NameProposal
from agencies.registration.models import Agency
from agencies.renewal.models import LicenceRenewal
from agencies.sanctions.case_models import SanctionCase
from core.accounts import actor_for
from core.db import legal_day, legal_today
from core.permissions import StaffRole
from core.settings import configure, current
from core.world import World
from law.country import deployment
from tests.agencies import factories as make

# Made-up data has to fall where it is meant to be by the real lot.
pytestmark = pytest.mark.real_lot


def world(session, staff, offices):
    made = World(today=legal_today(session), rng=random.Random(7))
    made.offices = {code: make.office(session, code, parent=None).id for code in offices}
    for login, role, office in staff:
        account, _actor = make.officer(session, role, at=make.office(session, office))
        made.staff[login], made.actors[login] = account.id, actor_for(session, account)
    return made


DEMO_STAFF = (
    ("licensing.officer", StaffRole.LICENSING_OFFICER, "DOFE"),
    ("licensing.approver", StaffRole.LICENSING_APPROVER, "DOFE"),
    ("licence.inspector", StaffRole.LICENCE_INSPECTOR, "DOFE"),
    ("finance", StaffRole.FINANCE_OFFICER, "DOFE"),
    ("finance.checker", StaffRole.FINANCE_OFFICER, "DOFE"),
)


def test_the_demo_has_agencies_in_every_state_and_applications_in_each_queue(session):
    made = world(session, DEMO_STAFF, ["DOFE"])
    seed.demo(session, made)
    assert session.scalar(select(func.count()).select_from(Agency)) >= 410
    assert set(session.scalars(select(Licence.status).distinct())) == set(LicenceStatus)
    states = set(session.scalars(select(LicenceApplication.status).distinct()))
    assert states >= {ApplicationStatus(s) for s in seed.NEW}
    assert len(made.ids["agencies"]) >= 300
    # One further name in the register, one that waits, one that looks like another agency's.
    assert sorted(session.scalars(select(NameProposal.status))) == ["in_register", "proposed", "stopped"]
    asked = session.execute(
        select(LicenceApplication.status, LicenceRenewal.renewed_on)
        .join(LicenceRenewal, LicenceRenewal.application_id == LicenceApplication.id)
        .order_by(LicenceApplication.created_at, LicenceApplication.id)
    ).all()
    # One in its window that has not sent it, one under review, one renewed.
    assert {tuple(row) for row in asked} == {
        (ApplicationStatus.DRAFT, None), (ApplicationStatus.IN_REVIEW, None), (ApplicationStatus.ISSUED, made.today),
    }  # fmt: skip
    assert all(licence_for(session, a, made.today).licensed for a in made.ids["agencies"][:20])

    register, today = snapshot.current(session)
    standings = {e.standing(today) for e in register.entries}
    assert standings == set(Standing)
    answer = search(register, "New Annapurna Manpower", today)
    # Nobody visited before the application came, and no hearing lies before the last day to answer.
    visited = session.execute(
        select(LicenceVisit.visited_on, LicenceApplication.submitted_at).join(
            LicenceApplication, LicenceApplication.id == LicenceVisit.application_id
        )
    ).all()
    assert visited
    assert all(day >= legal_day(sent) for day, sent in visited)
    heard = session.scalars(select(SanctionCase).where(SanctionCase.hearing_at.is_not(None))).all()
    assert heard
    assert all(c.reply_by is not None and c.notified_on < c.reply_by < legal_day(c.hearing_at) for c in heard)
    # The imitator's own name, letter by letter: it is answered for itself, then the one that it looks like.
    assert [h.standing for h in answer.hits[:2]] == [Standing.NOT_LICENSED, Standing.LICENSED]
    assert answer.hits[0].lookalike_of is answer.hits[1].entry


@pytest.mark.parametrize("country", ["bd", "in", "lk", "pk", "ph"])
def test_the_demo_of_each_other_country_has_its_applicants_where_they_are_meant_to_be(session, country, monkeypatch):
    # A smaller register: what differs by country is not how many there are.
    monkeypatch.setattr(seed, "COUNT", 180)
    configure(replace(current(), country=country))
    department = deployment().office_codes("department")[0]
    made = world(session, [(login, role, department) for login, role, _office in DEMO_STAFF], [department])
    seed.demo(session, made)
    states = session.scalars(select(LicenceApplication.status).order_by(LicenceApplication.created_at)).all()
    assert set(states) >= {ApplicationStatus(s) for s in seed.NEW}


def test_the_adversarial_profile_has_three_agencies_in_two_offices(session):
    staff = [
        (f"licensing.{kind}.{office.lower()}", role, office)
        for office in ("P3", "P2")
        for kind, role in (("officer", StaffRole.LICENSING_OFFICER), ("approver", StaffRole.LICENSING_APPROVER))
    ]
    for office in ("P3", "P2"):
        made_office = make.office(session, office)
        made_office.parent_id = make.office(session).id
    session.flush()
    staff += [(login, StaffRole.FINANCE_OFFICER, "DOFE") for login in ("finance.dofe", "finance.checker.dofe")]
    made = world(session, staff, ["DOFE", "P3", "P2"])
    seed.adversarial(session, made)
    rows = made.found["agencies"]
    assert [r["office"] for r in rows] == ["P3", "P2", "P3"]
    assert ["licence_number" in r for r in rows] == [True, True, False]
    assert len({a["password"] for a in made.accounts}) == 3
