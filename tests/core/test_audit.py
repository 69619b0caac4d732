"""The sealed log against the database's superuser, on a database with real commits."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from core import audit, merkle, settings
from core.actor import SYSTEM
from core.errors import ConfigurationError
from core.ids import new_id
from portal.embedded import EmbeddedServer

Sessions = sessionmaker[Session]


def write(sessions: Sessions, count: int = 3) -> None:
    for number in range(count):
        with sessions() as session:
            audit.record(
                session,
                SYSTEM,
                subject=("licence", new_id()),
                action="suspend",
                reason=f"reason {number}",
                evidence={"row": number},
            )
            session.commit()


def seal(sessions: Sessions) -> None:
    with sessions() as session:
        audit.seal(session)
        session.commit()


def verify(sessions: Sessions, head: dict[str, Any] | None = None) -> list[str]:
    with sessions() as session:
        return [f.text for f in audit.verify(session, head).findings]


Superuser = Callable[..., None]


@pytest.fixture
def as_superuser(server: EmbeddedServer, committed: Sessions) -> Superuser:
    """Statements by the server's superuser, whom no grant holds back."""
    database = make_url(settings.current().database_url).database
    assert database is not None

    def run(*statements: str) -> None:
        with psycopg.connect(server.superuser_url(database), autocommit=True) as connection:
            assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (
                True,
            )
            for statement in statements:
                connection.execute(statement.encode())

    return run


@pytest.fixture
def sealed(committed: Sessions) -> Sessions:
    write(committed)
    seal(committed)
    write(committed)
    seal(committed)
    return committed


def test_an_untouched_log_is_intact(sealed: Sessions):
    write(sealed)
    assert verify(sealed) == []


def test_an_edited_row_is_named(sealed: Sessions, as_superuser: Superuser):
    as_superuser("UPDATE audit_event SET reason = 'nothing to see' WHERE reason = 'reason 1'")
    found = verify(sealed)
    assert any("was changed or written by a stranger" in f for f in found)
    assert any("not the ones that were sealed" in f for f in found)


def test_an_edit_of_a_row_not_yet_sealed_is_named_too(sealed: Sessions, as_superuser: Superuser):
    write(sealed, 1)
    as_superuser(
        "UPDATE audit_event SET action = 'lift' WHERE id = (SELECT id FROM audit_event ORDER BY at DESC LIMIT 1)"
    )
    assert any("the part not yet sealed was changed" in f for f in verify(sealed))


def test_a_deleted_row_is_noticed(sealed: Sessions, as_superuser: Superuser):
    as_superuser("DELETE FROM audit_event WHERE reason = 'reason 2'")
    assert sum("rows were deleted" in f for f in verify(sealed)) == 2


def test_a_deletion_that_was_sealed_anew_without_the_key_is_named(sealed: Sessions, as_superuser: Superuser):
    """Roots, counts and plain hashes can be computed by anybody; the seal's code can't."""
    as_superuser("DELETE FROM audit_event WHERE reason = 'reason 2'")
    with sealed() as session, session.no_autoflush:
        forged, previous = [], b"\0" * 32
        for seal_ in session.scalars(select(audit.AuditSeal).order_by(audit.AuditSeal.number)).all():
            leaves = [audit.leaf_bytes(row) for row in audit._rows(session, seal_.from_xid, seal_.to_xid)]
            seal_.leaves, seal_.root, seal_.previous = len(leaves), merkle.root_of(leaves), previous
            body = [
                seal_.number, seal_.from_xid, seal_.to_xid, seal_.leaves, seal_.root.hex(), seal_.sealed_at,
                seal_.oldest_start, previous.hex(),
            ]  # fmt: skip
            previous = sha256(audit.canonical(body).encode()).digest()
            forged.append((seal_.number, seal_.leaves, seal_.root.hex(), seal_.previous.hex(), previous.hex()))
        session.rollback()
    for number, count, root, before, digest in forged:
        as_superuser(
            f"UPDATE audit_seal SET leaves = {count}, root = '\\x{root}', previous = '\\x{before}', hash = '\\x{digest}'"
            f" WHERE number = {number}"
        )
    assert [f for f in verify(sealed) if "The content of seal" in f] == [
        "The content of seal 1 was changed.",
        "The content of seal 2 was changed.",
    ]


