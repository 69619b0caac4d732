"""Noting who read a personal file and why. A page that is read changes nothing, so the note has a transaction of its own."""

from uuid import UUID

from core import audit
from core.actor import Actor
from core.db import apart


def note_reading(actor: Actor, subject: tuple[str, UUID], *, purpose: str) -> None:
    """Write "this actor read this record for this purpose" into the audit log."""
    with apart() as session:
        audit.record(session, actor, subject=subject, action="read", reason=purpose)
