"""The ledger of securities: sums of entries that nobody edits, and never less than nothing, whoever races whom."""

import threading
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from agencies.licensing.status import SecurityKind
from agencies.security import claims, instruments, ledger
from agencies.security.ledger import NotCovered, Officers
from agencies.security.models import SecurityClaim, SecurityEntry, SecurityInstrument
from agencies.security.status import ClaimStatus, EntryKind, InstrumentStatus
from core import settings as configured
from core.db import legal_today, psycopg_url
from core.errors import DomainError
from core.money import Money
from core.permissions import StaffRole
from tests.agencies import factories as make
from tests.agencies.security import NPR, deposited, granted, guaranteed, paper

K = EntryKind


def test_ten_draws_at_once_on_cover_for_three_leave_three_and_not_even_the_owner_rewrites_them(committed):
    """Straight at the table, around every service: the trigger alone holds the line."""
    with committed() as session:
        agency, _licence = make.licensed(session)
        slip = deposited(session, agency, 300)
        claim = granted(session, agency, 300)
        officers = Officers(claim.decided_by, make.finance(session).account_id)
        session.commit()
    together, answers = threading.Barrier(10), []

    def draw():
        with committed() as own:
            found = own.get_one(SecurityInstrument, slip.id)
            together.wait()
            try:
                ledger.post(own, found, K.DRAW, -100, officers, claim_id=claim.id)
                own.commit()
                answers.append("drawn")
            except NotCovered:
                own.rollback()
                answers.append("not covered")

    threads = [threading.Thread(target=draw) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["drawn"] * 3 + ["not covered"] * 7
    owner = create_engine(psycopg_url(configured.current().owner_database_url))
    for statement in ("UPDATE security_entry SET amount_minor = -1", "DELETE FROM security_entry"):
        with owner.connect() as connection, pytest.raises(DBAPIError, match="never changed"):
            connection.execute(text(statement))
    owner.dispose()
    with committed() as session:
        assert ledger.held(session, agency.id).cash == Money(0, "NPR")


def test_two_finance_officers_paying_one_award_at_once_pay_it_once(committed):
    with committed() as session:
        agency, _licence = make.licensed(session)
        deposited(session, agency, 1000)
        claim = granted(session, agency, 300)
        cashiers = [make.finance(session) for _ in range(4)]
        session.commit()
    together, answers = threading.Barrier(4), []

    def pay(actor):
        with committed() as own:
            together.wait()
            try:
                claims.pay(own, actor, claim.id)
                own.commit()
                answers.append("paid")
            except DomainError:
                own.rollback()
                answers.append("too late")

    threads = [threading.Thread(target=pay, args=(c,)) for c in cashiers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["paid", "too late", "too late", "too late"]
    with committed() as session:
        assert ledger.held(session, agency.id).cash == Money(700, "NPR")
        assert session.get_one(SecurityClaim, claim.id).status is ClaimStatus.PAID


@pytest.fixture
def books(session):
    """An agency with a deposit of 1000 and a guarantee of 2000, an award to draw for, and two officers."""
    agency, _licence = make.licensed(session)
    cash = deposited(session, agency, 1000)
    cover = guaranteed(session, agency, 2000)
    claim = granted(session, agency, 10**9)
    officers = Officers(make.finance(session).account_id, make.finance(session).account_id)
    return agency, {SecurityKind.CASH: cash, SecurityKind.GUARANTEE: cover}, claim, officers


STEP = st.tuples(
    st.sampled_from([K.DEPOSIT, K.LODGED, K.DRAW, K.RELEASE, K.FORFEITURE, K.EXPIRED, K.CORRECTION]),
    st.sampled_from(list(SecurityKind)),
    st.integers(1, 1500),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=12))
def test_whatever_is_entered_what_is_held_is_the_sum_of_entries_and_never_less_than_nothing(session, books, steps):
    agency, papers, claim, officers = books
    outer = session.begin_nested()
    model = {SecurityKind.CASH: [1000], SecurityKind.GUARANTEE: [2000]}
    entries = list(session.scalars(select(SecurityEntry)))
    undone = set()
    for kind, measure, amount in steps:
        if kind is K.CORRECTION:
            target = entries[amount % len(entries)]
            if target.id in undone or target.kind is K.CORRECTION:
                continue
            instrument = papers[target.measure]
            entry = attempt(session, instrument, kind, -target.amount_minor, officers, reverses=target)
            measure, signed = target.measure, -target.amount_minor
            undone |= {target.id} if entry else set()
        else:
            if (kind, measure) in {
                (K.DEPOSIT, SecurityKind.GUARANTEE), (K.LODGED, SecurityKind.CASH), (K.EXPIRED, SecurityKind.CASH),
            }:  # fmt: skip
                continue
            signed = amount if kind in (K.DEPOSIT, K.LODGED) else -amount
            entry = attempt(session, papers[measure], kind, signed, officers, claim=claim)
        fits = sum(model[measure]) + signed >= 0
        assert (entry is not None) == fits
        if entry is not None:
            model[measure].append(signed)
            entries.append(entry)
        held = ledger.held(session, agency.id)
        assert held.cash.minor == sum(model[SecurityKind.CASH]) >= 0
        assert held.guarantee.minor == sum(model[SecurityKind.GUARANTEE]) >= 0
    outer.rollback()


def attempt(session, instrument, kind, minor, officers, *, claim=None, reverses=None):
    if reverses is not None:
        links = {"reverses_id": reverses.id, "claim_id": reverses.claim_id, "demand_id": reverses.demand_id}
    else:
        links = {"claim_id": claim.id if kind is K.DRAW else None}
    try:
        return ledger.post(session, instrument, kind, minor, officers, **links)
    except NotCovered:
        return None


def refused(session, match, **changes):
    """An entry that the database does not take, and that leaves nothing behind."""
    before = len(session.scalars(select(SecurityEntry)).all())
    with pytest.raises(IntegrityError, match=match), session.begin_nested():  # noqa: PT012 -- the flush inside
        session.add(SecurityEntry(**changes))
        session.flush()
    assert len(session.scalars(select(SecurityEntry)).all()) == before


def test_the_database_refuses_what_no_service_would_ask_for(session, books):
    _agency, papers, claim, officers = books
    cash = papers[SecurityKind.CASH]
    good = {
        "account_id": cash.account_id, "instrument_id": cash.id, "kind": K.DRAW, "measure": SecurityKind.CASH,
        "amount_minor": -100, "booked_on": date(2026, 1, 1), "claim_id": claim.id,
        "made_by": officers.made_by, "checked_by": officers.checked_by,
    }  # fmt: skip
    refused(session, "two_officers", **{**good, "checked_by": officers.made_by})
    refused(session, "two_officers", **{**good, "checked_by": None})
    refused(session, "ck_security_entry_sign", **{**good, "amount_minor": 100})
    refused(session, "draw_names_claim", **{**good, "claim_id": None})
    refused(session, "does not fit its paper", **{**good, "measure": SecurityKind.GUARANTEE})
    refused(session, "security_not_negative", **{**good, "amount_minor": -1001})
    refused(session, "cash_kinds", **{**good, "kind": K.EXPIRED, "claim_id": None})
    refused(session, "correction_names_entry", **{**good, "kind": K.CORRECTION})
    first = session.scalars(select(SecurityEntry).where(SecurityEntry.instrument_id == cash.id)).one()
    half = {"kind": K.CORRECTION, "reverses_id": first.id, "claim_id": None}
    refused(session, "exact opposite", **{**good, **half, "amount_minor": -500})
    unconfirmed = instruments.record_new(session, make.finance(session), _agency.id, paper(SecurityKind.CASH, 50))
    fresh = {"instrument_id": unconfirmed.id, "kind": K.DEPOSIT, "amount_minor": 50, "claim_id": None}
    refused(session, "no bank has confirmed", **{**good, **fresh})


def test_the_application_may_only_add(session, books):
    for statement in (update(SecurityEntry).values(amount_minor=1), text("DELETE FROM security_entry")):
        with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
            session.execute(statement)


def test_an_unconfirmed_paper_is_worth_nothing(session):
    agency, _licence = make.licensed(session)
    made = instruments.record_new(session, make.finance(session), agency.id, paper(SecurityKind.CASH, 500))
    assert (made.status, ledger.held(session, agency.id).total) == (InstrumentStatus.RECORDED, NPR(0))
    make.verified(session, made, confirmed=False)
    assert (made.status, ledger.held(session, agency.id).total) == (InstrumentStatus.NOT_CONFIRMED, NPR(0))
    make.verified(session, made)
    assert ledger.held(session, agency.id).total == NPR(500)


def test_guarantees_that_end_too_early_are_left_out_of_what_a_licence_may_count_on(session):
    agency, _licence = make.licensed(session)
    deposited(session, agency, 100)
    guaranteed(session, agency, 700, days=100)
    today = legal_today(session)
    assert ledger.held(session, agency.id, until=today + timedelta(100)).total == NPR(800)
    assert ledger.held(session, agency.id, until=today + timedelta(101)).total == NPR(100)


def test_staff_outside_the_office_and_without_the_role_change_nothing(session):
    agency, _licence = make.licensed(session)
    far = make.finance(session, at=make.office(session, "P9", parent=make.office(session)))
    for actor in (far, make.reviewer(session), make.officer(session, StaffRole.AUDITOR)[1]):
        with pytest.raises(DomainError):
            instruments.record_new(session, actor, agency.id, paper(SecurityKind.CASH, 500))
    assert session.scalars(select(SecurityInstrument)).all() == []
