"""Transfers a second on hot accounts: ``python -m benchmarks.ledger [THREADS] [SECONDS]``.

Four ways in one run, in shuffled rounds, on a PostgreSQL of its own with fsync: our ``post`` on append-only accounts and
on a guarded one, one SQL double-entry INSERT without our code, and a naive peer that keeps one balance per account and
updates both rows under ``SELECT FOR UPDATE``. Read the ratios; figures a second belong to the machine that is printed.
"""

import os
import platform
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import Session, sessionmaker

from core.db import psycopg_url
from core.ids import new_id
from core.money import Money
from portal.embedded import EmbeddedServer
from portal.migrate import migrate
from remittance.ledger import services as ledger
from remittance.ledger.services import BANK, FLOAT, OWED, OWN_FUNDS, credit, debit

ROUNDS = 3
ONE = Money(1, "NPR")
PLAIN = """
CREATE TABLE peer_account (code text PRIMARY KEY, balance bigint NOT NULL);
INSERT INTO peer_account VALUES ('a', 1000000000), ('b', 0);
CREATE TABLE raw_transfer (id uuid PRIMARY KEY);
CREATE TABLE raw_entry (id uuid PRIMARY KEY, transfer_id uuid NOT NULL REFERENCES raw_transfer, account text NOT NULL,
    amount bigint NOT NULL);
GRANT SELECT, INSERT, UPDATE ON peer_account, raw_transfer, raw_entry TO PUBLIC
"""
Way = Callable[[sessionmaker[Session], psycopg.Connection], None]


def append_only(made: sessionmaker[Session], _plain: psycopg.Connection) -> None:
    with made() as session:
        ledger.post(session, str(new_id()), kind="bench", subject_id=None, legs=[debit(BANK, ONE), credit(OWED, ONE)])
        session.commit()


def guarded(made: sessionmaker[Session], _plain: psycopg.Connection) -> None:
    with made() as session:
        ledger.post(session, str(new_id()), kind="bench", subject_id=None, legs=[debit(OWED, ONE), credit(FLOAT, ONE)])
        session.commit()


def raw_insert(_made: sessionmaker[Session], plain: psycopg.Connection) -> None:
    id_ = new_id()
    with plain.transaction():
        plain.execute(
            "WITH t AS (INSERT INTO raw_transfer VALUES (%s) RETURNING id) INSERT INTO raw_entry"
            " SELECT gen_random_uuid(), t.id, x.account, x.amount FROM t, (VALUES ('a', 1), ('b', -1)) AS x(account, amount)",
            (id_,),
        )


def row_lock(_made: sessionmaker[Session], plain: psycopg.Connection) -> None:
    with plain.transaction():
        plain.execute("SELECT balance FROM peer_account WHERE code IN ('a', 'b') ORDER BY code FOR UPDATE")
        plain.execute("UPDATE peer_account SET balance = balance - 1 WHERE code = 'a'")
        plain.execute("UPDATE peer_account SET balance = balance + 1 WHERE code = 'b'")


WAYS: dict[str, Way] = {
    "ours, append-only": append_only,
    "ours, guarded float": guarded,
    "raw double-entry INSERT": raw_insert,
    "naive row under FOR UPDATE": row_lock,
}


def measure(way: Way, made: sessionmaker[Session], url: str, threads: int, seconds: float) -> tuple[float, float]:
    """Transfers a second over all threads, and the 95th percentile in milliseconds."""
    took: list[list[float]] = [[] for _ in range(threads)]
    ready = threading.Barrier(threads)

    def work(place: int) -> None:
        with psycopg.connect(url, autocommit=True) as plain:
            way(made, plain)
            ready.wait()
            until = time.perf_counter() + seconds
            while (began := time.perf_counter()) < until:
                way(made, plain)
                took[place].append(time.perf_counter() - began)

    running = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    every = sorted(t for part in took for t in part)
    return len(every) / seconds, every[int(len(every) * 0.95)] * 1000


def fsync_ms(folder: Path) -> float:
    """The middle of 50 small synchronous writes here: what one commit costs at least."""
    times = []
    with (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(50):
            file.write(b"x" * 8192)
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def run(server: EmbeddedServer, threads: int, seconds: float) -> dict[str, list[tuple[float, float]]]:
    server.create_database("bench")
    owner, app = (make_url(u).set(database="bench") for u in (server.owner_url, server.app_url))
    texts = [u.render_as_string(hide_password=False) for u in (owner, app)]
    migrate(*texts)
    with psycopg.connect(texts[0], autocommit=True) as plain:
        plain.execute(PLAIN)
    engine = create_engine(psycopg_url(texts[1]), pool_size=threads)
    made = sessionmaker(engine)
    with made() as session:
        full = Money(10**9, "NPR")
        ledger.post(session, "fill", kind="bench", subject_id=None, legs=[debit(FLOAT, full), credit(OWN_FUNDS, full)])
        ledger.ensure_accounts(session, [f"{BANK}:NPR", f"{OWED}:NPR"])
        session.commit()
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    for _round in range(ROUNDS):
        for name in random.sample(list(WAYS), len(WAYS)):
            results[name].append(measure(WAYS[name], made, texts[1], threads, seconds))
    with made() as session:
        sums: dict[str, int] = {}
        for _code, money in ledger.trial_balance(session):
            sums[money.currency] = sums.get(money.currency, 0) + money.minor
    engine.dispose()
    if any(sums.values()):
        raise AssertionError(f"the books do not balance: {sums}")
    return results


def main(threads: int, seconds: float) -> None:
    """Print the machine, then each way's middle of the rounds and its ratio to the naive peer."""
    with tempfile.TemporaryDirectory(prefix="opbench", ignore_cleanup_errors=True) as folder:
        probe = fsync_ms(Path(folder))
        with EmbeddedServer(Path(folder) / "pg", fsync=True) as server:
            results = run(server, threads, seconds)
    load = os.getloadavg()[0]
    out = sys.stdout.write
    out(f"{os.cpu_count()} cores, load {load:.1f}, {platform.machine()}, Python {platform.python_version()}, ")
    out(f"one fsync of 8 KiB {probe:.2f} ms; {threads} threads, {ROUNDS} rounds of {seconds:g} s, books balance\n")
    base = statistics.median(r for r, _p in results["naive row under FOR UPDATE"])
    out(f"{'way':28} {'a second':>9} {'p95 ms':>8} {'to naive':>9}\n")
    for name, rounds in results.items():
        rate, late = statistics.median(r for r, _p in rounds), statistics.median(p for _r, p in rounds)
        out(f"{name:28} {rate:9.0f} {late:8.1f} {rate / base:9.2f}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 16, float(sys.argv[2]) if len(sys.argv) > 2 else 5)
