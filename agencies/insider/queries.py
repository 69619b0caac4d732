"""Who was drawn for a case, and what each officer's decisions look like from above."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from agencies.insider.assignment import STAGE_OF
from agencies.insider.models import CaseAssignment, DutyDraw
from agencies.insider.status import POINTER, STAGE_ACTIONS, STAGE_TITLES, WHY_TITLES
from agencies.licensing.models import LicenceApplication
from agencies.registration.models import Agency
from core.accounts import Office, account_names
from core.audit import AuditEvent

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


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """What one officer did with applications in a span of time. ``median_hours`` runs from the draw to the act;
    ``top_share`` is the part, in percent, that one agency has of the officer's acts, when there are enough to say so."""

    account_id: UUID
    name: str
    acts: int
    approvals: int
    refusals: int
    returns: int
    recommendations: int
    visits: int
    median_hours: int | None
    top_agency: str
    top_share: int | None


COUNTED = {
    "approvals": ("approve", "approve_first", "confirm"),
    "refusals": ("refuse", "refuse_stopped"),
    "returns": ("return", "return_visit", "send_back", "disagree"),
    "recommendations": ("recommend", "ask_visit"),
    "visits": ("report",),
}
ACTS = frozenset(a for actions in COUNTED.values() for a in actions) | {"release"}
STAGE_BY_ACTION = {action: stage for stage, actions in STAGE_ACTIONS.items() for action in actions}
ENOUGH = 5


def officers(session: Session, since: datetime, offices: Iterable[UUID] | None = None) -> list[OfficerRow]:
    """Each officer who acted since then on applications of these offices (None: of all), the busiest first."""
    query = (
        select(
            AuditEvent.actor_account_id, AuditEvent.subject_id, AuditEvent.action, AuditEvent.at, Agency.id, Agency.name
        )
        .join(LicenceApplication, LicenceApplication.id == AuditEvent.subject_id)
        .join(Agency, Agency.id == LicenceApplication.agency_id)
        .where(
            AuditEvent.subject_kind == "licence_application", AuditEvent.at >= since,
            AuditEvent.action.in_(sorted(ACTS)), AuditEvent.actor_account_id.is_not(None),
        )
        .order_by(AuditEvent.at.desc())
        .limit(ROWS)
    )  # fmt: skip
    if offices is not None:
        query = query.where(Agency.office_id.in_(list(offices)))
    acts: dict[UUID, list[Any]] = {}
    for row in session.execute(query):
        acts.setdefault(row.actor_account_id, []).append(row)
    drawn = _drawn_at(session, acts)
    names = account_names(session, acts)
    rows = [_officer(account, names[account], found, drawn) for account, found in acts.items()]
    return sorted(rows, key=lambda r: (-r.acts, r.name))


def _drawn_at(session: Session, accounts: Iterable[UUID]) -> dict[tuple[UUID, UUID, str], list[datetime]]:
    """When each officer was drawn: by officer, application and stage, oldest first."""
    found: dict[tuple[UUID, UUID, str], list[datetime]] = {}
    rows = session.execute(
        select(
            CaseAssignment.officer_id, CaseAssignment.application_id, CaseAssignment.stage, CaseAssignment.created_at
        )
        .where(CaseAssignment.officer_id.in_(list(accounts)))
        .order_by(CaseAssignment.number)
    )
    for officer, application, stage, at in rows:
        if officer is not None:
            found.setdefault((officer, application, str(stage)), []).append(at)
    return found


def _officer(
    account: UUID, name: str, acts: list[Any], drawn: dict[tuple[UUID, UUID, str], list[datetime]]
) -> OfficerRow:
    counts = {kind: sum(a.action in actions for a in acts) for kind, actions in COUNTED.items()}
    spans = []
    for act in acts:
        before = [t for t in drawn.get((account, act.subject_id, str(STAGE_BY_ACTION[act.action])), []) if t <= act.at]
        if before:
            spans.append(act.at - before[-1])
    by_agency: dict[UUID, list[str]] = {}
    for act in acts:
        by_agency.setdefault(act.id, []).append(act.name)
    top = max(by_agency.values(), key=len)
    return OfficerRow(
        account, name, len(acts), **counts,
        median_hours=round(median(spans) / timedelta(hours=1)) if spans else None,
        top_agency=top[0] if len(acts) >= ENOUGH else "",
        top_share=round(100 * len(top) / len(acts)) if len(acts) >= ENOUGH else None,
    )  # fmt: skip


def waiting_by_officer(session: Session) -> dict[UUID, int]:
    """How many open files lie with each officer now."""
    found: dict[UUID, int] = {}
    for status, stage in STAGE_OF.items():
        column = getattr(LicenceApplication, POINTER[stage])
        rows = session.execute(
            select(column, func.count())
            .where(LicenceApplication.status == status, column.is_not(None))
            .group_by(column)
        )
        for account, count in rows:
            found[account] = found.get(account, 0) + count
    return found
