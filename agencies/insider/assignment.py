"""Who gets which case: drawn at random among the officers who are present and have no tie; never picked by anybody.

When an office has nobody, the case passes on by itself: up the tree of offices, then to the sister offices. When nobody
is left anywhere it waits, at the highest office, in a queue that says so, and is drawn again as soon as somebody is there.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from agencies.insider import ties
from agencies.insider.models import CaseAssignment
from agencies.insider.status import POINTER, STAGE_ACTIONS, STAGE_PERMISSION, Stage, Why
from agencies.licensing.models import LicenceApplication
from agencies.licensing.status import ApplicationStatus
from agencies.registration.models import Agency
from core import audit
from core.accounts import HELD_BY_NAME, Absence, Office, StaffPosting, UserAccount
from core.actor import SYSTEM, Actor
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied
from core.i18n import _l
from core.permissions import ROLE_PERMISSIONS, Permission, StaffRole

_S = ApplicationStatus
STAGE_OF = {
    _S.SUBMITTED: Stage.REVIEW,
    _S.IN_REVIEW: Stage.REVIEW,
    _S.INSPECTION: Stage.INSPECTION,
    _S.STOPPED: Stage.CHECK,
    _S.DECISION: Stage.DECISION,
    _S.SECOND_CHECK: Stage.SECOND,
}
Chooser = Callable[[Sequence[UUID]], UUID]
_chooser: ContextVar[Chooser] = ContextVar("chooser", default=secrets.SystemRandom().choice)


@contextmanager
def drawn_by(chooser: Chooser) -> Iterator[None]:
    """Another lot-drawer, for made-up data and tests: it still chooses only among those who may have the case."""
    token = _chooser.set(chooser)
    try:
        yield
    finally:
        _chooser.reset(token)


@dataclass(frozen=True, slots=True)
class Drawn:
    """``officer_id`` None: nobody, anywhere. ``skipped`` counts, for each office before, who was there and why not."""

    officer_id: UUID | None
    office_id: UUID
    among: int
    skipped: tuple[dict[str, Any], ...]


def present(session: Session, office_id: UUID, permission: Permission) -> list[UUID]:
    """Officers of this very office who hold the permission and are there today, with what was handed over to them."""
    roles = [r for r in StaffRole if permission in ROLE_PERMISSIONS[r]]
    today = legal_today(session)

    def away(account: Any) -> Any:
        gone = aliased(Absence)
        return exists().where(
            gone.account_id == account, gone.cancelled_at.is_(None), gone.first_day <= today, gone.last_day >= today
        )

    there = (UserAccount.suspended_at.is_(None), ~away(UserAccount.id))
    posted = (
        select(UserAccount.id)
        .join(StaffPosting, StaffPosting.account_id == UserAccount.id)
        .where(
            StaffPosting.office_id == office_id, StaffPosting.role.in_(roles), StaffPosting.ended_at.is_(None), *there
        )
    )
    colleague = aliased(StaffPosting)
    handed = (
        select(UserAccount.id)
        .join(Absence, Absence.handed_to == UserAccount.id)
        .join(StaffPosting, StaffPosting.account_id == Absence.account_id)
        .where(
            Absence.cancelled_at.is_(None), Absence.first_day <= today, Absence.last_day >= today,
            StaffPosting.office_id == office_id, StaffPosting.ended_at.is_(None),
            StaffPosting.role.in_([r for r in roles if r not in HELD_BY_NAME]),
            exists().where(
                colleague.account_id == UserAccount.id, colleague.office_id == office_id, colleague.ended_at.is_(None)
            ),
            *there,
        )
    )  # fmt: skip
    return sorted(session.scalars(posted.union(handed)))


def chain(session: Session, office_id: UUID) -> list[UUID]:
    """The office itself, the ones above it, then its sisters."""
    offices = session.execute(select(Office.id, Office.parent_id).order_by(Office.code)).all()
    parents: dict[UUID, UUID | None] = dict(offices)
    found, up = [office_id], parents.get(office_id)
    while up is not None:
        found.append(up)
        up = parents[up]
    own = parents.get(office_id)
    found += [o for o, parent in offices if own is not None and parent == own and o != office_id]
    return found


def touched(session: Session, application: LicenceApplication, stage: Stage | None = None) -> set[UUID]:
    """Officers who have, or had, a hand in this application in another stage than this one (None: in any)."""
    others = [a for s, actions in STAGE_ACTIONS.items() if s is not stage for a in actions]
    acted = session.scalars(
        select(AuditEvent.actor_account_id).where(
            AuditEvent.subject_kind == "licence_application",
            AuditEvent.subject_id == application.id,
            AuditEvent.action.in_(others),
            AuditEvent.actor_account_id.is_not(None),
        )
    )
    own = POINTER[stage] if stage else None
    named = {getattr(application, column) for column in {*POINTER.values(), "decided_by"} if column != own}
    if stage in (Stage.DECISION, Stage.CHECK):
        named.discard(application.decided_by)
    return {a for a in (*acted, *named) if a is not None} | {UUID(a) for a in application.set_aside}


def draw(session: Session, agency: Agency, stage: Stage, leave_out: Iterable[UUID]) -> Drawn:
    """Draw an officer for a stage; the caller holds the case."""
    return draw_among(
        session, agency.office_id, STAGE_PERMISSION[stage], lambda s, some: ties.tied(s, some, agency.id), leave_out
    )


def draw_among(
    session: Session,
    office_id: UUID,
    permission: Permission,
    tied_of: Callable[[Session, Sequence[UUID]], set[UUID]],
    leave_out: Iterable[UUID],
) -> Drawn:
    """Draw one of those who hold the permission: of this office, of those above it, of its sisters, in this order."""
    out, skipped = set(leave_out), list[dict[str, Any]]()
    offices = chain(session, office_id)
    for place in offices:
        there = present(session, place, permission)
        tied = tied_of(session, there)
        fit = [a for a in there if a not in tied and a not in out]
        if fit:
            return Drawn(_chooser.get()(fit), place, len(fit), tuple(skipped))
        counts = {"present": len(there), "tied": len(tied), "had_a_hand_in_it": len(set(there) & out - tied)}
        skipped.append({"office": str(place), **counts})
    top = session.scalar(select(Office.id).where(Office.id.in_(offices), Office.parent_id.is_(None)).limit(1))
    return Drawn(None, top or office_id, 0, tuple(skipped))


def assign(
    session: Session,
    application: LicenceApplication,
    agency: Agency,
    stage: Stage,
    why: Why = Why.CAME_IN,
    *,
    leave_out: Iterable[UUID] = (),
) -> UUID | None:
    """Draw an officer for the stage of a locked case and write the draw down."""
    drawn = draw(session, agency, stage, touched(session, application, stage) | set(leave_out))
    last = newest(session, application.id, stage)
    if drawn.officer_id is None and last is not None and last.officer_id is None and why is Why.WAITED:
        return None
    setattr(application, POINTER[stage], drawn.officer_id)
    session.flush()
    number = session.scalar(
        select(func.coalesce(func.max(CaseAssignment.number), 0)).where(CaseAssignment.application_id == application.id)
    )
    row = CaseAssignment(
        application_id=application.id, number=(number or 0) + 1, stage=stage, office_id=drawn.office_id,
        officer_id=drawn.officer_id, why=why, among=drawn.among, skipped=list(drawn.skipped),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, SYSTEM, subject=("licence_application", application.id), action="assign",
        evidence={
            "stage": stage, "officer": drawn.officer_id, "office": drawn.office_id, "why": why, "among": drawn.among,
            "skipped": drawn.skipped,
        },
    )  # fmt: skip
    return drawn.officer_id


def newest(session: Session, application_id: UUID, stage: Stage) -> CaseAssignment | None:
    """The last draw for a stage."""
    return session.scalars(
        select(CaseAssignment)
        .where(CaseAssignment.application_id == application_id, CaseAssignment.stage == stage)
        .order_by(CaseAssignment.number.desc())
        .limit(1)
    ).one_or_none()


def office_of(session: Session, application: LicenceApplication, agency: Agency, stage: Stage) -> UUID:
    """The office that has this stage: the agency's own, or the one that the case passed to."""
    last = newest(session, application.id, stage)
    holder = getattr(application, POINTER[stage])
    return last.office_id if last is not None and last.officer_id == holder else agency.office_id


