import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import escape

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from agencies.licensing.models import Licence
from agencies.licensing.status import LicenceStatus
from contracts.clearance import airport as airport_desk
from contracts.clearance import documents, queries, services, views
from contracts.clearance.checklist import State, checklist
from contracts.clearance.models import DepartureClearance
from contracts.clearance.status import ClearanceStatus as S
from contracts.clearance.status import clearance_workflow
from contracts.clearance.watch import watch
from contracts.employers.models import Employer
from contracts.employment import services as contracts
from contracts.employment.models import EmploymentContract
from contracts.employment.status import ContractStatus, Place
from contracts.job_orders import services as job_orders
from contracts.job_orders.models import JobOrder
from core.accounts import UserAccount
from core.actor import Actor
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible
from core.messages import OutgoingMessage
from core.permissions import Permission, StaffRole
from core.verification import Answer, verify
from migrants.registration.models import Migrant, Passport
from migrants.registration.queries import passport_facts
from tests.contracts import factories as make
from tests.contracts.accreditation_factories import barred
from tests.contracts.test_comparison import PROMISED
from tests.migrants.factories import officer

Sessions = sessionmaker[Session]


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(out, "JPEG")
    return out.getvalue()


def applied(session: Session) -> tuple[DepartureClearance, Actor, make.Scene]:
    _contract, actor, scene = make.registered(session)
    services.begin(session, actor)
    services.add_paper(session, actor, "insurance", picture())
    return services.apply_for(session, actor, legal_today(session) + timedelta(days=20)), actor, scene


def reviewed(session: Session) -> tuple[DepartureClearance, Actor, make.Scene, Actor]:
    clearance, actor, scene = applied(session)
    reviewer = officer(session, StaffRole.CLEARANCE_APPROVER)
    services.decide(session, reviewer, clearance.id, "review", "Papers seen")
    return clearance, actor, scene, reviewer


def test_the_transition_table_is_the_one_that_was_agreed():
    assert clearance_workflow.pairs() == {
        ("collecting", "apply", "applied"), ("queried", "apply", "applied"), ("applied", "review", "under_review"),
        ("appealed", "review", "under_review"), ("applied", "query", "queried"), ("under_review", "query", "queried"),
        ("under_review", "grant", "granted"), ("under_review", "refuse", "refused"), ("refused", "appeal", "appealed"),
        ("refused", "begin_again", "collecting"),
        ("granted", "depart", "departed"), ("granted", "expire", "expired"), ("granted", "revoke", "revoked"),
        ("granted", "hold", "held"), ("held", "lift", "granted"), ("held", "expire", "expired"), ("held", "revoke", "revoked"),
        ("departed", "correct_departure", "granted"), ("granted", "stop", "stopped"), ("held", "stop", "stopped"),
        ("stopped", "let_go", "granted"), ("stopped", "expire", "expired"), ("stopped", "revoke", "revoked"),
        ("granted", "supersede", "superseded"), ("held", "supersede", "superseded"), ("stopped", "supersede", "superseded"),
        ("applied", "follow", "applied"), ("under_review", "follow", "applied"),
    }  # fmt: skip


def test_the_checklist_says_what_is_missing_and_how_to_mend_it(session: Session):
    migrant_id, _reference, actor = make.worker(session)
    states = {c.code: (c.state, c.hard) for c in checklist(session, migrant_id, frozenset()).conditions}
    assert states["identity"] == (State.MET, True)
    assert states["contract"] == (State.MISSING, True)
    # Reported, not seen in the law: it can't refuse a person.
    assert states["orientation"] == (State.MISSING, False)
    assert all(c.mend for c in checklist(session, migrant_id, frozenset()).conditions if c.state is not State.MET)
    with pytest.raises(DomainError, match="registered contract"):
        services.begin(session, actor)


def test_two_officers_grant_it_the_place_is_taken_and_the_qr_verifies(session: Session):
    clearance, _actor, scene, reviewer = reviewed(session)
    with pytest.raises(Denied):
        services.decide(session, reviewer, clearance.id, "grant", "mine, too")
    services.decide(session, officer(session, StaffRole.CLEARANCE_APPROVER), clearance.id, "grant", "All holds today")
    order = session.get_one(JobOrder, scene.order.id, populate_existing=True)
    assert (clearance.status, order.contracted, order.cleared) == (S.GRANTED, 0, 1)
    assert verify(session, services.token(clearance)).answer is Answer.VALID
    assert documents.clearance_pdf(session, clearance).startswith(b"%PDF-")
    airport_desk.depart(session, officer(session, StaffRole.AIRPORT_OFFICER), clearance.id, "The flight was moved")
    assert verify(session, services.token(clearance)).answer is Answer.REVOKED


