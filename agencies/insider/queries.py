"""Who was drawn for which step of a record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from agencies.insider.models import CaseAssignment, DutyDraw
from agencies.insider.status import STAGE_TITLES, WHY_TITLES
from core.accounts import Office, account_names

ROWS = 20_000


@dataclass(frozen=True, slots=True)
class DrawRow:
    """One draw for the screen. ``officer`` empty: nobody could be drawn. ``passed`` : how many offices were passed over."""

    at: datetime
    stage: Any
    officer: str
    office: str
    why: Any
    among: int
    passed: int


def draws_of(session: Session, application_id: UUID, locale: str) -> list[DrawRow]:
    """Every draw of an application, newest first."""
    return _draws(session, CaseAssignment, CaseAssignment.application_id == application_id, STAGE_TITLES, locale)


def duty_draws(session: Session, kind: str, subject_id: UUID, titles: Mapping[Any, Any], locale: str) -> list[DrawRow]:
    """Every draw of a step of another record, newest first; ``titles`` names its stages."""
    of_record = and_(DutyDraw.subject_kind == kind, DutyDraw.subject_id == subject_id)
    return _draws(session, DutyDraw, of_record, titles, locale)


def _draws(
    session: Session, model: type[CaseAssignment] | type[DutyDraw], of_record: ColumnElement[bool],
    titles: Mapping[Any, Any], locale: str,
) -> list[DrawRow]:  # fmt: skip
    rows: Sequence[Any] = session.execute(
        select(model, Office)
        .join(Office, Office.id == model.office_id)
        .where(of_record)
        .order_by(model.number.desc())
        .limit(40)
    ).all()
    names = account_names(session, [a.officer_id for a, _o in rows if a.officer_id])
    return [
        DrawRow(
            a.created_at, titles[a.stage], names.get(a.officer_id, "") if a.officer_id else "", o.name(locale),
            WHY_TITLES[a.why], a.among, len(a.skipped),
        )
        for a, o in rows
    ]  # fmt: skip
