"""Exemptions from bans: two officers, a last day, a ground in the law, and what clearance and contract say of them."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from contracts.answer.services import answer
from contracts.answer.shape import Question
from contracts.answer.status import Subject
from contracts.clearance import services as clearances
from contracts.clearance.checklist import State, checklist
from contracts.clearance.status import ClearanceStatus
from contracts.clearance.watch import watch
from contracts.employment.models import EmploymentContract
from contracts.employment.status import ContractStatus
from contracts.exemptions import policies, queries, services
from contracts.exemptions.models import BanExemption
from contracts.exemptions.services import Proposal
from contracts.exemptions.status import ExemptionStatus as S
from contracts.exemptions.status import exemption_workflow
from contracts.job_orders.models import JobOrder
from core.accounts import UserAccount, actor_for, add_membership
from core.actor import Actor
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.permissions import StaffRole, SubjectKind
from law.engine import Row
from migrants.registration.models import Migrant
from tests.contracts import factories as make
from tests.contracts.answer.scene import row, use_law
from tests.contracts.test_clearance import granted, picture
from tests.migrants.factories import officer

WOMEN = row("destination_ban", "Closed to women", "V", destination="QA", sex="F")
ALL = row("destination_ban", "Closed", "V", destination="QA")
MEN = row("destination_ban", "Closed to men", "V", destination="QA", sex="M")
NONE = row("destination_ban.exemption", ["none"], "V")
NONE_REPORTED = row("destination_ban.exemption", ["none"], "R")
PERSONS = row("destination_ban.exemption", ["person"], "V")
BOTH = row("destination_ban.exemption", ["person", "job_order"], "M")


def ministry(session: Session) -> Actor:
    return officer(session, StaffRole.EXEMPTION_OFFICER)


def propose(session: Session, actor: Actor, reference: str, ban: Row = WOMEN, days: int = 60) -> BanExemption:
    last = legal_today(session) + timedelta(days)
    return services.propose(session, actor, Proposal(reference, ban.id, last, "Her employer is a mission", picture()))


def person(session: Session, contract: EmploymentContract) -> str:
    return session.get_one(Migrant, contract.migrant_id).reference


@pytest.fixture
def scene(session: Session, monkeypatch: pytest.MonkeyPatch) -> tuple[EmploymentContract, Actor, Actor, Actor]:
    """A registered contract to Qatar under a ban for women: contract, worker, two officers."""
    contract, worker, _scene = make.registered(session)
    use_law(monkeypatch, WOMEN, MEN)
    return contract, worker, ministry(session), ministry(session)


def test_the_transition_table_is_the_one_that_was_agreed():
    assert exemption_workflow.pairs() == {
        ("proposed", "grant", "in_force"), ("proposed", "refuse", "refused"), ("proposed", "withdraw", "withdrawn"),
        ("in_force", "revoke", "revoked"), ("in_force", "expire", "expired"), ("proposed", "expire", "expired"),
    }  # fmt: skip


def occupation(session: Session, contract: EmploymentContract) -> tuple[State, bool]:
    found = {c.code: c for c in checklist(session, contract.migrant_id, frozenset()).conditions}["occupation"]
    return found.state, found.hard


def test_a_second_officer_gives_it_and_the_clearance_stores_and_heeds_it(session: Session, scene):
    contract, worker, maker, checker = scene
    assert occupation(session, contract) == (State.MISSING, True)
    made = propose(session, maker, person(session, contract), days=40)
    assert occupation(session, contract) == (State.MISSING, True)
    with pytest.raises(Denied):
        services.decide(session, maker, made.id, "grant", "mine")
    with pytest.raises(Denied):
        services.decide(session, checker, made.id, "withdraw", "not mine")
    assert made.status is S.PROPOSED
    services.decide(session, checker, made.id, "grant", "The order was read")
    assert (made.status, made.decided_by, made.due_on) == (S.IN_FORCE, checker.account_id, None)
    assert occupation(session, contract) == (State.MET, True)
    clearances.begin(session, worker)
    clearances.add_paper(session, worker, "insurance", picture())
    clearance = clearances.apply_for(session, worker, None)
    for action in ("review", "grant"):
        clearances.decide(session, officer(session, StaffRole.CLEARANCE_APPROVER), clearance.id, action, "Holds")
    # The leave ends with the exemption, and the decision names both.
    assert clearance.valid_until == made.last_day
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == clearance.id, AuditEvent.action == "grant")
    ).one()
    stored = next(c for c in event.evidence["conditions"] if c["code"] == "occupation")
    assert stored["row"] == {**WOMEN.as_evidence(), "exemption": made.reference}
    # Revoked: the clearance is held, like when a ban comes.
    assert watch(session) == (0, 0)
    services.decide(session, maker, made.id, "revoke", "The mission has closed")
    assert watch(session) == (1, 0)
    assert clearance.status is ClearanceStatus.HELD


def test_the_log_holds_ban_ground_and_reason_of_each_step(session: Session, scene):
    contract, _worker, maker, checker = scene
    made = propose(session, maker, person(session, contract))
    services.decide(session, checker, made.id, "refuse", "No order is shown")
    rows = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == made.id).order_by(AuditEvent.at, AuditEvent.id)
    )
    found = {r.action: r for r in rows}
    assert {a: (r.actor_account_id, r.reason) for a, r in found.items()} == {
        "propose": (maker.account_id, "Her employer is a mission"), "refuse": (checker.account_id, "No order is shown"),
    }  # fmt: skip
    assert found["propose"].evidence["ban"]["citation"] == "s. 1"
    assert found["propose"].evidence["ground"]["unknown"] is True
    assert occupation(session, contract) == (State.MISSING, True)


REFUSED: list[tuple[list[Row], str, str]] = [
    ([WOMEN, NONE], "person", "knows no exemption"),
    ([WOMEN, NONE], "job_order", "knows no exemption"),
    ([WOMEN], "job_order", "exempt each worker"),
    ([WOMEN, PERSONS], "job_order", "exempt each worker"),
    ([WOMEN, row("destination_ban.exemption", ["job_order"], "V")], "person", "only whole job orders"),
    ([MEN], "person", "not for this person"),
    ([row("destination_ban", "Closed", "V", destination="SA")], "job_order", "not for this person or job"),
    ([row("destination_ban", None, "X", destination="QA", sex="F")], "person", "not for this person"),
]


def test_no_exemption_where_the_law_knows_none_or_the_ban_is_for_others(
    session: Session, scene, monkeypatch: pytest.MonkeyPatch
):
    contract, _worker, maker, _checker = scene
    order = session.get_one(JobOrder, contract.job_order_id)
    for rows, kind, message in REFUSED:
        use_law(monkeypatch, *rows)
        with pytest.raises(DomainError, match=message):
            propose(session, maker, order.reference if kind == "job_order" else person(session, contract), rows[0])
    assert session.scalar(select(func.count()).select_from(BanExemption)) == 0


def test_where_nothing_is_known_or_only_reported_officers_decide(
    session: Session, scene, monkeypatch: pytest.MonkeyPatch
):
    contract, _worker, maker, checker = scene
    for rows in ([WOMEN], [WOMEN, NONE_REPORTED], [WOMEN, PERSONS], [WOMEN, BOTH]):
        use_law(monkeypatch, *rows)
        made = propose(session, maker, person(session, contract))
        assert services.decide(session, checker, made.id, "grant", "Decided in writing").status is S.IN_FORCE
        services.decide(session, checker, made.id, "revoke", "Over")


def test_a_job_order_is_exempted_where_a_row_says_so_for_all_its_workers(
    session: Session, scene, monkeypatch: pytest.MonkeyPatch
):
    contract, _worker, maker, checker = scene
    use_law(monkeypatch)
    other, _actor, _scene = make.registered(session)
    use_law(monkeypatch, ALL, BOTH)
    made = propose(session, maker, session.get_one(JobOrder, contract.job_order_id).reference, ALL)
    services.decide(session, checker, made.id, "grant", "A project of two states")
    states = [
        {c.code: c.state for c in checklist(session, c.migrant_id, frozenset()).conditions}["destination"]
        for c in (contract, other)
    ]
    assert states == [State.MET, State.MISSING]
    references = [session.get_one(JobOrder, c.job_order_id).reference for c in (contract, other)]
    codes = [answer(session, Question(job_order=r)).part(Subject.DESTINATION).code for r in references]
    assert codes == ["exempted", "banned"]


def test_the_contracts_check_names_the_exemption(session: Session, monkeypatch: pytest.MonkeyPatch):
    placed = make.approved(session)
    use_law(monkeypatch, ALL, BOTH)
    banned, _actor = make.lodged(session, placed)
    assert banned.status is ContractStatus.RETURNED
    made = propose(session, ministry(session), placed.order.reference, ALL)
    services.decide(session, ministry(session), made.id, "grant", "A project of two states")
    lodged, _actor = make.lodged(session, placed)
    assert lodged.status is ContractStatus.WORKER_REVIEW
    (found,) = [r for r in lodged.law_results if r["topic"] == "destination_ban"]
    assert (found["verdict"], found["row"]["exemption"]) == ("pass", made.reference)


def test_it_ends_on_its_last_day_and_a_ban_that_is_gone_gives_none(
    session: Session, scene, monkeypatch: pytest.MonkeyPatch
):
    contract, _worker, maker, checker = scene
    made = propose(session, maker, person(session, contract), days=0)
    waiting = propose(session, maker, make.worker(session)[1], days=9)
    services.decide(session, checker, made.id, "grant", "Today alone")
    assert occupation(session, contract) == (State.MET, True)
    assert services.expire_due(session) == 0
    for one in (made, waiting):
        one.last_day = legal_today(session) - timedelta(1)
    session.flush()
    assert occupation(session, contract) == (State.MISSING, True)
    with pytest.raises(DomainError, match="passed"):
        services.decide(session, checker, waiting.id, "grant", "Late")
    assert services.expire_due(session) == 2
    assert (made.status, waiting.status, services.expire_due(session)) == (S.EXPIRED, S.EXPIRED, 0)
    again = propose(session, maker, person(session, contract))
    use_law(monkeypatch)
    with pytest.raises(DomainError, match="not in force"):
        services.decide(session, checker, again.id, "grant", "The ban is gone")


def test_one_at_a_time_for_one_person_and_one_ban_with_a_day_and_a_reference_that_stand(session: Session, scene):
    contract, _worker, maker, checker = scene
    reference = person(session, contract)
    with pytest.raises(DomainError, match="This day has passed"):
        propose(session, maker, reference, days=-1)
    with pytest.raises(DomainError, match="No verified person"):
        propose(session, maker, "MG-0000-00000-0")
    made = propose(session, maker, reference)
    with pytest.raises(DomainError, match="already"):
        propose(session, checker, reference)
    services.decide(session, maker, made.id, "withdraw", "Another ban was meant")
    assert propose(session, checker, reference).status is S.PROPOSED


def test_nobody_else_proposes_sees_or_decides(session: Session, client, scene):
    contract, worker, maker, _checker = scene
    made = propose(session, maker, person(session, contract))
    for stranger in (
        officer(session, StaffRole.CLEARANCE_APPROVER),
        officer(session, StaffRole.LABOUR_OFFICER),
        worker,
    ):
        with pytest.raises(DomainError):
            propose(session, stranger, person(session, contract))
        with pytest.raises(NotVisible):
            services.decide(session, stranger, made.id, "grant", "mine")
        client.sign_in(session, session.get_one(UserAccount, stranger.require_account()))
        for path in ("", "/new", f"/{made.id}", f"/{made.id}/paper"):
            assert client.get(f"/staff/exemptions{path}").status_code in (403, 404)
    auditor = officer(session, StaffRole.AUDITOR)
    assert policies.find(session, auditor, made.id).id == made.id
    with pytest.raises(NotVisible):
        services.decide(session, auditor, made.id, "grant", "mine")
    assert made.status is S.PROPOSED


def test_an_officer_decides_neither_on_the_own_departure_nor_for_an_own_agency(session: Session, scene):
    contract, _worker, maker, checker = scene
    made = propose(session, maker, person(session, contract))
    for kind, subject in ((SubjectKind.MIGRANT, contract.migrant_id), (SubjectKind.AGENCY, contract.agency_id)):
        own = ministry(session)
        account = session.get_one(UserAccount, own.require_account())
        add_membership(session, account, kind=kind, subject_id=subject, is_owner=True)
        tied = actor_for(session, account)
        with pytest.raises((NotVisible, Denied)):
            services.decide(session, tied, made.id, "grant", "mine")
    assert made.status is S.PROPOSED
    assert services.decide(session, checker, made.id, "grant", "No tie").status is S.IN_FORCE


def test_two_officers_deciding_at_once_decide_once(committed: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch):
    with committed() as session:
        _id, reference, _worker = make.worker(session)
        maker, one, other = (ministry(session) for _ in range(3))
        use_law(monkeypatch, WOMEN)
        made = propose(session, maker, reference)
        session.commit()
    gate = Barrier(2)

    def decide(actor: Actor, action: str) -> bool:
        with committed() as session:
            gate.wait()
            try:
                services.decide(session, actor, made.id, action, "Decided")
            except TooLate:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(decide, (one, other), ("grant", "refuse")))
    assert sum(done) == 1
    with committed() as session:
        found = session.get_one(BanExemption, made.id)
        assert found.status is (S.IN_FORCE if done[0] else S.REFUSED)


def test_an_officer_proposes_and_a_colleague_gives_it_on_the_pages(session: Session, client, scene):
    contract, worker, maker, checker = scene
    reference, last = person(session, contract), legal_today(session) + timedelta(30)
    client.sign_in(session, session.get_one(UserAccount, maker.require_account()))
    values = {"reference": reference, "ban_row": WOMEN.id, "last_day": last.isoformat(), "reason": "A mission"}
    assert "Send the paper" in client.post_form("/staff/exemptions/new", **values).text
    sent = client.post_form("/staff/exemptions/new", **values, file=(io.BytesIO(picture()), "order.jpg"))
    assert sent.status_code == 303
    made = session.scalars(select(BanExemption)).one()
    shown = client.get(f"/staff/exemptions/{made.id}").text
    assert "Unknown: officers of the ministry decide" in shown
    assert "Give the exemption" not in shown
    assert [r.id for r in session.execute(queries.waiting(maker))] == []
    client.sign_in(session, session.get_one(UserAccount, checker.require_account()))
    assert [r.id for r in session.execute(queries.waiting(checker))] == [made.id]
    assert client.get(f"/staff/exemptions/{made.id}/paper").mimetype == "image/jpeg"
    assert client.post_form(f"/staff/exemptions/{made.id}", action="grant").status_code == 422
    assert client.post_form(f"/staff/exemptions/{made.id}", action="grant", reason="Read").status_code == 303
    listed = client.get("/staff/exemptions").text
    assert made.reference in listed
    assert "s. 1" in listed
    client.sign_in(session, session.get_one(UserAccount, worker.require_account()))
    assert f"Exempted by {made.reference}" in client.get("/me/clearance").text


def test_a_clearance_that_needs_no_exemption_names_none(session: Session, monkeypatch: pytest.MonkeyPatch):
    clearance, _worker, _scene = granted(session)
    use_law(monkeypatch, row("destination_ban", "Closed", "R", destination="QA"))
    conditions = checklist(session, clearance.migrant_id, frozenset()).conditions
    assert all("exemption" not in (c.row or {}) for c in conditions)
