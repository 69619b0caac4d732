"""What the calendar does: employers are told before their accreditation ends, bars lapse after their last day."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from contracts.employers import bars
from contracts.employers.accreditation_models import AccreditationTerm
from contracts.employers.accreditation_queries import warn_days
from core.db import legal_today
from core.jobs import every
from core.owners import tell_owners
from core.permissions import SubjectKind

BATCH = 500
MESSAGE = "accreditation_ends"


@every("15 18 * * *", "contracts.lapse_employer_bars")
def lapse_bars(session: Session) -> None:
    """Just after midnight in the country's zone; whoever asks goes by the day, so a late run holds nobody longer."""
    bars.lapse(session, BATCH)


@every("20 1 * * *", "contracts.tell_of_accreditations")
def tell(session: Session) -> int:
    """Tell employers, once for each of the country's days, that their accreditation ends and nothing follows it; gives how many.

    After a missed night the nearest day alone is told. May run twice.
    """
    today = legal_today(session)
    told = 0
    for days in sorted(warn_days()):
        later = aliased(AccreditationTerm)
        follows = select(later.id).where(
            later.employer_id == AccreditationTerm.employer_id,
            (later.ends_on > AccreditationTerm.ends_on) | (later.number > AccreditationTerm.number),
        )
        due = session.scalars(
            select(AccreditationTerm)
            .where(
                AccreditationTerm.ends_on.between(today, today + timedelta(days=days)),
                AccreditationTerm.told_for.is_(None) | (AccreditationTerm.told_for > days),
                ~follows.exists(),
            )
            .order_by(AccreditationTerm.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        for term in due:
            term.told_for = days
            tell_owners(session, SubjectKind.EMPLOYER, term.employer_id, MESSAGE)
        session.flush()
        told += len(due)
    return told
