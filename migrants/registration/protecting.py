"""What child protection does for a young person while the registration stays closed: note, refer, look again on a day."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.audit import AuditEvent
from core.db import legal_today
from core.errors import DomainError, NotVisible
from core.i18n import _l
from migrants.registration.models import Migrant
from migrants.registration.policies import may_protect
from migrants.registration.status import PROTECTING, migrant_workflow
from migrants.registration.telling import tell_of_change


@dataclass(frozen=True, slots=True)
class Protect:
    """One step. ``body`` and ``contact``: who helps from now on and how they are reached; ``until``: the day to look again."""

    action: str
    reason: str
    body: str = ""
    contact: str = ""
    until: date | None = None


def protect(session: Session, actor: Actor, migrant_id: UUID, command: Protect) -> Migrant:
    """Take a step that leaves the person under protection. A note is for officers alone, so nobody is told of it.

    :raises NotVisible: when the record is not with child protection, or not the officer's.
    :raises DomainError: naming what is missing: the body and its contact, or a day to come.
    """
    migrant = session.get(Migrant, migrant_id, with_for_update=True, populate_existing=True)
    if migrant is None or command.action not in PROTECTING or not may_protect(actor, migrant):
        raise NotVisible
    evidence: dict[str, object] = {}
    if command.action == "refer_protection":
        if not command.body:
            raise DomainError(_l("Name the body that helps from now on."), field="body")
        if not command.contact:
            raise DomainError(_l("Say how the person reaches this body."), field="contact")
        evidence = {"body": command.body, "contact": command.contact}
    if command.action == "keep_protection":
        if command.until is None or command.until <= legal_today(session):
            raise DomainError(_l("Choose the day to come on which it is looked at again."), field="until")
        evidence = {"until": command.until}
    migrant_workflow.apply(
        session,
        migrant,
        command.action,
        actor=actor,
        reason=command.reason,
        evidence=evidence,
        office_id=migrant.office_id,
    )
    if command.action == "keep_protection":
        migrant.due_on = command.until
    if command.action != "note_protection":
        tell_of_change(session, migrant.id)
    return migrant


@dataclass(frozen=True, slots=True)
class Protection:
    """What the person may know: who helps and how to reach them, and when it is looked at again."""

    body: str = ""
    contact: str = ""
    until: date | None = None


def protection_of(session: Session, migrant_id: UUID) -> Protection:
    """The last referral and the last day that were written down for a person under protection."""
    rows = session.execute(
        select(AuditEvent.action, AuditEvent.evidence)
        .where(
            AuditEvent.subject_kind == "migrant",
            AuditEvent.subject_id == migrant_id,
            AuditEvent.action.in_(("refer_protection", "keep_protection")),
        )
        .order_by(AuditEvent.at)
        .limit(100)
    ).all()
    found = {row.action: row.evidence for row in rows}
    referred, kept = found.get("refer_protection", {}), found.get("keep_protection", {})
    until = date.fromisoformat(str(kept["until"])) if "until" in kept else None
    return Protection(str(referred.get("body", "")), str(referred.get("contact", "")), until)
