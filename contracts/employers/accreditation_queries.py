"""What holds of an employer's accreditation on a day, and what it has asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from contracts.employers.accreditation_models import AccreditationPaper, AccreditationRequest, AccreditationTerm
from contracts.employers.accreditation_status import OPEN, REQUEST, RequestStatus
from contracts.employers.models import Employer
from contracts.employers.words import last_words
from core.actor import Actor
from core.db import legal_today
from core.listing import AnySelect
from core.permissions import Permission
from law.country import deployment


def covers(on: date) -> ColumnElement[bool]:
    """Whether a term holds on a day, its first and last included."""
    return and_(AccreditationTerm.starts_on <= on, AccreditationTerm.ends_on >= on)


def term_on(session: Session, employer_id: UUID, on: date) -> AccreditationTerm | None:
    """The accreditation that holds on a day: of several, the one that was decided last."""
    query = select(AccreditationTerm).where(AccreditationTerm.employer_id == employer_id, covers(on))
    return session.scalars(query.order_by(AccreditationTerm.number.desc()).limit(1)).first()


def last_term(session: Session, employer_id: UUID) -> AccreditationTerm | None:
    """The accreditation that reaches furthest, begun or not, ended or not."""
    query = select(AccreditationTerm).where(AccreditationTerm.employer_id == employer_id)
    furthest = (AccreditationTerm.ends_on.desc(), AccreditationTerm.number.desc())
    return session.scalars(query.order_by(*furthest).limit(1)).first()


def next_number(session: Session, employer_id: UUID) -> int:
    """The number of the next decision. The caller holds the employer."""
    query = select(func.coalesce(func.max(AccreditationTerm.number), 0) + 1)
    return int(session.scalars(query.where(AccreditationTerm.employer_id == employer_id)).one())


def terms_of(session: Session, employer_id: UUID, limit: int = 50) -> Sequence[AccreditationTerm]:
    """Every accreditation, the latest decision first."""
    query = select(AccreditationTerm).where(AccreditationTerm.employer_id == employer_id)
    return session.scalars(query.order_by(AccreditationTerm.number.desc()).limit(limit)).all()


def requests_of(session: Session, employer_id: UUID, limit: int = 50) -> Sequence[AccreditationRequest]:
    """What an employer has asked for, the newest first."""
    query = select(AccreditationRequest).where(AccreditationRequest.employer_id == employer_id)
    return session.scalars(query.order_by(AccreditationRequest.created_at.desc()).limit(limit)).all()


def open_request(session: Session, employer_id: UUID) -> AccreditationRequest | None:
    query = select(AccreditationRequest).where(
        AccreditationRequest.employer_id == employer_id, AccreditationRequest.status.in_(OPEN)
    )
    return session.scalars(query).one_or_none()


def words_of(session: Session, request_id: UUID, *actions: str) -> str:
    """What was written at the last of these steps; empty when there was none."""
    return last_words(session, request_id, *actions, kind=REQUEST.name)


def papers_of(session: Session, request_id: UUID) -> Sequence[AccreditationPaper]:
    query = select(AccreditationPaper).where(AccreditationPaper.request_id == request_id)
    return session.scalars(query.order_by(AccreditationPaper.created_at, AccreditationPaper.id).limit(100)).all()


@dataclass(frozen=True, slots=True)
class Situation:
    """An employer's accreditation as its pages tell it. ``now``: what holds today; ``last``: what reaches furthest.

    ``ended``: nothing holds today, and something did. ``following``: a later term is granted. ``opens_on``: from when a renewal
    can be asked for; ``ends_soon``: the employer is to think of it.
    """

    now: AccreditationTerm | None
    last: AccreditationTerm | None
    open: AccreditationRequest | None
    today: date

    @property
    def ended(self) -> bool:
        return self.now is None and self.last is not None and self.last.ends_on < self.today

    @property
    def following(self) -> AccreditationTerm | None:
        return self.last if self.last is not None and self.last.starts_on > self.today else None

    @property
    def opens_on(self) -> date | None:
        return (
            self.last.ends_on - timedelta(days=int(deployment().standard("accreditation_opens_days")))
            if self.last
            else None
        )

    @property
    def may_renew(self) -> bool:
        return self.open is None and self.opens_on is not None and self.opens_on <= self.today

    @property
    def may_enlarge(self) -> bool:
        return self.open is None and self.now is not None

    @property
    def ends_soon(self) -> bool:
        near = self.today + timedelta(days=max(warn_days(), default=0))
        return self.now is not None and self.last is not None and self.last.ends_on <= near


def situation(session: Session, employer_id: UUID) -> Situation:
    today = legal_today(session)
    now, last = term_on(session, employer_id, today), last_term(session, employer_id)
    return Situation(now, last, open_request(session, employer_id), today)


def warn_days() -> tuple[int, ...]:
    """At how many days before the end an employer is told, the widest first."""
    return tuple(sorted((int(d) for d in str(deployment().standard("accreditation_warn_days")).split()), reverse=True))


def waiting(actor: Actor, status: RequestStatus) -> AnySelect:
    """Requests that wait at one stage, where the actor reaches: the mission's in its countries, the office's in its area."""
    seers = and_(
        Employer.mission_id.in_(actor.offices(Permission.EMPLOYER_VERIFY)),
        Employer.country.in_(actor.destinations(Permission.EMPLOYER_VERIFY)),
    )
    deciders = Employer.mission_id.in_(actor.offices(Permission.EMPLOYER_ACCREDIT))
    return (
        select(
            AccreditationRequest.id, AccreditationRequest.reference, AccreditationRequest.created_at, AccreditationRequest.due_on,
            AccreditationRequest.kind, Employer.name.label("employer"),
        )
        .join(Employer, Employer.id == AccreditationRequest.employer_id)
        .where(AccreditationRequest.status == status, or_(seers, deciders))
    )  # fmt: skip
