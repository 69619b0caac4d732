"""Requests about an accreditation, made by the services that make real ones."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from contracts.employers import accreditation, bars
from contracts.employers import accreditation_deciding as deciding
from contracts.employers.accreditation_models import AccreditationRequest, AccreditationTerm
from contracts.employers.accreditation_queries import last_term
from contracts.employers.accreditation_status import RequestKind
from contracts.employers.bar_models import EmployerBar
from contracts.employers.models import Employer
from core.actor import Actor
from core.db import legal_today
from core.permissions import StaffRole
from tests.agencies.factories import photo
from tests.contracts import factories as make
from tests.contracts.factories import officer

PAPER = {RequestKind.RENEWAL: "trade_licence", RequestKind.ENLARGEMENT: "need"}


def ends_in(session: Session, employer: Employer, days: int) -> AccreditationTerm:
    """As if the accreditation had been granted so long ago that it ends in ``days`` days."""
    term = last_term(session, employer.id)
    assert term
    end = legal_today(session) + timedelta(days=days)
    term.starts_on, term.ends_on = end - timedelta(days=700), end
    session.flush()
    return term


def ending(session: Session, *, days: int = 60, capacity: int = 50) -> tuple[Employer, Actor]:
    """An employer near the end of its accreditation, with its owner."""
    made, owner = make.employer(session, capacity=capacity)
    ends_in(session, made, days)
    return made, owner


def command(
    kind: RequestKind = RequestKind.RENEWAL, *, capacity: int = 80, occupations: tuple[str, ...] = ()
) -> accreditation.Ask:
    return accreditation.Ask(kind, capacity, occupations, "A second site opens", ((PAPER[kind], photo()),))


def asked(
    session: Session, owner: Actor, kind: RequestKind = RequestKind.RENEWAL, **given: object
) -> AccreditationRequest:
    return accreditation.ask(session, owner, command(kind, **given))  # type: ignore[arg-type]


def mission(session: Session) -> Actor:
    return officer(session, StaffRole.MISSION_OFFICER, "M-QA")


def labour(session: Session) -> Actor:
    return officer(session, StaffRole.LABOUR_OFFICER)


def seen(
    session: Session, owner: Actor, kind: RequestKind = RequestKind.RENEWAL, **given: object
) -> AccreditationRequest:
    made = asked(session, owner, kind, **given)
    return deciding.look(session, mission(session), made.id, "see", "Site visited, papers seen")


def grant(days: int | None = 900, *, capacity: int = 80, fewer: bool = False, today: date) -> deciding.Grant:
    ends = today + timedelta(days=days) if days is not None else None
    return deciding.Grant(capacity, ends, "Papers complete", fewer)


def barred(session: Session, employer: Employer, *, days: int = 10) -> EmployerBar:
    """An officer's bar that holds for some days more."""
    last = legal_today(session) + timedelta(days=days)
    return bars.bar_at_once(session, labour(session), employer.id, bars.Bar(last, "Passports were taken"))
