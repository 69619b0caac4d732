"""India's small class: so much more security for each lot of workers, counted over the whole licence, by the rows of its law."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.status import Procedure, SecurityKind
from agencies.renewal.models import LicenceRenewal
from agencies.security import instruments, ledger, queries, rules, tranches, watch
from agencies.security.models import SecurityDemand, SecurityInstrument
from contracts.job_orders import capacity
from contracts.job_orders import services as job_orders
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import JobOrderStatus
from core.actor import Actor
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import DomainError
from core.money import Money
from core.permissions import StaffRole
from core.settings import Settings, configure, current
from tests.agencies import factories as agencies
from tests.contracts import factories as make
from tests.contracts.test_capacity import acknowledged
from tests.migrants.factories import officer

LOT = 800_000_00


@pytest.fixture(autouse=True)
def _home_again(settings: Settings) -> Iterator[None]:
    yield
    configure(settings)


@dataclass
class World:
    """An agency of India's small class with the security of its class, one approved job order and others that wait."""

    scene: make.Scene
    licence: Licence
    waiting: list[JobOrder]
    labour: Actor

    @property
    def agency_id(self) -> UUID:
        return self.scene.agency_record.id

    def approve(self, session: Session, number: int = 0) -> JobOrder:
        return job_orders.approve(session, self.labour, self.waiting[number].id, "Fits the market")


def small(session: Session, *waiting: int, taken: int = 10) -> World:
    """People and offices are the tests' own; law and currency are India's from here on."""
    scene = make.approved(session, headcount=10)
    orders = [acknowledged(session, scene, headcount) for headcount in waiting]
    labour = officer(session, StaffRole.LABOUR_OFFICER)
    scene.order.approved = taken
    licence = session.scalars(select(Licence).where(Licence.agency_id == scene.agency_record.id)).one()
    licence.licence_class = "small"
    session.flush()
    configure(replace(current(), country="in"))
    made = World(scene, licence, orders, labour)
    guaranteed(session, made, LOT)
    return made


def guaranteed(session: Session, made: World, minor: int) -> SecurityInstrument:
    """A guarantee that its bank has confirmed."""
    until = legal_today(session) + timedelta(4000)
    paper = instruments.Paper(
        SecurityKind.GUARANTEE,
        Money(minor, "INR"),
        "State Bank of India",
        secrets.token_hex(4),
        agencies.photo(),
        until,
    )
    recorded = instruments.record_new(session, agencies.finance(session), made.agency_id, paper)
    return agencies.verified(session, recorded)


def test_job_orders_above_a_hundred_workers_wait_for_the_security_that_the_law_names(session: Session):
    world = small(session, 11, taken=90)
    order = world.waiting[0]
    with pytest.raises(
        DomainError, match=r"allow 100 workers; 90 are counted\. .* INR 8,00,000\.00 more security first"
    ):
        world.approve(session)
    assert (order.status, order.approved) == (JobOrderStatus.AGENCY_ACKNOWLEDGED, 0)
    guaranteed(session, world, LOT - 1)
    with pytest.raises(DomainError, match=r"INR 0\.01 more security first"):
        world.approve(session)
    guaranteed(session, world, 1)
    world.approve(session)
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == order.id, AuditEvent.action == "approve")
    ).one()
    counted = event.evidence["worker_limit"]
    assert (counted["limit"], counted["taken"], counted["past_unverified_limit"]) == (200, 90, False)
    assert counted["law"]["row"] == "in.licence.class.small"
    assert counted["law"]["lots"] == 1
    assert counted["law"]["tranche"] == {
        "row": "in.security.tranche.small",
        "value": {"workers": 100, "guarantee": 800_000},
        "citation": "in.thedollarbusiness.com/news/emigration-rules-1983-amended/51558 (Gazette text, 12 Dec 2017)",
        "status": "V",
    }


def test_a_large_job_order_is_told_the_price_of_all_its_lots(session: Session):
    world = small(session)
    today = legal_today(session)
    found = capacity.counter(session, world.agency_id, today)
    assert [found.missing_for(n) for n in (90, 91, 190, 191)] == [Money(lots * LOT, "INR") for lots in (0, 1, 1, 2)]
    assert [found.passed_by(n) for n in (90, 91)] == [False, True]


