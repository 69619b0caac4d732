"""The worker process: runs queued jobs and schedules. Stopped by SIGTERM or SIGINT after the jobs in hand."""

import os

from core.db import connect, sessions
from core.jobs import return_stalled, worker_app
from core.settings import load_settings
from portal.app import prepare
from portal.parent import end_with_parent

CONCURRENCY = 2


def run() -> None:
    """Run until stopped. Jobs of a worker that was killed come back at the start and once a minute."""
    settings = load_settings(os.environ)
    prepare(settings)
    connect(settings.database_url, pool_size=CONCURRENCY + 2)
    end_with_parent()
    with sessions()() as session:
        # With no other worker on this database, whatever is in hand belonged to one that was killed.
        return_stalled(session, seconds=0 if os.environ.get("SOLE_WORKER") == "1" else 30)
        session.commit()
    app = worker_app(settings.database_url)
    with app.open():
        app.run_worker(
            concurrency=CONCURRENCY,
            listen_notify=True,
            update_heartbeat_interval=10,
            stalled_worker_timeout=45,
            shutdown_graceful_timeout=20,
        )


if __name__ == "__main__":
    run()
