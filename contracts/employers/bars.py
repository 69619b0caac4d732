"""Barring an employer: at once for a few days by one officer, for longer by two, after the employer could answer.

A blacklisting, with hearing and appeal, is the proceeding of the package below (``agencies.sanctions``).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contracts.employers.bar_models import EmployerBar
from contracts.employers.bar_queries import open_bars, proceeding_runs
from contracts.employers.bar_status import EMPLOYER_BAR, OPEN, BarKind, BarStatus
from contracts.employers.models import Employer
from contracts.employers.policies import find, find_own, may_accredit
from contracts.interests import refuse_interest
from core import audit
from core.actor import SYSTEM, Actor
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.i18n import _l, format_date
from core.owners import tell_owners
from core.permissions import SubjectKind
from law.country import deployment, due_after

_S = BarStatus
MESSAGE = "accreditation_news"
NAME = EMPLOYER_BAR.name


@dataclass(frozen=True, slots=True)
class Bar:
    last_day: date
    reason: str


def latest_interim(today: date) -> date:
    """The last day that an interim bar of today may have."""
    return today + timedelta(days=int(deployment().standard("employer_bar_days")) - 1)


def _locked(session: Session, actor: Actor, employer_id: UUID) -> Employer:
    employer = find(session, actor, employer_id, lock=True)
    if not may_accredit(actor, employer):
        raise Denied(_l("Only an office whose area covers this country can do this."))
    refuse_interest(session, actor, employer_id=employer.id)
    return employer


def bar_at_once(session: Session, actor: Actor, employer_id: UUID, command: Bar) -> EmployerBar:
    """One officer bars an employer at once, up to a day that the country's standard limits; it lapses by itself.

    :raises DomainError: for a longer one, and for one after another without a proposal or a proceeding.
    """
    employer = _locked(session, actor, employer_id)
    today = _check(session, employer, BarKind.INTERIM, command)
    if command.last_day > latest_interim(today):
        day = format_date(latest_interim(today))
        raise DomainError(_l("An interim bar ends on %(day)s at the latest.", day=day), field="last_day")
    _refuse_chain(session, actor, employer, today)
    return _made(session, actor, employer, BarKind.INTERIM, command, _S.IN_FORCE)


def propose(session: Session, actor: Actor, employer_id: UUID, command: Bar) -> EmployerBar:
    """One officer proposes a longer bar. The employer is told and can answer; nothing changes until another officer orders it."""
    employer = _locked(session, actor, employer_id)
    _check(session, employer, BarKind.LASTING, command)
    return _made(session, actor, employer, BarKind.LASTING, command, _S.PROPOSED)


def _check(session: Session, employer: Employer, kind: BarKind, command: Bar) -> date:
    today = legal_today(session)
    if not command.reason.strip():
        raise DomainError(_l("Please give a reason."), field="reason")
    if command.last_day < today:
        raise DomainError(_l("This day has passed."), field="last_day")
    for bar in open_bars(session, employer.id):
        over = bar.status is _S.IN_FORCE and bar.last_day is not None and bar.last_day < today
        if bar.kind is kind and over:
            _lapse(session, bar, today)
        elif bar.kind is kind:
            raise DomainError(_l("Such a bar is there already."))
    return today


def _refuse_chain(session: Session, actor: Actor, employer: Employer, today: date) -> None:
    """One interim bar after another would be a bar without end by one officer."""
    lately = today - timedelta(days=int(deployment().standard("employer_bar_days")))
    before = session.scalars(
        select(EmployerBar)
        .where(
            EmployerBar.employer_id == employer.id,
            EmployerBar.kind == BarKind.INTERIM,
            or_(EmployerBar.ended_on > lately, EmployerBar.last_day > lately),
        )
        .order_by(EmployerBar.created_at.desc(), EmployerBar.id.desc())
        .limit(1)
    ).first()
    if before is None:
        return
    waiting = any(b.kind is BarKind.LASTING and b.status is _S.PROPOSED for b in open_bars(session, employer.id))
    if not waiting and not proceeding_runs(session, employer.id):
        raise DomainError(
            _l("An interim bar follows another only while a longer one is proposed or a proceeding is open.")
        )
    if before.proposed_by == actor.account_id:
        raise Denied(_l("You made the last interim bar. Another officer must make this one."))


def _made(
    session: Session, actor: Actor, employer: Employer, kind: BarKind, command: Bar, status: BarStatus
) -> EmployerBar:
    today = legal_today(session)
    answer_by = due_after(today, "employer_bar_answer_days") if kind is BarKind.LASTING else None
    bar = EmployerBar(
        employer_id=employer.id, kind=kind, status=status, reason=command.reason.strip(), last_day=command.last_day,
        answer_by=answer_by, proposed_by=actor.require_account(),
    )  # fmt: skip
    session.add(bar)
    session.flush()
    evidence = {"employer_id": employer.id, "kind": kind, "last_day": command.last_day, "answer_by": answer_by}
    audit.record(
        session, actor, subject=(NAME, bar.id), action="bar" if status is _S.IN_FORCE else "propose", reason=bar.reason,
        evidence=evidence, to_status=status,
    )  # fmt: skip
    tell_owners(session, SubjectKind.EMPLOYER, employer.id, MESSAGE)
    return bar


def find_bar(session: Session, actor: Actor, bar_id: UUID, *, lock: bool = False) -> tuple[EmployerBar, Employer]:
    """With ``lock`` the employer is held first, then the bar.

    :raises NotVisible: when there is none for this actor.
    """
    employer_id = session.scalar(select(EmployerBar.employer_id).where(EmployerBar.id == bar_id))
    if employer_id is None:
        raise NotVisible
    employer = find(session, actor, employer_id, lock=lock)
    return session.get_one(EmployerBar, bar_id, with_for_update=lock, populate_existing=lock), employer


def decide(session: Session, actor: Actor, bar_id: UUID, action: str, reason: str) -> EmployerBar:
    """Another officer orders or rejects what was proposed, or lifts what is in force.

    :param action: ``order``, ``reject`` or ``lift``.
    :raises Denied: for an officer who had a hand in it.
    :raises DomainError: for an order before the employer has answered, or has had its days for it.
    """
    if action not in ("order", "reject", "lift"):
        raise NotVisible
    _bar, seen = find_bar(session, actor, bar_id)
    employer = _locked(session, actor, seen.id)
    bar = session.get_one(EmployerBar, bar_id, with_for_update=True, populate_existing=True)
    if actor.account_id in (bar.proposed_by, bar.decided_by):
        raise Denied(_l("Another officer has to decide this."))
    today = legal_today(session)
    if action == "order" and bar.status is _S.PROPOSED:
        _refuse_early(bar, today)
        if bar.last_day is not None and bar.last_day < today:
            raise DomainError(_l("Its last day has passed. Reject it, and propose it anew."))
    if action == "lift":
        bar.lifted_by, bar.ended_on = actor.require_account(), today
    else:
        bar.decided_by = actor.require_account()
    evidence = {"employer_id": employer.id, "last_day": bar.last_day}
    EMPLOYER_BAR.apply(
        session, bar, action, actor=actor, reason=reason, evidence=evidence, office_id=employer.mission_id
    )
    tell_owners(session, SubjectKind.EMPLOYER, employer.id, MESSAGE)
    return bar


def _refuse_early(bar: EmployerBar, today: date) -> None:
    if bar.answer is None and bar.answer_by is not None and bar.answer_by >= today:
        day = format_date(bar.answer_by)
        raise DomainError(
            _l("The employer can answer until %(day)s. Order it after that, or after its answer.", day=day)
        )


def answer(session: Session, actor: Actor, bar_id: UUID, words: str) -> EmployerBar:
    """The employer says what it has to say, once; the officer who orders or lifts reads it.

    :raises NotVisible: for another employer's.
    """
    employer = find_own(session, actor, lock=True)
    bar = session.get(EmployerBar, bar_id, with_for_update=True, populate_existing=True)
    if bar is None or bar.employer_id != employer.id or not actor.owns(SubjectKind.EMPLOYER, employer.id):
        raise NotVisible
    if bar.status not in OPEN or bar.answer is not None:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    bar.answer = words.strip()
    session.flush()
    audit.record(session, actor, subject=(NAME, bar.id), action="reply", reason=bar.answer)
    return bar


def lapse(session: Session, batch: int) -> int:
    """End every bar whose last day has passed; gives how many. May run twice."""
    today = legal_today(session)
    due = session.scalars(
        select(EmployerBar)
        .where(EmployerBar.status == _S.IN_FORCE, EmployerBar.last_day < today)
        .order_by(EmployerBar.id)
        .limit(batch)
        .with_for_update(skip_locked=True)
    ).all()
    for bar in due:
        _lapse(session, bar, today)
    return len(due)


def _lapse(session: Session, bar: EmployerBar, today: date) -> None:
    bar.ended_on = today
    EMPLOYER_BAR.apply(
        session, bar, "lapse", actor=SYSTEM, reason="last day passed", evidence={"last_day": bar.last_day}
    )
    tell_owners(session, SubjectKind.EMPLOYER, bar.employer_id, MESSAGE)
