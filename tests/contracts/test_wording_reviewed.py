"""Staff see beside each text that binds a person whether a native speaker has reviewed it: the data say so, no template."""

from dataclasses import replace

import pytest

from contracts.employment.wording import WORDING_VERSION
from core import i18n
from core.accounts import UserAccount
from core.permissions import StaffRole
from migrants.registration.models import Migrant
from migrants.registration.services import CONSENT_VERSION
from tests.contracts.factories import accepted, approved, lodged
from tests.migrants.factories import officer

MARK = "wording not reviewed by a native speaker"


def seen_by(client, session, actor, contract) -> str:
    client.sign_in(session, session.get_one(UserAccount, actor.account_id))
    answer = client.get(f"/contracts/{contract.id}")
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def reviewed(monkeypatch):
    """A native speaker has reviewed both texts in Nepali."""
    found = dict(i18n.languages())
    found["ne"] = replace(found["ne"], reviewed={"contract": WORDING_VERSION, "consent": CONSENT_VERSION})
    monkeypatch.setattr(i18n, "languages", lambda: found)


def test_the_mark_stands_while_the_worker_reads_and_after_they_accepted(client, session):
    scene = approved(session)
    registrar = officer(session, StaffRole.LABOUR_OFFICER)
    contract, _worker = lodged(session, scene)
    shown = seen_by(client, session, registrar, contract)
    assert MARK in shown
    assert "The worker reads in the language" in shown
    signed, _worker = accepted(session, scene)
    assert MARK in seen_by(client, session, registrar, signed)
    # It is for staff: the agency is told nothing of how the worker reads.
    assert MARK not in seen_by(client, session, scene.agency, contract)


def test_no_mark_once_the_data_name_this_version_or_when_the_worker_reads_english(client, session, reviewed):
    scene = approved(session)
    registrar = officer(session, StaffRole.LABOUR_OFFICER)
    contract, _worker = lodged(session, scene)
    assert MARK not in seen_by(client, session, registrar, contract)


def test_the_language_is_the_workers_own(client, session):
    contract, _worker = lodged(session, approved(session))
    account = session.get_one(UserAccount, session.get_one(Migrant, contract.migrant_id).account_id)
    registrar = officer(session, StaffRole.LABOUR_OFFICER)
    account.locale = "en"
    session.flush()
    assert MARK not in seen_by(client, session, registrar, contract)
    account.locale = "ur"
    session.flush()
    assert MARK in seen_by(client, session, registrar, contract)


def test_a_new_version_and_an_unknown_language_are_unreviewed():
    assert i18n.is_reviewed("contract", WORDING_VERSION, "en")
    assert i18n.is_reviewed("consent", CONSENT_VERSION, "en")
    assert not i18n.is_reviewed("consent", "2099-01", "en")
    assert not i18n.is_reviewed("contract", WORDING_VERSION, "ne")
    assert not i18n.is_reviewed("contract", WORDING_VERSION, "xx")
    assert not i18n.is_reviewed("contract", WORDING_VERSION, None)
