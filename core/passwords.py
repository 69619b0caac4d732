"""Passwords, PINs and random tokens: Argon2id for what a person chose, SHA-256 for what chance chose."""

import hmac
import secrets
from functools import lru_cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from core import settings
from core.errors import DomainError
from core.i18n import _l


@lru_cache
def _hasher(light: bool) -> PasswordHasher:
    # RFC 9106's second recommended option; tests use a light one, since Argon2 is slow on purpose.
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if light else PasswordHasher()


def hash_secret(secret: str) -> str:
    """Argon2id over a password or PIN."""
    return _hasher(settings.current().testing).hash(secret)


def secret_matches(hashed: str | None, secret: str) -> bool:
    """Whether the secret is the one; takes as long for an account that has none."""
    try:
        return (
            _hasher(settings.current().testing).verify(hashed or _decoy(settings.current().testing), secret)
            and hashed is not None
        )
    except (VerifyMismatchError, InvalidHashError):
        return False


@lru_cache
def _decoy(light: bool) -> str:
    return _hasher(light).hash(secrets.token_hex(16))


def check_new_secret(secret: str) -> None:
    """A password of at least 8 characters that is not all one character.

    :raises DomainError: in a sentence for the person.
    """
    if len(secret) < 8:
        raise DomainError(_l("Use at least 8 letters or digits."), field="password")
    if len(secret) > 200:
        raise DomainError(_l("Use at most 200 letters or digits."), field="password")
    if len(set(secret)) < 3 or secret in {"12345678", "123456789", "password", "nepal123", "11223344"}:
        raise DomainError(_l("This is too easy to guess. Choose another."), field="password")


def token_hash(token: str) -> bytes:
    """What the database keeps of a random token."""
    return sha256(token.encode()).digest()


def same_bytes(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode(), b.encode())
