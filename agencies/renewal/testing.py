"""Running the tests of a renewal and keeping what they said."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from agencies.licensing import fees
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.status import Procedure
from agencies.renewal import rules
from agencies.renewal.conditions import Asked, Test, failing, run
from agencies.renewal.models import LicenceRenewal, RenewalTest
from agencies.renewal.status import Occasion
from agencies.renewal.term import began
from core.audit import canonical
from core.db import legal_day, legal_today
from core.errors import DomainError
from core.i18n import _l


def renewal_of(session: Session, application_id: UUID, *, lock: bool = False) -> LicenceRenewal:
    """The renewal that an application asks for."""
    query = select(LicenceRenewal).where(LicenceRenewal.application_id == application_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one()


def asked_now(session: Session, licence: Licence) -> Asked:
    """What would be tested if the agency asked today."""
    today, since = legal_today(session), began(session, licence)
    return Asked(licence, since, today, today, rules.proposed_end(licence, since, today))


def asked_by(session: Session, application: LicenceApplication) -> Asked:
    """What is tested of a renewal: in time and active on the day on which it was sent first, everything else now."""
    renewal = renewal_of(session, application.id)
    licence = session.get_one(Licence, renewal.licence_id)
    today, since = legal_today(session), began(session, licence)
    on = legal_day(application.submitted_at) if application.submitted_at else today
    until = application.valid_until or rules.proposed_end(licence, since, on)
    return Asked(licence, since, on, today, until, application.id, fees.paid(session, application.id) is not None)


def tests_of(session: Session, application: LicenceApplication, *, for_officer: bool) -> list[Test]:
    return run(session, asked_by(session, application), for_officer=for_officer)


def take(session: Session, application: LicenceApplication, occasion: Occasion) -> dict[str, Any]:
    """Run the tests of a locked application, keep what each said, and give it as evidence. Nothing for a first licence.

    :raises DomainError: naming the tests that fail; nothing is kept then.
    """
    if application.procedure is not Procedure.RENEWAL:
        return {}
    tests = tests_of(session, application, for_officer=True)
    if bad := failing(tests):
        named = " ".join(f"{t.title}: {t.says}" for t in bad)
        raise DomainError(_l("The licence can’t be renewed like this. %(what)s", what=named))
    number = session.scalar(
        select(func.coalesce(func.max(RenewalTest.number), 0)).where(RenewalTest.application_id == application.id)
    )
    session.add_all(
        RenewalTest(
            application_id=application.id, number=(number or 0) + 1, occasion=occasion, code=t.code, verdict=t.verdict,
            measured=json.loads(canonical(t.measured)), law=json.loads(canonical(t.law)),
        )
        for t in tests
    )  # fmt: skip
    session.flush()
    return {"tests": {str(t.code): {"verdict": str(t.verdict), "law": t.law} for t in tests}}
