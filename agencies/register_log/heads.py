"""Signed tree heads: what is signed, and how a saved one is read."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agencies.register_log.leaf import instant, read_instant
from core.errors import DomainError
from core.signing import open_with, sign_token, verify_token

HEAD_TYPE = "register-head"
Reader = Callable[[str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Head:
    """A tree head. ``signed`` says whether the signature was found to be right."""

    number: int
    size: int
    root: bytes
    at: datetime
    floor: datetime
    token: str
    signed: bool


def sign_head(number: int, size: int, root: bytes, at: datetime, floor: datetime, issuer: str) -> str:
    """The head as a compact JWS (ES256)."""
    claims = {
        "iss": issuer,
        "number": number,
        "size": size,
        "root": root.hex(),
        "at": instant(at),
        "floor": instant(floor),
        "tree": "RFC 6962 SHA-256",
    }
    return sign_token(claims, typ=HEAD_TYPE)


def read_head(token: str, keys: dict[str, Any] | None = None) -> Head:
    """A head from its token, checked against ``keys`` (our own when none are given); unsigned when they do not fit.

    :raises ValueError: when it is no head at all.
    """
    try:
        claims = open_with(token, keys, HEAD_TYPE) if keys is not None else verify_token(token, HEAD_TYPE)[1]
        signed = True
    except DomainError:
        claims, signed = _unchecked(token), False
    try:
        return Head(
            int(claims["number"]),
            int(claims["size"]),
            bytes.fromhex(claims["root"]),
            read_instant(claims["at"]),
            read_instant(claims["floor"]),
            token,
            signed,
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not a tree head") from error


def _unchecked(token: str) -> dict[str, Any]:
    body = token.split(".")[1:2]
    if not body:
        raise ValueError("not a tree head")
    found = json.loads(base64.urlsafe_b64decode(body[0] + "=" * (-len(body[0]) % 4)))
    if not isinstance(found, dict):
        raise ValueError("not a tree head")
    return found


def saved_token(text: str) -> str:
    """The token in a saved file: the JWS itself, or the JSON that is published at /register/log/head.

    :raises ValueError: when there is none.
    """
    text = text.strip()
    if not text.startswith("{"):
        return text
    found = json.loads(text).get("jws")
    if not isinstance(found, str):
        raise ValueError("no head in this file")
    return found
