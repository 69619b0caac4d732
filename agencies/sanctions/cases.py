"""A proceeding up to the hearing: report, screening, notice, reply, hearing. What follows stands in ``orders``."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from agencies.registration import policies as agency_policies
from agencies.registration.models import Agency, AgencyDirector
from agencies.registration.services import identifier_index, name_hashes
from agencies.registration.status import IdentifierKind
from agencies.sanctions import case_policies as policies
from agencies.sanctions import drawing, subjects
from agencies.sanctions.case_models import SanctionCase, SanctionPaper
from agencies.sanctions.case_status import CASE, OPEN, CaseSource, CaseStatus, CaseSubject, PaperStep
from agencies.sanctions.models import Sanction
from agencies.sanctions.telling import tell
from core import audit
from core.accounts import Office
from core.actor import SYSTEM, Actor
from core.db import db_now, legal_day, legal_today
from core.errors import Denied, DomainError
from core.files import store_upload
from core.i18n import _l
from core.permissions import Permission
from core.privacy import blind_index, new_person
from law.country import deployment, due_after
from law.engine import Applied, applies


@dataclass(frozen=True, slots=True)
class NewPaper:
    """``shown``: the subject may read it. A reply or an appeal is the subject's own and always shown."""

    title: str
    content: bytes
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A report. The subject is an agency or a director by record, an employer or a centre by reference, or somebody by
    name and paper."""

    kind: CaseSubject
    facts: str
    source: CaseSource
    complaining_office_id: UUID | None = None
    agency_id: UUID | None = None
    director_id: UUID | None = None
    reference: str = ""
    name: str = ""
    identifier_kind: IdentifierKind | None = None
    identifier: str = ""
    birth_date: date | None = None
    country: str | None = None
    papers: tuple[NewPaper, ...] = ()


@dataclass(frozen=True, slots=True)
class Hearing:
    at: datetime
    place: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said, whether the subject came, and what the hearing officer finds and recommends."""

    minutes: str
    subject_came: bool
    finding: str
    papers: tuple[NewPaper, ...] = ()


def report(session: Session, actor: Actor, command: Report) -> SanctionCase:
    """Begin a proceeding. Nothing changes for anybody; the subject learns of it with the notice.

    :raises DomainError: when the subject is not named well enough, or the same agency has a report that waits.
    """
    actor.require(Permission.SANCTION_PROPOSE)
    if not command.facts.strip():
        raise DomainError(_l("Write what is said to have happened."), field="facts")
    named = command.complaining_office_id
    if command.source is CaseSource.UNIT and (named is None or session.get(Office, named) is None):
        raise DomainError(_l("Choose the office that complains."), field="office")
    case = _named(session, actor, command)
    case.facts, case.source, case.reported_by = command.facts, command.source, actor.require_account()
    case.complaining_office_id = command.complaining_office_id if command.source is CaseSource.UNIT else None
    case.due_on = due_after(legal_today(session), "screening_days")
    session.add(case)
    session.flush()
    evidence = {
        "subject": command.kind,
        "agency_id": case.agency_id,
        "subject_id": case.subject_id,
        "source": case.source,
    }
    audit.record(session, actor, subject=("sanction_case", case.id), action="report", evidence=evidence)
    add_papers(session, actor, case, PaperStep.EVIDENCE, command.papers)
    drawing.settle(session, case)
    return case


def _named(session: Session, actor: Actor, command: Report) -> SanctionCase:
    """The case with its subject, not yet kept."""
    kind = command.kind
    if kind is CaseSubject.AGENCY and command.agency_id is not None:
        agency = agency_policies.find(session, actor, command.agency_id, lock=True)
        actor.require(Permission.SANCTION_PROPOSE, agency.office_id)
        agency_policies.refuse_conflict(session, actor, agency.id)
        _refuse_waiting(session, agency.id)
        return SanctionCase(
            person_key_id=agency.person_key_id, office_id=agency.office_id, subject_kind=kind, agency_id=agency.id
        )
    office_id = _own_office(actor)
    if kind is CaseSubject.DIRECTOR and command.director_id is not None:
        return _director(session, actor, command.director_id)
    case = SanctionCase(person_key_id=new_person(session).id, office_id=office_id, subject_kind=kind)
    if subjects.is_offered(kind):
        found = subjects.find_record(session, kind, command.reference)
        case.subject_id, case.name, case.country = found.subject_id, found.name, found.country
        return case
    if not command.name.strip() or not command.identifier.strip():
        raise DomainError(_l("Write the name and the number of a paper: a name alone is nobody."), field="identifier")
    case.name, case.identifier, case.country = command.name, command.identifier, command.country
    if kind is CaseSubject.DIRECTOR:
        if command.birth_date is None or command.identifier_kind is None:
            raise DomainError(_l("Write the birth date too."), field="birth_date")
        _identify(case, command.identifier_kind, command.identifier, command.birth_date.isoformat(), command.name)
    else:
        case.identifier_index = party_index(kind, command.country or "", command.identifier)
    return case


