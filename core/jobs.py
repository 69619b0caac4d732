"""Queued work on procrastinate: enqueued in the caller's transaction, may run twice, retried, then kept as failed.

A handler is ``def handler(session, **args)``; it gets a session of its own and is committed when it returns.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import procrastinate
import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import audit
from core.db import libpq_url, sessions

log = structlog.get_logger()

Handler = Callable[..., Any]


class _Registry:
    def __init__(self) -> None:
        self.handlers: dict[str, tuple[Handler, str]] = {}
        self.schedules: dict[str, tuple[str, Handler]] = {}


_registry = _Registry()


def job(name: str, *, queue: str = "default") -> Callable[[Handler], Handler]:
    """Declare the handler of a kind of job, named ``package.verb``."""

    def declare(handler: Handler) -> Handler:
        if name in _registry.handlers:
            raise ValueError(f"job {name} is declared twice")
        _registry.handlers[name] = (handler, queue)
        return handler

    return declare


def every(cron: str, name: str) -> Callable[[Handler], Handler]:
    """Declare a handler that runs by schedule (five-field cron, in UTC), as ``handler(session)``."""

    def declare(handler: Handler) -> Handler:
        if name in _registry.schedules:
            raise ValueError(f"schedule {name} is declared twice")
        _registry.schedules[name] = (cron, handler)
        return handler

    return declare


def declared() -> tuple[list[str], list[str]]:
    """Names of the jobs and of the schedules known to this process."""
    return sorted(_registry.handlers), sorted(_registry.schedules)


_DEFER = text(
    "SELECT (procrastinate_defer_jobs_v1(ARRAY[ROW(:queue, :name, 0, :lock, :queueing_lock, CAST(:args AS jsonb),"
    " CAST(:at AS timestamptz))::procrastinate_job_to_defer_v1]))[1]"
)


def enqueue(
    session: Session,
    name: str,
    *,
    lock: str | None = None,
    queueing_lock: str | None = None,
    schedule_at: datetime | None = None,
    **args: Any,
) -> int | None:
    """Queue a job in this transaction: it runs only if the transaction commits.

    :param lock: jobs with the same lock run one after the other.
    :param queueing_lock: while one with this lock waits, another is not added (answers None).
    """
    values: Mapping[str, Any] = {
        "queue": _registry.handlers[name][1] if name in _registry.handlers else "default",
        "name": name,
        "lock": lock,
        "queueing_lock": queueing_lock,
        "args": json.dumps(args, default=str),
        "at": schedule_at,
    }
    if queueing_lock is None:
        return int(session.execute(_DEFER, values).scalar_one())
    try:
        with session.begin_nested():
            return int(session.execute(_DEFER, values).scalar_one())
    except IntegrityError:
        return None


def run_now(name: str, session: Session, **args: Any) -> Any:
    """Run a handler here, in this session: for tests and the command line."""
    return _registry.handlers[name][0](session, **args)


def run_schedule_now(name: str, session: Session) -> Any:
    return _registry.schedules[name][1](session)


def run_waiting(session: Session, limit: int = 200) -> int:
    """Run what waits in the queue, in this session, oldest first: how tests drain the queue. Gives how many ran."""
    done = 0
    while done < limit:
        row = session.execute(
            text(
                "UPDATE procrastinate_jobs SET status = 'doing' WHERE id = (SELECT id FROM procrastinate_jobs"
                " WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()) ORDER BY id LIMIT 1)"
                " RETURNING id, task_name, args"
            )
        ).one_or_none()
        if row is None:
            return done
        run_now(row.task_name, session, **row.args)
        session.execute(text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = :id"), {"id": row.id})
        done += 1
    return done


def _in_own_session(name: str, handler: Handler) -> Callable[..., None]:
    def run(**args: Any) -> None:
        with sessions()() as session:
            try:
                handler(session, **args)
                session.commit()
            except Exception:
                log.exception("job failed", job=name)
                raise

    return run


def worker_app(database_url: str) -> procrastinate.App:
    """The procrastinate application of the worker process, with every declared job and schedule."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=libpq_url(database_url), max_size=6))
    retry = procrastinate.RetryStrategy(max_attempts=8, exponential_wait=3)
    for name, (handler, queue) in _registry.handlers.items():
        app.task(name=name, queue=queue, retry=retry)(_in_own_session(name, handler))
    for name, (cron, handler) in _registry.schedules.items():

        def scheduled(timestamp: int, _name: str = name, _handler: Handler = handler) -> None:
            _in_own_session(_name, _handler)()

        task = app.task(name=f"every.{name}", queueing_lock=f"every.{name}", lock=f"every.{name}")(scheduled)
        app.periodic(cron=cron, periodic_id=name)(task)
    return app


def return_stalled(session: Session, seconds: int = 60) -> int:
    """Give back the jobs of a worker that was killed: its heartbeat is older than ``seconds``. Gives how many."""
    rows = session.execute(
        text(
            "SELECT j.id FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id"
            " WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => :seconds))"
            " FOR UPDATE OF j SKIP LOCKED"
        ),
        {"seconds": seconds},
    ).scalars()
    returned = 0
    for job_id in rows.all():
        session.execute(
            text("SELECT procrastinate_retry_job_v2(:id, now(), NULL, NULL, NULL)"),
            {"id": job_id},
        )
        returned += 1
    return returned


@every("*/1 * * * *", "core.return_stalled")
def _return_stalled(session: Session) -> None:
    return_stalled(session)


@every("*/1 * * * *", "core.seal_audit")
def _seal_audit(session: Session) -> None:
    audit.seal(session)
