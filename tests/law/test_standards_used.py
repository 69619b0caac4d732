"""Numbers that a ministry may set are read from the country package, in what is refused and in what is said."""

import pytest
from sqlalchemy.orm import Session

from agencies.registration import services as registration
from contracts.clearance.checklist import checklist
from core.db import legal_today
from core.errors import DomainError
from law.country import deployment
from tests.agencies import factories as agencies
from tests.contracts import factories as contracts


def test_a_director_is_as_old_as_the_package_says(session: Session, monkeypatch: pytest.MonkeyPatch):
    made, _owner, actor = agencies.agency(session)
    today = legal_today(session)
    twenty = agencies.director(born=today.replace(year=today.year - 20, day=1))
    monkeypatch.setitem(deployment().policy, "adult_age", 21)
    with pytest.raises(DomainError, match="adult"):
        registration.add_director(session, actor, made.id, twenty)
    monkeypatch.setitem(deployment().policy, "adult_age", 20)
    assert registration.add_director(session, actor, made.id, twenty).agency_id == made.id


def test_the_months_of_a_passport_are_named_as_the_package_sets_them(session: Session, monkeypatch: pytest.MonkeyPatch):
    migrant_id, _reference, _actor = contracts.worker(session)
    monkeypatch.setitem(deployment().policy, "passport_months", 9)
    found = {c.code: c for c in checklist(session, migrant_id, frozenset()).conditions}
    assert "less than 9 months" in str(found["passport_months"].why)