def test_a_licence_suspended_after_the_review_stops_the_grant(session: Session):
    clearance, _actor, scene, _reviewer = reviewed(session)
    licence = session.scalars(select(Licence).where(Licence.agency_id == scene.agency_record.id)).one()
    licence.status = type(licence.status).SUSPENDED
    session.flush()
    with pytest.raises(DomainError, match="licence"):
        services.decide(session, officer(session, StaffRole.CLEARANCE_APPROVER), clearance.id, "grant", "quick")
    order = session.get_one(JobOrder, scene.order.id, populate_existing=True)
    assert (clearance.status, order.contracted, order.cleared) == (S.UNDER_REVIEW, 1, 0)


def test_an_expired_passport_stops_the_application(session: Session):
    contract, actor, _scene = make.registered(session)
    passport = session.scalars(select(Passport).where(Passport.migrant_id == contract.migrant_id)).one()
    passport.expires_on = legal_today(session) - timedelta(days=1)
    services.begin(session, actor)
    with pytest.raises(DomainError, match="passport is valid"):
        services.apply_for(session, actor, None)


def test_a_refusal_is_in_writing_and_the_worker_appeals_to_others(session: Session):
    clearance, actor, _scene, reviewer = reviewed(session)
    second = officer(session, StaffRole.CLEARANCE_APPROVER)
    with pytest.raises(DomainError):
        services.decide(session, second, clearance.id, "refuse", " ")
    services.decide(session, second, clearance.id, "refuse", "The visa names another job. Ask the employer to mend it.")
    services.appeal(session, actor, "The visa was mended")
    assert (clearance.status, clearance.reviewed_by) == (S.APPEALED, None)
    for before in (reviewer, second):
        with pytest.raises(Denied):
            services.decide(session, before, clearance.id, "review", "Mended visa seen")
    assert clearance.status is S.APPEALED
    third, fourth = (officer(session, StaffRole.CLEARANCE_APPROVER) for _ in range(2))
    services.decide(session, third, clearance.id, "review", "Mended visa seen")
    for before in (reviewer, second):
        with pytest.raises(Denied):
            services.decide(session, before, clearance.id, "grant", "Everything holds")
    assert clearance.status is S.UNDER_REVIEW
    services.decide(session, fourth, clearance.id, "grant", "Everything holds")
    assert clearance.status is S.GRANTED


def test_strangers_and_other_offices_see_no_clearance(session: Session):
    clearance, _actor, scene = applied(session)
    for stranger in (
        officer(session, StaffRole.CLEARANCE_APPROVER, "P2"),
        scene.agency,
        scene.employer,
        make.worker(session)[2],
    ):
        with pytest.raises(NotVisible):
            services.find(session, stranger, clearance.id)
    assert clearance.status is S.APPLIED


def test_two_approvers_at_once_take_one_place(committed: Sessions):
    with committed() as session:
        clearance, _actor, scene, _reviewer = reviewed(session)
        approvers = [officer(session, StaffRole.CLEARANCE_APPROVER) for _ in range(4)]
        session.commit()

    def grant(actor: Actor) -> bool:
        with committed() as session:
            try:
                services.decide(session, actor, clearance.id, "grant", "ok")
            except DomainError:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(grant, approvers)) == 1
    with committed() as session:
        assert session.get_one(JobOrder, scene.order.id).cleared == 1


def test_a_clearance_runs_out_and_gives_its_place_back(session: Session):
    clearance, _actor, scene, _reviewer = reviewed(session)
    services.decide(session, officer(session, StaffRole.CLEARANCE_APPROVER), clearance.id, "grant", "All holds today")
    clearance.valid_until = legal_today(session) - timedelta(days=1)
    session.flush()
    assert verify(session, services.token(clearance)).answer is Answer.REVOKED
    assert services.expire_due(session) == 1
    assert services.expire_due(session) == 0
    order = session.get_one(JobOrder, scene.order.id, populate_existing=True)
    assert (order.contracted, order.cleared) == (1, 0)


