"""Correcting an employer's data: proposed with evidence, decided by the mission; who signs is seen anew."""

import io
import threading

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.employers import corrections
from contracts.employers.correction_models import EmployerCorrection, FormerSignatory
from contracts.employers.correction_queries import side_by_side
from contracts.employers.correction_status import CORRECTION, CorrectionStatus
from contracts.employers.models import Employer
from contracts.employers.signatory import hindrance
from contracts.job_orders import services as job_orders
from core.accounts import Membership, NewAccount, UserAccount, actor_for, add_membership, create_account, end_membership
from core.actor import Actor
from core.audit import AuditEvent
from core.contact import normal_phone
from core.db import db_now
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.permissions import ClerkRight, StaffRole, SubjectKind
from core.privacy import blind_index
from tests.agencies.factories import photo
from tests.contracts import factories as make
from tests.contracts.accreditation_factories import labour, mission
from tests.contracts.factories import PASSWORD, last_code, officer
from tests.contracts.test_comparison import PROMISED

S = CorrectionStatus


def clerk(
    session: Session, employer: Employer, email: str = "noora@lusail.example", phone: str | None = None
) -> UserAccount:
    """One of the employer's people, with an address that a code has proved."""
    account = create_account(session, NewAccount("Noora Ali", PASSWORD, email=email, phone=phone))
    account.email_confirmed_at = db_now(session)
    add_membership(
        session, account, kind=SubjectKind.EMPLOYER, subject_id=employer.id, rights=[ClerkRight.JOB_ORDERS, ClerkRight.SIGN]
    )  # fmt: skip
    return account


def details(**changes: str) -> corrections.Details:
    stands = {"name": PROMISED.employer, "city": "Doha", "address": "", "sector": ""}
    return corrections.Details(**{**stands, **changes}, why="We moved", evidence=photo())


def signs(account: UserAccount, *, name: str = "Noora Ali", phone: str = "+97433777001") -> corrections.Signatory:
    return corrections.Signatory(account.id, name, "Director", phone, "A new director", photo())


def changed(session: Session, employer: Employer, owner: Actor) -> tuple[EmployerCorrection, UserAccount]:
    account = clerk(session, employer)
    return corrections.propose_signatory(session, owner, signs(account)), account


def test_the_transition_table_is_the_one_that_was_agreed():
    assert CORRECTION.pairs() == {
        ("proposed", "accept", "accepted"), ("proposed", "refuse", "refused"), ("proposed", "withdraw", "withdrawn"),
    }  # fmt: skip


def test_what_was_proposed_stands_beside_what_was_and_holds_once_the_mission_agrees(session: Session):
    employer, owner = make.employer(session)
    made = corrections.propose_details(session, owner, details(name="Lusail Works W.L.L.", address="Street 14"))
    assert (employer.name, employer.address, hindrance(session, employer)) == (PROMISED.employer, None, "")
    wanted = [("Lusail Works W.L.L.", PROMISED.employer), ("Street 14", "")]
    assert [(s.after, s.before) for s in side_by_side(session, made, employer)] == wanted
    corrections.decide(session, mission(session), made.id, "accept", "Extract of the register seen")
    assert (employer.name, employer.address, employer.city, made.status) == (
        "Lusail Works W.L.L.",
        "Street 14",
        "Doha",
        S.ACCEPTED,
    )
    assert [(s.after, s.before) for s in side_by_side(session, made, employer)] == wanted


def test_a_correction_that_is_refused_or_withdrawn_changes_nothing(session: Session):
    employer, owner = make.employer(session)
    for step in ("refuse", "withdraw"):
        made = corrections.propose_details(session, owner, details(city="Al Wakra"))
        with pytest.raises(DomainError, match="waits already"):
            corrections.propose_details(session, owner, details(city="Lusail"))
        if step == "refuse":
            corrections.decide(session, mission(session), made.id, "refuse", "The paper is of another company")
        else:
            corrections.withdraw(session, owner, made.id)
        assert employer.city == "Doha"
    with pytest.raises(DomainError, match="Nothing changes"):
        corrections.propose_details(session, owner, details())


