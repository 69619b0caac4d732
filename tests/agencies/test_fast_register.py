"""The licence check ahead of Flask: the same answers, no stale ones, and a suspension that shows in another process."""

import gzip
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
import requests
from sqlalchemy import update

from agencies.licensing.models import Licence
from agencies.licensing.status import LicenceStatus
from agencies.register import fast, snapshot
from agencies.register.models import NameUse, RegisterName
from agencies.registration.models import Agency
from agencies.sanctions import services as sanctions
from agencies.sanctions.status import SanctionKind
from core import db as core_db
from core.db import legal_today
from core.settings import ROOT, configure, current
from tests.agencies import factories as make
from tests.portal.test_processes import free_port, wait

HOST = "localhost"


def asked(layer, query="", *, method="GET", path=fast.API, host=HOST, **headers):
    """What a WSGI server would get: status, headers, body, and whether the layer answered by itself."""
    before, seen = layer.answered, []
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": host, "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "wsgi.url_scheme": "http", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": None, "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": False,
        "wsgi.run_once": False, "wsgi.version": (1, 0),
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }  # fmt: skip
    body = b"".join(layer(environ, lambda status, given, _error=None: seen.append((status, given))))
    status, given = seen[0]
    return int(status.split()[0]), sorted((k.lower(), v) for k, v in given), body, layer.answered > before


@pytest.fixture
def layer(app, session):
    """The layer over this test's transaction, with a copy that no thread keeps."""
    made = fast.FastRegister(app, app.extensions[fast.EXTENSION]._inner)
    made._headers = made._flasks_headers()
    yield made
    made._forget()


def gone(_environ, start_response):
    """What stands behind the layer where Flask is not wanted."""
    start_response("503 GONE", [])
    return [b""]


def take_copy(layer, session, seconds=60.0):
    register, today = snapshot.current(session)
    layer._copy = fast.Copy(register, today, fast.clock() + seconds)


def flasks(layer, *args, **kw):
    """The same request with no copy: Flask's own answer."""
    held, layer._copy = layer._copy, None
    try:
        return asked(layer, *args, **kw)
    finally:
        layer._copy = held


def test_answers_headers_and_conditions_are_flasks_own(layer, session):
    today = legal_today(session)
    made = [
        make.licensed(session, f"{word} Overseas", native, until=today + timedelta(days), status=status)
        for word, native, days, status in (
            ("Makalu", "मकालु ओभरसिज", 0, LicenceStatus.ACTIVE), ("Koshi", "", -1, LicenceStatus.ACTIVE),
            ("Bheri", "", 9, LicenceStatus.SUSPENDED), ("Rara", "", 9, LicenceStatus.CANCELLED),
            ("New Makaalu", "", 90, LicenceStatus.ACTIVE), ("Tilicho", "तिलिचो", 1, LicenceStatus.SURRENDERED),
        )
    ]  # fmt: skip
    agency = made[2][0]
    session.add(RegisterName(agency_id=agency.id, text="ভেরি ওভারসিজ", use=NameUse.OTHER_SCRIPT))
    session.flush()
    take_copy(layer, session)
    numbers = [licence.number for _agency, licence in made]
    queries = [f"q={quote(n, safe='')}" for n in numbers] + [f"q={n.replace('/', '%20').lower()}" for n in numbers]
    queries += [
        "q=999999",
        "q=NP-0/0",
        "q=makalu+overseas",
        "q=" + quote("मकालु"),
        "q=" + quote("ভেরি"),
        "q=%3Cb%3E",
        "q=zzzz",
    ]
    for query in queries:
        for more in ({}, {"accept_encoding": "gzip"}):
            own = asked(layer, query, **more)
            assert own[3], query
            assert own[:3] == flasks(layer, query, **more)[:3], query
        status, headers, body, _own = asked(layer, query)
        head = asked(layer, query, method="HEAD")
        assert (head[0], head[1], head[2], head[3]) == (status, headers, b"", True)
        assert head[:3] == flasks(layer, query, method="HEAD")[:3]
        tag = dict(headers)["etag"]
        for given in (tag, f'"x", W/{tag}', "*", f'{tag[:-1]}-gz"'):
            same = asked(layer, query, if_none_match=given)
            assert (same[0], same[2], same[3]) == (304, b"", True)
            assert same[:3] == flasks(layer, query, if_none_match=given)[:3]
        assert asked(layer, query, if_none_match='"other"')[0] == 200
        zipped = asked(layer, query, accept_encoding="gzip, br")
        plain = gzip.decompress(zipped[2]) if dict(zipped[1]).get("content-encoding") == "gzip" else zipped[2]
        assert plain == body
    statuses = [
        asked(layer, f"q={quote(n, safe='')}")[2].decode().split('"status":"')[1].split('"')[0] for n in numbers
    ]
    assert statuses == ["licensed", "expired", "suspended", "cancelled", "licensed", "surrendered"]


