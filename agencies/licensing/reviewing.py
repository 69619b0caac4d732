"""What the reviewer does with the application that was drawn for them: begin, return, send an inspector, recommend."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies.insider import assignment
from agencies.insider.status import Stage, Why
from agencies.licensing import documents, policies, rules
from agencies.licensing.evidence import evidence_hash
from agencies.licensing.models import LicenceApplication, LicenceDefect
from agencies.licensing.status import APPLICATION, ApplicationStatus
from agencies.licensing.visit_models import LicenceVisit
from core.actor import Actor
from core.db import db_now
from core.errors import DomainError
from core.i18n import _l
from core.owners import tell_owners
from core.permissions import SubjectKind


@dataclass(frozen=True, slots=True)
class Defect:
    """``item`` is a paper's code, ``details``, ``directors`` or ``other``."""

    item: str
    note: str


@dataclass(frozen=True, slots=True)
class ReturnDefects:
    defects: tuple[Defect, ...]


@dataclass(frozen=True, slots=True)
class Recommend:
    """``waiver`` says why nobody visits the office; the approver reads it."""

    finding: str
    waiver: str = ""


def take(session: Session, actor: Actor, application_id: UUID) -> LicenceApplication:
    """The drawn officer begins; from here on the agency can be found in the public register as not licensed.

    :raises Denied: when it was drawn for somebody else.
    """
    held = policies.find_for_stage(session, actor, application_id, Stage.REVIEW)
    _begin(session, actor, held, again=True)
    return held.application


def _begin(session: Session, actor: Actor, held: policies.Held, *, again: bool = False) -> None:
    """Whatever the reviewer does first begins the review."""
    if not again and held.application.status is not ApplicationStatus.SUBMITTED:
        return
    APPLICATION.apply(session, held.application, "take", actor=actor)
    if held.agency.listed_at is None:
        held.agency.listed_at = db_now(session)
    session.flush()


def give_back(session: Session, actor: Actor, application_id: UUID, reason: str) -> LicenceApplication:
    """The own review, for a reason: it keeps its place in the queue, and another officer is drawn."""
    held = policies.find_for_stage(session, actor, application_id, Stage.REVIEW)
    APPLICATION.apply(session, held.application, "give_back", actor=actor, reason=reason)
    assignment.assign(
        session, held.application, held.agency, Stage.REVIEW, Why.GIVEN_BACK, leave_out={actor.require_account()}
    )
    return held.application


def note_defects(session: Session, actor: Actor, held: policies.Held, command: ReturnDefects) -> dict[str, Any]:
    """Keep each thing to mend, and make out the letter that names them; gives what the log says of it.

    :raises DomainError: without a defect, or with an unknown item.
    """
    if not command.defects:
        raise DomainError(_l("Name at least one thing to mend."), field="note")
    application = held.application
    noted: list[LicenceDefect] = []
    known = {p.code for p in rules.papers(application.procedure)} | {"details", "directors", "other"}
    for defect in command.defects:
        if defect.item not in known or not defect.note.strip():
            raise DomainError(_l("Say what is wrong with each thing that you name."), field="note")
        noted.append(
            LicenceDefect(
                application_id=application.id,
                round=application.round,
                item=defect.item,
                note=defect.note,
                noted_by=actor.require_account(),
            )
        )
    session.add_all(noted)
    session.flush()
    tell_owners(session, SubjectKind.AGENCY, held.agency.id, "application_news")
    return documents.defect_letter(session, actor, application, held.agency, noted)


def return_defects(session: Session, actor: Actor, application_id: UUID, command: ReturnDefects) -> LicenceApplication:
    """Send it back with each thing to mend named; ``submitted_at``, its place in the queue, stays.

    :raises DomainError: without a defect, or with an unknown item.
    """
    held = policies.find_for_stage(session, actor, application_id, Stage.REVIEW)
    letter = note_defects(session, actor, held, command)
    _begin(session, actor, held)
    evidence = {"round": held.application.round, "items": [d.item for d in command.defects], **letter}
    held.application.returned_by_visit = False
    APPLICATION.apply(session, held.application, "return", actor=actor, evidence=evidence)
    return held.application


def ask_visit(session: Session, actor: Actor, application_id: UUID, finding: str) -> LicenceApplication:
    """The papers are in order: an inspector is drawn, who is neither this officer nor the one who will decide."""
    held = policies.find_for_stage(session, actor, application_id, Stage.REVIEW)
    _begin(session, actor, held)
    seen = evidence_hash(session, held.application, held.agency)
    APPLICATION.apply(
        session, held.application, "ask_visit", actor=actor, reason=finding, evidence={"evidence_hash": seen}
    )
    held.application.finding, held.application.visit_waiver = finding, None
    held.application.evidence_hash = seen
    session.flush()
    assignment.keep_or_assign(session, held.application, held.agency, Stage.INSPECTION)
    return held.application


def visited(session: Session, application_id: UUID) -> bool:
    return bool(session.scalar(select(exists().where(LicenceVisit.application_id == application_id))))


def recommend(session: Session, actor: Actor, application_id: UUID, command: Recommend) -> LicenceApplication:
    """Ready for the decision without (another) visit: either the office was visited, or the reason why not is given.

    :raises DomainError: when nobody visited, policy asks for a visit, and no reason is given.
    """
    held = policies.find_for_stage(session, actor, application_id, Stage.REVIEW)
    waiver = command.waiver.strip()
    if not waiver and rules.visit_required() and not visited(session, application_id):
        raise DomainError(_l("Nobody has visited the office. Send an inspector, or say why not."), field="waiver")
    _begin(session, actor, held)
    seen = evidence_hash(session, held.application, held.agency)
    APPLICATION.apply(
        session, held.application, "recommend", actor=actor, reason=command.finding,
        evidence={"waiver": waiver, "visit_required": rules.visit_required(), "evidence_hash": seen},
    )  # fmt: skip
    held.application.finding, held.application.visit_waiver = command.finding, waiver or None
    held.application.evidence_hash = seen
    session.flush()
    assignment.keep_or_assign(session, held.application, held.agency, Stage.DECISION)
    return held.application
