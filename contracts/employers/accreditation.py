"""Asking for a further term or for more workers; who decides, and how, stands in ``accreditation_deciding``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.employers.accreditation_models import AccreditationPaper, AccreditationRequest
from contracts.employers.accreditation_queries import (
    open_request,
    situation,
)
from contracts.employers.accreditation_status import REQUEST, RequestKind, RequestStatus
from contracts.employers.models import Employer
from contracts.employers.policies import find_own
from contracts.employers.queries import standing
from contracts.employers.status import EmployerStatus
from core import audit
from core.actor import Actor
from core.db import legal_today
from core.errors import DomainError, NotVisible
from core.files import store_upload
from core.i18n import _l, format_date
from core.permissions import ClerkRight
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


def papers_for(kind: RequestKind) -> tuple[Paper, ...]:
    """The papers that the country asks for."""
    return deployment().papers[f"accreditation_{kind.value}"]


def ask(session: Session, actor: Actor, command: Ask) -> AccreditationRequest:
    """The employer asks. What it has stays as it is until an officer has decided.

    :raises DomainError: without an accreditation, while another request is open, too early, or without a paper that is needed.
    """
    employer = find_own(session, actor, right=ClerkRight.APPLY, lock=True)
    refuse_unsound(session, employer)
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


def refuse_unsound(session: Session, employer: Employer) -> None:
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
    move(session, actor, request, employer, "answer", words)
    _keep_papers(session, actor, employer, request, papers)
    return request


def withdraw(session: Session, actor: Actor, request_id: UUID) -> AccreditationRequest:
    request, employer = _own(session, actor, request_id)
    move(session, actor, request, employer, "withdraw", "withdrawn by the employer")
    return request


def move(
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
