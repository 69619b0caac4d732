"""A licensee of the old register comes in: by its registered contact, or with papers at an office."""

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from agencies.importing import claim_office, claiming
from agencies.importing.claiming import Ask, NewOwner
from agencies.importing.models import AgencyClaim
from agencies.importing.status import ClaimStatus
from agencies.registration.models import Agency
from core.accounts import Membership, UserAccount, actor_for
from core.db import db_now
from core.errors import Denied, DomainError, NotVisible, TooLate, TooMany
from core.jobs import run_now, run_waiting
from core.lifetimes import lifetimes
from core.messages import Channel, OutgoingMessage
from core.permissions import StaffRole
from core.privacy import PersonKey
from tests.agencies import factories as make
from tests.agencies.importing.conftest import Mover

HEAD = "source_key,agency_key,number,licence_class,status,issued_on,valid_until\n"
ME = NewOwner("Hari Prasad", "a-good-password")


@pytest.fixture
def old(mover, session):
    """An imported agency with a licence; gives the agency."""
    return bring(mover)


def bring(mover):
    mover.text("agencies", "source_key,name,phone,email\n1,Himal Overseas,01-4350000,office@himal.example\n")
    mover.text("licences", HEAD + "L1,1,०१२/०६५/६६,A,active,2020-01-01,2030-01-01\n")
    return mover.session.scalars(select(Agency).where(Agency.name == "Himal Overseas")).one()


def ask(session, number="12/65/66", contact="Office@himal.example", address="10.0.0.1"):
    claim_id = claiming.ask(session, Ask(number, contact), address=address)
    run_now(claiming.SEND, session, claim_id=str(claim_id), locale="en")
    return claim_id


def codes(session):
    rows = session.scalars(
        select(OutgoingMessage)
        .where(OutgoingMessage.template == "code")
        .order_by(OutgoingMessage.created_at, OutgoingMessage.id)
    ).all()
    return [(m.channel, m.address, re.search(r"\b[0-9]{6}\b", m.body)[0]) for m in rows]


def owners(session):
    return session.scalars(
        select(Membership.account_id).where(Membership.is_owner, Membership.ended_at.is_(None))
    ).all()


def test_the_registered_contact_becomes_the_owner_and_an_officer_is_told(session, old):
    claim_id = ask(session)
    [(channel, address, code)] = codes(session)
    assert (channel, address) == (Channel.EMAIL, "office@himal.example")
    with pytest.raises(DomainError):
        claiming.prove(session, claim_id, "000000" if code != "000000" else "111111")
    with pytest.raises(TooLate):
        claiming.take_over(session, claim_id, ME)
    assert owners(session) == []
    claim = claiming.prove(session, claim_id, code)
    agency, token = claiming.take_over(session, claim_id, ME)
    assert agency.id == old.id
    assert token
    account = session.get_one(UserAccount, owners(session)[0])
    assert (account.email, account.email_confirmed_at is not None) == ("office@himal.example", True)
    assert claim.status is ClaimStatus.CLAIMED

    # Used once; nobody else can claim it any more, and nothing is sent.
    with pytest.raises(TooLate):
        claiming.take_over(session, claim_id, NewOwner("Other", "a-good-password"))
    with pytest.raises(DomainError):
        claiming.prove(session, claim_id, code)
    ask(session)
    assert len(codes(session)) == 1
    with pytest.raises(DomainError, match="owner already"):
        claim_office.see_papers(session, make.reviewer(session), old.id, "licence, passport")
    assert owners(session) == [account.id]
    claim_office.check(session, make.reviewer(session), claim_id)
    assert claim.status is ClaimStatus.CHECKED


def test_a_wrong_claim_is_stopped_and_its_person_leaves_at_once(session, old):
    claim_id = ask(session, contact="01-4350000")
    [(channel, address, code)] = codes(session)
    assert (channel, address) == (Channel.SMS, "+97714350000")
    claiming.prove(session, claim_id, code)
    claiming.take_over(session, claim_id, ME)
    [account_id] = owners(session)
    account = session.get_one(UserAccount, account_id)
    assert (account.phone, account.email) == ("+97714350000", None)
    officer = make.reviewer(session)
    with pytest.raises(DomainError, match="reason"):
        claim_office.stop(session, officer, claim_id, "")
    assert owners(session) == [account_id]
    claim_office.stop(session, officer, claim_id, "The telephone has another owner now.")
    assert owners(session) == []
    assert not actor_for(session, account).memberships
    ask(session)
    assert len(codes(session)) == 2


