"""``/readyz`` says which part is not well, and answers 503 so that a balancer sends nobody here."""

from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal import health
from tests.conftest import PortalClient

BEAT = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => :age))"


def checks(client: PortalClient) -> tuple[int, dict[str, bool]]:
    answer = client.get("/readyz")
    assert (answer.status_code == 200) == (answer.json["status"] == "ok")
    return answer.status_code, answer.json["checks"]


def test_without_a_worker_or_with_one_that_fell_silent_it_is_not_ready(client: PortalClient, session: Session):
    session.execute(text("DELETE FROM procrastinate_workers"))
    assert checks(client) == (503, {"database": True, "migrations": True, "worker": False})
    session.execute(text(BEAT), {"age": health.WORKER_SECONDS + 5})
    assert checks(client) == (503, {"database": True, "migrations": True, "worker": False})
    session.execute(text(BEAT), {"age": 1})
    assert checks(client) == (200, {"database": True, "migrations": True, "worker": True})


def test_with_a_migration_missing_it_is_not_ready(client: PortalClient, session: Session, monkeypatch):
    session.execute(text(BEAT), {"age": 1})
    monkeypatch.setattr(health, "heads", lambda: {"9999_not_run_yet"})
    assert checks(client) == (503, {"database": True, "migrations": False, "worker": True})


def test_without_a_database_it_says_so_and_no_address(client: PortalClient, monkeypatch):
    class Gone:
        def execute(self, *_args: object) -> None:
            raise OperationalError("connect", {}, Exception("host=secret.example password=hidden"))

        def rollback(self) -> None:
            pass

        scalars = execute

    monkeypatch.setattr(health, "db", Gone)
    monkeypatch.setattr(health.comparison, "last", lambda session: session.execute())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["checks"]["database"]) == (503, False)
    assert "secret" not in answer.text
    assert client.get("/healthz").json == {"status": "ok"}
