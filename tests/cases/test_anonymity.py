"""The reporter's pages as a browser meets them, and the search for what must not be kept: address, browser, time."""

import io
import logging
import re
import time
from hashlib import md5, sha1, sha256

import pytest
from sqlalchemy import func, select, text

from cases.reports import draft as drafts
from cases.reports import officers, views, words
from cases.reports.models import Report
from cases.reports.patience import DAY, Patience, network
from cases.reports.words import WORDS
from core.accounts import AccountSession, open_session
from core.audit import AuditEvent
from core.db import Base
from core.errors import TooMany
from core.ids import new_id
from core.privacy import blind_index
from law.country import deployment
from tests.agencies import factories as make
from tests.cases import factories as tell
from tests.cases.test_reports import picture_with_a_secret
from tests.conftest import PortalClient

ADDRESS, AGENT = "203.0.113.77", "PlantedBrowser/7.7 (Planted Telephone)"
PLANTED = {
    "environ_base": {"REMOTE_ADDR": ADDRESS},
    "headers": {
        "User-Agent": AGENT,
        "X-Forwarded-For": ADDRESS,
        "Referer": "http://localhost/planted-referrer",
        "Accept-Language": "en;q=0.9, x-planted;q=0.1",
    },
}


def journey(client):
    """Report, come back, add: everything that a reporter does, from the planted place."""
    photo = (io.BytesIO(picture_with_a_secret()), "planted-file-name.jpg")
    sent = tell.send(client, tell.fill_in(client, **PLANTED), photos=[photo], **PLANTED)
    assert sent.status_code == 200, sent.text
    codename = tell.codename_in(sent.text)
    assert client.get("/report/follow-up", **PLANTED).status_code == 200
    opened = client.post("/report/follow-up", data={"codename": codename}, **PLANTED)
    assert tell.WORDS in opened.text
    data = {"key": tell.hidden(opened.text, "key"), "words": "One more thing."}
    added = client.post("/report/follow-up/message", data=data, **PLANTED)
    assert "One more thing." in added.text
    client.post("/report/follow-up", data={"codename": "no such codename"}, **PLANTED)
    return codename


def dump(session):
    """Every row of every table as text; binary columns as hexadecimal."""
    session.flush()
    names = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    assert {t.name for t in Base.metadata.sorted_tables} <= set(names)
    return {n: session.scalars(text(f'SELECT to_jsonb(t)::text FROM "{n}" t')).all() for n in names}


def traces():
    """The planted things, plain and as somebody might have kept them: packed, in hexadecimal, hashed, keyed."""
    found = [
        ADDRESS,
        "203.0.113",
        AGENT,
        "PlantedBrowser",
        "planted",
        "EXIF-SECRET",
        "COMMENT-SECRET",
        "Telephone-Model",
    ]
    for plain in (ADDRESS, AGENT, "planted-file-name.jpg"):
        raw = plain.encode()
        found += [raw.hex(), *(h(raw).hexdigest() for h in (md5, sha1, sha256))]
        found += [blind_index(p, plain).hex() for p in ("throttle:report", "throttle:codename", "report", "address")]
    return [*found, bytes([203, 0, 113, 77]).hex()]