def test_beginning_twice_makes_one_clearance(session: Session):
    _contract, actor, _scene = make.registered(session)
    assert services.begin(session, actor).id == services.begin(session, actor).id
    assert session.scalar(select(func.count()).select_from(DepartureClearance)) == 1


def granted(session: Session) -> tuple[DepartureClearance, Actor, make.Scene]:
    clearance, actor, scene, _reviewer = reviewed(session)
    services.decide(session, officer(session, StaffRole.CLEARANCE_APPROVER), clearance.id, "grant", "All holds today")
    return clearance, actor, scene


def suspend_licence(session: Session, scene: make.Scene) -> None:
    licence = session.scalars(select(Licence).where(Licence.agency_id == scene.agency_record.id)).one()
    licence.status = LicenceStatus.SUSPENDED
    session.flush()


def give_back_licence(session: Session, scene: make.Scene) -> None:
    licence = session.scalars(select(Licence).where(Licence.agency_id == scene.agency_record.id)).one()
    licence.status = LicenceStatus.ACTIVE
    session.flush()


def bar_employer(session: Session, scene: make.Scene) -> None:
    barred(session, scene.employer_record)


def end_contract(session: Session, scene: make.Scene) -> None:
    contract = session.scalars(
        select(EmploymentContract).where(EmploymentContract.job_order_id == scene.order.id)
    ).one()
    contract.status = ContractStatus.ENDED
    session.flush()


def let_passport_run_out(session: Session, scene: make.Scene) -> None:
    contract = session.scalars(
        select(EmploymentContract).where(EmploymentContract.job_order_id == scene.order.id)
    ).one()
    passport = session.scalars(select(Passport).where(Passport.migrant_id == contract.migrant_id)).one()
    passport.expires_on = legal_today(session) - timedelta(days=1)
    session.flush()


@pytest.mark.parametrize("fall", [suspend_licence, bar_employer, end_contract, let_passport_run_out])
def test_a_ground_that_falls_away_after_the_grant_stops_the_departure_at_once_and_the_watch_holds_it(
    session: Session, fall: Callable[[Session, make.Scene], None]
):
    clearance, _worker, scene = granted(session)
    assert verify(session, services.token(clearance)).answer is Answer.VALID
    fall(session, scene)
    # Asked then and there: no job has run yet.
    assert verify(session, services.token(clearance)).answer is Answer.REVOKED
    airport = officer(session, StaffRole.AIRPORT_OFFICER)
    with pytest.raises(DomainError, match="held"):
        airport_desk.depart(session, airport, clearance.id, "The flight was moved")
    before = told(session)
    assert watch(session) == (1, 0)
    assert clearance.status is S.HELD
    assert told(session) == before + 1
    assert watch(session) == (0, 0)
    with pytest.raises(DomainError, match="held"):
        airport_desk.depart(session, airport, clearance.id, "The flight was moved")


def told(session: Session) -> int:
    query = select(func.count()).select_from(OutgoingMessage).where(OutgoingMessage.template == "record_changed")
    return session.scalar(query) or 0


def test_a_hold_is_lifted_when_the_ground_is_back_and_the_worker_hears_of_both(session: Session):
    clearance, _worker, scene = granted(session)
    assert watch(session) == (0, 0)
    suspend_licence(session, scene)
    watch(session)
    give_back_licence(session, scene)
    assert watch(session) == (0, 1)
    assert clearance.status is S.GRANTED
    assert verify(session, services.token(clearance)).answer is Answer.VALID
    airport_desk.depart(session, officer(session, StaffRole.AIRPORT_OFFICER), clearance.id, "The flight was moved")
    assert clearance.status is S.DEPARTED


def test_a_held_clearance_keeps_its_place_until_it_runs_out_or_is_revoked(session: Session):
    clearance, _worker, scene = granted(session)
    suspend_licence(session, scene)
    watch(session)
    assert session.get_one(JobOrder, scene.order.id, populate_existing=True).cleared == 1
    services.decide(session, officer(session, StaffRole.CLEARANCE_APPROVER), clearance.id, "revoke", "Agency is closed")
    assert session.get_one(JobOrder, scene.order.id, populate_existing=True).cleared == 0


def places(session: Session, scene: make.Scene) -> tuple[int, int, int]:
    order = session.get_one(JobOrder, scene.order.id, populate_existing=True)
    return order.reserved, order.contracted, order.cleared


