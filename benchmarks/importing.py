"""Lines a second of an import: ``python -m benchmarks.importing [AGENCIES] [DIRECTORS]``.

5,000 agencies and 20,000 directors come in by ``run_import`` (read twice, checked, sealed, hashed, one transaction each), once new and
once again unchanged; beside it, in the same run, the same files go into a staging table by plain ``COPY``, with no check at all.
A PostgreSQL of its own with fsync. Memory is the process's highest, before and after. Read the ratios.
"""

import csv
import os
import platform
import resource
import secrets
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from sqlalchemy.orm import Session

from agencies.importing.mapping import Mapping
from agencies.importing.services import ImportFile, run_import
from agencies.importing.status import ImportKind
from core import db
from core.accounts import NewAccount, Office, OfficeKind, actor_for, create_account, post_staff
from core.actor import Actor
from core.db import libpq_url
from core.permissions import StaffRole
from core.settings import Settings
from portal.app import prepare
from portal.embedded import EmbeddedServer
from portal.migrate import migrate

GIVEN = ("Ram", "Sita", "राम", "सीता", "محمد", "Hari", "Gita", "কামাল")
FAMILY = ("Shrestha", "Gurung", "श्रेष्ठ", "حسین", "Rai", "Tamang", "হোসেন", "Yadav")


def write(path: Path, head: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def files(folder: Path, agencies: int, directors: int) -> dict[ImportKind, Path]:
    """Made-up files; every name, number and telephone is another one."""
    there = [
        [str(n), f"{GIVEN[n % 8]} {FAMILY[n // 8 % 8]} Overseas {n}", f"{n:06d}", f"District {n % 77}", f"Ward {n % 32}",
         f"+9771{4000000 + n}", f"office{n}@agency.example", "Nabil Bank", f"00{n:08d}"]
        for n in range(agencies)
    ]  # fmt: skip
    people = [
        [f"D{n}", str(n % agencies), f"{GIVEN[n % 8]} {FAMILY[n // 8 % 8]}", "citizenship", f"27-01-70-{n:05d}",
         f"19{50 + n % 45}-{n % 12 + 1:02d}-{n % 28 + 1:02d}", f"+97798{41000000 + n}"]
        for n in range(directors)
    ]  # fmt: skip
    found = {ImportKind.AGENCIES: folder / "agencies.csv", ImportKind.DIRECTORS: folder / "directors.csv"}
    write(found[ImportKind.AGENCIES], ["source_key", "name", "company_number", "district", "address", "phone", "email",
                                       "bank_name", "bank_account"], there)  # fmt: skip
    write(found[ImportKind.DIRECTORS], ["source_key", "agency_key", "name", "identifier_kind", "identifier", "birth_date",
                                        "phone"], people)  # fmt: skip
    return found


def megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def ours(session: Session, actor: Actor, kind: ImportKind, path: Path) -> tuple[float, float, dict[str, int]]:
    """Seconds by the clock, seconds of this process's own work, and what became of the lines."""
    begun, worked = time.perf_counter(), time.process_time()
    summary = run_import(session, actor, ImportFile(kind, path, Mapping("bench", {})), lambda _line: None)
    session.commit()
    counts = {str(o): n for o, n in summary.counts.items()}
    return time.perf_counter() - begun, time.process_time() - worked, counts


def copied(url: str, path: Path) -> float:
    """The peer: the file as it is into a table of texts."""
    head = path.read_text(encoding="utf-8").split("\n", 1)[0].strip().split(",")
    with psycopg.connect(url) as plain:
        plain.execute(f"CREATE TABLE staging_{path.stem} ({', '.join(f'{c} text' for c in head)})")
        begun = time.perf_counter()
        with (
            plain.cursor().copy(f"COPY staging_{path.stem} FROM STDIN (FORMAT csv, HEADER)") as copy,
            path.open("rb") as file,
        ):
            while block := file.read(1 << 16):
                copy.write(block)
        plain.commit()
        return time.perf_counter() - begun


def administrator(session: Session) -> Actor:
    office = Office(code="DEPT", kind=OfficeKind.DEPARTMENT, names={"en": "Department"}, destinations=[])
    session.add(office)
    account = create_account(session, NewAccount("Admin", email="admin@example.org", password=secrets.token_hex(8)))
    session.flush()
    post_staff(session, account, StaffRole.STAFF_ADMIN, office)
    session.commit()
    return actor_for(session, account)


def main(agencies: int = 5000, directors: int = 20000) -> None:
    with tempfile.TemporaryDirectory(prefix="op") as name, EmbeddedServer(Path(name) / "pg") as server:
        folder = Path(name)
        server.create_database("bench")
        owner, app = (u.rsplit("/", 1)[0] + "/bench" + ("?" + u.split("?", 1)[1] if "?" in u else "")
                      for u in (server.owner_url, server.app_url))  # fmt: skip
        migrate(owner, app)
        prepare(
            Settings(
                database_url=app, owner_database_url=owner, secret_key=secrets.token_bytes(32), demo=True, testing=True,
                master_key=secrets.token_bytes(32), var=folder, storage=folder, bank_folder=folder,
            )
        )  # fmt: skip
        made = files(folder, agencies, directors)
        with db.sessions()() as session:
            actor = administrator(session)
            before = megabytes()
            total = {"new": 0.0, "again": 0.0, "COPY": 0.0}
            print(f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")
            for kind, path in made.items():
                lines = agencies if kind is ImportKind.AGENCIES else directors
                peer = copied(libpq_url(owner), path)
                new, new_work, counts = ours(session, actor, kind, path)
                again, again_work, same = ours(session, actor, kind, path)
                print(f"{kind} processor: new {new_work:.2f} s ({lines / new_work:.0f} lines a second), again"
                      f" {again_work:.2f} s ({lines / again_work:.0f} lines a second)")  # fmt: skip
                for way, seconds in (("new", new), ("again", again), ("COPY", peer)):
                    total[way] += seconds
                    print(
                        f"{kind} {way}: {seconds:.2f} s, {lines / seconds:.0f} lines a second, {seconds / peer:.0f} x COPY"
                    )
                print(f"  {counts} then {same}; highest memory {megabytes()} MB (before: {before} MB)")
        lines = agencies + directors
        for way, seconds in total.items():
            print(f"all {way}: {lines / seconds:.0f} lines a second")


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:3]))
