"""The place in a list of results, as an opaque text."""

import base64


def cursor_at(offset: int) -> str:
    return base64.urlsafe_b64encode(f"o{offset}".encode()).decode().rstrip("=")


def offset_of(cursor: str | None) -> int | None:
    """The place that a cursor names; None when it is none of ours."""
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        return None
    return int(text[1:]) if text[:1] == "o" and text[1:].isascii() and text[1:].isdigit() and len(text) < 9 else None
