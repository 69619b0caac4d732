"""The processes of `make run`, killed for real: nothing is lost, nothing is left, nothing blocks the next start."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pyotp
import pytest
import requests

from agencies.register_log.timestamps import TimestampAnchor
from core.merkle import Tree
from core.settings import ROOT
from portal.embedded import EmbeddedServer

pytestmark = pytest.mark.xdist_group("processes")


def wait(what: Callable[[], object], seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(requests.RequestException, psycopg.OperationalError):
            if what():
                return
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} seconds")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mail(socketserver.ThreadingTCPServer):
    """An SMTP server that hangs on the first message until told otherwise, and counts what it takes."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        self.hang, self.connected, self.taken = threading.Event(), threading.Event(), 0
        super().__init__(("127.0.0.1", 0), MailHandler)


class MailHandler(socketserver.StreamRequestHandler):
    server: Mail

    def handle(self) -> None:
        self.server.connected.set()
        self.server.hang.wait(60)
        with contextlib.suppress(ConnectionError):
            self.talk()

    def talk(self) -> None:
        self.wfile.write(b"220 mail\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go\r\n")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.server.taken += 1
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@pytest.fixture(scope="module")
def mail() -> Iterator[Mail]:
    with Mail() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        yield server
        server.hang.set()
        server.shutdown()


class Served:
    """One `portal serve` over a folder of its own."""

    def __init__(self, var: Path, mail: Mail) -> None:
        self.var, self.port = var, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OPENPASSAGE_VAR": str(var), "DEMO": "1",
            "PORT": str(self.port), "MAIL_URL": f"smtp://127.0.0.1:{mail.server_address[1]}",
        }  # fmt: skip
        self.database = EmbeddedServer(var / "postgres")

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "portal.cli", *arguments],
            env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def start(self) -> None:
        log = (self.var.parent / "serve.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal.cli", "serve", "--empty"],
            env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        log.close()
        wait(self.ready, 90)

    def ready(self) -> bool:
        return requests.get(f"{self.url}/readyz", timeout=5).status_code == 200

    def descendants(self) -> dict[int, str]:
        """Every living process below the supervisor: number and command line."""
        parents: dict[int, int] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if fields[0] != "Z":
                    parents[int(stat.parent.name)] = int(fields[1])
        found, fresh = set[int](), {self.process.pid}
        while fresh:
            fresh = {pid for pid, parent in parents.items() if parent in fresh} - found
            found |= fresh
        named = {}
        for pid in found:
            with contextlib.suppress(OSError):
                named[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        return named

    def child(self, part: str) -> int:
        """The process right below the supervisor whose command has this part; 0 when there is none."""
        for pid, command in self.descendants().items():
            with contextlib.suppress(OSError):
                parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
                if part in command and parent == self.process.pid:
                    return pid
        return 0

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def query(self, statement: str) -> object:
        with psycopg.connect(self.database.owner_url, connect_timeout=2) as connection:
            row = connection.execute(statement).fetchone()  # type: ignore[call-overload]  # plain text
            return row[0] if row else None


def gone(pids: dict[int, str]) -> bool:
    def alive(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    return not any(alive(pid) for pid in pids)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, mail: Mail) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("served") / "var", mail)
    made.var.mkdir()
    made.process = subprocess.Popen(["true"])
    made.process.wait()
    yield made
    if made.process.poll() is None:
        made.stop(signal.SIGTERM)
    # The thrown-away data of a root run lies outside the checkout.
    database = EmbeddedServer(made.var / "postgres", fsync=False)
    database.start()
    database.stop()


@pytest.fixture
def running(served: Served) -> Served:
    if served.process.poll() is not None:
        served.start()
    return served


def test_health_and_readiness_answer(running: Served):
    assert requests.get(f"{running.url}/healthz", timeout=5).json() == {"status": "ok"}
    said = requests.get(f"{running.url}/readyz", timeout=5).json()
    # The worker compares the register's keepers at its hour, which may have come since the start.
    assert said.pop("register_keepers") in ("unknown", "agree")
    assert said == {"status": "ok", "checks": {"database": True, "migrations": True, "worker": True}}


TABLES = {
    "agencies": "agency", "employers": "employer", "ngos": "helping_organisation", "migrants": "migrant",
    "job_orders": "job_order", "contracts": "employment_contract", "centres": "orientation_centre",
    "orientation_sessions": "orientation_session", "orientation_seats": "orientation_seat",
    "clearances": "departure_clearance", "remittances": "remittance", "beneficiaries": "beneficiary",
    "proceedings": "sanction_case", "reports": "report",
}  # fmt: skip