def test_workers_count_over_the_whole_term_and_anew_after_a_renewal(session: Session):
    world = small(session)
    licence, order, today = world.licence, world.scene.order, legal_today(session)
    licence.issued_on = today - timedelta(1000)
    assert order.approved_at
    order.approved_at -= timedelta(900)
    session.flush()
    found = capacity.counter(session, world.agency_id, today)
    assert found.capacity
    assert (found.capacity.whole_term, found.capacity.since, found.taken) == (True, licence.issued_on, 10)
    by = world.labour.require_account()
    application = LicenceApplication(
        agency_id=licence.agency_id,
        procedure=Procedure.RENEWAL,
        reference="R-1",
        started_by=by,
    )
    session.add(application)
    session.flush()
    session.add(
        LicenceRenewal(
            application_id=application.id, licence_id=licence.id, ended_on=today, renewed_on=today - timedelta(5)
        )
    )
    session.flush()
    found = capacity.counter(session, world.agency_id, today)
    assert found.capacity
    assert (found.capacity.since, found.taken) == (today - timedelta(5), 0)


def test_what_workers_used_stays_asked_for_and_is_demanded_when_its_paper_ends(session: Session):
    world = small(session, 40, taken=100)
    guarantee = guaranteed(session, world, LOT)
    world.approve(session)
    agency_id, today = world.agency_id, legal_today(session)
    file = queries.file_of(session, agency_id)
    assert (file.required.total, file.required.lots, file.short.minor) == (Money(2 * LOT, "INR"), 1, 0)
    assert file.required.evidence["workers"] == 140
    assert rules.required(session, world.licence, today).total == Money(LOT, "INR")
    guarantee.guarantee_until = today - timedelta(1)
    session.flush()
    assert watch.end_guarantees(session, 10) == 1
    assert ledger.held(session, agency_id).total == Money(LOT, "INR")
    demand = session.scalars(select(SecurityDemand)).one()
    assert (demand.amount_minor, demand.currency) == (LOT, "INR")


def test_a_paper_behind_an_unused_lot_ends_without_a_demand(session: Session):
    world = small(session)
    guarantee = guaranteed(session, world, LOT)
    assert capacity.counter(session, world.agency_id, legal_today(session)).capacity.limit == 200  # type: ignore[union-attr]  # None fails too
    guarantee.guarantee_until = legal_today(session) - timedelta(1)
    session.flush()
    watch.end_guarantees(session, 10)
    assert session.scalars(select(SecurityDemand)).all() == []
    assert capacity.counter(session, world.agency_id, legal_today(session)).capacity.limit == 100  # type: ignore[union-attr]  # None fails too


def test_the_full_class_and_other_countries_buy_no_lots(session: Session, settings: Settings):
    today = legal_today(session)
    configure(replace(settings, country="in"))
    assert tranches.tranche_of("full", today) is None
    assert tranches.tranche_of("small", date(2017, 12, 11)) is None
    half = tranches.tranche_of("small", date(2020, 12, 1))
    assert half is not None
    assert half.amount == Money(LOT // 2, "INR")
    for country, code in (("np", "A"), ("bd", "standard"), ("lk", "standard"), ("ph", "standard")):
        configure(replace(settings, country=country))
        assert tranches.tranche_of(code, today) is None


def test_a_price_that_was_only_reported_refuses_nobody(session: Session, monkeypatch: pytest.MonkeyPatch):
    world = small(session, 91)
    real = tranches.tranche_of
    monkeypatch.setattr(tranches, "tranche_of", lambda *a: (found := real(*a)) and replace(found, certain=False))
    order = world.approve(session)
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == order.id, AuditEvent.action == "approve")
    ).one()
    assert event.evidence["worker_limit"]["past_unverified_limit"] is True


@given(
    size=st.integers(1, 300), price=st.integers(1, 10**9), own=st.integers(0, 10**9), held=st.integers(0, 10**10),
    workers=st.integers(0, 5000),
)  # fmt: skip
def test_what_is_missing_buys_the_places_and_one_unit_less_does_not(
    size: int, price: int, own: int, held: int, workers: int
):
    lot = tranches.Tranche(size, Money(price, "INR"), True, {})
    asked = rules.Required(Money(0, "INR"), Money(own, "INR"), True, True, {})
    now = tranches.bought(lot, asked, Money(held, "INR"))
    assert now.lots >= 0
    missing = now.missing_for(workers - now.lots * size)
    after = tranches.bought(lot, asked, Money(held + missing.minor, "INR"))
    assert after.lots * size >= workers or held < own
    if missing.minor and held >= own:
        less = tranches.bought(lot, asked, Money(held + missing.minor - 1, "INR"))
        assert less.lots * size < workers
