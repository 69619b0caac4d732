"""Proceedings for tests, walked step by step through the services, each by its own officer."""

import secrets
from datetime import timedelta

from sqlalchemy import select

from agencies.insider import duties
from agencies.insider.status import Why
from agencies.sanctions import appeals, cases, drawing, orders
from agencies.sanctions import services as sanctions
from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.case_status import CaseSource, CaseStatus, CaseSubject, OrderKind
from agencies.sanctions.status import SanctionKind
from agencies.sanctions.steps import SANCTIONS
from core.accounts import NewAccount, OfficeKind, actor_for, create_account, post_staff
from core.db import db_now, legal_today
from core.money import Money
from core.permissions import StaffRole
from tests.agencies import factories as make

KINDS = {SanctionKind.CANCELLATION: OrderKind.CANCEL, SanctionKind.BLACKLISTING: OrderKind.BLACKLIST}


def account(session, name="Somebody"):
    """An account without a password: nobody signs in here, and hashing one takes longer than the test."""
    return create_account(session, NewAccount(display_name=name, email=f"{secrets.token_hex(6)}@example.org"))


def posted(session, role, *, at=None):
    made = account(session, role.value)
    post_staff(session, made, role, at or make.office(session))
    return made, actor_for(session, made)


def reviewer(session, **kw):
    return posted(session, StaffRole.LICENSING_OFFICER, **kw)[1]


def approver(session, **kw):
    return posted(session, StaffRole.LICENSING_APPROVER, **kw)[1]


def finance(session, **kw):
    return posted(session, StaffRole.FINANCE_OFFICER, **kw)[1]


def appeal_officer(session, **kw):
    return posted(session, StaffRole.APPEAL_OFFICER, **kw)[1]


def against(agency):
    return {"kind": CaseSubject.AGENCY, "agency_id": agency.id}


def report(session, actor=None, **subject):
    values = {"facts": "Kept twelve passports.", "source": CaseSource.PERSON, **subject}
    return cases.report(session, actor or reviewer(session), cases.Report(**values))


def drawn(session, case, actor):
    """Draw the step that waits again: it falls to this officer, who must be one of those who may have it."""
    case = session.get_one(SanctionCase, case.id, populate_existing=True)
    with make.drawn_for(actor):
        found = duties.assign(session, drawing.KIND, case.id, drawing.turn_of(session, case), Why.WAITED)
    assert found == actor.account_id
    return case


def everything_to(session, actor):
    """Every waiting step that this officer may have falls to him or her."""
    with make.drawn_for(actor):
        for kind in duties.KINDS.values():
            for record_id, _stage, permission in kind.open(session):
                turn = kind.turn(session, record_id) if permission in actor.permissions else None
                if turn is not None:
                    duties.assign(session, kind.name, record_id, turn, Why.WAITED)


def order(session, sanction, reason="Workers are in danger."):
    """A proposed suspension, ordered by an officer for whom it is drawn."""
    decider = approver(session)
    make.give(session, SANCTIONS, sanction, decider)
    return sanctions.order(session, decider, sanction.id, reason)


def walked(session, upto, **subject):
    """A proceeding that has come as far as ``upto``, which is on the straight way to the decision."""
    officer = reviewer(session)
    with make.drawn_for(officer):
        return _walked(session, officer, report(session, **subject), upto)


def _walked(session, officer, case, upto):
    steps = [
        lambda: cases.screen(session, officer, case.id, "Three workers say the same."),
        lambda: cases.notify(session, officer, case.id, "You keep passports. Answer this."),
        lambda: cases.record_reply(session, officer, case.id, "We keep them safe."),
        lambda: cases.schedule(session, officer, case.id, cases.Hearing(db_now(session), "Room 3, Tahachal")),
        lambda: cases.hear(session, officer, case.id, cases.Heard("They admit it.", True, "Proved.")),
    ]
    for step in steps:
        if case.status is upto:
            break
        step()
    assert case.status is upto
    return case


def decision(session, kind=OrderKind.SUSPEND, **changes):
    """An order that says enough for its kind."""
    today = legal_today(session)
    values = {"kind": kind, "reason": "The facts are proved."}
    if kind in orders.ENDING:
        values["last_day"] = today + timedelta(60)
    if kind is OrderKind.FINE:
        values |= {"fine": Money(50_000_00, "NPR"), "fine_due_on": today + timedelta(30)}
    return orders.Decide(**{**values, **changes})


def ordered(session, what=OrderKind.SUSPEND, *, decider=None, **subject):
    decider, case = decider or approver(session), walked(session, CaseStatus.DECISION, **subject)
    drawn(session, case, decider)
    orders.order(session, decider, case.id, decision(session, what))
    return case


def on_paper(words, ask_stay=False, received_on=None):
    """An appeal as an officer writes it down, with the paper that came in."""
    return appeals.Appeal(words, ask_stay, (cases.NewPaper("Appeal", make.photo()),), received_on)


def appealed(session, what=OrderKind.SUSPEND, *, ask_stay=False, **subject):
    case = ordered(session, what, **subject)
    appeals.record(session, reviewer(session), case.id, on_paper("We were not there.", ask_stay))
    return case


def elsewhere(session):
    """Another office under the department."""
    return make.office(session, "P3", OfficeKind.PROVINCE, parent=make.office(session))


def set_hearing(session, agency):
    """The proceeding that the suspension opened, as far as the hearing: without it nothing is made longer."""
    query = select(SanctionCase).where(SanctionCase.agency_id == agency.id, SanctionCase.status == CaseStatus.NOTICE)
    for case in session.scalars(query).all():
        officer = reviewer(session)
        drawn(session, case, officer)
        cases.record_reply(session, officer, case.id, "It is not true.")
        cases.schedule(session, officer, case.id, cases.Hearing(db_now(session), "Room 3"))
