"""Orientation centres and helping organisations: entered by staff, owned by whoever answers the invitation."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.orientation import services as orientation
from core.accounts import UserAccount, actor_for, find_account, find_session, open_session
from core.audit import AuditEvent
from core.errors import Denied, DomainError, NotVisible
from core.owners import owners_of
from core.permissions import Permission, StaffRole, SubjectKind
from core.web import Access
from portal.people import bodies, invitations
from portal.people.bodies import KINDS, Enter
from tests.conftest import PortalClient
from tests.portal.factories import PASSWORD, officer, person
from tests.portal.test_people import link_in_mail

ENTERERS = {SubjectKind.CENTRE: StaffRole.CENTRE_INSPECTOR, SubjectKind.NGO: StaffRole.STAFF_ADMIN}
NEW = Enter("Phewa Help", "Kaski", "Maya Rai", "maya@phewa.example")
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=[str(k) for k in KINDS])


def staff(session: Session, kind: bodies.BodyKind):
    """Somebody who enters this kind, in an office of their own."""
    account = officer(session, ENTERERS[kind.kind])
    return account, actor_for(session, account)


def owned(session: Session, kind: bodies.BodyKind):
    """One with an owner who answered the invitation: the inviter, the record's id, the owner."""
    _account, actor = staff(session, kind)
    made = bodies.enter(session, actor, kind, NEW)
    token = link_in_mail(session).rsplit("/", 1)[1]
    invitations.accept_new(session, token, name="Maya Rai", password=PASSWORD)
    owner = find_account(session, NEW.owner_email)
    assert owner
    return actor, made, owner


@each_kind
def test_staff_enter_one_by_the_pages_and_its_owner_answers_the_link(
    client: PortalClient, session: Session, kind: bodies.BodyKind
):
    account, _actor = staff(session, kind)
    client.sign_in(session, account)
    listed = f"/staff/organisations/{kind.kind}"
    assert f'href="{listed}"' in client.get("/staff").text
    assert "None is entered yet." in client.get(listed).text
    short = client.post_form(f"{listed}/new", name="Phewa Help", district="Kaski", owner_name="", owner_email="no")
    assert short.status_code == 422
    assert 'value="Phewa Help"' in short.text
    values = {"name": NEW.name, "district": NEW.district, "owner_name": NEW.owner_name, "owner_email": NEW.owner_email}
    made = client.post_form(f"{listed}/new", **values)
    assert made.status_code == 303
    shown = client.get(made.headers["Location"]).text
    assert "Maya Rai has not answered yet." in shown
    link = link_in_mail(session)
    assert "Phewa Help" in client.get(listed).text

    client.post_form("/sign-out")
    assert client.post_form(f"{link}/new", name="Maya Rai", password=PASSWORD, again=PASSWORD).status_code == 303
    owner = find_account(session, NEW.owner_email)
    assert owner
    acting = actor_for(session, owner)
    (held,) = acting.memberships
    assert (held.kind, held.is_owner) == (kind.kind, True)
    client.sign_in(session, owner)
    assert client.get(f"/people/{kind.kind}/{held.subject_id}").status_code == 200
    if kind.kind is SubjectKind.CENTRE:
        assert orientation.own_centre(session, acting).name == NEW.name
        assert client.get("/centre").status_code == 200
    client.sign_in(session, account)
    assert "Maya Rai" in client.get(made.headers["Location"]).text


@each_kind
def test_the_owner_invites_the_others_and_staff_invite_no_second_owner(session: Session, kind: bodies.BodyKind):
    actor, made, _owner = owned(session, kind)
    with pytest.raises(DomainError, match="has an owner already"):
        bodies.invite_owner(session, actor, kind, made, name="Other", email="other@phewa.example")


@each_kind
def test_a_second_invitation_makes_the_first_link_worthless(session: Session, kind: bodies.BodyKind):
    _account, actor = staff(session, kind)
    made = bodies.enter(session, actor, kind, NEW)
    first = link_in_mail(session).rsplit("/", 1)[1]
    bodies.invite_owner(session, actor, kind, made, name="Gita Rai", email="gita@phewa.example")
    with pytest.raises(NotVisible):
        invitations.accept_new(session, first, name="Maya Rai", password=PASSWORD)
    second = link_in_mail(session).rsplit("/", 1)[1]
    invitations.accept_new(session, second, name="Gita Rai", password=PASSWORD)
    (owner,) = owners_of(session, kind.kind, made)
    assert owner.display_name == "Gita Rai"


@each_kind
def test_everybody_goes_at_once_with_a_reason_and_the_next_owner_takes_two_officers(
    client: PortalClient, session: Session, kind: bodies.BodyKind
):
    actor, made, owner = owned(session, kind)
    token = open_session(session, owner, agent="tests")
    assert find_session(session, token)
    assert bodies.remove_everybody(session, actor, kind, made, "The office was closed.") == 1
    assert find_session(session, token) is None
    assert not actor_for(session, owner).acts_for(kind.kind, made)
    query = select(AuditEvent).where(AuditEvent.subject_id == made, AuditEvent.action == "remove_everybody")
    row = session.scalars(query).one()
    assert (row.reason, row.evidence, row.actor_account_id) == (
        "The office was closed.",
        {"people": 1},
        actor.account_id,
    )
    with pytest.raises(DomainError, match="another officer decides"):
        bodies.invite_owner(session, actor, kind, made, name="Gita Rai", email="gita@phewa.example")
    client.sign_in(session, session.get_one(UserAccount, actor.account_id))
    assert f"/staff/owners/{kind.kind}/{made}" in client.get(f"/staff/organisations/{kind.kind}/{made}").text


@each_kind
def test_other_areas_other_roles_and_strangers_see_and_enter_nothing(
    client: PortalClient, session: Session, kind: bodies.BodyKind
):
    _actor, made, owner = owned(session, kind)
    other_kind = next(k for k in KINDS.values() if k is not kind)
    far_account, far = staff(session, kind)
    wrong_account, wrong = staff(session, other_kind)
    url = f"/staff/organisations/{kind.kind}"
    with pytest.raises(NotVisible):
        bodies.find(session, far, kind, made)
    with pytest.raises(Denied):
        bodies.enter(session, wrong, kind, NEW)
    for account in (far_account, wrong_account, person(session), owner):
        client.sign_in(session, account)
        if account is not far_account:
            assert client.get(url).status_code in (403, 404)
        for answer in (
            client.get(f"{url}/{made}"),
            client.post_form(f"{url}/{made}/owner", name="A B", email="a@b.example"),
            client.post_form(f"{url}/{made}/remove-everybody", reason="mine"),
        ):
            assert answer.status_code in (403, 404)
    assert len(owners_of(session, kind.kind, made)) == 1


def test_the_pages_are_for_those_two_roles(app):
    for name, view in app.view_functions.items():
        if name.startswith("bodies."):
            declared: Access = view.__access__
            assert declared.permissions == {Permission.CENTRE_INSPECT, Permission.STAFF_MANAGE}
