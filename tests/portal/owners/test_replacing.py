"""Another owner for one who died, left or can't be reached: proposed, decided by another, heard, and invited."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from threading import Barrier, Thread
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from agencies.insider import duties
from agencies.insider import services as insider
from agencies.insider.status import TieKind
from agencies.registration import services as registration
from agencies.registration.models import Agency, AgencyDirector
from agencies.registration.status import IdentifierKind
from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.case_status import CaseStatus, OrderKind
from contracts.employers.signatory import hindrance
from contracts.job_orders import services as job_orders
from core.accounts import AccountSession, Invitation, UserAccount, actor_for, add_membership, open_session
from core.actor import Actor
from core.audit import AuditEvent
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.messages import OutgoingMessage
from core.owners import owners_of
from core.permissions import ClerkRight, StaffRole, SubjectKind
from core.queues import fetch
from portal.owners import services
from portal.owners.commands import NewOwner, Propose
from portal.owners.models import OwnerReplacement
from portal.owners.status import OWNER_REPLACEMENT, Ground, ReplacementStatus
from portal.people import bodies, handover, invitations
from portal.queues import QUEUES
from tests.agencies import factories as make
from tests.agencies import proceedings as go
from tests.conftest import PortalClient
from tests.contracts import factories as abroad
from tests.contracts.test_comparison import PROMISED
from tests.portal.factories import PASSWORD
from tests.portal.test_bodies import owned

AGENCY = SubjectKind.AGENCY
S = ReplacementStatus
HEIR = NewOwner("Sita Shrestha", "sita@heir.example", IdentifierKind.CITIZENSHIP, "44-01-70-5555", date(1990, 2, 3))


def test_every_arrow_of_a_replacement():
    assert OWNER_REPLACEMENT.pairs() == {
        ("proposed", "give_notice", "notice"),
        ("proposed", "agree", "invited"),
        ("proposed", "refuse", "refused"),
        ("notice", "object", "objected"),
        ("notice", "go_on", "invited"),
        ("objected", "overrule", "invited"),
        ("objected", "uphold", "refused"),
        ("invited", "invite_again", "invited"),
        ("invited", "accept", "done"),
        ("proposed", "take_back", "taken_back"),
        ("notice", "take_back", "taken_back"),
        ("objected", "take_back", "taken_back"),
        ("invited", "take_back", "taken_back"),
        ("proposed", "lapse", "lapsed"),
        ("notice", "lapse", "lapsed"),
        ("objected", "lapse", "lapsed"),
        ("invited", "lapse", "lapsed"),
    }


def an_agency(session: Session, **kw: object) -> tuple[Agency, UserAccount, UserAccount, AgencyDirector]:
    """An agency with its owner, a clerk and a director."""
    made, owner, actor = make.agency(session, **kw)
    known = registration.add_director(
        session, actor, made.id, make.director(name="Hari Thapa", email="hari@director.example", phone="+9779841000077")
    )
    clerk = make.account(session, "Clerk")
    add_membership(session, clerk, kind=AGENCY, subject_id=made.id, rights=[ClerkRight.APPLY])
    return made, owner, clerk, known


def command(made: Agency, **changes: object) -> Propose:
    return replace(
        Propose(AGENCY, made.id, Ground.COURT_ORDER, "Order of the court, seen", person=HEIR, file=make.photo()),
        **changes,
    )


def proposed(session: Session, made: Agency, **changes: object) -> OwnerReplacement:
    return services.propose(session, make.reviewer(session), command(made, **changes))


def noticed(session: Session, made: Agency, **changes: object) -> OwnerReplacement:
    change = proposed(session, made, **changes)
    return services.decide(session, make.approver(session), change.id, agree=True, reason="The order is genuine")


def let_the_days_pass(session: Session, change: OwnerReplacement) -> None:
    assert change.object_until
    change.object_until -= timedelta(days=services.objection_days() + 1)
    session.flush()


def invited(session: Session) -> str:
    """The token of the last invitation."""
    query = select(OutgoingMessage).where(OutgoingMessage.template == "invitation").order_by(OutgoingMessage.id.desc())
    body = session.scalars(query.limit(1)).one().body or ""
    return body.split("/invitations/", 1)[1].split()[0]


def comes_in(session: Session, name: str = "Sita Shrestha") -> UserAccount:
    token = invited(session)
    return invitations.accept_new(session, token, name=name, password=PASSWORD)


def owners(session: Session, made: Agency) -> list[UUID]:
    return [a.id for a in owners_of(session, AGENCY, made.id)]


def told(session: Session, template: str) -> list[str | None]:
    return [m.address for m in session.scalars(select(OutgoingMessage).where(OutgoingMessage.template == template))]


def test_the_owner_is_told_everywhere_and_after_the_days_the_new_one_is_invited(session: Session):
    made, owner, clerk, _director = an_agency(session, email="owner@agency.example", phone="+9779841000055")
    made.email, made.phone = "office@agency.example", "+97714350001"
    change = noticed(session, made)
    assert change.status is S.NOTICE
    assert sorted(filter(None, told(session, "owner_notice"))) == [
        "+97714350001", "+9779841000055", "office@agency.example", "owner@agency.example",
    ]  # fmt: skip
    assert services.go_on(session) == 0
    assert owners(session, made) == [owner.id]
    open_session(session, owner, agent="tests")
    let_the_days_pass(session, change)
    assert services.go_on(session) == 1
    assert services.go_on(session) == 0
    assert (change.status, owners(session, made)) == (S.INVITED, [])
    assert not actor_for(session, owner).acts_for(AGENCY, made.id)
    live = select(func.count()).select_from(AccountSession).where(AccountSession.ended_at.is_(None))
    assert session.scalar(live) == 0
    assert actor_for(session, clerk).acts_for(AGENCY, made.id, ClerkRight.APPLY)
    news = session.scalars(select(OutgoingMessage.account_id).where(OutgoingMessage.template == "owner_news")).all()
    assert sorted(filter(None, news)) == sorted([owner.id, clerk.id])
    heir = comes_in(session)
    assert (change.status, owners(session, made)) == (S.DONE, [heir.id])
    rows = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == change.id).order_by(AuditEvent.at)).all()
    assert [r.action for r in rows if r.action != "assign"] == ["propose", "give_notice", "go_on", "accept"]
    assert not any(word in str([r.evidence for r in rows]) for word in ("Sita", "44-01", "heir.example"))


def test_after_a_death_nobody_waits(session: Session):
    made, owner, _clerk, director = an_agency(session)
    change = noticed(session, made, ground=Ground.DEATH, director_id=director.id, person=None)
    assert (change.status, change.object_until, owners(session, made)) == (S.INVITED, None, [])
    assert told(session, "owner_notice") == []
    assert (change.name, change.email) == ("Hari Thapa", "hari@director.example")
    assert owner.id not in owners(session, made)


def test_nobody_is_proposed_without_a_paper_a_person_and_an_address(session: Session):
    made, _owner, _clerk, director = an_agency(session)
    maker = make.reviewer(session)
    wrong: list[tuple[dict[str, object], str]] = [
        ({"file": None}, "photo or PDF"),
        ({"file": None, "ground": Ground.UNREACHABLE}, "photo or PDF"),
        ({"evidence": "  "}, "what you saw"),
        ({"person": None}, "Name the person"),
    ]
    for changes, words in wrong:
        with pytest.raises(DomainError, match=words):
            services.propose(session, maker, command(made, **changes))
    other, _account, _clerk, elsewhere = an_agency(session, name="Langtang Manpower")
    with pytest.raises(NotVisible):
        services.propose(session, maker, command(made, director_id=elsewhere.id))
    director.email = None
    with pytest.raises(DomainError, match="No e-mail"):
        services.propose(session, maker, command(made, director_id=director.id, person=None))
    assert session.scalar(select(func.count()).select_from(OwnerReplacement)) == 0
    unpapered = command(
        made, director_id=director.id, person=None, email="hari@new.example", ground=Ground.UNREACHABLE, file=None
    )
    assert services.propose(session, maker, unpapered).file_id is None
    with pytest.raises(DomainError, match="already"):
        services.propose(session, maker, command(made))
    assert services.propose(session, maker, command(other)).kind is AGENCY


def test_who_stands_on_the_blacklist_owns_nothing(session: Session):
    listed, _owner, actor = make.agency(session, "Bad Overseas Pvt. Ltd.")
    registration.add_director(
        session, actor, listed.id, make.director(HEIR.identifier, name=HEIR.name, born=HEIR.birth_date)
    )
    made, owner, _clerk, _director = an_agency(session)
    change = noticed(session, made)
    go.ordered(session, OrderKind.BLACKLIST, **go.against(listed))
    let_the_days_pass(session, change)
    services.go_on(session)
    assert (change.status, owners(session, made)) == (S.LAPSED, [owner.id])
    with pytest.raises(DomainError, match="blacklist"):
        proposed(session, made)


def test_nobody_decides_an_own_proposal_or_in_an_own_interest(session: Session):
    made, owner, _clerk, director = an_agency(session)
    with pytest.raises(Denied, match="tie"):
        services.propose(session, make.reviewer(session, phone=director.phone), command(made))
    both = make.account(session, "Both")
    for role in (StaffRole.LICENSING_OFFICER, StaffRole.LICENSING_APPROVER):
        make.post_staff(session, both, role, make.office(session))
    maker = actor_for(session, both)
    change = services.propose(session, maker, command(made))
    with pytest.raises(Denied, match="had a hand"):
        services.decide(session, maker, change.id, agree=True, reason="Fine")
    tied = make.approver(session)
    insider.declare(session, tied, insider.DeclareTie(made.reference, TieKind.FAMILY))
    self_named = make.approver(session, email=HEIR.email)
    named_director = make.approver(session, email=director.email)
    for officer in (tied, self_named, named_director):
        with pytest.raises(Denied):
            services.decide(session, officer, change.id, agree=True, reason="Fine")
    with pytest.raises((Denied, NotVisible)):
        services.decide(session, actor_for(session, owner), change.id, agree=True, reason="Fine")
    assert change.status is S.PROPOSED


@pytest.mark.real_lot
def test_the_lot_falls_on_one_and_nobody_else_decides(session: Session):
    made, _owner, _clerk, _director = an_agency(session)
    bosses = [make.approver(session) for _ in range(3)]
    with make.drawn_for(bosses[1]):
        change = proposed(session, made)
    held = duties.duty(session, "owner_replacement", change.id, "decision")
    assert held
    assert held.officer_id == bosses[1].account_id
    for other in (bosses[0], bosses[2]):
        with pytest.raises(Denied, match="another officer"):
            services.decide(session, other, change.id, agree=True, reason="Fine")
    assert services.decide(session, bosses[1], change.id, agree=False, reason="No order").status is S.REFUSED


def test_an_objection_is_heard_by_who_had_no_hand_in_it(session: Session):
    made, owner, _clerk, _director = an_agency(session)
    boss = make.approver(session)
    change = services.decide(session, boss, proposed(session, made).id, agree=True, reason="Seems genuine")
    services.object_to(session, actor_for(session, owner), AGENCY, subject_id=made.id, reason="I am alive")
    assert (change.status, change.objection) == (S.OBJECTED, "I am alive")
    let_the_days_pass(session, change)
    assert services.go_on(session) == 0
    with pytest.raises(Denied, match="had a hand"):
        services.settle(session, boss, change.id, go_on=True, reason="All the same")
    services.settle(session, make.approver(session), change.id, go_on=False, reason="The owner came in person")
    assert (change.status, owners(session, made)) == (S.REFUSED, [owner.id])


def test_an_objection_may_be_overruled_and_one_on_paper_counts(session: Session):
    made, owner, clerk, _director = an_agency(session)
    change = noticed(session, made)
    with pytest.raises(TooLate):
        services.object_to(session, _owner_beside(session, made), AGENCY, subject_id=made.id, reason="No")
    services.record_objection(session, make.reviewer(session), change.id, "A letter came")
    services.settle(session, make.approver(session), change.id, go_on=True, reason="The court has decided")
    assert change.status is S.LAPSED, "a second owner came meanwhile"
    assert owner.id in owners(session, made)
    assert clerk.id not in owners(session, made)


def _owner_beside(session: Session, made: Agency) -> Actor:
    beside = make.account(session, "Beside")
    add_membership(session, beside, kind=AGENCY, subject_id=made.id, is_owner=True)
    return actor_for(session, beside)


def test_objecting_is_for_the_owner_and_within_the_days(session: Session):
    made, owner, clerk, _director = an_agency(session)
    change = noticed(session, made)
    with pytest.raises(NotVisible):
        services.object_to(session, actor_for(session, clerk), AGENCY, subject_id=made.id, reason="No")
    let_the_days_pass(session, change)
    with pytest.raises(TooLate, match="days to object"):
        services.object_to(session, actor_for(session, owner), AGENCY, subject_id=made.id, reason="No")
    assert change.status is S.NOTICE


def test_an_owner_who_hands_over_meanwhile_ends_it(session: Session):
    made, owner, clerk, _director = an_agency(session)
    change = noticed(session, made)
    held = next(m for m in handover.people(session, AGENCY, made.id) if m.account_id == clerk.id)
    values = {"subject_id": made.id, "password": make.PASSWORD}
    handover.offer(session, actor_for(session, owner), AGENCY, membership_id=held.id, **values)
    handover.accept(session, actor_for(session, clerk), AGENCY, **values)
    let_the_days_pass(session, change)
    services.go_on(session)
    assert (change.status, owners(session, made)) == (S.LAPSED, [clerk.id])


def test_a_clerk_may_become_the_owner_and_a_member_of_staff_not(session: Session):
    made, _owner, clerk, _director = an_agency(session)
    person = replace(HEIR, email=clerk.email or "")
    change = noticed(session, made, ground=Ground.DEATH, person=person)
    token = invited(session)
    invitations.accept_signed_in(session, actor_for(session, clerk), token)
    assert (change.status, owners(session, made)) == (S.DONE, [clerk.id])
    assert len(handover.people(session, AGENCY, made.id)) == 1
    other, _owner, _clerk, _director = an_agency(session, name="Langtang Manpower")
    officer = make.account(session, "Officer", email="officer@office.example")
    make.post_staff(session, officer, StaffRole.AIRPORT_OFFICER, make.office(session))
    noticed(session, other, ground=Ground.DEATH, person=replace(HEIR, email="officer@office.example"))
    token = invited(session)
    with pytest.raises(DomainError, match="staff"):
        invitations.accept_signed_in(session, actor_for(session, officer), token)
    assert owners(session, other) == []


def test_a_lost_link_is_sent_again_and_a_mistake_taken_back(session: Session):
    made, _owner, _clerk, _director = an_agency(session)
    change = noticed(session, made, ground=Ground.DEATH)
    first = invited(session)
    officer = make.reviewer(session)
    queue = next(q for q in QUEUES if q.name == "owner.late.agency")
    assert fetch(session, queue, officer, limit=5).total == 0
    session.get_one(Invitation, change.invitation_id).expires_at -= timedelta(days=9)
    session.flush()
    assert session.execute(queue.query(officer)).one().id == change.id
    services.invite_again(session, make.reviewer(session), change.id)
    with pytest.raises(NotVisible):
        invitations.accept_new(session, first, name="Sita", password=PASSWORD)
    second = invited(session)
    services.take_back(session, make.reviewer(session), change.id, "The wrong person")
    with pytest.raises(NotVisible):
        invitations.accept_new(session, second, name="Sita", password=PASSWORD)
    again = noticed(session, made)
    assert (change.status, again.status, again.lost_account_id) == (S.TAKEN_BACK, S.INVITED, None)


def test_a_letter_that_was_served_keeps_its_days(session: Session):
    made, _owner, _clerk, _director = an_agency(session)
    case = go.walked(session, CaseStatus.NOTICE, **go.against(made))
    before = session.get_one(SanctionCase, case.id).due_on
    assert before is not None
    noticed(session, made, ground=Ground.DEATH)
    heir = comes_in(session)
    session.expire_all()
    after = session.get_one(SanctionCase, case.id)
    assert (after.status, after.due_on) == (CaseStatus.NOTICE, before)
    assert actor_for(session, heir).acts_for(AGENCY, made.id)


@pytest.mark.parametrize("kind", bodies.KINDS.values(), ids=[str(k) for k in bodies.KINDS])
def test_centres_and_helping_organisations_take_the_same_way(session: Session, kind: bodies.BodyKind):
    maker, body_id, owner = owned(session, kind)
    office = bodies.find(session, maker, kind, body_id).office_id
    role = StaffRole.CENTRE_INSPECTOR if kind.kind is SubjectKind.CENTRE else StaffRole.STAFF_ADMIN
    change = services.propose(
        session, maker,
        Propose(kind.kind, body_id, Ground.COURT_ORDER, "Order seen", person=HEIR, file=make.photo()),
    )  # fmt: skip
    with pytest.raises(Denied):
        services.decide(session, maker, change.id, agree=True, reason="Fine")
    second = make.account(session, "Second")
    make.post_staff(session, second, role, session.get_one(make.Office, office))
    services.decide(session, actor_for(session, second), change.id, agree=True, reason="Fine")
    with pytest.raises(DomainError, match="already"):
        bodies.invite_owner(session, maker, kind, body_id, name="X", email="x@people.example")
    let_the_days_pass(session, change)
    services.go_on(session)
    heir = comes_in(session)
    assert [a.id for a in owners_of(session, kind.kind, body_id)] == [heir.id]
    assert not actor_for(session, owner).acts_for(kind.kind, body_id)


def test_another_owner_of_an_employer_signs_nothing_before_the_mission_has_seen_them(session: Session):
    scene = abroad.signed(session)
    employer, owner = scene.employer_record, scene.employer
    maker, decider = (abroad.officer(session, StaffRole.MISSION_OFFICER, "M-QA") for _ in range(2))
    stranger = abroad.officer(session, StaffRole.MISSION_OFFICER, "M-AE")
    ask = Propose(
        SubjectKind.EMPLOYER, employer.id, Ground.DEATH, "Death certificate, seen", person=HEIR, file=make.photo()
    )
    for outsider in (stranger, make.reviewer(session)):
        with pytest.raises(NotVisible):
            services.propose(session, outsider, ask)
    change = services.propose(session, maker, ask)
    with pytest.raises(Denied):
        services.decide(session, maker, change.id, agree=True, reason="My own")
    assert not hindrance(session, employer)
    services.decide(session, decider, change.id, agree=True, reason="The paper is genuine")
    heir = comes_in(session)
    assert (change.status, owners_of(session, SubjectKind.EMPLOYER, employer.id)) == (S.DONE, [heir])
    assert hindrance(session, employer)
    draft = job_orders.Draft(scene.agency_record.id, 3, PROMISED)
    before = actor_for(session, session.get_one(UserAccount, owner.require_account()))
    assert not before.acts_for(SubjectKind.EMPLOYER, employer.id)
    anew = actor_for(session, heir)
    made = job_orders.draft(session, anew, draft)
    with pytest.raises(Denied, match="Only the named signatory"):
        job_orders.send_signing_code(session, anew, made.id)


def test_two_deciders_at_once_leave_one_decision(committed: sessionmaker[Session]):
    with committed() as session:
        made, _owner, _clerk, _director = an_agency(session)
        change_id = proposed(session, made, ground=Ground.DEATH).id
        bosses = [make.approver(session) for _ in range(2)]
        session.commit()
    start, refused = Barrier(2), []

    def decide(boss: Actor, agree: bool) -> None:
        with committed() as session:
            start.wait()
            try:
                services.decide(session, boss, change_id, agree=agree, reason="Looked at")
                session.commit()
            except (TooLate, Denied) as error:
                refused.append(error)

    threads = [Thread(target=decide, args=pair) for pair in zip(bosses, (True, False), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committed() as session:
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == change_id)).all()
        assert len([a for a in actions if a in ("agree", "refuse")]) == 1
        assert len(refused) == 1
        assert session.get_one(OwnerReplacement, change_id).status in (S.INVITED, S.REFUSED)


def test_it_goes_by_the_pages(session: Session, client: PortalClient):
    made, owner, _clerk, director = an_agency(session)
    maker, boss, third = (
        make.officer(session, role)[0]
        for role in (StaffRole.LICENSING_OFFICER, StaffRole.LICENSING_APPROVER, StaffRole.LICENSING_APPROVER)
    )
    client.sign_in(session, maker)
    address = f"/staff/owners/agency/{made.id}"
    assert address in client.get(f"/licensing/agencies/{made.id}").text
    assert client.post_form(address, ground="court_order", evidence="Seen").status_code == 422
    assert client.post_form(address, ground="", director=str(director.id), evidence="Seen").status_code == 422
    with make.drawn_for(actor_for(session, boss)):
        sent = client.post_form(
            address,
            ground="court_order",
            director=str(director.id),
            evidence="The order was shown",
            file=(BytesIO(make.photo()), "order.png"),
        )
    assert sent.status_code == 303
    file = sent.headers["Location"]
    assert client.get(address).headers["Location"] == file
    assert client.post_form(f"{file}/agree", reason="Mine").status_code == 403
    client.sign_in(session, boss)
    assert file in client.get("/staff").text
    assert f"{file}/agree" in client.get(file).text
    assert client.get(f"{file}/paper").mimetype == "image/jpeg"
    assert client.post_form(f"{file}/refuse").status_code == 422
    assert client.post_form(f"{file}/agree").status_code == 422
    assert client.post_form(f"{file}/agree", reason="Looked at").status_code == 303
    client.sign_in(session, owner)
    own = f"/people/agency/{made.id}/owner"
    assert f"{own}/object" in client.get(own).text
    assert client.post_form(f"{own}/object").status_code == 422
    with make.drawn_for(actor_for(session, third)):
        assert client.post_form(f"{own}/object", reason="I am here").status_code == 303
    client.sign_in(session, third)
    assert "I am here" in client.get(file).text
    assert client.post_form(f"{file}/uphold", reason="The owner is here").status_code == 303
    client.sign_in(session, make.account(session))
    assert client.get(file).status_code == 403
    client.sign_in(
        session,
        make.officer(session, StaffRole.LICENSING_OFFICER, at=make.office(session, "P9", parent=make.office(session)))[
            0
        ],
    )
    assert client.get(file).status_code == 404
