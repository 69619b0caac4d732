"""The log's public pages and addresses, over one told story; nothing here needs an account."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select, text

from agencies.licensing.models import Licence
from agencies.register_log import totals
from agencies.register_log.models import RegisterHead
from agencies.register_log.services import taken_over
from agencies.sanctions.models import Sanction
from agencies.sanctions.services import Propose, propose
from agencies.sanctions.status import SanctionKind
from core.db import legal_today
from core.merkle import extends, includes, leaf_hash
from tests.agencies import factories as make
from tests.agencies.register_log import stories


@pytest.fixture
def visitor(app, told):
    """A browser without an account, the story's sessions and its numbers."""
    return app.test_client(), *told


def test_heads_entries_and_proofs_fit_together_and_may_be_kept(visitor):
    client, sessions, first, *_rest = visitor
    head = client.get("/register/log/head")
    assert (head.status_code, head.json["number"], head.json["size"]) == (200, 3, 10)
    assert head.headers["Cache-Control"] == "public, max-age=30"
    assert head.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get("/register/log/head", headers={"If-None-Match": head.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")

    heads = client.get("/register/log/heads", query_string={"limit": "2"}).json
    assert ([h["size"] for h in heads["heads"]], heads["next"]) == ([2, 6], 3)
    rest = client.get("/register/log/heads", query_string={"first": "3"}).json
    assert ([h["size"] for h in rest["heads"]], rest["next"]) == ([10], None)

    part = client.get("/register/log/entries", query_string={"start": "2", "end": "4"}).json
    assert ([e["index"] for e in part["entries"]], part["next"]) == ([2, 3, 4], 5)
    entries = client.get("/register/log/entries").json
    assert (len(entries["entries"]), entries["next"]) == (10, None)
    for entry in entries["entries"]:
        assert sha256(b"\0" + entry["leaf"].encode()).hexdigest() == entry["hash"]

    root = bytes.fromhex(head.json["root"])
    for query in ({"index": "7"}, {"hash": entries["entries"][7]["hash"]}):
        proof = client.get("/register/log/proof", query_string=query).json
        assert (proof["index"], proof["root"]) == (7, root.hex())
        path = [bytes.fromhex(step) for step in proof["path"]]
        assert includes(root, size=10, index=7, found=leaf_hash(proof["leaf"].encode()), path=path)
    by_number = client.get("/register/log/proof", query_string={"number": first.replace("NP-0001", "np 1")}).json
    assert json.loads(by_number["leaf"])["event"] == "reinstated"
    older = client.get("/register/log/proof", query_string={"index": "1", "size": "6"}).json
    assert older["root"] == heads["heads"][1]["root"]

    grown = client.get("/register/log/consistency", query_string={"first": "6"}).json
    steps = [bytes.fromhex(step) for step in grown["proof"]]
    assert extends(6, bytes.fromhex(heads["heads"][1]["root"]), 10, root, steps)

    export = client.get("/register/log/export")
    assert export.text.count("\n") == 1 + 10 + 3
    assert client.get("/register/log/export", headers={"If-None-Match": export.headers["ETag"]}).status_code == 304
    with sessions() as session:
        assert session.scalars(select(RegisterHead.token).where(RegisterHead.number == 3)).one() in export.text


PROBLEMS = [
    ("heads?first=0", "first", 422),
    ("heads?limit=501", "limit", 422),
    ("entries?start=10", "start", 422),
    ("entries?start=3&end=2", "end", 422),
    ("entries?start=٣", "start", 422),
    ("entries?start=-1", "start", 422),
    ("proof", "index", 422),
    ("proof?index=10", "index", 422),
    ("proof?index=9&size=9", "index", 422),
    ("proof?index=1&size=11", "size", 422),
    ("proof?hash=xyz", "hash", 422),
    (f"proof?hash={'0' * 64}", "hash", 404),
    ("proof?number=NP-9999/083", "number", 404),
    ("consistency", "first", 422),
    ("consistency?first=0", "first", 422),
    ("consistency?first=7&second=6", "first", 422),
    ("consistency?first=1&second=11", "second", 422),
    ("status", "number", 422),
    ("status?number=NP-9999/083", "number", 404),
    ("status?number=1&on=2026-13-01", "on", 422),
    ("status?number=1&on=9999-01-01", "on", 422),
    ("totals?from=2020-01-01&until=2026-01-01", "from", 422),
    ("totals?from=yesterday", "from", 422),
]


def test_what_can_not_be_used_is_a_problem_that_names_it(visitor):
    client = visitor[0]
    for address, parameter, status in PROBLEMS:
        answer = client.get(f"/register/log/{address}")
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), address
        assert (answer.json["parameter"], answer.json["status"]) == (parameter, status), address


def test_an_empty_log_says_so(app, session):
    client = app.test_client()
    assert client.get("/register/log/head").status_code == 404
    assert client.get("/register/log/entries").status_code == 404
    assert client.get("/register/log/heads").json == {"heads": [], "next": None}
    assert "Nothing has been sealed yet." in client.get("/register/log").text
    assert "Nothing happened in these days." in client.get("/register/log/days").text


def test_the_standing_on_a_day_links_the_order_and_a_reversed_order_stays_in_sight(app, committed):
    client = app.test_client()
    with committed() as session:
        today = legal_today(session)
        # A licence and a suspension of an older register, and what an appeal does to the suspension later.
        with taken_over(session, today - timedelta(10)):
            agency, licence = make.licensed(session, "Kali Overseas")
            maker = make.reviewer(session)
            order = propose(session, maker, agency.id, Propose(SanctionKind.SUSPENSION, "Complaints.", today))
        session.commit()
        number, reference, order_id = licence.number, order.reference, order.id
    in_force = "UPDATE sanction SET status = 'in_force'"
    stories.as_superuser(
        f"BEGIN; SELECT set_config('openpassage.imported', '{today - timedelta(10)}', true);"
        f" {in_force} WHERE id = '{order_id}'; UPDATE licence SET status = 'suspended'; COMMIT",
        "ALTER TABLE sanction DROP CONSTRAINT ck_sanction_sanction_status",
        f"UPDATE sanction SET status = 'reversed' WHERE id = '{order_id}'; UPDATE licence SET status = 'active'",
    )
    stories.seal_now(committed)

    def on(day):
        return client.get("/register/log/status", query_string={"number": number, "on": day.isoformat()}).json

    assert on(today - timedelta(40))["status"] == "not_licensed"
    assert on(today - timedelta(11))["status"] == "licensed"
    told = on(today - timedelta(5))
    assert (told["status"], told["order"]) == ("suspended", reference)
    assert told["because"]["event"] == "suspended"
    assert told["because"]["imported"]
    assert [leaf["event"] for leaf in told["later"]] == ["suspension_reversed", "reinstated"]
    assert (on(today)["status"], on(today)["because"]["event"]) == ("licensed", "reinstated")
    page = client.get(
        "/register/log/history", query_string={"number": number, "on": (today - timedelta(5)).isoformat()}
    )
    assert page.status_code == 200
    for words in ("Suspended", "Order to suspend: reversed", reference, "Kali Overseas", "Taken over from an older"):
        assert words in page.text, words


def test_pages_tell_the_history_in_words_and_refuse_a_day_to_come(visitor):
    client, sessions, first, second, third, order = visitor
    start = client.get("/register/log").text
    assert "How the register proves itself" in start
    assert "has not been brought to anybody else yet" in start
    page = client.get("/register/log/history", query_string={"number": second}).text
    for words in ("Blacklisted", "Order to blacklist: made", "Licence cancelled", "Rara Manpower", "entry 8"):
        assert words in page, words
    suspended = client.get("/register/log/history", query_string={"number": first}).text
    assert "Order to suspend: lifted" in suspended
    assert order in suspended
    # What is not sealed yet is told, and said to be waiting.
    with sessions() as session:
        agency = session.scalars(select(Licence.agency_id).where(Licence.number == first)).one()
        stories.order(session, session.get_one(make.Agency, agency), SanctionKind.CANCELLATION)
        session.commit()
    page = client.get("/register/log/history", query_string={"number": first}).text
    assert "waits for the seal" in page
    assert "Licence cancelled" in page
    later = client.get("/register/log/history", query_string={"number": third, "on": "2999-01-01"})
    assert later.status_code == 422
    assert "not in the future" in later.text
    assert "Not found" in client.get("/register/log/history", query_string={"number": "NP-9999/083"}).text
    assert "/register/log" in client.get("/check").text


def test_daily_totals_agree_with_the_audit_log_until_somebody_spoils_one(visitor):
    client, sessions, *_rest = visitor
    told = client.get("/register/log/totals").json
    (day,) = told["days"]
    assert told["same"] is True
    assert day["approved"] == 3
    assert {k: v for k, v in day["log"].items() if v} == {
        "issued": 3, "suspended": 1, "reinstated": 1, "cancelled": 1, "surrendered": 1, "blacklisting_ordered": 1,
    }  # fmt: skip
    assert day["audit"] == day["log"]
    assert "agree" in client.get("/register/log/days").text
    # A licence given without any decision in the audit log, and a decision whose leaf somebody took away.
    with sessions() as session:
        make.licensed(session, "Friend of a Friend Overseas")
        session.commit()
    stories.as_superuser(
        "DELETE FROM register_leaf WHERE index = 7",
        "DELETE FROM register_event WHERE event = 'surrendered'",
    )
    page = client.get("/register/log/days").text
    assert "The log and the record of decisions differ" in page
    assert "Licences issued: the log counts 4, the record of decisions 3." in page
    assert "Given up by the agency: the log counts 0, the record of decisions 1." in page
    assert client.get("/register/log/totals").json["same"] is False
    with sessions() as session:
        before = legal_today(session) - timedelta(1)
        assert totals.totals(session, before - timedelta(5), before) == []
        assert session.scalars(select(Sanction.id)).all() != []
        assert session.execute(text("SELECT count(*) FROM audit_event WHERE action = 'issue'")).scalar_one() >= 3
