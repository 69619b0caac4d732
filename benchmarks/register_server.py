"""The WSGI applications that ``benchmarks.register`` compares, each under the same server: named by ``BENCH_APP``."""

import os
from typing import Any

from flask import Flask, jsonify, request
from sqlalchemy import create_engine, select
from sqlalchemy.orm import sessionmaker

from agencies.licensing.models import Licence
from agencies.registration.models import Agency
from core.db import psycopg_url


def hello() -> Flask:
    """A bare Flask that says hello."""
    app = Flask("hello")
    app.add_url_rule("/api/v1/licences", "hello", lambda: "hello")
    return app


def plain_orm() -> Flask:
    """The same lookup as anybody would write it first: Flask, SQLAlchemy's ORM, one query a request."""
    from portal.packages import load_tables

    load_tables()
    app = Flask("orm")
    sessions = sessionmaker(create_engine(psycopg_url(os.environ["DATABASE_URL"]), pool_size=10))

    def licences() -> Any:
        with sessions() as session:
            query = select(Licence, Agency).join(Agency, Agency.id == Licence.agency_id)
            found = session.execute(query.where(Licence.number == request.args.get("q", ""))).all()
            rows = [
                {
                    "name": agency.name, "name_local": agency.name_local, "licence_number": licence.number,
                    "licence_class": licence.licence_class, "status": licence.status,
                    "valid_until": licence.valid_until.isoformat(), "district": agency.district,
                }
                for licence, agency in found
            ]  # fmt: skip
            return jsonify(results=rows)

    app.add_url_rule("/api/v1/licences", "licences", licences)
    return app


def portal() -> Any:
    """The portal as it is deployed."""
    from portal.wsgi import application

    return application


application = {"hello": hello, "orm": plain_orm, "portal": portal}[os.environ.get("BENCH_APP", "hello")]()