def test_a_contract_that_ends_after_the_grant_gives_its_place_back_once(session: Session):
    clearance, _actor, scene = granted(session)
    other, _other_actor, _scene = make.registered(session, scene)
    assert places(session, scene) == (0, 1, 1)
    contracts.decide(session, officer(session, StaffRole.LABOUR_OFFICER), clearance.contract_id, "end", "No visa")
    assert places(session, scene) == (0, 1, 0)
    assert watch(session) == (1, 0)
    services.decide(session, officer(session, StaffRole.CLEARANCE_APPROVER), clearance.id, "revoke", "Contract ended")
    assert places(session, scene) == (0, 1, 0)
    assert session.get_one(EmploymentContract, other.id).place is Place.CONTRACTED


def test_whoever_departed_keeps_the_place_used_when_the_contract_ends(session: Session):
    clearance, _actor, scene = granted(session)
    airport_desk.depart(session, officer(session, StaffRole.AIRPORT_OFFICER), clearance.id, "The flight was moved")
    contracts.decide(session, officer(session, StaffRole.LABOUR_OFFICER), clearance.contract_id, "end", "Came home")
    assert places(session, scene) == (0, 0, 1)


def test_a_closed_job_order_keeps_the_capacity_of_the_people_under_it(session: Session):
    _clearance, _actor, scene = granted(session)
    make.registered(session, scene)
    employer = session.get_one(Employer, scene.order.employer_id)
    before = job_orders.capacity_left(session, employer)
    job_orders.act(session, scene.employer, scene.order.id, "close", "Enough.")
    assert job_orders.capacity_left(session, employer) == before + scene.order.approved - 2


def test_a_hold_waits_in_the_queue_of_who_helps_and_nowhere_else(session: Session):
    clearance, _worker, scene = granted(session)
    suspend_licence(session, scene)
    watch(session)
    near, far = officer(session, StaffRole.CLEARANCE_OFFICER), officer(session, StaffRole.CLEARANCE_OFFICER, "P2")
    for actor, seen in ((near, [clearance.id]), (far, [])):
        rows = session.execute(queries.waiting(actor, [S.HELD], Permission.CLEARANCE_REVIEW))
        assert [r.id for r in rows] == seen


def test_the_pages_of_worker_and_airport_say_do_not_travel_in_plain_words(client, session: Session):
    clearance, worker, scene = granted(session)
    client.sign_in(session, session.get_one(UserAccount, worker.require_account()))
    assert "You are cleared to depart" in client.get("/me/clearance").text
    suspend_licence(session, scene)
    shown = client.get("/me/clearance").text
    assert "Do not travel yet" in shown
    assert "You are cleared to depart" not in shown
    assert "<svg" not in shown.split("<main")[1].split("Do not travel yet")[1][:400]
    airport = officer(session, StaffRole.AIRPORT_OFFICER)
    client.sign_in(session, session.get_one(UserAccount, airport.require_account()))
    seen = client.post_form("/staff/airport", reference=clearance.reference).text
    assert "Do not let the person depart" in seen
    assert "Passport seen: departed" not in seen


def test_contract_passport_and_papers_stand_beside_the_decision_and_the_reading_is_noted(
    client, session: Session, monkeypatch
):
    noted: list[tuple[object, str]] = []
    monkeypatch.setattr(views, "note_reading", lambda _actor, subject, *, purpose: noted.append((subject[1], purpose)))
    clearance, _worker, _scene = applied(session)
    reviewer = officer(session, StaffRole.CLEARANCE_OFFICER)
    client.sign_in(session, session.get_one(UserAccount, reviewer.require_account()))
    page = client.get(f"/staff/clearances/{clearance.id}").text
    contract = session.get_one(EmploymentContract, clearance.contract_id)
    facts = passport_facts(session, clearance.migrant_id, legal_today(session))
    assert facts
    for shown in (contract.reference, PROMISED.post, facts.number, facts.name):
        assert shown
        assert escape(shown) in page, shown
    pictures = re.findall(rf'<img src="(/staff/clearances/{clearance.id}/papers/[a-z]+\?picture=1)"', page)
    assert pictures
    answer = client.get(pictures[0])
    assert (answer.mimetype, answer.headers["Content-Security-Policy"]) == ("image/jpeg", "default-src 'none'; sandbox")
    assert "Your job" not in page
    assert "You keep it" not in page
    assert noted == [(clearance.id, "review"), (clearance.id, "paper")]
    passport = session.scalars(select(Passport).where(Passport.migrant_id == clearance.migrant_id)).one()
    passport.mrz = "P<NPL<<SPOILT"
    session.flush()
    spoilt = passport_facts(session, clearance.migrant_id, legal_today(session))
    assert spoilt
    assert (spoilt.name, spoilt.number) == (None, facts.number)
    stranger = officer(session, StaffRole.CLEARANCE_OFFICER, "P2")
    client.sign_in(session, session.get_one(UserAccount, stranger.require_account()))
    assert client.get(f"/staff/clearances/{clearance.id}").status_code == 404
    assert client.get(pictures[0]).status_code == 404