def sent(browser: requests.Session, url: str, **values: str) -> requests.Response:
    """The form at this address, sent as a browser does."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(url, timeout=10).text)
    assert token
    return browser.post(url, data={"csrf_token": token[1], **values}, timeout=10)


def test_the_small_country_is_printed_as_one_document_whose_logins_open(running: Served):
    done = running.command("seed", "--profile", "adversarial")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert {k: len(v) for k, v in document.items() if k in ("agencies", "employers", "ngos", "migrants")} == {
        "agencies": 3, "employers": 2, "ngos": 2, "migrants": 4,
    }  # fmt: skip
    assert set(document) == {"accounts", *TABLES}
    for name, table in TABLES.items():
        ids = {row if isinstance(row, str) else row["id"] for row in document[name]}
        listed = ",".join(f"'{i}'" for i in sorted(ids))
        assert running.query(f"SELECT count(*) FROM {table} WHERE id IN ({listed})") == len(ids), name
    for start in ("licensing.officer", "auditor", "ngo1"):
        account = next(a for a in document["accounts"] if a["login"].startswith(start))
        browser = requests.Session()
        answer = sent(browser, f"{running.url}/sign-in", login=account["login"], password=account["password"])
        if "totp_secret" in account:
            assert "/sign-in/code" in answer.url
            answer = sent(browser, answer.url, code=pyotp.TOTP(account["totp_secret"]).now())
        assert answer.status_code == 200
        assert browser.get(f"{running.url}/account", timeout=10, allow_redirects=False).status_code == 200
        assert browser.get(f"{running.url}/staff", timeout=10).status_code == (200 if "totp_secret" in account else 403)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the demo's authority is openssl's")
def test_the_demo_has_a_time_stamp_authority_that_the_portal_trusts(running: Served):
    assert running.child("tests.doubles.timestamp_authority")
    anchor = TimestampAnchor(f"http://127.0.0.1:{int(running.port) + 421}/", running.var / "timestamps" / "ca.pem")
    stamped = anchor.keep(1, "a.made-up.head", Tree())
    assert stamped


def test_a_second_start_from_the_same_folder_is_refused_and_disturbs_nothing(running: Served):
    port, running.environment["PORT"] = running.environment["PORT"], str(free_port())
    try:
        refused = running.command("serve", "--empty")
    finally:
        running.environment["PORT"] = port
    assert refused.returncode == 1
    assert "runs from this folder already" in refused.stderr
    assert running.ready()


def test_commands_use_the_server_that_runs(running: Served):
    done = running.command("audit", "verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert "The log is intact" in done.stdout
    auditors = "SELECT count(*) FROM staff_posting WHERE role = 'auditor'"
    before = int(str(running.query(auditors)))
    added = running.command(
        "user", "add", "--email", "new@office.example", "--name", "New Officer", "--role", "auditor",
        "--office", "MOL", "--password", "rhododendron-ridge",
    )  # fmt: skip
    assert (added.returncode, added.stderr) == (0, "")
    assert running.query(auditors) == before + 1


def test_the_shell_command_speaks_to_the_embedded_server_by_itself(running: Served):
    bare = {k: v for k, v in running.environment.items() if k in ("PATH", "OPENPASSAGE_VAR", "PORT")}
    done = subprocess.run(
        [str(ROOT / "tools" / "portal"), "audit", "verify"],
        env=bare, cwd="/", capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "The log is intact" in done.stdout


def test_audit_verify_tells_what_is_wrong_and_fails(running: Served, tmp_path: Path):
    assert running.command("partner", "add", "Himal Air", "--scope", "register:read").returncode == 0
    head = tmp_path / "head.json"
    head.write_text(running.command("audit", "head").stdout)
    assert running.command("audit", "verify", "--head", str(head)).returncode == 0

    def as_superuser(statement: str) -> None:
        with psycopg.connect(running.database.superuser_url("openpassage"), autocommit=True) as connection:
            assert connection.execute(statement.encode()).rowcount > 0

    as_superuser("UPDATE audit_event SET reason = reason || '.'")
    changed = running.command("audit", "verify")
    as_superuser("UPDATE audit_event SET reason = left(reason, -1)")
    assert changed.returncode == 1
    assert "WRONG: " in changed.stdout
    assert running.command("audit", "verify").returncode == 0
    head.write_text(json.dumps({**json.loads(head.read_text()), "number": 1_000_000}))
    cut = running.command("audit", "verify", "--head", str(head))
    assert cut.returncode == 1
    assert "the tail was cut" in cut.stdout


def test_a_killed_web_server_comes_back(running: Served):
    old = running.child("portal.server")
    assert old
    below = {pid: c for pid, c in running.descendants().items() if "portal.server" in c}
    os.kill(old, signal.SIGKILL)
    wait(lambda: gone(below))
    wait(lambda: running.child("portal.server") not in (0, old) and running.ready())


def test_a_killed_workers_job_is_done_by_the_next(running: Served, mail: Mail):
    # What was queued before goes out first: this one alone is to hang.
    mail.hang.set()
    todo = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'core.deliver' AND status IN ('todo', 'doing')"
    wait(lambda: running.query(todo) == 0)
    mail.hang.clear()
    mail.connected.clear()
    sent = running.query("SELECT count(*) FROM outgoing_message WHERE sent_at IS NOT NULL")
    before = mail.taken
    running_job = _queue_mail(running)
    assert mail.connected.wait(20)
    assert running.query(f"SELECT status::text FROM procrastinate_jobs WHERE id = {running_job}") == "doing"
    os.kill(running.child("portal.worker"), signal.SIGKILL)
    mail.hang.set()
    wait(lambda: running.query(f"SELECT status::text FROM procrastinate_jobs WHERE id = {running_job}") == "succeeded")
    assert mail.taken == before + 1
    assert running.query("SELECT count(*) FROM outgoing_message WHERE sent_at IS NOT NULL") == int(str(sent)) + 1


def _queue_mail(running: Served) -> int:
    """Queue one e-mail, as a service would, in a process of its own."""
    code = (
        "import os; from core.settings import load_settings; from portal.app import prepare; from core import db, messages\n"
        "prepare(load_settings(os.environ))\n"
        "with db.sessions()() as s:\n"
        "    messages.send(s, template='code', email='x@people.example', code='123456', minutes=10)\n"
        "    s.commit()\n"
    )
    addresses = {"DATABASE_URL": running.database.app_url, "OWNER_DATABASE_URL": running.database.owner_url}
    subprocess.run([sys.executable, "-c", code], env={**running.environment, **addresses}, cwd=ROOT, check=True)
    return int(str(running.query("SELECT max(id) FROM procrastinate_jobs WHERE task_name = 'core.deliver'")))


def keep(running: Served) -> None:
    """A thousand committed rows that must outlive every kill; each test may be the first on its worker."""
    with psycopg.connect(running.database.owner_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000) WHERE NOT EXISTS (SELECT FROM kept)")


def test_a_killed_database_comes_back_with_everything_committed(running: Served):
    keep(running)
    old = running.child("/bin/postgres")
    assert old
    os.kill(old, signal.SIGKILL)
    wait(lambda: running.child("/bin/postgres") not in (0, old) and running.ready())
    assert running.query("SELECT count(*) FROM kept") == 1000


def test_a_killed_supervisor_takes_everything_along_and_the_next_start_finds_it_all(running: Served):
    keep(running)
    everything = running.descendants()
    assert len(everything) > 5
    running.process.kill()
    running.process.wait()
    wait(lambda: gone(everything), 20)
    begun = time.monotonic()
    running.start()
    assert time.monotonic() - begun < 30
    assert running.query("SELECT count(*) FROM kept") == 1000


def test_all_killed_at_once_lose_nothing(running: Served):
    keep(running)
    everything = running.descendants()
    for pid in [running.process.pid, *everything]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    running.process.wait()
    wait(lambda: gone(everything), 20)
    running.start()
    assert running.query("SELECT count(*) FROM kept") == 1000


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_leaves_nothing_running(number: int, running: Served):
    everything = running.descendants()
    assert running.stop(number) == 0
    wait(lambda: gone(everything), 5)


def test_a_taken_port_is_a_sentence(served: Served):
    if served.process.poll() is None:
        served.stop()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", served.port))
        taken.listen()
        refused = served.command("serve")
    assert refused.returncode == 1
    assert f"Port {served.port} is taken" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_wrong_setting_is_a_sentence(served: Served):
    served.environment["WEB_THREADS"] = "many"
    try:
        refused = served.command("serve")
    finally:
        del served.environment["WEB_THREADS"]
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "Error: WEB_THREADS must be a whole number from 1 to 64, not 'many'.\n"