def test_whatever_is_not_a_plain_question_goes_to_flask(layer, session):
    _agency, licence = make.licensed(session, "Makalu Overseas")
    take_copy(layer, session)
    number = f"q={quote(licence.number, safe='')}"
    assert asked(layer, number)[3]
    assert asked(layer, number, host="evil.example")[0] == 400
    for query, more in (
        (number, {"host": "evil.example"}), (number, {"host": ""}), (number, {"if_match": '"x"'}),
        (f"{number}&limit=1", {}), ("", {}), ("q=", {}), ("limit=2", {}), ("q=%ff", {}), ("q=" + "x" * 121, {}),
        (number, {"path": "/api/v1/licences/"}), (number, {"path": "/check"}), (number, {"method": "OPTIONS"}),
    ):  # fmt: skip
        answer = asked(layer, query, **more)
        assert not answer[3], (query, more)
        assert answer[:1] == flasks(layer, query, **more)[:1]


def test_a_copy_that_was_not_confirmed_answers_nothing(layer, session):
    _agency, licence = make.licensed(session, "Makalu Overseas")
    number = f"q={quote(licence.number, safe='')}"
    assert not asked(layer, number)[3]
    take_copy(layer, session, seconds=-0.001)
    late = asked(layer, number)
    assert (late[0], late[3]) == (200, False)
    take_copy(layer, session)
    assert asked(layer, number)[3]


def test_the_copy_ends_with_the_legal_day_and_when_the_database_is_lost(app, committed):
    """With real commits: the keeper sees a suspension by itself, and lets the copy grow old when it can't look."""
    with committed() as session:
        agency, licence = make.licensed(session, "Makalu Overseas")
        agency_id, number = agency.id, f"q={quote(licence.number, safe='')}"
        session.commit()
    layer = fast.FastRegister(app, gone)
    layer.start()
    try:
        wait(lambda: layer._copy is not None, 20)
        assert b'"licensed"' in asked(layer, number)[2]
        left = layer._copy.until - fast.clock()
        assert 0 < left <= 15
        with committed() as session:
            session.execute(update(Licence).where(Licence.agency_id == agency_id).values(status="suspended"))
            session.commit()
        began = time.monotonic()
        wait(lambda: b'"suspended"' in asked(layer, number)[2], 20)
        assert time.monotonic() - began < 15
        with committed() as session:
            session.get_one(Agency, agency_id).name = "Renamed Overseas"
            session.commit()
        wait(lambda: asked(layer, "q=makalu")[2].count(b"Renamed Overseas") == 1, 20)
        # The database goes away: looking fails, and after its time the copy is shown no more.
        sessions = core_db._sessions
        core_db._sessions = lambda: (_ for _ in ()).throw(OSError("gone"))
        try:
            layer._copy = replace(layer._copy, until=fast.clock() + 0.3)
            wait(lambda: not asked(layer, number)[3], 10)
            assert asked(layer, number)[0] == 503
        finally:
            core_db._sessions = sessions
        wait(lambda: asked(layer, number)[3], 20)
    finally:
        layer.stop()
    assert not asked(layer, number)[3]


def test_a_server_starts_without_its_database_and_passes_everything_on(app, settings):
    layer = fast.FastRegister(app, gone)
    configure(replace(settings, database_url="postgresql://nobody@127.0.0.1:1/none"))
    try:
        layer.start()
        time.sleep(0.2)
        assert asked(layer, "q=1")[0] == 503
        assert layer._thread.is_alive()
    finally:
        layer.stop()
        configure(settings)


@pytest.mark.xdist_group("processes")
def test_a_suspension_shows_in_other_server_processes_within_a_minute(committed, tmp_path):
    """Two granian workers of another process; the suspension is ordered here by two officers."""
    with committed() as session:
        agency, licence = make.licensed(session, "Makalu Overseas")
        maker, checker = make.reviewer(session), make.approver(session)
        agency_id, number = agency.id, licence.number
        session.commit()
    port = free_port()
    environment = {
        **os.environ, "DEMO": "1", "PORT": str(port), "OPENPASSAGE_VAR": str(tmp_path), "PYTHONPATH": str(ROOT),
        "DATABASE_URL": current().database_url, "WEB_THREADS": "2",
    }  # fmt: skip
    server = subprocess.Popen([sys.executable, "-m", "portal.server"], cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{port}{fast.API}"

    def states():
        # A new connection each time, so that both workers are asked.
        return {requests.get(url, params={"q": number}, timeout=10).json()["results"][0]["status"] for _n in range(8)}

    try:
        wait(lambda: states() == {"licensed"}, 240)  # a busy machine starts slowly
        with committed() as session:
            proposed = sanctions.propose(
                session, maker, agency_id,
                sanctions.Propose(SanctionKind.SUSPENSION, "Complaints.", legal_today(session)),
            )  # fmt: skip
            sanctions.order(session, checker, proposed.id, "Proved.")
            session.commit()
        began = time.monotonic()
        wait(lambda: states() == {"suspended"}, 59)
        assert time.monotonic() - began < 60
    finally:
        server.terminate()
        server.wait(20)


def test_many_threads_ask_while_the_copy_changes(layer, session):
    _agency, licence = make.licensed(session, "Makalu Overseas")
    take_copy(layer, session)
    number, wrong = f"q={quote(licence.number, safe='')}", []

    def work():
        for _n in range(200):
            answer = asked(layer, number)
            if answer[0] != 200 or licence.number.encode() not in answer[2]:
                wrong.append(answer)

    threads = [threading.Thread(target=work) for _n in range(4)]
    for thread in threads:
        thread.start()
    for _n in range(50):
        layer._copy = replace(layer._copy, until=fast.clock() + 60, answers={})
    for thread in threads:
        thread.join()
    assert wrong == []