def party_index(kind: CaseSubject, country: str, number: str) -> bytes:
    """The keyed hash by which an agent abroad or a medical centre is known again: country and registration number."""
    return blind_index(f"party.{kind}", f"{country.upper()}:{plain_number(number)}")


def plain_number(number: str) -> str:
    """A registration number by its letters and digits alone."""
    return "".join(c for c in number.upper() if c.isalnum())


def _identify(case: SanctionCase, kind: IdentifierKind, identifier: str, born: str, name: str) -> None:
    case.identifier_kind, case.birth_date = kind, born
    case.identifier_index = identifier_index(kind, identifier)
    case.birth_index = blind_index("director.birth", born)
    case.name_hashes = name_hashes(name)


def _director(session: Session, actor: Actor, director_id: UUID) -> SanctionCase:
    """A director of an agency, as a person: the values are sealed anew under the person's own key."""
    director = session.get(AgencyDirector, director_id)
    if director is None:
        raise DomainError(_l("Choose one of the directors."), field="director")
    agency = agency_policies.find(session, actor, director.agency_id)
    actor.require(Permission.SANCTION_PROPOSE, agency.office_id)
    agency_policies.refuse_conflict(session, actor, agency.id)
    case = SanctionCase(
        person_key_id=director.person_key_id, office_id=agency.office_id, subject_kind=CaseSubject.DIRECTOR
    )
    name, identifier, born = director.name or "", director.identifier or "", director.birth_date or ""
    case.name, case.identifier = name, identifier
    _identify(case, director.identifier_kind, identifier, born, name)
    return case


def _own_office(actor: Actor) -> UUID:
    """The office in which the actor may report: the one of the posting."""
    reach = actor.offices(Permission.SANCTION_PROPOSE)
    for role in actor.roles:
        if role.office_id in reach:
            return role.office_id
    raise Denied(_l("You are not allowed to do this."))


def _refuse_waiting(session: Session, agency_id: UUID) -> None:
    waiting = exists().where(SanctionCase.agency_id == agency_id, SanctionCase.status == CaseStatus.REPORTED)
    if session.scalar(select(waiting)):
        raise DomainError(_l("A report about this agency waits to be screened. Add your paper to that one."))


def add_papers(
    session: Session, actor: Actor, case: SanctionCase, step: PaperStep, papers: tuple[NewPaper, ...]
) -> list[SanctionPaper]:
    """Keep papers of one step; their hashes go into the log."""
    kept = []
    for paper in papers:
        stored = store_upload(
            session, actor, paper.content, purpose=f"sanction.{step}", person_key_id=case.person_key_id
        )
        row = SanctionPaper(
            case_id=case.id, step=step, title=paper.title, file_id=stored.id, added_by=actor.require_account(),
            shown=paper.shown or step in (PaperStep.REPLY, PaperStep.APPEAL, PaperStep.REVIEW),
        )  # fmt: skip
        session.add(row)
        session.flush()
        evidence = {"step": step, "sha256": stored.sha256, "shown": row.shown}
        audit.record(session, actor, subject=("sanction_case", case.id), action="add_paper", evidence=evidence)
        kept.append(row)
    return kept


def add_evidence(session: Session, actor: Actor, case_id: UUID, paper: NewPaper) -> SanctionPaper:
    """Another paper of evidence, until the case is decided."""
    case = policies.find_for(session, actor, case_id, Permission.SANCTION_PROPOSE)
    if case.status not in OPEN | {CaseStatus.REPORTED}:
        raise DomainError(_l("This proceeding is decided. No paper can be added."))
    return add_papers(session, actor, case, PaperStep.EVIDENCE, (paper,))[0]


