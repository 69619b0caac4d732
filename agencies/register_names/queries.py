"""Names of agencies as pages and queues read them; the caller has asked the policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from agencies.register.models import NameUse, RegisterName
from agencies.register_names.models import NameProposal
from agencies.register_names.status import NameStatus, Script
from agencies.registration.models import Agency
from core.listing import AnySelect


@dataclass(frozen=True, slots=True)
class ProposalRow:
    id: UUID
    reference: str
    text: str
    use: NameUse
    script: Script
    status: NameStatus
    by_office: bool
    decision_reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FurtherName:
    """A name in the register that nobody proposed here, such as an earlier one."""

    text: str
    use: NameUse


def proposals_of(session: Session, agency_id: UUID) -> Sequence[ProposalRow]:
    """Every proposed name of an agency, the newest first."""
    p = NameProposal
    rows = session.execute(
        select(p.id, p.reference, p.text, p.use, p.script, p.status, p.by_office, p.decision_reason, p.created_at)
        .where(p.agency_id == agency_id)
        .order_by(p.created_at.desc(), p.id.desc())
        .limit(60)
    )
    return [ProposalRow(*row) for row in rows]


def others_of(session: Session, agency_id: UUID) -> Sequence[FurtherName]:
    """Names under which the public finds the agency beside its own and the proposed ones."""
    proposed = select(NameProposal.id).where(NameProposal.register_name_id == RegisterName.id).exists()
    rows = session.execute(
        select(RegisterName.text, RegisterName.use)
        .where(RegisterName.agency_id == agency_id, RegisterName.ended_at.is_(None), ~proposed)
        .order_by(RegisterName.created_at, RegisterName.id)
        .limit(60)
    )
    return [FurtherName(*row) for row in rows]


def waiting(agencies: ColumnElement[bool], status: NameStatus, *, but: UUID) -> AnySelect:
    """What waits in a state, of the agencies that the clause allows, without what this officer may not decide."""
    p = NameProposal
    return (
        select(p.id, p.reference, p.use, p.created_at, Agency.name.label("agency_name"))
        .join(Agency, Agency.id == p.agency_id)
        .where(p.status == status, agencies, p.proposed_by != but, p.released_by.is_distinct_from(but))
    )
