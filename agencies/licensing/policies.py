"""Who may see or do what to which application, and what keeps an officer from deciding."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from agencies.insider import assignment, duties
from agencies.insider.status import STAGE_PERMISSION, Stage
from agencies.licensing.finance import FINANCE, FinanceStage
from agencies.licensing.models import LicenceApplication
from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from core.actor import Actor
from core.errors import Denied, NotVisible, TooLate
from core.i18n import _l
from core.permissions import ClerkRight, Permission, SubjectKind


@dataclass(frozen=True, slots=True)
class Held:
    """A locked application and its agency."""

    application: LicenceApplication
    agency: Agency


def find(session: Session, actor: Actor, application_id: UUID, *, lock: bool = False) -> Held:
    """The application with its agency; both locked (agency first, as everywhere) when it is to be changed.

    An officer sees the cases of the offices in reach, and any case that was drawn for him or her.

    :raises NotVisible: when the actor may not see it. Staff see no application that was never sent.
    :raises Denied: for an officer with a tie to the agency.
    """
    known = session.execute(
        select(
            LicenceApplication.agency_id,
            or_(assignment.holds(actor.account_id), duties.holds(actor.account_id, FINANCE.name, application_id)),
        ).where(LicenceApplication.id == application_id)
    ).one_or_none()
    if known is None:
        raise NotVisible
    agency_id, drawn = known
    if drawn and actor.is_staff:
        by_id = select(Agency).where(Agency.id == agency_id)
        agency = session.scalars(by_id.with_for_update() if lock else by_id).one()
    else:
        agency = agency_policies.find(session, actor, agency_id, lock=lock)
    query = select(LicenceApplication).where(LicenceApplication.id == application_id)
    application = session.scalars(
        query.with_for_update().execution_options(populate_existing=True) if lock else query
    ).one()
    if not actor.acts_for(SubjectKind.AGENCY, agency_id):
        if application.submitted_at is None:
            raise NotVisible
        agency_policies.refuse_conflict(session, actor, agency_id)
    return Held(application, agency)


def find_own(session: Session, actor: Actor, application_id: UUID) -> Held:
    """The applicant's own application, locked, for a person with the right to apply.

    :raises NotVisible: for everybody else.
    """
    agency_id = session.scalar(select(LicenceApplication.agency_id).where(LicenceApplication.id == application_id))
    if agency_id is None:
        raise NotVisible
    agency_policies.find_own(session, actor, agency_id, ClerkRight.APPLY)
    return find(session, actor, application_id, lock=True)


def find_for_stage(session: Session, actor: Actor, application_id: UUID, stage: Stage) -> Held:
    """An application in the stage that was drawn for this officer, locked.

    :raises NotVisible: when the officer does not see it.
    :raises Denied: when the permission is missing, it was drawn for somebody else, the officer has a tie to the agency,
        or has had a hand in another stage of it.
    :raises TooLate: when it is in no such stage any more.
    """
    held = find(session, actor, application_id, lock=True)
    permission = STAGE_PERMISSION[stage]
    actor.require(permission)
    agency_policies.refuse_conflict(session, actor, held.agency.id)
    refuse_other_hand(session, actor, held.application, stage)
    if assignment.STAGE_OF.get(held.application.status) is not stage:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    assignment.require(session, actor, held.application, stage)
    actor.require(permission, assignment.office_of(session, held.application, held.agency, stage))
    return held


def find_for_finance(session: Session, actor: Actor, application_id: UUID) -> Held:
    """An approved application, locked, for the finance officer for whom it was drawn.

    :raises NotVisible: when the officer does not see it.
    :raises Denied: for everybody else, an officer with a tie or with a hand in another stage among them.
    :raises TooLate: when it does not wait for the security.
    """
    held = find(session, actor, application_id, lock=True)
    actor.require(Permission.SECURITY_RECORD)
    agency_policies.refuse_conflict(session, actor, held.agency.id)
    FINANCE.require(session, actor, held.application, FinanceStage.FINANCE)
    return held


def refuse_other_hand(session: Session, actor: Actor, application: LicenceApplication, stage: Stage | None) -> None:
    """Maker is never checker, also after a hand-over: whoever had a hand in another stage at any time has none in this.

    :raises Denied: for such an officer.
    """
    if actor.account_id in assignment.touched(session, application, stage):
        raise Denied(_l("You had a hand in this application before. Another officer must do this."))
