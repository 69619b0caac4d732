"""Three values of each field: as last imported, as it stands here, as the line says now."""

from collections.abc import Mapping
from dataclasses import dataclass

Values = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Merge:
    """``changes`` may follow the source, ``clashes`` were changed on both sides."""

    changes: tuple[str, ...]
    clashes: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.changes, *self.clashes)


def merge(base: Values, ours: Values, theirs: Values) -> Merge:
    """What a line changes.

    A field follows the source only where the source has news and ours is still what was imported. What the source never
    changed, this portal may have changed as it liked; what both changed alike is no news.
    """
    news = [f for f in theirs if theirs[f] != base.get(f) and theirs[f] != ours.get(f)]
    return Merge(
        tuple(f for f in news if ours.get(f) == base.get(f)), tuple(f for f in news if ours.get(f) != base.get(f))
    )


def differing(ours: Values, theirs: Values) -> tuple[str, ...]:
    """Fields that say otherwise there than here."""
    return tuple(f for f in theirs if theirs[f] != ours.get(f))
