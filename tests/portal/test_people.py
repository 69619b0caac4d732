"""Invitations, clerks, staff roles and absences: who may, who may not, and that sessions end at once."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.accounts import (
    Absence,
    AccountSession,
    Invitation,
    Membership,
    OfficeKind,
    StaffPosting,
    UserAccount,
    actor_for,
    add_membership,
    find_account,
    find_session,
    open_session,
    post_staff,
)
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.ids import new_id
from core.messages import OutgoingMessage
from core.permissions import NATIONAL, ClerkRight, Permission, StaffRole, SubjectKind
from portal.people import clerks, invitations, staff
from portal.people.clerks import InviteClerk
from portal.people.invitations import InviteStaff
from portal.people.staff import RecordAbsence
from tests.conftest import PortalClient
from tests.portal.factories import PASSWORD, office, officer, person


def employer_owner(session: Session) -> tuple[UserAccount, UUID]:
    account, subject = person(session), new_id()
    add_membership(session, account, kind=SubjectKind.EMPLOYER, subject_id=subject, is_owner=True)
    return account, subject


def link_in_mail(session: Session) -> str:
    newest = select(OutgoingMessage).order_by(OutgoingMessage.created_at.desc(), OutgoingMessage.id.desc())
    mail = session.scalars(newest.limit(1)).one()
    found = re.search(r"http\S+(/invitations/\S+)", mail.body or "")
    assert found
    return found[1]


# --- clerks ------------------------------------------------------------------------------------------------------


def test_a_clerk_is_invited_makes_an_account_and_gets_these_rights_alone(client: PortalClient, session: Session):
    owner, subject = employer_owner(session)
    client.sign_in(session, owner)
    answer = client.post_form(
        f"/people/employer/{subject}", name="Kiran Bhatta", email="kiran@employer.example", rights="job_orders"
    )
    assert answer.status_code == 303
    link = link_in_mail(session)
    other = client.application.test_client()
    assert b"Kiran Bhatta" in other.get(link).data
    assert other.post_form(f"{link}/new", name="Kiran Bhatta", password=PASSWORD, again=PASSWORD).status_code == 303
    account = find_account(session, "kiran@employer.example")
    assert account is not None
    assert account.email_confirmed_at is not None
    actor = actor_for(session, account)
    assert actor.acts_for(SubjectKind.EMPLOYER, subject, ClerkRight.JOB_ORDERS)
    assert not actor.acts_for(SubjectKind.EMPLOYER, subject, ClerkRight.PEOPLE)
    assert not actor.owns(SubjectKind.EMPLOYER, subject)
    # The link is used up.
    assert other.get(link).status_code == 404
    assert other.post_form(f"{link}/new", name="Kiran", password=PASSWORD, again=PASSWORD).status_code == 404


def test_a_removed_clerk_is_signed_out_at_once(client: PortalClient, session: Session):
    owner, subject = employer_owner(session)
    clerk = person(session)
    membership = add_membership(
        session, clerk, kind=SubjectKind.EMPLOYER, subject_id=subject, rights=[ClerkRight.JOB_ORDERS]
    )
    token = open_session(session, clerk)
    client.sign_in(session, owner)
    assert client.post_form(f"/people/employer/{subject}/{membership.id}/remove").status_code == 303
    assert find_session(session, token) is None
    assert actor_for(session, clerk).memberships == ()


def test_clerks_without_the_right_and_strangers_change_nothing(session: Session):
    owner, subject = employer_owner(session)
    stranger, _other = employer_owner(session)
    clerk = person(session)
    add_membership(session, clerk, kind=SubjectKind.EMPLOYER, subject_id=subject, rights=[ClerkRight.CONTRACTS])
    command = InviteClerk(SubjectKind.EMPLOYER, subject, "X Y", "x@y.example", (ClerkRight.CONTRACTS,))
    with pytest.raises(Denied):
        clerks.invite(session, actor_for(session, clerk), command)
    with pytest.raises(NotVisible):
        clerks.invite(session, actor_for(session, stranger), command)
    held = session.scalars(select(Membership).where(Membership.account_id == owner.id)).one()
    for who in (stranger, clerk):
        with pytest.raises((NotVisible, Denied)):
            clerks.remove(
                session, actor_for(session, who), SubjectKind.EMPLOYER, subject_id=subject, membership_id=held.id
            )
    assert session.scalar(select(func.count()).select_from(Invitation)) == 0
    assert held.ended_at is None


def test_nobody_gives_a_right_they_lack_and_signing_is_never_invited(session: Session):
    owner, subject = employer_owner(session)
    chief = person(session)
    add_membership(session, chief, kind=SubjectKind.EMPLOYER, subject_id=subject, rights=[ClerkRight.PEOPLE])
    for who, rights in (
        (chief, (ClerkRight.CONTRACTS,)),
        (owner, (ClerkRight.SIGN,)),
        (owner, (ClerkRight.ATTENDANCE,)),
        (owner, ()),
    ):
        with pytest.raises(DomainError):
            clerks.invite(
                session, actor_for(session, who), InviteClerk(SubjectKind.EMPLOYER, subject, "X", "x@y.example", rights)
            )
    assert session.scalar(select(func.count()).select_from(Invitation)) == 0


def test_an_agencys_address_can_not_speak_for_an_employer(session: Session):
    owner, subject = employer_owner(session)
    agent = person(session, email="agent@agency.example")
    add_membership(session, agent, kind=SubjectKind.AGENCY, subject_id=new_id(), is_owner=True)
    with pytest.raises(DomainError):
        clerks.invite(
            session,
            actor_for(session, owner),
            InviteClerk(SubjectKind.EMPLOYER, subject, "A", "Agent@Agency.example", (ClerkRight.CONTRACTS,)),
        )


def test_whoever_acts_for_an_organisation_sees_its_people_and_only_those_with_the_right_change_them(
    client: PortalClient, session: Session
):
    owner, subject = employer_owner(session)
    clerk = person(session, name="Kamala Basnet")
    add_membership(session, clerk, kind=SubjectKind.EMPLOYER, subject_id=subject, rights=[ClerkRight.CONTRACTS])
    url = f"/people/employer/{subject}"
    client.sign_in(session, owner)
    assert client.get("/people").headers["Location"] == url
    assert "Kamala Basnet" in client.get(url).text
    assert f'action="{url}"' in client.get(url).text
    client.sign_in(session, clerk)
    assert '<form method="post" action="/people/' not in client.get(url).text
    values = {"name": "X", "email": "x@y.example", "rights": "contracts"}
    assert client.post_form(url, **values).status_code == 403
    for other in (person(session), officer(session)):
        client.sign_in(session, other)
        assert client.get(url).status_code == 404
        assert client.get("/people").status_code == 403
    assert client.get(f"/people/agency/{subject}").status_code == 404
    assert client.get(f"/people/nonsense/{subject}").status_code == 404


def test_a_forwarded_invitation_serves_no_other_account(client: PortalClient, session: Session):
    owner, subject = employer_owner(session)
    clerks.invite(
        session,
        actor_for(session, owner),
        InviteClerk(SubjectKind.EMPLOYER, subject, "K", "named@employer.example", (ClerkRight.CONTRACTS,)),
    )
    link = link_in_mail(session)
    thief = person(session)
    client.sign_in(session, thief)
    assert client.post_form(f"{link}/accept").status_code == 422
    assert actor_for(session, thief).memberships == ()
    named = person(session, email="named@employer.example")
    client.sign_in(session, named)
    assert client.post_form(f"{link}/accept").status_code == 303
    assert actor_for(session, named).acts_for(SubjectKind.EMPLOYER, subject, ClerkRight.CONTRACTS)


def test_a_known_address_signs_in_instead_of_being_made_twice(client: PortalClient, session: Session):
    owner, subject = employer_owner(session)
    person(session, email="known@employer.example")
    command = InviteClerk(SubjectKind.EMPLOYER, subject, "K", "known@employer.example", (ClerkRight.CONTRACTS,))
    clerks.invite(session, actor_for(session, owner), command)
    link = link_in_mail(session)
    assert client.post_form(f"{link}/new", name="K", password=PASSWORD, again=PASSWORD).status_code == 422
    assert client.get(link).status_code == 200


# --- staff -------------------------------------------------------------------------------------------------------


def test_an_administrator_invites_staff_who_must_set_up_a_second_step(client: PortalClient, session: Session):
    ministry = office(session, kind=OfficeKind.MINISTRY)
    province = office(session, parent=ministry, kind=OfficeKind.PROVINCE)
    admin = officer(session, StaffRole.STAFF_ADMIN, at=ministry)
    client.sign_in(session, admin)
    assert client.get("/staff/people").status_code == 200
    answer = client.post_form(
        f"/staff/people/offices/{province.id}",
        name="Maya Gurung",
        email="maya@office.example",
        role="licensing_officer",
    )
    assert answer.status_code == 303
    link = link_in_mail(session)
    other = client.application.test_client()
    assert other.post_form(f"{link}/new", name="Maya Gurung", password=PASSWORD, again=PASSWORD).status_code == 303
    account = find_account(session, "maya@office.example")
    assert account is not None
    assert account.totp_required
    assert [(r.role, r.office_id) for r in actor_for(session, account).roles] == [
        (StaffRole.LICENSING_OFFICER, province.id)
    ]
    answer = other.post_form("/sign-in", login="maya@office.example", password=PASSWORD)
    assert answer.headers["Location"].startswith("/sign-in/code")
    assert client.get(f"/staff/people/{account.id}").status_code == 200
    assert b"Maya Gurung" in client.get(f"/staff/people/offices/{province.id}").data


def test_an_administrator_reaches_the_own_area_only(client: PortalClient, session: Session):
    ministry = office(session, kind=OfficeKind.MINISTRY)
    mine, other = office(session, parent=ministry), office(session, parent=ministry)
    admin = officer(session, StaffRole.STAFF_ADMIN, at=mine)
    foreign = officer(session, at=other)
    both = officer(session, at=mine)
    post_staff(session, both, StaffRole.IDENTITY_OFFICER, other)
    client.sign_in(session, admin)
    for account in (foreign, both):
        posting = session.scalars(select(StaffPosting).where(StaffPosting.account_id == account.id).limit(1)).one()
        assert client.get(f"/staff/people/{account.id}").status_code == 404
        assert client.post_form(f"/staff/people/{account.id}/suspend", reason="x").status_code == 404
        assert client.post_form(f"/staff/people/{account.id}/reset", reason="x").status_code == 404
        assert client.post_form(f"/staff/people/{account.id}/roles/{posting.id}/end").status_code == 404
        session.refresh(posting)
        session.refresh(account)
        assert (posting.ended_at, account.suspended_at, account.totp_confirmed) == (None, None, True)
    assert client.get(f"/staff/people/offices/{other.id}").status_code == 404
    assert (
        client.post_form(
            f"/staff/people/offices/{other.id}", name="A B", email="a@b.example", role="auditor"
        ).status_code
        == 404
    )
    assert session.scalar(select(func.count()).select_from(Invitation)) == 0


def test_staff_without_the_permission_see_no_administration(client: PortalClient, session: Session):
    place = office(session)
    colleague = officer(session, at=place)
    client.sign_in(session, officer(session, StaffRole.LICENSING_APPROVER, at=place))
    assert client.get("/staff/people").status_code == 403
    assert client.post_form(f"/staff/people/{colleague.id}/suspend", reason="x").status_code == 403
    session.refresh(colleague)
    assert colleague.suspended_at is None


def test_nobody_changes_their_own_roles(session: Session):
    place = office(session)
    admin = officer(session, StaffRole.STAFF_ADMIN, at=place)
    actor = actor_for(session, admin)
    with pytest.raises(Denied):
        staff.give_role(session, actor, admin.id, role=StaffRole.LICENSING_APPROVER, office_id=place.id)
    with pytest.raises(Denied):
        staff.reset_second_step(session, actor, admin.id, reason="x")
    assert [r.role for r in actor_for(session, admin).roles] == [StaffRole.STAFF_ADMIN]


def test_an_ended_role_a_suspension_and_a_reset_end_the_sessions_at_once(session: Session):
    place = office(session)
    admin = actor_for(session, officer(session, StaffRole.STAFF_ADMIN, at=place))

    def victim() -> tuple[UserAccount, str]:
        account = officer(session, at=place)
        return account, open_session(session, account)

    account, token = victim()
    posting = session.scalars(select(StaffPosting).where(StaffPosting.account_id == account.id)).one()
    with pytest.raises(DomainError):
        staff.end_role(session, admin, account.id, posting.id, reason=" ")
    assert find_session(session, token) is not None
    staff.end_role(session, admin, account.id, posting.id, reason="Moved to another ministry")
    assert find_session(session, token) is None
    assert actor_for(session, account).roles == ()
    with pytest.raises(TooLate):
        staff.end_role(session, admin, account.id, posting.id, reason="again")

    account, token = victim()
    staff.set_suspended(session, admin, account.id, suspended=True, reason="Lost badge")
    assert find_session(session, token) is None
    assert actor_for(session, account).account_id is None
    with pytest.raises(TooLate):
        staff.set_suspended(session, admin, account.id, suspended=True, reason="again")

    account, token = victim()
    staff.reset_second_step(session, admin, account.id, reason="Lost telephone")
    assert find_session(session, token) is None
    assert (account.totp_confirmed, account.totp_secret) == (False, None)
    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.actor_account_id == admin.account_id)).all()
    ended = select(AuditEvent.reason).where(AuditEvent.action == "end_role")
    assert session.scalars(ended).all() == ["Moved to another ministry"]
    assert sorted(actions) == ["end_role", "reset_second_step", "suspend_account"]


def test_an_auditor_holds_no_other_role(session: Session):
    place = office(session)
    admin = actor_for(session, officer(session, StaffRole.STAFF_ADMIN, at=place))
    auditor, worker = officer(session, StaffRole.AUDITOR, at=place), officer(session, at=place)
    with pytest.raises(DomainError):
        staff.give_role(session, admin, auditor.id, role=StaffRole.LICENSING_OFFICER, office_id=place.id)
    with pytest.raises(DomainError):
        staff.give_role(session, admin, worker.id, role=StaffRole.AUDITOR, office_id=place.id)
    given = staff.give_role(session, admin, worker.id, role=StaffRole.IDENTITY_OFFICER, office_id=place.id)
    assert given.posted_by == admin.account_id


def test_who_takes_over_holds_the_same_role_where_that_office_is_in_reach(session: Session):
    ministry = office(session)
    place, elsewhere = office(session, parent=ministry), office(session, parent=ministry)
    away = officer(session, StaffRole.LICENSING_OFFICER, at=place)
    beside, above = officer(session, at=place), officer(session, at=ministry)
    officer(session, at=elsewhere)
    for other in (
        StaffRole.FINANCE_OFFICER,
        StaffRole.REMITTANCE_OFFICER,
        StaffRole.AIRPORT_OFFICER,
        StaffRole.STAFF_ADMIN,
    ):
        officer(session, other, at=place)
    gone = officer(session, at=place)
    gone.suspended_at = gone.created_at
    session.flush()
    assert {i for i, _name in staff.colleagues(session, away.id)} == {beside.id, above.id}


def test_an_absent_officers_roles_rest_and_the_colleague_holds_them_for_those_days(session: Session):
    place, elsewhere = office(session), office(session)
    admin = actor_for(session, officer(session, StaffRole.STAFF_ADMIN, at=place))
    away = officer(session, StaffRole.LICENSING_APPROVER, at=place)
    post_staff(session, away, StaffRole.LICENSING_OFFICER, place)
    colleague = officer(session, StaffRole.LICENSING_OFFICER, at=place)
    stranger = officer(session, StaffRole.LICENSING_OFFICER, at=elsewhere)
    today = legal_today(session)
    week = today + timedelta(days=7)
    for handed_to in (stranger.id, away.id, admin.account_id):
        with pytest.raises((DomainError, Denied)):
            staff.record_absence(session, admin, away.id, RecordAbsence(today, week, handed_to))
    with pytest.raises(DomainError):
        staff.record_absence(session, admin, away.id, RecordAbsence(week, today, None))
    absence = staff.record_absence(session, admin, away.id, RecordAbsence(today, week, colleague.id))
    assert Permission.LICENCE_APPROVE not in actor_for(session, away).permissions
    assert actor_for(session, colleague).can(Permission.LICENCE_APPROVE, place.id)
    staff.cancel_absence(session, admin, away.id, absence.id)
    assert actor_for(session, away).can(Permission.LICENCE_APPROVE, place.id)
    assert not actor_for(session, colleague).can(Permission.LICENCE_APPROVE, place.id)
    # An absence that has not begun changes nothing yet.
    staff.record_absence(session, admin, away.id, RecordAbsence(today + timedelta(days=1), week, colleague.id))
    assert actor_for(session, away).can(Permission.LICENCE_APPROVE, place.id)
    assert not actor_for(session, colleague).can(Permission.LICENCE_APPROVE, place.id)


def test_administration_is_never_handed_over(session: Session):
    place = office(session)
    admin = officer(session, StaffRole.STAFF_ADMIN, at=place)
    second = actor_for(session, officer(session, StaffRole.STAFF_ADMIN, at=place))
    colleague = officer(session, at=place)
    today = legal_today(session)
    third = officer(session, StaffRole.STAFF_ADMIN, at=place)
    for person_ in (colleague, third):
        with pytest.raises(DomainError):
            staff.record_absence(session, second, admin.id, RecordAbsence(today, today, person_.id))
    # Even had one been written.
    session.add(Absence(account_id=admin.id, first_day=today, last_day=today, handed_to=colleague.id))
    session.flush()
    assert Permission.STAFF_MANAGE not in actor_for(session, colleague).permissions


def test_the_person_page_changes_roles_and_absences_by_forms(client: PortalClient, session: Session):
    place = office(session)
    client.sign_in(session, officer(session, StaffRole.STAFF_ADMIN, at=place))
    account = officer(session, at=place)
    base = f"/staff/people/{account.id}"
    assert client.post_form(f"{base}/roles", role="identity_officer", office=str(place.id)).status_code == 303
    assert client.post_form(f"{base}/roles", role="identity_officer", office=str(place.id)).status_code == 422
    today = legal_today(session).isoformat()
    assert client.post_form(f"{base}/absences", first_day=today, last_day=today, handed_to="").status_code == 303
    assert client.post_form(f"{base}/absences", first_day=today, last_day="2020-01-01", handed_to="").status_code == 422
    posting = session.scalars(
        select(StaffPosting).where(
            StaffPosting.account_id == account.id, StaffPosting.role == StaffRole.IDENTITY_OFFICER
        )
    ).one()
    asked = client.post_form(f"{base}/roles/{posting.id}/end")
    assert asked.status_code == 422
    assert f'href="#reason-{posting.id}"' in asked.text
    assert asked.text.count(f'id="reason-{posting.id}"') == 1
    session.refresh(posting)
    assert posting.ended_at is None
    assert client.post_form(f"{base}/roles/{posting.id}/end", reason="Moved").status_code == 303
    session.refresh(posting)
    assert posting.ended_at is not None
    assert client.post_form(f"{base}/suspend", reason="").status_code == 422
    assert client.post_form(f"{base}/suspend", reason="Left the ministry").status_code == 303
    session.refresh(account)
    assert account.suspended_at is not None
    assert client.post_form(f"{base}/suspend", reason="Again").status_code == 422
    assert client.get(base).status_code == 200


def test_a_staff_invitation_taken_back_opens_nothing(session: Session):
    place = office(session)
    admin = actor_for(session, officer(session, StaffRole.STAFF_ADMIN, at=place))
    made = invitations.invite_staff(session, admin, InviteStaff("A B", "a@office.example", StaffRole.AUDITOR, place.id))
    link = link_in_mail(session)
    stranger = actor_for(session, officer(session, StaffRole.STAFF_ADMIN))
    with pytest.raises(NotVisible):
        invitations.take_back(session, stranger, made.id)
    invitations.take_back(session, admin, made.id)
    with pytest.raises(NotVisible):
        invitations.accept_new(session, link.rsplit("/", 1)[1], name="A B", password=PASSWORD)
    assert find_account(session, "a@office.example") is None
    assert session.scalars(select(AccountSession).where(AccountSession.account_id == made.invited_by)).all() == []


@pytest.mark.parametrize("role", sorted(NATIONAL))
def test_a_role_that_reaches_the_whole_country_is_held_in_a_national_office_alone(session, role):
    ministry, department = office(session, kind=OfficeKind.MINISTRY), office(session)
    for kind in (OfficeKind.PROVINCE, OfficeKind.DISTRICT, OfficeKind.MISSION):
        place = office(session, kind=kind)
        with pytest.raises(DomainError, match="whole country"):
            post_staff(session, person(session), role, place)
        admin = actor_for(session, officer(session, StaffRole.STAFF_ADMIN, at=place))
        with pytest.raises(DomainError, match="whole country"):
            invitations.invite_staff(session, admin, InviteStaff("A B", "a@office.example", role, place.id))
    assert session.scalars(select(Invitation.id)).all() == []
    for place in (ministry, department):
        assert post_staff(session, person(session), role, place).office_id == place.id


def test_an_administrator_gets_no_role_by_an_invitation_to_the_own_address(client: PortalClient, session: Session):
    place = office(session)
    account = officer(session, StaffRole.STAFF_ADMIN, at=place)
    admin = actor_for(session, account)
    invitations.invite_staff(
        session, admin, InviteStaff("Myself", account.email or "", StaffRole.LICENSING_APPROVER, place.id)
    )
    token = link_in_mail(session).rpartition("/")[2]
    with pytest.raises(Denied):
        invitations.accept_signed_in(session, admin, token)
    assert [r.role for r in actor_for(session, account).roles] == [StaffRole.STAFF_ADMIN]
