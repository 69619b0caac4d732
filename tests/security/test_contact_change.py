"""Somebody with a borrowed session or a stolen password, and somebody who wants to know whose address it is."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.accounts import AccountSession, UserAccount, actor_for, find_session, open_session, set_password
from core.codes import OneTimeCode
from core.errors import DomainError, TooMany
from core.messages import OutgoingMessage
from portal.contacts import services
from portal.contacts.models import ContactChange
from portal.contacts.status import ChangeStatus, ContactKind
from tests.conftest import PortalClient
from tests.portal.contacts.test_changing import E, ask, let_the_time_pass, mail_code, proved, stop_words
from tests.portal.factories import PASSWORD, officer, person
from tests.portal.test_signin import code_of

NEW = "new@people.example"


def test_a_borrowed_session_alone_changes_nothing(session: Session):
    account = person(session)
    with pytest.raises(DomainError, match="password"):
        services.ask(session, actor_for(session, account), services.Ask(E, NEW, "not the password"))
    staff = officer(session)
    used = code_of(staff)
    ask(session, staff, "one@office.example", app=used)
    with pytest.raises(DomainError, match="next one"):
        ask(session, staff, "two@office.example", app=used)
    assert session.scalar(select(ContactChange.id).where(ContactChange.account_id == account.id)) is None


def test_a_code_works_once_for_its_own_account_and_its_own_address(session: Session):
    account, other = person(session), person(session)
    ask(session, account, NEW)
    ask(session, other, "other@people.example")
    code = mail_code(session, NEW)
    if code != mail_code(session, "other@people.example"):
        with pytest.raises(DomainError, match="not right"):
            services.confirm(session, actor_for(session, other), E, code)
    ask(session, account, "third@people.example")
    if code != mail_code(session, "third@people.example"):
        with pytest.raises(DomainError, match="not right"):
            services.confirm(session, actor_for(session, account), E, code)
    last = mail_code(session, "third@people.example")
    services.confirm(session, actor_for(session, account), E, last)
    with pytest.raises(DomainError, match="not right"):
        services.confirm(session, actor_for(session, account), E, last)


def test_an_old_code_is_no_code(session: Session):
    account = person(session)
    ask(session, account, NEW)
    session.execute(update(OneTimeCode).values(expires_at=OneTimeCode.expires_at - timedelta(hours=1)))
    with pytest.raises(DomainError, match="not right"):
        services.confirm(session, actor_for(session, account), E, mail_code(session, NEW))


def test_nobody_learns_whose_address_it_is(session: Session, client: PortalClient):
    """A free address and one that belongs to somebody: the same answers all the way; its owner alone is told."""
    owner = person(session, email="taken@people.example")

    def way(new: str) -> list[tuple[int, str]]:
        account = person(session)
        client.sign_in(session, account)
        asked = client.post_form("/account/contact/email", new=new, password=PASSWORD)
        found = [(asked.status_code, asked.headers["Location"])]
        for answer in (
            client.get("/account/contact/email/code"),
            client.post_form("/account/contact/email/code", code="000000"),
            client.get("/account"),
        ):
            text = re.sub(r'name="csrf_token" value="[^"]*"', "", answer.text)
            for own in (new, account.email or "", account.reference):
                text = text.replace(own, "")
            found.append((answer.status_code, re.sub(r"\d", "", text)))
        return found

    assert way("free@people.example") == way("taken@people.example")
    sent = session.scalars(select(OutgoingMessage).where(OutgoingMessage.account_id == owner.id)).one()
    assert (sent.template, sent.address) == ("address_in_use", "taken@people.example")
    codes = session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == "code")).all()
    assert [m.address for m in codes] == ["free@people.example"]


def test_no_address_of_a_page_holds_an_address_or_a_code(session: Session, client: PortalClient):
    account = person(session)
    client.sign_in(session, account)
    answers = [client.post_form("/account/contact/email", new=NEW, password=PASSWORD)]
    answers.append(client.post_form("/account/contact/email/code", code=mail_code(session, NEW)))
    assert [a.status_code for a in answers] == [303, 303]
    assert not any("@" in a.headers["Location"] or "%40" in a.headers["Location"] for a in answers)
    told = session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == "contact_change")).one()
    link = next(w for w in (told.body or "").split() if w.startswith("http"))
    assert link.rstrip(":").endswith("/not-me")
    assert stop_words(session) not in link


def test_proving_the_new_one_ends_every_other_session(session: Session):
    account = person(session)
    thief = open_session(session, account, agent="thief")
    own = find_session(session, open_session(session, account, agent="own"))
    ask(session, account, NEW)
    services.confirm(session, actor_for(session, account, opened=own), E, mail_code(session, NEW))
    assert find_session(session, thief) is None
    assert session.scalars(select(AccountSession.id).where(AccountSession.ended_at.is_(None))).all() == [own and own.id]


def test_the_old_address_stops_it_signs_everybody_out_and_ends_the_stolen_password(
    session: Session, client: PortalClient
):
    account = person(session, email="old@people.example")
    change = proved(session, account, NEW)
    words = stop_words(session)
    beside = ask(session, account, "+9779841234511", ContactKind.PHONE)
    token = open_session(session, account, agent="thief")
    assert client.post_form("/not-me", words="0000-0000-0000").status_code == 422
    assert client.post_form("/not-me", words=words.upper()).status_code == 200
    session.expire_all()
    assert (change.status, account.email, account.password_hash) == (ChangeStatus.STOPPED, "old@people.example", None)
    assert find_session(session, token) is None
    assert client.post_form("/not-me", words=words).status_code == 422
    session.expire_all()
    assert beside.status is ChangeStatus.LAPSED
    let_the_time_pass(session, change)
    services.take_effect(session)
    assert account.email == "old@people.example"


def test_a_new_password_ends_what_was_asked_with_the_old_one(session: Session):
    account = person(session, email="old@people.example")
    change = proved(session, account, NEW)
    set_password(session, account, "quite-another-one")
    let_the_time_pass(session, change)
    services.take_effect(session)
    assert (change.status, account.email) == (ChangeStatus.LAPSED, "old@people.example")


def test_a_code_that_went_to_the_old_address_opens_nothing_afterwards(session: Session):
    from portal.signin.services import ask_for_new_password, set_new_password

    account = person(session, email="old@people.example")
    change = proved(session, account, NEW)
    ask_for_new_password(session, "old@people.example")
    code = mail_code(session, "old@people.example")
    let_the_time_pass(session, change)
    services.take_effect(session)
    for login in ("old@people.example", NEW):
        with pytest.raises(DomainError, match="not right"):
            set_new_password(session, login=login, code=code, password="quite-another-one")


def test_asking_and_guessing_are_counted(session: Session):
    account = person(session)
    for number in range(8):
        ask(session, account, f"n{number}@people.example")
    with pytest.raises(TooMany):
        ask(session, account, "n8@people.example")
    for number in range(20):
        with pytest.raises(DomainError, match="nothing to stop"):
            services.stop(session, f"guess-{number}", address="10.0.0.1")
    with pytest.raises(TooMany):
        services.stop(session, "guess-20", address="10.0.0.1")


def test_somebody_elses_change_is_out_of_reach(session: Session, client: PortalClient):
    account, stranger = person(session), person(session)
    change = ask(session, account, NEW)
    client.sign_in(session, stranger)
    assert client.get("/account/contact/email/code").headers["Location"].endswith("/account/contact/email")
    assert client.post_form("/account/contact/email/code", code=mail_code(session, NEW)).status_code in (303, 422)
    assert client.post_form("/account/contact/email/take-back").status_code == 409
    assert change.status is ChangeStatus.ASKED
    assert isinstance(session.get(UserAccount, account.id), UserAccount)
