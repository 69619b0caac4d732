"""An answer of the register as bytes, with its tags: made once, given many times, by the pages and ahead of them alike."""

import gzip
import json
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from agencies.register.cursors import after, place_after, place_within, within
from agencies.register.presentation import api_row
from agencies.register.search import Hit, listing, search
from agencies.register.snapshot import Register

LIMIT = 20
API = "/api/v1/licences"


class Rendered:
    """A strong tag names exact bytes, so the compressed form, made when first asked for, has its own."""

    def __init__(self, plain: bytes, media_type: str, link: str | None = None) -> None:
        self.plain, self.media_type, self.link = plain, media_type, link
        self.tag = sha256(plain).hexdigest()[:32]

    @cached_property
    def zipped(self) -> bytes | None:
        """None where it would not be shorter."""
        zipped = gzip.compress(self.plain, 6, mtime=0)
        return zipped if len(zipped) < len(self.plain) else None

    def form(self, *, gzipped: bool) -> tuple[bytes, str | None, str]:
        """Body, content encoding and tag for a browser that takes gzip or not."""
        if gzipped and self.zipped is not None:
            return self.zipped, "gzip", f'"{self.tag}-gz"'
        return self.plain, None, f'"{self.tag}"'

    def known_by(self, if_none_match: str) -> bool:
        """Whether the asker has these very contents already (``If-None-Match``)."""
        tags = {t.strip().removeprefix("W/") for t in if_none_match.split(",")}
        return bool(tags & {f'"{self.tag}"', f'"{self.tag}-gz"', "*"})


def as_json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def answer(register: Register, today: date, query: str, *, cursor: str | None = None, limit: int = LIMIT) -> Rendered:
    """What the register answers to a query; to an empty one, the whole register by name.

    :raises WrongCursor: for a cursor that is none of ours.
    :raises ChangedOrder: when the query's answer has another order than the one that the cursor was given for.
    """
    following = None
    if query.strip():
        hits = search(register, query, today).hits
        ids = [hit.entry.agency_id for hit in hits]
        place = place_within(ids, cursor)
        part = list(hits[place : place + limit])
        following = within(ids, place + limit) if place + limit < len(hits) else None
    else:
        part, following = whole_page(register, today, cursor, limit)
    body = {"results": [api_row(hit) for hit in part], "next_cursor": following, "as_of": today.isoformat()}
    link = None
    if following:
        link = f'<{API}?{urlencode({"q": query, "limit": limit, "cursor": following})}>; rel="next"'
    return Rendered(as_json(body), "application/json", link)


def whole_page(register: Register, today: date, cursor: str | None, limit: int) -> tuple[list[Hit], str | None]:
    """One page of the whole register by name, and the cursor of the next.

    :raises WrongCursor: for a cursor that is none of ours.
    """
    place = place_after(register, cursor)
    part = listing(register, today, offset=place, limit=limit)
    return part, after(part[-1].entry) if place + limit < len(register.entries) else None