def keep_or_assign(
    session: Session, application: LicenceApplication, agency: Agency, stage: Stage, *, came_in: bool = True
) -> UUID | None:
    """The officer who had the stage before goes on with it, unless away, moved or tied: then another one is drawn."""
    before: UUID | None = getattr(application, POINTER[stage])
    if before is None:
        return assign(session, application, agency, stage, Why.CAME_IN if came_in else Why.WAITED)
    if before in ties.tied(session, [before], agency.id):
        return assign(session, application, agency, stage, Why.TIED)
    office_id = office_of(session, application, agency, stage)
    if before not in present(session, office_id, STAGE_PERMISSION[stage]):
        return assign(session, application, agency, stage, Why.AWAY)
    return before


def require(session: Session, actor: Actor, application: LicenceApplication, stage: Stage) -> None:
    """Only the drawn officer acts. Nothing is drawn here, as in ``duties.require``.

    :raises Denied: for everybody else, and while nobody is drawn.
    """
    holder = getattr(application, POINTER[stage])
    if holder is None:
        raise Denied(_l("No officer is drawn for this yet. It is drawn within minutes."))
    if holder != actor.account_id:
        raise Denied(_l("This application was drawn for another officer."))


def redistribute(session: Session, limit: int = 500) -> int:
    """Draw again for every open case whose officer is away, has moved or is missing; gives how many. May run twice."""
    holder = {column: getattr(LicenceApplication, column) for column in set(POINTER.values())}
    rows = session.execute(
        select(LicenceApplication.id, LicenceApplication.agency_id, LicenceApplication.status, *holder.values())
        .where(LicenceApplication.status.in_(list(STAGE_OF)))
        .order_by(LicenceApplication.submitted_at)
    ).all()
    here: dict[tuple[UUID, Permission], set[UUID]] = {}
    offices = _offices_of(session, rows)
    done = 0
    for row in rows:
        stage = STAGE_OF[row.status]
        officer, key = getattr(row, POINTER[stage]), (offices[row.id, stage], STAGE_PERMISSION[stage])
        if key not in here:
            here[key] = set(present(session, *key))
        if officer in here[key] or done >= limit:
            continue
        done += draw_again(session, row.id, row.agency_id, stage)
    return done


