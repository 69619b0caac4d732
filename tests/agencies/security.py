"""Securities for tests, made through the services: every paper is recorded by one officer and confirmed by another."""

import secrets
from datetime import timedelta

from agencies.licensing.status import SecurityKind
from agencies.security import claims, instruments
from agencies.security.drawing import CLAIMS
from core.db import legal_today
from core.money import Money
from tests.agencies import factories as make


def NPR(minor):  # noqa: N802 -- reads like the amount that it is
    return Money(minor, "NPR")


def paper(kind, minor, *, until=None, number=None, **more):
    return instruments.Paper(
        kind, NPR(minor), "Nabil Bank", number or secrets.token_hex(5), make.photo(), until, **more
    )


def deposited(session, agency, minor):
    made = instruments.record_new(session, make.finance(session), agency.id, paper(SecurityKind.CASH, minor))
    return make.verified(session, made)


def guaranteed(session, agency, minor, *, days=500, **more):
    until = legal_today(session) + timedelta(days)
    command = paper(SecurityKind.GUARANTEE, minor, until=until, **more)
    return make.verified(session, instruments.record_new(session, make.finance(session), agency.id, command))


def filed(session, agency, minor, *, award=None, by=None, payees=""):
    command = claims.File(award or f"Award {secrets.token_hex(3)}", NPR(minor), 3, make.photo(), payees)
    return claims.file_claim(session, by or make.reviewer(session), agency.id, command)


def granted(session, agency, minor, **more):
    claim, decider = filed(session, agency, minor, **more), make.approver(session)
    make.give(session, CLAIMS, claim, decider)
    return claims.grant(session, decider, claim.id, claims.Grant(NPR(minor), "The award is final."))


def paid(session, agency, minor, **more):
    claim, cashier = granted(session, agency, minor, **more), make.finance(session)
    make.give(session, CLAIMS, claim, cashier)
    return claims.pay(session, cashier, claim.id)
