"""Which employers officers have barred: asked at every use, by the day and not by what a job has written."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.case_status import OPEN as OPEN_CASE
from agencies.sanctions.case_status import CaseSubject
from contracts.employers.bar_models import EmployerBar
from contracts.employers.bar_status import OPEN, BarStatus
from contracts.employers.models import Employer
from core.actor import Actor
from core.listing import AnySelect
from core.permissions import Permission


def holds(on: date) -> ColumnElement[bool]:
    """A bar works until its last day, also before the nightly job says that it is over."""
    return and_(
        EmployerBar.status == BarStatus.IN_FORCE, or_(EmployerBar.last_day.is_(None), EmployerBar.last_day >= on)
    )


def bar_on(session: Session, employer_id: UUID, on: date) -> EmployerBar | None:
    """The bar that holds on a day; of several the one that lasts longest."""
    query = select(EmployerBar).where(EmployerBar.employer_id == employer_id, holds(on))
    return session.scalars(query.order_by(EmployerBar.last_day.desc().nulls_first()).limit(1)).first()


def barred_employers(session: Session, on: date, among: Iterable[UUID] | None = None) -> dict[UUID, UUID]:
    """Every employer, or of these, that an officer's bar holds on a day, with that bar."""
    query = select(EmployerBar.employer_id, EmployerBar.id).where(holds(on)).order_by(EmployerBar.last_day)
    if among is not None:
        query = query.where(EmployerBar.employer_id.in_(list(among)))
    return {row.employer_id: row.id for row in session.execute(query)}


def bars_of(session: Session, employer_id: UUID, limit: int = 50) -> Sequence[EmployerBar]:
    query = select(EmployerBar).where(EmployerBar.employer_id == employer_id)
    return session.scalars(query.order_by(EmployerBar.created_at.desc(), EmployerBar.id.desc()).limit(limit)).all()


def open_bars(session: Session, employer_id: UUID) -> Sequence[EmployerBar]:
    """Bars that are proposed, or in force as the log has it."""
    query = select(EmployerBar).where(EmployerBar.employer_id == employer_id, EmployerBar.status.in_(OPEN))
    return session.scalars(query.order_by(EmployerBar.created_at).limit(10)).all()


def proceeding_runs(session: Session, employer_id: UUID) -> bool:
    """Whether a proceeding against the employer has passed its screening and is not decided."""
    query = select(SanctionCase.id).where(
        SanctionCase.subject_kind == CaseSubject.EMPLOYER,
        SanctionCase.subject_id == employer_id,
        SanctionCase.status.in_(OPEN_CASE),
    )
    return session.scalar(query.limit(1)) is not None


def proposed(actor: Actor) -> AnySelect:
    """Bars that wait for a second officer, and those of before without an end, in the actor's area."""
    waits = or_(EmployerBar.status == BarStatus.PROPOSED, and_(EmployerBar.last_day.is_(None), holds(date.max)))
    return (
        select(
            EmployerBar.id, EmployerBar.reference, EmployerBar.created_at, EmployerBar.answer_by, EmployerBar.employer_id,
            Employer.name.label("employer"),
        )
        .join(Employer, Employer.id == EmployerBar.employer_id)
        .where(waits, Employer.mission_id.in_(actor.offices(Permission.EMPLOYER_ACCREDIT)))
    )  # fmt: skip
