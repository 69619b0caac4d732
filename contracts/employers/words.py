"""What people wrote at the steps of a record, as the log keeps it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import AuditEvent


def last_words(session: Session, record_id: UUID, *actions: str, kind: str = "employer") -> str:
    """What was written at the last of these steps; empty when there was none."""
    return (
        session.scalar(
            select(AuditEvent.reason)
            .where(
                AuditEvent.subject_kind == kind,
                AuditEvent.subject_id == record_id,
                AuditEvent.action.in_(actions),
            )
            .order_by(AuditEvent.at.desc())
            .limit(1)
        )
        or ""
    )
