"""The auditor reads, samples and exports, and changes nothing."""

import csv
import io
import json
from hashlib import sha256
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from werkzeug.routing import AnyConverter, IntegerConverter, UUIDConverter

from core import audit
from core.actor import SYSTEM
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import DomainError
from core.permissions import Permission, StaffRole
from portal.staff import auditing
from portal.staff.auditing import Filters
from tests.conftest import PortalClient
from tests.portal.factories import officer


def events(session, number, kind="sampled"):
    made = [audit.record(session, SYSTEM, subject=(kind, uuid4()), action=f"step-{n}") for n in range(number)]
    session.commit()
    return made


@pytest.fixture
def kept(committed):
    """A session with real commits: a draw and an export are noted in a transaction of their own."""
    with committed() as session:
        yield session


@pytest.fixture
def reader(app, kept):
    """An auditor's browser on that database."""
    app.test_client_class = PortalClient
    browser = app.test_client()
    browser.account = officer(kept, StaffRole.AUDITOR)
    browser.sign_in(kept, browser.account)
    return browser


@pytest.fixture
def auditor(client, session):
    account = officer(session, StaffRole.AUDITOR)
    client.sign_in(session, account)
    return account


def test_the_same_seed_draws_the_same_rows_however_much_was_written_since(kept):
    events(kept, 60)
    first = auditing.draw_sample(kept, Filters(kind="sampled"), size=10)
    kept.commit()
    events(kept, 60)
    again = auditing.draw_sample(kept, Filters(kind="sampled"), seed=first.seed, until=str(first.until), size=10)
    assert again == first
    assert (len({row.id for row in first.rows}), first.population) == (10, 60)


def test_a_row_still_on_its_way_cannot_slip_into_a_sample_that_was_drawn(kept, committed):
    events(kept, 5)
    with committed() as slow:
        audit.record(slow, SYSTEM, subject=("sampled", None), action="slow")
        slow.flush()
        first = auditing.draw_sample(kept, Filters(kind="sampled"))
        slow.commit()
    again = auditing.draw_sample(kept, Filters(kind="sampled"), seed=first.seed, until=str(first.until))
    assert (first.population, again) == (5, first)


def test_another_seed_draws_other_rows_and_in_time_every_row_is_drawn(kept):
    made = {event.id for event in events(kept, 12)}
    drawn = [
        frozenset(row.id for row in auditing.draw_sample(kept, Filters(kind="sampled"), seed=f"s{n}", size=4).rows)
        for n in range(40)
    ]
    assert len(set(drawn)) > 20
    assert frozenset().union(*drawn) == made


def test_every_draw_is_noted_with_its_seed(reader, kept):
    events(kept, 5)
    page = reader.get("/staff/audit/sample?kind=sampled&seed=mine")
    assert page.status_code == 200
    assert "5 of 5 rows" in page.text
    assert reader.get("/staff/audit/sample?kind=sampled&seed=mine-too").status_code == 200
    notes = kept.scalars(select(AuditEvent).where(AuditEvent.action == "sample").order_by(AuditEvent.at)).all()
    wanted = [(reader.account.id, "mine", 5), (reader.account.id, "mine-too", 5)]
    assert [(n.actor_account_id, n.evidence["seed"], n.evidence["of"]) for n in notes] == wanted


def test_the_csv_holds_exactly_the_filtered_rows_and_its_hash_is_noted(reader, kept):
    made = events(kept, 3)
    events(kept, 2, kind="other")
    answer = reader.get("/staff/audit/export?kind=sampled")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {r["id"] for r in rows} == {str(e.id) for e in made}
    digest = sha256(answer.data).hexdigest()
    assert answer.headers["X-Content-SHA256"] == digest
    note = kept.scalars(select(AuditEvent).where(AuditEvent.action == "export")).one()
    found = (note.actor_account_id, note.evidence["sha256"], note.evidence["rows"])
    assert found == (reader.account.id, digest, 3)


