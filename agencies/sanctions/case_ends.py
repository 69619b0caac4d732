"""A proceeding ends with its effect: lapsed by its last day, or lifted. No other module of sanctions is needed here."""

from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from agencies.sanctions.case_models import SanctionBar, SanctionCase
from agencies.sanctions.case_status import BAR, CASE, BarStatus
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SanctionStatus
from core.actor import SYSTEM, Actor
from core.db import legal_today

HOLDING = (SanctionStatus.IN_FORCE, SanctionStatus.STAYED)
BAR_HOLDING = (BarStatus.IN_FORCE, BarStatus.STAYED)


def has_effect(session: Session, case_id: UUID) -> bool:
    """Whether something of the order still stands, stayed or not."""
    sanction = exists().where(Sanction.case_id == case_id, Sanction.status.in_(HOLDING))
    bar = exists().where(SanctionBar.case_id == case_id, SanctionBar.status.in_(BAR_HOLDING))
    return bool(session.scalar(select(or_(sanction, bar))))


def end_case(session: Session, case_id: UUID | None, action: str, *, actor: Actor = SYSTEM, reason: str = "") -> None:
    """``expire`` or ``remove`` the proceeding once nothing of its order stands; one on appeal waits for the appeal."""
    if case_id is None:
        return
    case = session.scalars(
        select(SanctionCase)
        .where(SanctionCase.id == case_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if CASE.allows(case.status, action) and not has_effect(session, case_id):
        evidence: dict[str, Any] = {"ended_on": legal_today(session)}
        CASE.apply(session, case, action, actor=actor, reason=reason, evidence=evidence)


def lapse_bars(session: Session, batch: int) -> int:
    """End every bar whose last day has passed; gives how many. May run twice."""
    today = legal_today(session)
    due = session.scalars(
        select(SanctionBar)
        .where(SanctionBar.status.in_(BAR_HOLDING), SanctionBar.last_day < today)
        .order_by(SanctionBar.id)
        .limit(batch)
        .with_for_update(skip_locked=True)
    ).all()
    for bar in due:
        BAR.apply(session, bar, "lapse", actor=SYSTEM, reason="last day passed", evidence={"last_day": bar.last_day})
        bar.lifted_on = today
        end_case(session, bar.case_id, "expire", reason="last day passed")
    return len(due)
