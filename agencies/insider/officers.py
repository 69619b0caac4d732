"""What each officer's decisions look like from above: how many, how fast in each kind of decision, how, and for whom."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from agencies.insider import duties
from agencies.insider.assignment import STAGE_OF
from agencies.insider.models import CaseAssignment, Duty, DutyDraw
from agencies.insider.status import POINTER, STAGE_ACTIONS, STAGE_TITLES
from agencies.licensing.models import LicenceApplication
from agencies.registration.models import Agency
from core.accounts import account_names
from core.audit import AuditEvent
from core.i18n import _l
from core.workflow import ALL

ROWS = 20_000
# Fewer acts than this say nothing about a share or a slowest tenth.
ENOUGH = 5
APPLICATION = "licence_application"
# The applications' own stages; every other kind says its own when it is registered.
_STAGED = {action: str(stage) for stage, actions in STAGE_ACTIONS.items() for action in actions}
_COUNTED = frozenset(
    {
        *("approve", "approve_first", "confirm", "refuse", "refuse_stopped", "return", "return_visit", "send_back"),
        *("disagree", "recommend", "ask_visit", "report", "release"),
    }
)


@dataclass(frozen=True, slots=True)
class Act:
    """One decision. ``took`` runs from the officer's last draw to the act; None where no draw is known."""

    account_id: UUID
    kind: str
    stage: str
    action: str
    agency_id: UUID | None
    took: timedelta | None


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """All that one officer decided. ``top_share``: the part, in percent, that one agency has of it, when there is enough."""

    account_id: UUID
    name: str
    acts: int
    top_agency: str
    top_share: int | None
    open: int


@dataclass(frozen=True, slots=True)
class PaceRow:
    """One officer's decisions of one kind. ``how`` counts each act by its title.

    Hours are whole; ``tenth``: nine of ten took less than this, with enough acts to say so.
    """

    account_id: UUID
    name: str
    acts: int
    how: list[tuple[Any, int]]
    median: int | None
    tenth: int | None
    top_agency: str
    top_share: int | None


@dataclass(frozen=True, slots=True)
class Pace:
    """One kind of decision, with everybody's figures to hold each officer's against."""

    kind: Any
    stage: Any
    acts: int
    median: int | None
    tenth: int | None
    rows: list[PaceRow]


def overview(
    session: Session, since: datetime, offices: Iterable[UUID] | None = None
) -> tuple[list[OfficerRow], list[Pace]]:
    """Everybody who decided since then about agencies of these offices (None: of all), and each kind of decision."""
    acts = acts_since(session, since, offices)
    agencies = _agency_names(session, acts)
    by_officer: dict[UUID, list[Act]] = defaultdict(list)
    by_step: dict[tuple[str, str], list[Act]] = defaultdict(list)
    for act in acts:
        by_officer[act.account_id].append(act)
        by_step[act.kind, act.stage].append(act)
    names, waiting = account_names(session, by_officer), open_by_officer(session)
    rows = [
        OfficerRow(account, names[account], len(found), *_top(found, agencies), waiting.get(account, 0))
        for account, found in by_officer.items()
    ]
    paces = [_pace(*step, found, names, agencies) for step, found in by_step.items()]
    return (
        sorted(rows, key=lambda r: (-r.acts, r.name)),
        sorted(paces, key=lambda p: (-p.acts, str(p.kind), str(p.stage))),
    )


def _top(acts: Sequence[Act], agencies: dict[UUID, str]) -> tuple[str, int | None]:
    """The agency with most of these acts, and its part in percent; nothing where there are too few to say so."""
    counted = Counter(a.agency_id for a in acts if a.agency_id is not None)
    if len(acts) < ENOUGH or not counted:
        return "", None
    agency_id, most = counted.most_common(1)[0]
    return agencies.get(agency_id, ""), round(100 * most / len(acts))


def _pace(kind: str, stage: str, acts: list[Act], names: dict[UUID, str], agencies: dict[UUID, str]) -> Pace:
    by_officer: dict[UUID, list[Act]] = defaultdict(list)
    for act in acts:
        by_officer[act.account_id].append(act)
    rows = [
        PaceRow(account, names[account], len(found), _how(kind, found), *_hours(found), *_top(found, agencies))
        for account, found in by_officer.items()
    ]
    title, stages = _words(kind, stage)
    return Pace(title, stages, len(acts), *_hours(acts), sorted(rows, key=lambda r: (-r.acts, r.name)))


def _how(kind: str, acts: list[Act]) -> list[tuple[Any, int]]:
    """How often which act, under the title of its button, the commonest first."""
    moves = ALL[kind].transitions
    return [(moves[action].title, count) for action, count in Counter(a.action for a in acts).most_common()]


def _words(kind: str, stage: str) -> tuple[Any, Any]:
    if kind == APPLICATION and stage in set(STAGE_TITLES):
        return _l("Licence applications"), {str(s): t for s, t in STAGE_TITLES.items()}[stage]
    registered = duties.KINDS[kind]
    return registered.title, {str(s): t for s, t in registered.stages.items()}[stage]


