"""Who may do what with the security of which agency. Every change locks the agency first, as everywhere."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.insider.steps import Steps
from agencies.registration import policies as agencies
from agencies.registration.models import Agency
from agencies.security.drawing import holds, steps_of
from agencies.security.models import (
    SecurityAccount,
    SecurityClaim,
    SecurityDemand,
    SecurityEntry,
    SecurityInstrument,
    SecurityProposal,
)
from core.actor import Actor
from core.errors import Denied, NotVisible
from core.i18n import _l
from core.permissions import Permission

S = TypeVar("S")
R = TypeVar("R", SecurityInstrument, SecurityClaim, SecurityDemand, SecurityProposal, SecurityEntry)
# Until awards are filed by case officers, those who see agencies' wrongs or their money may file one.
MAY_CLAIM = (Permission.SANCTION_PROPOSE, Permission.SECURITY_RECORD)
# Whoever may see the file of a security.
SEERS = (*MAY_CLAIM, Permission.SANCTION_DECIDE, Permission.AUDIT_READ)


def officer(session: Session, actor: Actor, agency_id: UUID, *permissions: Permission) -> Agency:
    """The agency, locked, for an officer who holds one of the permissions and is none of its people.

    :raises NotVisible: outside the officer's area.
    :raises Denied: without the permission, or for one of the agency's people.
    """
    agency = agencies.find(session, actor, agency_id, lock=True)
    if not any(actor.can(p, agency.office_id) for p in permissions):
        raise Denied(_l("You are not allowed to do this."))
    agencies.refuse_conflict(session, actor, agency.id)
    return agency


def agency_of(session: Session, kind: type[R], record_id: UUID) -> UUID:
    """Whose security a record belongs to.

    :raises NotVisible: when there is no such record.
    """
    query = select(SecurityAccount.agency_id).join(kind, kind.account_id == SecurityAccount.id)
    agency_id = session.scalars(query.where(kind.id == record_id)).one_or_none()
    if agency_id is None:
        raise NotVisible
    return agency_id


def locked(session: Session, actor: Actor, steps: Steps[S], record_id: UUID) -> tuple[S, Agency]:
    """A record as it stands now, and its agency, which holds the lock for both; for an officer without a tie who sees it.

    Whose step it is, the caller asks next.
    """
    agency = steps.find_agency(session, actor, record_id, lock=True)
    agencies.refuse_conflict(session, actor, agency.id)
    return session.get_one(steps.model, record_id, populate_existing=True), agency


def seen(session: Session, actor: Actor, kind: type[R], record_id: UUID) -> R:
    """A record for one who may see its agency: the agency's own people, and staff with sight of it.

    :raises NotVisible: for everybody else.
    """
    steps = steps_of(kind)
    if steps is not None:
        steps.find_agency(session, actor, record_id)
    else:
        agencies.find(session, actor, agency_of(session, kind, record_id))
    return session.get_one(kind, record_id)


def file_agency(session: Session, actor: Actor, agency_id: UUID) -> Agency:
    """The agency whose security an officer may look at: within reach, or with a step that has passed to this officer.

    :raises NotVisible: for everybody else.
    """
    if actor.is_staff and session.scalar(select(holds(actor, agency_id))):
        return session.get_one(Agency, agency_id)
    return agencies.find(session, actor, agency_id)
