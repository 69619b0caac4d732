"""One line of a checklist: what must hold, whether it does, and what it rests on."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    MET = "met"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of the checklist. ``mend`` says how to get it; ``row`` is the law row it rests on, if any."""

    code: str
    title: Any
    state: State
    hard: bool
    why: Any = ""
    mend: Any = ""
    row: dict[str, Any] | None = None

    def as_evidence(self) -> dict[str, Any]:
        return {"code": self.code, "state": str(self.state), "hard": self.hard, "row": self.row}
