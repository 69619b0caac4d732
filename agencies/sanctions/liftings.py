"""Lifting a blacklisting needs more people than making it: one proposes with a reason for the public, two others agree,
and none of the three took part in making it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from agencies.sanctions import case_policies
from agencies.sanctions.case_ends import end_case
from agencies.sanctions.case_models import SanctionBar, SanctionCase, SanctionLifting
from agencies.sanctions.case_status import BAR, LIFTING, BarKind, BarStatus, CaseStatus, LiftingStatus
from agencies.sanctions.models import Sanction
from agencies.sanctions.status import SANCTION, SanctionKind, SanctionStatus
from agencies.sanctions.steps import LIFTINGS, SanctionStage, makers
from core import audit
from core.actor import Actor
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.i18n import _l
from core.permissions import Permission
from law.country import due_after


@dataclass(frozen=True, slots=True)
class Listed:
    """A blacklisting in force, locked: of an agency, or of another subject."""

    record: Sanction | SanctionBar
    case: SanctionCase | None
    office_id: UUID

    @property
    def is_agency(self) -> bool:
        return isinstance(self.record, Sanction)


def _listed(session: Session, actor: Actor, target_id: UUID, permission: Permission, *, passed: bool = False) -> Listed:
    """
    :param passed: the officer has a step of the lifting; then the office of the blacklisting does not matter.
    :raises NotVisible: when it is no blacklisting in the officer's reach.
    :raises Denied: when the permission is missing, or the officer made the blacklisting or belongs to the agency.
    """
    agency_id = session.scalar(
        select(Sanction.agency_id).where(Sanction.id == target_id, Sanction.kind == SanctionKind.BLACKLISTING)
    )
    record: Sanction | SanctionBar
    if agency_id is not None:
        agency = session.scalars(select(Agency).where(Agency.id == agency_id).with_for_update()).one()
        record = session.get_one(Sanction, target_id, with_for_update=True, populate_existing=True)
        office_id = agency.office_id
    else:
        found = session.get(SanctionBar, target_id, with_for_update=True, populate_existing=True)
        if found is None or found.kind is not BarKind.BLACKLISTING:
            raise NotVisible
        record = found
        office_id = session.get_one(SanctionCase, found.case_id).office_id
    sees = any(office_id in actor.offices(p) for p in (Permission.SANCTION_PROPOSE, Permission.SANCTION_DECIDE))
    if not sees and not passed:
        raise NotVisible
    actor.require(permission, None if passed else office_id)
    if agency_id is not None:
        agency_policies.refuse_conflict(session, actor, agency_id)
    case = session.get(SanctionCase, record.case_id) if record.case_id else None
    if case is not None:
        case_policies.refuse_own(session, actor, case)
    if made_by(session, record, actor.require_account()):
        raise Denied(_l("You took part in this blacklisting. Officers who did not must decide on lifting it."))
    return Listed(record, case, office_id)


def made_by(session: Session, record: Sanction | SanctionBar, account_id: UUID) -> bool:
    """Whether this account took any step that led to the blacklisting."""
    return account_id in makers(session, record)


def _refuse_moving(listed: Listed) -> None:
    in_force = listed.record.status in (SanctionStatus.IN_FORCE, BarStatus.IN_FORCE)
    on_appeal = listed.case is not None and listed.case.status in (CaseStatus.APPEALED, CaseStatus.STAYED)
    if not in_force or on_appeal:
        raise TooLate(_l("This blacklisting is not in force, or an appeal about it is open."))


def propose(session: Session, actor: Actor, target_id: UUID, public_reason: str) -> SanctionLifting:
    """Propose to lift a blacklisting. The reason will be read by everybody once it is lifted."""
    listed = _listed(session, actor, target_id, Permission.SANCTION_PROPOSE)
    _refuse_moving(listed)
    if not public_reason.strip():
        raise DomainError(_l("Write the reason that everybody will read."), field="public_reason")
    ids = {"sanction_id": target_id} if listed.is_agency else {"bar_id": target_id}
    waiting = exists().where(
        or_(SanctionLifting.sanction_id == target_id, SanctionLifting.bar_id == target_id),
        SanctionLifting.status.in_((LiftingStatus.PROPOSED, LiftingStatus.AGREED)),
    )
    if session.scalar(select(waiting)):
        raise DomainError(_l("The lifting is proposed already and waits for a decision."))
    lifting = SanctionLifting(
        office_id=listed.office_id, public_reason=public_reason.strip(), proposed_by=actor.require_account(),
        due_on=due_after(legal_today(session), "lifting_days"), **ids,
    )  # fmt: skip
    session.add(lifting)
    session.flush()
    subject = ("sanction_lifting", lifting.id)
    audit.record(session, actor, subject=subject, action="propose", reason=lifting.public_reason, evidence=ids)
    LIFTINGS.settle(session, lifting)
    return lifting


def _locked(session: Session, actor: Actor, lifting_id: UUID) -> tuple[SanctionLifting, Listed]:
    target_id = session.execute(
        select(SanctionLifting.sanction_id, SanctionLifting.bar_id).where(SanctionLifting.id == lifting_id)
    ).one_or_none()
    if target_id is None:
        raise NotVisible
    passed = LIFTINGS.has_passed_to(session, actor, lifting_id)
    listed = _listed(
        session, actor, target_id.sanction_id or target_id.bar_id, Permission.SANCTION_DECIDE, passed=passed
    )
    lifting = session.get_one(SanctionLifting, lifting_id, with_for_update=True, populate_existing=True)
    if actor.account_id in (lifting.proposed_by, lifting.first_by):
        raise Denied(_l("You proposed this or agreed already. A third officer must decide."))
    first = lifting.status is LiftingStatus.PROPOSED
    LIFTINGS.require(session, actor, lifting, SanctionStage.FIRST if first else SanctionStage.SECOND)
    return lifting, listed


def agree(session: Session, actor: Actor, lifting_id: UUID, reason: str) -> SanctionLifting:
    """Agree: the first of two waits for the second; with the second the blacklisting ends at once."""
    lifting, listed = _locked(session, actor, lifting_id)
    _refuse_moving(listed)
    if lifting.status is LiftingStatus.PROPOSED:
        lifting.first_by = actor.require_account()
        LIFTING.apply(session, lifting, "agree", actor=actor, reason=reason)
        lifting.due_on = due_after(legal_today(session), "lifting_days")
        session.flush()
        return lifting
    if lifting.status is not LiftingStatus.AGREED:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    lifting.second_by = actor.require_account()
    LIFTING.apply(session, lifting, "lift", actor=actor, reason=reason)
    record, evidence = listed.record, {"lifting_id": lifting.id}
    record.public_reason, record.lifted_on = lifting.public_reason, legal_today(session)
    if isinstance(record, Sanction):
        record.lifted_by = actor.account_id
        SANCTION.apply(session, record, "lift", actor=actor, reason=lifting.public_reason, evidence=evidence)
    else:
        BAR.apply(session, record, "release", actor=actor, reason=lifting.public_reason, evidence=evidence)
    end_case(session, record.case_id, "remove", actor=actor, reason=lifting.public_reason)
    return lifting


def refuse(session: Session, actor: Actor, lifting_id: UUID, reason: str) -> SanctionLifting:
    """Either decider may refuse; the blacklisting stands."""
    lifting, _listed_record = _locked(session, actor, lifting_id)
    LIFTING.apply(session, lifting, "refuse", actor=actor, reason=reason)
    lifting.refused_by = actor.require_account()
    session.flush()
    return lifting
