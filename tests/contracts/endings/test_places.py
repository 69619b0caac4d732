"""The places of a job order are those of its living contracts, after whatever was done, in whatever order; and races."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from contracts import lapses
from contracts.employment import questions
from contracts.employment import services as employment
from contracts.employment.models import EmploymentContract
from contracts.employment.status import ContractStatus, Place, contract_workflow
from contracts.employment.withdrawal import withdraw
from contracts.job_orders import services as job_orders
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import JobOrderStatus
from core.actor import Actor
from core.audit import AuditEvent
from core.db import db_now, legal_today
from core.errors import DomainError
from core.permissions import StaffRole
from migrants.registration.models import Migrant
from tests.contracts import factories as make
from tests.contracts.test_comparison import PROMISED
from tests.migrants.factories import PASSWORD, officer

S = ContractStatus
# Written by hand: the place that a contract holds in each state.
HOLDS = {
    S.LODGED: Place.RESERVED, S.WORKER_REVIEW: Place.RESERVED, S.QUESTION: Place.RESERVED, S.ACCEPTED: Place.RESERVED,
    S.REGISTERED: Place.CONTRACTED, S.RETURNED: Place.NONE, S.DECLINED: Place.NONE, S.ENDED: Place.NONE,
    S.WITHDRAWN: Place.NONE, S.LAPSED: Place.NONE,
}  # fmt: skip
STEPS = (
    "lodge", "lodge", "lodge", "withdraw", "lapse", "accept", "accept", "return", "amend", "amend", "register", "end",
    "decline", "ask", "close",
)  # fmt: skip
SEED = 6


def test_every_state_says_which_place_it_holds():
    assert set(HOLDS) == set(ContractStatus)


class Game:
    """One job order of three places, four workers, and everybody who acts."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.scene = make.approved(session, headcount=3)
        self.workers = [make.worker(session) for _ in range(4)]
        self.labour = officer(session, StaffRole.LABOUR_OFFICER)

    def play(self, step: str, number: int) -> bool:
        """Whether the step was possible; one that was refused leaves nothing behind."""
        try:
            with self.session.begin_nested():
                self._step(step, number)
        except DomainError:
            return False
        return True

    def _step(self, step: str, number: int) -> None:
        session, scene = self.session, self.scene
        _id, reference, worker = self.workers[number]
        if step == "lodge":
            employment.lodge(session, scene.agency, employment.Lodging(scene.order.id, reference, PROMISED))
            return
        if step == "close":
            job_orders.act(session, scene.employer, scene.order.id, "close", "Enough")
            return
        contract = self.newest(_id)
        if contract is None:
            return
        if step == "withdraw":
            withdraw(session, scene.agency, contract.id, "Because")
        elif step == "lapse":
            lapse(session, contract)
        elif step == "accept":
            accepted(session, worker, contract)
        elif step == "amend":
            employment.amend(session, scene.agency, contract.id, PROMISED)
        elif step == "decline":
            employment.decline(session, worker, contract.id)
        elif step == "ask":
            questions.ask(session, worker, contract.id, "Why?", locale="en")
        else:
            employment.decide(session, self.labour, contract.id, step, "Because")

    def newest(self, migrant_id: UUID) -> EmploymentContract | None:
        query = select(EmploymentContract).where(EmploymentContract.migrant_id == migrant_id)
        return self.session.scalars(query.order_by(EmploymentContract.id.desc()).limit(1)).one_or_none()

    def check(self) -> None:
        order = self.session.get_one(JobOrder, self.scene.order.id, populate_existing=True)
        contracts = self.session.scalars(select(EmploymentContract).where(EmploymentContract.job_order_id == order.id))
        held = Counter()
        for contract in contracts:
            assert contract.place is HOLDS[contract.status]
            held[contract.place] += 1
        assert (order.reserved, order.contracted, order.cleared) == (held[Place.RESERVED], held[Place.CONTRACTED], 0)
        assert order.reserved + order.contracted <= order.approved


def lapse(session: Session, contract: EmploymentContract) -> None:
    """Its last day has passed; the job does what it can with it."""
    if contract.lapses_on is not None:
        contract.lapses_on = legal_today(session) - timedelta(days=1)
    lapses.lapse_contracts(session, 10)


def accepted(session: Session, worker: Actor, contract: EmploymentContract) -> None:
    """As the worker's acceptance leaves it, without the work of password and code."""
    contract_workflow.apply(session, contract, "accept", actor=worker)
    contract.accepted_at, contract.accepted_sha256 = db_now(session), contract.terms_sha256


def test_places_taken_are_those_of_living_contracts_after_any_sequence(session: Session):
    game, rng = Game(session), Random(SEED)
    done: Counter[str] = Counter()
    for number in range(90):
        step = rng.choice(STEPS[:-1] if number < 75 else STEPS)
        done[step] += game.play(step, rng.randrange(4))
        game.check()
    assert {step for step in STEPS if not done[step]} == set(), done


