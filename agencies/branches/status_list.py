"""The signed list of papers that stand no more, so that a scanner without a network knows yesterday's state."""

import threading
import time
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.orm import Session

from agencies.branches.queries import revocations
from core.audit import canonical
from core.db import db_now, legal_today
from core.settings import current
from core.signing import sign_token

TOKEN_TYPE = "status-list"  # noqa: S105 -- the type of a signed document
SECONDS = 30


@dataclass(frozen=True, slots=True)
class StatusList:
    """``jws`` is the compact signature over ``{iss, day, at, cards, licences}``; ``etag`` changes with the content alone."""

    jws: str
    etag: str
    made: float


_lock = threading.Lock()
_made: dict[tuple[str, bytes], StatusList] = {}


def status_list(session: Session) -> StatusList:
    """The list, at most half a minute old; signed anew only when it has changed, or a day has begun."""
    place = (current().database_url, current().master_key)
    with _lock:
        known = _made.get(place)
        if known is not None and time.monotonic() - known.made < SECONDS:
            return known
        today = legal_today(session)
        content = {"iss": current().public_url, "day": today.isoformat(), **revocations(session, today)}
        etag = sha256(canonical(content).encode()).hexdigest()[:32]
        if known is not None and known.etag == etag:
            fresh = StatusList(known.jws, etag, time.monotonic())
        else:
            signed = sign_token({**content, "at": db_now(session)}, typ=TOKEN_TYPE)
            fresh = StatusList(signed, etag, time.monotonic())
        _made[place] = fresh
        return fresh


def forget() -> None:
    """Make the list anew at the next question (tests; a new key)."""
    with _lock:
        _made.clear()
