"""``portal serve``: the database (the embedded one when none is given), the web server and the worker, as one command.

Ctrl-C stops them in order. A child that dies is started again; after a kill -9 of any of them, the supervisor included, the
next start finds nothing in its way and nothing lost.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import click
import psycopg

from core.db import libpq_url
from core.errors import ConfigurationError
from core.settings import ROOT, Settings, demo_secret, load_settings
from portal.embedded import EmbeddedServer
from portal.parent import told_of_parents_death

STOP = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Child:
    """One process under supervision."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches the supervisor alone, which stops its children in order.
        self.process = subprocess.Popen(
            self.command,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            cwd=ROOT,
            preexec_fn=told_of_parents_death(signal.SIGTERM),
        )

    def died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self, patience: float) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def free_port(host: str, port: int) -> None:
    """Refuse early when somebody else has the port.

    :raises ConfigurationError: in a sentence.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise ConfigurationError(
                f"Port {port} is taken. Stop what uses it, or choose another: PORT=8001 make run."
            ) from None


def embedded_folder(environ: Mapping[str, str]) -> Path:
    """Where the embedded server of this checkout lives."""
    return Path(environ.get("OPENPASSAGE_VAR", "") or ROOT / "var") / "postgres"


def environment_of(environ: Mapping[str, str], server: EmbeddedServer | None) -> dict[str, str]:
    """The children's environment: what was given, and the embedded server's addresses."""
    made = {**environ, "PYTHONUNBUFFERED": "1"}
    if server is not None:
        # Nobody else's worker is on this database: what a killed one had in hand comes back at once.
        made["SOLE_WORKER"] = "1"
        made["DATABASE_URL"] = server.app_url
        made["OWNER_DATABASE_URL"] = server.owner_url
    return made


def stripe_double(environment: dict[str, str], var: Path) -> Child | None:
    """In demo mode and with no other address given: a local process that speaks Stripe's API."""
    if environment.get("STRIPE_API_BASE") or importlib.util.find_spec("tests.doubles.stripe_api") is None:
        return None
    port = int(environment.get("STRIPE_DOUBLE_PORT", "0")) or int(environment.get("PORT") or 8000) + 420
    environment["STRIPE_API_BASE"] = f"http://127.0.0.1:{port}"
    webhook = f"http://127.0.0.1:{environment.get('PORT') or 8000}/webhooks/stripe"
    command = [sys.executable, "-m", "tests.doubles.stripe_api", "--port", str(port), "--webhook-url", webhook]
    secret = demo_secret(var, "stripe_webhook")
    return Child("payment double", [*command, "--webhook-secret", secret], environment)


def timestamp_double(environment: dict[str, str], var: Path) -> Child | None:
    """In demo mode and with no other address given: a local time stamp authority (RFC 3161), where `openssl` is there."""
    module = "tests.doubles.timestamp_authority"
    missing = importlib.util.find_spec(module) is None or shutil.which("openssl") is None
    if environment.get("TIMESTAMP_URL") or missing:
        return None
    folder, port = var / "timestamps", int(environment.get("PORT") or 8000) + 421
    environment["TIMESTAMP_URL"] = f"http://127.0.0.1:{port}/"
    environment["TIMESTAMP_CA"] = str(importlib.import_module(module).certificates_in(folder))
    command = [sys.executable, "-m", module, "--port", str(port), "--folder", str(folder)]
    return Child("time stamp double", command, environment)


def children(settings: Settings, environment: Mapping[str, str], doubles: list[Child]) -> list[Child]:
    web = [sys.executable, "-m", "portal.server"]
    worker = [sys.executable, "-m", "portal.worker"]
    found = [Child("web", web, environment), Child("worker", worker, environment)]
    return [*doubles, *found]


def check(environ: Mapping[str, str]) -> None:
    """Read every setting and try the port before anything is started.

    :raises ConfigurationError: in a sentence.
    """
    settings = load_settings({**environ, "DATABASE_URL": environ.get("DATABASE_URL") or "postgresql://embedded"})
    free_port(settings.host, settings.port)


def at_newest(url: str) -> bool:
    """Whether nothing is to be migrated, told without loading a single table: every start asks this.

    A migration's file is named like its revision, and the newest sorts last.
    """
    newest = max(path.stem for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    return _first(url, "SELECT version_num FROM alembic_version") == newest


def has_accounts(url: str) -> bool:
    """Whether the database holds people already."""
    return _first(url, "SELECT true FROM user_account LIMIT 1") is True


def _first(url: str, statement: LiteralString) -> object:
    """The first value of a query; None when there is none, or no such table yet."""
    try:
        with psycopg.connect(libpq_url(url), connect_timeout=10) as connection:
            row = connection.execute(statement).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    except psycopg.OperationalError:
        raise ConfigurationError("The database can't be reached at DATABASE_URL.") from None
    return row[0] if row else None


def serve(environ: Mapping[str, str], *, empty: bool = False) -> None:
    """Run everything until told to stop.

    :param empty: in demo mode, make the offices only and no made-up country.

    :raises ConfigurationError: when a setting is wrong, the port is taken or the database can't be reached.
    """
    wanted = threading.Event()
    for number in STOP:
        signal.signal(number, lambda *_: wanted.set())
    check(environ)
    with contextlib.ExitStack() as stack:
        server = None
        if not environ.get("DATABASE_URL"):
            click.echo("Starting the embedded PostgreSQL ...")
            server = stack.enter_context(EmbeddedServer(embedded_folder(environ)))
        environment = environment_of(environ, server)
        settings = load_settings(environment)
        made = (stripe_double, timestamp_double) if settings.demo else ()
        doubles = [child for child in (make(environment, settings.var) for make in made) if child is not None]
        settings = load_settings(environment)
        if not at_newest(settings.owner_database_url):
            from portal.migrate import migrate

            migrate(settings.owner_database_url, settings.database_url)
        if settings.demo and not has_accounts(settings.database_url):
            from portal.seeding import seed_if_empty

            seed_if_empty(settings, "empty" if empty else "demo")
        running = children(settings, environment, doubles)
        try:
            for child in running:
                child.start()
            _announce(settings, wanted)
            _supervise(running, server, wanted)
        finally:
            click.echo("Stopping ...")
            for child in reversed(running):
                child.stop(25)


def _announce(settings: Settings, wanted: threading.Event) -> None:
    """Say where it is, once it answers."""
    end = time.monotonic() + 60
    while time.monotonic() < end and not wanted.is_set():
        with contextlib.suppress(OSError), socket.create_connection((settings.host, settings.port), 1):
            click.echo(f"OpenPassage is at {settings.public_url}  (Ctrl-C stops it)")
            if settings.demo:
                click.echo(f"Demo accounts: see README.md. Messages that were sent: {settings.public_url}/dev/outbox")
            return
        wanted.wait(0.1)


def _supervise(running: list[Child], server: EmbeddedServer | None, wanted: threading.Event) -> None:
    """Start again what dies; give up when one dies five times within a minute.

    :raises ConfigurationError: naming the one that keeps dying.
    """
    while not wanted.wait(0.5):
        if server is not None and not server.alive():
            click.echo("The database died; starting it again.")
            server.start()
        for child in running:
            if child.died():
                now = time.monotonic()
                child.deaths = [t for t in child.deaths if t > now - 60] + [now]
                if len(child.deaths) >= 5:
                    raise ConfigurationError(f"The {child.name} process keeps dying; its messages stand above.")
                click.echo(f"The {child.name} process died; starting it again.")
                child.start()
