"""What officers do with claims: see papers, hand over a code on paper, look at what a registered contact has claimed."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies.importing.claiming import OWNED, has_owner
from agencies.importing.models import AgencyClaim, ImportedRecord
from agencies.importing.policies import lock_claim
from agencies.importing.status import AGENCY_CLAIM, ClaimStatus, ClaimWay, ImportKind
from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from core.accounts import Membership, end_membership, token_hash
from core.actor import SYSTEM, Actor
from core.db import db_now
from core.errors import Denied, DomainError, TooLate
from core.i18n import _l
from core.permissions import Permission, SubjectKind
from core.privacy import destroy_person, new_person
from law.country import deployment


@dataclass(frozen=True, slots=True)
class Paper:
    """The code that is given to the person on paper; shown once, kept as a hash."""

    reference: str
    code: str
    until: datetime


def see_papers(session: Session, actor: Actor, agency_id: UUID, evidence: str) -> AgencyClaim:
    """An officer has the licensee before them and says which papers were seen.

    :raises DomainError: for an agency that did not come from the old register, that has an owner, or that is claimed.
    """
    agency = agency_policies.find(session, actor, agency_id, lock=True)
    actor.require(Permission.LICENCE_REVIEW, agency.office_id)
    agency_policies.refuse_conflict(session, actor, agency.id)
    if not evidence.strip():
        raise DomainError(_l("Say which papers you saw."), field="reason")
    if not came_over(session, agency.id):
        raise DomainError(_l("This agency did not come from the old register."))
    if has_owner(session, agency.id):
        raise DomainError(OWNED)
    waiting = exists().where(
        AgencyClaim.agency_id == agency.id,
        AgencyClaim.way == ClaimWay.OFFICE,
        AgencyClaim.status.in_([ClaimStatus.SEEN, ClaimStatus.HANDED_OVER]),
    )
    if session.scalar(select(waiting)):
        raise DomainError(_l("A claim of this agency waits already."))
    claim = AgencyClaim(
        person_key_id=new_person(session).id,
        way=ClaimWay.OFFICE,
        agency_id=agency.id,
        seen_by=actor.require_account(),
        evidence=evidence.strip(),
    )
    session.add(claim)
    session.flush()
    AGENCY_CLAIM.apply(session, claim, "see", actor=actor, reason=evidence, evidence={"agency_id": agency.id})
    return claim


def came_over(session: Session, agency_id: UUID) -> bool:
    """Whether the agency stands here by a line of the old register."""
    line = exists().where(ImportedRecord.kind == ImportKind.AGENCIES, ImportedRecord.target_id == agency_id)
    return bool(session.scalar(select(line)))


def hand_over(session: Session, actor: Actor, claim_id: UUID) -> Paper:
    """A second officer confirms; the person gets a code on paper.

    :raises Denied: to the officer who saw the papers.
    """
    held = lock_claim(session, actor, claim_id, Permission.LICENCE_APPROVE)
    claim = held.claim
    if claim.seen_by == actor.account_id:
        raise Denied(_l("You saw the papers. Another officer hands over the code."))
    if not AGENCY_CLAIM.allows(claim.status, "hand_over"):
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    if has_owner(session, held.agency.id):
        raise DomainError(OWNED)
    code = "-".join(secrets.token_hex(2) for _ in range(3))
    claim.handed_over_by, claim.code_hash = actor.require_account(), token_hash(code)
    claim.expires_at = db_now(session) + timedelta(days=int(deployment().standard("claim_paper_days")))
    with session.no_autoflush:
        AGENCY_CLAIM.apply(session, claim, "hand_over", actor=actor, evidence={"agency_id": held.agency.id})
    return Paper(held.agency.reference, code, claim.expires_at)


def check(session: Session, actor: Actor, claim_id: UUID, reason: str = "") -> AgencyClaim:
    """An officer has looked at who claimed the agency by its registered contact: it is right."""
    held = lock_claim(session, actor, claim_id, Permission.LICENCE_REVIEW)
    AGENCY_CLAIM.apply(session, held.claim, "check", actor=actor, reason=reason)
    held.claim.checked_by = actor.require_account()
    session.flush()
    return held.claim


def stop(session: Session, actor: Actor, claim_id: UUID, reason: str) -> AgencyClaim:
    """It is not right: the person is no longer the owner, and every session ends; the agency can be claimed again."""
    held = lock_claim(session, actor, claim_id, Permission.LICENCE_REVIEW)
    claim = held.claim
    AGENCY_CLAIM.apply(session, claim, "stop", actor=actor, reason=reason, evidence={"account_id": claim.account_id})
    claim.code_hash = None
    if claim.account_id is not None:
        # Whoever came in by this claim may have let others in: all of them leave.
        for membership in _members(session, held.agency):
            end_membership(session, membership)
    session.flush()
    return claim


def _members(session: Session, agency: Agency) -> list[Membership]:
    query = select(Membership).where(
        Membership.kind == SubjectKind.AGENCY, Membership.subject_id == agency.id, Membership.ended_at.is_(None)
    )
    return list(session.scalars(query.with_for_update()))


ACTIONS = {"check": check, "stop": stop}


def lapse(session: Session, batch: int) -> int:
    """End claims whose time is over; what was asked about nobody known here is erased. Gives how many. May run twice."""
    now = db_now(session)
    due = session.scalars(
        select(AgencyClaim)
        .where(
            AgencyClaim.status.in_([ClaimStatus.ASKED, ClaimStatus.PROVED, ClaimStatus.HANDED_OVER]),
            AgencyClaim.expires_at < now,
        )
        .order_by(AgencyClaim.id)
        .limit(batch)
        .with_for_update(skip_locked=True)
    ).all()
    for claim in due:
        AGENCY_CLAIM.apply(session, claim, "lapse", actor=SYSTEM, evidence={"agency_id": claim.agency_id})
        claim.code_hash = None
        if claim.way is ClaimWay.CONTACT:
            claim.number_asked = None
            destroy_person(session, claim.person_key_id, now)
    session.flush()
    return len(due)
