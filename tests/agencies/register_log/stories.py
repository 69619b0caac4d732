"""A small register with a history, made through the services, on a database with real commits."""

import psycopg
from sqlalchemy import select

from agencies.licensing import decisions, services
from agencies.register_log import verification
from agencies.register_log.heads import read_head
from agencies.register_log.services import last_head, seal
from agencies.sanctions import services as sanctions
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SanctionKind
from core import settings
from core.db import legal_today
from tests.agencies import factories as make
from tests.agencies import proceedings


def issue(session, name, passport="27-01-70-01234"):
    """A licence from the first application on; gives licence, agency, owner's actor."""
    maker, checker, cashier = make.reviewer(session), make.approver(session), make.finance(session)
    application, agency, owner = make.recommended(
        session, maker, name=name, native="", directors=[make.director(passport)]
    )
    make.draw_for(session, application, checker)
    decisions.approve(session, checker, application.id, make.approval(session))
    make.secured(session, cashier, application.id, make.security())
    return decisions.issue(session, cashier, application.id), agency, owner


def order(session, agency, kind, last_day=None):
    """A sanction in force: a suspension at once, what ends a licence after its proceeding."""
    if kind in proceedings.KINDS:
        case = proceedings.ordered(session, proceedings.KINDS[kind], **proceedings.against(agency))
        return session.scalars(select(Sanction).where(Sanction.case_id == case.id, Sanction.kind == kind)).one()
    if kind is SanctionKind.EXTENSION:
        proceedings.set_hearing(session, agency)
    proposed = sanctions.propose(
        session, make.reviewer(session), agency.id, sanctions.Propose(kind, "Complaints.", last_day)
    )
    return sanctions.order(session, make.approver(session), proposed.id, "Proved.")


def whole_life(sessions):
    """Three agencies: one suspended and free again, one blacklisted, one that gave up. Sealed in three batches."""
    with sessions() as session:
        first, agency, _owner = issue(session, "Makalu Recruitment")
        second, barred, _other = issue(session, "Rara Manpower", "27-01-70-09999")
        session.commit()
        seal(session)
        session.commit()
        suspension = order(session, agency, SanctionKind.SUSPENSION, legal_today(session))
        session.commit()
        sanctions.lift(session, make.approver(session), suspension.id, "Paid back.")
        session.commit()
        seal(session)
        session.commit()
        third, gone, owner = issue(session, "Koshi Overseas", "27-01-70-07777")
        services.surrender(session, owner, gone.id, "We close.")
        order(session, barred, SanctionKind.BLACKLISTING)
        session.commit()
        seal(session)
        session.commit()
        return first.number, second.number, third.number, suspension.reference


def as_superuser(*statements):
    with psycopg.connect(settings.current().owner_database_url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def verify(sessions, *tokens):
    with sessions() as session:
        return [f.text for f in verification.verify(session, [read_head(t) for t in tokens]).findings]


def seal_now(sessions):
    with sessions() as session:
        seal(session)
        session.commit()


def newest(sessions):
    with sessions() as session:
        return last_head(session)
