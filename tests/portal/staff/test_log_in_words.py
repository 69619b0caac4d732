"""The auditor's log is read by people: kinds, actions, states, purposes, references and names; exports keep evidence."""

import ast
import re
from uuid import uuid4

import pytest
from sqlalchemy import event as database_events
from sqlalchemy import select

from agencies.licensing.status import APPLICATION_TITLES
from core import audit
from core.accounts import UserAccount
from core.actor import ANONYMOUS, SYSTEM, Actor, ActorKind
from core.permissions import StaffRole
from core.settings import ROOT
from core.workflow import ALL
from portal.staff import auditing, log_lines, wording
from portal.staff.auditing import Filters
from portal.staff.states import STATES
from portal.staff.views import OpenForm, SearchForm
from tests.agencies import factories as make
from tests.portal.factories import agency_owner, officer, person
from tests.portal.staff.test_records import PACKAGES, written_kinds

# Actions whose name stands in a variable where they are written.
BY_NAME = {"suspend_account", "restore_account"}


def calls():
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield ast.unparse(node.func).split(".")[-1], node, {k.arg: k.value for k in node.keywords}


def texts(node):
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def written_actions():
    """Every action that the sources write by its name, outside the transition tables."""
    found = set(BY_NAME)
    for name, call, named in calls():
        if "subject" in named and "action" in named:
            action = named["action"]
            found |= texts(action.body) | texts(action.orelse) if isinstance(action, ast.IfExp) else texts(action)
        elif name in {"_note", "_noted"}:
            found |= {a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return found - {"age", "duplicates"}


def written_purposes():
    return {
        text
        for name, _call, named in calls()
        if name == "note_reading" and "purpose" in named
        for text in texts(named["purpose"])
    }


def written_reasons():
    return {
        named["reason"].value
        for name, _call, named in calls()
        if name in {"record", "apply"} and isinstance(named.get("reason"), ast.Constant) and named["reason"].value
    }


def test_every_kind_of_record_has_words_and_none_two_the_same():
    kinds = written_kinds() | set(STATES)
    assert {k for k in kinds if k not in wording.KINDS} == set()
    words = [str(w) for k, w in wording.KINDS.items() if k != "orientation_centre"]
    assert len(words) == len(set(words))


def test_every_action_that_the_sources_write_has_words():
    actions = written_actions()
    assert len(actions) > 60
    assert {a for a in actions if a not in wording.ACTIONS} == set()
    assert {a for a in wording.ACTIONS if a not in actions} == set()


def test_every_state_of_every_transition_table_has_words():
    for name, table in ALL.items():
        if name in wording.KINDS:
            assert {str(s) for s in table.states} <= set(STATES[name]), name


def test_every_purpose_and_every_reason_of_the_system_has_words(app):
    with app.test_request_context():
        offered = {option.data for form in (SearchForm, OpenForm) for option in form().purpose}
    assert {p for p in written_purposes() | offered if p not in wording.PURPOSES} == set()
    assert len(written_reasons()) >= 10
    assert {r for r in written_reasons() if r not in wording.REASONS} == set()


@pytest.fixture
def decided(client, session):
    """A licence application that an officer has begun to review, and the auditor signed in."""
    account, actor = make.officer(session, StaffRole.LICENSING_OFFICER)
    account.display_name = "Sarita Thapa"
    application, _agency, _owner = make.submitted(session, name="Dhaulagiri Overseas")
    audit.record(
        session, actor, subject=("licence_application", application.id), action="take",
        from_status="submitted", to_status="in_review",
    )  # fmt: skip
    audit.record(session, actor, subject=("licence_application", application.id), action="read", reason="review")
    audit.record(session, SYSTEM, subject=("audit_log", None), action="sample")
    client.sign_in(session, officer(session, StaffRole.AUDITOR))
    return application


def body(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text.split("<tbody>")[1].split("</tbody>")[0]))


def test_a_row_says_in_words_what_was_done_to_which_record_by_whom(client, decided):
    shown = body(client.get("/staff/audit?kind=licence_application"))
    assert "Begin the review" in shown
    assert f"from “{APPLICATION_TITLES['submitted']}” to “{APPLICATION_TITLES['in_review']}”" in shown
    assert f"Licence application {decided.reference}" in shown
    assert "Sarita Thapa" in shown
    assert "It was in the officer’s queue" in shown
    for machine in ("licence_application", "in_review", "take", decided.id.hex[-12:], "None"):
        assert machine not in shown, machine


