"""Renewals as pages read them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.status import FINAL, Procedure
from agencies.renewal import conditions, rules, services, testing
from agencies.renewal.conditions import Test
from agencies.renewal.models import LicenceRenewal, RenewalTest
from agencies.renewal.status import Occasion, TestCode, Verdict
from core.db import legal_today


class When(StrEnum):
    """Where today lies in the window of a renewal."""

    EARLY = "early"
    OPEN = "open"
    LATE = "late"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Home:
    """What the agency's first page says of the renewal; ``application_id``: of the one that is begun."""

    licence_id: UUID
    ends: date
    ended: bool
    window: rules.Window
    when: When
    application_id: UUID | None


@dataclass(frozen=True, slots=True)
class Page:
    """The renewal before it is begun: the licence, the window, each test as it stands today."""

    home: Home
    licence: Licence
    until: date
    tests: list[Test]
    open_elsewhere: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """The renewal on an officer's screen: the tests now, and what they said when it was sent."""

    renewal: LicenceRenewal
    ended: bool
    tests: list[Test]
    sent: dict[TestCode, Verdict]
    until: date


def home(session: Session, agency_id: UUID) -> Home | None:
    """None for an agency without a licence that could be renewed."""
    licence = services.licence_to_renew(session, agency_id)
    if licence is None:
        return None
    today = legal_today(session)
    window = rules.window(licence.valid_until, today)
    opened = services.open_application(session, agency_id)
    mine = opened.id if opened is not None and opened.procedure is Procedure.RENEWAL else None
    when = When.EARLY if today < window.opens else When.OPEN if today <= window.until else When.LATE
    if today > window.closes:
        when = When.CLOSED
    return Home(licence.id, licence.valid_until, licence.valid_until < today, window, when, mine)


def page(session: Session, agency_id: UUID) -> Page | None:
    """The caller has asked the policy."""
    first = home(session, agency_id)
    if first is None:
        return None
    licence = session.get_one(Licence, first.licence_id)
    asked = testing.asked_now(session, licence)
    opened = services.open_application(session, agency_id)
    tests = conditions.run(session, asked, for_officer=False)
    return Page(first, licence, asked.until, tests, opened is not None and opened.procedure is Procedure.LICENCE)


def kept(session: Session, application_id: UUID, occasion: Occasion) -> dict[TestCode, Verdict]:
    """What the tests said when they were last run on an occasion."""
    rows = session.execute(
        select(RenewalTest.code, RenewalTest.verdict)
        .where(RenewalTest.application_id == application_id, RenewalTest.occasion == occasion)
        .order_by(RenewalTest.number)
        .limit(200)
    )
    return dict(rows.all())


def as_decided(session: Session, application_id: UUID) -> list[Test]:
    """What the tests said when they were run last, in the order of the tests: the words of that day are not kept."""
    rows = session.scalars(
        select(RenewalTest)
        .where(RenewalTest.application_id == application_id)
        .order_by(RenewalTest.number.desc())
        .limit(len(TestCode))
    ).all()
    last = {r.code: r for r in rows if r.number == rows[0].number}
    return [Test(code, last[code].verdict, "", law=last[code].law) for code in TestCode if code in last]


def seen(session: Session, application: LicenceApplication) -> Seen | None:
    """None for an application that asks for a first licence."""
    if application.procedure is not Procedure.RENEWAL:
        return None
    renewal = testing.renewal_of(session, application.id)
    asked = testing.asked_by(session, application)
    if application.status in FINAL:
        # What would be measured now is no longer what was decided on.
        tests = as_decided(session, application.id)
    else:
        tests = conditions.run(session, asked, for_officer=True)
    return Seen(
        renewal, renewal.ended_on < asked.today and renewal.renewed_on is None, tests,
        kept(session, application.id, Occasion.SENT), asked.until,
    )  # fmt: skip
