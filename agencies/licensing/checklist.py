"""What an application still needs, as tasks that a person can do one by one."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing import rules
from agencies.licensing.models import LicenceApplication, LicenceDefect, LicencePaper
from agencies.registration.models import Agency, AgencyDirector
from core.i18n import _l

DETAILS = ("name", "company_number", "district", "address", "phone", "bank_name", "bank_account")


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do. ``kind`` is class, details, directors, paper or defect; ``code`` names the paper or defect."""

    kind: str
    code: str
    title: Any
    done: bool


def tasks(session: Session, application: LicenceApplication, agency: Agency) -> list[Task]:
    """Everything that the application needs, in the order in which it is asked for."""
    director = session.scalar(
        select(AgencyDirector.id)
        .where(AgencyDirector.agency_id == agency.id, AgencyDirector.removed_at.is_(None))
        .limit(1)
    )
    complete = all(getattr(agency, field) for field in DETAILS)
    found = [
        Task("details", "details", _l("About the agency"), complete),
        Task("directors", "directors", _l("The directors"), director is not None),
        Task("class", "class", _l("Licence class"), application.licence_class is not None),
    ]
    given = current_papers(session, application.id)
    found += [Task("paper", p.code, p.title, p.code in given) for p in rules.papers(application.procedure)]
    return found


def current_papers(session: Session, application_id: UUID) -> dict[str, LicencePaper]:
    """The newest paper of each kind."""
    rows = session.scalars(
        select(LicencePaper).where(LicencePaper.application_id == application_id, LicencePaper.replaced_at.is_(None))
    )
    return {row.code: row for row in rows}


def defects(session: Session, application_id: UUID, round_number: int | None = None) -> list[LicenceDefect]:
    """Defects of an application, of one round or of all, in the order in which they were noted."""
    query = select(LicenceDefect).where(LicenceDefect.application_id == application_id)
    if round_number is not None:
        query = query.where(LicenceDefect.round == round_number)
    return list(session.scalars(query.order_by(LicenceDefect.round, LicenceDefect.created_at, LicenceDefect.id)))
