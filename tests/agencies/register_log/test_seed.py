"""The demonstration's made-up past in the log."""

from datetime import timedelta

from sqlalchemy import func, select

from agencies import seed
from agencies.licensing.models import Licence
from agencies.licensing.status import LicenceStatus, Standing
from agencies.register import snapshot
from agencies.register_log import queries, verification
from agencies.register_log.models import RegisterEvent
from agencies.register_log.services import seal
from agencies.register_log.standing import on_day
from agencies.registration.models import Agency
from tests.agencies.test_seed import DEMO_STAFF, world


def test_the_made_up_past_is_in_the_log_marked_and_dated(committed, monkeypatch):
    # Every state, fewer agencies; applications in the queues have no licence yet.
    monkeypatch.setattr(seed, "COUNT", 200)
    monkeypatch.setattr(seed, "NEW", ())
    with committed() as session:
        made = world(session, DEMO_STAFF, ["DOFE"])
        seed.demo(session, made)
        session.commit()
        seal(session)
        session.commit()
        checked = verification.verify(session)
        assert [f.text for f in checked.findings] == []
        assert len(checked.imported) > seed.COUNT
        assert {leaf.day for leaf in checked.leaves if not leaf.imported} <= {made.today}
        counts = dict(session.execute(select(RegisterEvent.event, func.count()).group_by(RegisterEvent.event)).all())
        states = dict(session.execute(select(Licence.status, func.count()).group_by(Licence.status)).all())
        assert counts["issued"] == seed.COUNT
        # Some came back after a stay or an appeal: at least as many events as licences that stand so today.
        assert [s for s in LicenceStatus if s is not LicenceStatus.ACTIVE and counts[s.value] < states[s]] == []
        assert counts["blacklisting_ordered"] >= seed.BLACKLISTED
        # The register in memory and the log agree about every agency, today.
        register, today = snapshot.current(session)
        references = dict(session.execute(select(Agency.id, Agency.reference)).all())
        leaves: dict[str, list] = {}
        for leaf in checked.leaves:
            leaves.setdefault(leaf.agency, []).append(leaf)
        for entry in register.entries:
            assert on_day(leaves.get(references[entry.agency_id], []), today).standing is entry.standing(today)
        suspended = next(leaf for leaf in checked.leaves if leaf.event == "suspended")
        found = queries.history(session, suspended.licence)
        assert suspended.day == today - timedelta(20)
        assert on_day(found.leaves, suspended.day - timedelta(1)).standing is Standing.LICENSED
        assert on_day(found.leaves, suspended.day).standing is Standing.SUSPENDED
        assert suspended.order is not None
