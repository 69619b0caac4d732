"""Two things at one clearance at the same moment at the airport: one happens, the other is told, the place is counted once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from contracts.clearance import airport, services
from contracts.clearance.models import DepartureClearance
from contracts.clearance.status import ClearanceStatus as S
from contracts.employment.models import EmploymentContract
from contracts.employment.status import Place
from core.actor import Actor
from core.audit import AuditEvent
from core.errors import DomainError
from core.permissions import StaffRole
from tests.contracts import factories as make
from tests.contracts.test_clearance import another_contract, granted, places
from tests.migrants.factories import officer

Sessions = sessionmaker[Session]
Act = Callable[[Session], Any]


def at_once(committed: Sessions, *acts: Act) -> list[bool]:
    """Each act in a session and thread of its own, begun together; gives which of them were done."""
    gate = Barrier(len(acts))

    def run(act: Act) -> bool:
        with committed() as session:
            gate.wait()
            try:
                act(session)
            except DomainError:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def cleared(committed: Sessions) -> tuple[DepartureClearance, Actor, make.Scene, list[Actor], list[Actor]]:
    with committed() as session:
        clearance, worker, scene = granted(session)
        desks = [officer(session, StaffRole.AIRPORT_OFFICER) for _ in range(3)]
        approvers = [officer(session, StaffRole.CLEARANCE_APPROVER) for _ in range(2)]
        session.commit()
        return clearance, worker, scene, desks, approvers


def now(committed: Sessions, clearance: DepartureClearance, scene: make.Scene) -> tuple[S, Place, tuple[int, int, int]]:
    with committed() as session:
        found = session.get_one(DepartureClearance, clearance.id)
        contract = session.get_one(EmploymentContract, clearance.contract_id)
        return found.status, contract.place, places(session, scene)


def count(committed: Sessions, clearance: DepartureClearance, *actions: str) -> int:
    with committed() as session:
        query = select(func.count()).where(AuditEvent.subject_id == clearance.id, AuditEvent.action.in_(actions))
        return session.scalar(query) or 0


def test_departing_against_stopping_and_then_taking_back(committed: Sessions, cleared: Any):
    clearance, worker, scene, desks, approvers = cleared
    for _round in range(4):
        done = at_once(
            committed,
            lambda s: airport.depart(s, desks[0], clearance.id, "Rebooked"),
            lambda s: airport.stop(s, desks[1], clearance.id, "Another face"),
            lambda s: airport.depart(s, desks[2], clearance.id, "Rebooked"),
        )
        assert sum(done) == 1
        status, place, counters = now(committed, clearance, scene)
        assert counters == (0, 0, 1)
        if status is S.STOPPED:
            assert (done[1], place) == (True, Place.CLEARED)
            back = at_once(
                committed,
                lambda s: services.decide(s, approvers[0], clearance.id, "let_go", "It matches"),
                lambda s: services.decide(s, approvers[1], clearance.id, "let_go", "It matches"),
            )
        else:
            assert (status, place) == (S.DEPARTED, Place.DEPARTED)
            back = at_once(
                committed,
                lambda s: airport.correct(s, desks[0], clearance.id, "Another person"),
                lambda s: airport.correct(s, desks[1], clearance.id, "Another person"),
            )
        assert sum(back) == 1
        assert now(committed, clearance, scene) == (S.GRANTED, Place.CLEARED, (0, 0, 1))
    assert (
        count(committed, clearance, "depart", "stop") == count(committed, clearance, "correct_departure", "let_go") == 4
    )
    # Taken back while the worker begins to prepare another departure: one of the two, never both.
    assert at_once(committed, lambda s: airport.depart(s, desks[0], clearance.id, "Rebooked")) == [True]
    done = at_once(
        committed,
        lambda s: airport.correct(s, desks[0], clearance.id, "Another person"),
        lambda s: services.begin(s, worker),
    )
    status = now(committed, clearance, scene)[0]
    assert status is (S.GRANTED if done[0] else S.DEPARTED)
    with committed() as session:
        query = select(func.count()).where(DepartureClearance.migrant_id == clearance.migrant_id)
        assert session.scalar(query) == (1 if done[0] else 2)


def test_revoking_against_stopping_gives_the_place_back_once(committed: Sessions, cleared: Any):
    clearance, _worker, scene, desks, approvers = cleared
    done = at_once(
        committed,
        lambda s: airport.stop(s, desks[0], clearance.id, "Another face"),
        lambda s: services.decide(s, approvers[0], clearance.id, "revoke", "The visa was withdrawn"),
        lambda s: services.decide(s, approvers[1], clearance.id, "revoke", "The visa was withdrawn"),
    )
    assert sum(done[1:]) == 1
    assert now(committed, clearance, scene) == (S.REVOKED, Place.CONTRACTED, (0, 1, 0))


def test_begun_in_the_moment_of_taking_back_is_said_in_words(session: Session, monkeypatch: pytest.MonkeyPatch):
    clearance, worker, _scene = granted(session)
    desk = officer(session, StaffRole.AIRPORT_OFFICER)
    airport.depart(session, desk, clearance.id, "Rebooked")
    services.begin(session, worker)
    # What the look before did not see yet, the database refuses.
    monkeypatch.setattr(airport, "ENDED", tuple(S))
    with pytest.raises(DomainError, match="another departure"):
        airport.correct(session, desk, clearance.id, "Another person")
    assert clearance.status is S.DEPARTED


def test_taken_back_after_the_contract_ended_holds_no_place_in_the_end(session: Session):
    clearance, worker, first = granted(session)
    desk = officer(session, StaffRole.AIRPORT_OFFICER)
    airport.depart(session, desk, clearance.id, "Rebooked")
    second = another_contract(session, worker, first)
    assert (clearance.status, places(session, first)) == (S.DEPARTED, (0, 0, 1))
    airport.correct(session, desk, clearance.id, "Another person stood at the desk")
    assert (clearance.status, places(session, first), places(session, second)) == (S.SUPERSEDED, (0, 0, 0), (0, 1, 0))
