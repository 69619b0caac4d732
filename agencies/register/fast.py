"""The licence check ahead of Flask: a thin layer that answers ``GET /api/v1/licences?q=...`` from this process's copy.

The copy is renewed when the database says that something changed (NOTIFY), and looked after every few seconds in any case.
The layer answers only while the copy was confirmed a moment ago and the legal day has not ended; everything else, and
everything odd, goes on to Flask, which asks the database itself. ADR 14 has the reasons.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import psycopg
import structlog
from flask import Flask, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from agencies.licensing.numbers import number_key, parse_number
from agencies.register import snapshot
from agencies.register.rendered import API, Rendered, answer
from agencies.register.search import MAXIMUM_QUERY
from agencies.register.snapshot import Register
from core import settings
from core.db import legal_zone, libpq_url, sessions
from law.country import deployment

log = structlog.get_logger()
EXTENSION = "openpassage.fast_register"
CHANNEL = "register_change"
# Of the time for which a copy may be shown: how often it is confirmed, so that one lost look does not stop it.
LOOKS = 5
WARMED = 50
_DAY_LEFT = text(
    "SELECT extract(epoch FROM date_trunc('day', here) + interval '1 day' - here)"
    " FROM (SELECT now() AT TIME ZONE :zone AS here) AS clock"
)
StartResponse = Callable[..., Any]
Wsgi = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


def clock() -> float:
    """Seconds that also pass while the machine sleeps: a copy must not look fresh after it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass(frozen=True, slots=True)
class Copy:
    """The register and the day, good ``until`` (by :func:`clock`); ``answers`` by query string, made when first asked."""

    register: Register
    today: date
    until: float
    answers: dict[str, Rendered] = field(default_factory=dict)


