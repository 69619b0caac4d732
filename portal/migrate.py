"""Bringing a database to the newest schema, as its owner."""

from functools import lru_cache

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url, pool, text

from core.db import psycopg_url
from core.errors import ConfigurationError
from core.settings import ROOT


def _config(app_role: str | None) -> Config:
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["app_role"] = app_role
    return config


def app_role_of(owner_url: str, app_url: str) -> str | None:
    """The application's role, when it is another than the owner."""
    owner, app = make_url(psycopg_url(owner_url)).username, make_url(psycopg_url(app_url)).username
    return app if app and app != owner else None


def migrate(owner_url: str, app_url: str, revision: str = "head") -> None:
    """Run the migrations up (or down) to ``revision``.

    :raises ConfigurationError: when the server is older than PostgreSQL 15 or misreads South Asian text.
    """
    engine = create_engine(psycopg_url(owner_url), poolclass=pool.NullPool)
    config = _config(app_role_of(owner_url, app_url))
    with engine.begin() as connection:
        if connection.dialect.server_version_info < (15,):  # type: ignore[operator]
            raise ConfigurationError("PostgreSQL 15 or newer is needed.")
        # Two starts at once must not migrate at once.
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('openpassage.migrate'))"))
        config.attributes["connection"] = connection
        here = MigrationContext.configure(connection).get_current_heads()
        known = {s.revision for s in ScriptDirectory.from_config(config).walk_revisions()}
        if revision == "head" or not here or (revision in known and revision > here[0]):
            command.upgrade(config, revision)
            _check_reading(connection)
        else:
            command.downgrade(config, revision)
    engine.dispose()


def _check_reading(connection: Connection) -> None:
    """Under the C locale trigrams of every South Asian script are empty, silently: searches would find nothing.

    :raises ConfigurationError: when this database reads so.
    """
    if not connection.execute(text("SELECT to_regprocedure('similarity(text, text)') IS NOT NULL")).scalar_one():
        return
    alike = connection.execute(text("SELECT similarity('नेपाल', 'नेपाली') > 0 AND similarity('محمد', 'محمود') > 0"))
    if not alike.scalar_one():
        raise ConfigurationError(
            "This database can't search Nepali and Urdu: its character type is C. Make it anew as docs/deploy.md says."
        )


@lru_cache
def heads() -> frozenset[str]:
    """The newest revision that this code knows."""
    return frozenset(ScriptDirectory.from_config(_config(None)).get_heads())


def pending(url: str) -> bool:
    """Whether the database is behind the code."""
    engine = create_engine(psycopg_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        here = set(MigrationContext.configure(connection).get_current_heads())
    engine.dispose()
    return here != heads()
