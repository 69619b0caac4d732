"""Queued work of renewals."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.licensing.status import LicenceStatus
from agencies.renewal import rules
from core.db import legal_today
from core.jobs import every
from core.owners import tell_owners
from core.permissions import SubjectKind

BATCH = 500
MESSAGE = "renewal_opens"


@every("10 1 * * *", "agencies.tell_of_renewal")
def tell(session: Session) -> int:
    """Tell the owners, once for each term, that the renewal can be asked for; gives how many licences. May run twice."""
    today = legal_today(session)
    # The window has the same length for every licence on one day: what ends before this day is in it.
    last = today + (today - rules.window(today, today).opens)
    due = session.scalars(
        select(Licence)
        .where(
            Licence.status.in_([LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED]),
            Licence.valid_until.between(today, last),
            Licence.renewal_told_for.is_distinct_from(Licence.valid_until),
        )
        .order_by(Licence.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for licence in due:
        licence.renewal_told_for = licence.valid_until
        tell_owners(session, SubjectKind.AGENCY, licence.agency_id, MESSAGE)
    return len(due)
