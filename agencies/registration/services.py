"""Registering an agency, its directors and its clerks."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from agencies.licensing import evidence
from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.status import FINAL, FOUND_FIT, ApplicationStatus, LicenceStatus
from agencies.registration import policies
from agencies.registration.models import Agency, AgencyDirector
from agencies.registration.status import IdentifierKind
from core import audit, invitations
from core.accounts import Invitation, Membership, Office, OfficeKind, UserAccount, add_membership, end_membership
from core.actor import Actor
from core.contact import normal_email, normal_phone
from core.db import db_now, legal_today
from core.errors import DomainError, NotVisible
from core.forms import latin_digits
from core.i18n import _l
from core.names import person_keys
from core.permissions import ClerkRight, SubjectKind
from core.privacy import blind_index, new_person
from law.country import deployment

SUBJECT = "agency"
MAXIMUM_DIRECTORS = 20
MAXIMUM_PEOPLE = 50
AGENCY_RIGHTS = (
    ClerkRight.APPLY,
    ClerkRight.PEOPLE,
    ClerkRight.JOB_ORDERS,
    ClerkRight.CONTRACTS,
    ClerkRight.SIGN,
)


@dataclass(frozen=True, slots=True)
class RegisterAgency:
    name: str
    name_local: str | None = None


@dataclass(frozen=True, slots=True)
class AgencyDetails:
    """Values as forms give them; telephone in E.164."""

    name: str
    name_local: str | None
    company_number: str
    district: str
    address: str
    phone: str
    email: str | None
    bank_name: str
    bank_account: str


@dataclass(frozen=True, slots=True)
class AddDirector:
    name: str
    identifier_kind: IdentifierKind
    identifier: str
    birth_date: date
    phone: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class InviteClerk:
    name: str
    email: str
    rights: tuple[ClerkRight, ...]


def licensing_office(session: Session) -> Office:
    """The office that licenses agencies: the department, or the ministry where there is none.

    :raises DomainError: when no office has been set up yet.
    """
    query = (
        select(Office)
        .where(Office.kind.in_([OfficeKind.DEPARTMENT, OfficeKind.MINISTRY]))
        .order_by(Office.kind == OfficeKind.MINISTRY, Office.code)
        .limit(1)
    )
    office = session.scalars(query).one_or_none()
    if office is None:
        raise DomainError(_l("Licensing has not been set up yet. Please come back later."))
    return office


def register_agency(session: Session, actor: Actor, command: RegisterAgency) -> Agency:
    """A new agency with the actor as its owner. It is in no public register until an officer has taken it up.

    :raises DomainError: when the actor acts for an agency already.
    """
    account = session.get_one(UserAccount, actor.require_account(), with_for_update=True)
    already = exists().where(
        Membership.account_id == account.id, Membership.kind == SubjectKind.AGENCY, Membership.ended_at.is_(None)
    )
    if session.scalar(select(already)):
        raise DomainError(_l("You act for an agency already."), field="name")
    agency = Agency(person_key_id=new_person(session).id, office_id=licensing_office(session).id, name=command.name)
    agency.name_local = command.name_local or None
    session.add(agency)
    session.flush()
    add_membership(session, account, kind=SubjectKind.AGENCY, subject_id=agency.id, is_owner=True, added_by=account.id)
    audit.record(session, actor, subject=(SUBJECT, agency.id), action="register")
    return agency


def refuse_while_decided(session: Session, agency_id: UUID) -> None:
    """What an officer looks at must not change under the officer's eyes. What was found fit may: it is reviewed again.

    :raises DomainError: while an application is with the office, or a licence stands on these facts.
    """
    with_the_office = exists().where(
        LicenceApplication.agency_id == agency_id,
        LicenceApplication.status.not_in([*FINAL, *FOUND_FIT, ApplicationStatus.DRAFT, ApplicationStatus.RETURNED]),
    )
    renewing = exists().where(
        LicenceApplication.agency_id == agency_id,
        LicenceApplication.status.in_([*FOUND_FIT, ApplicationStatus.DRAFT, ApplicationStatus.RETURNED]),
    )
    if session.scalar(select(with_the_office)):
        raise DomainError(_l("This can’t be changed while the office looks at your application."))
    if is_licensed(session, agency_id) and not session.scalar(select(renewing)):
        raise DomainError(_l("Your licence rests on this. To change it, start an application for a new licence."))


def is_licensed(session: Session, agency_id: UUID) -> bool:
    """Whether an open licence stands on the agency's facts."""
    licensed = exists().where(
        Licence.agency_id == agency_id, Licence.status.in_([LicenceStatus.ACTIVE, LicenceStatus.SUSPENDED])
    )
    return bool(session.scalar(select(licensed)))


