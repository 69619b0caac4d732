"""Personal data: one encrypted column type, a key per person, keyed blind indexes.

A value is sealed with AES-256-GCM under its person's key and bound to table, column and row, so that a ciphertext
copied to another row does not open. A person's key is wrapped by the master key; destroying it erases the person
everywhere, backups included. Exact look-ups go through keyed hashes of the normalised value.
"""

import hmac
import os
import threading
import time
from collections import OrderedDict
from datetime import datetime
from hashlib import sha256
from typing import Any, overload
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import ForeignKey, LargeBinary, inspect
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column, object_session
from sqlalchemy.types import TypeDecorator

from core import settings
from core.db import Base, Recorded, sessions

_NONCE = 12


def derived_key(purpose: str) -> bytes:
    """A 32-byte key for one purpose, derived from the master key (HKDF-SHA256)."""
    master = settings.current().master_key
    cached = _derived.get((master, purpose))
    if cached is None:
        cached = HKDF(SHA256(), 32, salt=None, info=f"openpassage/{purpose}".encode()).derive(master)
        _derived[master, purpose] = cached
    return cached


_derived: dict[tuple[bytes, str], bytes] = {}


class Encrypted(TypeDecorator[bytes]):
    """A sealed personal value: nonce, ciphertext and tag. House rules find personal data by this type."""

    impl = LargeBinary
    cache_ok = True


class PersonKey(Recorded, Base):
    """The key of one person, wrapped. ``wrapped`` is NULL once destroyed: nothing of theirs opens again."""

    __tablename__ = "person_key"

    wrapped: Mapped[bytes | None]
    destroyed_at: Mapped[datetime | None]


class HasPersonKey:
    """Mixin for a table whose personal columns belong to one person."""

    @declared_attr
    def person_key_id(cls) -> Mapped[UUID]:  # noqa: N805 -- SQLAlchemy's declared_attr takes the class
        return mapped_column(ForeignKey("person_key.id"), index=True)


KEPT_SECONDS = 60
"""How long an opened key is used without a look at the database: a key that another process destroyed is gone after it."""


def clock() -> float:
    """Seconds that only go forward."""
    return time.monotonic()


class _Keys:
    """A small cache of opened person keys: reading a list must not unwrap each key twice."""

    def __init__(self, size: int = 50_000) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._open: OrderedDict[UUID, tuple[bytes, float]] = OrderedDict()

    def get(self, key_id: UUID) -> bytes | None:
        with self._lock:
            found = self._open.get(key_id)
            if found is None or found[1] < clock():
                return None
            return found[0]

    def put(self, key_id: UUID, key: bytes) -> None:
        with self._lock:
            self._open[key_id] = (key, clock() + KEPT_SECONDS)
            while len(self._open) > self._size:
                self._open.popitem(last=False)

    def forget(self, key_id: UUID) -> None:
        with self._lock:
            self._open.pop(key_id, None)


_keys = _Keys()


def wrap(key_id: UUID, key: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(derived_key("wrap")).encrypt(nonce, key, key_id.bytes)


def new_person(session: Session, **known: Any) -> PersonKey:
    """A new key for a person not yet known here. Add it before the rows that use it.

    :param known: ``id`` and ``created_at``, where the usual ones would tell the instant of something anonymous.
    """
    person = PersonKey(**known)
    key = AESGCM.generate_key(256)
    person.wrapped = wrap(person.id, key)
    _keys.put(person.id, key)
    session.add(person)
    # Rows refer to the key by id alone (no relationship), so the key must be there before them.
    session.flush()
    return person


def destroy_person(session: Session, person_key_id: UUID, at: datetime) -> None:
    """Erase a person: their sealed values can't be opened any more, here or in a backup restored with this table; in other
    processes that had opened them, a minute later at the most."""
    person = session.get_one(PersonKey, person_key_id, with_for_update=True)
    person.wrapped = None
    person.destroyed_at = at
    _keys.forget(person_key_id)


def person_secret(session: Session | None, key_id: UUID) -> bytes | None:
    """The opened key, or None once it was destroyed."""
    key = _keys.get(key_id)
    if key is not None:
        return key
    if session is None:
        # A record that is being made is in no session yet; the person's key may have been put away since the last look.
        with sessions()() as own:
            person = own.get(PersonKey, key_id)
    else:
        with session.no_autoflush:
            person = session.get(PersonKey, key_id)
    if person is None or person.wrapped is None:
        return None
    key = AESGCM(derived_key("wrap")).decrypt(person.wrapped[:_NONCE], person.wrapped[_NONCE:], key_id.bytes)
    _keys.put(key_id, key)
    return key


def preload_keys(session: Session, key_ids: list[UUID]) -> None:
    """Open many keys in one query, before a list is shown."""
    from sqlalchemy import select

    missing = [k for k in key_ids if _keys.get(k) is None]
    if not missing:
        return
    rows = session.execute(select(PersonKey.id, PersonKey.wrapped).where(PersonKey.id.in_(missing)))
    cipher = AESGCM(derived_key("wrap"))
    for key_id, wrapped in rows:
        if wrapped is not None:
            _keys.put(key_id, cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], key_id.bytes))


def seal(key: bytes, place: str, value: str) -> bytes:
    """``nonce || ciphertext`` of one value for one place (``table.column:row``)."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, value.encode(), place.encode())


def unseal(key: bytes, place: str, sealed: bytes) -> str:
    """The value.

    :raises ValueError: when the ciphertext was changed or belongs to another place.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode()).decode()
    except InvalidTag:
        raise ValueError(f"the sealed value at {place} does not open") from None


def place_of(table: str, column: str, row: UUID) -> str:
    return f"{table}.{column}:{row}"


class personal:  # noqa: N801 -- reads like the builtin `property`
    """Attribute over an ``Encrypted`` column: plain text in Python, sealed in the database.

    >>> class Director(HasPersonKey, Recorded, Base):
    ...     name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    ...     name = personal("name_sealed")

    Reads None when empty or when the person's key was destroyed.
    """

    def __init__(self, column: str) -> None:
        self.column = column

    @overload
    def __get__(self, record: None, owner: type) -> "personal": ...
    @overload
    def __get__(self, record: Any, owner: type) -> str | None: ...
    def __get__(self, record: Any, owner: type) -> "personal | str | None":
        if record is None:
            return self
        sealed = getattr(record, self.column)
        if sealed is None:
            return None
        key = person_secret(_session_of(record), record.person_key_id)
        return None if key is None else unseal(key, self._place(record), sealed)

    def __set__(self, record: Any, value: str | None) -> None:
        if value is None:
            setattr(record, self.column, None)
            return
        key = person_secret(_session_of(record), record.person_key_id)
        if key is None:
            raise ValueError("this person's key was destroyed")
        setattr(record, self.column, seal(key, self._place(record), value))

    def _place(self, record: Any) -> str:
        return place_of(record.__tablename__, self.column, record.id)


def _session_of(record: Any) -> Session | None:
    return object_session(record) if inspect(record, raiseerr=False) is not None else None


def blind_index(purpose: str, value: str) -> bytes:
    """A 16-byte keyed hash for exact look-up. Normalise first; purposes never match each other."""
    return hmac.new(derived_key("blind"), f"{purpose}\0{value}".encode(), sha256).digest()[:16]
