"""The embedded PostgreSQL keeps its data beside its passwords, or says what is wrong."""

import shutil
from pathlib import Path

import psycopg
import pytest

from core.errors import ConfigurationError
from portal.embedded import EmbeddedServer


@pytest.fixture
def folder(tmp_path: Path):
    where = tmp_path / "postgres"
    yield where
    EmbeddedServer(where).remove()


def ask(server: EmbeddedServer, question: str) -> object:
    with psycopg.connect(server.owner_url, autocommit=True) as connection:
        return connection.execute(question).fetchone()


def test_a_folder_that_was_deleted_gets_a_new_database(folder: Path):
    with EmbeddedServer(folder) as server, psycopg.connect(server.owner_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept ()")
        first = server
    with EmbeddedServer(folder) as again:
        assert ask(again, "SELECT to_regclass('kept')") == ("kept",)
    shutil.rmtree(folder)
    with EmbeddedServer(folder) as fresh:
        assert ask(fresh, "SELECT to_regclass('kept')") == (None,)
    first._stop_orphan()
    shutil.rmtree(first._base, ignore_errors=True)


def test_a_lost_password_is_told_in_a_sentence(folder: Path):
    with EmbeddedServer(folder):
        pass
    (folder / "postgres.password").write_text("another")
    with pytest.raises(ConfigurationError, match="another password"):
        EmbeddedServer(folder).start()