def test_until_the_mission_has_seen_the_new_signatory_nobody_signs_and_then_only_they_do(session: Session):
    scene = make.signed(session)
    employer, owner = scene.employer_record, scene.employer
    order = job_orders.draft(session, owner, job_orders.Draft(scene.agency_record.id, 2, PROMISED))
    job_orders.send_signing_code(session, owner, order.id)
    code = last_code(session, owner.require_account())
    before = (employer.signatory_name, employer.signatory_phone, employer.signatory_email)
    made, account = changed(session, employer, owner)
    new = actor_for(session, account)
    for actor, error in ((owner, DomainError), (new, Denied)):
        with pytest.raises(error):
            job_orders.sign(session, actor, order.id, secret=PASSWORD, code=code)
        with pytest.raises(error):
            job_orders.send_signing_code(session, actor, order.id)
    assert (order.status, order.signed_at) == ("draft", None)
    seer = mission(session)
    corrections.decide(session, seer, made.id, "accept", "Seen with passport")
    assert (employer.signatory_account_id, employer.signatory_name, employer.verified_by) == (
        account.id,
        "Noora Ali",
        seer.account_id,
    )
    assert employer.signatory_phone_index == blind_index("phone", normal_phone("+97433777001"))
    assert (employer.person_key_id, employer.signatory_title) == (account.person_key_id, "Director")
    former = session.scalars(select(FormerSignatory)).one()
    assert (former.name, former.phone, former.email) == before
    assert next(s.before for s in side_by_side(session, made, employer)) == before[0]
    with pytest.raises(Denied):
        job_orders.send_signing_code(session, owner, order.id)
    job_orders.send_signing_code(session, new, order.id)
    job_orders.sign(session, new, order.id, secret=PASSWORD, code=last_code(session, account.id))
    assert (order.status, order.signed_by) == ("employer_signed", account.id)


def test_a_new_telephone_number_of_the_same_person_is_seen_anew(session: Session):
    employer, owner = make.employer(session)
    own = session.get_one(UserAccount, owner.account_id)
    made = corrections.propose_signatory(session, owner, signs(own, name="Khalid Nasser"))
    assert "Until then nothing can be signed" in str(hindrance(session, employer))
    corrections.decide(session, mission(session), made.id, "refuse", "Not the number on the licence")
    assert hindrance(session, employer) == ""


def test_contacts_are_compared_with_agencies_again(session: Session):
    employer, owner = make.employer(session)
    agency, _owner = make.agency(session)
    same = create_account(session, NewAccount("Agent", PASSWORD, email="a@agency.example", phone="+97433777001"))
    add_membership(session, same, kind=SubjectKind.AGENCY, subject_id=agency.id, rights=[])
    made, _account = changed(session, employer, owner)
    assert corrections.ties(session, made) == ["phone"]
    with pytest.raises(DomainError, match="belongs to an agency"):
        corrections.decide(session, mission(session), made.id, "accept", "Seen")
    assert (made.status, employer.signatory_account_id) == (S.PROPOSED, owner.account_id)


def test_a_signatory_who_left_is_not_accepted_and_without_one_nothing_is_signed(session: Session):
    employer, owner = make.employer(session)
    made, account = changed(session, employer, owner)
    held = session.scalars(select(Membership).where(Membership.account_id == account.id)).one()
    end_membership(session, held)
    with pytest.raises(DomainError, match="does not act for the employer"):
        corrections.decide(session, mission(session), made.id, "accept", "Seen")
    corrections.withdraw(session, owner, made.id)
    own = session.scalars(select(Membership).where(Membership.account_id == owner.account_id)).one()
    end_membership(session, own)
    assert "does not act for the employer any more" in str(hindrance(session, employer))


def test_only_the_owner_proposes_and_only_the_mission_of_the_country_decides(session: Session):
    employer, owner = make.employer(session)
    account = clerk(session, employer)
    _other, stranger = make.employer(session)
    outsider = clerk(session, _other, "zaid@other.example")
    _agency, agency_owner = make.agency(session)
    for actor in (actor_for(session, account), agency_owner):
        with pytest.raises(NotVisible):
            corrections.propose_details(session, actor, details(city="Lusail"))
        with pytest.raises(NotVisible):
            corrections.propose_signatory(session, actor, signs(account))
    with pytest.raises(DomainError, match="one of your people"):
        corrections.propose_signatory(session, owner, signs(outsider))
    account.email_confirmed_at = None
    with pytest.raises(DomainError, match="proved no e-mail"):
        corrections.propose_signatory(session, owner, signs(account))
    account.email_confirmed_at = db_now(session)
    made = corrections.propose_signatory(session, owner, signs(account))
    tied = mission(session)
    add_membership(
        session,
        session.get_one(UserAccount, tied.account_id),
        kind=SubjectKind.EMPLOYER,
        subject_id=employer.id,
        rights=[],
    )
    for act, error in (
        (lambda: corrections.withdraw(session, stranger, made.id), NotVisible),
        (lambda: corrections.decide(session, owner, made.id, "accept", "x"), Denied),
        (lambda: corrections.decide(session, agency_owner, made.id, "accept", "x"), NotVisible),
        (lambda: corrections.decide(session, officer(session, StaffRole.MISSION_OFFICER, "M-SA"), made.id, "accept", "x"), NotVisible),
        (lambda: corrections.decide(session, labour(session), made.id, "accept", "x"), Denied),
        (lambda: corrections.decide(session, tied, made.id, "accept", "x"), Denied),
        (lambda: corrections.decide(session, mission(session), made.id, "accept", " "), DomainError),
        (lambda: corrections.decide(session, mission(session), made.id, "sign", "x"), NotVisible),
    ):  # fmt: skip
        with pytest.raises(error), session.begin_nested():
            act()
    session.refresh(employer)
    assert (made.status, employer.signatory_account_id) == (S.PROPOSED, owner.account_id)


