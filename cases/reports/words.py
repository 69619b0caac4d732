"""Codenames: seven everyday words in Latin letters, made of chance, kept as a keyed Argon2id hash alone.

512 words that differ in their first four letters at the latest: 512^7 is 2^63 codenames. Only the first four letters of a
word count, so that a slip at its end, or a telephone that corrects it, does no harm. The list (``words.txt``) is our own.
"""

import hmac
import re
import unicodedata
from hashlib import sha256
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw

from core import settings
from core.privacy import derived_key

LENGTH = 7
TELLING = 4
WORDS = tuple(Path(__file__).with_name("words.txt").read_text(encoding="ascii").split())
_BY_START = {word[:TELLING]: word for word in WORDS}


def codename_of(secret: bytes) -> str:
    """The codename that belongs to a draft's own secret (16 random bytes): the same each time, and nobody else's."""
    number = int.from_bytes(hmac.new(derived_key("report-words"), secret, sha256).digest(), "big")
    chosen = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(WORDS))
        chosen.append(WORDS[place])
    return " ".join(chosen)


def read_codename(text: str) -> str:
    """A codename as a person typed it, in its one form; what is none stays as it was typed, and belongs to nobody."""
    typed = re.findall(r"[a-z]+", unicodedata.normalize("NFKC", text).lower())
    known = [_BY_START.get(word[:TELLING]) for word in typed]
    if len(known) == LENGTH and all(known):
        return " ".join(str(word) for word in known)
    return text[:200]


def codename_index(codename: str) -> bytes:
    """What is kept of a codename: Argon2id under the deployment's own salt, then a keyed hash (32 bytes).

    It takes as long for every text, whether it is somebody's codename or not.
    """
    light = settings.current().testing
    slow = hash_secret_raw(
        read_codename(codename).encode(),
        derived_key("report-codename-salt")[:16],
        time_cost=1 if light else 3,
        memory_cost=8 if light else 65536,
        parallelism=1 if light else 4,
        hash_len=32,
        type=Type.ID,
    )
    return hmac.new(derived_key("report-codename"), slow, sha256).digest()
