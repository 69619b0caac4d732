"""Who reads a report: case officers of its office's area, by name; licensing never does. Everybody else finds nothing."""

from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from agencies.registration.policies import refuse_conflict
from cases.reports.models import LicensingReferral, Report
from core.actor import Actor
from core.errors import NotVisible
from core.permissions import LICENSING, Permission


def visible(actor: Actor) -> ColumnElement[bool]:
    """Reports that the actor may read."""
    # Roles that must not be held together are refused when they are given; should both be held, neither helps here.
    offices = frozenset[UUID]() if actor.permissions & LICENSING else actor.offices(Permission.REPORT_READ)
    return Report.office_id.in_(offices)


def find(session: Session, actor: Actor, report_id: UUID, *, lock: bool = False) -> Report:
    """The report, locked when it is to be changed.

    :raises NotVisible: when the actor may not read it.
    :raises Denied: when it is to be changed by one of the people of the agency that it is about.
    """
    query = select(Report).where(Report.id == report_id, visible(actor))
    if lock:
        query = query.with_for_update(of=Report).execution_options(populate_existing=True)
    report = session.scalars(query).one_or_none()
    if report is None:
        raise NotVisible
    if lock and report.agency_id is not None:
        refuse_conflict(session, actor, report.agency_id)
    return report


def visible_referral(actor: Actor) -> ColumnElement[bool]:
    """Notes from reports that licensing may read."""
    return LicensingReferral.office_id.in_(actor.offices(Permission.REFERRAL_HANDLE))


def find_referral(session: Session, actor: Actor, referral_id: UUID, *, lock: bool = False) -> LicensingReferral:
    """
    :raises NotVisible: when it is none of the actor's offices.
    """
    query = select(LicensingReferral).where(LicensingReferral.id == referral_id, visible_referral(actor))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotVisible
    return found
