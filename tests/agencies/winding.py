"""Winding-down files for tests: licences that end by the services, and what is left of them."""

from datetime import timedelta

from sqlalchemy import select

from agencies.licensing.models import Licence
from agencies.licensing.status import LICENCE
from agencies.security import claims
from agencies.security.drawing import CLAIMS
from agencies.security.models import SecurityClaim
from agencies.security.rules import claims_until
from agencies.winding_down import closing, custody, owed
from agencies.winding_down.models import WindingDown
from agencies.winding_down.status import Outcome, OwedFor, WindingStatus
from core.actor import SYSTEM
from core.db import db_now, legal_today
from core.money import Money
from tests.agencies import factories as make
from tests.agencies import proceedings as go


def newest(session, agency):
    query = select(Licence).where(Licence.agency_id == agency.id).order_by(Licence.serial.desc()).limit(1)
    return session.scalars(query).one()


def file_of(session, agency):
    query = select(WindingDown).where(WindingDown.agency_id == agency.id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def ended(session, agency):
    """The agency gives its licence up; the file that opened."""
    LICENCE.apply(session, newest(session, agency), "surrender", actor=SYSTEM, reason="We retire.")
    return file_of(session, agency)


def long_ago(session, file):
    """As if the licence had ended before the time for claims."""
    days = (claims_until(file.ended_on) - file.ended_on).days + 1
    file.ended_on -= timedelta(days)
    file.due_on -= timedelta(days)
    session.flush()
    return file


def ready(session, agency, owner):
    """A signed list, nothing on it, the time for claims over."""
    file = long_ago(session, ended(session, agency))
    return custody.declare(session, owner, file.id)


def closed(session, agency, owner, outcome=Outcome.RELEASE):
    file = ready(session, agency, owner)
    closing.propose(session, go.reviewer(session), file.id, outcome, "All is back.")
    return closing.decide(session, go.approver(session), file.id, "close", "Agreed.")


def put_closed(session, agency, licence, outcome=Outcome.RELEASE):
    """A closed file straight in the tables, for tests about what follows it."""
    file = WindingDown(
        agency_id=agency.id, licence_id=licence.id, status=WindingStatus.CLOSED, ended_on=licence.valid_until,
        due_on=licence.valid_until, outcome=outcome, closed_on=legal_today(session), declared_at=db_now(session),
        proposed_by=go.reviewer(session).account_id, decided_by=go.approver(session).account_id,
    )  # fmt: skip
    session.add(file)
    session.flush()
    return file


def awarded(session, agency, owner, worker, minor, *, clerk=None):
    """A sum that a worker named, claimed and granted; the file's list is signed and the time for claims is over."""
    file = long_ago(session, ended(session, agency))
    custody.declare(session, owner, file.id)
    debt = owed.Debt(OwedFor.AWARD, Money(minor, "NPR"))
    item = owed.claim_debt(session, worker, file.id, debt)
    owed.claim(session, clerk or go.reviewer(session), item.id, "The award was seen.", make.photo())
    decider = go.approver(session)
    make.give(session, CLAIMS, session.get_one(SecurityClaim, item.claim_id), decider)
    claims.grant(session, decider, item.claim_id, claims.Grant(Money(minor, "NPR"), "It is final."))
    return file, item


def closed_unpaid(session, agency, owner, worker, minor, *, clerk=None):
    """A file that two officers closed because the security was used up and ``minor`` stays unpaid."""
    file, item = awarded(session, agency, owner, worker, minor, clerk=clerk)
    closing.propose(session, go.reviewer(session), file.id, Outcome.SHORTFALL, "Nothing is left.")
    return closing.decide(session, go.approver(session), file.id, "close", "Agreed."), item
