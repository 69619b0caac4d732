"""How long a code is good is one number of the country package: in what opens and in what is said."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import codes, lifetimes
from core.errors import ConfigurationError
from core.messages import OutgoingMessage
from law.country import deployment
from tests.conftest import PortalClient
from tests.portal.factories import person


@pytest.fixture
def numbers(session: Session) -> Iterator[dict[str, Any]]:
    """The package's numbers, to be changed; given back afterwards."""
    yield dict(deployment().policy)
    lifetimes.configure(deployment().policy)


def test_a_code_is_good_for_the_minutes_that_its_message_names(session: Session, numbers: dict[str, Any]):
    lifetimes.configure(numbers | {"code_minutes": 25, "code_tries": 1})
    account = person(session)
    codes.issue_code(session, account, "test")
    sent = session.scalars(select(OutgoingMessage).where(OutgoingMessage.account_id == account.id)).one()
    assert "25 minutes" in (sent.body or "")
    kept = session.scalars(select(codes.OneTimeCode).where(codes.OneTimeCode.account_id == account.id)).one()
    session.refresh(kept)
    assert (kept.expires_at - kept.created_at).total_seconds() == 25 * 60
    code = (sent.body or "")[:6]
    wrong = "000000" if code != "000000" else "111111"
    assert not codes.confirm_code(session, account, "test", wrong)
    assert not codes.confirm_code(session, account, "test", code), "one wrong try ends it"


def test_pages_name_the_number_too(client: PortalClient, numbers: dict[str, Any]):
    lifetimes.configure(numbers | {"code_minutes": 25})
    answer = client.post_form("/sign-in/forgotten", login="nobody@people.example")
    assert "25 minutes" in answer.text


@pytest.mark.parametrize("wrong", [None, 0, -1, 1.5, "10", True])
def test_a_number_that_is_none_stops_the_start(numbers: dict[str, Any], wrong: object):
    with pytest.raises(ConfigurationError, match="invitation_days"):
        lifetimes.configure(numbers | {"invitation_days": wrong})


def test_no_page_has_the_number_typed_in():
    """The sentences that named it once: a number in words or digits beside minutes or days of a code."""
    import re

    from core.settings import ROOT

    typed = re.compile(
        r'_\("[^"]*\b(ten|10|three|seven|\d+) (minutes|days|hours)[^"]*code[^"]*"|"[^"]*works for (ten|\d+) '
    )
    found = [p.name for p in (ROOT / "templates").rglob("*.html") if typed.search(p.read_text(encoding="utf-8"))]
    assert found == []
    assert json.loads((ROOT / "law/common/policy.json").read_text())["contact_wait_hours"]["status"] == "S"
