"""Identifiers: time-ordered random ids inside, short references with a check character for people.

Neither opens anything by itself: whoever presents one still needs the right to see the record.
"""

import os
import re
import secrets
import time
import uuid

# Crockford base32: no I, L, O or U, so that a reference survives a telephone line and a hand-written note.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
_BODY = 9


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


def _times_alpha(value: int) -> int:
    """Multiplication by the generator of GF(32), polynomial x^5 + x^2 + 1."""
    value <<= 1
    return value ^ 0b100101 if value & 0b100000 else value


def check_character(body: str) -> str:
    """One check character over base32: a linear code over GF(32).

    Each place has another weight (a power of the generator), so every single wrong character and every swap of neighbours is
    noticed; the hybrid systems of ISO 7064 miss some swaps.
    """
    check = 0
    for character in body:
        check = _times_alpha(check ^ ALPHABET.index(character))
    return ALPHABET[check]


def new_reference(prefix: str) -> str:
    """A reference for people such as ``AG-7K3M-9QXTB-C``: 45 random bits and a check character."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_BODY))
    return f"{prefix}-{body[:4]}-{body[4:]}-{check_character(prefix_digits(prefix) + body)}"


def prefix_digits(prefix: str) -> str:
    return prefix.upper().translate(_READ_AS)


def parse_reference(text: str) -> str | None:
    """The canonical form of a reference as a person typed it, or None when it can't be one."""
    compact = re.sub(r"[\s\-‐-―_./]", "", text).upper()
    match = re.fullmatch(rf"([A-Z]{{2}})([0-9A-Z]{{{_BODY}}})([0-9A-Z])", compact)
    if match is None:
        return None
    prefix, body, check = match[1], match[2].translate(_READ_AS), match[3].translate(_READ_AS)
    if check_character(prefix_digits(prefix) + body) != check:
        return None
    return f"{prefix}-{body[:4]}-{body[4:]}-{check}"
