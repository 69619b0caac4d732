"""Many people at once, for seeds and imports: sealed rows without one ORM object each."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import insert
from sqlalchemy.orm import Session

from core.ids import new_id
from core.privacy import PersonKey, place_of, seal, wrap

CHUNK = 2000


class BulkPeople:
    """Makes person keys and sealed values, and inserts rows table by table in chunks."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._keys: list[dict[str, Any]] = []
        self._rows: dict[Any, list[dict[str, Any]]] = {}

    def person(self) -> tuple[UUID, bytes]:
        """A new person's key: its id and the key itself."""
        key_id, key = new_id(), AESGCM.generate_key(256)
        self._keys.append({"id": key_id, "wrapped": wrap(key_id, key)})
        return key_id, key

    def add(self, model: Any, person: tuple[UUID, bytes], sealed: Mapping[str, str | None], **plain: Any) -> UUID:
        """One row of ``model``: ``sealed`` by column, the rest as it is. Gives its id."""
        row_id: UUID = plain.pop("id", None) or new_id()
        table = model.__tablename__
        row = {"id": row_id, "person_key_id": person[0], **plain}
        for column, value in sealed.items():
            row[column] = None if value is None else seal(person[1], place_of(table, column, row_id), value)
        self._rows.setdefault(model, []).append(row)
        return row_id

    def add_plain(self, model: Any, **plain: Any) -> UUID:
        """One row with nothing personal in it. Gives its id."""
        row_id: UUID = plain.pop("id", None) or new_id()
        self._rows.setdefault(model, []).append({"id": row_id, **plain})
        return row_id

    def flush(self) -> None:
        """Insert everything, keys first, tables in the order in which they were first used."""
        for model, rows in [(PersonKey, self._keys), *self._rows.items()]:
            for start in range(0, len(rows), CHUNK):
                self._session.execute(insert(model), rows[start : start + CHUNK])
        self._keys, self._rows = [], {}
