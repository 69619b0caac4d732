"""Queued work and schedules of winding down."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.winding_down import opening, owed, reminders, unpaid
from agencies.winding_down.models import OwedItem, WindingDown
from agencies.winding_down.status import LIVE, Outcome, WindingStatus
from core.jobs import every, job

BATCH = 500


@job("agencies.tell_of_winding_down")
def tell(session: Session, winding_id: str) -> None:
    """Tell the agency and its workers that papers and money are to go back."""
    opening.tell(session, UUID(winding_id))


@every("*/10 * * * *", "agencies.follow_winding_down")
def follow(session: Session) -> dict[str, int]:
    """Files that were missed or have ended, and claims that were paid. May run twice. Overdue files stand in their queue
    from the first minute of the day on: the queue asks the day itself."""
    opened, ended = opening.follow(session, BATCH)
    moved = 0
    files = session.scalars(
        select(WindingDown)
        .where(
            WindingDown.status.in_(LIVE),
            WindingDown.id.in_(select(OwedItem.winding_id).where(OwedItem.claim_id.is_not(None))),
        )
        .order_by(WindingDown.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for file in files:
        moved += owed.follow_claims(session, file.id)
    closed = session.scalars(
        select(WindingDown)
        .where(WindingDown.status == WindingStatus.CLOSED, WindingDown.outcome == Outcome.SHORTFALL)
        .order_by(WindingDown.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    moved += sum(unpaid.follow(session, file) for file in closed)
    return {"opened": opened, "ended": ended, "moved": moved}


@every("20 3 * * *", "agencies.remind_winding_down")
def remind(session: Session) -> dict[str, int]:
    """Remind agencies of what is still to be given back. May run twice: one is reminded once in its interval."""
    return {"reminded": reminders.remind(session, BATCH)}
