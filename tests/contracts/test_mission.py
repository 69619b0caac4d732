"""What a mission says when it does not find an employer, and what the employer does about it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.employers import services as employers
from contracts.employers.status import EmployerStatus as S
from contracts.employers.status import employer_workflow
from core.accounts import UserAccount
from core.errors import Denied, DomainError, NotVisible
from core.messages import OutgoingMessage
from core.permissions import StaffRole
from tests.contracts import factories as make
from tests.contracts.factories import officer


def sign_in(client: FlaskClient, session: Session, who) -> None:
    client.sign_in(session, session.get_one(UserAccount, who.require_account()))


def registered(session: Session):
    made, owner = make.employer(session, accredited=False)
    made.status = S.REGISTERED
    session.flush()
    return made, owner, officer(session, StaffRole.MISSION_OFFICER, "M-QA")


def test_the_transition_table_is_the_one_that_was_agreed():
    assert employer_workflow.pairs() == {
        ("registered", "verify", "verified"), ("registered", "ask_more", "asked"), ("registered", "not_found", "not_found"),
        ("asked", "not_found", "not_found"), ("asked", "answer", "registered"), ("not_found", "answer", "registered"),
        ("verified", "accredit", "accredited"), ("accredited", "watch", "watch"), ("watch", "restore", "accredited"),
    }  # fmt: skip


@pytest.mark.parametrize(("action", "state"), [("ask_more", S.ASKED), ("not_found", S.NOT_FOUND)])
def test_the_employer_reads_what_the_mission_wrote_and_answers(
    client: FlaskClient, session: Session, action: str, state: S
):
    made, owner, mission = registered(session)
    sign_in(client, session, mission)
    where = f"/staff/employers/{made.id}"
    assert "Not found, or doubtful" in client.get(where).text
    assert client.post_form(f"{where}/doubt/{action}", reason="").status_code == 422
    before = len(session.scalars(select(OutgoingMessage)).all())
    assert client.post_form(f"{where}/doubt/{action}", reason="No such company at Street 12").status_code == 303
    session.refresh(made)
    assert made.status is state
    told = session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == "employer_news")).all()
    assert (len(told), len(session.scalars(select(OutgoingMessage)).all())) == (1, before + 1)
    assert made.name not in (told[0].body or "") + (told[0].subject or "")
    sign_in(client, session, owner)
    assert "No such company at Street 12" in client.get("/employer").text
    assert client.post_form("/employer/answer", reason="We moved to Street 14").status_code == 303
    session.refresh(made)
    assert made.status is S.REGISTERED
    sign_in(client, session, mission)
    assert "We moved to Street 14" in client.get(where).text


def test_only_the_mission_doubts_and_only_the_employer_answers(session: Session):
    made, owner, mission = registered(session)
    for who in (officer(session, StaffRole.MISSION_OFFICER, "M-AE"), owner):
        with pytest.raises((Denied, NotVisible)):
            employers.doubt(session, who, made.id, "not_found", "x")
    with pytest.raises(Denied):
        employers.doubt(session, officer(session, StaffRole.LABOUR_OFFICER), made.id, "not_found", "x")
    with pytest.raises(NotVisible):
        employers.doubt(session, mission, made.id, "bar", "x")
    with pytest.raises(DomainError):
        employers.doubt(session, mission, made.id, "ask_more", "  ")
    assert made.status is S.REGISTERED
    employers.doubt(session, mission, made.id, "not_found", "Not there")
    with pytest.raises(NotVisible):
        employers.answer_mission(session, mission, "mine")
    assert made.status is S.NOT_FOUND
