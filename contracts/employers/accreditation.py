"""Asking for a further term or for more workers; the mission looks, and an officer who is not the first decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.employers.accreditation_models import AccreditationPaper, AccreditationRequest, AccreditationTerm
from contracts.employers.accreditation_queries import (
    last_term,
    next_number,
    open_request,
    situation,
    term_on,
)
from contracts.employers.accreditation_status import REQUEST, RequestKind, RequestStatus
from contracts.employers.models import Employer
from contracts.employers.policies import find, find_own, is_mission_of, may_accredit
from contracts.employers.queries import standing
from contracts.employers.services import CONTACT_OF_AGENCY, agency_ties
from contracts.employers.status import EmployerStatus
from contracts.interests import refuse_interest
from contracts.job_orders.services import taken
from core import audit
from core.actor import Actor
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.files import store_upload
from core.i18n import _l, format_date
from core.owners import tell_owners
from core.permissions import ClerkRight, SubjectKind
from law.country import Paper, deployment, due_if_set

_S = RequestStatus
MESSAGE = "accreditation_news"
ACCREDITED = (EmployerStatus.ACCREDITED, EmployerStatus.WATCH)
# Who has to act in a state, and the row of the country's policy that says how many working days.
CLOCKS = {
    _S.SENT: "accreditation_mission_days",
    _S.RETURNED: "accreditation_answer_days",
    _S.SEEN: "accreditation_decision_days",
}


@dataclass(frozen=True, slots=True)
class Ask:
    """``capacity``: all workers at a time; ``occupations``: further ISCO-08 codes; ``papers``: code and content."""

    kind: RequestKind
    capacity: int
    occupations: tuple[str, ...]
    why: str
    papers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """``ends_on`` is asked for with a renewal alone. ``fewer``: the officer means to grant fewer places than are in use."""

    capacity: int
    ends_on: date | None
    reason: str
    fewer: bool = False


def papers_for(kind: RequestKind) -> tuple[Paper, ...]:
    """The papers that the country asks for."""
    return deployment().papers[f"accreditation_{kind.value}"]


def ask(session: Session, actor: Actor, command: Ask) -> AccreditationRequest:
    """The employer asks. What it has stays as it is until an officer has decided.

    :raises DomainError: without an accreditation, while another request is open, too early, or without a paper that is needed.
    """
    employer = find_own(session, actor, right=ClerkRight.APPLY, lock=True)
    _refuse_unsound(session, employer)
    if open_request(session, employer.id) is not None:
        raise DomainError(_l("You have asked for something already. Wait for the answer, or withdraw it."))
    _refuse_senseless(session, employer, command)
    given = {code for code, _content in command.papers}
    for paper in papers_for(command.kind):
        if paper.required and paper.code not in given:
            raise DomainError(_l("Add this paper."), field=f"paper_{paper.code}")
    made = AccreditationRequest(
        employer_id=employer.id, kind=command.kind, capacity=command.capacity, occupations=sorted(set(command.occupations)),
        why=command.why, asked_by=actor.require_account(), due_on=_due(session, _S.SENT),
    )  # fmt: skip
    session.add(made)
    session.flush()
    _keep_papers(session, actor, employer, made, command.papers)
    evidence = {
        "employer_id": employer.id,
        "kind": command.kind,
        "capacity": command.capacity,
        "occupations": made.occupations,
    }
    audit.record(
        session, actor, subject=(REQUEST.name, made.id), action="lodge", reason=command.why, evidence=evidence, to_status=_S.SENT
    )  # fmt: skip
    return made


def _refuse_unsound(session: Session, employer: Employer) -> None:
    if employer.status not in ACCREDITED:
        raise DomainError(_l("This employer is not accredited."))
    if standing(session, employer.id, legal_today(session)).barred:
        raise DomainError(_l("This employer is barred."))


def _refuse_senseless(session: Session, employer: Employer, command: Ask) -> None:
    found = situation(session, employer.id)
    if command.kind is RequestKind.RENEWAL:
        if found.opens_on is not None and found.opens_on > found.today:
            day = format_date(found.opens_on)
            raise DomainError(_l("The renewal can be asked for from %(day)s on.", day=day))
        return
    if found.now is None:
        raise DomainError(_l("The accreditation has ended. Ask for its renewal."))
    known = {o.code for o in deployment().occupations}
    if not set(command.occupations) <= known:
        raise DomainError(_l("Choose occupations from the list."), field="occupations")
    further = found.now.occupations is not None and set(command.occupations) - set(found.now.occupations)
    if command.capacity < found.now.capacity or (command.capacity == found.now.capacity and not further):
        raise DomainError(
            _l(
                "Ask for more than the %(now)s workers that you have, or for further occupations.",
                now=found.now.capacity,
            ),
            field="capacity",
        )


def _keep_papers(
    session: Session,
    actor: Actor,
    employer: Employer,
    request: AccreditationRequest,
    papers: Sequence[tuple[str, bytes]],
) -> None:
    codes = {p.code for p in papers_for(request.kind)}
    for code, content in papers:
        if code not in codes:
            raise NotVisible
        stored = store_upload(
            session, actor, content, purpose="employer.accreditation", person_key_id=employer.person_key_id
        )
        session.add(AccreditationPaper(request_id=request.id, code=code, file_id=stored.id))
    session.flush()


def _due(session: Session, status: RequestStatus) -> date | None:
    return due_if_set(legal_today(session), CLOCKS[status]) if status in CLOCKS else None


# --- the employer's own steps -------------------------------------------------------------------------------------------


def _own(session: Session, actor: Actor, request_id: UUID) -> tuple[AccreditationRequest, Employer]:
    employer = find_own(session, actor, right=ClerkRight.APPLY, lock=True)
    request = _locked(session, request_id)
    if request is None or request.employer_id != employer.id:
        raise NotVisible
    return request, employer


def _locked(session: Session, request_id: UUID) -> AccreditationRequest | None:
    return session.get(AccreditationRequest, request_id, with_for_update=True, populate_existing=True)


def answer(
    session: Session, actor: Actor, request_id: UUID, words: str, papers: Sequence[tuple[str, bytes]] = ()
) -> AccreditationRequest:
    """The employer answers the mission, with further papers if there are any."""
    request, employer = _own(session, actor, request_id)
    _move(session, actor, request, employer, "answer", words)
    _keep_papers(session, actor, employer, request, papers)
    return request


def withdraw(session: Session, actor: Actor, request_id: UUID) -> AccreditationRequest:
    request, employer = _own(session, actor, request_id)
    _move(session, actor, request, employer, "withdraw", "withdrawn by the employer")
    return request


def _move(
    session: Session,
    actor: Actor,
    request: AccreditationRequest,
    employer: Employer,
    action: str,
    reason: str,
    **evidence: Any,
) -> None:
    office = None if REQUEST.transitions[action].permission is None else employer.mission_id
    request.due_on = _due(session, REQUEST.transitions[action].target)
    REQUEST.apply(session, request, action, actor=actor, reason=reason, evidence=evidence, office_id=office)


# --- the officers' ------------------------------------------------------------------------------------------------------


def find_request(
    session: Session, actor: Actor, request_id: UUID, *, lock: bool = False
) -> tuple[AccreditationRequest, Employer]:
    """A request that the actor may see, and its employer; with ``lock`` the employer is held first, then the request.

    :raises NotVisible: when there is none for this actor.
    """
    employer_id = session.scalar(select(AccreditationRequest.employer_id).where(AccreditationRequest.id == request_id))
    if employer_id is None:
        raise NotVisible
    employer = find(session, actor, employer_id, lock=lock)
    return session.get_one(AccreditationRequest, request_id, with_for_update=lock, populate_existing=lock), employer


def look(session: Session, actor: Actor, request_id: UUID, action: str, reason: str) -> AccreditationRequest:
    """The mission has looked at what the employer asks, or wants more of it.

    :param action: ``see`` or ``ask_more``.
    :raises DomainError: when a contact of the signatory has come to an agency since the first look.
    """
    request, employer = find_request(session, actor, request_id, lock=True)
    if action not in ("see", "ask_more"):
        raise NotVisible
    if not is_mission_of(actor, employer):
        raise Denied(_l("Only the mission in this country can do this."))
    refuse_interest(session, actor, employer_id=employer.id)
    if action == "see":
        if agency_ties(session, employer):
            raise DomainError(CONTACT_OF_AGENCY)
        request.seen_by = actor.require_account()
    _move(session, actor, request, employer, action, reason)
    if action == "ask_more":
        tell_owners(session, SubjectKind.EMPLOYER, employer.id, MESSAGE)
    return request


def _deciding(session: Session, actor: Actor, request_id: UUID) -> tuple[AccreditationRequest, Employer]:
    request, employer = find_request(session, actor, request_id, lock=True)
    if not may_accredit(actor, employer):
        raise Denied(_l("Only an office whose area covers this country can do this."))
    refuse_interest(session, actor, employer_id=employer.id)
    if actor.account_id in (request.seen_by, request.asked_by):
        raise Denied(_l("Another officer has to decide this."))
    return request, employer


def refuse(session: Session, actor: Actor, request_id: UUID, reason: str) -> AccreditationRequest:
    """The second officer does not grant it; what the employer has stays as it is."""
    request, employer = _deciding(session, actor, request_id)
    request.decided_by = actor.require_account()
    _move(session, actor, request, employer, "refuse", reason)
    tell_owners(session, SubjectKind.EMPLOYER, employer.id, MESSAGE)
    return request


def look_again(session: Session, actor: Actor, request_id: UUID, reason: str) -> AccreditationRequest:
    """The second officer wants the mission to look once more."""
    request, employer = _deciding(session, actor, request_id)
    _move(session, actor, request, employer, "look_again", reason)
    return request


def grant(session: Session, actor: Actor, request_id: UUID, command: Grant) -> AccreditationTerm:
    """The second officer grants it. A renewal begins the day after the last one ends, or today when that has passed; an
    enlargement holds from today to the end of the term that runs.

    :raises DomainError: for fewer places than are in use, unless this is meant; both numbers are told.
    """
    request, employer = _deciding(session, actor, request_id)
    if request.status is not _S.SEEN:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    _refuse_unsound(session, employer)
    in_use = taken(session, employer.id)
    if command.capacity < in_use and not command.fewer:
        raise DomainError(
            _l(
                "%(in_use)s places are in use, and you grant %(capacity)s. Say that you mean it: no job order is approved "
                "before fewer are in use; nobody loses a contract.",
                in_use=in_use,
                capacity=command.capacity,
            ),
            field="fewer",
        )
    made = (
        _renewed(session, employer, command)
        if request.kind is RequestKind.RENEWAL
        else _enlarged(session, request, command)
    )
    made.number = next_number(session, employer.id)
    made.request_id, made.verified_by, made.accredited_by = request.id, request.seen_by, actor.require_account()
    request.decided_by = actor.require_account()
    session.add(made)
    _move(
        session, actor, request, employer, "grant", command.reason, capacity=made.capacity, asked=request.capacity, in_use=in_use,
        starts_on=made.starts_on, ends_on=made.ends_on, occupations=made.occupations,
    )  # fmt: skip
    tell_owners(session, SubjectKind.EMPLOYER, employer.id, MESSAGE)
    return made


def _renewed(session: Session, employer: Employer, command: Grant) -> AccreditationTerm:
    before, today = last_term(session, employer.id), legal_today(session)
    assert before is not None, "an accredited employer has a term"
    starts = max(before.ends_on + timedelta(days=1), today)
    if command.ends_on is None or command.ends_on < starts:
        raise DomainError(
            _l("The new accreditation begins on %(day)s. Choose a later day.", day=format_date(starts)), field="ends_on"
        )
    return AccreditationTerm(
        employer_id=employer.id, capacity=command.capacity, occupations=before.occupations, starts_on=starts, ends_on=command.ends_on
    )  # fmt: skip


def _enlarged(session: Session, request: AccreditationRequest, command: Grant) -> AccreditationTerm:
    today = legal_today(session)
    now = term_on(session, request.employer_id, today)
    if now is None:
        raise DomainError(_l("The accreditation has ended. Ask for its renewal."))
    if command.capacity < now.capacity:
        raise DomainError(
            _l("This is fewer than the %(now)s that it has. Refuse it instead.", now=now.capacity), field="capacity"
        )
    occupations = None if now.occupations is None else sorted({*now.occupations, *request.occupations})
    return AccreditationTerm(
        employer_id=request.employer_id, capacity=command.capacity, occupations=occupations, starts_on=today, ends_on=now.ends_on,
        told_for=now.told_for,
    )  # fmt: skip
