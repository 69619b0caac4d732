"""What sanctions of the package below mean here: employers and centres are found for a proceeding, and asked about."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.sanctions import subjects
from agencies.sanctions.case_status import CaseSubject
from agencies.sanctions.subjects import Found
from contracts.employers.models import Employer
from contracts.orientation.models import OrientationCentre


def find_employer(session: Session, reference: str) -> Found | None:
    row = session.execute(
        select(Employer.id, Employer.name, Employer.country).where(Employer.reference == reference)
    ).one_or_none()
    return Found(row.id, row.name, row.country) if row else None


def find_centre(session: Session, reference: str) -> Found | None:
    row = session.execute(
        select(OrientationCentre.id, OrientationCentre.name).where(OrientationCentre.reference == reference)
    ).one_or_none()
    return Found(row.id, row.name) if row else None


subjects.offer(CaseSubject.EMPLOYER, find_employer)
subjects.offer(CaseSubject.ORIENTATION_CENTRE, find_centre)
