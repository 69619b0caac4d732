"""Names for made-up migrants, by community as they go together; none is a real person."""

from dataclasses import dataclass
from random import Random
from typing import Any

from law.seed_data import seed_data


@dataclass(frozen=True, slots=True)
class MadeUp:
    """One made-up person's names. ``family`` is empty for a one-part name."""

    given: str
    family: str
    native: str
    father: str
    mother: str

    @property
    def latin(self) -> str:
        return f"{self.given} {self.family}".strip()


def made_up(rng: Random, sex: str) -> MadeUp:
    """Names of one person and the parents, from one community; one in a hundred has a one-part name."""
    communities: list[dict[str, Any]] = seed_data("people")
    community = rng.choices(communities, [c["share"] for c in communities])[0]
    family = rng.choice(community["families"])
    given = rng.choice(community["women"] if sex == "F" else community["men"])
    own = rng.choice(community["women_families"]) if sex == "F" and community["women_families"] else family
    father = f"{rng.choice(community['men'])[0]} {family[0]}"
    mother = f"{rng.choice(community['women'])[0]} {rng.choice(community['women_families'] or (family,))[0]}"
    if rng.random() < 0.01:
        return MadeUp(given[0].split()[0], "", (given[1] or given[0]).split()[0], father, mother)
    native = f"{given[1]} {own[1]}" if given[1] else f"{given[0]} {own[0]}"
    return MadeUp(given[0], own[0], native, father, mother)
