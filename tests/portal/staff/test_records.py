"""From a row of the log to its record: a page that opens to the auditor, or the reason why none does."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select

from agencies.licensing.models import LicencePaper
from contracts.job_orders import services as job_orders
from core import audit, db
from core.accounts import UserAccount, find_account
from core.actor import SYSTEM
from core.audit import AuditEvent
from core.permissions import Permission, StaffRole
from core.settings import ROOT, current
from portal.seeding import seed
from portal.staff import auditing, records
from tests.conftest import PortalClient
from tests.contracts import factories as make
from tests.contracts.test_comparison import PROMISED
from tests.migrants.factories import officer as staff_at
from tests.portal.factories import officer

PACKAGES = ("core", "agencies", "migrants", "contracts", "remittance", "cases", "portal")
# Kinds whose name stands in a variable where they are written.
BY_NAME = {"agency", "report_day", "employer", "centre", "ngo", "migrant"}


def written_kinds():
    """Every kind of record that the sources write into the log."""
    found = set(BY_NAME)
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            found |= set(re.findall(r"subject\s*=\s*\(\s*\"(\w+)\"", text))
            found |= set(re.findall(r"note_reading\(\s*\w+(?:\(\))?,\s*\(\s*\"(\w+)\"", text))
            if path.name == "status.py":
                found |= set(re.findall(r"Workflow\(\s*\"(\w+)\"", text))
    return found


def test_every_kind_has_either_a_page_or_a_reason_why_none():
    kinds = written_kinds()
    assert len(kinds) > 40
    assert {k for k in kinds if k not in records.PAGES and k not in records.WHY_NONE} == set()
    assert set(records.PAGES) & set(records.WHY_NONE) == set()


def test_each_page_is_declared_for_the_auditor(app):
    for kind, shown in records.PAGES.items():
        assert Permission.AUDIT_READ in app.view_functions[shown.endpoint].__access__.permissions, kind


@pytest.fixture
def world(app, committed):
    """The small country with real commits, and its auditor's browser."""
    made = seed(current(), "adversarial")
    app.test_client_class = PortalClient
    browser = app.test_client()
    login = next(a["login"] for a in made.accounts if a.get("role") == "auditor")
    with db.sessions()() as session:
        browser.sign_in(session, find_account(session, login))
        yield session, browser


def test_every_record_of_the_small_country_opens_after_the_purpose_or_says_why_not(world):
    session, browser = world
    every = session.scalars(select(AuditEvent).order_by(AuditEvent.at)).all()
    rows = {(event.subject_kind, event.subject_id): event for event in every}.values()
    session.commit()
    opened = set()
    for event in rows:
        shown = browser.get(f"/staff/audit/rows/{event.id}")
        assert shown.status_code == 200
        if event.subject_kind in records.WHY_NONE:
            assert str(records.WHY_NONE[event.subject_kind]) in shown.text
            assert browser.post_form(f"/staff/audit/rows/{event.id}/open", purpose="sample").status_code == 404
            continue
        if str(records.GONE) in shown.text:
            continue
        answer = browser.post_form(f"/staff/audit/rows/{event.id}/open", purpose="sample")
        assert answer.status_code == 303, event.subject_kind
        record = browser.get(answer.headers["Location"])
        assert record.status_code == 200, (event.subject_kind, answer.headers["Location"])
        assert record.text.count("<form") == record.text.count('action="/sign-out"') + record.text.count(
            'action="/language'
        ), event.subject_kind
        opened.add(event.subject_kind)
    assert opened >= {"agency", "licence_application", "licence", "employer", "security_instrument"}