def screen(session: Session, actor: Actor, case_id: UUID, reason: str, *, take_up: bool = True) -> SanctionCase:
    """Take a report up, or not; never by the officer who made it."""
    case = policies.find_for(session, actor, case_id, Permission.SANCTION_PROPOSE)
    if case.reported_by == actor.account_id:
        raise Denied(_l("You made this report. Another officer must screen it."))
    policies.require_drawn(session, actor, case, Permission.SANCTION_PROPOSE)
    CASE.apply(session, case, "screen" if take_up else "drop", actor=actor, reason=reason)
    case.screened_by = actor.account_id
    case.due_on = due_after(legal_today(session), "screening_days")
    drawing.settle(session, case)
    return case


def reply_until(session: Session) -> date:
    """The last day to answer a notice served today, by the ministry's standard."""
    return legal_today(session) + timedelta(days=int(deployment().standard("show_cause_days")))


def notify(session: Session, actor: Actor, case_id: UUID, notice: str, reply_by: date | None = None) -> SanctionCase:
    """Serve the notice: what is said, and by when to answer. From now on the agency sees the proceeding."""
    case = policies.find_for(session, actor, case_id, Permission.SANCTION_PROPOSE)
    policies.require_drawn(session, actor, case, Permission.SANCTION_PROPOSE)
    if not notice.strip():
        raise DomainError(_l("Write what the subject has to answer."), field="notice")
    last = reply_by or reply_until(session)
    if last <= legal_today(session):
        raise DomainError(_l("Give time to answer: choose a later day."), field="reply_by")
    evidence: dict[str, Any] = {"reply_by": last, "law": _grounds(session, case)}
    CASE.apply(session, case, "notify", actor=actor, evidence=evidence)
    _serve(session, case, notice, last)
    case.notified_by = actor.require_account()
    session.flush()
    tell(session, case)
    return case


def _serve(session: Session, case: SanctionCase, notice: str, last: date) -> None:
    case.notice, case.reply_by, case.notified_on, case.due_on = notice, last, legal_today(session), last


def _grounds(session: Session, case: SanctionCase) -> dict[str, Any]:
    """The law's reasons to take a licence, as the file knows them today."""
    if case.subject_kind is not CaseSubject.AGENCY:
        return {}
    found = applies("licence.cancel.grounds", on=legal_today(session))
    return found.row.as_evidence() if isinstance(found, Applied) else found.as_evidence()


