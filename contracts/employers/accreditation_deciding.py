"""Deciding on what an employer asks about its accreditation: the mission looks, and an officer who is not the first decides."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.employers.accreditation import MESSAGE, move, refuse_unsound
from contracts.employers.accreditation_models import AccreditationRequest, AccreditationTerm
from contracts.employers.accreditation_queries import last_term, next_number, term_on
from contracts.employers.accreditation_status import RequestKind, RequestStatus
from contracts.employers.models import Employer
from contracts.employers.policies import find, is_mission_of, may_accredit
from contracts.employers.services import CONTACT_OF_AGENCY, agency_ties
from contracts.interests import refuse_interest
from contracts.job_orders.services import taken
from core.actor import Actor
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible, TooLate
from core.i18n import _l, format_date
from core.owners import tell_owners
from core.permissions import SubjectKind

_S = RequestStatus


@dataclass(frozen=True, slots=True)
class Grant:
    """``ends_on`` is asked for with a renewal alone. ``fewer``: the officer means to grant fewer places than are in use."""

    capacity: int
    ends_on: date | None
    reason: str
    fewer: bool = False


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
    move(session, actor, request, employer, action, reason)
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
    move(session, actor, request, employer, "refuse", reason)
    tell_owners(session, SubjectKind.EMPLOYER, employer.id, MESSAGE)
    return request


def look_again(session: Session, actor: Actor, request_id: UUID, reason: str) -> AccreditationRequest:
    """The second officer wants the mission to look once more."""
    request, employer = _deciding(session, actor, request_id)
    move(session, actor, request, employer, "look_again", reason)
    return request


def grant(session: Session, actor: Actor, request_id: UUID, command: Grant) -> AccreditationTerm:
    """The second officer grants it. A renewal begins the day after the last one ends, or today when that has passed; an
    enlargement holds from today to the end of the term that runs.

    :raises DomainError: for fewer places than are in use, unless this is meant; both numbers are told.
    """
    request, employer = _deciding(session, actor, request_id)
    if request.status is not _S.SEEN:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    refuse_unsound(session, employer)
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
    move(
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
