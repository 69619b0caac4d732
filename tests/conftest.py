"""Fixtures for every test: a real PostgreSQL, one migrated template, a savepoint rolled back after each test."""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from agencies.insider import assignment, duties
from agencies.insider.status import POINTER, Why
from agencies.registration.models import Agency
from core import db as core_db
from core.accounts import UserAccount, open_session
from core.settings import Settings, configure
from core.web import session_cookie
from portal.embedded import EmbeddedServer
from portal.migrate import migrate

pytest_plugins = ["tests.small_country"]
TEMPLATE = "openpassage_template"


@pytest.fixture(autouse=True)
def _steps_fall_to_whoever_acts(request: pytest.FixtureRequest) -> Iterator[None]:
    """In tests about other things a drawn step falls to the officer who acts, if the lot could fall there at all. Tests
    marked ``real_lot``, and browsers, see the real one."""
    if any(request.node.get_closest_marker(m) for m in ("browser", "real_lot")):
        yield
        return
    with steps_fall_to_whoever_acts():
        yield


@contextmanager
def steps_fall_to_whoever_acts() -> Iterator[None]:
    """For fixtures that live longer than a test."""
    real, real_stage = duties.require, assignment.require

    def require(session: Session, actor: Any, kind: str, subject_id: Any, turn: Any) -> None:
        held = duties.duty(session, kind, subject_id, turn.stage)
        if held is None or held.officer_id != actor.account_id:
            with assignment.drawn_by(lambda fit: actor.account_id if actor.account_id in fit else fit[0]):
                duties.assign(session, kind, subject_id, turn, Why.WAITED)
        real(session, actor, kind, subject_id, turn)

    def require_stage(session: Session, actor: Any, application: Any, stage: Any) -> None:
        if getattr(application, POINTER[stage]) is None:
            agency = session.get_one(Agency, application.agency_id)
            assignment.assign(session, application, agency, stage, Why.WAITED)
        real_stage(session, actor, application, stage)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duties, "require", require)
        patch.setattr(assignment, "require", require_stage)
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """One embedded PostgreSQL for this test process, without fsync: these databases are thrown away."""
    with (
        tempfile.TemporaryDirectory(prefix="op", ignore_cleanup_errors=True) as folder,
        EmbeddedServer(Path(folder) / "pg", fsync=False) as started,
    ):
        started.create_database(TEMPLATE)
        migrate(_at(started.owner_url, TEMPLATE), _at(started.app_url, TEMPLATE))
        yield started


def _at(url: str, name: str) -> str:
    """The same server's address with another database named."""
    from sqlalchemy import make_url

    return make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def settings(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the tests: secrets made for this run, the captured outbox, a database of this process."""
    name = f"main_{os.getpid()}"
    server.create_database(name, template=TEMPLATE)
    var = tmp_path_factory.mktemp("var")
    made = Settings(
        database_url=_at(server.app_url, name),
        owner_database_url=_at(server.owner_url, name),
        secret_key=secrets.token_bytes(32),
        master_key=secrets.token_bytes(32),
        var=var,
        storage=var / "files",
        bank_folder=var / "bank",
        testing=True,
        demo=True,
        trusted_hosts=("localhost", "127.0.0.1"),
        stripe_secret_key="sk_test_openpassage",
        stripe_webhook_secret="whsec_openpassage",
    )
    configure(made)
    return made


@pytest.fixture(scope="session")
def app(settings: Settings) -> Flask:
    from portal.app import create_app

    return create_app(settings)


@pytest.fixture(scope="session")
def engine(settings: Settings) -> Engine:
    """One engine for all sessions that are undone: it keeps the statements that it has compiled."""
    return core_db.make_engine(settings.database_url, pool_size=10)


@pytest.fixture
def session(app: Flask, settings: Settings, engine: Engine) -> Iterator[Session]:
    """A session whose work is undone after the test. Pages and services under test share its connection."""
    configure(settings)
    if core_db._engine is not engine:
        if core_db._engine is not None:
            core_db._engine.dispose()
        core_db._engine = engine
    with engine.connect() as connection:
        outer = connection.begin()
        made = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        core_db._sessions = made
        with made() as opened:
            yield opened
        outer.rollback()


@pytest.fixture
def committed(app: Flask, settings: Settings, server: EmbeddedServer) -> Iterator[sessionmaker[Session]]:
    """Sessions on a fresh database with real commits: for races between threads, and refused requests that count."""
    name = f"fresh_{secrets.token_hex(6)}"
    server.create_database(name, template=TEMPLATE)
    configure(replace(settings, database_url=_at(server.app_url, name), owner_database_url=_at(server.owner_url, name)))
    try:
        yield core_db.connect(_at(server.app_url, name), pool_size=40)
    finally:
        assert core_db._engine is not None
        core_db._engine.dispose()
        configure(settings)
        server.drop_database(name)


@pytest.fixture
def database(server: EmbeddedServer) -> Iterator[str]:
    """The address of a fresh, migrated database for the application's role."""
    name = f"fresh_{secrets.token_hex(6)}"
    server.create_database(name, template=TEMPLATE)
    yield _at(server.app_url, name)
    server.drop_database(name)


@pytest.fixture
def owner_url(server: EmbeddedServer) -> Callable[[str], str]:
    """The owner's address of the database that an application's address names."""
    from sqlalchemy import make_url

    return lambda url: _at(server.owner_url, make_url(url).database or "")


class PortalClient(FlaskClient):
    """A browser for tests: signs in as an account, posts with the right token."""

    def sign_in(self, session: Session, account: UserAccount) -> None:
        token = open_session(session, account, agent="tests")
        session.commit()
        self.set_cookie(session_cookie(), token)

    def post_form(self, url: str, **values: object) -> object:
        """Post like a browser that opened the page first."""
        with self.session_transaction() as cookie:
            secret = cookie.setdefault("csrf", secrets.token_hex(16))
        return self.post(url, data={"csrf_token": "00" * 16 + secret, **values})


@pytest.fixture
def client(app: Flask, session: Session) -> FlaskClient:
    """A browser whose requests run in the test's transaction."""
    app.test_client_class = PortalClient
    return app.test_client()
