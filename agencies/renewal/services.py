"""What an agency and finance do for a renewal; everything between is the way of every application."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing import queries
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.services import refuse_blacklisted, refuse_while_appealed
from agencies.licensing.status import FINAL, LicenceStatus, Procedure
from agencies.registration import policies as agency_policies
from agencies.renewal import rules
from agencies.renewal.models import LicenceRenewal
from core import audit
from core.actor import Actor
from core.db import legal_today
from core.errors import DomainError
from core.i18n import _l, format_date
from core.permissions import ClerkRight

# A licence that was given up or taken away is not renewed: there a new one is applied for, or nothing.
RENEWABLE = frozenset({LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED, LicenceStatus.EXPIRED})


def licence_to_renew(session: Session, agency_id: UUID, *, lock: bool = False) -> Licence | None:
    """The newest licence of an agency, when it is of a kind that can be renewed."""
    found = queries.newest_licence(session, agency_id)
    if found is None or found.status not in RENEWABLE:
        return None
    return session.get_one(Licence, found.id, with_for_update=True, populate_existing=True) if lock else found


def open_application(session: Session, agency_id: UUID) -> LicenceApplication | None:
    """The application of an agency, of either procedure, that is not at its end."""
    return session.scalars(
        select(LicenceApplication).where(
            LicenceApplication.agency_id == agency_id, LicenceApplication.status.not_in(list(FINAL))
        )
    ).one_or_none()


def start(session: Session, actor: Actor, agency_id: UUID) -> LicenceApplication:
    """Begin to ask for the renewal, or go on with the one that is begun.

    :raises DomainError: without a licence that can be renewed, before the window opens or after it has closed, or while
        an application for a new licence is open.
    """
    agency_policies.find_own(session, actor, agency_id, ClerkRight.APPLY, lock=True)
    opened = open_application(session, agency_id)
    if opened is not None:
        if opened.procedure is Procedure.RENEWAL:
            return opened
        raise DomainError(_l("You have applied for a new licence. Finish that, or withdraw it, first."))
    refuse_blacklisted(session, agency_id)
    refuse_while_appealed(session, agency_id)
    licence = licence_to_renew(session, agency_id, lock=True)
    if licence is None:
        raise DomainError(_l("There is no licence that can be renewed. Apply for a licence."))
    today = legal_today(session)
    window = rules.window(licence.valid_until, today)
    if today < window.opens:
        raise DomainError(_l("The renewal can be asked for from %(day)s on.", day=format_date(window.opens)))
    if today > window.closes:
        raise DomainError(_l("The licence ended too long ago to be renewed. Apply for a licence."))
    application = LicenceApplication(
        agency_id=agency_id, started_by=actor.require_account(), procedure=Procedure.RENEWAL,
        licence_class=licence.licence_class,
    )  # fmt: skip
    session.add(application)
    session.flush()
    session.add(LicenceRenewal(application_id=application.id, licence_id=licence.id, ended_on=licence.valid_until))
    evidence = {"procedure": Procedure.RENEWAL, "licence_id": licence.id, "valid_until": licence.valid_until}
    audit.record(session, actor, subject=("licence_application", application.id), action="start", evidence=evidence)
    session.flush()
    return application
