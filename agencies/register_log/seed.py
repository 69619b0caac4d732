"""The made-up past of a demonstration in the register's log: each change in effect on its own day, recorded at the seeding
and marked as taken over, since nobody decided it here."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.licensing.status import LicenceStatus
from agencies.register_log.services import taken_over


@contextmanager
def past(session: Session, licences: Sequence[Licence], decided: date) -> Iterator[None]:
    """Issue the licences, then let what is done inside (orders) and the licences' states happen on their days.

    An expired licence ended after its last day, every other state began on the day ``decided``.
    """
    states = {licence: licence.status for licence in licences}
    for licence in licences:
        licence.status = LicenceStatus.ACTIVE
    with taken_over(session, decided):
        session.add_all(licences)
        session.flush()
        yield
        session.flush()
        for licence in licences:
            if states[licence] is not LicenceStatus.EXPIRED:
                licence.status = states[licence]
    ends: dict[date, list[Licence]] = {}
    for licence in licences:
        if states[licence] is LicenceStatus.EXPIRED:
            ends.setdefault(licence.valid_until + timedelta(days=1), []).append(licence)
    for day in sorted(ends):
        with taken_over(session, day):
            for licence in ends[day]:
                licence.status = LicenceStatus.EXPIRED
