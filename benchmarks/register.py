"""The licence check under load: ``python -m benchmarks.register [CONNECTIONS] [SECONDS] [ROUNDS]``.

A register of 5,000 agencies with 50,000 names in five scripts (``benchmarks.register_data``, from a seed) on a PostgreSQL of
its own. Three servers side by side, granian with the same workers and threads: a bare Flask that says hello, the same lookup
in plain Flask with SQLAlchemy's ORM, and the portal. Shuffled rounds, the middle one of each; read the ratios. Then whether
the right agency comes first, for generated queries in five scripts and for those written by hand.
"""

import json
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine, insert, make_url, select, text
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.licensing.numbers import format_number
from agencies.register.models import NameUse, RegisterName
from agencies.registration.models import Agency
from agencies.seed_names import names_of
from benchmarks import register_data
from core.accounts import Office, OfficeKind
from core.db import legal_today, psycopg_url
from core.ids import new_id
from core.privacy import new_person
from core.settings import ROOT, load_settings
from portal.embedded import EmbeddedServer
from portal.migrate import migrate

COUNT, SEED, ASKED = 5000, 20261127, 1750
WORKERS, THREADS = 2, 8
PATH = "/api/v1/licences"


def known_words() -> list[tuple[str, str]]:
    return [(latin, native) for latin, native in names_of("words")]


def fill(session: Session, made: list[register_data.MadeAgency]) -> list[str]:
    """The made agencies as licensed ones; gives their licence numbers."""
    office = Office(code="BENCH", kind=OfficeKind.DEPARTMENT, names={"en": "Bench"}, destinations=[])
    session.add(office)
    session.flush()
    today, key = legal_today(session), new_person(session).id
    agencies, licences, names, numbers = [], [], [], []
    for one in made:
        agency_id = new_id()
        reference = f"AG-BENCH-{one.number}"
        agencies.append(
            {"id": agency_id, "reference": reference, "person_key_id": key, "office_id": office.id, "name": one.names[0],
             "name_local": one.names[2], "district": "Kathmandu", "listed_at": text("now()")}
        )  # fmt: skip
        issued = today - timedelta(days=30 + one.number % 300)
        numbers.append(format_number(one.number + 1, issued, prefix="NP", calendar="BS"))
        licences.append(
            {"id": new_id(), "agency_id": agency_id, "number": numbers[-1], "serial": one.number + 1, "licence_class": "A",
             "status": "suspended" if one.number % 17 == 0 else "active", "issued_on": issued,
             "valid_until": today + timedelta(days=one.number % 400 - 20), "token": new_id().hex}
        )  # fmt: skip
        further = dict.fromkeys(
            n for i, n in enumerate(one.names) if i not in (0, 2) and n not in (one.names[0], one.names[2])
        )
        names += [{"id": new_id(), "agency_id": agency_id, "text": n, "use": NameUse.OTHER_SCRIPT} for n in further]
    for row in agencies:
        row.pop("listed_at")
    session.execute(insert(Agency), agencies)
    session.execute(text("UPDATE agency SET listed_at = now()"))
    session.execute(insert(Licence), licences)
    session.execute(insert(RegisterName), names)
    session.commit()
    return numbers


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(name: str, environment: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    """One granian with its own port; the portal's setting of workers and threads for all."""
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", str(WORKERS), "--blocking-threads",
        str(THREADS), "--port", str(port), "--log-level", "error", "--no-access-log",
        "benchmarks.register_server:application",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env={**environment, "BENCH_APP": name, "PORT": str(port)})
    return process, port


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    """Until both workers of a server have answered; the portal cuts 50,000 names into words first."""
    until, answered = time.monotonic() + 580, 0
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{PATH}?q=NP-1", timeout=60).read()
            answered += 1
            if answered >= 40:
                return
        except OSError:
            time.sleep(0.3)
    raise TimeoutError(f"the server on port {port} does not answer")


