"""The places that this deployment brings its heads to."""

from agencies.register_log.folder import FolderAnchor
from agencies.register_log.port import Anchor
from agencies.register_log.timestamps import TimestampAnchor
from core.settings import current


def places() -> dict[str, Anchor]:
    """Every place that is set up, by name."""
    chosen = current()
    found: list[Anchor] = []
    if chosen.anchor_folder is not None:
        found.append(FolderAnchor(chosen.anchor_folder))
    if chosen.timestamp_url and chosen.timestamp_ca is not None:
        found.append(TimestampAnchor(chosen.timestamp_url, chosen.timestamp_ca))
    return {place.name: place for place in found}
