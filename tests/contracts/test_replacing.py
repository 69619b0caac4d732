"""Another contract of the same worker: what was granted for the old one is superseded, what waits is looked at anew."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from contracts import quota
from contracts.clearance import airport, queries, services
from contracts.clearance.models import DepartureClearance
from contracts.clearance.replacing import follow_all, follow_registered
from contracts.clearance.status import ClearanceStatus as S
from contracts.clearance.watch import watch
from contracts.employment.models import EmploymentContract
from contracts.employment.status import Place
from core.accounts import UserAccount
from core.actor import SYSTEM
from core.audit import AuditEvent
from core.errors import DomainError, TooLate
from core.permissions import Permission, StaffRole
from core.verification import Answer, verify
from tests.contracts import factories as make
from tests.contracts.test_clearance import another_contract, applied, granted, places, reviewed
from tests.migrants.factories import officer


def rows(session: Session, clearance: DepartureClearance, action: str) -> list[AuditEvent]:
    found = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == clearance.id, AuditEvent.action == action)
    )
    return list(found)


@pytest.mark.parametrize("state", [S.GRANTED, S.HELD, S.STOPPED])
def test_one_in_force_is_superseded_and_the_worker_applies_for_the_new_contract(session: Session, state: S):
    clearance, actor, first = granted(session)
    if state is S.STOPPED:
        airport.stop(session, officer(session, StaffRole.AIRPORT_OFFICER), clearance.id, "Another face")
    second = another_contract(session, actor, first, step=lambda: state is S.HELD and watch(session))
    assert (clearance.status, clearance.due_on) == (S.SUPERSEDED, None)
    (event,) = rows(session, clearance, "supersede")
    assert (event.from_status, event.evidence["from"]) == (state.value, str(clearance.contract_id))
    assert (places(session, first), places(session, second)) == ((0, 0, 0), (0, 1, 0))
    found = verify(session, services.token(clearance))
    assert (found.answer, str(found.title)) == (Answer.REVOKED, "This clearance is not valid: replaced")
    new = services.begin(session, actor)
    assert new.id != clearance.id
    assert services.apply_for(session, actor, None).job_order_id == second.order.id
    # Whoever decides the new one is told that the airport stopped the person before.
    assert [s.reason for s in queries.earlier_stops(session, new)] == (["Another face"] if state is S.STOPPED else [])


def test_a_superseded_clearance_leads_to_no_departure_and_nothing_brings_it_back(session: Session):
    clearance, actor, first = granted(session)
    another_contract(session, actor, first)
    desk, approver = officer(session, StaffRole.AIRPORT_OFFICER), officer(session, StaffRole.CLEARANCE_APPROVER)
    for act in (airport.depart, airport.stop, airport.correct):
        with pytest.raises(DomainError):
            act(session, desk, clearance.id, "again")
    for action in ("let_go", "revoke", "grant", "supersede"):
        with pytest.raises((TooLate, DomainError)):
            services.decide(session, approver, clearance.id, action, "again")
    assert (watch(session), services.expire_due(session), clearance.status) == ((0, 0), 0, S.SUPERSEDED)


def test_a_place_that_the_old_contract_still_holds_is_given_back_once(session: Session):
    clearance, actor, first = granted(session)
    old = session.get_one(EmploymentContract, clearance.contract_id)
    second = another_contract(
        session, actor, first, step=lambda: old.place is Place.NONE and _clear_again(session, old)
    )
    assert (places(session, first), places(session, second)) == ((0, 0, 0), (0, 1, 0))
    follow_registered(session, SYSTEM, clearance.migrant_id)
    assert follow_all(session) == 0
    assert (places(session, first), len(rows(session, clearance, "supersede"))) == ((0, 0, 0), 1)


def _clear_again(session: Session, contract: EmploymentContract) -> None:
    """As if whoever ended the contract had forgotten its place."""
    quota.move(session, contract, Place.RESERVED)
    quota.move(session, contract, Place.CLEARED)


@pytest.mark.parametrize("state", [S.APPLIED, S.UNDER_REVIEW])
def test_one_that_waits_for_officers_follows_and_is_looked_at_anew(session: Session, state: S):
    clearance, actor, first, reviewer = reviewed(session) if state is S.UNDER_REVIEW else (*applied(session), None)
    reviewer = reviewer or officer(session, StaffRole.CLEARANCE_APPROVER)
    services.check_paper(session, reviewer, clearance.id, "insurance")
    second = another_contract(session, actor, first)
    assert (clearance.status, clearance.job_order_id, clearance.reviewed_by) == (S.APPLIED, second.order.id, None)
    assert clearance.flight_on is None
    assert clearance.due_on is not None
    # The insurance may be for the old employer alone: it is looked at again.
    assert services.checked_papers(session, clearance.id) == frozenset()
    assert len(rows(session, clearance, "follow")) == 1
    waiting = session.execute(queries.waiting(reviewer, [S.APPLIED], Permission.CLEARANCE_REVIEW)).all()
    assert [r.id for r in waiting] == [clearance.id]
    other = officer(session, StaffRole.CLEARANCE_APPROVER)
    with pytest.raises(TooLate):
        services.decide(session, other, clearance.id, "grant", "All holds today")
    services.decide(session, reviewer, clearance.id, "review", "Papers seen again")
    services.decide(session, other, clearance.id, "grant", "All holds today")
    assert (places(session, first), places(session, second)) == ((0, 0, 0), (0, 0, 1))


def test_what_came_past_the_registration_is_found_by_the_job(session: Session):
    clearance, actor, first = granted(session)
    waiting, _actor, _scene = applied(session)
    old = session.get_one(EmploymentContract, clearance.contract_id)
    another_contract(session, actor, first)
    # As before this was watched: the old one still in hand.
    session.execute(update(DepartureClearance).where(DepartureClearance.id == clearance.id).values(status=S.STOPPED))
    session.refresh(clearance)
    assert (follow_all(session), clearance.status, old.place) == (1, S.SUPERSEDED, Place.NONE)
    assert (follow_all(session), waiting.status) == (0, S.APPLIED)


def test_an_appeal_goes_on_for_the_new_contract_by_others_than_before(session: Session):
    clearance, actor, first, reviewer = reviewed(session)
    services.decide(session, officer(session, StaffRole.CLEARANCE_APPROVER), clearance.id, "refuse", "Wrong visa")
    services.appeal(session, actor, "It is right")
    second = another_contract(session, actor, first)
    assert (clearance.status, clearance.job_order_id) == (S.APPEALED, second.order.id)
    assert len(rows(session, clearance, "follow_contract")) == 1
    with pytest.raises(DomainError, match="took part"):
        services.decide(session, reviewer, clearance.id, "review", "Seen")


def test_worker_and_officer_read_what_happened(client, session: Session):
    clearance, actor, first = granted(session)
    airport.stop(session, officer(session, StaffRole.AIRPORT_OFFICER), clearance.id, "Another face")
    another_contract(session, actor, first)
    client.sign_in(session, session.get_one(UserAccount, actor.require_account()))
    shown = client.get("/me/clearance").text
    assert "Your earlier clearance is not valid any more" in shown
    assert clearance.reference in shown
    new = services.begin(session, actor)
    services.apply_for(session, actor, None)
    reader = officer(session, StaffRole.CLEARANCE_OFFICER)
    client.sign_in(session, session.get_one(UserAccount, reader.require_account()))
    assert "Another face" in client.get(f"/staff/clearances/{new.id}").text
    desk = officer(session, StaffRole.AIRPORT_OFFICER)
    client.sign_in(session, session.get_one(UserAccount, desk.require_account()))
    seen = client.post_form("/staff/airport", reference=clearance.reference).text
    assert "replaced: the worker has another contract" in seen
    assert "Passport seen: departed" not in seen


def test_granting_the_old_against_superseding_it(committed: sessionmaker[Session]):
    with committed() as session:
        clearance, actor, first, _reviewer = reviewed(session)
        approvers = [officer(session, StaffRole.CLEARANCE_APPROVER) for _ in range(12)]
        session.commit()
    begin = Barrier(2)

    def grant() -> int:
        begin.wait()
        done = 0
        for approver in approvers:
            with committed() as session:
                try:
                    services.decide(session, approver, clearance.id, "grant", "ok")
                except DomainError:
                    continue
                session.commit()
                done += 1
        return done

    def replace() -> make.Scene:
        begin.wait()
        with committed() as session:
            scene = another_contract(session, actor, first, step=session.commit)
            session.commit()
            return scene

    with ThreadPoolExecutor(2) as pool:
        grants, replaced = pool.submit(grant), pool.submit(replace)
        given, second = grants.result(), replaced.result()
    with committed() as session:
        now = session.get_one(DepartureClearance, clearance.id)
        assert (given, now.status) in ((1, S.SUPERSEDED), (0, S.APPLIED))
        assert (places(session, first), places(session, second)) == ((0, 0, 0), (0, 1, 0))