def open_with_suspension(session: Session, actor: Actor, agency: Agency, sanction: Sanction) -> SanctionCase:
    """The proceeding to which an interim suspension belongs: the one that runs already, or a new one whose notice is the
    suspension's own reason."""
    assert sanction.proposed_by is not None
    running = session.scalars(
        select(SanctionCase)
        .where(SanctionCase.agency_id == agency.id, SanctionCase.status.in_(OPEN))
        .order_by(SanctionCase.created_at.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if running is not None:
        sanction.case_id = running.id
        subject, named = ("sanction_case", running.id), {"sanction_id": sanction.id}
        audit.record(session, actor, subject=subject, action="suspend", reason=sanction.reason, evidence=named)
        return running
    case = SanctionCase(
        person_key_id=agency.person_key_id, office_id=agency.office_id, subject_kind=CaseSubject.AGENCY,
        agency_id=agency.id, facts=sanction.reason, complaining_office_id=sanction.complaining_office_id,
        source=CaseSource.UNIT if sanction.complaining_office_id else CaseSource.PERSON, reported_by=sanction.proposed_by,
        screened_by=actor.require_account(), notified_by=actor.require_account(), due_on=legal_today(session),
    )  # fmt: skip
    _serve(session, case, sanction.reason, sanction.show_cause_day or reply_until(session))
    session.add(case)
    session.flush()
    sanction.case_id = case.id
    evidence: dict[str, Any] = {"sanction_id": sanction.id, "reply_by": case.reply_by, "law": _grounds(session, case)}
    CASE.apply(session, case, "suspend", actor=actor, reason=sanction.reason, evidence=evidence)
    drawing.settle(session, case)
    tell(session, case)
    return case


def reply(session: Session, actor: Actor, case_id: UUID, words: str, papers: tuple[NewPaper, ...] = ()) -> SanctionCase:
    """The agency answers on its own page, once; after the day too, as long as no hearing is set."""
    return _reply(session, actor, policies.find_own(session, actor, case_id, lock=True), words, papers)


def record_reply(
    session: Session, actor: Actor, case_id: UUID, words: str, papers: tuple[NewPaper, ...] = ()
) -> SanctionCase:
    """An officer writes down what came on paper, from a subject that has no page here."""
    case = policies.find_for(session, actor, case_id, Permission.SANCTION_PROPOSE)
    return _reply(session, actor, case, words, papers)


def _reply(
    session: Session, actor: Actor, case: SanctionCase, words: str, papers: tuple[NewPaper, ...]
) -> SanctionCase:
    if not words.strip():
        raise DomainError(_l("Write the answer."), field="words")
    if case.reply is not None:
        raise DomainError(_l("An answer was given already. More can be said at the hearing."))
    late = case.status is CaseStatus.REPLY
    CASE.apply(session, case, "reply_late" if late else "reply", actor=actor, evidence={"papers": len(papers)})
    case.reply, case.replied_by, case.replied_at = words, actor.require_account(), db_now(session)
    case.due_on = due_after(legal_today(session), "hearing_set_days")
    add_papers(session, actor, case, PaperStep.REPLY, papers)
    return case


def close_replies(session: Session, batch: int) -> int:
    """The time to answer is over: the proceeding goes on without; gives how many. May run twice."""
    today = legal_today(session)
    due = session.scalars(
        select(SanctionCase)
        .where(SanctionCase.status == CaseStatus.NOTICE, SanctionCase.reply_by < today)
        .order_by(SanctionCase.id)
        .limit(batch)
        .with_for_update(skip_locked=True)
    ).all()
    for case in due:
        case.due_on = due_after(today, "hearing_set_days")
        CASE.apply(session, case, "no_reply", actor=SYSTEM, reason="time over", evidence={"reply_by": case.reply_by})
    return len(due)


def schedule(session: Session, actor: Actor, case_id: UUID, command: Hearing, reason: str = "") -> SanctionCase:
    """Set the hearing, or move it with a reason."""
    case = policies.find_for(session, actor, case_id, Permission.SANCTION_PROPOSE)
    policies.require_drawn(session, actor, case, Permission.SANCTION_PROPOSE)
    if command.at < db_now(session):
        raise DomainError(_l("Choose a time that is still to come."), field="day")
    if not command.place.strip():
        raise DomainError(_l("Write where the hearing is."), field="place")
    action = "reschedule" if case.status is CaseStatus.HEARING else "schedule"
    CASE.apply(session, case, action, actor=actor, reason=reason, evidence={"hearing_at": command.at})
    case.hearing_at, case.hearing_place, case.due_on = command.at, command.place, legal_day(command.at)
    session.flush()
    tell(session, case)
    return case


def hear(session: Session, actor: Actor, case_id: UUID, command: Heard) -> SanctionCase:
    """Write down the hearing, on its day or later, with what the officer finds; another officer decides."""
    case = policies.find_for(session, actor, case_id, Permission.SANCTION_PROPOSE)
    policies.require_drawn(session, actor, case, Permission.SANCTION_PROPOSE)
    if case.hearing_at is not None and legal_day(case.hearing_at) > legal_today(session):
        raise DomainError(_l("The hearing has not been held yet."))
    if not command.minutes.strip():
        raise DomainError(_l("Write what was said."), field="minutes")
    evidence = {"subject_came": command.subject_came}
    CASE.apply(session, case, "hear", actor=actor, reason=command.finding, evidence=evidence)
    case.minutes, case.subject_came, case.heard_by = command.minutes, command.subject_came, actor.require_account()
    case.due_on = due_after(legal_today(session), "order_days")
    session.flush()
    add_papers(session, actor, case, PaperStep.MINUTES, command.papers)
    drawing.settle(session, case)
    return case


def send_back(session: Session, actor: Actor, case_id: UUID, reason: str) -> SanctionCase:
    """The decider wants another hearing."""
    case = policies.find_for(session, actor, case_id, Permission.SANCTION_DECIDE)
    policies.refuse_maker(session, actor, case)
    policies.require_drawn(session, actor, case, Permission.SANCTION_DECIDE)
    CASE.apply(session, case, "send_back", actor=actor, reason=reason)
    case.due_on = due_after(legal_today(session), "hearing_set_days")
    case.hearing_at = None
    drawing.settle(session, case)
    return case
