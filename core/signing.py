"""Signed tokens for QR codes: compact JWS (ES256) that verify offline with the published key set."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from core import settings
from core.errors import ConfigurationError, DomainError
from core.i18n import _l


@lru_cache
def _keys(folder: Path, demo: bool) -> KeySet:
    """The signing keys: ``*.json`` private JWKs in the folder; the newest name signs, all of them verify."""
    paths = sorted(folder.glob("*.json"))
    if not paths:
        if not demo:
            raise ConfigurationError(f"No signing key: run `portal keys new`, which writes one under {folder.name}/.")
        new_key(folder, "demo")
        paths = sorted(folder.glob("*.json"))
    return KeySet([ECKey.import_key(json.loads(p.read_text())) for p in paths])


def new_key(folder: Path, name: str) -> Path:
    """Write a new private key, readable by its owner alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, private=True)
    data = key.as_dict(private=True)
    data["kid"] = key.thumbprint()
    path = folder / f"{name}.json"
    partial = path.with_suffix(".new")
    partial.write_text(json.dumps(data))
    partial.chmod(0o600)
    partial.replace(path)
    return path


def _key_set() -> KeySet:
    chosen = settings.current()
    return _keys(chosen.var / "keys", chosen.demo or chosen.testing)


def sign_token(claims: dict[str, Any], *, typ: str) -> str:
    """A compact JWS over ``claims``, with ``typ`` in its header so that one document can't pass for another.

    Claims hold no more personal data than the printed document shows.
    """
    keys = _key_set().keys
    key = keys[-1]
    header = {"alg": "ES256", "typ": typ, "kid": key.kid}
    body = json.dumps(claims, separators=(",", ":"), ensure_ascii=False, sort_keys=True, default=_plain)
    return jws.serialize_compact(header, body.encode(), key, algorithms=["ES256"])


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) or hasattr(value, "isoformat") else str(value)


def _signer(token: str) -> str:
    """The key that a token names, unproved.

    :raises DomainError: when it is no token.
    """
    try:
        part = token.split(".")[0]
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return str(header["kid"])
    except (ValueError, KeyError, TypeError):
        raise DomainError(_l("This code was not issued here, or it was changed.")) from None


def verify_token(token: str, typ: str | None = None) -> tuple[str, dict[str, Any]]:
    """The document type and the claims of a token that one of our keys signed.

    :raises DomainError: when a byte was changed, the key is not ours, or the type is another one.
    """
    if _signer(token) not in {key.kid for key in _key_set().keys}:
        raise DomainError(_l("This code was signed with a key that is not ours, or that is not used any more."))
    try:
        opened = jws.deserialize_compact(token, _key_set(), algorithms=["ES256"])
        claims = json.loads(opened.payload)
        found = str(opened.headers()["typ"])
    except (JoseError, ValueError, KeyError, TypeError, UnicodeError):
        raise DomainError(_l("This code was not issued here, or it was changed.")) from None
    if typ is not None and found != typ:
        raise DomainError(_l("This code belongs to another kind of document."))
    return found, claims


def public_jwks() -> dict[str, Any]:
    """The public key set (RFC 7517) for offline verification."""
    return {"keys": [{**key.as_dict(private=False), "kid": key.kid} for key in _key_set().keys]}


def open_with(token: str, keys: Mapping[str, Any], typ: str) -> dict[str, Any]:
    """The claims of a token that one of the given public keys (a JWK set) signed: for checking without our own keys.

    :raises DomainError: when none of them did, or the type is another one.
    """
    try:
        opened = jws.deserialize_compact(token, KeySet.import_key_set(dict(keys)), algorithms=["ES256"])  # type: ignore[arg-type]
        claims = json.loads(opened.payload)
        if opened.headers().get("typ") != typ or not isinstance(claims, dict):
            raise ValueError(typ)
    except (JoseError, ValueError, KeyError, TypeError, UnicodeError):
        raise DomainError(_l("This code was not issued here, or it was changed.")) from None
    return claims


def key_id(token: str) -> str:
    """Which key a token says that it was signed with, unchecked."""
    try:
        head = token.split(".")[0]
        return str(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])
    except (ValueError, KeyError, TypeError):
        return ""
