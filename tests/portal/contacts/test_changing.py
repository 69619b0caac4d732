"""Changing one's own e-mail address and telephone: proved by a code, told to the old one, counted after a time."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from agencies.insider import ties
from agencies.registration import services as registration
from contracts.employers.services import agency_ties
from core import accounts, signup
from core.accounts import AccountSession, OidcLink, UserAccount, actor_for, add_membership, find_account, open_session
from core.audit import AuditEvent
from core.errors import DomainError, NotVisible, TooLate
from core.ids import new_id
from core.messages import OutgoingMessage
from core.permissions import SubjectKind
from core.privacy import blind_index
from portal.contacts import services
from portal.contacts.models import ContactChange
from portal.contacts.status import CONTACT_CHANGE, ChangeStatus, ContactKind
from tests.agencies import factories as make
from tests.conftest import PortalClient
from tests.contracts import factories as contracts
from tests.portal.factories import PASSWORD, officer, person
from tests.portal.test_signin import code_of

E, P = ContactKind.EMAIL, ContactKind.PHONE


def mail_code(session: Session, address: str) -> str:
    """The code in the last message to this address or number."""
    sent = session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id.desc()).limit(30))
    body = next(m.body for m in sent if m.address == address and m.template == "code")
    return (body or "")[:6]


def stop_words(session: Session) -> str:
    body = session.scalars(
        select(OutgoingMessage).where(OutgoingMessage.template == "contact_change").order_by(OutgoingMessage.id.desc())
    ).first()
    assert body is not None
    return next(w for w in (body.body or "").split() if w.count("-") == 2 and len(w) == 14)


def ask(session: Session, account: UserAccount, new: str, kind: ContactKind = E, app: str = "") -> ContactChange:
    return services.ask(session, actor_for(session, account), services.Ask(kind, new, PASSWORD, app))


def proved(session: Session, account: UserAccount, new: str, kind: ContactKind = E) -> ContactChange:
    ask(session, account, new, kind)
    return services.confirm(session, actor_for(session, account), kind, mail_code(session, new))


def let_the_time_pass(session: Session, change: ContactChange) -> None:
    assert change.effective_at
    change.effective_at -= services.wait() + timedelta(minutes=1)
    session.flush()


def test_every_arrow_of_a_change():
    assert CONTACT_CHANGE.pairs() == {
        ("asked", "take_first", "done"),
        ("asked", "prove", "waiting"),
        ("waiting", "take_effect", "done"),
        ("waiting", "stop", "stopped"),
        ("asked", "take_back", "taken_back"),
        ("waiting", "take_back", "taken_back"),
        ("asked", "lapse", "lapsed"),
        ("waiting", "lapse", "lapsed"),
    }


def test_a_new_address_counts_after_its_time_and_the_old_one_was_told(session: Session):
    account = person(session, email="old@people.example")
    change = proved(session, account, "new@people.example")
    assert (change.status, account.email) == (ChangeStatus.WAITING, "old@people.example")
    assert services.take_effect(session) == 0
    told = session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == "contact_change")).one()
    assert told.address == "old@people.example"
    assert "72" in (told.body or "")
    open_session(session, account, agent="tests")
    let_the_time_pass(session, change)
    assert services.take_effect(session) == 1
    assert find_account(session, "new@people.example") == account
    assert find_account(session, "old@people.example") is None
    assert account.former_contacts == [blind_index("email", "old@people.example")]
    assert change.new is None
    live = select(func.count()).select_from(AccountSession).where(AccountSession.ended_at.is_(None))
    assert session.scalar(live) == 0
    rows = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == change.id).order_by(AuditEvent.at)).all()
    assert [r.action for r in rows] == ["prove", "take_effect"]
    assert "example" not in str([r.evidence for r in rows])


def test_a_first_number_waits_too_and_the_e_mail_can_stop_it(session: Session):
    """Codes for signing would go there: a stolen password alone must not bring them along."""
    account = person(session, email="asha@people.example")
    change = proved(session, account, "+9779841234500", P)
    assert (change.status, account.phone) == (ChangeStatus.WAITING, None)
    told = session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == "contact_change")).one()
    assert told.address == "asha@people.example"
    services.stop(session, stop_words(session), address="")
    let_the_time_pass(session, change)
    services.take_effect(session)
    assert (change.status, account.phone) == (ChangeStatus.STOPPED, None)


def test_every_contact_of_before_is_told(session: Session):
    account = person(session, email="asha@people.example", phone="+9779841234505")
    proved(session, account, "new@people.example")
    told = session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == "contact_change")).all()
    assert sorted(m.address or "" for m in told) == ["+9779841234505", "asha@people.example"]


def test_who_has_no_contact_at_all_has_one_at_once(session: Session):
    account = accounts.create_account(session, accounts.NewAccount("Asha", PASSWORD))
    change = proved(session, account, "first@people.example")
    assert (change.status, account.email) == (ChangeStatus.DONE, "first@people.example")
    assert account.email_confirmed_at is not None


def test_another_number_waits_and_its_old_one_stops_it_by_sms(session: Session):
    account = person(session, phone="+9779841234501")
    change = proved(session, account, "+9779841234502", P)
    services.stop(session, stop_words(session), address="")
    let_the_time_pass(session, change)
    services.take_effect(session)
    assert (change.status, account.phone) == (ChangeStatus.STOPPED, "+9779841234501")


def test_address_and_number_change_side_by_side(session: Session):
    account = person(session, email="old@people.example")
    ask(session, account, "new@people.example")
    ask(session, account, "+9779841234509", P)
    changes = [
        services.confirm(session, actor_for(session, account), kind, mail_code(session, new))
        for kind, new in ((E, "new@people.example"), (P, "+9779841234509"))
    ]
    for change in changes:
        let_the_time_pass(session, change)
    assert services.take_effect(session) == 2
    assert (account.email, account.phone) == ("new@people.example", "+9779841234509")


def test_who_changes_a_mind_takes_it_back(session: Session):
    account = person(session)
    actor = actor_for(session, account)
    first = ask(session, account, "one@people.example")
    second = ask(session, account, "two@people.example")
    assert first.status is ChangeStatus.TAKEN_BACK
    services.take_back(session, actor, E)
    assert second.status is ChangeStatus.TAKEN_BACK
    with pytest.raises(TooLate):
        services.take_back(session, actor, E)


def test_what_is_never_confirmed_goes_with_its_code(session: Session):
    change = ask(session, person(session), "never@people.example")
    assert services.forget_unproved(session) == 0
    change.created_at -= timedelta(hours=1)
    session.flush()
    assert services.forget_unproved(session) == 1
    assert (change.status, change.new) == (ChangeStatus.LAPSED, None)


def test_staff_give_their_second_step_and_stay_linked_to_their_office_account(session: Session):
    from portal.oidc import services as oidc
    from portal.oidc.client import Identity

    account = officer(session)
    session.add(OidcLink(account_id=account.id, issuer="https://office.example", subject="s-1"))
    with pytest.raises(DomainError, match="next one"):
        ask(session, account, "officer@office.example")
    ask(session, account, "officer@office.example", app=code_of(account))
    code = mail_code(session, "officer@office.example")
    let_the_time_pass(session, services.confirm(session, actor_for(session, account), E, code))
    services.take_effect(session)
    assert account.email == "officer@office.example"
    identity = Identity("https://office.example", "s-1", multi_factor=True)
    assert oidc.sign_in(session, identity, agent="tests").account_id == account.id


def test_a_migrants_number_has_its_own_way_and_the_e_mail_this_one(session: Session, client: PortalClient):
    account = person(session)
    add_membership(session, account, kind=SubjectKind.MIGRANT, subject_id=new_id(), is_owner=True)
    with pytest.raises(NotVisible):
        ask(session, account, "+9779841234503", P)
    client.sign_in(session, account)
    assert client.get("/account/contact/phone").status_code == 404
    assert client.post_form("/account/contact/phone", new="9841234503", password=PASSWORD).status_code == 404
    assert client.get("/account/contact/email").status_code == 200
    assert "/me/phone" in client.get("/account").text


def test_an_employer_takes_no_number_of_an_agency(session: Session):
    recruiter, employer = person(session, phone="+9779841234504"), person(session)
    add_membership(session, recruiter, kind=SubjectKind.AGENCY, subject_id=new_id(), is_owner=True)
    add_membership(session, employer, kind=SubjectKind.EMPLOYER, subject_id=new_id(), is_owner=True)
    with pytest.raises(DomainError, match="for an employer"):
        ask(session, employer, "+9779841234504", P)
    assert session.scalar(select(func.count()).select_from(ContactChange)) == 0


def test_a_new_address_hides_no_tie_to_an_agency(session: Session):
    made, _owner, owner = make.agency(session)
    registration.add_director(session, owner, made.id, make.director(email="director@people.example"))
    account = make.account(session, email="director@people.example")
    change = services.ask(session, actor_for(session, account), services.Ask(E, "plain@people.example", make.PASSWORD))
    services.confirm(session, actor_for(session, account), E, mail_code(session, "plain@people.example"))
    let_the_time_pass(session, change)
    services.take_effect(session)
    assert account.email == "plain@people.example"
    assert ties.belongs(session, [account.id], made.id) == {account.id}


def test_what_the_signatory_gives_to_the_account_is_looked_at_too(session: Session):
    scene = contracts.signed(session)
    employer, agency = scene.employer_record, scene.agency_record
    assert agency_ties(session, employer) == []
    signatory = session.get_one(UserAccount, employer.signatory_account_id)
    recruiter = person(session, phone="+9779841234512")
    add_membership(session, recruiter, kind=SubjectKind.AGENCY, subject_id=agency.id)
    signatory.phone, signatory.phone_index = recruiter.phone, recruiter.phone_index
    session.flush()
    assert agency_ties(session, employer) == ["phone"]


def test_an_address_that_somebody_only_typed_is_kept_from_nobody(session: Session):
    empty_id = signup.begin(session, "mine@people.example", address="")
    account = person(session)
    change = proved(session, account, "mine@people.example")
    let_the_time_pass(session, change)
    services.take_effect(session)
    empty = session.get_one(UserAccount, empty_id)
    assert (account.email, empty.email, empty.suspended_at is None) == ("mine@people.example", None, False)


def test_two_who_want_one_address_and_a_newcomer_leave_it_to_one(committed: sessionmaker[Session]):
    """Two changes that are due, looked at by four workers at once, and two sign-ups of that very address."""
    wanted = "wanted@people.example"
    with committed() as session:
        pair = [person(session, email=f"one{n}@people.example") for n in range(2)]
        for account in pair:
            let_the_time_pass(session, proved(session, account, wanted))
        ids = [account.id for account in pair]
        session.commit()

    start, refused = Barrier(6), []

    def settle(session: Session) -> None:
        services.take_effect(session)

    def newcomer(session: Session) -> None:
        accounts.create_account(session, accounts.NewAccount("New", PASSWORD, email=wanted))

    def run(act: Callable[[Session], None]) -> None:
        with committed() as session:
            start.wait()
            try:
                act(session)
                session.commit()
            except (DomainError, IntegrityError):
                refused.append(act)

    threads = [Thread(target=run, args=(act,)) for act in [settle] * 4 + [newcomer] * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle_left = [act for act in refused if act is settle]
    assert settle_left == []
    with committed() as session:
        holders = session.scalars(
            select(UserAccount).where(UserAccount.email_index == blind_index("email", wanted))
        ).all()
        assert len(holders) == 1
        ends = session.scalars(select(ContactChange.status)).all()
        taken = [h for h in holders if h.id in ids]
        assert sorted(ends) == sorted(["done"] * len(taken) + ["lapsed"] * (2 - len(taken)))
