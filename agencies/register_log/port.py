"""Where signed heads are brought, so that the operator alone can't take them back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from core.errors import DomainError
from core.merkle import Tree


class AnchorFailed(DomainError):
    """The place could not be reached, or what it gave back does not fit."""


class Wrong(StrEnum):
    """What a comparison finds at a keeper of heads."""

    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"
    SIGNATURE = "signature"
    STAMP = "stamp"
    GONE = "gone"
    FORK = "fork"
    HISTORY = "history"
    SHRUNK = "shrunk"
    UNKNOWN = "unknown"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Noted:
    """What this log noted of a head that it brought to a place, on a day (UTC), and what came back."""

    number: int
    day: date
    receipt: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """One head at a keeper: its token, or what is wrong with it. ``day`` None: that of the head itself."""

    number: int
    token: str | None
    wrong: Wrong | None = None
    day: date | None = None


class Anchor(Protocol):
    """A place outside the operator's control. ``only_hashes``: it proves heads that others show, and holds none itself."""

    name: str
    only_hashes: bool

    def keep(self, number: int, token: str, log: Tree) -> bytes:
        """Bring one signed head there; gives what proves it (bytes to be kept). ``log`` is the log as it is now.

        :raises AnchorFailed: when that did not work; it is tried again.
        """

    def kept(self, noted: Sequence[Noted], tokens: Mapping[int, set[str]]) -> Sequence[Held]:
        """Every head that the place keeps. ``noted`` is what it must have; ``tokens`` are the heads of each number that are
        known from elsewhere.

        :raises AnchorFailed: when it can't be asked.
        """
