"""Migrations go up, down and up again, and leave exactly what the models say."""

from collections.abc import Callable

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from core.db import Base, psycopg_url
from migrations.env_filter import include_object
from portal.embedded import EmbeddedServer
from portal.migrate import migrate, pending
from tests.conftest import _at


def checks(url: str) -> set[tuple[str, str, str]]:
    """Every named constraint: table, name, definition."""
    engine = create_engine(psycopg_url(url))
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE contype IN ('c', 'f', 'u', 'p') AND connamespace = 'public'::regnamespace"
                " AND conrelid::regclass::text NOT LIKE 'procrastinate%' AND conrelid::regclass::text <> 'alembic_version'"
            )
        ).all()
    engine.dispose()
    return {(r[0], r[1], r[2]) for r in rows}


def test_migrations_equal_the_models_without_drift(app: object, database: str, owner_url: Callable[[str], str]):
    engine = create_engine(psycopg_url(owner_url(database)))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": include_object, "compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_constraints_equal_the_models(
    app: object, server: EmbeddedServer, database: str, owner_url: Callable[[str], str]
):
    server.create_database("from_models")
    plain = _at(server.owner_url, "from_models")
    engine = create_engine(psycopg_url(plain))
    Base.metadata.create_all(engine)
    engine.dispose()
    try:
        assert checks(owner_url(database)) == checks(plain)
    finally:
        server.drop_database("from_models")


def test_migrations_go_down_to_nothing_and_up_again(server: EmbeddedServer):
    server.create_database("down_and_up")
    owner, app = _at(server.owner_url, "down_and_up"), _at(server.app_url, "down_and_up")
    try:
        migrate(owner, app)
        assert not pending(owner)
        migrate(owner, app, "base")
        engine = create_engine(psycopg_url(owner))
        with engine.connect() as connection:
            left = connection.execute(
                text(
                    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'alembic%'"
                )
            )
            assert left.scalars().all() == []
            functions = connection.execute(
                text(
                    "SELECT proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace"
                    " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
                )
            )
            assert functions.scalars().all() == []
        engine.dispose()
        migrate(owner, app)
        assert not pending(owner)
    finally:
        server.drop_database("down_and_up")
