"""Who may propose, decide and withdraw which name. The agency is locked first, as everywhere."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.register_names.models import NameProposal
from agencies.registration import policies as agencies
from agencies.registration.models import Agency
from core.actor import Actor
from core.errors import Denied, NotVisible
from core.i18n import _l
from core.permissions import ClerkRight, Permission

SEERS = (Permission.LICENCE_REVIEW, Permission.LICENCE_APPROVE, Permission.AUDIT_READ)


def agency_for(session: Session, actor: Actor, agency_id: UUID) -> Agency:
    """The agency, locked, for an officer of licensing who has no tie to it.

    :raises NotVisible: outside the officer's area.
    """
    agency = agencies.find(session, actor, agency_id, lock=True)
    actor.require(Permission.LICENCE_REVIEW, agency.office_id)
    agencies.refuse_conflict(session, actor, agency.id)
    return agency


def seen(session: Session, actor: Actor, proposal_id: UUID) -> tuple[NameProposal, Agency]:
    """A proposal with its agency, for staff who see the agency's names.

    :raises NotVisible: for everybody else.
    """
    agency = agencies.find(session, actor, _agency_of(session, proposal_id))
    if not any(actor.can(p, agency.office_id) for p in SEERS):
        raise NotVisible
    return session.get_one(NameProposal, proposal_id), agency


def locked(session: Session, actor: Actor, proposal_id: UUID, permission: Permission) -> tuple[NameProposal, Agency]:
    """A proposal and its agency, both locked, for an officer other than the one who proposed it.

    :raises Denied: for its maker, and for who has a tie to the agency.
    """
    agency = agencies.find(session, actor, _agency_of(session, proposal_id), lock=True)
    actor.require(permission, agency.office_id)
    agencies.refuse_conflict(session, actor, agency.id)
    proposal = _lock(session, proposal_id)
    if proposal.proposed_by == actor.account_id:
        raise Denied(_l("You proposed this name. Another officer must decide it."))
    return proposal, agency


def own(session: Session, actor: Actor, proposal_id: UUID) -> tuple[NameProposal, Agency]:
    """A proposal of the actor's own agency, locked.

    :raises NotVisible: for another agency.
    """
    agency = agencies.find_own(session, actor, _agency_of(session, proposal_id), ClerkRight.APPLY, lock=True)
    return _lock(session, proposal_id), agency


def _agency_of(session: Session, proposal_id: UUID) -> UUID:
    agency_id = session.scalar(select(NameProposal.agency_id).where(NameProposal.id == proposal_id))
    if agency_id is None:
        raise NotVisible
    return agency_id


def _lock(session: Session, proposal_id: UUID) -> NameProposal:
    query = select(NameProposal).where(NameProposal.id == proposal_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()