def test_the_purpose_is_asked_and_the_log_keeps_it_with_each_reading_of_record_and_paper(world):
    session, browser = world
    event = session.scalars(select(AuditEvent).where(AuditEvent.subject_kind == "employer").limit(1)).one()
    refused = browser.post_form(f"/staff/audit/rows/{event.id}/open")
    assert refused.status_code == 422
    ours = select(AuditEvent).where(AuditEvent.action == "read").order_by(AuditEvent.at)
    session.commit()
    assert session.scalars(ours).all() == []
    to = browser.post_form(f"/staff/audit/rows/{event.id}/open", purpose="complaint").headers["Location"]
    assert browser.get(to).status_code == 200
    told, read = session.scalars(ours).all()
    assert (told.subject_kind, told.subject_id, told.reason) == ("employer", event.subject_id, "complaint")
    assert told.evidence == {"row": str(event.id)}
    assert (read.subject_kind, read.subject_id, read.evidence) == (
        "reading", event.subject_id, {"page": "employers.show"},
    )  # fmt: skip
    paper = session.scalars(select(LicencePaper).limit(1)).one()
    session.commit()
    assert browser.get(f"/licences/papers/{paper.id}").status_code == 200
    noted = session.scalars(ours).all()[-1]
    assert (noted.subject_id, noted.evidence) == (paper.id, {"page": "licence.download_paper"})


def auditor_at(session, client, code):
    actor = staff_at(session, StaffRole.AUDITOR, code)
    client.sign_in(session, session.get_one(UserAccount, actor.account_id))


def test_a_job_order_and_a_contract_open_without_a_button_and_in_the_own_area_only(client, session):
    contract, _worker, scene = make.registered(session)
    pages = (
        f"/contracts/{contract.id}",
        f"/job-orders/{scene.order.id}",
        f"/staff/employers/{scene.employer_record.id}",
    )
    session.commit()
    auditor_at(session, client, "MOL")
    for address in pages:
        shown = client.get(address)
        assert shown.status_code == 200, address
        assert f'action="{address}' not in shown.text
        assert f'href="{address}/' not in shown.text
    # A department that stands apart from the agency's.
    client.sign_in(session, officer(session, StaffRole.AUDITOR))
    assert [client.get(address).status_code for address in pages] == [404, 404, 404]


def test_a_draft_of_a_job_order_stays_the_employers_own(client, session):
    (agency, _owner), (_employer, signatory) = make.agency(session), make.employer(session)
    order = job_orders.draft(session, signatory, job_orders.Draft(agency.id, 5, PROMISED))
    event = audit.record(session, SYSTEM, subject=("job_order", order.id), action="x")
    session.commit()
    auditor_at(session, client, "MOL")
    assert client.get(f"/job-orders/{order.id}").status_code == 404
    assert str(records.GONE) in client.get(f"/staff/audit/rows/{event.id}").text


def test_what_is_not_there_is_not_noted_as_read(client, session):
    client.sign_in(session, officer(session, StaffRole.AUDITOR))
    assert client.get(f"/licences/papers/{uuid4()}").status_code == 404
    assert session.scalars(select(AuditEvent).where(AuditEvent.subject_kind == "reading")).all() == []


def test_nobody_but_the_auditor_sees_a_row_or_opens_from_it(client, session):
    event = audit.record(session, SYSTEM, subject=("employer", uuid4()), action="x")
    session.commit()
    for role in set(StaffRole) - {StaffRole.AUDITOR}:
        client.sign_in(session, officer(session, role))
        assert client.get(f"/staff/audit/rows/{event.id}").status_code == 403
        assert client.post_form(f"/staff/audit/rows/{event.id}/open", purpose="sample").status_code == 403
    client.sign_in(session, officer(session, StaffRole.AUDITOR))
    assert client.get(f"/staff/audit/rows/{uuid4()}").status_code == 404
    assert str(records.GONE) in client.get(f"/staff/audit/rows/{event.id}").text
    assert client.post_form(f"/staff/audit/rows/{event.id}/open", purpose="sample").status_code == 404


def test_what_a_decision_rested_on_stands_on_the_page_as_text(client, session):
    evil = "<script>alert(1)</script>"
    event = audit.record(
        session,
        SYSTEM,
        subject=("sampled", None),
        action="x",
        reason=evil,
        evidence={"law": {"row": "np-1", "seen": [7, []]}, "b": evil},
    )
    session.commit()
    client.sign_in(session, officer(session, StaffRole.AUDITOR))
    text = client.get(f"/staff/audit/rows/{event.id}").text
    assert evil not in text
    assert text.count("&lt;script&gt;") == 2
    assert auditing.evidence(event) == [("b", evil), ("law.row", "np-1"), ("law.seen.1", "7"), ("law.seen.2", "[]")]
