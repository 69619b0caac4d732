"""How often one network may try, without a note of who tried: counts live in this process's memory for one day.

A count in the database would hold a keyed hash of the address, next to the very transaction of the report; whoever has
the key could try all addresses. Here the key is chance, never leaves the process, and is thrown away with the day. Each
web process counts for itself, so that the true limit is a little higher (ADR 18).
"""

import hmac
import ipaddress
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256

from core.errors import TooMany
from core.i18n import _l

DAY = 86_400
REMEMBERED = 200_000


def network(address: str) -> str:
    """What is counted as one: an IPv4 address, or the /64 of an IPv6 one. Many telephones share one of either."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(found) if found.version == 4 else str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))


class Patience:
    """Counts of one process."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._day = -1
        self._salt = b""
        self._counts: OrderedDict[bytes, int] = OrderedDict()

    def hit(self, bucket: str, address: str, *, limit: int) -> None:
        """Count one try.

        :raises TooMany: once there are more than ``limit`` on this day.
        """
        with self._lock:
            day = int(self._clock() // DAY)
            if day != self._day:
                self._day, self._salt = day, os.urandom(32)
                self._counts.clear()
            key = hmac.new(self._salt, f"{bucket}\0{network(address)}".encode(), sha256).digest()
            tries = self._counts.pop(key, 0) + 1
            self._counts[key] = tries
            while len(self._counts) > REMEMBERED:
                self._counts.popitem(last=False)
        if tries > limit:
            raise TooMany(
                _l(
                    "This was tried too often today from the network that you use. Try tomorrow, or from another network."
                ),
                retry_after=DAY,
            )


PATIENCE = Patience()
