"""The register's transparency log: what happened, the leaves that were sealed, signed heads, and where heads went."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from core.audit import Xid8
from core.db import Base


class RegisterEvent(Base):
    """One public change of a licence or of an order, written by triggers on those tables in the deciding transaction.

    The application's role may only read it: the trigger writes with its owner's rights, so that no writer of the
    application can forget, invent or change a row. ``day`` is empty when the change takes effect on the day it is made.
    """

    __tablename__ = "register_event"
    __table_args__ = (Index(None, "xid"), Index(None, "agency"), Index(None, "licence"), Index(None, "recorded_at"))

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    xid: Mapped[int] = mapped_column(Xid8(), server_default=text("pg_current_xact_id()"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    event: Mapped[str]
    agency: Mapped[str]
    licence: Mapped[str | None]
    licence_class: Mapped[str | None]
    order_reference: Mapped[str | None]
    order_kind: Mapped[str | None]
    status: Mapped[str]
    until: Mapped[date | None]
    day: Mapped[date | None]
    imported: Mapped[bool]


class RegisterLeaf(Base):
    """A sealed event: its place in the tree and the exact text that is hashed. SELECT and INSERT only."""

    __tablename__ = "register_leaf"
    __table_args__ = (CheckConstraint("index >= 0", name="index"),)

    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("register_event.id"), unique=True)
    body: Mapped[str]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class RegisterHead(Base):
    """A signed tree head over the first ``size`` leaves. SELECT and INSERT only.

    ``floor`` is the start of the oldest transaction that was writing then: no leaf sealed later is older.
    """

    __tablename__ = "register_head"
    __table_args__ = (Index(None, "size"), CheckConstraint("size >= 0", name="size"))

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    floor: Mapped[datetime]
    token: Mapped[str]


class RegisterAnchor(Base):
    """One head brought to one place outside the operator's control, with what that place gave back."""

    __tablename__ = "register_anchor"

    head_number: Mapped[int] = mapped_column(ForeignKey("register_head.number"), primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    receipt: Mapped[bytes] = mapped_column(LargeBinary)
