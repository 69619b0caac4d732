"""Registering an employer, its verification by the mission, and accreditation."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from agencies.insider.models import AgencyMark
from agencies.insider.status import MarkKind
from agencies.registration.models import Agency, AgencyDirector
from agencies.sanctions.case_status import CaseSubject
from agencies.sanctions.queries import is_barred
from contracts.employers.accreditation_models import AccreditationTerm
from contracts.employers.accreditation_queries import next_number
from contracts.employers.models import Employer
from contracts.employers.policies import find, find_own, is_mission_of, may_accredit
from contracts.employers.status import employer_workflow
from contracts.interests import refuse_interest
from core import accounts, audit, messages
from core.accounts import Office, UserAccount
from core.actor import Actor
from core.contact import normal_email, normal_phone
from core.db import legal_today
from core.errors import Denied, DomainError, NotVisible
from core.i18n import _l
from core.permissions import SubjectKind
from core.privacy import blind_index
from law.country import deployment


@dataclass(frozen=True, slots=True)
class NewEmployer:
    """What an employer registers with, beside its signatory's account: a named person with contacts of their own."""

    name: str
    country: str
    city: str
    registration_number: str
    signatory_name: str
    signatory_title: str
    phone: str


def register(session: Session, actor: Actor, command: NewEmployer) -> Employer:
    """Register an employer; who registers it is its signatory, with an e-mail address that a code has proved.

    :raises DomainError: for a country without a mission, or a registration number that is known.
    """
    account = session.get_one(UserAccount, actor.require_account())
    if account.email is None or account.email_confirmed_at is None or actor.roles:
        raise Denied(_l("You are not allowed to do this."))
    if actor.subject(SubjectKind.EMPLOYER) is not None:
        raise DomainError(_l("You act for an employer already."))
    if deployment().destination(command.country) is None:
        raise DomainError(_l("Choose a country from the list."), field="country")
    mission = session.scalars(
        select(Office).where(Office.kind == "mission", Office.destinations.contains([command.country])).limit(1)
    ).one_or_none()
    if mission is None:
        raise DomainError(_l("There is no mission for this country yet."), field="country")
    employer = Employer(
        person_key_id=account.person_key_id,
        name=command.name,
        country=command.country,
        city=command.city,
        registration_number=command.registration_number.strip().upper(),
        mission_id=mission.id,
        signatory_account_id=account.id,
        signatory_title=command.signatory_title,
    )
    email, phone = normal_email(account.email), normal_phone(command.phone)
    employer.signatory_name, employer.signatory_email, employer.signatory_phone = command.signatory_name, email, phone
    employer.signatory_email_index, employer.signatory_phone_index = (
        blind_index("email", email),
        blind_index("phone", phone),
    )
    try:
        with session.begin_nested():
            session.add(employer)
            session.flush()
    except IntegrityError:
        raise DomainError(
            _l("An employer with this registration number is registered already. Ask the mission."),
            field="registration_number",
        ) from None
    accounts.add_membership(session, account, kind=SubjectKind.EMPLOYER, subject_id=employer.id, is_owner=True)
    audit.record(session, actor, subject=("employer", employer.id), action="register")
    return employer


def agency_ties(session: Session, employer: Employer) -> list[str]:
    """Which of the signatory's contacts an agency or its director controls, too."""
    found = contact_ties(session, employer.signatory_email_index, employer.signatory_phone_index)
    account = session.get(UserAccount, employer.signatory_account_id) if employer.signatory_account_id else None
    if account is not None:
        # What the signatory has given to the account since the mission has seen them: codes go there.
        found += contact_ties(session, account.email_index, account.phone_index)
    return sorted(set(found))


def contact_ties(session: Session, email_index: bytes | None, phone_index: bytes | None) -> list[str]:
    """Which of these contacts, given as keyed hashes, an agency or its director controls."""
    ties: list[str] = []
    for kind, index in (("email", email_index), ("phone", phone_index)):
        if index is None:
            continue
        column = UserAccount.email_index if kind == "email" else UserAccount.phone_index
        member = (
            select(accounts.Membership.id)
            .join(UserAccount, UserAccount.id == accounts.Membership.account_id)
            .where(
                accounts.Membership.kind == SubjectKind.AGENCY, accounts.Membership.ended_at.is_(None), column == index
            )
        )
        director = select(AgencyDirector.id).where(
            or_(AgencyDirector.email_index == index, AgencyDirector.phone_index == index),
            AgencyDirector.removed_at.is_(None),
        )
        own = select(AgencyMark.id).where(AgencyMark.kind == MarkKind.PHONE, AgencyMark.value_index == index)
        if any(session.scalar(found.limit(1)) for found in (member, director, own)):
            ties.append(kind)
    return sorted(set(ties))