def test_a_row_about_no_record_leads_nowhere(client, decided):
    answer = client.get("/staff/audit?kind=audit_log")
    assert "None" not in body(answer)
    assert 'href="/staff/audit?subject="' not in answer.text
    assert "This log" in body(answer)
    assert "the system" in body(answer)


def test_the_machines_words_stand_on_the_rows_own_page_and_in_the_export(client, session, decided):
    found = session.scalars(
        select(audit.AuditEvent).where(audit.AuditEvent.subject_id == decided.id, audit.AuditEvent.action == "take")
    ).one()
    shown = client.get(f"/staff/audit/rows/{found.id}").text
    for text in (
        "Begin the review",
        decided.reference,
        "Sarita Thapa",
        "licence_application",
        "in_review",
        str(decided.id),
    ):
        assert text in shown, text
    exported = auditing.export(session, Filters(subject=str(decided.id))).content
    assert "take,submitted,in_review,," in exported
    assert "Sarita" not in exported


@pytest.mark.parametrize("language", ["ne", "ur"])
def test_the_rows_are_in_the_readers_language(client, decided, language):
    client.get(f"/language/{language}")
    answer = client.get("/staff/audit")
    assert "Begin the review" not in answer.text
    assert "Licence application" not in answer.text
    assert f"{decided.reference}</bdi>" in answer.text
    assert ('dir="rtl"' in answer.text) is (language == "ur")


def test_kinds_to_choose_are_words_in_their_order(client, session, decided):
    choices = re.findall(r'<option value="(\w+)">([^<]+)</option>', client.get("/staff/audit").text)
    assert dict(choices)["licence_application"] == "Licence application"
    assert [w.casefold() for _k, w in choices] == sorted(w.casefold() for _k, w in choices)


def acting(kind, account):
    return Actor(kind, account_id=account.id)


def test_officers_are_named_and_nobody_else_is(session):
    clerk, migrant, staff = agency_owner(session), person(session, name="Maya Gurung"), officer(session)
    ours = {
        "an agency’s clerk": acting(ActorKind.PERSON, clerk),
        "a person": acting(ActorKind.PERSON, migrant),
        "Officer Tamang": acting(ActorKind.STAFF, staff),
        "the system": SYSTEM,
        "somebody who was not signed in": ANONYMOUS,
    }
    rows = [audit.record(session, a, subject=("agency", None), action="register") for a in ours.values()]
    assert [line.actor for line in log_lines.lines(session, rows)] == list(ours)
    signed_in = [
        audit.record(session, acting(ActorKind.PERSON, a), subject=("user_account", a.id), action="sign_in")
        for a in (staff, migrant, clerk)
    ]
    assert [line.actor for line in log_lines.lines(session, signed_in)] == [
        "Officer Tamang",
        "a person",
        "an agency’s clerk",
    ]


def test_more_rows_of_a_kind_ask_the_database_no_more(session):
    staff = [officer(session) for _ in range(6)]
    rows = [
        audit.record(session, acting(ActorKind.STAFF, a), subject=("user_account", a.id), action="end_role")
        for a in staff
    ]
    session.flush()
    seen = []
    database_events.listen(session.connection(), "before_cursor_execute", lambda *given: seen.append(given[2]))
    log_lines.lines(session, rows[:1])
    few = len(seen)
    log_lines.lines(session, rows)
    assert (few, len(seen)) == (2, 4)


@pytest.mark.parametrize("kind", sorted(log_lines.REFERENCES))
def test_the_query_of_each_kind_runs_and_finds_no_reference_for_what_is_gone(session, kind):
    row = audit.record(session, SYSTEM, subject=(kind, uuid4()), action="x")
    (line,) = log_lines.lines(session, [row])
    assert (line.kind, line.reference, line.action) == (str(wording.KINDS[kind]), "", "x")


def test_an_account_is_called_by_its_reference(session):
    account = person(session)
    row = audit.record(session, SYSTEM, subject=("user_account", account.id), action="end_role")
    (line,) = log_lines.lines(session, [row])
    assert line.reference == session.get_one(UserAccount, account.id).reference
    assert line.action == "Role ended"
