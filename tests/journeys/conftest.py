"""A running portal for journeys: real HTTP, real PostgreSQL with the adversarial country, a real browser."""

import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from core import db as core_db
from core import jobs
from core.settings import Settings, configure
from portal.embedded import EmbeddedServer
from portal.seeding import seed
from tests.conftest import TEMPLATE, _at
from tests.doubles import stripe_api
from tests.journeys import kit
from tests.journeys.person import Person


@dataclass
class Portal:
    """The portal under test: its address, its accounts, and its database."""

    url: str
    accounts: list[dict[str, Any]]
    found: dict[str, Any]
    sessions: sessionmaker[Session]

    def account(self, start: str) -> dict[str, Any]:
        """The account whose login or role begins like this."""
        return next(a for a in self.accounts if str(a["login"]).startswith(start) or a["role"] == start)

    def drain(self) -> None:
        """Do what the worker would do."""
        with self.sessions() as session:
            jobs.run_waiting(session)
            session.commit()


@pytest.fixture(scope="module")
def bank_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this portal leaves files for its bank and finds the bank's answers."""
    return tmp_path_factory.mktemp("bank")


@pytest.fixture(scope="module")
def portal(server: EmbeddedServer, settings: Settings, app: Flask, bank_folder: Path) -> Iterator[Portal]:
    name = f"journey_{secrets.token_hex(6)}"
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
        bank_folder=bank_folder,
    )
    world = seed(own, "adversarial")
    sessions = core_db.connect(own.database_url, pool_size=10)
    configure(own)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield Portal(url, world.accounts, world.found, sessions)
    finally:
        payments.stop()
        http.shutdown()
        thread.join()
        http.server_close()
        core_db._engine.dispose()  # type: ignore[union-attr]
        configure(settings)
        server.drop_database(name)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = kit.launch(playwright)
        yield opened
        opened.close()


def _people(
    browser: Browser, portal: Portal, size: dict[str, int], javascript: bool
) -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def make(account: dict[str, Any] | None = None) -> Person:
        people.append(Person(browser, portal, size, javascript))
        if account:
            kit.enter(people[-1].context, portal, account["login"])
        return people[-1]

    yield make
    for person in people:
        person.context.close()


@pytest.fixture(params=[(kit.PHONE, True), (kit.DESKTOP, False)], ids=["phone", "desktop without JavaScript"])
def somebody(request: pytest.FixtureRequest, browser: Browser, portal: Portal) -> Iterator[Callable[..., Person]]:
    """Makes people with a browser each: on a phone, and on a desktop without JavaScript.

    Whoever has an account comes in signed in; signing in by the form is walked where it is the point.
    """
    yield from _people(browser, portal, *request.param)


# For what is officers' work for the most part: walked once, on a desktop; every page is measured on a phone elsewhere.
at_a_desk = pytest.mark.parametrize("somebody", [(kit.DESKTOP, True)], indirect=True, ids=["desktop"])


_staff: dict[tuple[int, str], dict[str, Any]] = {}


def steps_fall_to(portal: Portal, role: str, number: int = 1) -> None:
    """What waits falls to this officer, where the lot could fall there; nobody could choose this in the portal."""
    from sqlalchemy import select

    from core.accounts import UserAccount, actor_for
    from core.privacy import blind_index
    from tests.agencies import proceedings

    login = staff(portal, role, number=number)["login"]
    with portal.sessions() as session:
        index = UserAccount.email_index == blind_index("email", login)
        proceedings.everything_to(session, actor_for(session, session.scalars(select(UserAccount).where(index)).one()))
        session.commit()


def staff(portal: Portal, role: str, office: str = "DOFE", number: int = 1) -> dict[str, Any]:
    """A member of staff with an authenticator, made once for each portal, role and number."""
    import pyotp
    from sqlalchemy import select

    from core.accounts import Office, post_staff
    from core.permissions import StaffRole
    from portal.seeding import staff_account

    key = (id(portal), f"{role}{office}{number}")
    if key not in _staff:
        login, totp = f"journey.{role.replace('_', '.')}.{office.lower()}{number}", pyotp.random_base32()
        with portal.sessions() as session:
            account = staff_account(session, login, f"{role} {number}", totp=totp, password="journey-password-7")
            post_staff(
                session, account, StaffRole(role), session.scalars(select(Office).where(Office.code == office)).one()
            )
            session.commit()
            _staff[key] = {"login": account.email, "password": "journey-password-7", "totp_secret": totp, "role": role}
    return _staff[key]
