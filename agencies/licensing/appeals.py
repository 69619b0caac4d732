"""The appeal of a refused applicant: once against each refusal, decided by an officer who took no step before.

Reversed, the application goes back to where it was refused, and officers who had no part in it look at it afresh.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies.insider import assignment
from agencies.insider.status import POINTER
from agencies.licensing import documents, policies
from agencies.licensing.models import LicenceApplication
from agencies.licensing.paper_models import LicenceAppeal
from agencies.licensing.status import APPEAL, APPLICATION, AppealStatus, ApplicationStatus
from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from agencies.sanctions.appeals import PAPER_MISSING, day_of_receipt, decide_by
from core import audit
from core.actor import Actor
from core.audit import AuditEvent
from core.db import legal_day, legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.files import store_upload
from core.i18n import _l
from core.listing import AnySelect
from core.owners import tell_owners
from core.permissions import Permission, SubjectKind

NEWS = "application_news"
# Steps of an application that stand in no transition table.
FURTHER_STEPS = ("record_security", "record_fee")


@dataclass(frozen=True, slots=True)
class Lodge:
    """Why the refusal is wrong, in the applicant's words."""

    words: str


@dataclass(frozen=True, slots=True)
class OnPaper:
    """An appeal that came on paper: its words, the photo or PDF of it, the day on which it came (today when none is
    written)."""

    words: str
    content: bytes
    received_on: date | None = None


def appeal_of(session: Session, application: LicenceApplication) -> LicenceAppeal | None:
    """The newest appeal in an application, decided or not; the caller has asked the policy."""
    return session.scalars(
        select(LicenceAppeal)
        .where(LicenceAppeal.application_id == application.id)
        .order_by(LicenceAppeal.id.desc())
        .limit(1)
    ).one_or_none()


def is_late(application: LicenceApplication, today: date) -> bool:
    """After the last day; without a day nobody knows, and an officer decides."""
    return application.appeal_until is None or today > application.appeal_until


def hindrance(session: Session, application: LicenceApplication, received: date | None = None) -> Any:
    """Why there can be no appeal (again) against this refusal, as a sentence; None when there can.

    :param received: the day on which one came on paper; today when the applicant appeals here.
    """
    before = appeal_of(session, application)
    if before is not None and before.refused_at == application.decided_at:
        return _l("There is an appeal against this refusal already.")
    if is_late(application, received or legal_today(session)) and application.appeal_certain:
        return _l("The time to appeal is over. Ask the ministry in writing to hear it all the same.")
    newer = exists().where(
        LicenceApplication.agency_id == application.agency_id,
        LicenceApplication.id > application.id,
        LicenceApplication.status != ApplicationStatus.WITHDRAWN,
    )
    if session.scalar(select(newer)):
        return _l("There is a newer application of this agency. It has to be withdrawn before an appeal.")
    return None


def lodge(session: Session, actor: Actor, application_id: UUID, command: Lodge) -> LicenceAppeal:
    """The agency appeals against the refusal, once.

    :raises TooLate: when nothing is refused, it was appealed against before, or a certain law row says that the time is over.
    """
    held = policies.find_own(session, actor, application_id)
    return _lodge(session, actor, held, command.words, legal_today(session))


def record(session: Session, actor: Actor, application_id: UUID, command: OnPaper) -> LicenceAppeal:
    """An officer writes down, for the agency, an appeal that came on paper; the agency is told, another officer decides.

    :raises TooLate: as for the agency itself, counted from the day of the receipt.
    :raises DomainError: without the paper, or with a day on which it can't have come.
    """
    held = policies.find(session, actor, application_id, lock=True)
    actor.require(Permission.SANCTION_PROPOSE, held.agency.office_id)
    agency_policies.refuse_conflict(session, actor, held.agency.id)
    decided = held.application.decided_at
    received = day_of_receipt(session, command.received_on, legal_day(decided) if decided else date.min)
    if not command.content:
        raise DomainError(PAPER_MISSING, field="file")
    appeal = _lodge(session, actor, held, command.words, received, command.content)
    tell_owners(session, SubjectKind.AGENCY, held.agency.id, NEWS)
    return appeal


def _lodge(
    session: Session, actor: Actor, held: policies.Held, words: str, received: date, paper: bytes | None = None
) -> LicenceAppeal:
    application = held.application
    if application.status is not ApplicationStatus.REFUSED or not (application.decided_at and application.decided_by):
        raise TooLate(_l("This application is not refused."))
    if not words.strip():
        raise DomainError(_l("Write why the refusal is wrong."), field="words")
    why_not = hindrance(session, application, received)
    if why_not is not None:
        raise TooLate(why_not)
    kept = (
        store_upload(session, actor, paper, purpose="licence.appeal", person_key_id=held.agency.person_key_id)
        if paper is not None
        else None
    )
    appeal = LicenceAppeal(
        application_id=application.id, refused_at=application.decided_at, refused_by=application.decided_by,
        words=words.strip(), lodged_by=actor.require_account(), late=is_late(application, received),
        due_on=decide_by(received), law=application.appeal_law, received_on=received if kept else None,
        paper_id=kept.id if kept else None,
    )  # fmt: skip
    session.add(appeal)
    session.flush()
    evidence = {
        "application_id": application.id, "appeal_until": application.appeal_until, "late": appeal.late,
        "law": application.appeal_law, "due_on": appeal.due_on, "received_on": received,
        **({"sha256": kept.sha256} if kept else {}),
    }  # fmt: skip
    audit.record(
        session, actor, subject=(APPEAL.name, appeal.id), action="lodge", evidence=evidence,
        to_status=AppealStatus.LODGED,
    )  # fmt: skip
    return appeal


