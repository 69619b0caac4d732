"""``/healthz``: this process answers. ``/readyz``: database, migrations and worker are well too."""

from flask import Blueprint, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

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
    response = jsonify(status="ok" if well else "not ready", checks=checks)
    response.status_code = 200 if well else 503
    return response
