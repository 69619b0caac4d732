"""The demo's remittances: every state, every corridor, books that balance."""

import random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.actor import SYSTEM
from core.db import legal_today
from core.permissions import StaffRole, SubjectKind
from core.world import World
from remittance import seed
from remittance.funding.services import import_statement
from remittance.ledger.titles import account_words
from remittance.orders import payouts
from remittance.orders.models import BankLine, Refund, Remittance
from remittance.orders.queries import reconcile
from remittance.orders.status import BankLineStatus, RefundStatus
from remittance.quotes.services import converted
from remittance.rails.port import PayoutAnswer, PayoutOutcome
from remittance.rails.reasons import reason_words
from remittance.reconciliation.queries import days, reports
from tests.remittance import factories as f
from tests.remittance.statements import statement


def test_the_demo_fills_every_corridor_and_its_books_agree(session: Session):
    world = World(today=legal_today(session), rng=random.Random(1))
    world.ids["migrants"] = [actor.subject(SubjectKind.MIGRANT) for _a, actor in (f.migrant(session) for _ in range(5))]  # type: ignore[misc]
    seed.demo(session, world, count=500)
    countries = session.scalars(select(Remittance.country).distinct()).all()
    assert sorted(countries) == ["AE", "BH", "KR", "KW", "MY", "OM", "QA", "SA"]
    assert session.scalar(select(func.count()).select_from(Remittance)) == 500
    report = reconcile(session)
    assert report.agrees
    assert sum(m.minor != 0 for _c, m in report.accounts) > 20
    assert session.scalar(select(func.max(Remittance.cost_bp))) <= 500


def test_the_small_world_lists_what_it_made(session: Session):
    world = World(today=legal_today(session), rng=random.Random(1))
    world.ids["migrants"] = [f.migrant(session)[1].subject(SubjectKind.MIGRANT)]  # type: ignore[list-item]
    seed.adversarial(session, world)
    assert [r["status"] for r in world.found["remittances"]] == [
        "quoted", "recipient_checked", "screened", "held", "failed", "paid_out",
    ]  # fmt: skip
    assert reconcile(session).agrees


def test_the_demos_desk_has_lines_refunds_refusals_and_past_days(client, session: Session):
    world = World(today=legal_today(session), rng=random.Random(1))
    senders = [f.migrant(session)[1].subject(SubjectKind.MIGRANT) for _ in range(5)]
    world.ids["migrants"] = [s for s in senders if s]
    staff, world.actors["remittance.officer"] = f.officer(session)
    checker, world.actors["remittance.approver"] = f.officer(session, StaffRole.REMITTANCE_APPROVER)
    seed.demo(session, world, count=500)
    assert reconcile(session).agrees
    whys = session.scalars(select(BankLine.why).where(BankLine.status == BankLineStatus.QUEUED)).all()
    assert sorted(whys) == ["amount", "no_reference", "no_reference", "no_reference", "unknown_reference"]
    refunds = session.execute(select(Refund.status, func.count()).group_by(Refund.status)).all()
    assert {r[0]: r[1] for r in refunds} == {RefundStatus.PROPOSED: 3, RefundStatus.FAILED: 1}
    assert [(d.differences, d.still_open) for d in days(session)] == [(0, 0), (1, 1), (0, 0), (1, 0), (0, 0)]
    assert all(len([r for r in reports(session, d.day) if r.moved]) >= 1 for d in days(session))
    client.sign_in(session, staff)
    home = client.get("/staff").get_data(as_text=True)
    for said in ("Payouts that failed: give the money back (5)", "Bank lines without a remittance (5)"):
        assert said in home, said
    client.sign_in(session, checker)
    home = client.get("/staff").get_data(as_text=True)
    for said in ("Refunds to decide (3)", "Refusals to decide (2)"):
        assert said in home, said
    large = session.scalars(select(Remittance).where(Remittance.screening != [])).all()
    assert min(converted(session, r.amount, "USD") for r in large) > 500_000


def test_reasons_and_accounts_are_told_in_words(client, session: Session):
    f.rates(session)
    account, actor = f.migrant(session)
    f.fill_float(session)
    made = f.authorised(session, actor)
    import_statement(session, SYSTEM, statement([(made.pays, made.pay_reference or "", "Sita", "B1")]))
    payouts.make_batch(session)
    payouts.apply_answer(session, PayoutAnswer(made.reference, PayoutOutcome.FAILED, "AC04"))
    staff, _officer = f.officer(session)
    for person, url in ((account, f"/remittance/{made.id}"), (staff, f"/remittance-office/{made.id}")):
        client.sign_in(session, person)
        assert "The account is closed." in client.get(url).get_data(as_text=True)
    books = client.get("/remittance-office/books").get_data(as_text=True)
    assert ("Owed to senders, QAR" in books, "owed:QAR" in books) == (True, False)
    assert account_words("new_kind:QAR") == "new_kind:QAR"
    assert reason_words("ZZ99") == "Another reason: ZZ99"
    assert reason_words(None) == ""


def test_every_account_of_the_books_has_words():
    from remittance.ledger import services, titles

    kinds = {v for k, v in vars(services).items() if k.isupper() and isinstance(v, str)}
    assert kinds == set(titles.ACCOUNT_TITLES)