def test_the_log_holds_no_personal_value(session: Session):
    employer, owner = make.employer(session)
    made, _account = changed(session, employer, owner)
    corrections.decide(session, mission(session), made.id, "accept", "Seen")
    rows = session.scalars(select(AuditEvent).where(AuditEvent.subject_id == made.id)).all()
    assert [r.action for r in rows] == ["propose", "accept"]
    assert not any(word in str(r.evidence) for r in rows for word in ("Noora", "33777001", "lusail"))


def test_two_officers_at_once_decide_it_once(committed):
    with committed() as session:
        _employer, owner = make.employer(session)
        made = corrections.propose_details(session, owner, details(city="Lusail")).id
        officers = [mission(session) for _ in range(2)]
        session.commit()
    start, late = threading.Barrier(2), []

    def decide(actor, action):
        with committed() as session:
            start.wait()
            try:
                corrections.decide(session, actor, made, action, "Looked at")
                session.commit()
            except TooLate as error:
                late.append(error)

    threads = [threading.Thread(target=decide, args=p) for p in zip(officers, ("accept", "refuse"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committed() as session:
        record = session.get_one(EmployerCorrection, made)
        city = session.get_one(Employer, record.employer_id).city
    assert (len(late), city) == (1, "Lusail" if record.status is S.ACCEPTED else "Doha")


def test_it_goes_through_the_pages(client, session: Session):
    employer, owner = make.employer(session)
    account = clerk(session, employer)
    client.sign_in(session, session.get_one(UserAccount, owner.account_id))
    url = "/employer/corrections"
    assert employer.signatory_phone in client.get(url).text
    form = {"name": "Lusail Works", "city": "Doha", "address": "", "sector": "", "why": "Renamed"}
    assert client.post_form(f"{url}/details", **form).status_code == 422
    sent = client.post_form(f"{url}/details", **form, evidence=(io.BytesIO(photo()), "extract.png"))
    assert sent.status_code == 303
    assert "Noora Ali" in client.get(f"{url}/signatory").text
    form = {
        "person": str(account.id),
        "signatory_name": "Noora Ali",
        "title": "Director",
        "phone": "+97433777001",
        "why": "New",
    }
    assert client.post_form(f"{url}/signatory", **form, evidence=(io.BytesIO(photo()), "id.png")).status_code == 303
    assert "Nothing can be signed now" in client.get("/employer").text
    first, second = session.scalars(select(EmployerCorrection).order_by(EmployerCorrection.id)).all()
    client.sign_in(session, account)
    assert client.get(f"{url}/details").status_code == 404
    assert client.post_form(f"{url}/{first.id}/withdraw").status_code == 404
    client.sign_in(session, session.get_one(UserAccount, mission(session).account_id))
    assert first.reference in client.get("/staff/queue/employer-corrections").text
    assert client.get(f"/employer-evidence/{second.id}?picture=1").status_code == 200
    file = f"/staff/corrections/{second.id}"
    assert "+97433777001" in client.get(file).text
    assert client.post_form(f"{file}/accept", reason="").status_code == 422
    assert client.post_form(f"{file}/accept", reason="Seen with passport").status_code == 303
    client.sign_in(session, session.get_one(UserAccount, labour(session).account_id))
    assert client.get(f"/staff/corrections/{first.id}").status_code == 200
    assert client.post_form(f"/staff/corrections/{first.id}/accept", reason="x").status_code == 403


def test_after_a_handover_the_new_owner_signs_only_once_the_mission_has_seen_them(client, session: Session):
    scene = make.signed(session)
    employer, owner = scene.employer_record, scene.employer
    account = clerk(session, employer)
    order = job_orders.draft(session, owner, job_orders.Draft(scene.agency_record.id, 2, PROMISED))
    held = session.scalars(select(Membership).where(Membership.account_id == account.id)).one()
    address = f"/people/employer/{employer.id}/owner"
    client.sign_in(session, session.get_one(UserAccount, owner.account_id))
    assert client.post_form(f"{address}/offer", person=str(held.id), password=PASSWORD).status_code == 303
    client.sign_in(session, account)
    assert client.post_form(f"{address}/accept", password=PASSWORD).status_code == 303
    session.expire_all()
    new = actor_for(session, account)
    assert (new.owns(SubjectKind.EMPLOYER, employer.id), employer.signatory_account_id) == (True, owner.account_id)
    for actor in (new, actor_for(session, session.get_one(UserAccount, owner.account_id))):
        with pytest.raises((Denied, NotVisible)):
            job_orders.send_signing_code(session, actor, order.id)
    assert "the mission has to see them" in str(hindrance(session, employer))
    made = corrections.propose_signatory(session, new, signs(account))
    with pytest.raises(Denied):
        job_orders.send_signing_code(session, new, order.id)
    corrections.decide(session, mission(session), made.id, "accept", "Seen with passport")
    job_orders.send_signing_code(session, new, order.id)
    job_orders.sign(session, new, order.id, secret=PASSWORD, code=last_code(session, account.id))
    assert order.signed_by == account.id
