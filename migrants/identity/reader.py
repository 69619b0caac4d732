"""The port of a reader of passport photos, and the one that runs here."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reading:
    """Two lines of 44 characters whose check digits all fit, or nothing. ``confidence`` from 0 to 1.

    ``page``: a portrait and the personal data stand above the lines, as on a passport's page.
    """

    lines: tuple[str, str] | None
    confidence: float
    page: bool = False


class PhotoReader(Protocol):
    """Reads the machine-readable zone from a photo (JPEG bytes)."""

    def read(self, image: bytes) -> Reading: ...
