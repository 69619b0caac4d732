"""The web server process: granian over the WSGI application, a few worker processes with blocking threads."""

import os

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from core.settings import load_settings
from portal.parent import end_with_parent

WORKERS = 2


def run() -> None:
    settings = load_settings(os.environ)
    end_with_parent()
    Granian(
        "portal.wsgi:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=settings.web_threads,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        # Its warning about more threads than processors does not fit threads that wait for the database.
        log_level=LogLevels.error,
        log_access=False,
    ).serve()


if __name__ == "__main__":
    run()
