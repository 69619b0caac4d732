"""What an agency does with its application."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies.insider import assignment, matches
from agencies.insider.models import ListedMatch
from agencies.licensing import checklist, documents, evidence, policies, rules
from agencies.licensing.models import Licence, LicenceApplication, LicenceDefect, LicenceMatch, LicencePaper
from agencies.licensing.paper_models import LicenceAppeal
from agencies.licensing.status import (
    APPLICATION,
    FINAL,
    FOUND_FIT,
    LICENCE,
    AppealStatus,
    ApplicationStatus,
    LicenceStatus,
    MatchKind,
)
from agencies.register import namesakes
from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency
from agencies.renewal import testing
from agencies.renewal.status import Occasion
from agencies.sanctions.queries import PersonMatch, is_blacklisted, match_blacklist, proceeding_is_open
from core import audit
from core.actor import Actor
from core.db import db_now, legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.files import store_upload
from core.i18n import _l
from core.permissions import ClerkRight, SubjectKind

EDITABLE = frozenset({ApplicationStatus.DRAFT, ApplicationStatus.RETURNED})
# Also while it waits for a decision something may come up: papers and particulars can be changed, and are reviewed again.
CHANGEABLE = EDITABLE | FOUND_FIT


@dataclass(frozen=True, slots=True)
class ChooseClass:
    licence_class: str


@dataclass(frozen=True, slots=True)
class AttachPaper:
    code: str
    content: bytes


def start_application(session: Session, actor: Actor, agency_id: UUID) -> LicenceApplication:
    """Begin an application, or go on with the open one.

    :raises DomainError: while the agency is suspended: that has to be settled first.
    """
    agency_policies.find_own(session, actor, agency_id, ClerkRight.APPLY, lock=True)
    opened = session.scalars(
        select(LicenceApplication).where(
            LicenceApplication.agency_id == agency_id, LicenceApplication.status.not_in(list(FINAL))
        )
    ).one_or_none()
    if opened is not None:
        return opened
    refuse_blacklisted(session, agency_id)
    refuse_while_appealed(session, agency_id)
    suspended = exists().where(Licence.agency_id == agency_id, Licence.status == LicenceStatus.SUSPENDED)
    if session.scalar(select(suspended)):
        raise DomainError(_l("Your licence is suspended. Settle that with the office first."))
    application = LicenceApplication(agency_id=agency_id, started_by=actor.require_account())
    session.add(application)
    session.flush()
    audit.record(session, actor, subject=("licence_application", application.id), action="start")
    return application


def refuse_blacklisted(session: Session, agency_id: UUID) -> None:
    """
    :raises DomainError: for an agency on the blacklist, whoever directs it now.
    """
    if is_blacklisted(session, agency_id):
        raise DomainError(_l("This agency is on the blacklist. It can’t get a licence."))


def refuse_while_appealed(session: Session, agency_id: UUID) -> None:
    """
    :raises DomainError: for another application while an appeal is open: reversed, the refused one goes on.
    """
    waiting = exists().where(
        LicenceAppeal.application_id == LicenceApplication.id,
        LicenceApplication.agency_id == agency_id,
        LicenceAppeal.status == AppealStatus.LODGED,
    )
    if session.scalar(select(waiting)):
        raise DomainError(_l("Your appeal is still to be decided. Until then no other application can be begun."))


def _editable(
    session: Session,
    actor: Actor,
    application_id: UUID,
    states: frozenset[ApplicationStatus] = EDITABLE,
) -> policies.Held:
    held = policies.find_own(session, actor, application_id)
    if held.application.status not in states:
        raise TooLate(_l("This can’t be changed while the office looks at your application."))
    return held


def choose_class(session: Session, actor: Actor, application_id: UUID, command: ChooseClass) -> LicenceApplication:
    """Choose one of the classes that the law knows today.

    :raises DomainError: for any other.
    """
    held = _editable(session, actor, application_id)
    if rules.class_terms(command.licence_class, legal_today(session)) is None:
        raise DomainError(_l("Choose one of the classes."), field="licence_class")
    held.application.licence_class = command.licence_class
    session.flush()
    audit.record(
        session,
        actor,
        subject=("licence_application", application_id),
        action="choose_class",
        evidence={"class": command.licence_class},
    )
    return held.application


def attach_paper(session: Session, actor: Actor, application_id: UUID, command: AttachPaper) -> LicencePaper:
    """Keep an uploaded paper; it takes the place of the one before and mends the defect that named it.

    A paper that comes after somebody found the application fit makes that finding void.

    :raises DomainError: when the paper isn't asked for, or the file can't be taken.
    """
    held = _editable(session, actor, application_id, CHANGEABLE)
    if command.code not in {p.code for p in rules.papers(held.application.procedure)}:
        raise NotVisible
    stored = store_upload(
        session, actor, command.content, purpose=f"licence.{command.code}", person_key_id=held.agency.person_key_id
    )
    now = db_now(session)
    before = checklist.current_papers(session, application_id).get(command.code)
    if before is not None:
        before.replaced_at = now
        session.flush()
    paper = LicencePaper(
        application_id=application_id, code=command.code, file_id=stored.id, uploaded_by=actor.require_account()
    )
    session.add(paper)
    for defect in checklist.defects(session, application_id, held.application.round):
        if defect.item == command.code and defect.mended_at is None:
            defect.mended_at = now
    session.flush()
    audit.record(
        session,
        actor,
        subject=("licence_application", application_id),
        action="attach_paper",
        evidence={"paper": command.code, "sha256": stored.sha256},
    )
    evidence.after_change(session, actor, held.agency.id, f"paper {command.code}")
    return paper


def mend_defect(session: Session, actor: Actor, application_id: UUID, defect_id: UUID) -> LicenceDefect:
    """Say that a defect which is no paper has been mended."""
    held = _editable(session, actor, application_id)
    defect = session.scalars(
        select(LicenceDefect).where(
            LicenceDefect.id == defect_id,
            LicenceDefect.application_id == application_id,
            LicenceDefect.round == held.application.round,
        )
    ).one_or_none()
    if defect is None or defect.item in {p.code for p in rules.papers(held.application.procedure)}:
        raise NotVisible
    defect.mended_at = defect.mended_at or db_now(session)
    session.flush()
    return defect


def submit(session: Session, actor: Actor, application_id: UUID) -> LicenceApplication:
    """Send the application, or send it again after a return; it keeps its place in the queue.

    When a director may be a person on the blacklist, or the name could be taken for a listed agency's, it is stopped for
    an approver; the applicant is told no reason.

    :raises DomainError: naming what is missing.
    """
    held = _editable(session, actor, application_id)
    application = held.application
    refuse_blacklisted(session, held.agency.id)
    missing = [str(t.title) for t in checklist.tasks(session, application, held.agency) if not t.done]
    if missing:
        raise DomainError(_l("Still missing: %(what)s.", what=", ".join(missing)))
    again, visit = application.status is ApplicationStatus.RETURNED, application.returned_by_visit
    if again and any(d.mended_at is None for d in checklist.defects(session, application.id, application.round)):
        raise DomainError(_l("Mend everything in the list first, then send it again."))
    seen = _law_seen(session, application) | testing.take(session, application, Occasion.SENT)
    people = _note_matches(session, application, match_blacklist(session, held.agency.id))
    shared = matches.note_matches(session, application, held.agency)
    alike = namesakes.note(session, application, held.agency)
    stopped = bool(people or shared or alike)
    if not again:
        application.submitted_at = db_now(session)
    elif not stopped:
        application.round += 1
    sent = ("resubmit_visit" if visit else "resubmit") if again else "submit"
    if stopped:
        seen |= _matches_seen(people, shared) | (namesakes.evidence(alike) if alike else {})
    if again and not stopped and visit:
        application.evidence_hash = evidence.evidence_hash(session, application, held.agency)
    seen |= documents.receipt(session, actor, application, held.agency)
    stop = "stop_again" if again else "stop"
    APPLICATION.apply(session, application, stop if stopped else sent, actor=actor, evidence=seen)
    assignment.keep_or_assign(session, application, held.agency, assignment.STAGE_OF[application.status])
    return application


def _matches_seen(people: list[LicenceMatch], shared: list[ListedMatch]) -> dict[str, object]:
    """Why it was stopped, for the log: kinds and ids, nothing personal."""
    return {
        "matches": [{"match_id": m.id, "kind": m.kind, "codes": m.codes} for m in people],
        "shared": [{"match_id": m.id, "kind": m.kind} for m in shared],
    }


def _law_seen(session: Session, application: LicenceApplication) -> dict[str, object]:
    """The law row that stood when the application was sent, kept with it."""
    terms = rules.class_terms(application.licence_class or "", legal_today(session))
    if terms is None:
        raise DomainError(_l("Choose one of the classes."))
    application.law = terms.evidence
    return {"law": application.law}


def _note_matches(session: Session, application: LicenceApplication, found: list[PersonMatch]) -> list[LicenceMatch]:
    """Keep new matches; those that an approver has dismissed for the same two people are not raised again."""
    known = {
        (m.director_id, m.listed_person_id): m
        for m in session.scalars(select(LicenceMatch).where(LicenceMatch.application_id == application.id))
    }
    live: list[LicenceMatch] = []
    for match in found:
        row = known.get((match.director_id, match.listed_person_id))
        if row is None:
            row = LicenceMatch(
                application_id=application.id,
                director_id=match.director_id,
                listed_person_id=match.listed_person_id,
                kind=MatchKind.IDENTIFIER if match.same_identifier else MatchKind.NAME_AND_BIRTH,
                score=match.score,
                codes=list(match.codes),
            )
            session.add(row)
        if row.dismissed_by is None:
            live.append(row)
    session.flush()
    return live


def withdraw(session: Session, actor: Actor, application_id: UUID) -> LicenceApplication:
    """Take the application back."""
    held = policies.find_own(session, actor, application_id)
    APPLICATION.apply(session, held.application, "withdraw", actor=actor)
    return held.application


def surrender(session: Session, actor: Actor, agency_id: UUID, reason: str) -> Licence:
    """The owner gives the licence up.

    :raises Denied: for a clerk.
    :raises DomainError: while a proceeding is open: nobody leaves before its order.
    """
    agency: Agency = agency_policies.find_own(session, actor, agency_id, lock=True)
    if not actor.owns(SubjectKind.AGENCY, agency.id):
        raise Denied(_l("Only the owner of the agency can do this."))
    if proceeding_is_open(session, agency.id):
        raise DomainError(
            _l("A proceeding against the agency is open. The licence can be given up once it is decided.")
        )
    licence = open_licence(session, agency.id)
    if licence is None:
        raise TooLate(_l("There is no licence in force."))
    LICENCE.apply(session, licence, "surrender", actor=actor, reason=reason)
    return licence


def open_licence(session: Session, agency_id: UUID) -> Licence | None:
    """The active or suspended licence of an agency, locked."""
    return session.scalars(
        select(Licence)
        .where(Licence.agency_id == agency_id, Licence.status.in_([LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED]))
        .with_for_update()
    ).one_or_none()
