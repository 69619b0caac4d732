"""The small country, for whoever walks through a running portal: real HTTP, real PostgreSQL, and people in it.

It is made once in a process and copied as a database for each module. Modules marked ``peopled`` get the world in which
every page has something to show.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from core import db as core_db
from core import jobs
from core.settings import Settings, configure
from portal.embedded import EmbeddedServer
from portal.seeding import seed
from tests.conftest import TEMPLATE, _at
from tests.doubles import stripe_api

if TYPE_CHECKING:
    from tests.journeys.world import World


@dataclass
class Portal:
    """The portal under test: its address, its accounts, and its database."""

    url: str
    accounts: list[dict[str, Any]]
    found: dict[str, Any]
    sessions: sessionmaker[Session]
    staff: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The members of staff that a test made, by role, office and number."""

    def account(self, start: str) -> dict[str, Any]:
        """The account whose login or role begins like this."""
        return next(a for a in self.accounts if str(a["login"]).startswith(start) or a["role"] == start)

    def drain(self) -> None:
        """Do what the worker would do."""
        with self.sessions() as session:
            while jobs.run_waiting(session):
                session.commit()


@dataclass
class Seeded:
    """The small country, made once in this process: a database to copy, and the servers that speak of its address."""

    template: str
    settings: Settings
    accounts: list[dict[str, Any]]
    found: dict[str, Any]


@pytest.fixture(scope="session")
def seeded(server: EmbeddedServer, settings: Settings, app: Flask) -> Iterator[Seeded]:
    name = f"seeded_{secrets.token_hex(6)}"
    server.create_database(name, template=TEMPLATE)
    http = make_server("127.0.0.1", 0, app, threaded=True)
    url = f"http://127.0.0.1:{http.server_port}"
    payments = stripe_api.start(0, "sk_test_journey", f"{url}/webhooks/stripe", "whsec_journey")
    own = replace(
        settings,
        database_url=_at(server.app_url, name),
        owner_database_url=_at(server.owner_url, name),
        public_url=url,
        stripe_api_base=payments.url,
        stripe_secret_key="sk_test_journey",
        stripe_webhook_secret="whsec_journey",
    )
    world = seed(own, "adversarial")
    assert core_db._engine is not None
    core_db._engine.dispose()
    configure(settings)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield Seeded(name, own, world.accounts, world.found)
    finally:
        payments.stop()
        http.shutdown()
        thread.join()
        http.server_close()


@pytest.fixture(scope="module")
def bank_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this portal leaves files for its bank and finds the bank's answers."""
    return tmp_path_factory.mktemp("bank")


@contextmanager
def opened(server: EmbeddedServer, settings: Settings, seeded: Seeded, folder: Path, template: str) -> Iterator[Portal]:
    """The portal over a copy of ``template``."""
    name = f"journey_{secrets.token_hex(6)}"
    server.create_database(name, template=template)
    own = replace(
        seeded.settings,
        database_url=_at(server.app_url, name),
        owner_database_url=_at(server.owner_url, name),
        bank_folder=folder,
    )
    sessions = core_db.connect(own.database_url, pool_size=10)
    configure(own)
    try:
        yield Portal(own.public_url, deepcopy(seeded.accounts), deepcopy(seeded.found), sessions)
    finally:
        assert core_db._engine is not None
        core_db._engine.dispose()
        configure(settings)
        server.drop_database(name)


@pytest.fixture(scope="session")
def peopled(
    server: EmbeddedServer, settings: Settings, seeded: Seeded, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, "World"]:
    """The world in which every page has something to show, made once in this process: a database to copy, and who looks
    at which address in it."""
    from tests.journeys import world

    name = f"peopled_{secrets.token_hex(6)}"
    with opened(server, settings, seeded, tmp_path_factory.mktemp("bank"), seeded.template) as portal:
        found = world.build(portal)
        assert core_db._engine is not None
        source = core_db._engine.url.database
        core_db._engine.dispose()
        server.create_database(name, template=source)
    return name, found


@pytest.fixture(scope="session")
def seen(peopled: tuple[str, "World"]) -> "World":
    """Who looks at which address in the peopled country."""
    return peopled[1]


@pytest.fixture(scope="module")
def portal(
    request: pytest.FixtureRequest, server: EmbeddedServer, settings: Settings, seeded: Seeded, bank_folder: Path
) -> Iterator[Portal]:
    """The small country in a database of this module's own: as it was seeded, or peopled."""
    peopled = request.node.get_closest_marker("peopled")
    template = request.getfixturevalue("peopled")[0] if peopled else seeded.template
    with opened(server, settings, seeded, bank_folder, template) as made:
        yield made
