"""Proceedings as pages and queues read them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import Session

from agencies.insider import duties
from agencies.licensing.queries import HistoryRow, history
from agencies.registration.models import Agency
from agencies.sanctions import case_policies as policies
from agencies.sanctions import drawing
from agencies.sanctions.case_models import SanctionCase, SanctionFine, SanctionLifting, SanctionOrder, SanctionPaper
from agencies.sanctions.case_status import HIDDEN, STAGE_OF, CaseStatus, CaseSubject, FineStatus, LiftingStatus
from agencies.sanctions.models import Sanction, SuspensionReview
from agencies.sanctions.status import ReviewStatus
from core.accounts import Office
from core.actor import Actor
from core.listing import AnySelect
from core.permissions import Permission


def waiting(
    actor: Actor, permission: Permission, *states: CaseStatus, asked: bool | None = None, own: bool = False
) -> AnySelect:
    """Proceedings in these states in the actor's reach. ``asked``: with, or without, a stay that waits for an answer;
    ``own``: those alone whose step was drawn for the actor, in whichever office they lie."""
    query = (
        select(
            SanctionCase.id, SanctionCase.reference, SanctionCase.status, SanctionCase.subject_kind,
            SanctionCase.created_at, SanctionCase.due_on, Agency.name.label("agency_name"),
        )
        .outerjoin(Agency, Agency.id == SanctionCase.agency_id)
        .where(SanctionCase.status.in_(states), _drawn(actor) if own else policies.visible(actor, permission))
    )  # fmt: skip
    if asked is None:
        return query
    open_: ColumnElement[bool] = SanctionOrder.stay_asked & SanctionOrder.stay_decided_by.is_(None)
    return query.join(SanctionOrder, SanctionOrder.case_id == SanctionCase.id).where(open_ if asked else ~open_)


def _stage() -> ColumnElement[str]:
    return case(*((SanctionCase.status == state, stage.value) for state, stage in STAGE_OF.items()))


def _drawn(actor: Actor) -> ColumnElement[bool]:
    return duties.holds(actor.account_id, drawing.KIND, SanctionCase.id, _stage())


def nobody(actor: Actor) -> AnySelect:
    """Proceedings of the administrator's offices for whose step no officer could be drawn."""
    missing = duties.nobody(drawing.KIND, SanctionCase.id, _stage())
    return waiting(actor, Permission.STAFF_MANAGE, *STAGE_OF).where(missing)


def fines_waiting(actor: Actor) -> AnySelect:
    """Fines to be paid or paid back, in the offices that finance reaches."""
    return (
        select(
            SanctionFine.id, SanctionFine.status, SanctionFine.due_on, SanctionFine.created_at, SanctionFine.case_id,
            SanctionFine.amount_minor, SanctionFine.currency, SanctionCase.reference,
            Agency.name.label("agency_name"), SanctionCase.subject_kind,
        )
        .join(SanctionCase, SanctionCase.id == SanctionFine.case_id)
        .outerjoin(Agency, Agency.id == SanctionCase.agency_id)
        .where(
            SanctionFine.status.in_((FineStatus.DUE, FineStatus.TO_PAY_BACK)),
            policies.visible(actor, Permission.SECURITY_RECORD),
        )
    )  # fmt: skip


def liftings_waiting(*where: ColumnElement[bool]) -> AnySelect:
    """Liftings that wait for a decider, as the clauses say."""
    return (
        select(
            SanctionLifting.id, SanctionLifting.reference, SanctionLifting.status, SanctionLifting.created_at,
            SanctionLifting.due_on, Agency.name.label("agency_name"),
        )
        .outerjoin(Sanction, Sanction.id == SanctionLifting.sanction_id)
        .outerjoin(Agency, Agency.id == Sanction.agency_id)
        .where(
            SanctionLifting.status.in_((LiftingStatus.PROPOSED, LiftingStatus.AGREED)),
            *where,
        )
    )  # fmt: skip


def reviews_waiting(*where: ColumnElement[bool]) -> AnySelect:
    """Reviews of interim suspensions that wait for an appeal officer, as the clauses say."""
    return (
        select(
            SuspensionReview.id, SuspensionReview.reference, SuspensionReview.status, SuspensionReview.created_at,
            SuspensionReview.due_on, Agency.name.label("agency_name"),
        )
        .join(Sanction, Sanction.id == SuspensionReview.sanction_id)
        .join(Agency, Agency.id == Sanction.agency_id)
        .where(SuspensionReview.status == ReviewStatus.ASKED, *where)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CaseRow:
    id: UUID
    reference: str
    status: CaseStatus
    due_on: date
    created_at: datetime


def cases_of(session: Session, agency_id: UUID, *, served: bool = False) -> list[CaseRow]:
    """Proceedings against an agency, newest first; ``served``: only those that the agency itself may read."""
    query = select(
        SanctionCase.id, SanctionCase.reference, SanctionCase.status, SanctionCase.due_on, SanctionCase.created_at
    ).where(SanctionCase.agency_id == agency_id)
    if served:
        query = query.where(SanctionCase.status.not_in(HIDDEN))
    rows = session.execute(query.order_by(SanctionCase.created_at.desc()).limit(50))
    return [CaseRow(*row) for row in rows]


def served_on(session: Session, kind: CaseSubject, subject_id: UUID) -> list[CaseRow]:
    """Proceedings against an employer or a centre that it may read itself, newest first."""
    query = (
        select(
            SanctionCase.id, SanctionCase.reference, SanctionCase.status, SanctionCase.due_on, SanctionCase.created_at
        )
        .where(
            SanctionCase.subject_kind == kind,
            SanctionCase.subject_id == subject_id,
            SanctionCase.status.not_in(HIDDEN),
        )
        .order_by(SanctionCase.created_at.desc())
        .limit(50)
    )
    return [CaseRow(*row) for row in session.execute(query)]


def papers_of(session: Session, case_id: UUID, *, shown: bool = False) -> list[SanctionPaper]:
    query = select(SanctionPaper).where(SanctionPaper.case_id == case_id)
    if shown:
        query = query.where(SanctionPaper.shown)
    return list(session.scalars(query.order_by(SanctionPaper.created_at, SanctionPaper.id).limit(100)))


def order_of(session: Session, case_id: UUID) -> SanctionOrder | None:
    return session.scalars(select(SanctionOrder).where(SanctionOrder.case_id == case_id)).one_or_none()


def fines_of(session: Session, case_id: UUID) -> list[SanctionFine]:
    query = select(SanctionFine).where(SanctionFine.case_id == case_id)
    return list(session.scalars(query.order_by(SanctionFine.created_at)))


def steps(session: Session, case_id: UUID) -> list[HistoryRow]:
    """What happened in a proceeding, newest first, for officers."""
    return history(session, "sanction_case", case_id)


def office_choices(session: Session, locale: str) -> list[tuple[str, str]]:
    """Every office that may complain."""
    rows = session.scalars(select(Office).order_by(Office.code).limit(300))
    return [(str(o.id), o.name(locale)) for o in rows]


def office_name(session: Session, office_id: UUID | None, locale: str) -> str:
    office: Any = session.get(Office, office_id) if office_id else None
    return office.name(locale) if office else ""