def find(session: Session, actor: Actor, appeal_id: UUID, *, lock: bool = False) -> tuple[LicenceAppeal, policies.Held]:
    """An appeal with its application, for officers; locked, agency first as everywhere, when it is to be decided.

    :raises NotVisible: for everybody else.
    """
    application_id = session.scalar(select(LicenceAppeal.application_id).where(LicenceAppeal.id == appeal_id))
    if application_id is None or not actor.is_staff:
        raise NotVisible
    held = policies.find(session, actor, application_id, lock=lock)
    query = select(LicenceAppeal).where(LicenceAppeal.id == appeal_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one(), held


def stranger_only(session: Session, actor: Actor, held: policies.Held) -> None:
    """
    :raises Denied: for whoever took any step in the application, was drawn for one, wrote an appeal down for the agency, or
        has a tie to the agency.
    """
    agency_policies.refuse_conflict(session, actor, held.agency.id)
    mine = actor.require_account()
    wrote = exists().where(LicenceAppeal.application_id == held.application.id, LicenceAppeal.lodged_by == mine)
    if session.scalar(select(wrote)):
        raise Denied(_l("You wrote this appeal down. Another officer must decide it."))
    acted = exists().where(
        AuditEvent.subject_kind == APPLICATION.name,
        AuditEvent.subject_id == held.application.id,
        AuditEvent.actor_account_id == mine,
        AuditEvent.action.in_((*APPLICATION.transitions, *FURTHER_STEPS)),
    )
    if mine in assignment.touched(session, held.application) or session.scalar(select(acted)):
        raise Denied(_l("You took part in this application. The appeal is for somebody else."))


def decide(session: Session, actor: Actor, appeal_id: UUID, reason: str, *, reverse: bool) -> LicenceAppeal:
    """The refusal stands, or it is reversed and others look at the application again.

    :raises Denied: for whoever took any step before.
    :raises TooLate: when it is decided already.
    """
    appeal, held = find(session, actor, appeal_id, lock=True)
    actor.require(Permission.SANCTION_APPEAL, held.agency.office_id)
    # Asked first: whoever decided it in another window a moment ago would be told of having taken part.
    if not APPEAL.allows(appeal.status, "reverse"):
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    stranger_only(session, actor, held)
    if not reason.strip():
        raise DomainError(_l("Please give a reason."), field="reason")
    outcome = AppealStatus.REVERSED if reverse else AppealStatus.UPHELD
    paper = documents.appeal_decision(session, actor, held.application, held.agency, outcome, reason.strip())
    evidence = {"application_id": held.application.id, "late": appeal.late, "law": appeal.law, **paper}
    with session.no_autoflush:
        appeal.decided_by, appeal.decided_on, appeal.reason = actor.require_account(), legal_today(session), reason
        APPEAL.apply(session, appeal, "reverse" if reverse else "uphold", actor=actor, reason=reason, evidence=evidence)
    if reverse:
        _reopen(session, actor, appeal, held, reason)
    tell_owners(session, SubjectKind.AGENCY, held.agency.id, NEWS)
    return appeal


def _reopen(session: Session, actor: Actor, appeal: LicenceAppeal, held: policies.Held, reason: str) -> None:
    """Back to the stage of the refusal, with everybody set aside who had a hand in it, and a fresh draw."""
    application = held.application
    aside = assignment.touched(session, application) | {actor.require_account()}
    application.set_aside = sorted(str(a) for a in aside)
    action = "reverse_stopped" if application.refused_at_stop else "reverse"
    evidence = {"appeal_id": appeal.id, "set_aside": application.set_aside}
    APPLICATION.apply(session, application, action, actor=actor, reason=reason, evidence=evidence)
    for column in {*POINTER.values(), "decided_by", "decided_at", "decision_reason", "evidence_hash", "appeal_until"}:
        setattr(application, column, None)
    application.appeal_certain, application.appeal_law, application.refused_at_stop = False, {}, False
    application.round += 1
    session.flush()
    assignment.assign(session, application, held.agency, assignment.STAGE_OF[application.status])


def waiting(actor: Actor) -> AnySelect:
    """Appeals to decide in the offices that the actor reaches."""
    return (
        select(
            LicenceAppeal.id, LicenceAppeal.reference, LicenceAppeal.created_at, LicenceAppeal.due_on,
            LicenceAppeal.late, Agency.name.label("agency_name"),
        )
        .join(LicenceApplication, LicenceApplication.id == LicenceAppeal.application_id)
        .join(Agency, Agency.id == LicenceApplication.agency_id)
        .where(
            LicenceAppeal.status == AppealStatus.LODGED, agency_policies.visible(actor, Permission.SANCTION_APPEAL)
        )
    )  # fmt: skip
