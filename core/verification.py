"""Verifying a signed document by its QR: one page for every kind, each package answers for its own.

A package declares ``@verifier("clearance")`` over ``def answer(session, claims) -> Verification``; the page at
``/verify/<token>`` finds it by the document type in the token's header.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from core.errors import DomainError
from core.i18n import _l
from core.signing import verify_token


class Answer(StrEnum):
    VALID = "valid"
    REVOKED = "revoked"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class Verification:
    """``facts`` are label and value pairs that the paper shows too: nothing more is told about a person."""

    answer: Answer
    title: Any
    sentence: Any
    facts: tuple[tuple[Any, str], ...] = ()


Verifier = Callable[[Session, Mapping[str, Any]], Verification]
_verifiers: dict[str, Verifier] = {}


def verifier(typ: str) -> Callable[[Verifier], Verifier]:
    """Declare who answers for documents of this type."""

    def declare(function: Verifier) -> Verifier:
        if typ in _verifiers:
            raise ValueError(f"two verifiers for {typ}")
        _verifiers[typ] = function
        return function

    return declare


def verify(session: Session, token: str) -> Verification:
    """What a token stands for now."""
    try:
        typ, claims = verify_token(token)
    except DomainError as error:
        return Verification(Answer.NOT_OURS, _l("This is not one of our documents"), error.message)
    answer = _verifiers.get(typ)
    if answer is None:
        return Verification(
            Answer.NOT_OURS,
            _l("This is not one of our documents"),
            _l("This code was signed here, but it belongs to no document that can be checked."),
        )
    return answer(session, claims)
