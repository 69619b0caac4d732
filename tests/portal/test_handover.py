"""An owner hands over to a clerk: asked with a password, confirmed with a password, told to all, written down."""

from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.accounts import AccountSession, Membership, UserAccount, actor_for, add_membership, open_session
from core.audit import AuditEvent
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.ids import new_id
from core.lifetimes import lifetimes
from core.messages import OutgoingMessage
from core.owners import owners_of
from core.permissions import ClerkRight, SubjectKind
from portal.people import handover
from tests.conftest import PortalClient
from tests.portal.factories import PASSWORD, person

NGO = SubjectKind.NGO


def body(session: Session, kind: SubjectKind = NGO) -> tuple[UUID, UserAccount, UserAccount, Membership]:
    """A subject with its owner, a clerk, and the clerk's membership."""
    subject, owner, clerk = new_id(), person(session), person(session)
    add_membership(session, owner, kind=kind, subject_id=subject, is_owner=True)
    held = add_membership(session, clerk, kind=kind, subject_id=subject, rights=[ClerkRight.PEOPLE])
    return subject, owner, clerk, held


def ask(session: Session, subject: UUID, owner: UserAccount, held: Membership, password: str = PASSWORD) -> None:
    actor = actor_for(session, owner)
    handover.offer(session, actor, NGO, subject_id=subject, membership_id=held.id, password=password)


def confirm(session: Session, subject: UUID, clerk: UserAccount, password: str = PASSWORD) -> None:
    handover.accept(session, actor_for(session, clerk), NGO, subject_id=subject, password=password)


def owners(session: Session, subject: UUID, kind: SubjectKind = NGO) -> list[UUID]:
    return [a.id for a in owners_of(session, kind, subject)]


def test_the_clerk_becomes_the_owner_both_sessions_end_and_everybody_is_told(session: Session):
    subject, owner, clerk, held = body(session)
    third = person(session)
    add_membership(session, third, kind=NGO, subject_id=subject, rights=[ClerkRight.PEOPLE])
    ask(session, subject, owner, held)
    assert owners(session, subject) == [owner.id]
    for account in (owner, clerk):
        open_session(session, account, agent="tests")
    confirm(session, subject, clerk)
    assert owners(session, subject) == [clerk.id]
    assert not actor_for(session, owner).acts_for(NGO, subject)
    live = select(func.count()).select_from(AccountSession).where(AccountSession.ended_at.is_(None))
    assert session.scalar(live) == 0
    told = select(OutgoingMessage.account_id).where(OutgoingMessage.template == "owner_news")
    assert sorted(session.scalars(told)) == sorted([clerk.id, owner.id, clerk.id, third.id])
    rows = select(AuditEvent.action).where(AuditEvent.subject_id == subject).order_by(AuditEvent.at)
    assert list(session.scalars(rows)) == ["offer_ownership", "take_over_ownership"]


def test_a_wrong_password_changes_nothing(session: Session):
    subject, owner, clerk, held = body(session)
    with pytest.raises(DomainError, match="password"):
        ask(session, subject, owner, held, "not this one at all")
    assert held.offered_by is None
    ask(session, subject, owner, held)
    with pytest.raises(DomainError, match="password"):
        confirm(session, subject, clerk, "not this one at all")
    assert owners(session, subject) == [owner.id]


def test_only_the_owner_offers_and_only_to_a_clerk_of_the_same_organisation(session: Session):
    subject, owner, clerk, held = body(session)
    _other, stranger, _clerk, elsewhere = body(session)
    with pytest.raises(Denied):
        ask(session, subject, clerk, held)
    with pytest.raises(NotVisible):
        ask(session, subject, stranger, held)
    own = session.scalars(select(Membership).where(Membership.account_id == owner.id)).one()
    for wrong in (elsewhere, own):
        with pytest.raises(DomainError, match="one of your people"):
            ask(session, subject, owner, wrong)
    assert owners(session, subject) == [owner.id]


def test_nobody_takes_what_was_not_offered_was_withdrawn_or_is_too_old(session: Session):
    subject, owner, clerk, held = body(session)
    with pytest.raises(TooLate):
        confirm(session, subject, clerk)
    ask(session, subject, owner, held)
    third = person(session)
    add_membership(session, third, kind=NGO, subject_id=subject, rights=[ClerkRight.PEOPLE])
    with pytest.raises(TooLate):
        confirm(session, subject, third)
    with pytest.raises(Denied):
        handover.withdraw(session, actor_for(session, third), NGO, subject_id=subject)
    handover.withdraw(session, actor_for(session, clerk), NGO, subject_id=subject)
    with pytest.raises(TooLate):
        confirm(session, subject, clerk)
    ask(session, subject, owner, held)
    assert held.offered_at
    held.offered_at -= lifetimes().invitation
    session.flush()
    with pytest.raises(TooLate):
        confirm(session, subject, clerk)
    assert owners(session, subject) == [owner.id]


def test_it_is_handed_over_by_the_pages(session: Session, client: PortalClient):
    subject, owner, clerk, held = body(session)
    address = f"/people/ngo/{subject}/owner"
    client.sign_in(session, owner)
    assert client.post_form(f"{address}/offer", person="nonsense", password=PASSWORD).status_code == 422
    assert client.post_form(f"{address}/offer", person=str(held.id), password="wrong words here").status_code == 422
    assert client.post_form(f"{address}/offer", person=str(held.id), password=PASSWORD).status_code == 303
    assert f"{address}/withdraw" in client.get(address).text
    client.sign_in(session, clerk)
    assert f"{address}/accept" in client.get(address).text
    assert client.post_form(f"{address}/accept", password="wrong words here").status_code == 422
    assert client.post_form(f"{address}/accept", password=PASSWORD).status_code == 303
    assert owners(session, subject) == [clerk.id]
    assert client.get(address).status_code == 303
