"""Migrations run as the owner role, each in one transaction; the application's role gets its rights in them."""

from typing import Any

from alembic import context
from sqlalchemy import create_engine, pool

from core.db import Base, psycopg_url
from migrations.env_filter import include_object
from portal.packages import load_tables

load_tables()


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _run_on(connection)
        return
    engine = create_engine(psycopg_url(context.config.get_main_option("sqlalchemy.url") or ""), poolclass=pool.NullPool)
    with engine.connect() as opened:
        _run_on(opened)
        opened.commit()


def _run_on(connection: Any) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=include_object,
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
