"""What officers see of the old register, and the command line that brings it in."""

import re
import subprocess
import sys

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from agencies.importing import seed
from agencies.importing.models import AgencyClaim, ImportConflict, ImportRun
from agencies.importing.queues import QUEUES
from agencies.importing.status import ConflictStatus
from agencies.licensing.models import Licence
from agencies.register import fast
from agencies.registration.models import Agency
from core.permissions import StaffRole
from core.queues import fetch
from portal.importing.cli import group
from tests.agencies import factories as make
from tests.agencies.importing.conftest import DATA
from tests.agencies.test_fast_register import asked, flasks, take_copy
from tests.agencies.test_seed import world


def text_of(answer):
    return answer.get_data(as_text=True)


@pytest.fixture
def demo(session):
    """The demo's old register over an office with its officers."""
    staff = [
        ("licensing.officer", StaffRole.LICENSING_OFFICER, "DOFE"),
        ("licensing.approver", StaffRole.LICENSING_APPROVER, "DOFE"),
        ("admin", StaffRole.STAFF_ADMIN, "DOFE"),
    ]
    made = world(session, staff, ["DOFE"])
    seed.demo(session, made)
    return made


def test_the_demo_leaves_two_conflicts_that_officers_decide_in_pages(client, app, session, demo):
    officer, officer_actor = make.officer(session, StaffRole.LICENSING_OFFICER)
    approver, approver_actor = make.officer(session, StaffRole.LICENSING_APPROVER)
    queues = {q.name: q for q in QUEUES}
    with app.test_request_context():
        waiting = fetch(session, queues["import.conflicts"], officer_actor, limit=10)
        assert waiting.total == 2
        far = make.reviewer(session, at=make.office(session, "P9", parent=make.office(session)))
        assert fetch(session, queues["import.conflicts"], far, limit=10).total == 0
    conflicts = {c.why: c for c in session.scalars(select(ImportConflict))}
    assert set(conflicts) == {"changed_here", "licence_decided_here"}
    contact, standing = conflicts["changed_here"], conflicts["licence_decided_here"]

    client.sign_in(session, officer)
    page = text_of(client.get(f"/imports/conflicts/{contact.id}"))
    ours = session.get_one(Agency, contact.agency_id).phone
    assert ours in page
    assert "147" in page
    assert "Keep our value" in page
    assert "Propose to take" not in page
    refused = client.post_form(f"/imports/conflicts/{contact.id}/keep", reason="")
    assert refused.status_code == 422
    assert client.post_form(f"/imports/conflicts/{standing.id}/take", reason="quick").status_code == 422
    assert client.post_form(f"/imports/conflicts/{standing.id}/confirm", reason="quick").status_code == 403
    session.expire_all()
    assert {c.status for c in session.scalars(select(ImportConflict))} == {ConflictStatus.WAITING}
    assert client.post_form(f"/imports/conflicts/{contact.id}/keep", reason="They rang.").status_code == 303
    assert client.post_form(f"/imports/conflicts/{standing.id}/propose", reason="Order seen.").status_code == 303
    assert "Confirm: take it" not in text_of(client.get(f"/imports/conflicts/{standing.id}"))

    client.sign_in(session, approver)
    with app.test_request_context():
        assert fetch(session, queues["import.second"], approver_actor, limit=10).total == 1
    assert "Order seen." in text_of(client.get(f"/imports/conflicts/{standing.id}"))
    assert client.post_form(f"/imports/conflicts/{standing.id}/confirm", reason="Seen, too.").status_code == 303
    session.expire_all()
    licence = session.scalars(select(Licence).where(Licence.agency_id == standing.agency_id)).one()
    assert licence.status.value == "cancelled"
    page = text_of(client.get(f"/licensing/agencies/{standing.agency_id}"))
    assert page.count("From the old register, not decided here") >= 3
    assert "Securities of the old register" in page
    runs = text_of(client.get("/imports"))
    assert runs.count("old-register") == 7


def test_conflicts_and_claims_are_nobody_elses_business(client, session, demo):
    conflict = session.scalars(select(ImportConflict)).first()
    _made, owner, _actor = make.agency(session, name="Somebody")
    cashier, _actor = make.officer(session, StaffRole.FINANCE_OFFICER)
    far, _actor = make.officer(
        session, StaffRole.LICENSING_OFFICER, at=make.office(session, "P9", parent=make.office(session))
    )
    for account, status in ((owner, 403), (cashier, 403), (far, 404)):
        client.sign_in(session, account)
        assert client.get(f"/imports/conflicts/{conflict.id}").status_code == status
        assert client.post_form(f"/imports/conflicts/{conflict.id}/keep", reason="x").status_code == status
        assert client.post_form(f"/imports/agencies/{conflict.agency_id}/papers", reason="x").status_code == status
    session.expire_all()
    assert session.get_one(ImportConflict, conflict.id).status is ConflictStatus.WAITING
    assert session.scalar(select(func.count()).select_from(AgencyClaim)) == 0


