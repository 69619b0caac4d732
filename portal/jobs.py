"""Schedules of the shell."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.drafts import forget_old
from core.jobs import every
from portal.contacts import services as contacts
from portal.owners import services as owner_changes
from portal.partner.services import sweep_tokens


@every("17 * * * *", "portal.sweep")
def sweep(session: Session) -> None:
    """Old counts of tries and finished jobs go; records stay."""
    session.execute(
        text('DELETE FROM throttle_count WHERE ("window" + 3) * seconds < extract(epoch FROM clock_timestamp())')
    )
    session.execute(
        text(
            "DELETE FROM procrastinate_jobs WHERE status = 'succeeded' AND id NOT IN (SELECT job_id FROM"
            " procrastinate_periodic_defers WHERE job_id IS NOT NULL) AND id < (SELECT coalesce(max(id), 0) - 5000"
            " FROM procrastinate_jobs)"
        )
    )
    sweep_tokens(session)
    forget_old(session)


@every("*/5 * * * *", "portal.contacts")
def contact_changes(session: Session) -> None:
    """New addresses and numbers that nobody stopped count from now on; what was never confirmed goes."""
    contacts.take_effect(session)
    contacts.forget_unproved(session)


@every("25 18 * * *", "portal.owners")
def owners(session: Session) -> None:
    """The new owner is invited where the owner of before has not objected within the days."""
    owner_changes.go_on(session)