def _offices_of(session: Session, rows: Sequence[Any]) -> dict[tuple[UUID, Stage], UUID]:
    """For each case and stage the office that has it."""
    ids = [r.id for r in rows]
    own = dict(
        session.execute(select(Agency.id, Agency.office_id).where(Agency.id.in_([r.agency_id for r in rows]))).all()
    )
    found = {(r.id, stage): own[r.agency_id] for r in rows for stage in Stage}
    drawn = session.execute(
        select(CaseAssignment.application_id, CaseAssignment.stage, CaseAssignment.office_id)
        .where(CaseAssignment.application_id.in_(ids))
        .order_by(CaseAssignment.number)
    )
    for application_id, stage, office_id in drawn:
        found[application_id, stage] = office_id
    return found


def draw_again(session: Session, application_id: UUID, agency_id: UUID, stage: Stage) -> bool:
    """Lock, agency first as everywhere, look once more, and draw."""
    agency = session.scalars(select(Agency).where(Agency.id == agency_id).with_for_update()).one()
    query = select(LicenceApplication).where(LicenceApplication.id == application_id).with_for_update()
    application = session.scalars(query, execution_options={"populate_existing": True}).one()
    if STAGE_OF.get(application.status) is not stage:
        return False
    before = getattr(application, POINTER[stage])
    now = keep_or_assign(session, application, agency, stage, came_in=False)
    return bool(now != before)


def holds(actor_id: UUID | None) -> Any:
    """Cases that this officer has in any stage, as a WHERE clause."""
    return or_(*(getattr(LicenceApplication, column) == actor_id for column in sorted(set(POINTER.values()))))
