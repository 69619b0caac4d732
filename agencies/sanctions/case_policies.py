"""Who may see or take which step of a proceeding, and who has to leave it to somebody else."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from agencies.insider import duties, ties
from agencies.registration import policies as agency_policies
from agencies.sanctions import drawing
from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.case_status import HIDDEN, STAGE_OF, CaseSubject
from agencies.sanctions.drawing import APPELLATE, MAKING
from agencies.sanctions.models import Sanction
from core.actor import Actor
from core.audit import AuditEvent
from core.errors import Denied, NotVisible
from core.i18n import _l
from core.permissions import ClerkRight, Permission, SubjectKind

SIGHT = (
    Permission.SANCTION_PROPOSE,
    Permission.SANCTION_DECIDE,
    Permission.SANCTION_APPEAL,
    Permission.SECURITY_RECORD,
    Permission.AUDIT_READ,
)
# Who answers for a subject that has accounts here, and the right that a clerk needs for it.
OWNERS = {
    CaseSubject.AGENCY: (SubjectKind.AGENCY, ClerkRight.APPLY),
    CaseSubject.EMPLOYER: (SubjectKind.EMPLOYER, ClerkRight.SIGN),
    CaseSubject.ORIENTATION_CENTRE: (SubjectKind.CENTRE, ClerkRight.SIGN),
}


def visible(actor: Actor, *permissions: Permission) -> ColumnElement[bool]:
    """Proceedings that the actor may see: for staff those of the offices in reach and those drawn for them; for an agency,
    employer or centre its own once a notice was served."""
    offices: frozenset[UUID] = frozenset().union(*(actor.offices(p) for p in permissions or SIGHT))
    tests: list[ColumnElement[bool]] = []
    if offices:
        tests.append(SanctionCase.office_id.in_(offices))
    if actor.is_staff and not permissions:
        # Also one that passed on to this office because its own has nobody.
        tests.append(duties.holds(actor.account_id, drawing.KIND, SanctionCase.id))
    for kind, (owner, _right) in OWNERS.items() if not permissions else ():
        column = SanctionCase.agency_id if kind is CaseSubject.AGENCY else SanctionCase.subject_id
        if own := actor.subjects(owner):
            served = SanctionCase.status.not_in(HIDDEN)
            tests.append(and_(SanctionCase.subject_kind == kind, column.in_(own), served))
    return or_(*tests) if tests else false()


def find(session: Session, actor: Actor, case_id: UUID, *, lock: bool = False) -> SanctionCase:
    """The proceeding; its agency, if any, and itself locked (agency first, as everywhere) when it is to be changed.

    :raises NotVisible: when the actor may not see it.
    """
    query = select(SanctionCase).where(SanctionCase.id == case_id, visible(actor))
    case = session.scalars(query).one_or_none()
    if case is None:
        raise NotVisible
    if lock:
        case = drawing.locked(session, case)
    return case


def find_for(session: Session, actor: Actor, case_id: UUID, permission: Permission) -> SanctionCase:
    """The proceeding that an officer acts on, locked.

    :raises NotVisible: when it lies outside the officer's area.
    :raises Denied: when the permission is missing, or the officer is one of the agency's people.
    """
    case = find(session, actor, case_id, lock=True)
    actor.require(permission, place_of(session, actor, case))
    if case.agency_id is not None:
        agency_policies.refuse_conflict(session, actor, case.agency_id)
    refuse_own(session, actor, case)
    return case


def place_of(session: Session, actor: Actor, case: SanctionCase) -> UUID:
    """The office in which the actor must hold a permission: the case's own, or the one to which the step passed."""
    stage = STAGE_OF.get(case.status)
    held = duties.duty(session, drawing.KIND, case.id, stage) if stage is not None else None
    return held.office_id if held is not None and held.officer_id == actor.account_id else case.office_id


def require_drawn(session: Session, actor: Actor, case: SanctionCase, permission: Permission) -> None:
    """
    :raises Denied: unless the step that waits was drawn for this officer. A step that has passed is left to the workflow.
    """
    turn = drawing.turn_of(session, case)
    if turn is not None and turn.permission is permission:
        duties.require(session, actor, drawing.KIND, case.id, turn)


def refuse_own(session: Session, actor: Actor, case: SanctionCase) -> None:
    """
    :raises Denied: for an officer who acts, or ever acted, for the employer, centre or agency that it is about.
    """
    owner = owner_of(case)
    if owner is not None and ties.was_of(session, actor.require_account(), *owner):
        raise Denied(_l("You are, or were, one of the people that this is about. Another officer must do this."))


def owner_of(case: SanctionCase) -> tuple[SubjectKind, UUID] | None:
    """Whose own proceeding it is; None for a subject without accounts here."""
    found = OWNERS.get(case.subject_kind)
    subject_id = case.agency_id if case.subject_kind is CaseSubject.AGENCY else case.subject_id
    return (found[0], subject_id) if found and subject_id else None


def is_own(actor: Actor, case: SanctionCase, right: ClerkRight | None = None) -> bool:
    """Whether the actor acts for the subject."""
    owner = owner_of(case)
    return owner is not None and actor.acts_for(*owner, right)


def find_own(session: Session, actor: Actor, case_id: UUID, *, lock: bool = False) -> SanctionCase:
    """The subject's own proceeding, for a person with the right to answer for it.

    :raises NotVisible: for everybody else, and before a notice was served.
    :raises Denied: when the owner has not given this right.
    """
    case = find(session, actor, case_id, lock=lock)
    if not is_own(actor, case):
        raise NotVisible
    if not is_own(actor, case, OWNERS[case.subject_kind][1]):
        raise Denied(_l("The owner has not given you this right."))
    return case


def took_part(session: Session, case: SanctionCase, account_id: UUID, *, but: tuple[str, ...] = ()) -> bool:
    """Whether this account took any step of the proceeding, as the log knows it, apart from some."""
    return _acted(session, case, account_id, AuditEvent.action.not_in(but))


def _acted(session: Session, case: SanctionCase, account_id: UUID, which: ColumnElement[bool]) -> bool:
    step = exists().where(
        AuditEvent.subject_kind == "sanction_case",
        AuditEvent.subject_id == case.id,
        AuditEvent.actor_account_id == account_id,
        which,
    )
    return bool(session.scalar(select(step)))


def refuse_unit(actor: Actor, case: SanctionCase | Sanction) -> None:
    """
    :raises Denied: for an officer of the office that complains.
    """
    if case.complaining_office_id is not None and any(r.office_id == case.complaining_office_id for r in actor.roles):
        raise Denied(_l("Your office made the complaint. An officer of another office must decide."))


def refuse_maker(session: Session, actor: Actor, case: SanctionCase) -> None:
    """
    :raises Denied: for whoever reported, screened, served the notice or held the hearing, and for the complaining office.
    """
    refuse_unit(actor, case)
    mine = actor.require_account()
    if mine == case.reported_by or _acted(session, case, mine, AuditEvent.action.in_(MAKING)):
        raise Denied(_l("You prepared this proceeding. Another officer must decide it."))


def refuse_first_instance(session: Session, actor: Actor, case: SanctionCase) -> None:
    """
    :raises Denied: on appeal, for whoever took any step before it, and for the complaining office.
    """
    refuse_unit(actor, case)
    mine = actor.require_account()
    if mine == case.reported_by or took_part(session, case, mine, but=APPELLATE):
        raise Denied(_l("You took part in the order. The appeal is for somebody else."))