@pytest.mark.parametrize(
    ("number", "contact"),
    [("12/65/66", "other@himal.example"), ("13/65/66", "office@himal.example"), ("12", "office@himal.example")],
)
def test_nobody_learns_whether_number_and_contact_are_known(session, old, number, contact):
    right = ask(session)
    wrong = ask(session, number, contact)
    rows = [session.get_one(AgencyClaim, c) for c in (right, wrong)]
    # Same row, same state, same job; the worker alone knows.
    assert [r.status for r in rows] == [ClaimStatus.ASKED, ClaimStatus.ASKED]
    assert len(codes(session)) == 1
    messages = []
    for claim_id in (right, wrong):
        with pytest.raises(DomainError) as refused:
            claiming.prove(session, claim_id, "12345x")
        messages.append(str(refused.value))
    assert len(set(messages)) == 1
    assert rows[1].agency_id is None
    with pytest.raises(TooLate):
        claiming.take_over(session, wrong, ME)
    assert owners(session) == []


def test_a_licence_that_was_issued_here_is_not_claimed(session, old):
    agency, licence = make.licensed(session, "Ours")
    agency.email = "ours@example.org"
    session.flush()
    claim_id = ask(session, licence.number, "ours@example.org")
    assert codes(session) == []
    assert session.get_one(AgencyClaim, claim_id).agency_id is None
    with pytest.raises(DomainError, match="did not come"):
        claim_office.see_papers(session, make.reviewer(session), agency.id, "papers")


def test_a_contact_that_was_edited_here_is_not_the_registered_one(session, old):
    old.email = "thief@example.org"
    session.flush()
    ask(session, contact="thief@example.org")
    assert codes(session) == []


def test_two_officers_hand_over_a_paper_code_that_works_once(session, old):
    first, second = make.reviewer(session), make.approver(session)
    far = make.reviewer(session, at=make.office(session, "P9", parent=make.office(session)))
    with pytest.raises(NotVisible):
        claim_office.see_papers(session, far, old.id, "licence")
    with pytest.raises(DomainError, match="Say which papers"):
        claim_office.see_papers(session, first, old.id, " ")
    assert session.scalar(select(func.count()).select_from(AgencyClaim)) == 0
    claim = claim_office.see_papers(session, first, old.id, "Licence and citizenship of the director")
    with pytest.raises(DomainError, match="waits already"):
        claim_office.see_papers(session, first, old.id, "again")
    with pytest.raises(Denied):
        claim_office.hand_over(session, first, claim.id)
    assert (claim.status, claim.code_hash) == (ClaimStatus.SEEN, None)
    paper = claim_office.hand_over(session, second, claim.id)
    with pytest.raises(TooLate):
        claim_office.hand_over(session, make.approver(session), claim.id)
    for reference, code in ((paper.reference, "0000-0000-0000"), ("AG-0000000000", paper.code)):
        with pytest.raises(DomainError, match="not right"):
            claiming.use_paper(session, reference=reference, code=code, address="10.0.0.2")
    claim_id = claiming.use_paper(session, reference=paper.reference, code=paper.code.upper(), address="10.0.0.2")
    assert claim_id == claim.id
    with pytest.raises(DomainError, match="e-mail"):
        claiming.take_over(session, claim_id, ME)
    agency, _token = claiming.take_over(session, claim_id, NewOwner("Hari", "a-good-password", "hari@example.org"))
    assert agency.id == old.id
    with pytest.raises(DomainError, match="not right"):
        claiming.use_paper(session, reference=paper.reference, code=paper.code, address="10.0.0.2")


def test_an_officer_with_both_roles_cannot_see_the_papers_and_hand_over(session, old):
    from core.accounts import Office, post_staff

    account, _actor = make.officer(session, StaffRole.LICENSING_OFFICER)
    post_staff(session, account, StaffRole.LICENSING_APPROVER, session.scalars(select(Office)).first())
    both = actor_for(session, account)
    claim = claim_office.see_papers(session, both, old.id, "papers")
    with pytest.raises(Denied):
        claim_office.hand_over(session, both, claim.id)
    paper = claim_office.hand_over(session, make.approver(session), claim.id)
    claim_id = claiming.use_paper(session, reference=paper.reference, code=paper.code, address="10.0.0.3")
    with pytest.raises(DomainError, match="officer can’t own"):
        claiming.take_over(session, claim_id, None, actor=both)
    _agency, _owner, owner = make.agency(session, name="Another")
    with pytest.raises(DomainError, match="already"):
        claiming.take_over(session, claim_id, None, actor=owner)
    assert claim.status is ClaimStatus.HANDED_OVER
    person = make.account(session)
    agency, token = claiming.take_over(session, claim_id, None, actor=actor_for(session, person))
    assert (agency.id, token) == (old.id, None)
    # The owner's own relative at the counter is not an untied officer: members are refused.
    with pytest.raises(Denied):
        claim_office.lock_claim(session, _staff_member(session, person), claim_id, "licence_review")


