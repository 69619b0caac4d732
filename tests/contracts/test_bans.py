"""Bans on a country, for everybody or for some people and some work, at the clearance: only the law's own words refuse."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from contracts.clearance import services
from contracts.clearance.checklist import Condition, State, checklist
from contracts.clearance.status import ClearanceStatus
from contracts.clearance.watch import watch
from core.verification import Answer, verify
from law.engine import Row, law_of
from tests.contracts import factories as make
from tests.contracts.answer.scene import row, use_law
from tests.contracts.test_clearance import granted

MET, MISSING, UNKNOWN = State.MET, State.MISSING, State.UNKNOWN
TODAY = date(2026, 11, 28)
# The contract of the tests: a woman, as labourer in manufacturing (9329), to Qatar.
QATAR, WOMEN, WORK = {"destination": "QA"}, {"sex": "F"}, {"occupation": "9329"}


def ban(status: str, **when: str) -> Row:
    return row("destination_ban", None if status == "X" else "Closed", status, **when)


def seen(session: Session, migrant_id: object) -> dict[str, Condition]:
    return {c.code: c for c in checklist(session, migrant_id, frozenset()).conditions}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "country", "work"),
    [
        ([], (MET, True), (MET, True)),
        ([ban("V", **QATAR)], (MISSING, True), (MET, True)),
        ([ban("R", **QATAR)], (UNKNOWN, False), (MET, True)),
        ([ban("V", destination="SA")], (MET, True), (MET, True)),
        ([ban("V", **QATAR, **WOMEN)], (MET, True), (MISSING, True)),
        ([ban("V", **QATAR, sex="M")], (MET, True), (MET, True)),
        ([ban("V", **QATAR, **WORK)], (MET, True), (MISSING, True)),
        ([ban("V", **QATAR, occupation="9111")], (MET, True), (MET, True)),
        ([ban("R", **QATAR, **WOMEN, **WORK)], (MET, True), (UNKNOWN, False)),
        ([ban("M", **QATAR, **WOMEN, **WORK)], (MET, True), (UNKNOWN, False)),
        ([ban("X", **QATAR, **WOMEN, **WORK)], (MET, True), (MET, True)),
    ],
)
def test_a_ban_stands_where_it_belongs_and_refuses_only_when_seen_in_the_law(
    session: Session, monkeypatch: pytest.MonkeyPatch, rows: list[Row],
    country: tuple[State, bool], work: tuple[State, bool],
):  # fmt: skip
    contract, _actor, _scene = make.registered(session)
    use_law(monkeypatch, *rows)
    found = seen(session, contract.migrant_id)
    assert (found["destination"].state, found["destination"].hard) == country
    assert (found["occupation"].state, found["occupation"].hard) == work
    if (ban_row := next(iter(rows), None)) and work[0] is not MET:
        assert found["occupation"].row == ban_row.as_evidence()
        assert found["occupation"].mend


@pytest.mark.parametrize("when", [QATAR, {**QATAR, **WOMEN}, {**QATAR, **WORK}])
def test_a_ban_that_comes_after_the_grant_holds_the_clearance(
    session: Session, monkeypatch: pytest.MonkeyPatch, when: dict[str, str]
):
    clearance, _worker, _scene = granted(session)
    use_law(monkeypatch, ban("V", **when))
    assert verify(session, services.token(clearance)).answer is Answer.REVOKED
    assert watch(session) == (1, 0)
    assert clearance.status is ClearanceStatus.HELD
    use_law(monkeypatch)
    assert watch(session) == (0, 1)


@pytest.mark.parametrize(
    "rows", [[ban("R", **QATAR)], [ban("V", **QATAR, sex="M")], [ban("V", **QATAR, occupation="9111")]]
)
def test_a_reported_ban_and_a_ban_for_others_hold_nobody(
    session: Session, monkeypatch: pytest.MonkeyPatch, rows: list[Row]
):
    clearance, _worker, _scene = granted(session)
    use_law(monkeypatch, *rows)
    assert watch(session) == (0, 0)
    assert clearance.status is ClearanceStatus.GRANTED


@pytest.mark.parametrize("code", ["AE", "BH", "KW", "OM", "QA", "SA"])
def test_the_reported_ban_of_nepal_is_on_womens_domestic_work_in_the_gulf_and_warns(code: str):
    on, law = TODAY, law_of("np")
    found = law.applies("destination_ban", on=on, destination=code, sex="F", occupation="9111")
    assert (found.value, found.may_refuse) == (
        "female domestic work to Gulf barred; UAE pilot under debate 2025",
        False,
    )
    assert found.row is not None
    assert (found.row.citation, str(found.row.status)) == ("english.khabarhub.com/2025/13/476896", "R")
    for case in ({"sex": "M", "occupation": "9111"}, {"sex": "F", "occupation": "9112"}, {"occupation": "9111"}):
        assert not law.applies("destination_ban", on=on, destination=code, **case)


OFFICER = row("clearance.officer_decides", True, "V", **QATAR, **WORK, **WOMEN)


DECIDES = "clearance.officer_decides"
DECIDED: list[tuple[list[Row], tuple[State, bool]]] = [
    ([OFFICER], (UNKNOWN, False)),
    ([row(DECIDES, True, "M", **QATAR)], (UNKNOWN, False)),
    ([row(DECIDES, True, "M", **QATAR), row(DECIDES, False, "M", **QATAR, **WOMEN)], (MET, True)),
    ([row(DECIDES, True, "M", destination="SA")], (MET, True)),
    ([row(DECIDES, True, "M", **QATAR, sex="M")], (MET, True)),
    ([row(DECIDES, None, "X", **QATAR)], (MET, True)),
]


def test_a_row_sends_a_kind_of_work_to_an_officer_and_never_refuses(session: Session, monkeypatch: pytest.MonkeyPatch):
    contract, _actor, _scene = make.registered(session)
    for rows, state in DECIDED:
        use_law(monkeypatch, *rows)
        found = seen(session, contract.migrant_id)["occupation"]
        assert (found.state, found.hard) == state, rows
        if state[0] is UNKNOWN:
            assert found.row == rows[0].as_evidence()


def test_no_source_names_a_ban_of_another_country():
    banned = {c: [r.id for r in law_of(c).rows if r.topic == "destination_ban"] for c in ("bd", "in", "lk", "ph", "pk")}
    assert set(map(len, banned.values())) == {0}
    assert not law_of("np").applies("destination_ban", on=TODAY, destination="MY")
