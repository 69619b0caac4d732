"""Whose step of a proceeding it is: screening, hearing, decision and appeal are each drawn, never picked."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.insider import duties, ties
from agencies.registration.models import Agency, AgencyDirector
from agencies.sanctions.case_models import SanctionCase
from agencies.sanctions.case_status import CASE, STAGE_OF, STAGE_TITLES, CaseStage, CaseSubject
from core.accounts import StaffPosting
from core.audit import AuditEvent
from core.i18n import _l
from core.permissions import Permission, SubjectKind

KIND = CASE.name
PERMISSION = {
    CaseStage.SCREENING: Permission.SANCTION_PROPOSE,
    CaseStage.HEARING: Permission.SANCTION_PROPOSE,
    CaseStage.DECISION: Permission.SANCTION_DECIDE,
    CaseStage.APPEAL: Permission.SANCTION_APPEAL,
}
# Subjects other than agencies that have accounts here.
OWNED = {CaseSubject.EMPLOYER: SubjectKind.EMPLOYER, CaseSubject.ORIENTATION_CENTRE: SubjectKind.CENTRE}
# Whoever did one of these made the case, and does not decide it.
MAKING = ("report", "screen", "suspend", "notify", "hear")
APPELLATE = ("stay", "refuse_stay", "end_stay")


def turn_of(session: Session, case: SanctionCase) -> duties.Turn | None:
    """The step that waits for an officer, and who can't have it; None when the proceeding is over or waits for others."""
    stage = STAGE_OF.get(case.status)
    if stage is None:
        return None
    out = frozenset(_left_out(session, case, stage))
    return duties.Turn(stage, PERMISSION[stage], case.office_id, tied_to(session, case), out)


def tied_to(session: Session, case: SanctionCase) -> Callable[[Session, Sequence[UUID]], set[UUID]]:
    """Who of some officers has a tie to whom the proceeding is about."""
    agencies = _agencies(session, case)

    def tied(session: Session, accounts: Sequence[UUID]) -> set[UUID]:
        found = set[UUID]().union(*(ties.tied(session, accounts, agency_id) for agency_id in agencies))
        if case.subject_kind in OWNED and case.subject_id is not None:
            found |= ties.members(session, accounts, OWNED[case.subject_kind], case.subject_id)
        return found

    return tied


def _agencies(session: Session, case: SanctionCase) -> list[UUID]:
    """The agency against which it goes, or those of the director against whom."""
    if case.agency_id is not None:
        return [case.agency_id]
    if case.subject_kind is not CaseSubject.DIRECTOR:
        return []
    same = AgencyDirector.identifier_index == case.identifier_index
    return list(session.scalars(select(AgencyDirector.agency_id).where(same).distinct()))


def _left_out(session: Session, case: SanctionCase, stage: CaseStage) -> set[UUID]:
    """The reporter; for the decision whoever prepared it, for the appeal whoever took any step, and for both the officers
    of the office that complains."""
    out = {case.reported_by}
    if stage in (CaseStage.SCREENING, CaseStage.HEARING):
        return out
    acted = select(AuditEvent.actor_account_id).where(
        AuditEvent.subject_kind == KIND, AuditEvent.subject_id == case.id, AuditEvent.actor_account_id.is_not(None)
    )
    before = AuditEvent.action.in_(MAKING) if stage is CaseStage.DECISION else AuditEvent.action.not_in(APPELLATE)
    out |= {a for a in session.scalars(acted.where(before)) if a is not None}
    if case.complaining_office_id is not None:
        out |= unit(session, case.complaining_office_id)
    return out


def unit(session: Session, office_id: UUID | None) -> set[UUID]:
    """The officers of the office that complains."""
    posted = StaffPosting.office_id == office_id
    return set(session.scalars(select(StaffPosting.account_id).where(posted, StaffPosting.ended_at.is_(None))))


def settle(session: Session, case: SanctionCase) -> None:
    """Draw the officer of the step to which a locked proceeding has come, unless there is one who can go on."""
    session.flush()
    turn = turn_of(session, case)
    if turn is not None:
        duties.settle(session, KIND, case.id, turn)


def _locked_turn(session: Session, case_id: UUID) -> duties.Turn | None:
    return turn_of(session, locked(session, session.get_one(SanctionCase, case_id)))


def locked(session: Session, case: SanctionCase) -> SanctionCase:
    """The proceeding, locked after its agency, as everywhere."""
    if case.agency_id is not None:
        session.execute(select(Agency.id).where(Agency.id == case.agency_id).with_for_update())
    query = select(SanctionCase).where(SanctionCase.id == case.id).with_for_update()
    return session.scalars(query, execution_options={"populate_existing": True}).one()


def _open(session: Session) -> list[tuple[UUID, str, Permission]]:
    rows = session.execute(
        select(SanctionCase.id, SanctionCase.status)
        .where(SanctionCase.status.in_(list(STAGE_OF)))
        .order_by(SanctionCase.created_at)
    )
    return [(case_id, STAGE_OF[status], PERMISSION[STAGE_OF[status]]) for case_id, status in rows]


ACTS = {
    CaseStage.SCREENING: ("screen", "drop"),
    CaseStage.HEARING: ("notify", "schedule", "reschedule", "hear"),
    CaseStage.DECISION: ("send_back", "dismiss", "order"),
    CaseStage.APPEAL: ("stay", "refuse_stay", "end_stay", "uphold", "vary", "reverse"),
}
duties.register(
    duties.Kind(
        KIND, _locked_turn, _open, title=_l("Proceedings"), stages=STAGE_TITLES,
        acts={a: stage for stage, actions in ACTS.items() for a in actions},
        agencies=select(SanctionCase.id, SanctionCase.agency_id),
    )
)  # fmt: skip
