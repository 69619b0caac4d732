"""The demo's remittances: every state, every corridor, books that balance."""

import random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.db import legal_today
from core.world import World
from remittance import seed
from remittance.orders.models import Remittance
from remittance.orders.queries import reconcile
from tests.remittance import factories as f


def test_the_demo_fills_every_corridor_and_its_books_agree(session: Session):
    world = World(today=legal_today(session), rng=random.Random(1))
    from core.permissions import SubjectKind

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
    from core.permissions import SubjectKind

    world.ids["migrants"] = [f.migrant(session)[1].subject(SubjectKind.MIGRANT)]  # type: ignore[list-item]
    seed.adversarial(session, world)
    assert [r["status"] for r in world.found["remittances"]] == [
        "quoted", "recipient_checked", "screened", "held", "failed", "paid_out",
    ]  # fmt: skip
    assert reconcile(session).agrees