def change_details(session: Session, actor: Actor, agency_id: UUID, command: AgencyDetails) -> Agency:
    """Change what the agency says about itself. A licensed agency keeps its name: the public register shows it at once.

    :raises DomainError: while an application is with the office, or when a licensed agency would get another name.
    """
    agency = policies.find_own(session, actor, agency_id, ClerkRight.APPLY, lock=True)
    refuse_while_decided(session, agency_id)
    renamed = (command.name, command.name_local or None) != (agency.name, agency.name_local)
    if renamed and is_licensed(session, agency_id):
        raise DomainError(_l("Your licence is in this name. Write to the office to change it."), field="name")
    agency.name, agency.name_local = command.name, command.name_local or None
    agency.company_number = normal_identifier(command.company_number)
    agency.district, agency.address = command.district, command.address
    agency.phone, agency.email = normal_phone(command.phone), command.email or None
    agency.bank_name, agency.bank_account = command.bank_name, normal_identifier(command.bank_account)
    session.flush()
    audit.record(session, actor, subject=(SUBJECT, agency.id), action="change_details")
    _made_void(session, actor, agency.id, "details")
    return agency


def _made_void(session: Session, actor: Actor, agency_id: UUID, what: str) -> None:
    """A finding that rests on other facts no longer counts."""
    evidence.after_change(session, actor, agency_id, what)


def normal_identifier(text: str) -> str:
    """An identity or account number for comparison: Latin digits and capitals, no spaces or dashes."""
    return "".join(c for c in latin_digits(text).upper() if c.isalnum())


def identifier_index(kind: IdentifierKind, identifier: str) -> bytes:
    return blind_index(f"director.{kind}", normal_identifier(identifier))


def name_hashes(name: str) -> list[bytes]:
    return [blind_index("director.name", key) for key in person_keys(name)]


def new_director(session: Session, agency_id: UUID, command: AddDirector) -> AgencyDirector:
    """The record of a director with its hashes (not yet checked against anybody)."""
    director = AgencyDirector(
        person_key_id=new_person(session).id,
        agency_id=agency_id,
        identifier_kind=command.identifier_kind,
        identifier_index=identifier_index(command.identifier_kind, command.identifier),
        birth_index=blind_index("director.birth", command.birth_date.isoformat()),
        phone_index=blind_index("phone", normal_phone(command.phone)),
        email_index=blind_index("email", normal_email(command.email)) if command.email else None,
        name_hashes=name_hashes(command.name),
    )
    director.name, director.identifier = command.name, command.identifier
    director.birth_date = command.birth_date.isoformat()
    director.phone = normal_phone(command.phone)
    director.email = normal_email(command.email) if command.email else None
    session.add(director)
    return director