def test_no_row_and_no_log_line_holds_the_address_or_the_browser(session, client, caplog, capfd):
    tell.ministry(session)
    before = dump(session)
    with caplog.at_level(logging.INFO):
        codename = journey(client)
    after = dump(session)
    grown = {n for n in after if len(after[n]) != len(before[n])}
    assert grown == {"report", "report_message", "report_photo", "person_key"}
    rows = "\n".join(row for n in after for row in set(after[n]) - set(before[n]))
    logs = caplog.text + "".join(capfd.readouterr())
    for trace in traces():
        assert trace.lower() not in rows.lower(), trace
        assert trace.lower() not in logs.lower(), trace
    # Nor the words, the codename, or the number that is reported, outside the seals.
    for told in (tell.WORDS, codename, "9851011111", "Sagarmatha", "One more thing"):
        assert told not in rows
        assert told not in logs
    # What stands there has no time of day: only days, and the key's midnight.
    new = set(re.findall(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?", rows))
    assert {t[11:] for t in new} <= {"00:00:00"}


def test_the_dump_would_find_what_is_kept(session, client):
    """The search itself can fail: the sign-in of a person, whose browser is noted, is found."""
    account, _actor = make.officer(session, make.StaffRole.AUDITOR)
    open_session(session, account, agent=AGENT)
    assert any(AGENT in row for row in dump(session)["account_session"])


def test_no_cookie_is_needed_read_or_set(session, client):
    tell.ministry(session)
    page = client.get("/report")
    assert "Set-Cookie" not in page.headers
    client.set_cookie("op-session", "x" * 43)
    answer = tell.send(client, tell.fill_in(client))
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "csrf_token" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<title>Information</title>" in page.text
    assert "Sign out" not in page.text
    assert 'rel="noreferrer"' in page.text
    assert "<script" not in page.text
    assert len(page.data) < 6000


def test_a_signed_in_person_is_a_stranger_here(session, client):
    """The session's last use is not noted in the report's transaction, and the page does not know the person."""
    account, _actor = make.officer(session, make.StaffRole.LICENSING_OFFICER)
    tell.ministry(session)
    client.sign_in(session, account)
    session.execute(text("UPDATE account_session SET last_seen_at = now() - interval '30 minutes'"))
    session.commit()
    seen = session.scalar(select(AccountSession.last_seen_at))
    answer = tell.send(client, tell.fill_in(client))
    assert tell.codename_in(answer.text)
    session.expire_all()
    assert session.scalar(select(AccountSession.last_seen_at)) == seen


def test_another_sites_form_is_refused(session, client):
    tell.ministry(session)
    draft = tell.fill_in(client)
    answer = tell.send(client, draft, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert session.scalar(select(func.count()).select_from(Report)) == 0
    assert tell.send(client, draft, headers={"Origin": "http://localhost"}).status_code == 200


def test_nothing_but_the_words_is_asked_in_earnest_and_back_keeps_them(session, client):
    tell.ministry(session)
    page = client.get("/report").text
    data = {"draft": tell.hidden(page, "draft"), "step": "danger"}
    assert client.post("/report", data=data).status_code == 422
    page = client.post("/report", data={**data, "danger": "yes"}).text
    assert "call first" in page
    data = {"draft": tell.hidden(page, "draft"), "step": "words"}
    refused = client.post("/report", data={**data, "words": " "})
    assert (refused.status_code, "Write what happened." in refused.text) == (422, True)
    page = client.post("/report", data={**data, "words": "Kept <b>words</b>"}).text
    back = client.post("/report", data={"draft": tell.hidden(page, "draft"), "step": "who", "go": "back"}).text
    assert "Kept &lt;b&gt;words&lt;/b&gt;" in back
    empty = {"who": {}, "paid": {}, "share": {"share": "nothing"}}
    draft = tell.fill_in(client, empty)
    changed = client.post("/report", data={"draft": draft, "step": "check", "go": "words"})
    assert tell.WORDS in changed.text
    assert tell.send(client, draft).status_code == 200
    report = session.scalars(select(Report)).one()
    assert (report.phone_index, report.name_hashes, report.in_danger) == (None, [], False)


def test_the_same_page_sent_twice_gives_the_same_codename(session, client):
    tell.ministry(session)
    draft = tell.fill_in(client)
    first, second = tell.send(client, draft), tell.send(client, draft)
    assert tell.codename_in(first.text) == tell.codename_in(second.text)
    assert session.scalar(select(func.count()).select_from(Report)) == 1
    assert tell.codename_in(tell.send(client, tell.fill_in(client)).text) != tell.codename_in(first.text)


def test_a_changed_old_or_foreign_draft_is_no_draft(session, client, monkeypatch):
    tell.ministry(session)
    draft = tell.fill_in(client)
    for bad in ("", "x", draft[:-6] + "AAAA==", drafts.seal_key("acorn")):
        answer = tell.send(client, bad)
        assert (answer.status_code, "Begin again" in answer.text) == (422, True)
    later = time.time() + deployment().standard("report_draft_hours") * 3600 + 5
    monkeypatch.setattr(drafts.time, "time", lambda: later)
    assert tell.send(client, draft).status_code == 422
    assert session.scalar(select(func.count()).select_from(Report)) == 0


def test_a_machine_is_slowed(session, client, monkeypatch):
    tell.ministry(session)
    draft = tell.fill_in(client)
    trap = tell.send(client, draft, fields={"website": "http://spam.example"})
    assert trap.status_code == 422
    monkeypatch.setitem(deployment().policy, "report_patience_seconds", 60)
    hasty = tell.send(client, draft)
    assert (hasty.status_code, "very fast" in hasty.text) == (422, True)
    assert session.scalar(select(func.count()).select_from(Report)) == 0
    monkeypatch.setitem(deployment().policy, "report_patience_seconds", 0)
    monkeypatch.setitem(deployment().policy, "reports_per_day", 2)
    codes = [tell.send(client, tell.fill_in(client, {"words": {"words": f"Story {n}"}})).status_code for n in range(4)]
    assert codes == [200, 200, 429, 429]
    assert session.scalar(select(func.count()).select_from(Report)) == 2


def test_guessing_codenames_is_stopped_and_each_wrong_one_gets_the_same_answer(session, client, monkeypatch):
    _report, codename = tell.sent(session)
    seven = " ".join(WORDS[:7])
    wrong = [
        client.post("/report/follow-up", data={"codename": c}) for c in (seven, "nonsense", codename + " zone", "ओखर")
    ]
    plain = {re.sub(r'value="[^"]*"', "", a.text) for a in wrong}
    assert {a.status_code for a in wrong} == {422}
    assert len(plain) == 1
    monkeypatch.setitem(deployment().policy, "report_codes_per_day", 6)
    monkeypatch.setattr(views, "PATIENCE", Patience())
    tries = [client.post("/report/follow-up", data={"codename": seven}).status_code for _ in range(7)]
    assert tries == [422] * 6 + [429]
    right = client.post("/report/follow-up", data={"codename": codename})
    assert (right.status_code, tell.WORDS in right.text) == (429, False)
    # Another network is not stopped by this one, and the key of an opened page is no way around the count.
    other = {"environ_base": {"REMOTE_ADDR": "198.51.100.9"}}
    opened = client.post("/report/follow-up", data={"codename": codename}, **other)
    assert tell.WORDS in opened.text
    key = tell.hidden(opened.text, "key")
    assert client.post("/report/follow-up/message", data={"key": key, "words": "x"}).status_code == 429


def test_a_wrong_codename_costs_the_same_slow_hash(session, client, monkeypatch):
    _report, codename = tell.sent(session)
    calls = []
    real = words.hash_secret_raw
    monkeypatch.setattr(words, "hash_secret_raw", lambda *a, **k: calls.append(len(a[0])) or real(*a, **k))
    for typed in (codename, "nonsense", " ".join(WORDS[:7])):
        calls.clear()
        client.post("/report/follow-up", data={"codename": typed})
        assert len(calls) == 1, typed


def test_counts_are_forgotten_with_the_day_and_take_a_network_as_one():
    now = [100 * DAY + 5.0]
    patience = Patience(lambda: now[0])
    for _ in range(3):
        patience.hit("b", "2001:db8:1:2:aaaa::1", limit=3)
    with pytest.raises(TooMany):
        patience.hit("b", "2001:db8:1:2:bbbb::9", limit=3)
    patience.hit("b", "2001:db8:1:3::1", limit=3)
    patience.hit("other", "2001:db8:1:2:aaaa::1", limit=3)
    before = set(patience._counts)
    assert not any(b"2001" in key for key in before)
    now[0] += DAY
    patience.hit("b", "2001:db8:1:2:aaaa::1", limit=3)
    assert len(patience._counts) == 1
    assert not set(patience._counts) & before
    assert (network("203.0.113.7"), network("no address")) == ("203.0.113.7", "unknown")


def test_officers_read_and_answer_licensing_is_shut_out(session, client, app):
    report, codename = tell.sent(session, photos=(picture_with_a_secret(),))
    address = f"/staff/reports/{report.id}"
    for role in ("licensing_officer", "licensing_approver", "finance_officer", "auditor", "staff_admin"):
        account, _actor = make.officer(session, make.StaffRole(role), at=tell.ministry(session))
        client.sign_in(session, account)
        assert client.get(address).status_code == 403
        assert client.post_form(f"{address}/take").status_code == 403
        home = client.get("/staff").text
        assert report.reference not in home
        assert client.get("/staff/queues/report.new").status_code == 404
    session.refresh(report)
    assert report.status.value == "received"
    account, _actor = tell.officer(session)
    client.sign_in(session, account)
    assert report.reference in client.get("/staff").text
    assert tell.WORDS in client.get(address).text
    photo = re.search(rf'src="({address}/photos/[^"]+)"', client.get(address).text)[1]
    assert client.get(photo).mimetype == "image/jpeg"
    assert client.post_form(f"{address}/take").status_code == 303
    assert client.post_form(f"{address}/accept", category="forced_labour").status_code == 422
    form = {"category": "forced_labour", "indicators": ["documents", "debt"]}
    assert client.post_form(f"{address}/accept", **form).status_code == 303
    assert client.post_form(f"{address}/answer", words="Keep your passport. Call us.").status_code == 303
    fresh = app.test_client()
    thread = fresh.post("/report/follow-up", data={"codename": codename})
    assert "Keep your passport. Call us." in thread.text


def test_each_reading_is_in_the_log(committed, app):
    with committed() as session:
        report, _codename = tell.sent(session, photos=(picture_with_a_secret(),))
        account, _actor = tell.officer(session)
        app.test_client_class = PortalClient
        client = app.test_client()
        client.sign_in(session, account)
        session.commit()
    photo = re.search(r'src="([^"]+/photos/[^"]+)"', client.get(f"/staff/reports/{report.id}").text)[1]
    assert client.get(photo).status_code == 200
    assert client.get(f"/staff/reports/{new_id()}").status_code == 404
    with committed() as session:
        rows = session.execute(
            select(AuditEvent.subject_id, AuditEvent.actor_account_id, AuditEvent.reason)
            .where(AuditEvent.action == "read")
            .order_by(AuditEvent.at)
        ).all()
    assert [tuple(r) for r in rows] == [(report.id, account.id, "case work"), (report.id, account.id, "photo")]


def test_licensing_works_on_a_note_and_sees_counts(session, client):
    report, _codename = tell.sent(session, share=tell.Share.WORDS, name="Gulf Star")
    officer = tell.case_officer(session)
    make.office(session)
    officers.take(session, officer, report.id)
    note = officers.redirect(session, officer, report.id)
    account, _actor = make.officer(session, make.StaffRole.LICENSING_OFFICER)
    client.sign_in(session, account)
    assert note.reference in client.get("/staff").text
    page = client.get(f"/licensing/referrals/{note.id}").text
    assert tell.WORDS in page
    assert report.reference not in page
    assert str(report.id) not in page
    assert client.post_form(f"/licensing/referrals/{note.id}/take").status_code == 303
    assert client.post_form(f"/licensing/referrals/{note.id}/finish", reason="").status_code == 422
    assert client.post_form(f"/licensing/referrals/{note.id}/finish", reason="Closed down.").status_code == 303
    assert client.get("/licensing/reports-against-agencies").status_code == 200
    elsewhere, _actor = make.officer(
        session, make.StaffRole.LICENSING_OFFICER, at=make.office(session, "P9", parent=make.office(session))
    )
    client.sign_in(session, elsewhere)
    assert client.get(f"/licensing/referrals/{note.id}").status_code == 404


def test_ways_lead_here_from_the_check_the_start_and_the_help(session, client):
    for address in ("/", "/information", "/check?q=Nobody+Ever+Heard+Of"):
        assert 'href="/report"' in client.get(address).text, address
