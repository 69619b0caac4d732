"""What a seed builds upon: a seeded random source, the legal day, offices, staff, and the ids that packages made so far."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from core.actor import Actor


@dataclass
class World:
    """Handed from package to package, lower ones first. ``found`` holds what the adversarial profile prints."""

    today: date
    rng: random.Random
    offices: dict[str, UUID] = field(default_factory=dict)
    staff: dict[str, UUID] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    ids: dict[str, list[UUID]] = field(default_factory=dict)
    accounts: list[dict[str, Any]] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)
    progress: Callable[[str], None] = lambda _text: None
