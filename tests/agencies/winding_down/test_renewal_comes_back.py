"""An expired licence whose renewal is asked for may come back: its winding down waits for the decision, and ends with it."""

from datetime import timedelta

from agencies.licensing.status import LICENCE, LicenceStatus
from agencies.renewal import services as renewals
from agencies.winding_down import closing
from agencies.winding_down.status import WindingStatus
from core.actor import SYSTEM
from core.db import legal_today
from tests.agencies import factories as make
from tests.agencies import winding
from tests.agencies.renewal import renewals as late


def test_an_open_renewal_keeps_the_file_open_and_the_renewed_licence_ends_it(session):
    agency, licence, owner = late.near_its_end(session, days=5)
    licence.valid_until = legal_today(session) - timedelta(1)
    session.flush()
    LICENCE.apply(session, licence, "expire", actor=SYSTEM, reason="its last day has passed")
    file = winding.file_of(session, agency)
    assert "renewal" not in {h.code for h in closing.hindrances(session, file)}
    renewals.start(session, owner, agency.id)
    assert "renewal" in {h.code for h in closing.hindrances(session, file)}
    LICENCE.apply(session, licence, "renew", actor=make.finance(session), reason="Everything is in order.")
    assert licence.status is LicenceStatus.ACTIVE
    assert file.status is WindingStatus.RESTORED