# --- races ---------------------------------------------------------------------------------------------------------------


def ready(session: Session) -> tuple[make.Scene, EmploymentContract, Actor, str]:
    """A contract that its worker can accept with a code at once."""
    scene = make.approved(session)
    contract, worker = make.lodged(session, scene)
    employment.mark_read(session, worker, contract.id)
    make.let_time_pass(session, contract)
    employment.send_accept_code(session, worker, contract.id)
    return scene, contract, worker, make.last_code(session, worker.require_account())


def both(committed: sessionmaker[Session], *acts: object) -> list[bool]:
    """Let them begin at the same moment, each in a transaction of its own; whether each was possible."""
    start = Barrier(len(acts))

    def run(act: object) -> bool:
        with committed() as session:
            start.wait()
            try:
                done = act(session)  # type: ignore[operator]
            except DomainError:
                return False
            session.commit()
            return bool(done)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_races_give_each_place_back_once(committed: sessionmaker[Session]):
    """Withdraw against accept, lapse against accept, two lapse jobs at once, and a refusal against a lodging, on one
    database."""
    with committed() as session:
        first, second = ready(session), ready(session)
        lapsing = make.approved(session, headcount=6)
        refused, refuser = make.lodged(session, lapsing)
        many = [make.lodged(session, lapsing)[0].id for _ in range(4)]
        session.commit()

    def accept(scene: tuple[make.Scene, EmploymentContract, Actor, str]) -> object:
        _scene, contract, worker, code = scene
        return lambda s: employment.accept(s, worker, contract.id, secret=PASSWORD, code=code, locale="en")

    withdrawn = both(
        committed, accept(first), lambda s: withdraw(s, first[0].agency, first[1].id, "Because")
    )  # fmt: skip
    # Both orders end with the contract withdrawn: also what was accepted before is.
    assert withdrawn[1]
    assert state(committed, first) == (S.WITHDRAWN, Place.NONE, 0)

    lodge_while_it_is_declined(committed, lapsing, refused, refuser)

    # The worker's last day is today for the worker, and the job that runs just then believes it over.
    with committed() as session:
        session.get_one(EmploymentContract, second[1].id).lapses_on = legal_today(session)
        session.commit()
    accepted_it, lapsed = both(committed, accept(second), lambda s: overdue(s, second[1].id))
    assert accepted_it != lapsed
    expected = (S.ACCEPTED, Place.RESERVED, 1) if accepted_it else (S.LAPSED, Place.NONE, 0)
    assert state(committed, second) == expected

    with committed() as session:
        for contract in session.scalars(select(EmploymentContract).where(EmploymentContract.id.in_(many))):
            contract.lapses_on = legal_today(session) - timedelta(days=1)
        session.commit()
    both(committed, *[lambda s: lapses.lapse_contracts(s, 3)] * 2)
    with committed() as session:
        lapses.lapse_contracts(session, 10)
        session.commit()
    with committed() as session:
        assert session.get_one(JobOrder, lapsing.order.id).reserved == 0
        events = select(AuditEvent.subject_id).where(AuditEvent.action == "lapse", AuditEvent.subject_id.in_(many))
        assert sorted(session.scalars(events)) == sorted(many)


def lodge_while_it_is_declined(
    committed: sessionmaker[Session], scene: make.Scene, contract: EmploymentContract, worker: Actor
) -> None:
    """Who lodges holds the job order; the worker who declines just then waits for it before the contract is changed."""
    with committed() as session, ThreadPoolExecutor(1) as pool:
        reference = session.get_one(Migrant, contract.migrant_id).reference
        session.get_one(JobOrder, scene.order.id, with_for_update=True)
        declining = pool.submit(both, committed, lambda s: employment.decline(s, worker, contract.id))
        waits = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        while not session.scalar(waits) and not declining.done():
            pass
        with pytest.raises(DomainError, match="Nobody with this reference"):
            employment.lodge(session, scene.agency, employment.Lodging(scene.order.id, reference, PROMISED))
        session.rollback()
        assert declining.result() == [True]


def overdue(session: Session, contract_id: UUID) -> int:
    """The job's one contract, as if the day had passed when it looked."""
    contract = session.get_one(EmploymentContract, contract_id, with_for_update=True)
    if contract.status is not S.WORKER_REVIEW:
        return 0
    contract.lapses_on = legal_today(session) - timedelta(days=1)
    return lapses.lapse_contracts(session, 10)


def state(
    committed: sessionmaker[Session], scene: tuple[make.Scene, EmploymentContract, Actor, str]
) -> tuple[ContractStatus, Place, int]:
    with committed() as session:
        contract = session.get_one(EmploymentContract, scene[1].id)
        order = session.get_one(JobOrder, contract.job_order_id)
        assert order.status is JobOrderStatus.APPROVED
        return contract.status, contract.place, order.reserved