def add_director(session: Session, actor: Actor, agency_id: UUID, command: AddDirector) -> AgencyDirector:
    """Name a director, as a person.

    :raises DomainError: when the same paper stands in the list already, or the person is a child.
    """
    policies.find_own(session, actor, agency_id, ClerkRight.APPLY, lock=True)
    refuse_while_decided(session, agency_id)
    today = legal_today(session)
    if _years_later(command.birth_date, int(deployment().standard("adult_age"))) > today:
        raise DomainError(_l("A director is an adult. Check the birth date."), field="birth_date")
    present = session.scalars(
        select(AgencyDirector.identifier_index).where(
            AgencyDirector.agency_id == agency_id, AgencyDirector.removed_at.is_(None)
        )
    ).all()
    if identifier_index(command.identifier_kind, command.identifier) in present:
        raise DomainError(_l("This person is in the list already."), field="identifier")
    if len(present) >= MAXIMUM_DIRECTORS:
        raise DomainError(_l("There are too many directors in the list."))
    director = new_director(session, agency_id, command)
    session.flush()
    audit.record(
        session, actor, subject=(SUBJECT, agency_id), action="add_director", evidence={"director_id": director.id}
    )
    _made_void(session, actor, agency_id, "directors")
    return director


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def remove_director(session: Session, actor: Actor, agency_id: UUID, director_id: UUID) -> None:
    """Take a director off the list; the record stays."""
    policies.find_own(session, actor, agency_id, ClerkRight.APPLY, lock=True)
    refuse_while_decided(session, agency_id)
    director = session.scalars(
        select(AgencyDirector).where(
            AgencyDirector.id == director_id,
            AgencyDirector.agency_id == agency_id,
            AgencyDirector.removed_at.is_(None),
        )
    ).one_or_none()
    if director is None:
        raise NotVisible
    director.removed_at = db_now(session)
    audit.record(
        session, actor, subject=(SUBJECT, agency_id), action="remove_director", evidence={"director_id": director_id}
    )
    _made_void(session, actor, agency_id, "directors")


def remove_clerk(session: Session, actor: Actor, agency_id: UUID, membership_id: UUID) -> None:
    """End a clerk's rights at once. The owner stays: an agency always has one.

    :raises DomainError: for an owner, or for oneself.
    """
    policies.find_own(session, actor, agency_id, ClerkRight.PEOPLE, lock=True)
    # Locked: a clerk who becomes the owner at this moment is an owner here.
    membership = session.scalars(
        select(Membership)
        .where(
            Membership.id == membership_id,
            Membership.kind == SubjectKind.AGENCY,
            Membership.subject_id == agency_id,
            Membership.ended_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if membership is None:
        raise NotVisible
    if membership.is_owner or membership.account_id == actor.account_id:
        raise DomainError(_l("The owner can’t be removed, and nobody removes themselves."))
    end_membership(session, membership)
    audit.record(
        session,
        actor,
        subject=(SUBJECT, agency_id),
        action="remove_clerk",
        evidence={"account_id": membership.account_id},
    )


def invite_clerk(session: Session, actor: Actor, agency_id: UUID, command: InviteClerk) -> Invitation:
    """Ask a named person in, with some of the rights that the inviter has.

    :raises DomainError: for a right that the inviter lacks.
    """
    policies.find_own(session, actor, agency_id, ClerkRight.PEOPLE)
    refuse_rights_not_held(actor, agency_id, list(command.rights))
    if people_count(session, agency_id) >= MAXIMUM_PEOPLE:
        raise DomainError(_l("Too many people act for this agency already."))
    return invitations.invite(
        session,
        actor,
        invitations.Invite(SubjectKind.AGENCY, agency_id, command.name, command.email, command.rights),
    )


def take_back_invitation(session: Session, actor: Actor, agency_id: UUID, invitation_id: UUID) -> None:
    """The invited person can't come in any more."""
    policies.find_own(session, actor, agency_id, ClerkRight.PEOPLE)
    invitations.revoke(session, actor, invitation_id, kind=SubjectKind.AGENCY, subject_id=agency_id)


def refuse_rights_not_held(actor: Actor, agency_id: UUID, rights: list[ClerkRight]) -> None:
    """Nobody gives a right that they do not hold themselves, or one that agencies do not have.

    :raises DomainError: otherwise.
    """
    held = [r for r in AGENCY_RIGHTS if actor.acts_for(SubjectKind.AGENCY, agency_id, r)]
    if not rights or any(r not in held for r in rights):
        raise DomainError(_l("Choose at least one right, from those that you have yourself."), field="rights")


def people_count(session: Session, agency_id: UUID) -> int:
    """Accounts that act for the agency now."""
    query = select(func.count()).where(
        Membership.kind == SubjectKind.AGENCY, Membership.subject_id == agency_id, Membership.ended_at.is_(None)
    )
    return session.scalars(query).one()
