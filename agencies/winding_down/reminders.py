"""Reminders to the agency while papers or money are to go back, at the ministry's intervals, each once."""

from datetime import timedelta

from sqlalchemy import Date, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from agencies.winding_down.models import CustodyItem, OwedItem, WindingDown
from agencies.winding_down.status import CUSTODY_OPEN, LIVE, OWED_OPEN, WINDING, WindingStatus
from core import audit
from core.actor import SYSTEM
from core.db import legal_today, legal_zone
from core.owners import tell_owners
from core.permissions import SubjectKind
from law.country import deployment

MESSAGE = "winding_reminder"


def remind(session: Session, batch: int) -> int:
    """Tell the owners of every agency that still has something to do; gives how many agencies were reminded.

    The interval counts from the first news, then from the last reminder. The message names nobody and no amount.
    """
    today = legal_today(session)
    held = exists().where(CustodyItem.winding_id == WindingDown.id, CustodyItem.status.in_(CUSTODY_OPEN))
    owes = exists().where(OwedItem.winding_id == WindingDown.id, OwedItem.status.in_(OWED_OPEN))
    told_on = cast(func.timezone(legal_zone(), WindingDown.told_at), Date)
    since = func.coalesce(WindingDown.reminded_on, WindingDown.closed_on, told_on)
    open_one = WindingDown.status.in_(LIVE) & or_(held, owes, WindingDown.declared_at.is_(None))
    unpaid = (WindingDown.status == WindingStatus.CLOSED) & (WindingDown.unpaid_minor > 0)
    due = session.scalars(
        select(WindingDown)
        .where(
            or_(
                open_one & (since <= today - timedelta(days=_days("winding_remind_days"))),
                unpaid & (since <= today - timedelta(days=_days("winding_unpaid_remind_days"))),
            )
        )
        .order_by(WindingDown.id)
        .limit(batch)
        .with_for_update(skip_locked=True)
    ).all()
    for file in due:
        file.reminded_on = today
        told = tell_owners(session, SubjectKind.AGENCY, file.agency_id, MESSAGE)
        audit.record(session, SYSTEM, subject=(WINDING.name, file.id), action="remind", evidence={"told": told})
    session.flush()
    return len(due)


def _days(name: str) -> int:
    return int(deployment().standard(name))
