"""One told story, copied for each test that spoils it."""

import secrets
from dataclasses import replace

import pytest

from core import db as core_db
from core.settings import configure
from tests.agencies.register_log import stories
from tests.conftest import TEMPLATE, _at, steps_fall_to_whoever_acts


@pytest.fixture(scope="session")
def story(app, server, settings):
    """The name of a database with a sealed log of ten entries, and its licence numbers and the suspension's reference."""
    name = f"story_{secrets.token_hex(6)}"
    server.create_database(name, template=TEMPLATE)
    try:
        configure(replace(settings, database_url=_at(server.app_url, name)))
        with steps_fall_to_whoever_acts():
            found = stories.whole_life(core_db.connect(_at(server.app_url, name)))
    finally:
        core_db._engine.dispose()
        configure(settings)
    yield name, found
    server.drop_database(name)


@pytest.fixture
def told(story, server, settings):
    """Sessions on a copy of the story, its three licence numbers and the suspension's reference."""
    name = f"told_{secrets.token_hex(6)}"
    server.create_database(name, template=story[0])
    configure(replace(settings, database_url=_at(server.app_url, name), owner_database_url=_at(server.owner_url, name)))
    try:
        yield core_db.connect(_at(server.app_url, name)), *story[1]
    finally:
        core_db._engine.dispose()
        configure(settings)
        server.drop_database(name)
