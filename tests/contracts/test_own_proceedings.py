"""An employer and a centre are told of a proceeding against them, read it, answer and appeal; nobody else reads it."""

import pytest
from sqlalchemy import select

from agencies.sanctions import appeals, cases, orders
from agencies.sanctions.case_status import CaseStatus, CaseSubject, OrderKind
from agencies.sanctions.documents import download_paper
from agencies.sanctions.telling import MESSAGE
from core.accounts import UserAccount, actor_for, add_membership
from core.db import db_now
from core.errors import Denied, NotVisible
from core.messages import OutgoingMessage
from core.permissions import ClerkRight, SubjectKind
from tests.agencies import factories as agencies
from tests.agencies import proceedings as go
from tests.contracts import factories as make
from tests.contracts.test_orientation import centre


def news(session, actor):
    query = select(OutgoingMessage).where(
        OutgoingMessage.template == MESSAGE, OutgoingMessage.account_id == actor.account_id
    )
    return session.scalars(query).all()


def account_of(session, actor):
    return session.get_one(UserAccount, actor.account_id)


def test_an_employer_is_told_at_each_step_and_answers_and_appeals_on_its_own_page(client, session):
    employer, owner = make.employer(session)
    case = go.report(session, kind=CaseSubject.EMPLOYER, reference=employer.reference)
    officer = go.reviewer(session)
    cases.screen(session, officer, case.id, "Two workers say the same.")
    client.sign_in(session, account_of(session, owner))
    assert client.get(f"/proceedings/{case.id}").status_code == 404
    assert news(session, owner) == []

    cases.notify(session, officer, case.id, "You keep passports. Answer this.")
    (first,) = news(session, owner)
    assert employer.name not in f"{first.subject}{first.body}"
    assert "passports" not in f"{first.subject}{first.body}"
    assert str(case.reference) in client.get("/employer").text
    page = client.get(f"/proceedings/{case.id}").text
    assert "Proceeding against you" in page
    assert "You keep passports." in page
    assert client.post_form(f"/proceedings/{case.id}/reply", words="They have them.").status_code == 303
    session.expire_all()
    assert (case.status, case.reply) == (CaseStatus.REPLY, "They have them.")

    cases.schedule(session, officer, case.id, cases.Hearing(db_now(session), "Room 3"))
    cases.hear(session, officer, case.id, cases.Heard("Heard.", True, "Proved."))
    orders.order(session, go.approver(session), case.id, go.decision(session, OrderKind.BLACKLIST))
    assert len(news(session, owner)) == 3
    appeal = {"words": "It was another firm.", "ask_stay": "y"}
    assert client.post_form(f"/proceedings/{case.id}/appeal", **appeal).status_code == 303
    session.expire_all()
    judge = go.appeal_officer(session)
    appeals.decide_stay(session, judge, case.id, "Wait.", grant=True)
    appeals.decide(session, judge, case.id, "reverse", "Another firm.")
    assert (case.status, len(news(session, owner))) == (CaseStatus.REVERSED, 5)


def test_nobody_else_reads_it_and_a_clerk_needs_the_right_to_sign(client, session):
    employer, owner = make.employer(session)
    _other, stranger = make.employer(session)
    _agency, agency = make.agency(session)
    case = go.walked(session, CaseStatus.NOTICE, kind=CaseSubject.EMPLOYER, reference=employer.reference)
    for somebody in (stranger, agency):
        client.sign_in(session, account_of(session, somebody))
        assert client.get(f"/proceedings/{case.id}").status_code == 404
        assert client.post_form(f"/proceedings/{case.id}/reply", words="Mine.").status_code == 404
        with pytest.raises(NotVisible):
            cases.reply(session, somebody, case.id, "Mine.")
    clerk = agencies.account(session)
    add_membership(
        session,
        clerk,
        kind=SubjectKind.EMPLOYER,
        subject_id=employer.id,
        is_owner=False,
        rights=(ClerkRight.JOB_ORDERS,),
    )
    with pytest.raises(Denied):
        cases.reply(session, actor_for(session, clerk), case.id, "For the firm.")
    hidden = cases.add_evidence(session, go.reviewer(session), case.id, cases.NewPaper("Statement", agencies.photo()))
    with pytest.raises(NotVisible):
        download_paper(session, owner, hidden.id)
    assert cases.reply(session, owner, case.id, "We answer.").status is CaseStatus.REPLY


def test_a_centre_has_its_page_and_an_agent_abroad_gets_no_message(client, session):
    made, _founder = centre(session)
    account = agencies.account(session, email="owner@centre.example")
    add_membership(session, account, kind=SubjectKind.CENTRE, subject_id=made.id, is_owner=True)
    owner = actor_for(session, account)
    case = go.walked(session, CaseStatus.NOTICE, kind=CaseSubject.ORIENTATION_CENTRE, reference=made.reference)
    client.sign_in(session, account_of(session, owner))
    assert str(case.reference) in client.get("/centre").text
    assert client.get(f"/proceedings/{case.id}").status_code == 200
    assert len(news(session, owner)) == 1
    before = session.scalars(select(OutgoingMessage.id).where(OutgoingMessage.template == MESSAGE)).all()
    go.walked(
        session, CaseStatus.DECISION, kind=CaseSubject.FOREIGN_AGENT, name="Dhow", identifier="CR 1", country="QA"
    )
    assert session.scalars(select(OutgoingMessage.id).where(OutgoingMessage.template == MESSAGE)).all() == before
