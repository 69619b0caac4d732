"""Counting how often something is tried: sign-in, codes, reports, searches. Keys are kept as keyed hashes.

Counts are written in a transaction of their own, so that a refused request still counts.
"""

from sqlalchemy import LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, sessions
from core.errors import TooMany
from core.i18n import _l
from core.privacy import blind_index


class ThrottleCount(Base):
    """Tries in one window. Old windows are swept by a schedule."""

    __tablename__ = "throttle_count"

    bucket: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seconds: Mapped[int]
    tries: Mapped[int]


_COUNT = text(
    'INSERT INTO throttle_count (bucket, key_hash, "window", seconds, tries) VALUES (:bucket, :key,'
    " floor(extract(epoch FROM clock_timestamp()) / :seconds), :seconds, 1)"
    ' ON CONFLICT (bucket, key_hash, "window") DO UPDATE SET tries = throttle_count.tries + 1 RETURNING tries'
)
_SEEN = text(
    "SELECT coalesce(sum(tries), 0) FROM throttle_count WHERE bucket = :bucket AND key_hash = :key"
    ' AND ("window" + 2) * seconds > extract(epoch FROM clock_timestamp())'
)


def count(bucket: str, key: str, *, seconds: int) -> int:
    """Count one try and give how many there were in this window."""
    with sessions()() as session:
        tries = session.execute(
            _COUNT, {"bucket": bucket, "key": blind_index(f"throttle:{bucket}", key), "seconds": seconds}
        ).scalar_one()
        session.commit()
    return int(tries)


def seen(bucket: str, key: str) -> int:
    """How many tries stand in this window and the one before it."""
    with sessions()() as session:
        return int(
            session.execute(_SEEN, {"bucket": bucket, "key": blind_index(f"throttle:{bucket}", key)}).scalar_one()
        )


def hit(bucket: str, key: str, *, limit: int, seconds: int) -> None:
    """Count one try.

    :raises TooMany: once there are more than ``limit`` in the window.
    """
    if count(bucket, key, seconds=seconds) > limit:
        raise TooMany(_l("Too many tries. Wait a few minutes, then try again."), retry_after=seconds)
