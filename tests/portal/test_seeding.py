"""The small country to attack: what it prints is there, and every login opens."""

from collections import Counter

import pyotp
import pytest
from click import ClickException
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from core import db
from core.accounts import Office, UserAccount, actor_for, find_session
from core.settings import current
from portal.seeding import seed
from portal.signin import services


def test_the_adversarial_country_is_whole_and_every_login_opens(committed: sessionmaker[Session]):
    world = seed(current(), "adversarial")
    found = {
        name: len(values)
        for name, values in world.found.items()
        if name in ("agencies", "employers", "ngos", "migrants")
    }
    assert found == {"agencies": 3, "employers": 2, "ngos": 2, "migrants": 4}
    staff = [a for a in world.accounts if a.get("totp_secret")]
    assert {a["role"] for a in staff if a["office"] == "P2"} == {a["role"] for a in staff if a["office"] == "P3"}
    assert Counter(a["role"] for a in staff)["auditor"] == 1
    for number, account in enumerate(world.accounts):
        with db.sessions()() as session:
            values = {"agent": "tests", "address": f"10.0.0.{number}"}
            opened = services.sign_in(session, login=account["login"], password=account["password"], **values)
            assert opened.pending == bool(account.get("totp_secret"))
            if opened.pending:
                code = pyotp.TOTP(account["totp_secret"]).now()
                opened = services.confirm_second_factor(session, token=opened.token, code=code, agent="tests")
            signed_in = find_session(session, opened.token)
            assert signed_in is not None
            assert str(signed_in.account_id) == account["account_id"]
            actor = actor_for(session, session.get_one(UserAccount, signed_in.account_id))
            assert actor.is_staff == bool(account.get("totp_secret"))
            assert actor.roles or actor.memberships
    with pytest.raises(ClickException, match="There is data already"):
        seed(current(), "adversarial")


def test_the_empty_profile_makes_the_offices_and_nobody(committed: sessionmaker[Session]):
    seed(current(), "empty")
    seed(current(), "empty")
    with db.sessions()() as session:
        assert session.scalar(select(func.count()).select_from(UserAccount)) == 0
        codes = set(session.scalars(select(Office.code)))
        assert {"MOL", "DOFE", "P2", "P3", "M-QA"} <= codes


def test_made_up_data_goes_into_a_demo_only(committed: sessionmaker[Session]):
    from dataclasses import replace

    with pytest.raises(ClickException, match="DEMO=1"):
        seed(replace(current(), demo=False), "adversarial")
    with db.sessions()() as session:
        assert session.scalar(select(func.count()).select_from(UserAccount)) == 0
