"""The lowest and highest age of the law: at the contract, the job, the one answer, the clearance and the airport."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from contracts import ages
from contracts.clearance import airport, services
from contracts.clearance.checklist import State, checklist
from contracts.clearance.models import DepartureClearance
from contracts.clearance.status import ClearanceStatus
from contracts.clearance.watch import watch
from contracts.employment.law_check import check
from contracts.employment.status import ContractStatus, Place
from core.accounts import UserAccount
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import DomainError
from core.permissions import StaffRole
from law.engine import Row
from migrants.registration.models import Migrant
from tests.contracts import factories as make
from tests.contracts.answer.scene import row, scene, use_law
from tests.contracts.test_clearance import granted, picture
from tests.contracts.test_comparison import PROMISED
from tests.migrants.factories import officer

BORN = date(2000, 2, 29)


def lowest(years: int, status: str = "V", **when: str) -> Row:
    return row("age.min", years, status, **when)


def highest(years: int, status: str = "V", **when: str) -> Row:
    return row("age.max", years, status, **when)


def turns(session: Session, migrant_id: object, years: int, *, in_days: int) -> date:
    """Make the person complete that many years in so many days; gives that day."""
    day = legal_today(session) + timedelta(in_days)
    session.get_one(Migrant, migrant_id).birth_date = day.replace(
        year=day.year - years, day=min(day.day, 28)
    ).isoformat()
    session.flush()
    return day.replace(day=min(day.day, 28))


def lines(session: Session, migrant_id: object, flight_on: date | None = None) -> dict[str, tuple[State, bool]]:
    found = checklist(session, migrant_id, frozenset(), flight_on=flight_on)  # type: ignore[arg-type]
    return {c.code: (c.state, c.hard) for c in found.conditions if c.code.startswith("age_")}


@pytest.mark.parametrize(
    ("years", "day", "low", "high"),
    [
        (25, date(2025, 2, 28), False, True),
        (25, date(2025, 3, 1), True, True),
        (25, date(2026, 2, 28), True, True),
        (25, date(2026, 3, 1), True, False),
        (28, date(2028, 2, 28), False, True),
        (28, date(2028, 2, 29), True, True),
    ],
)
def test_ages_are_completed_years(monkeypatch: pytest.MonkeyPatch, years: int, day: date, low: bool, high: bool):
    use_law(monkeypatch, lowest(years), highest(years))
    found = {x.topic: x.holds(BORN, day) for x in ages.age_limits(day, destination="QA", occupation="9329", sex="F")}
    assert found == {"age.min": low, "age.max": high}


def test_the_last_day_of_a_highest_age_is_the_day_before_the_next_birthday(monkeypatch: pytest.MonkeyPatch):
    day = date(2026, 1, 1)
    case = {"destination": "QA", "occupation": "9329", "sex": "F"}
    for status, last in (("V", date(2026, 2, 28)), ("R", None)):
        use_law(monkeypatch, lowest(18), highest(25, status))
        assert ages.last_day(BORN, ages.age_limits(day, **case)) == last


ASKED: list[tuple[list[Row], dict[str, tuple[State, bool]]]] = [
    ([], {}),
    ([row("age.min", None, "X")], {}),
    ([lowest(90, sex="M")], {}),
    ([lowest(90, destination="SA")], {}),
    ([lowest(18)], {"age_min": (State.MET, True)}),
    ([lowest(90)], {"age_min": (State.MISSING, True)}),
    ([lowest(90, "R", sex="F")], {"age_min": (State.UNKNOWN, False)}),
    ([lowest(90, "M")], {"age_min": (State.UNKNOWN, False)}),
    ([lowest(90), lowest(18, occupation="9329", destination="QA")], {"age_min": (State.MET, True)}),
    ([lowest(18, "R"), highest(19)], {"age_min": (State.MET, False), "age_max": (State.MISSING, True)}),
]


def test_the_checklist_asks_the_ages_and_only_the_laws_own_words_refuse(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    contract, actor, _scene = make.registered(session)
    services.begin(session, actor)
    services.add_paper(session, actor, "insurance", picture())
    for rows, found in ASKED:
        use_law(monkeypatch, *rows)
        assert lines(session, contract.migrant_id) == found, rows
        if any(hard and state is not State.MET for state, hard in found.values()):
            with pytest.raises(DomainError, match="this work there"):
                services.apply_for(session, actor, None)
    use_law(monkeypatch, lowest(90, "R", sex="F"))
    assert services.apply_for(session, actor, None).status is ClearanceStatus.APPLIED


def test_the_age_is_asked_for_the_day_of_the_flight_and_at_the_airport_for_the_day_itself(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    clearance, _worker, _scene = granted(session)
    day = turns(session, clearance.migrant_id, 25, in_days=15)
    use_law(monkeypatch, lowest(25))
    assert lines(session, clearance.migrant_id) == {"age_min": (State.MISSING, True)}
    assert lines(session, clearance.migrant_id, day - timedelta(1)) == {"age_min": (State.MISSING, True)}
    assert lines(session, clearance.migrant_id, day) == {"age_min": (State.MET, True)}
    # The flight of the tests is in 20 days, so nothing falls away; today the person would be too young.
    assert watch(session) == (0, 0)
    with pytest.raises(DomainError, match="fallen away"):
        airport.depart(session, officer(session, StaffRole.AIRPORT_OFFICER), clearance.id, "An earlier flight")
    assert clearance.status is ClearanceStatus.GRANTED


def test_a_grant_stands_no_day_longer_than_the_highest_age(session: Session, monkeypatch: pytest.MonkeyPatch):
    contract, actor, _scene = make.registered(session)
    day = turns(session, contract.migrant_id, 46, in_days=40)
    use_law(monkeypatch, highest(45))
    services.begin(session, actor)
    clearance = services.apply_for(session, actor, legal_today(session) + timedelta(3))
    services.decide(session, officer(session, StaffRole.CLEARANCE_APPROVER), clearance.id, "review", "Seen")
    services.decide(session, officer(session, StaffRole.CLEARANCE_APPROVER), clearance.id, "grant", "Holds")
    assert clearance.valid_until == day - timedelta(1)
    stored = session.query(AuditEvent).filter_by(subject_id=clearance.id, action="grant").one()
    used = next(c for c in stored.evidence["conditions"] if c["code"] == "age_max")
    assert (used["state"], used["row"]) == ("met", highest(45).as_evidence())


def test_a_limit_that_begins_after_the_grant_holds_the_clearance(session: Session, monkeypatch: pytest.MonkeyPatch):
    clearance, _worker, _scene = granted(session)
    new = row("age.max", 19, "V")
    object.__setattr__(new, "effective_from", legal_today(session))
    use_law(monkeypatch, new)
    assert watch(session) == (0, 0)
    clearance.granted_at -= timedelta(2)  # type: ignore[operator]
    session.flush()
    assert watch(session) == (1, 0)
    assert session.get_one(DepartureClearance, clearance.id).status is ClearanceStatus.HELD


@pytest.mark.parametrize(
    ("rows", "verdicts"),
    [
        ([], {}),
        ([lowest(20)], {"age.min": "pass"}),
        ([lowest(90)], {"age.min": "fail"}),
        ([lowest(90, "R")], {"age.min": "warn"}),
        ([lowest(20), highest(21, "M")], {"age.min": "pass", "age.max": "warn"}),
    ],
)
def test_the_contracts_check_asks_the_ages_and_stores_no_birth_date(
    monkeypatch: pytest.MonkeyPatch, rows: list[Row], verdicts: dict[str, str]
):
    use_law(monkeypatch, *rows)
    found = [r.as_data() for r in check(PROMISED, date(2026, 11, 28), birth=BORN, sex="F")]
    assert {r["topic"]: r["verdict"] for r in found if r["topic"].startswith("age")} == verdicts
    assert "2000" not in repr(found)
    unknown = check(PROMISED, date(2026, 11, 28))
    assert {str(r.verdict) for r in unknown if r.topic.startswith("age")} == ({"unknown"} if rows else set())


def test_a_contract_for_somebody_too_young_goes_back_and_holds_no_place(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    placed = make.approved(session)
    use_law(monkeypatch, lowest(90))
    contract, _actor = make.lodged(session, placed)
    assert (contract.status, contract.place) == (ContractStatus.RETURNED, Place.NONE)
    assert any(r["topic"] == "age.min" and r["row"] == lowest(90).as_evidence() for r in contract.law_results)


def test_the_worker_reads_of_a_reported_limit_before_accepting(
    session: Session, client, monkeypatch: pytest.MonkeyPatch
):
    placed = make.approved(session)
    use_law(monkeypatch, lowest(90, "R"))
    contract, actor = make.lodged(session, placed)
    assert contract.status is ContractStatus.WORKER_REVIEW
    client.sign_in(session, session.get_one(UserAccount, actor.require_account()))
    assert "reported that an age of at least 90" in client.get("/me/contract").text


def test_the_one_answer_names_the_ages_and_for_whom(session: Session, monkeypatch: pytest.MonkeyPatch):
    s = scene(session)
    assert not [p for p in s.ask(job_order=s.job.reference).parts if p.subject == "age"]
    use_law(monkeypatch, lowest(25, sex="F"), highest(45, "R"))
    parts = [p for p in s.ask(job_order=s.job.reference).parts if p.subject == "age"]
    assert [(p.code, p.state.value, len(p.facts)) for p in parts] == [
        ("age_min", "note", 1), ("age_max_reported", "note", 0)
    ]  # fmt: skip
    assert "at least 25 years" in str(parts[0].sentence)
