"""Licences near their end and their renewals, made through the services wherever the test is about them."""

import secrets
from datetime import timedelta

from agencies.licensing import decisions, fees, services
from agencies.licensing.finance import FINANCE
from agencies.registration import services as registration
from agencies.renewal import services as renewals
from core.accounts import actor_for, add_membership
from core.db import legal_today
from core.money import Money
from core.permissions import SubjectKind
from law import engine
from law.engine import Law, law_of, read_row
from tests.agencies import factories as make
from tests.agencies import security as securities

NPR = securities.NPR
ASKED = 20_000_000_00


def near_its_end(session, name="Annapurna Manpower Pvt. Ltd.", *, days=60, held=730, number="27-01-70-04321", **kw):
    """An agency whose licence of two years ends in so many days; gives agency, licence, owner's actor."""
    today = legal_today(session)
    agency, licence = make.licensed(session, name, until=today + timedelta(days), **kw)
    licence.issued_on = today + timedelta(days - held)
    owner = make.account(session, "Owner")
    add_membership(session, owner, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True)
    actor = actor_for(session, owner)
    agency.company_number, agency.address = "123456/081", f"Ward 3, {name}"
    agency.phone, agency.bank_name = f"+97714{secrets.randbelow(10**6):06d}", "Nabil Bank"
    agency.bank_account = secrets.token_hex(6)
    session.flush()
    registration.new_director(session, agency.id, make.director(number))
    return agency, licence, actor


def filled_in(session, owner, agency):
    """A request for the renewal with everything that it needs, not yet sent."""
    application = renewals.start(session, owner, agency.id)
    for code in ("tax", "premises", "police"):
        services.attach_paper(session, owner, application.id, services.AttachPaper(code, make.photo()))
    return application


def sent(session, *, reviewer, **kw):
    """Sent and drawn for this reviewer; gives application, agency, licence, owner's actor."""
    agency, licence, owner = near_its_end(session, **kw)
    with make.drawn_for(reviewer):
        application = filled_in(session, owner, agency)
        services.submit(session, owner, application.id)
    return application, agency, licence, owner


def approval(session, licence, *, days=730, **changes):
    return make.approval(session, valid_until=licence.valid_until + timedelta(days), **changes)


def approved(session, *, secured=True, **kw):
    """Approved, with its security confirmed; gives application, agency, licence, owner, the finance officer."""
    maker, checker, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, agency, licence, owner = sent(session, reviewer=maker, **kw)
    decisions.take(session, maker, application.id)
    with make.drawn_for(checker):
        make.recommend(session, maker, application)
    decisions.approve(session, checker, application.id, approval(session, licence))
    if secured:
        make.secured(session, cashier, application.id, make.security(amount=ASKED))
    return application, agency, licence, owner, cashier


def renewed(session, **kw):
    application, agency, licence, owner, cashier = approved(session, **kw)
    make.offer(session, FINANCE, application, cashier)
    decisions.issue(session, cashier, application.id)
    return application, agency, licence, owner


def row(topic, value, status="V", unit=""):
    return read_row(
        {"id": f"test.{topic}", "topic": topic, "value": value, "status": status, "unit": unit, "citation": "s. 1"},
        "test",
    )


def with_rows(monkeypatch, *rows, country="np"):
    """The law of a country with these rows in the place of its own of the same topic."""
    topics = {r.topic for r in rows}
    kept = [r for r in law_of(country).rows if r.topic not in topics]
    made = Law(country, kept + list(rows))
    monkeypatch.setattr(engine, "law", lambda: made)


def fee(session, minor=100_000_00, receipt="R-1"):
    return fees.RecordFee(Money(minor, "NPR"), receipt, legal_today(session))
