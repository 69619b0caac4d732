"""The owners hear once in each term that the renewal can be asked for."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from agencies.licensing.status import LicenceStatus
from agencies.renewal import jobs, rules
from core.accounts import UserAccount
from core.db import legal_today
from core.messages import OutgoingMessage
from tests.agencies.renewal import renewals


def told(session, owner):
    query = select(OutgoingMessage).where(
        OutgoingMessage.template == jobs.MESSAGE, OutgoingMessage.account_id == owner.account_id
    )
    return session.scalars(query).all()


@pytest.fixture
def scene(session):
    agency, licence, owner = renewals.near_its_end(session, days=40)
    session.get_one(UserAccount, owner.account_id).email = "owner@himal.example"
    session.flush()
    return agency, licence, owner


def test_once_in_each_term_from_the_first_day_of_the_window(session, scene):
    agency, licence, owner = scene
    today = legal_today(session)
    opens = (licence.valid_until - rules.window(licence.valid_until, today).opens).days
    licence.valid_until = today + timedelta(opens + 1)
    session.flush()
    assert (jobs.tell(session), told(session, owner)) == (0, [])
    licence.valid_until = today + timedelta(opens)
    session.flush()
    assert (jobs.tell(session), jobs.tell(session)) == (1, 0)
    (message,) = told(session, owner)
    assert agency.name not in f"{message.subject}{message.body}"
    licence.valid_until = today + timedelta(opens - 1)
    session.flush()
    assert jobs.tell(session) == 1, "another term, another message"


def test_nobody_is_told_of_a_licence_that_has_ended(session, scene):
    _agency, licence, owner = scene
    licence.status = LicenceStatus.CANCELLED
    session.flush()
    assert (jobs.tell(session), told(session, owner)) == (0, [])