def test_a_licensee_at_the_counter_gets_a_paper_code_from_two_officers(client, session, demo):
    agency = session.scalars(select(Agency).where(Agency.name.startswith("Tinau"))).one()
    officer, _actor = make.officer(session, StaffRole.LICENSING_OFFICER)
    approver, _actor = make.officer(session, StaffRole.LICENSING_APPROVER)
    client.sign_in(session, officer)
    assert "I have seen the papers" in text_of(client.get(f"/licensing/agencies/{agency.id}"))
    assert client.post_form(f"/imports/agencies/{agency.id}/papers", reason="Licence, passport").status_code == 303
    claim = session.scalars(select(AgencyClaim)).one()
    assert client.post_form(f"/imports/claims/{claim.id}/hand-over").status_code == 403
    client.sign_in(session, approver)
    assert "Hand over a paper code" in text_of(client.get(f"/licensing/agencies/{agency.id}"))
    answer = client.post_form(f"/imports/claims/{claim.id}/hand-over")
    assert answer.headers["Cache-Control"] == "no-store"
    reference, code = re.findall(r'<bdi class="code[^"]*" dir="ltr">([^<]+)<', text_of(answer))[:2]
    assert reference == agency.reference
    client.delete_cookie("op-session")
    assert client.post_form("/agencies/claim/paper", reference=agency.reference, code="1-1-1").status_code == 422
    assert client.post_form("/agencies/claim/paper", reference=agency.reference, code=code).status_code == 303
    done = client.post_form(
        "/agencies/claim/account", name="Hari", password="a-good-password", email="hari@example.org"
    )
    assert (done.status_code, done.location) == (303, f"/agencies/{agency.id}")


def test_the_register_tells_everybody_that_a_licence_was_taken_over(client, session, demo):
    page = text_of(client.get("/check", query_string={"q": "300/60"}))
    assert "Trishuli Overseas" in page
    assert "taken over from the ministry" in page
    found = client.get("/api/v1/licences", query_string={"q": "300/60"}).json["results"]
    assert [(r["licence_number"], r["status"], r["from_old_register"]) for r in found] == [("300/60", "licensed", True)]


@pytest.mark.parametrize("query", ["q=300%2F60", "q=300/060", "q=300", "q=Lic.+No.+300%2F60", "q=trishuli"])
def test_the_layer_ahead_of_the_pages_gives_the_same_answer_to_an_old_number(app, session, demo, query):
    layer = fast.FastRegister(app, app.extensions[fast.EXTENSION]._inner)
    layer._headers = layer._flasks_headers()
    take_copy(layer, session)
    own, again = asked(layer, query), asked(layer, query)
    assert own[3]
    assert own == again
    assert own[:3] == flasks(layer, query)[:3]
    assert b'"from_old_register":true' in own[2]
    # A number of the old register is kept as one of ours is, a name never.
    assert (query in layer._copy.answers) is ("300" in query)


class Session:
    """The test's own session as the command line opens one; its commit is noted, not done."""

    def __init__(self, session):
        self.session, self.commits = session, 0

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return None

    def __getattr__(self, name):
        return getattr(self.session, name)

    def commit(self):
        self.commits += 1
        self.session.flush()

    def rollback(self):
        self.session.rollback()


@pytest.fixture
def command(session):
    """Runs ``portal import``; gives the exit code, the output, and whether it committed."""
    make.office(session)
    account, _actor = make.officer(session, StaffRole.STAFF_ADMIN)
    by = account.email
    session.commit()

    def run(*arguments):
        opened = Session(session)
        result = CliRunner().invoke(group(lambda: opened), [*arguments, "--by", by], catch_exceptions=False)
        return result.exit_code, result.output, opened.commits

    return run


def test_the_command_line_tells_first_and_writes_only_when_told(command, session, tmp_path):
    file, mapping = str(DATA / "agencies.csv"), str(DATA / "agencies.json")
    report = tmp_path / "report.csv"
    code, output, commits = command("agencies", file, "--mapping", mapping, "--report", str(report))
    assert (code, commits) == (3, 0)
    assert "3 added, 0 unchanged, 0 changed, 0 conflict, 4 refused" in output
    assert "Nothing was written" in output
    assert "टिप्पणी" in output
    assert session.scalar(select(func.count()).select_from(ImportRun)) == 0
    assert session.scalar(select(func.count()).select_from(Agency)) == 0
    rows = report.read_text("utf-8-sig").splitlines()
    assert rows[0] == "line,key,outcome,fields,reason"
    assert len(rows) == 8
    assert "office@himal" not in report.read_text("utf-8-sig").lower()

    wrong = command("agencies", file, "--mapping", mapping, "--apply", "--expect", "rows=9")
    assert (wrong[0], wrong[2]) == (5, 0)
    assert "CONTROL TOTAL rows: expected 9, found 7" in wrong[1]
    code, output, commits = command("agencies", file, "--mapping", mapping, "--apply", "--expect", "rows=7")
    assert (code, commits) == (3, 1)
    assert "Written." in output
    assert session.scalar(select(func.count()).select_from(Agency)) == 3
    code, output, _commits = command("diff", "agencies", file, "--mapping", mapping)
    assert (code, "3 same" in output) == (4, True)
    assert command("agencies", file, "--mapping", mapping, "--apply", "--dry-run")[0] == 2


def test_only_who_may_brings_the_register_in(session, tmp_path):
    make.office(session)
    account, _actor = make.officer(session, StaffRole.LICENSING_APPROVER)
    by = account.email
    session.commit()
    file = str(DATA / "agencies.csv")
    opened = Session(session)
    arguments = ["agencies", file, "--mapping", str(DATA / "agencies.json"), "--apply", "--by"]
    for who in (by, "nobody@example.org"):
        result = CliRunner().invoke(group(lambda: opened), [*arguments, who])
        assert result.exit_code != 0
    assert opened.commits == 0
    assert session.scalar(select(func.count()).select_from(Agency)) == 0


def test_the_portal_command_knows_every_kind():
    output = subprocess.run(
        [sys.executable, "-m", "portal.cli", "import", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert all(word in output for word in ("agencies", "licences", "directors", "sanctions", "securities", "diff"))