class FastRegister:
    """WSGI middleware. Until :meth:`start` it passes everything on."""

    def __init__(self, app: Flask, inner: Wsgi) -> None:
        self._app, self._inner = app, inner
        self._copy: Copy | None = None
        self._headers: list[tuple[str, str]] = []
        self._hosts: dict[str, bool] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._warmed: tuple[object, int] = (None, 0)
        self._lost = False
        self.answered = 0
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)

    # --- answering ---------------------------------------------------------------------------------------------------

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        copy = self._copy
        if copy is not None and environ["PATH_INFO"] == API and clock() < copy.until:
            found = self._rendered(copy, environ)
            if found is not None:
                self.answered += 1
                return self._give(found, environ, start_response)
        return self._inner(environ, start_response)

    def _rendered(self, copy: Copy, environ: dict[str, Any]) -> Rendered | None:
        """The answer, or None for whatever Flask should see: another method, host, parameter or condition."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_IF_MATCH" in environ or environ.get("SCRIPT_NAME"):
            return None
        if not self._trusted(environ.get("HTTP_HOST", "")):
            return None
        asked: str = environ.get("QUERY_STRING", "")
        found = copy.answers.get(asked)
        if found is not None:
            return found
        if not asked.startswith("q=") or "&" in asked or not asked.isascii():
            return None
        try:
            query = unquote_plus(asked[2:], errors="strict")
        except UnicodeDecodeError:
            return None
        if len(query) > MAXIMUM_QUERY or not query.strip():
            return None
        try:
            found = answer(copy.register, copy.today, query)
        except Exception as error:  # whatever it is, Flask answers or shows its own page
            log.error("fast register failed", kind=type(error).__name__)
            return None
        # Only numbers that stand in the register are kept: nobody fills the memory with made-up queries.
        number = parse_number(" ".join(query.split()))
        listed = number is not None and number.serial in copy.register.by_serial
        listed = listed or number_key(query) in copy.register.by_old_number
        if listed and len(copy.answers) < 4 * len(copy.register.entries):
            copy.answers[asked] = found
        return found

    def _trusted(self, host: str) -> bool:
        known = self._hosts.get(host)
        if known is None:
            try:
                name = urlsplit(f"//{host}").hostname or ""
            except ValueError:
                name = ""
            known = name in settings.current().trusted_hosts
            if len(self._hosts) < 100:
                self._hosts[host] = known
        return known

    def _give(self, found: Rendered, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        body, encoding, tag = found.form(gzipped="gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""))
        headers = [*self._headers, ("ETag", tag)]
        if found.link:
            headers.append(("Link", found.link))
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked is not None and found.known_by(asked):
            start_response("304 NOT MODIFIED", headers)
            return []
        if encoding:
            headers.append(("Content-Encoding", encoding))
        headers += [("Content-Type", found.media_type), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    # --- keeping the copy --------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to keep a copy, in a thread of this process. A database that can't be reached stops nothing."""
        self._headers = self._flasks_headers()
        self._stop.clear()
        self._thread = threading.Thread(target=self._keep, name="register-keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(10)
        self._forget()

    def _forget(self) -> None:
        """In a forked child nobody keeps the copy: pass everything on until ``start``."""
        self._copy, self._thread = None, None

    def _flasks_headers(self) -> list[tuple[str, str]]:
        """The headers that Flask puts on this answer, by Flask itself."""
        with self._app.test_request_context(API):
            response = self._app.process_response(plain_response(Rendered(b"", "application/json")))
        own = {"content-type", "content-length", "content-encoding", "etag", "link"}
        return [(name, value) for name, value in response.headers if name.lower() not in own]

    def _keep(self) -> None:
        seconds = float(deployment().standard("register_copy_seconds"))
        while not self._stop.is_set():
            try:
                self._listen(seconds)
            except (psycopg.Error, SQLAlchemyError, OSError) as error:
                if not self._lost:
                    log.warning("register copy can't be confirmed", kind=type(error).__name__)
                self._lost = True
                self._stop.wait(min(1.0, seconds / LOOKS))

    def _listen(self, seconds: float) -> None:
        url = libpq_url(settings.current().database_url)
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            while not self._stop.is_set():
                self._confirm(seconds)
                warming = self._warm()
                for _told in connection.notifies(timeout=0.02 if warming else seconds / LOOKS, stop_after=1):
                    pass

    def _confirm(self, seconds: float) -> None:
        """Look at the register's version; the copy is good from before the look, never past the legal day's end."""
        began, held = clock(), self._copy
        with sessions()() as session:
            left = float(session.execute(_DAY_LEFT, {"zone": legal_zone()}).scalar_one())
            register, today = snapshot.current(session)
        until = began + min(seconds, left)
        if self._lost:
            log.info("register copy is confirmed again")
            self._lost = False
        if held is not None and held.register is register and held.today == today:
            self._copy = Copy(register, today, until, held.answers)
        else:
            self._copy = Copy(register, today, until)

    def _warm(self) -> bool:
        """Find the look-alikes of a few more agencies, so that no asker waits for them; whether some are left."""
        register = self._copy.register if self._copy is not None else None
        if register is None:
            return False
        index, done = self._warmed
        if index is not register.index:
            index, done = register.index, 0
        for entry in register.entries[done : done + WARMED]:
            register.alike(entry)
        self._warmed = (index, done + WARMED)
        return done + WARMED < len(register.entries)


def plain_response(found: Rendered, *, gzipped: bool = False, if_none_match: str | None = None) -> Response:
    """The answer as Flask gives it."""
    body, encoding, tag = found.form(gzipped=gzipped)
    response = Response(body, mimetype=found.media_type)
    response.headers["ETag"] = tag
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    if encoding:
        response.headers["Content-Encoding"] = encoding
    if found.link:
        response.headers["Link"] = found.link
    if if_none_match is not None and found.known_by(if_none_match):
        response.status_code = 304
    return response


def install(app: Flask) -> None:
    """Put the layer ahead of the application; it answers nothing before it is started."""
    layer = FastRegister(app, app.wsgi_app)
    app.wsgi_app = layer  # type: ignore[method-assign]
    app.extensions[EXTENSION] = layer


def start(app: Flask) -> None:
    """Begin to answer in this server process."""
    layer: FastRegister = app.extensions[EXTENSION]
    layer.start()
