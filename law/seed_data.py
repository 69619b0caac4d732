"""Made-up names, places and rates of a country for its demo: ``law/<country>/seed/*.json``. None is a real person or agency."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from core import settings
from core.errors import ConfigurationError
from core.settings import ROOT


def seed_file(name: str) -> Path:
    """One file of this deployment's demo.

    :raises ConfigurationError: when the country has none.
    """
    path = ROOT / "law" / settings.current().country / "seed" / f"{name}.json"
    if not path.is_file():
        raise ConfigurationError(f"law/{settings.current().country}/seed lacks {name}.json, which the demo needs.")
    return path


def seed_data(name: str) -> Any:
    """``agencies`` (words, trades, form, copies, given, family, districts, streets, towns) or ``people`` (communities)."""
    return _read(seed_file(name))


@lru_cache
def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