def _staff_member(session, account):
    from core.accounts import Office, post_staff

    post_staff(session, account, StaffRole.LICENSING_OFFICER, session.scalars(select(Office)).first())
    return actor_for(session, account)


def test_what_was_asked_lapses_and_the_contact_of_nobody_is_erased(session, old):
    unknown, known = ask(session, "99/1", "someone@else.example"), ask(session)
    [(_channel, _address, code)] = codes(session)
    session.execute(update(AgencyClaim).values(expires_at=db_now(session) - timedelta(minutes=1)))
    session.expire_all()
    with pytest.raises(DomainError):
        claiming.prove(session, known, code)
    assert claim_office.lapse(session, 100) == 2
    assert claim_office.lapse(session, 100) == 0
    claim = session.get_one(AgencyClaim, unknown)
    assert (claim.status, claim.contact, claim.number_asked) == (ClaimStatus.LAPSED, None, None)
    assert session.get_one(PersonKey, claim.person_key_id).wrapped is None


def test_guessing_is_slowed_down_and_five_wrong_codes_end_a_code(committed, tmp_path):
    with committed() as session:
        bring(Mover(session, tmp_path))
        session.commit()
        claim_id = ask(session)
        session.commit()
        [(_channel, _address, code)] = codes(session)
        for _ in range(lifetimes().code_tries):
            with pytest.raises(DomainError):
                claiming.prove(session, claim_id, "x")
        with pytest.raises(DomainError):
            claiming.prove(session, claim_id, code)
        assert session.get_one(AgencyClaim, claim_id).status is ClaimStatus.ASKED
        for number in range(2, 6):
            ask(session, contact=f"guess{number}@example.org")
        with pytest.raises(TooMany):
            ask(session, contact="guess6@example.org")
        for number in range(20):
            try:
                ask(session, f"{number}/1", f"other{number}@example.org", address="10.9.9.9")
            except TooMany:
                pytest.fail("a place has twenty tries")
        with pytest.raises(TooMany):
            ask(session, "77/1", "last@example.org", address="10.9.9.9")


def test_of_two_who_claim_at_once_one_becomes_the_owner(committed, tmp_path):
    with committed() as session:
        agency = bring(Mover(session, tmp_path))
        claims = [ask(session), ask(session, contact="01-4350000")]
        for claim_id, (_channel, _address, code) in zip(claims, codes(session), strict=True):
            claiming.prove(session, claim_id, code)
        session.commit()
        agency_id = agency.id
    barrier, won, lost = threading.Barrier(2), [], []

    def claim(claim_id):
        with committed() as own:
            barrier.wait()
            try:
                claiming.take_over(own, claim_id, ME)
                own.commit()
                won.append(claim_id)
            except TooLate:
                own.rollback()
                lost.append(claim_id)

    threads = [threading.Thread(target=claim, args=(c,)) for c in claims]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 1)
    with committed() as session:
        found = select(func.count()).where(Membership.subject_id == agency_id, Membership.is_owner)
        assert session.scalar(found) == 1


def test_a_claim_in_pages_looks_the_same_for_a_known_and_an_unknown_contact(client, session, old):
    answers = []
    for contact in ("nobody@example.org", "office@himal.example"):
        sent = client.post_form("/agencies/claim", number="012/065/66", contact=contact)
        page = client.get("/agencies/claim/code")
        wrong = client.post_form("/agencies/claim/code", code="000000")
        answers.append(
            (sent.status_code, sent.location, page.status_code, wrong.status_code, _text(page), _text(wrong))
        )
    assert answers[0] == answers[1]
    run_waiting(session)
    [(_channel, _address, code)] = codes(session)
    assert client.get("/agencies/claim/account").location == "/agencies/claim"
    assert client.post_form("/agencies/claim/code", code=code).status_code == 303
    short = client.post_form("/agencies/claim/account", name="Hari Prasad", password="x")
    assert short.status_code == 422
    done = client.post_form("/agencies/claim/account", name="Hari Prasad", password="a-good-password")
    assert (done.status_code, done.location) == (303, f"/agencies/{old.id}")
    assert "०१२/०६५/६६" in client.get(done.location).get_data(as_text=True)


def _text(answer):
    """A page without its own form token."""
    return re.sub(r'value="[0-9a-f]{64}"', "", answer.get_data(as_text=True))
