"""Screening against lists of sanctioned persons. A likeness never refuses anybody: an officer looks at it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from core.errors import ConfigurationError
from core.names import POSSIBLE, compare_persons
from core.names.keys import person_keys
from core.settings import current
from remittance.quotes.tariffs import DATA


@dataclass(frozen=True, slots=True)
class Likeness:
    """An entry of a list that a name is like, 0 to 100. Only the entry's id is stored, never the person's name."""

    entry: str
    listed_name: str
    score: int


class ScreeningList(Protocol):
    """A dated list of names."""

    origin: str
    dated_on: date

    def like(self, name: str) -> Sequence[Likeness]:
        """Every entry that may be this person, the most alike first."""
        ...


class FileList:
    """A list in a JSON file: ``{origin, dated_on, names: [{id, name}]}``, looked up by the sounds of a name."""

    def __init__(self, path: Path) -> None:
        data = json.loads(path.read_text(encoding="utf-8"))
        self.origin = str(data["origin"])
        self.dated_on = date.fromisoformat(data["dated_on"])
        self._names: dict[str, str] = {n["id"]: n["name"] for n in data["names"]}
        self._by_key: dict[str, set[str]] = {}
        for entry, name in self._names.items():
            for key in person_keys(name):
                self._by_key.setdefault(key, set()).add(entry)

    def like(self, name: str) -> Sequence[Likeness]:
        candidates = {entry for key in person_keys(name) for entry in self._by_key.get(key, ())}
        scored = [Likeness(e, self._names[e], compare_persons(name, self._names[e]).score) for e in candidates]
        return sorted((s for s in scored if s.score >= POSSIBLE), key=lambda s: (-s.score, s.entry))

    def name_of(self, entry: str) -> str:
        return self._names.get(entry, "")


def screening_list() -> FileList:
    """The list of this deployment: ``screening.json`` in the bank folder, or the made-up one of the demo.

    :raises ConfigurationError: when there is none outside demo mode. Nothing is sent unscreened.
    """
    own = current().bank_folder / "screening.json"
    if own.is_file():
        return _read(own, own.stat().st_mtime_ns)
    if not current().demo:
        raise ConfigurationError("There is no list to screen against: put screening.json into the bank folder.")
    return _read(DATA / "demo_list.json", 0)


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int) -> FileList:
    return FileList(path)
