"""The public facts behind the answer. What an officer has not approved is not found, like what never was."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from agencies.branches.models import Presence, PresenceCard
from agencies.branches.queries import Standing, standing
from agencies.branches.status import PresenceKind
from contracts.employers.bar_models import EmployerBar
from contracts.employers.bar_queries import holds
from contracts.employers.models import Employer
from contracts.employers.queries import standing as employer_standing
from contracts.employers.status import EmployerStatus
from contracts.employment.terms import Terms, read_terms
from contracts.job_orders.agents import is_barred
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import WITH_PEOPLE, JobOrderStatus
from core.db import legal_day, legal_zone
from core.ids import parse_reference
from core.names import native_digits_to_latin

# An approved job order is advertised; one that is closed or over was. Any other is the parties' and the office's own.
PUBLIC = WITH_PEOPLE
# Employers on whom an officer has decided; an undecided one is nobody's business yet.
DECIDED = (EmployerStatus.ACCREDITED, EmployerStatus.WATCH)
MOST_EMPLOYERS = 5


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """A job order as it is advertised: open until its last day, unless it was closed before.

    ``left`` places are neither taken nor held for somebody.
    """

    reference: str
    agency_id: UUID
    employer_id: UUID
    destination: str
    was_closed: bool
    approved_on: date
    last_day: date | None
    left: int
    terms: Terms
    agent_barred: bool = False

    def is_open(self, on: date) -> bool:
        """Also on a night when the job that marks those whose time is over is late."""
        return not self.was_closed and (self.last_day is None or self.last_day >= on)


def public_order(session: Session, reference: str) -> OrderFacts | None:
    """The advertised job order of a canonical reference."""
    order = session.scalars(
        select(JobOrder).where(JobOrder.reference == reference, JobOrder.status.in_(PUBLIC))
    ).one_or_none()
    if order is None or order.approved_at is None:
        return None
    return OrderFacts(
        order.reference, order.agency_id, order.employer_id, order.destination, order.status is JobOrderStatus.CLOSED,
        legal_day(order.approved_at), order.lapses_on, order.approved - order.reserved - order.contracted - order.cleared,
        read_terms(order.terms), is_barred(session, order),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenJobs:
    """How many open job orders fit, and their free places."""

    orders: int
    places: int


def open_jobs(
    session: Session, agency_id: UUID, *, destination: str = "", occupation: str = "", employers: tuple[UUID, ...] = (),
    approved_since: date | None = None, on: date | None = None,
) -> OpenJobs:  # fmt: skip
    """What an agency is allowed to recruit for, of what was asked; counted only, since the agency has to name its job."""
    left = JobOrder.approved - JobOrder.reserved - JobOrder.contracted - JobOrder.cleared
    query = select(func.count(), func.coalesce(func.sum(left), 0)).where(
        JobOrder.agency_id == agency_id, JobOrder.status == JobOrderStatus.APPROVED, left > 0
    )
    if destination:
        query = query.where(JobOrder.destination == destination)
    if occupation:
        query = query.where(JobOrder.terms["occupation"].astext == occupation)
    if employers:
        query = query.where(JobOrder.employer_id.in_(employers))
    if on:
        # The job that marks those whose time is over may be late.
        query = query.where(JobOrder.lapses_on.is_(None) | (JobOrder.lapses_on >= on))
    if approved_since:
        start = datetime.combine(approved_since, time(), ZoneInfo(legal_zone()))
        query = query.where(JobOrder.approved_at >= start)
    count, places = session.execute(query).one()
    return OpenJobs(int(count), int(places))


@dataclass(frozen=True, slots=True)
class EmployerFacts:
    """An employer on whom an officer has decided. ``barred`` also by a proceeding; ``may_hire`` on the day asked."""

    employer_id: UUID
    reference: str
    name: str
    country: str
    watched: bool
    barred: bool
    may_hire: bool


def employer_by_id(session: Session, employer_id: UUID, on: date) -> EmployerFacts:
    return _employer(session, session.get_one(Employer, employer_id), on)


def employers_named(session: Session, text: str, country: str, on: date) -> list[EmployerFacts]:
    """Employers of this reference or exactly this name, but for spaces, points and capitals; never a list to leaf through."""
    reference = parse_reference(text)
    barred = exists().where(EmployerBar.employer_id == Employer.id, holds(on))
    query = select(Employer).where(or_(Employer.status.in_(DECIDED), barred))
    if reference is not None:
        query = query.where(Employer.reference == reference)
    else:
        written = func.regexp_replace(func.lower(Employer.name), "[^[:alnum:]]+", "", "g")
        query = query.where(written == plain(text))
    if country:
        query = query.where(Employer.country == country)
    return [_employer(session, e, on) for e in session.scalars(query.order_by(Employer.id).limit(MOST_EMPLOYERS))]


def _employer(session: Session, employer: Employer, on: date) -> EmployerFacts:
    found = employer_standing(session, employer.id, on)
    watched = employer.status is EmployerStatus.WATCH
    return EmployerFacts(
        employer.id, employer.reference, employer.name, employer.country, watched, found.barred, found.may_hire
    )


def plain(name: str) -> str:
    """A name without spaces, points and capitals."""
    return "".join(c for c in name.lower() if c.isalnum())


@dataclass(frozen=True, slots=True)
class CardFacts:
    """A card without a word about its holder."""

    number: str
    agency_id: UUID
    kind: PresenceKind
    country: str
    standing: Standing


_CARD = re.compile(r"^(.*?)(?:[/\\]\s*([0-9]{1,9}))?\s*$", re.S)


def parse_card(text: str) -> tuple[str, str] | None:
    """Reference and whole number of a card (``BR-7K3M-9QXTB-C/12``; the part behind the stroke may be left out)."""
    written = _CARD.match(native_digits_to_latin(text.strip()))
    reference = parse_reference(written[1]) if written else None
    if written is None or reference is None:
        return None
    return reference, f"{reference}/{written[2]}" if written[2] else ""


def card(session: Session, reference: str, number: str, on: date) -> CardFacts | None:
    """The card of this number, or the newest one of the branch or representative that the reference names."""
    query = (
        select(Presence, PresenceCard)
        .join(PresenceCard, PresenceCard.presence_id == Presence.id)
        .where(Presence.reference == reference)
        .order_by(PresenceCard.revoked_on.is_(None).desc(), PresenceCard.id.desc())
        .limit(1)
    )
    row = session.execute(query.where(PresenceCard.number == number) if number else query).one_or_none()
    if row is None:
        return None
    presence, found = row
    return CardFacts(
        found.number,
        presence.agency_id,
        presence.kind,
        presence.country,
        standing(session, presence, found, on),
    )
