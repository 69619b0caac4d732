"""After the approval: what is asked for, what the banks have confirmed, and whose step it is."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from agencies.licensing import decisions, fees, securing
from agencies.licensing.finance import FINANCE
from agencies.licensing.models import LicenceApplication
from agencies.licensing.status import SecurityKind
from agencies.queues import QUEUES
from core.db import legal_today
from core.money import Money
from core.permissions import StaffRole
from core.queues import fetch
from tests.agencies import factories as make

CASH, GUARANTEE = SecurityKind.CASH, SecurityKind.GUARANTEE
READY = "Approved and the security is complete: ready to issue"


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)))


@pytest.fixture
def approved(session):
    """An approved application: 50 lakh in cash and 150 lakh as guarantee are asked for."""
    checker = make.approver(session)
    application, agency, _owner = make.recommended(session, make.reviewer(session))
    decisions.approve(session, checker, application.id, make.approval(session))
    return make.reload(session, application), agency


def queue(session, name, actor):
    found = next(q for q in QUEUES if q.name == name)
    return [(r.reference, r.note) for r in fetch(session, found, actor, limit=10).rows]


@pytest.mark.parametrize(
    ("papers", "complete"),
    [
        ([], False),
        ([(CASH, 20_000_000_00, True)], True),
        ([(CASH, 20_000_000_00, False)], False),
        ([(CASH, 19_999_999_99, True)], False),
        ([(CASH, 5_000_000_00, True), (GUARANTEE, 15_000_000_00, True)], True),
        ([(CASH, 5_000_000_00, True), (GUARANTEE, 15_000_000_00, False)], False),
        # More guarantee does not stand in for cash.
        ([(CASH, 4_999_999_99, True), (GUARANTEE, 15_000_000_01, True)], False),
        ([(CASH, 5_000_000_01, True), (GUARANTEE, 14_999_999_99, True)], True),
    ],
)
def test_the_queue_counts_a_security_as_the_issue_does(session, approved, papers, complete):
    application, _agency = approved
    cashier = make.finance(session)
    for kind, amount, confirmed in papers:
        until = application.valid_until + timedelta(30) if kind is GUARANTEE else None
        made = decisions.record_security(session, cashier, application.id, make.security(kind, amount, until=until))
        if confirmed:
            make.verified(session, made)
    state = decisions.security_state(session, application)
    found = session.scalar(select(securing.complete()).where(LicenceApplication.id == application.id))
    assert (state.complete, found) == (complete, complete)


def test_a_guarantee_that_ends_before_the_licence_does_not_make_it_ready(session, approved):
    application, _agency = approved
    cashier = make.finance(session)
    make.secured(session, cashier, application.id, make.security(CASH, 5_000_000_00))
    late = make.security(GUARANTEE, 15_000_000_00, until=application.valid_until)
    make.secured(session, cashier, application.id, late)
    assert session.scalar(select(securing.complete()).where(LicenceApplication.id == application.id))
    application.valid_until += timedelta(1)
    session.flush()
    assert not decisions.security_state(session, application).complete
    assert not session.scalar(select(securing.complete()).where(LicenceApplication.id == application.id))


def test_queue_and_file_say_when_it_is_ready_and_whose_step_it_is(client, app, session, approved):
    application, agency = approved
    account, cashier = make.officer(session, StaffRole.FINANCE_OFFICER)
    url, own = f"/licensing/applications/{application.id}", f"/licensing/agencies/{agency.id}/security"
    client.sign_in(session, account)
    # What the approver asked for stands on the security's page too, before there is a licence.
    seen = text_of(client.get(own))
    assert "NPR 50,00,000.00" in seen.replace("\xa0", " ")
    assert "an officer decides" not in seen
    assert "Now the agency brings the security" in text_of(client.get(url))
    made = decisions.record_security(session, cashier, application.id, make.security())
    assert "a second finance officer records the bank’s answer" in text_of(client.get(url))
    with app.test_request_context():
        assert [r for r, _note in queue(session, "licence.security", cashier)] == [application.reference]
        assert queue(session, "licence.issue", cashier) == []
    make.verified(session, made)
    with app.test_request_context():
        assert queue(session, "licence.security", cashier) == []
        assert queue(session, "licence.issue", cashier) == [(application.reference, READY)]
    seen = text_of(client.get(url))
    assert READY in seen
    assert "Now a finance officer issues the licence" in seen
    assert "Approved, security to be given" not in seen
    client.sign_in(session, make.officer(session, StaffRole.LICENSING_APPROVER)[0])
    assert "Now a finance officer issues the licence" in text_of(client.get(url))


def test_a_fee_of_the_law_without_a_receipt_is_told_before_the_licence_can_be_issued(
    client, app, session, approved, monkeypatch
):
    application, _agency = approved
    monkeypatch.setattr(
        fees.rules, "application_fee", lambda _c, _on: (Money(25_000_00, "NPR"), SimpleNamespace(may_refuse=True))
    )
    account, cashier = make.officer(session, StaffRole.FINANCE_OFFICER)
    make.secured(session, make.finance(session), application.id, make.security())
    make.give(session, FINANCE, application, cashier)
    client.sign_in(session, account)
    url = f"/licensing/applications/{application.id}"
    with app.test_request_context():
        assert queue(session, "licence.issue", cashier) == [(application.reference, str(securing.FEE_MISSING))]
    assert "Now a finance officer records the receipt of the fee." in text_of(client.get(url))
    paid = fees.RecordFee(Money(25_000_00, "NPR"), "R-1", legal_today(session))
    fees.record(session, cashier, application.id, paid)
    with app.test_request_context():
        assert queue(session, "licence.issue", cashier) == [(application.reference, READY)]
    assert "Now a finance officer issues the licence" in text_of(client.get(url))