def refuse_agency_contact(session: Session, employer: Employer, agency_id: UUID) -> None:
    """Asked again whenever the signatory acts: a contact can come to an agency after the mission's look.

    :raises DomainError: while a contact of the signatory belongs to an agency, this one's own e-mail and telephone included.
    """
    agency = session.get_one(Agency, agency_id)
    own = {blind_index("email", normal_email(agency.email))} if agency.email else set()
    own |= {blind_index("phone", normal_phone(agency.phone))} if agency.phone else set()
    if agency_ties(session, employer) or own & {employer.signatory_email_index, employer.signatory_phone_index}:
        raise DomainError(CONTACT_OF_AGENCY)


CONTACT_OF_AGENCY = _l("A contact of the signatory belongs to an agency. The employer must give contacts of its own.")


def verify(session: Session, actor: Actor, employer_id: UUID, seen: str) -> Employer:
    """The mission's officer has seen the employer and its signatory, and says what was seen.

    :raises DomainError: while a contact of the signatory is one that an agency controls.
    """
    employer = find(session, actor, employer_id, lock=True)
    if not is_mission_of(actor, employer):
        raise Denied(_l("Only the mission in this country can do this."))
    refuse_interest(session, actor, employer_id=employer.id)
    if agency_ties(session, employer):
        raise DomainError(CONTACT_OF_AGENCY)
    employer_workflow.apply(session, employer, "verify", actor=actor, reason=seen, office_id=employer.mission_id)
    employer.verified_by = actor.account_id
    return employer


def doubt(session: Session, actor: Actor, employer_id: UUID, action: str, reason: str) -> Employer:
    """The mission's officer asks for more, or did not find the employer: its signatory is told to look.

    :param action: ``ask_more`` or ``not_found``.
    """
    if action not in DOUBTS:
        raise NotVisible
    employer = find(session, actor, employer_id, lock=True)
    if not is_mission_of(actor, employer):
        raise Denied(_l("Only the mission in this country can do this."))
    employer_workflow.apply(session, employer, action, actor=actor, reason=reason, office_id=employer.mission_id)
    messages.send(
        session, template="employer_news", account=session.get_one(UserAccount, employer.signatory_account_id)
    )
    return employer


DOUBTS = ("ask_more", "not_found")


def answer_mission(session: Session, actor: Actor, text: str) -> Employer:
    """The employer says what it has to show: the mission looks again."""
    employer = find_own(session, actor, lock=True)
    employer_workflow.apply(session, employer, "answer", actor=actor, reason=text)
    return employer


@dataclass(frozen=True, slots=True)
class Accreditation:
    """How many workers at a time, and until when. ``occupations``: ISCO-08 codes; without any, every occupation."""

    capacity: int
    valid_until: date
    reason: str
    occupations: tuple[str, ...] = ()


def accredit(session: Session, actor: Actor, employer_id: UUID, command: Accreditation) -> Employer:
    """Accredit a verified employer; never by the officer who verified it."""
    employer = find(session, actor, employer_id, lock=True)
    if employer.verified_by == actor.account_id:
        raise Denied(_l("Another officer has to decide this."))
    if command.valid_until <= legal_today(session):
        raise DomainError(_l("Choose a day in the future."), field="valid_until")
    if not may_accredit(actor, employer):
        raise Denied(_l("Only an office whose area covers this country can do this."))
    refuse_interest(session, actor, employer_id=employer.id)
    if is_barred(session, CaseSubject.EMPLOYER, employer.id):
        raise DomainError(_l("This employer is barred."))
    term = AccreditationTerm(
        employer_id=employer.id, number=next_number(session, employer.id), capacity=command.capacity,
        occupations=sorted(command.occupations) or None,
        starts_on=legal_today(session), ends_on=command.valid_until, verified_by=employer.verified_by,
        accredited_by=actor.require_account(),
    )  # fmt: skip
    session.add(term)
    evidence = {"capacity": term.capacity, "valid_until": term.ends_on, "occupations": term.occupations}
    employer_workflow.apply(
        session,
        employer,
        "accredit",
        actor=actor,
        reason=command.reason,
        evidence=evidence,
        office_id=employer.mission_id,
    )
    return employer


def sanction(session: Session, actor: Actor, employer_id: UUID, action: str, reason: str) -> Employer:
    """Watch or restore."""
    if action not in {"watch", "restore"}:
        raise NotVisible
    employer = find(session, actor, employer_id, lock=True)
    if not may_accredit(actor, employer):
        raise Denied(_l("Only an office whose area covers this country can do this."))
    refuse_interest(session, actor, employer_id=employer.id)
    employer_workflow.apply(session, employer, action, actor=actor, reason=reason, office_id=employer.mission_id)
    return employer
