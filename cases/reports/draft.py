"""A report that is not sent yet: its answers travel in the form itself, sealed, for some hours. Nothing is kept here."""

import base64
import json
import os
import time
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.privacy import derived_key
from law.country import deployment

Answers = dict[str, list[str]]
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Draft:
    """``secret`` makes the codename; ``begun`` is the second at which the first page was asked for."""

    secret: bytes
    begun: int
    answers: Answers = field(default_factory=dict)

    def with_answers(self, given: Answers) -> "Draft":
        return replace(self, answers=self.answers | given)

    @property
    def hasty(self) -> bool:
        """Sent faster than a person writes."""
        return bool(time.time() - self.begun < deployment().standard("report_patience_seconds"))


def new_draft() -> Draft:
    return Draft(os.urandom(16), int(time.time()))


def seal_draft(draft: Draft) -> str:
    """The draft as text for a form field; only this portal opens it."""
    return _seal("report-draft", [draft.secret.hex(), draft.begun, draft.answers])


def open_draft(text: str) -> Draft | None:
    """The draft of a form, or None when it is none of ours or too old."""
    found = _open("report-draft", text)
    if found is None:
        return None
    secret, begun, answers = found
    if not 0 <= time.time() - begun <= deployment().standard("report_draft_hours") * 3600:
        return None
    return Draft(bytes.fromhex(secret), begun, answers)


def seal_key(codename: str) -> str:
    """A codename for the pages that follow the one where it was typed, so that it need not stand in them."""
    return _seal("report-thread", [codename, int(time.time())])


def open_key(text: str) -> str | None:
    """The codename of such a page, or None when the page is too old."""
    found = _open("report-thread", text)
    if found is None or not 0 <= time.time() - found[1] <= 3600:
        return None
    return str(found[0])


def _seal(purpose: str, content: list[Any]) -> str:
    nonce = os.urandom(_NONCE)
    plain = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    # Full blocks of 256 bytes: the length of a page tells less about what was written.
    plain += b" " * (-len(plain) % 256)
    return base64.urlsafe_b64encode(nonce + AESGCM(derived_key(purpose)).encrypt(nonce, plain, None)).decode()


def _open(purpose: str, text: str) -> list[Any] | None:
    try:
        raw = base64.urlsafe_b64decode(text.encode())
        plain = AESGCM(derived_key(purpose)).decrypt(raw[:_NONCE], raw[_NONCE:], None)
    except (ValueError, InvalidTag):
        return None
    found: list[Any] = json.loads(plain)
    return found