def test_rows_that_nobody_seals_are_named(sealed: Sessions, monkeypatch: pytest.MonkeyPatch):
    write(sealed, 2)
    assert verify(sealed) == []
    monkeypatch.setattr(audit, "SEALED_WITHIN", timedelta(0))
    assert any("2 rows wait to be sealed" in f for f in verify(sealed))


def test_a_database_whose_transactions_count_from_an_earlier_number_is_not_sealed(
    sealed: Sessions, as_superuser: Superuser
):
    as_superuser("UPDATE audit_seal SET to_xid = to_xid + 1000000 WHERE number = 2")
    with sealed() as session, pytest.raises(ConfigurationError, match="restored into another server"):
        audit.seal(session)
    assert any("restored into another server" in f for f in verify(sealed))


def test_honest_rows_of_writers_at_once_are_never_called_back_dated(committed: Sessions):
    done = threading.Event()

    def keep_writing() -> None:
        while not done.is_set():
            write(committed, 4)

    with ThreadPoolExecutor(5) as pool:
        writers = [pool.submit(keep_writing) for _ in range(4)]
        for _ in range(25):
            seal(committed)
        done.set()
        [w.result() for w in writers]
    seal(committed)
    assert verify(committed) == []


def test_a_back_dated_row_is_named(sealed: Sessions, as_superuser: Superuser):
    as_superuser(
        "INSERT INTO audit_event (id, at, actor_kind, subject_kind, action, reason, evidence, mac)"
        " SELECT gen_random_uuid(), at - interval '30 days', actor_kind, subject_kind, action, reason, evidence, mac"
        " FROM audit_event LIMIT 1"
    )
    found = verify(sealed)
    assert any("back-dated" in f for f in found)
    assert any("written by a stranger" in f for f in found)


def test_a_row_slipped_under_an_old_seal_is_noticed(sealed: Sessions, as_superuser: Superuser):
    as_superuser(
        "INSERT INTO audit_event (id, at, xid, actor_kind, subject_kind, action, reason, evidence, mac)"
        " SELECT gen_random_uuid(), at, xid, actor_kind, subject_kind, action, reason, evidence, mac FROM audit_event"
        " ORDER BY at LIMIT 1"
    )
    assert any("rows were added later" in f for f in verify(sealed))


def test_a_cut_tail_is_found_with_a_head_kept_elsewhere(sealed: Sessions, as_superuser: Superuser):
    with sealed() as session:
        head = audit.head(session)
    as_superuser(
        "DELETE FROM audit_event WHERE xid >= (SELECT from_xid::text::xid8 FROM audit_seal WHERE number = 2)",
        "DELETE FROM audit_seal WHERE number = 2",
    )
    assert verify(sealed) == []
    assert any("the tail was cut" in f for f in verify(sealed, head))


def test_a_wholly_rewritten_log_is_found_with_a_head_kept_elsewhere(sealed: Sessions, as_superuser: Superuser):
    with sealed() as session:
        head = audit.head(session)
    as_superuser("DELETE FROM audit_event", "DELETE FROM audit_seal")
    write(sealed)
    seal(sealed)
    write(sealed)
    seal(sealed)
    assert verify(sealed) == []
    assert any("the log was rewritten" in f for f in verify(sealed, head))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET reason = 'x'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "UPDATE audit_seal SET leaves = 0",
        "DELETE FROM audit_seal",
    ],
)
def test_the_application_itself_may_only_read_and_add(sealed: Sessions, statement: str):
    with sealed() as session, pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        session.execute(text(statement))


def test_a_slow_transaction_is_sealed_once_and_never_lost(committed: Sessions):
    with committed() as slow:
        audit.record(slow, SYSTEM, subject=("licence", new_id()), action="slow")
        slow.flush()
        write(committed, 2)
        seal(committed)
        slow.commit()
    write(committed, 1)
    seal(committed)
    assert verify(committed) == []
    with committed() as session:
        assert session.execute(text("SELECT sum(leaves) FROM audit_seal")).scalar_one() == 4


def test_sealers_at_once_make_one_chain(committed: Sessions):
    write(committed, 5)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: seal(committed), range(16)))
    assert verify(committed) == []
    with committed() as session:
        assert session.execute(text("SELECT count(*), sum(leaves) FROM audit_seal")).one() == (1, 5)
