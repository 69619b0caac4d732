"""Agents abroad and health centres beside the barred: the same number is refused at every use, a like name is an officer's."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from agencies.sanctions.case_models import SanctionBar
from agencies.sanctions.case_status import CaseSubject, OrderKind
from agencies.sanctions.parties import Party, barred_like
from contracts.answer.queries import public_order
from contracts.clearance import parties, services
from contracts.clearance.checklist import State, checklist
from contracts.clearance.models import ClearancePaper
from contracts.clearance.status import ClearanceStatus as S
from contracts.clearance.watch import missing_grounds, watch
from contracts.employment.services import Lodging, lodge
from contracts.job_orders import services as job_orders
from contracts.job_orders.agents import AgentAbroad
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import JobOrderStatus
from core.accounts import UserAccount
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import DomainError, NotVisible
from core.permissions import StaffRole
from tests.agencies import factories as agencies
from tests.agencies import proceedings as go
from tests.contracts import factories as make
from tests.contracts.test_clearance import picture
from tests.contracts.test_comparison import PROMISED
from tests.migrants.factories import officer

AGENT = AgentAbroad("Dhow Manpower Services W.L.L.", "QA", "CR 100200")
CENTRE = parties.Centre("Bagmati Diagnostic Centre Pvt. Ltd.", "MED-77/081")


def scan():
    return (io.BytesIO(picture()), "paper.jpg")


def bar(session, kind=CaseSubject.FOREIGN_AGENT, name=AGENT.name, number=AGENT.number, country="QA"):
    """A party that is blacklisted from today on."""
    go.ordered(session, OrderKind.BLACKLIST, kind=kind, name=name, identifier=number, country=country)
    return session.scalars(select(SanctionBar).order_by(SanctionBar.id.desc()).limit(1)).one()


def bar_centre(session, name=CENTRE.name, number=CENTRE.number, country=None):
    return bar(session, CaseSubject.MEDICAL_CENTRE, name, number, country)


# --- which barred party it is: a table by hand -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "country", "number", "same", "codes"),
    [
        ("Dhow Manpower Services W.L.L.", "QA", "CR 100200", True, {"same_number", "same"}),
        ("Quite Another Name", "QA", "cr-100200", True, {"same_number"}),
        ("Quite Another Name", "KW", "CR/100200", False, {"same_number"}),
        ("Dhow Man Power W.L.L.", "QA", "CR 555", False, {"run_together", "same", "same_kind_of_word"}),
        ("Dhοw Manpower Services W.L.L.", "AE", "CR 556", False, {"look_alike_letters"}),
        ("Pearl Manpower Services W.L.L.", "QA", "CR 557", None, None),
        ("Dhow Manpower Services W.L.L.", "QA", "", False, {"same"}),
        ("", "QA", "", None, None),
    ],
)
def test_the_number_makes_it_the_same_and_the_name_only_like(session, name, country, number, same, codes):
    made = bar(session)
    found = barred_like(session, CaseSubject.FOREIGN_AGENT, Party(name, country, number))
    if same is None:
        assert found == []
        return
    assert [(f.bar_id, f.same) for f in found] == [(made.id, same)]
    assert set(found[0].codes) <= codes
    assert found[0].codes
    assert barred_like(session, CaseSubject.MEDICAL_CENTRE, Party(name, country, number)) == []


def test_a_bar_asks_no_more_after_its_last_day(session):
    made = bar(session)
    asked = Party(AGENT.name, AGENT.country, AGENT.number)
    assert barred_like(session, CaseSubject.FOREIGN_AGENT, asked)
    made.last_day = legal_today(session) - timedelta(1)
    session.flush()
    assert barred_like(session, CaseSubject.FOREIGN_AGENT, asked) == []


# --- the job order -----------------------------------------------------------------------------------------------------------


def signed(session, agent=AGENT):
    return make.signed(session, agent=agent)


def approve(session, scene):
    job_orders.acknowledge(session, scene.agency, scene.order.id)
    return job_orders.approve(session, officer(session, StaffRole.LABOUR_OFFICER), scene.order.id, "Fits the market")


def test_the_agent_abroad_is_part_of_what_is_signed_and_no_document_of_before_changes(session):
    scene = signed(session)
    assert scene.order.agent_abroad == {"name": AGENT.name, "country": "QA", "number": "CR 100200"}
    assert b"CR 100200" in scene.order.signed_document
    plain = make.signed(session)
    assert (plain.order.agent_abroad, b"agent" in job_orders.document(plain.order)) == (None, False)
    job_orders.acknowledge(session, scene.agency, scene.order.id)
    # Changed behind the signature, it is not what was signed.
    scene.order.agent_abroad = {**scene.order.agent_abroad, "number": "CR 1"}
    session.flush()
    with pytest.raises(DomainError, match="not the one that was signed"):
        job_orders.approve(session, officer(session, StaffRole.LABOUR_OFFICER), scene.order.id, "Fits")


@pytest.mark.parametrize("missing", ["name", "country", "number"])
def test_an_agent_abroad_is_named_whole_or_not_at_all(session, missing):
    record, _agency = make.agency(session)
    _employer, signatory = make.employer(session)
    agent = AgentAbroad(**{"name": "A", "country": "QA", "number": "1", missing: " "})
    with pytest.raises(DomainError) as error:
        job_orders.draft(session, signatory, job_orders.Draft(record.id, 5, PROMISED, agent))
    assert error.value.field == f"agent_{missing}"
    assert session.scalars(select(JobOrder)).all() == []


def test_a_barred_agent_abroad_is_refused_at_every_step_and_at_contracts_under_an_approved_order(session):
    scenes = {name: signed(session) for name in ("edit", "acknowledge", "approve", "lodge")}
    job_orders.acknowledge(session, scenes["approve"].agency, scenes["approve"].order.id)
    approve(session, scenes["lodge"])
    _id, reference, _worker = make.worker(session)
    record, employer = scenes["edit"].agency_record, scenes["edit"].employer
    unsigned = job_orders.draft(session, employer, job_orders.Draft(record.id, 5, PROMISED, AGENT))
    job_orders.send_signing_code(session, employer, unsigned.id)
    code = make.last_code(session, employer.account_id)
    made, reviewer = bar(session), officer(session, StaffRole.LABOUR_OFFICER)
    command = job_orders.Draft(record.id, 5, PROMISED, AGENT)
    steps = {
        "draft": lambda: job_orders.draft(session, employer, command),
        "edit": lambda: job_orders.edit(session, employer, scenes["edit"].order.id, command),
        "sign": lambda: job_orders.sign(session, employer, unsigned.id, secret=make.PASSWORD, code=code),
        "acknowledge": lambda: job_orders.acknowledge(session, scenes["acknowledge"].agency, scenes["acknowledge"].order.id),
        "approve": lambda: job_orders.approve(session, reviewer, scenes["approve"].order.id, "Fits"),
        "lodge": lambda: lodge(session, scenes["lodge"].agency, Lodging(scenes["lodge"].order.id, reference, PROMISED)),
    }  # fmt: skip
    for step in steps.values():
        with session.begin_nested() as nested:
            with pytest.raises(DomainError, match="agent abroad is barred"):
                step()
            nested.rollback()
    assert public_order(session, scenes["lodge"].order.reference).agent_barred
    made.last_day = legal_today(session) - timedelta(1)
    session.flush()
    assert not public_order(session, scenes["lodge"].order.reference).agent_barred
    assert steps["approve"]().status is JobOrderStatus.APPROVED
    assert steps["lodge"]() is not None


def test_a_like_name_goes_to_the_officer_who_sees_both_and_the_log_holds_no_name(client, session):
    scene = signed(session, AgentAbroad("Dhow Man Power", "QA", "CR 900"))
    job_orders.acknowledge(session, scene.agency, scene.order.id)
    made = bar(session)
    page = f"/job-orders/{scene.order.id}"
    account, boss = agencies.officer(session, StaffRole.LABOUR_OFFICER)
    client.sign_in(session, account)
    seen = client.get(page).text
    assert "compare them before you decide" in seen
    assert made.reference in seen
    assert "CR 100200" in seen
    client.sign_in(session, session.get_one(UserAccount, scene.employer.account_id))
    seen = client.get(page).text
    assert "Dhow Man Power" in seen
    assert made.reference not in seen
    job_orders.approve(session, boss, scene.order.id, "Another owner: the trade register was seen.")
    query = select(AuditEvent).where(AuditEvent.subject_id == scene.order.id, AuditEvent.action == "approve")
    evidence = session.scalars(query).one().evidence
    assert [m["bar_id"] for m in evidence["barred_alike"]] == [str(made.id)]
    assert "Dhow" not in str(evidence)


# --- the medical certificate -------------------------------------------------------------------------------------------------


def certificate(session, centre=CENTRE):
    """A clearance that was applied for with a medical certificate."""
    contract, worker, scene = make.registered(session)
    services.begin(session, worker)
    services.add_paper(session, worker, "medical", picture(), centre)
    return services.apply_for(session, worker, legal_today(session) + timedelta(days=20)), worker, scene, contract


def line(session, clearance, code="medical_centre"):
    found = checklist(session, clearance.migrant_id, frozenset({"medical"})).conditions
    return next(((c.state, c.hard) for c in found if c.code == code), None)


@pytest.mark.parametrize(
    ("barred", "named", "state"),
    [
        (None, CENTRE, (State.MET, True)),
        (None, None, (State.UNKNOWN, False)),
        (("Bagmati Diagnostics", "MED-78"), CENTRE, (State.UNKNOWN, False)),
        ((CENTRE.name, CENTRE.number), CENTRE, (State.MISSING, True)),
        (("Another", "med 77 081"), CENTRE, (State.MISSING, True)),
        (("Another", "MED-79"), CENTRE, (State.MET, True)),
    ],
)
def test_what_the_checklist_says_of_the_health_centre(session, barred, named, state):
    clearance, *_rest = certificate(session, named)
    if barred:
        bar_centre(session, *barred)
    assert line(session, clearance) == state


def test_without_a_certificate_and_without_an_agent_the_checklist_asks_for_neither(session):
    _contract, worker, _scene = make.registered(session)
    clearance = services.begin(session, worker)
    assert (line(session, clearance), line(session, clearance, "agent_abroad")) == (None, None)


def test_the_officer_reads_the_centre_on_the_certificate_and_a_barred_one_is_not_found_good(session):
    clearance, worker, _scene, _contract = certificate(session, None)
    reviewer = officer(session, StaffRole.CLEARANCE_OFFICER)
    bar_centre(session)
    with pytest.raises(DomainError, match="name and the number") as error:
        services.check_paper(session, reviewer, clearance.id, "medical", parties.Centre("Bagmati", ""))
    assert error.value.field == "centre_number"
    with session.begin_nested() as nested:
        with pytest.raises(DomainError, match="health centre is barred"):
            services.check_paper(session, reviewer, clearance.id, "medical", CENTRE)
        nested.rollback()
    with pytest.raises(NotVisible):
        services.check_paper(session, worker, clearance.id, "medical", CENTRE)
    paper = session.scalars(select(ClearancePaper)).one()
    assert (paper.checked_at, paper.centre_name) == (None, None)
    other = parties.Centre("Gandaki Polyclinic", "MED-80")
    services.check_paper(session, reviewer, clearance.id, "medical", other)
    assert (paper.centre_name, paper.centre_number, paper.checked_by) == (other.name, other.number, reviewer.account_id)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "check_paper")).one()
    assert (event.evidence["centre_named"], event.evidence["barred_alike"]) == (True, [])


@pytest.mark.parametrize("who", ["agent", "centre"])
def test_who_is_barred_after_the_review_stops_the_grant_and_after_the_grant_the_clearance_is_held(session, who):
    clearance, _worker, scene, _contract = certificate(session)
    if who == "agent":
        agent = {"name": AGENT.name, "country": "QA", "number": AGENT.number}
        session.execute(update(JobOrder).where(JobOrder.id == scene.order.id).values(agent_abroad=agent))
    reviewer, boss = (officer(session, StaffRole.CLEARANCE_APPROVER) for _n in range(2))
    services.check_paper(session, reviewer, clearance.id, "medical", CENTRE)
    services.decide(session, reviewer, clearance.id, "review", "Papers seen")
    made = bar(session) if who == "agent" else bar_centre(session)
    with session.begin_nested() as nested:
        with pytest.raises(DomainError, match="is not barred"):
            services.decide(session, boss, clearance.id, "grant", "All holds")
        nested.rollback()
    today = legal_today(session)
    made.last_day = today - timedelta(1)
    session.flush()
    services.decide(session, boss, clearance.id, "grant", "All holds")
    assert watch(session) == (0, 0)
    made.last_day = today
    session.flush()
    code = {"agent": "agent_abroad", "centre": "medical_centre"}[who]
    assert [c.code for c in missing_grounds(session, clearance)] == [code]
    assert watch(session) == (1, 0)
    assert clearance.status is S.HELD
    made.last_day = today - timedelta(1)
    session.flush()
    assert watch(session) == (0, 1)


def test_the_pages_of_the_certificate(client, session):
    _contract, worker, _scene = make.registered(session)
    services.begin(session, worker)
    client.sign_in(session, session.get_one(UserAccount, worker.account_id))
    page = "/me/clearance/paper/medical"
    assert 'name="centre_number"' in client.get(page).text
    assert 'name="centre_number"' not in client.get("/me/clearance/paper/insurance").text
    assert client.post_form(page, centre_name="Bagmati", file=scan()).status_code == 422
    assert client.post_form(page, centre_name=CENTRE.name, centre_number=CENTRE.number, file=scan()).status_code == 303
    clearance = services.apply_for(session, worker, None)
    made = bar_centre(session)
    client.sign_in(session, agencies.officer(session, StaffRole.CLEARANCE_OFFICER)[0])
    file = f"/staff/clearances/{clearance.id}"
    assert made.reference in client.get(file).text
    refused = client.post_form(f"{file}/papers/medical", centre_name=CENTRE.name, centre_number=CENTRE.number)
    assert refused.status_code == 422
    assert "health centre is barred" in refused.text
    assert client.post_form(f"{file}/papers/medical", centre_name="Gandaki", centre_number="MED-80").status_code == 303