def measure(port: int, targets: Path, connections: int, seconds: float) -> tuple[float, float, float]:
    """Requests a second, p50 and p99 in ms, by a generator in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.load", str(port), str(connections), str(seconds), str(targets)]
    out = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True).stdout.split()
    if int(out[4]):
        raise AssertionError(f"{out[4]} answers were not 200")
    return int(out[0]) / float(out[1]), float(out[2]), float(out[3])


def right_first(port: int, asked: list[tuple[str, str, str]]) -> dict[str, tuple[int, int]]:
    """For (query, group, name of the agency meant): how often it came first, by group."""
    found: dict[str, tuple[int, int]] = {}
    for query, group, meant in asked:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{PATH}?q={quote(query)}", timeout=60) as answer:
            results = json.load(answer)["results"]
        right, of = found.get(group, (0, 0))
        found[group] = right + (bool(results) and results[0]["name"] == meant), of + 1
    return found


def written_by_hand(made: list[register_data.MadeAgency]) -> list[tuple[str, str, str]]:
    """The queries of ``benchmarks/data/queries.json`` whose telling words name an agency of this register."""
    by_word = {one.words[0][0]: one.names[0] for one in made[: len(known_words())]}
    rows = json.loads((ROOT / "benchmarks" / "data" / "queries.json").read_text(encoding="utf-8"))["queries"]
    return [(r["query"], f"by hand, {r['script']}", by_word[r["word"]]) for r in rows if r["word"] in by_word]


def main(connections: int, seconds: float, rounds: int) -> None:
    out = sys.stdout.write
    with tempfile.TemporaryDirectory(prefix="opbench", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        environment = {**os.environ, "DEMO": "1", "OPENPASSAGE_VAR": str(folder / "var"), "WEB_THREADS": str(THREADS),
                       "PYTHONPATH": str(ROOT)}  # fmt: skip
        with EmbeddedServer(folder / "pg", fsync=False) as server:
            server.create_database("bench")
            owner, app = (
                make_url(u).set(database="bench").render_as_string(hide_password=False)
                for u in (server.owner_url, server.app_url)
            )
            environment |= {"DATABASE_URL": app, "OWNER_DATABASE_URL": owner}
            settings = load_settings(environment)
            from portal.app import prepare

            prepare(settings)
            migrate(owner, app)
            made = register_data.agencies(COUNT, SEED, known_words())
            engine = create_engine(psycopg_url(app))
            with Session(engine) as session:
                numbers = fill(session, made)
                names = 2 * COUNT + session.scalar(select(text("count(*)")).select_from(RegisterName))  # type: ignore[operator]
            compare(folder, environment, made, numbers, connections, seconds, rounds)
            out(f"{COUNT} agencies, {names} names; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, ")
            out(f"Python {platform.python_version()}, granian {WORKERS} workers x {THREADS} threads, ")
            out(f"{connections} connections, {rounds} rounds of {seconds:g} s\n")


def compare(
    folder: Path, environment: dict[str, str], made: list[register_data.MadeAgency], numbers: list[str],
    connections: int, seconds: float, rounds: int,
) -> None:  # fmt: skip
    """Start the servers, measure in shuffled rounds, ask the query set, print."""
    queries = register_data.queries(made, ASKED, SEED + 1)
    exact, fuzzy = folder / "exact", folder / "fuzzy"
    exact.write_text("\n".join(f"{PATH}?q={quote(n, safe='')}" for n in random.sample(numbers, len(numbers))))
    fuzzy.write_text("\n".join(f"{PATH}?q={quote(q.text)}" for q in queries))
    servers: dict[str, tuple[subprocess.Popen[bytes], int]] = {}
    try:
        for name in ("hello", "orm", "portal"):
            servers[name] = start(name, environment)
        for process, port in servers.values():
            wait_for(process, port)
        ways = {
            "Flask, hello": (servers["hello"][1], exact),
            "exact number, plain Flask + ORM": (servers["orm"][1], exact),
            "exact number, portal": (servers["portal"][1], exact),
            "name in five scripts, portal": (servers["portal"][1], fuzzy),
        }
        asked = [(q.text, q.script, made[q.meant].names[0]) for q in queries] + written_by_hand(made)
        first = right_first(servers["portal"][1], asked)
        for port, targets in ways.values():
            measure(port, targets, connections, min(seconds, 3))
        results: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ways}
        for _round in range(rounds):
            for name in random.sample(list(ways), len(ways)):
                results[name].append(measure(*ways[name], connections, seconds))
    finally:
        for process, _port in servers.values():
            process.terminate()
            process.wait(20)
    report(results, first)


def report(results: dict[str, list[tuple[float, float, float]]], first: dict[str, tuple[int, int]]) -> None:
    out = sys.stdout.write
    middle = {name: [statistics.median(r[i] for r in rows) for i in range(3)] for name, rows in results.items()}
    hello = middle["Flask, hello"][0]
    out(f"{'way':34} {'a second':>9} {'p50 ms':>8} {'p99 ms':>8} {'to hello':>9}\n")
    for name, (rate, p50, p99) in middle.items():
        out(f"{name:34} {rate:9.0f} {p50:8.2f} {p99:8.2f} {rate / hello:9.2f}\n")
    out(
        f"portal to plain ORM: {middle['exact number, portal'][0] / middle['exact number, plain Flask + ORM'][0]:.1f}\n"
    )
    for group, (right, of) in first.items():
        out(f"right agency first, {group}: {right} of {of} ({right / of:.3f})\n")
    for part in (False, True):
        rows = [v for k, v in first.items() if k.startswith("by hand") is part]
        if rows:
            right, of = sum(r for r, _of in rows), sum(o for _r, o in rows)
            out(f"right agency first, {'by hand' if part else 'generated'}: {right / of:.3f}\n")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        int(given[0]) if given else 16, float(given[1]) if len(given) > 1 else 4, int(given[2]) if len(given) > 2 else 5
    )
