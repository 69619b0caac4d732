"""The one answer under load: ``python -m benchmarks.answer [CONNECTIONS] [SECONDS] [ROUNDS]``.

The register of ``benchmarks.register`` (5,000 agencies with 50,000 names, from a seed), and an approved job for each agency. A
bare Flask that says hello and the portal side by side under the same server; shuffled rounds, the middle one of each; read
the ratios. Questions that name a job are counted by the throttle, so those are timed in process, one after the other.
"""

import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine, insert, make_url, select, text
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from benchmarks import register_data
from benchmarks.register import COUNT, SEED, THREADS, WORKERS, fill, known_words, measure, start, wait_for
from contracts.answer.services import answer
from contracts.answer.shape import Question
from contracts.employers.accreditation_models import AccreditationTerm
from contracts.employers.models import Employer
from contracts.employers.status import EmployerStatus
from contracts.job_orders.models import JobOrder
from contracts.job_orders.status import JobOrderStatus
from contracts.seed import CITIES, WAGE
from core.accounts import Office
from core.db import db_now, legal_today, psycopg_url
from core.ids import new_id, new_reference
from core.privacy import new_person
from core.settings import ROOT, load_settings
from portal.embedded import EmbeddedServer
from portal.migrate import migrate

TIMED = 400


def jobs(session: Session) -> list[tuple[str, str]]:
    """An accredited employer and an approved job for each agency; gives licence number and job number."""
    office = session.scalars(select(Office).limit(1)).one()
    employer = Employer(
        person_key_id=new_person(session).id, mission_id=office.id, name="Bench Contracting", country="QA", city=CITIES["QA"],
        registration_number="CR-BENCH", signatory_title="Manager", status=EmployerStatus.ACCREDITED,
    )  # fmt: skip
    session.add(employer)
    session.flush()
    today = legal_today(session)
    ends = today + timedelta(days=300)
    session.add(AccreditationTerm(employer_id=employer.id, number=1, capacity=100_000, starts_on=today, ends_on=ends))
    terms = {
        "post": "Cleaner", "occupation": "9112", "employer": employer.name, "country": "QA", "site": "Doha", "wage_minor": WAGE["QA"],
        "wage_currency": "QAR", "hours_per_day": 8, "days_per_week": 6, "overtime_paid": True, "food": "provided",
        "lodging": "provided", "ticket_out": "employer", "ticket_back": "employer", "insurance": "employer", "leave_days": 30,
        "term_months": 24, "probation_months": 3, "notice_days": 30, "worker_pays_minor": 0, "passport_kept_by": "worker",
    }  # fmt: skip
    now, made, rows = db_now(session), [], []
    for agency_id, number in session.execute(select(Licence.agency_id, Licence.number)).all():
        reference = new_reference("JB")
        rows.append(
            {"id": new_id(), "reference": reference, "agency_id": agency_id, "employer_id": employer.id, "destination": "QA",
             "status": JobOrderStatus.APPROVED, "headcount": 5, "approved": 5, "approved_at": now, "terms": terms,
             "terms_sha256": b"bench"}
        )  # fmt: skip
        made.append((number, reference))
    session.execute(insert(JobOrder), rows)
    session.execute(text("ANALYZE"))
    session.commit()
    return made


def timed(session: Session, questions: list[Question]) -> tuple[float, float]:
    """Median and 99th hundredth of one answer in ms, in this process."""
    took = []
    for question in questions:
        began = time.perf_counter()
        answer(session, question)
        took.append(1000 * (time.perf_counter() - began))
        session.rollback()
    took.sort()
    return statistics.median(took), took[int(len(took) * 0.99)]


def compare(environment: dict[str, str], ways: dict[str, tuple[str, Path]], given: tuple[int, float, int]) -> None:
    connections, seconds, rounds = given
    servers: dict[str, tuple[subprocess.Popen[bytes], int]] = {}
    try:
        for name in ("hello", "portal"):
            servers[name] = start(name, environment)
        for process, port in servers.values():
            wait_for(process, port)
        rates: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ways}
        for _round in range(rounds + 1):
            for name in random.sample(list(ways), len(ways)):
                server, targets = ways[name]
                rates[name].append(measure(servers[server][1], targets, connections, seconds))
    finally:
        for process, _port in servers.values():
            process.terminate()
            process.wait(20)
    # The first round only warms.
    middle = {name: [statistics.median(r[i] for r in rows[1:]) for i in range(3)] for name, rows in rates.items()}
    hello = next(iter(middle.values()))[0]
    print(f"{'way':34} {'a second':>9} {'p50 ms':>8} {'p99 ms':>8} {'to hello':>9}")
    for name, (rate, p50, p99) in middle.items():
        print(f"{name:34} {rate:9.0f} {p50:8.2f} {p99:8.2f} {rate / hello:9.2f}")


def main(connections: int, seconds: float, rounds: int) -> None:
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
            from portal.app import prepare

            prepare(load_settings(environment))
            migrate(owner, app)
            made = register_data.agencies(COUNT, SEED, known_words())
            with Session(create_engine(psycopg_url(app))) as session:
                fill(session, made)
                numbers = jobs(session)
                random.shuffle(numbers)
                answer(session, Question(agency=numbers[0][0]))
                lines = {
                    "licence number": [Question(agency=n) for n, _j in numbers[:TIMED]],
                    "licence number and job": [Question(agency=n, job_order=j) for n, j in numbers[:TIMED]],
                    "job, employer, country": [
                        Question(job_order=j, employer="Bench Contracting", destination="QA")
                        for _n, j in numbers[:TIMED]
                    ],
                }
                for way, questions in lines.items():
                    median, late = timed(session, questions)
                    print(f"in process, {way}: {median:.1f} ms, p99 {late:.1f} ms")
            hello, numbered, named = folder / "hello", folder / "numbers", folder / "names"
            hello.write_text("\n".join(f"/api/v1/licences?q={quote(n, safe='')}" for n, _j in numbers))
            numbered.write_text("\n".join(f"/api/v1/answer?agency={quote(n, safe='')}" for n, _j in numbers))
            queries = register_data.queries(made, 500, SEED + 1)
            named.write_text("\n".join(f"/api/v1/answer?agency={quote(q.text)}&destination=QA" for q in queries))
            ways = {
                "Flask, hello": ("hello", hello),
                "answer by licence number": ("portal", numbered),
                "answer by name and country": ("portal", named),
            }
            compare(environment, ways, (connections, seconds, rounds))
            print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}, granian "
                  f"{WORKERS} workers x {THREADS} threads, {connections} connections, {rounds} rounds of {seconds:g} s")  # fmt: skip


if __name__ == "__main__":
    asked = sys.argv[1:]
    main(
        int(asked[0]) if asked else 16, float(asked[1]) if len(asked) > 1 else 4, int(asked[2]) if len(asked) > 2 else 5
    )
