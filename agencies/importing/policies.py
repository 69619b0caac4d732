"""Who may see or decide which conflict or claim: officers of the agency's office, never who ran the import."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.importing.models import AgencyClaim, ImportConflict, ImportRun
from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from core.actor import Actor
from core.errors import Denied, NotVisible
from core.i18n import _l
from core.permissions import Permission


@dataclass(frozen=True, slots=True)
class HeldConflict:
    conflict: ImportConflict
    agency: Agency


@dataclass(frozen=True, slots=True)
class HeldClaim:
    claim: AgencyClaim
    agency: Agency


def find_conflict(session: Session, actor: Actor, conflict_id: UUID) -> HeldConflict:
    """
    :raises NotVisible: outside the actor's offices.
    """
    agency_id = session.scalar(select(ImportConflict.agency_id).where(ImportConflict.id == conflict_id))
    if agency_id is None or actor.account_id is None:
        raise NotVisible
    return HeldConflict(session.get_one(ImportConflict, conflict_id), _staff_sight(session, actor, agency_id))


def lock_conflict(session: Session, actor: Actor, conflict_id: UUID, permission: Permission) -> HeldConflict:
    """The conflict and its agency, locked (agency first, as everywhere), for an officer who decides.

    :raises Denied: for who lacks the permission, belongs to the agency, or ran the import.
    """
    agency_id = session.scalar(select(ImportConflict.agency_id).where(ImportConflict.id == conflict_id))
    if agency_id is None:
        raise NotVisible
    agency = _staff_sight(session, actor, agency_id, lock=True)
    conflict = session.get_one(ImportConflict, conflict_id, with_for_update=True, populate_existing=True)
    actor.require(permission, agency.office_id)
    agency_policies.refuse_conflict(session, actor, agency.id)
    if session.scalar(select(ImportRun.run_by).where(ImportRun.id == conflict.run_id)) == actor.account_id:
        raise Denied(_l("You brought this file in. Another officer must decide."))
    return HeldConflict(conflict, agency)


def lock_claim(session: Session, actor: Actor, claim_id: UUID, permission: Permission) -> HeldClaim:
    """A claim that has reached an agency, locked with it, for an officer.

    :raises Denied: for who lacks the permission or belongs to the agency.
    """
    agency_id = session.scalar(select(AgencyClaim.agency_id).where(AgencyClaim.id == claim_id))
    if agency_id is None:
        raise NotVisible
    agency = _staff_sight(session, actor, agency_id, lock=True)
    claim = session.get_one(AgencyClaim, claim_id, with_for_update=True, populate_existing=True)
    actor.require(permission, agency.office_id)
    agency_policies.refuse_conflict(session, actor, agency.id)
    return HeldClaim(claim, agency)


def _staff_sight(session: Session, actor: Actor, agency_id: UUID, *, lock: bool = False) -> Agency:
    query = select(Agency).where(Agency.id == agency_id, agency_policies.visible(actor, *agency_policies.STAFF_SIGHT))
    agency = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if agency is None:
        raise NotVisible
    return agency
