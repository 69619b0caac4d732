"""The database: base class, engine, clock. PostgreSQL only, one dialect."""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, DateTime, Engine, Enum, MetaData, Uuid, create_engine, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from core.ids import new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table. ``int`` is BIGINT: money and counters outgrow 32 bits; ``datetime`` is always aware UTC."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy reads it from the class
        int: BigInteger,
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: JSONB,
    }


class Recorded:
    """A record: a UUIDv7 known before the flush, and the database's own time of creation."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    def __init__(self, **values: Any) -> None:
        # The id and the person's key come first: sealing a personal value is bound to both.
        self.id = values.pop("id", None) or new_id()
        if "person_key_id" in values:
            self.person_key_id = values.pop("person_key_id")
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no attribute {name!r}")
            setattr(self, name, value)


E_ = TypeVar("E_", bound=enum.StrEnum)


def status_type(kind: type[E_]) -> Enum:
    """A StrEnum stored as VARCHAR with a CHECK, by value."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=_snake(kind.__name__),
        values_callable=lambda members: [m.value for m in members],
    )


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


def psycopg_url(url: str) -> str:
    """The same address with SQLAlchemy's driver named."""
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def libpq_url(url: str) -> str:
    """The same address as psycopg and libpq read it."""
    return "postgresql://" + psycopg_url(url).removeprefix("postgresql+psycopg://")


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine whose connections speak UTC and give up on a lock or a statement that hangs."""
    return create_engine(
        psycopg_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        # An error's message reaches the log; what was being written does not.
        hide_parameters=True,
        connect_args={
            # "Done" means on disk, whatever the server's own setting is.
            "options": "-c timezone=UTC -c lock_timeout=15s -c statement_timeout=60s -c synchronous_commit=on",
            "prepare_threshold": None,
        },
    )


SessionFactory = sessionmaker[Session]


def make_sessions(engine: Engine) -> SessionFactory:
    return sessionmaker(engine, expire_on_commit=False)


_engine: Engine | None = None
_sessions: SessionFactory | None = None


def connect(url: str, *, pool_size: int = 10) -> SessionFactory:
    """Make this process's sessions (called by the app factory, the worker and the command line)."""
    global _engine, _sessions
    if _engine is not None:
        _engine.dispose()
    _engine = make_engine(url, pool_size=pool_size)
    _sessions = make_sessions(_engine)
    return _sessions


def sessions() -> SessionFactory:
    """This process's sessions."""
    if _sessions is None:
        raise RuntimeError("connect() has not been called")
    return _sessions


@contextmanager
def apart() -> Iterator[Session]:
    """A transaction of its own, committed at the end: for a note about a request that itself changes nothing."""
    with sessions()() as session:
        yield session
        session.commit()


def db_now(session: Session) -> datetime:
    """The database's clock at the start of this transaction, aware UTC: asked once for each, as it stands still in it."""
    known: tuple[Any, datetime] | None = session.info.get(_NOW)
    if known is not None and known[0] is session.get_transaction():
        return known[1]
    moment = session.scalars(select(func.now())).one()
    session.info[_NOW] = session.get_transaction(), moment
    return moment


_NOW = "openpassage.now"


def legal_day(moment: datetime) -> date:
    """The day of an instant in the country's zone."""
    return moment.astimezone(ZoneInfo(legal_zone())).date()


def legal_today(session: Session, zone: str | None = None) -> date:
    """Today where the ministry is, from the database's clock: legal days are counted in the country's own zone."""
    return db_now(session).astimezone(ZoneInfo(zone or legal_zone())).date()


_zone = "Asia/Kathmandu"


def set_legal_zone(zone: str) -> None:
    """The country package's time zone (set once at start)."""
    global _zone
    ZoneInfo(zone)
    _zone = zone


def legal_zone() -> str:
    return _zone
