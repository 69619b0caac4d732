"""An officer with 300 files, by script: ``python -m benchmarks.desk [FILES]``.

A real server, real HTTP, a PostgreSQL of its own. One reviewer opens each file, reads it (the page, whole), decides, and
the answer leads to the next: two requests a file. One in five goes back with a sentence of the office, the others to the
decision. The time is the portal's and the network's; no officer is that fast.
"""

import logging
import os
import platform
import re
import secrets
import statistics
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import make_url
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from agencies.licensing import phrases
from core import db
from core.accounts import open_session
from core.permissions import StaffRole
from core.settings import Settings
from core.web import session_cookie
from portal.app import create_app
from portal.embedded import EmbeddedServer
from portal.migrate import migrate
from tests.agencies import factories as make

WORDS = "The certificate is of an earlier fiscal year. Give the newest one."
TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')


class Browser:
    """One kept-open connection with its cookies."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = {session_cookie(): token}
        self.requests = 0

    def ask(self, method: str, path: str, values: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, where it leads, and the page."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if values is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, urlencode(values) if values is not None else None, headers)
        answer = self.connection.getresponse()
        page = answer.read().decode()
        self.requests += 1
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, value = cookie.split(";", 1)[0].split("=", 1)
            self.cookies[name] = value
        return answer.status, answer.headers.get("Location", ""), page


def settings_at(folder: Path, server: EmbeddedServer) -> Settings:
    server.create_database("desk")
    owner, app = (
        make_url(u).set(database="desk").render_as_string(hide_password=False)
        for u in (server.owner_url, server.app_url)
    )
    migrate(owner, app)
    return Settings(
        database_url=app, owner_database_url=owner, secret_key=secrets.token_bytes(32), master_key=secrets.token_bytes(32),
        var=folder, storage=folder / "files", bank_folder=folder / "bank", testing=False, demo=True,
        trusted_hosts=("localhost", "127.0.0.1"), stripe_secret_key="", stripe_webhook_secret="",
    )  # fmt: skip


def fill(sessions: sessionmaker[Session], files: int) -> str:
    """Sent applications for one reviewer, an approver to go on to, and a sentence of the office. Gives the session's token."""
    with sessions() as session:
        account, officer = make.officer(session, StaffRole.LICENSING_OFFICER)
        make.approver(session)
        phrases.add(session, officer, phrases.AddPhrase("tax", WORDS))
        for number in range(files):
            director = make.director(f"27-01-70-{number:05d}", phone=f"+97798{number:08d}")
            make.submitted(session, name=f"Agency number {number}", native="", directors=[director])
            if number % 50 == 49:
                session.commit()
        token = open_session(session, account, agent="benchmark")
        session.commit()
        return token


def work(browser: Browser, files: int) -> list[float]:
    """Seconds for each file, from asking for its page to knowing the next one."""
    _status, place, _page = browser.ask("GET", "/licensing/next")
    took = []
    for number in range(files):
        began = time.perf_counter()
        status, _where, page = browser.ask("GET", place)
        token = TOKEN.search(page)
        if status != 200 or token is None:
            raise AssertionError(f"{place}: {status}")
        values = {"csrf_token": token[1], "then": "next"}
        action = "return" if number % 5 == 4 else "recommend"
        values |= {"phrase-tax": WORDS} if action == "return" else {"finding": "In order.", "waiver": "Seen last year."}
        status, where, page = browser.ask("POST", f"{place}/{action}", values)
        took.append(time.perf_counter() - began)
        if status != 303:
            raise AssertionError(f"{place}/{action}: {status} {page[:200]}")
        place = where.removeprefix("http://127.0.0.1")
    if not place.endswith("/staff"):
        raise AssertionError(f"after {files} files there is still {place}")
    return took


def main(files: int) -> None:
    """Print files, requests and seconds a file, median and 95th percentile."""
    with (
        tempfile.TemporaryDirectory(prefix="opdesk", ignore_cleanup_errors=True) as folder,
        EmbeddedServer(Path(folder) / "pg", fsync=True) as server,
    ):
        settings = settings_at(Path(folder), server)
        app = create_app(settings)
        sessions = db.connect(settings.database_url)
        token = fill(sessions, files)
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        http = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        browser = Browser(http.server_port, token)
        began = time.perf_counter()
        took = sorted(work(browser, files))
        whole = time.perf_counter() - began
        http.shutdown()
        thread.join()
    out = sys.stdout.write
    out(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {platform.machine()}, Python {platform.python_version()}\n"
    )
    out(f"{files} files in {whole:.1f} s; {browser.requests / files:.2f} requests a file; a file took ")
    out(
        f"{statistics.median(took) * 1000:.0f} ms (median), {took[int(len(took) * 0.95)] * 1000:.0f} ms (95th percentile)\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