def _hours(acts: Sequence[Act]) -> tuple[int | None, int | None]:
    """The median, and what nine of ten stay under, in whole hours."""
    spans = [a.took / timedelta(hours=1) for a in acts if a.took is not None]
    if not spans:
        return None, None
    return round(median(spans)), round(quantiles(spans, n=10, method="inclusive")[8]) if len(spans) >= ENOUGH else None


def acts_since(session: Session, since: datetime, offices: Iterable[UUID] | None = None) -> list[Act]:
    """Decisions in every drawn kind of step, newest first, at most ``ROWS``."""
    stages = _stages()
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, action in stages:
        by_kind[kind].append(action)
    events = session.execute(
        select(AuditEvent.actor_account_id, AuditEvent.subject_kind, AuditEvent.subject_id, AuditEvent.action, AuditEvent.at)
        .where(
            AuditEvent.at >= since,
            AuditEvent.actor_account_id.is_not(None),
            or_(*(and_(AuditEvent.subject_kind == k, AuditEvent.action.in_(sorted(a))) for k, a in by_kind.items())),
        )
        .order_by(AuditEvent.at.desc())
        .limit(ROWS)
    ).all()  # fmt: skip
    agencies = _agencies(session, events, None if offices is None else list(offices))
    drawn = _drawn_at(session, {e.actor_account_id for e in events})
    found = []
    for e in events:
        if (e.subject_kind, e.subject_id) not in agencies:
            continue
        stage = stages[e.subject_kind, e.action]
        before = [t for t in drawn.get((e.actor_account_id, e.subject_id, stage), []) if t <= e.at]
        agency_id = agencies[e.subject_kind, e.subject_id]
        took = e.at - before[-1] if before else None
        found.append(Act(e.actor_account_id, e.subject_kind, stage, e.action, agency_id, took))
    return found


def _stages() -> dict[tuple[str, str], str]:
    """The stage of each counted act, by kind of record and action."""
    found = {(APPLICATION, action): _STAGED[action] for action in _COUNTED}
    for kind in duties.KINDS.values():
        found |= {(kind.name, action): str(stage) for action, stage in kind.acts.items()}
    return found


def _agencies(
    session: Session, events: Sequence[Any], offices: list[UUID] | None
) -> dict[tuple[str, UUID], UUID | None]:
    """The agency of each record, None where it is about none; records of other offices are left out."""
    by_kind: dict[str, set[UUID]] = defaultdict(set)
    for e in events:
        by_kind[e.subject_kind].add(e.subject_id)
    found: dict[tuple[str, UUID], UUID | None] = {}
    for kind, ids in by_kind.items():
        registered = duties.KINDS.get(kind)
        if registered is None:
            continue
        pairs = registered.agencies.subquery()
        record, agency = tuple(pairs.c)
        query = select(record, agency).outerjoin(Agency, Agency.id == agency).where(record.in_(ids))
        if offices is not None:
            query = query.where(or_(Agency.office_id.in_(offices), Agency.id.is_(None)))
        found |= {(kind, record_id): agency_id for record_id, agency_id in session.execute(query)}
    return found


def _agency_names(session: Session, acts: Iterable[Act]) -> dict[UUID, str]:
    ids = {a.agency_id for a in acts if a.agency_id is not None}
    rows = session.execute(select(Agency.id, Agency.name).where(Agency.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _drawn_at(session: Session, accounts: Iterable[UUID]) -> dict[tuple[UUID, UUID, str], list[datetime]]:
    """When each officer was drawn: by officer, record and stage, oldest first."""
    found: dict[tuple[UUID, UUID, str], list[datetime]] = defaultdict(list)
    own = list(accounts)
    for query in (
        select(
            CaseAssignment.officer_id, CaseAssignment.application_id, CaseAssignment.stage, CaseAssignment.created_at
        )
        .where(CaseAssignment.officer_id.in_(own))
        .order_by(CaseAssignment.number),
        select(DutyDraw.officer_id, DutyDraw.subject_id, DutyDraw.stage, DutyDraw.created_at)
        .where(DutyDraw.officer_id.in_(own))
        .order_by(DutyDraw.number),
    ):
        for officer, record, stage, at in session.execute(query):
            if officer is not None:
                found[officer, record, str(stage)].append(at)
    return found


def open_by_officer(session: Session) -> dict[UUID, int]:
    """How many open files of any drawn kind lie with each officer now."""
    found: Counter[UUID] = Counter()
    for status, stage in STAGE_OF.items():
        column = getattr(LicenceApplication, POINTER[stage])
        held = (LicenceApplication.status == status, column.is_not(None))
        for account, count in session.execute(select(column, func.count()).where(*held).group_by(column)):
            found[account] += count
    holders = {
        (d.subject_kind, d.subject_id, d.stage): d.officer_id
        for d in session.execute(
            select(Duty.subject_kind, Duty.subject_id, Duty.stage, Duty.officer_id).where(Duty.officer_id.is_not(None))
        )
    }
    for kind in duties.KINDS.values():
        for record_id, step, _permission in kind.open(session):
            account = holders.get((kind.name, record_id, str(step)))
            if account is not None:
                found[account] += 1
    return dict(found)
