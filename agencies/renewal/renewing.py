"""The renewed licence: the same number, a new last day, a newly signed document."""

from datetime import date
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies.licensing.issue import keep_document, licence_token
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.status import APPLICATION, LICENCE, LicenceStatus
from agencies.registration.models import Agency
from agencies.renewal import rules, testing
from agencies.renewal.conditions import suspended
from agencies.renewal.status import Occasion
from core.actor import Actor
from core.db import legal_today
from core.errors import DomainError, TooLate
from core.i18n import _l, format_date


def refuse_end(session: Session, application: LicenceApplication, until: date) -> dict[str, Any]:
    """The approver's last day against the old one and against the law's term; gives the law as evidence.

    :raises DomainError: when it does not lie after the old last day, or after the longest term that was seen in the law.
    """
    asked = testing.asked_by(session, application)
    if until <= asked.licence.valid_until:
        old = format_date(asked.licence.valid_until)
        raise DomainError(_l("The licence lasts until %(day)s anyhow. Set a later day.", day=old), field="valid_until")
    latest, law = rules.latest_end(asked.licence, asked.today)
    if latest is not None and until > latest:
        raise DomainError(
            _l("The law lets a licence last until %(day)s at most.", day=format_date(latest)), field="valid_until"
        )
    return law


def finish(session: Session, actor: Actor, application: LicenceApplication, agency: Agency) -> Licence:
    """The security lasts for the new term: licence and request are done. Nothing moves while something is in the way.

    :raises TooLate: when the request is not, or no longer, at this point.
    """
    if not APPLICATION.allows(application.status, "issue"):
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    licence = renew_licence(session, actor, application, agency)
    APPLICATION.apply(session, application, "issue", actor=actor)
    return licence


def renew_licence(session: Session, actor: Actor, application: LicenceApplication, agency: Agency) -> Licence:
    """Give the licence of an approved renewal its new last day. The agency is locked, so a suspension waits for it or wins.

    One that ended while the office looked at the request is in force again from today.

    :raises DomainError: when the last day has passed meanwhile, or a suspension is in force.
    :raises TooLate: when the licence was given up, cancelled or replaced meanwhile.
    """
    today = legal_today(session)
    if application.valid_until is None or application.valid_until <= today:
        raise DomainError(_l("The last day of the licence has passed. The approver must decide again."))
    renewal = testing.renewal_of(session, application.id, lock=True)
    licence = session.get_one(Licence, renewal.licence_id, with_for_update=True, populate_existing=True)
    if licence.status is LicenceStatus.SUSPENDED or suspended(session, agency.id):
        raise DomainError(_l("The agency’s licence is suspended. That must be settled first."))
    newer = exists().where(Licence.agency_id == agency.id, Licence.serial > licence.serial)
    if not LICENCE.allows(licence.status, "renew") or session.scalar(select(newer)):
        raise TooLate(_l("This licence can’t be renewed any more: it was given up, cancelled or replaced meanwhile."))
    tests = testing.take(session, application, Occasion.RENEWED)
    before = {"valid_until_before": licence.valid_until, "class_before": licence.licence_class}
    # One change in the table is one event in the register's log.
    with session.no_autoflush:
        licence.valid_until = application.valid_until
        licence.licence_class = application.licence_class or licence.licence_class
        licence.application_id = application.id
        licence.token = licence_token(licence.id, licence.number, agency, licence.issued_on, licence.valid_until)
        LICENCE.apply(
            session, licence, "renew", actor=actor,
            evidence={**before, "application_id": application.id, "valid_until": licence.valid_until, **tests},
        )  # fmt: skip
    renewal.renewed_on = today
    keep_document(session, actor, licence, agency)
    return licence
