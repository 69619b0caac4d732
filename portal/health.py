"""``/healthz``: this process answers. ``/readyz``: database, migrations and worker are well too."""

from flask import Blueprint, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from agencies.register_log import comparison
from core.web import db, public
from portal.migrate import heads

bp = Blueprint("health", __name__)
WORKER_SECONDS = 60


@bp.get("/healthz")
@public
def alive() -> Response:
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def ready() -> Response:
    checks = {"database": False, "migrations": False, "worker": False}
    try:
        here = set(db().execute(text("SELECT version_num FROM alembic_version")).scalars())
        checks["database"] = True
        checks["migrations"] = here == heads()
        checks["worker"] = bool(
            db()
            .execute(
                text(
                    "SELECT EXISTS (SELECT FROM procrastinate_workers"
                    " WHERE last_heartbeat > now() - make_interval(secs => :seconds))"
                ),
                {"seconds": WORKER_SECONDS},
            )
            .scalar_one()
        )
    except SQLAlchemyError:
        # What failed shows in the checks; the address of the database stays out of the answer.
        db().rollback()
    well = all(checks.values())
    # Told, and no reason to send people away: the pages work, and somebody has to look.
    response = jsonify(status="ok" if well else "not ready", checks=checks, register_keepers=_keepers())
    response.status_code = 200 if well else 503
    return response


def _keepers() -> str:
    """Whether the keepers of the register's heads agreed when they were compared last."""
    try:
        found = comparison.last(db())
    except SQLAlchemyError:
        db().rollback()
        return "unknown"
    if found is None or not (found.compared.held or found.compared.found):
        return "unknown"
    return "agree" if found.compared.agree else "disagree"