def test_the_json_holds_the_same_rows(reader, kept):
    made = events(kept, 3)
    answer = reader.get("/staff/audit/export?kind=sampled&format=json")
    assert answer.mimetype == "application/json"
    rows = json.loads(answer.data)
    assert [r["id"] for r in rows] == [str(e.id) for e in made]
    assert rows[0]["mac"] == made[0].mac.hex()
    assert answer.headers["X-Content-SHA256"] == sha256(answer.data).hexdigest()


def test_more_rows_than_a_file_holds_are_refused_and_never_cut(session, monkeypatch):
    monkeypatch.setattr(auditing, "EXPORT_ROWS", 3)
    events(session, 3)
    assert auditing.export(session, Filters(kind="sampled")).rows == 3
    events(session, 1)
    with pytest.raises(DomainError, match="Choose fewer days"):
        auditing.export(session, Filters(kind="sampled"))


def test_a_reason_that_begins_like_a_formula_is_none_in_a_spreadsheet(session):
    audit.record(session, SYSTEM, subject=("sampled", None), action="x", reason="=HYPERLINK(1)")
    session.flush()
    (row,) = csv.DictReader(io.StringIO(auditing.export(session, Filters(kind="sampled")).content))
    assert row["reason"] == "'=HYPERLINK(1)"


def test_a_filter_that_is_no_id_and_a_day_that_is_no_day_do_not_break_the_page(client, session, auditor):
    events(session, 1)
    answer = client.get("/staff/audit?subject=not-an-id&kind=sampled")
    assert answer.status_code == 200
    assert "step-0" not in answer.text
    wrong = client.get("/staff/audit?first=2026-02-30&kind=sampled")
    assert (wrong.status_code, "step-0" in wrong.text, 'aria-invalid="true"' in wrong.text) == (422, False, True)
    assert client.get("/staff/audit?cursor=broken").status_code == 422


def test_a_day_is_read_as_people_write_it_and_one_that_is_none_never_widens_the_evidence(client, session, auditor):
    events(session, 1)
    today = legal_today(session)
    typed = f"{today.day}/{today.month}/{today.year}".translate({48 + n: 0x966 + n for n in range(10)})
    assert "step-0" in client.get(f"/staff/audit?first={typed}&last={typed}&kind=sampled").text
    assert "step-0" not in client.get("/staff/audit?last=1-1-2020&kind=sampled").text
    shown = client.get("/staff/audit").text
    assert 'type="date"' not in shown
    assert "24-11-2026" in shown
    client.get("/language/ne")
    assert "२४-११-२०२६" in client.get("/staff/audit").text
    for part in ("sample", "export"):
        assert client.get(f"/staff/audit/{part}?kind=sampled&first=30-2-2026").status_code == 422, part


def a_value(converter):
    """Something that this part of an address takes."""
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    if isinstance(converter, UUIDConverter):
        return uuid4()
    return 1 if isinstance(converter, IntegerConverter) else "x"


def test_the_auditor_can_post_to_nothing_that_belongs_to_somebody_else(app, client, session, auditor):
    before = session.scalars(select(func.count()).select_from(AuditEvent)).one()
    tried = []
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "__access__", None)
        # Views without a permission are public ones and a person's own account and session.
        if "POST" not in (rule.methods or ()) or access is None or access.permissions <= {Permission.OWN_ACCOUNT}:
            continue
        values = {name: a_value(converter) for name, converter in rule._converters.items()}
        with app.test_request_context():
            address = app.url_for(rule.endpoint, **values)
        answer = client.post_form(address)
        assert answer.status_code in {403, 404}, (rule.endpoint, answer.status_code)
        tried.append(rule.endpoint)
    assert len(tried) > 30
    assert session.scalars(select(func.count()).select_from(AuditEvent)).one() == before


def test_nobody_but_the_auditor_reads_the_log(client, session):
    for role in set(StaffRole) - {StaffRole.AUDITOR}:
        client.sign_in(session, officer(session, role))
        for address in ("/staff/audit", "/staff/audit/sample", "/staff/audit/export", "/staff/audit/verify"):
            assert client.get(address).status_code == 403, (role, address)