def another_contract(
    session: Session, actor: Actor, first: make.Scene, step: Callable[[], None] = lambda: None
) -> make.Scene:
    """The first contract ends, and the same worker has one with another employer registered.

    :param step: called after the end of the first, and again before the second is registered.
    """
    old = session.scalars(select(EmploymentContract).where(EmploymentContract.job_order_id == first.order.id)).one()
    contracts.decide(session, officer(session, StaffRole.LABOUR_OFFICER), old.id, "end", "The employer closed.")
    step()
    scene = make.approved(session)
    migrant = session.get_one(Migrant, old.migrant_id)
    contract = contracts.lodge(session, scene.agency, contracts.Lodging(scene.order.id, migrant.reference, PROMISED))
    contracts.mark_read(session, actor, contract.id)
    make.let_time_pass(session, contract)
    contracts.send_accept_code(session, actor, contract.id)
    code = make.last_code(session, actor.require_account())
    contracts.accept(session, actor, contract.id, secret=make.PASSWORD, code=code, locale="ne")
    step()
    contracts.decide(session, officer(session, StaffRole.LABOUR_OFFICER), contract.id, "register", "All green")
    return scene


def test_a_clearance_that_was_begun_follows_the_worker_to_another_contract(session: Session):
    _contract, actor, first = make.registered(session)
    begun = services.begin(session, actor)
    second = another_contract(session, actor, first)
    clearance = services.apply_for(session, actor, None)
    assert (clearance.id, clearance.job_order_id) == (begun.id, second.order.id)
    one, other = (officer(session, StaffRole.CLEARANCE_APPROVER) for _ in range(2))
    services.decide(session, one, clearance.id, "review", "Papers seen")
    services.decide(session, other, clearance.id, "grant", "All holds today")
    places = [session.get_one(JobOrder, s.order.id, populate_existing=True) for s in (first, second)]
    assert [(o.contracted, o.cleared) for o in places] == [(0, 0), (0, 1)]


def test_after_a_refusal_the_worker_mends_and_applies_anew_and_the_papers_are_looked_at_again(client, session: Session):
    clearance, actor, _scene, reviewer = reviewed(session)
    services.check_paper(session, reviewer, clearance.id, "insurance")
    services.decide(session, officer(session, StaffRole.CLEARANCE_APPROVER), clearance.id, "refuse", "Another name.")
    client.sign_in(session, session.get_one(UserAccount, actor.require_account()))
    assert "Apply anew" in client.get("/me/clearance").text
    assert client.post_form("/me/clearance/begin-again").status_code == 303
    session.refresh(clearance)
    assert (clearance.status, clearance.reviewed_by, clearance.applied_at) == (S.COLLECTING, None, None)
    assert services.checked_papers(session, clearance.id) == frozenset()
    assert client.post_form("/me/clearance/begin-again").status_code == 422
    assert services.apply_for(session, actor, None).status is S.APPLIED
    # A new application, not an appeal: who looked at the first, or at an appeal before it, may look at this one.
    services.decide(session, reviewer, clearance.id, "review", "The name is mended")


def test_an_appeal_that_is_over_keeps_nobody_from_the_new_application(session: Session):
    clearance, actor, _scene, reviewer = reviewed(session)
    second, third, fourth = (officer(session, StaffRole.CLEARANCE_APPROVER) for _ in range(3))
    services.decide(session, second, clearance.id, "refuse", "Another name.")
    services.appeal(session, actor, "It is my name.")
    services.decide(session, third, clearance.id, "review", "Papers seen")
    services.decide(session, fourth, clearance.id, "refuse", "It is not.")
    services.begin_again(session, actor)
    services.apply_for(session, actor, None)
    services.decide(session, reviewer, clearance.id, "review", "The name is mended")
    services.decide(session, second, clearance.id, "grant", "All holds today")
    assert clearance.status is S.GRANTED
