"""Ties between an officer and an agency: declared by the officer, or seen in what both have. A surname is none."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import and_, any_, exists, or_, select
from sqlalchemy.orm import Session

from agencies.insider.models import AgencyMark, DeclaredTie, OfficerMark
from agencies.insider.status import MarkKind
from agencies.registration.models import AgencyDirector
from core.accounts import Membership, UserAccount
from core.permissions import SubjectKind


def belongs(session: Session, accounts: Iterable[UUID], agency_id: UUID) -> set[UUID]:
    """Those who are, or were, a member or a director of the agency.

    Directors have no account of their own: an officer is known again by e-mail or telephone, of today or of before (keyed hashes).
    """
    member = exists().where(
        Membership.account_id == UserAccount.id,
        Membership.kind == SubjectKind.AGENCY,
        Membership.subject_id == agency_id,
    )
    director = exists().where(
        AgencyDirector.agency_id == agency_id,
        or_(
            AgencyDirector.email_index == UserAccount.email_index,
            AgencyDirector.phone_index == UserAccount.phone_index,
            AgencyDirector.email_index == any_(UserAccount.former_contacts),
            AgencyDirector.phone_index == any_(UserAccount.former_contacts),
        ),
    )
    return set(session.scalars(select(UserAccount.id).where(UserAccount.id.in_(list(accounts)), or_(member, director))))


def was_of(session: Session, account_id: UUID, kind: SubjectKind, subject_id: UUID) -> bool:
    """Whether the account acts, or ever acted, for this agency, employer, centre or migrant."""
    member = exists().where(
        Membership.account_id == account_id, Membership.kind == kind, Membership.subject_id == subject_id
    )
    return bool(session.scalar(select(member)))


def members(session: Session, accounts: Iterable[UUID], kind: SubjectKind, subject_id: UUID) -> set[UUID]:
    """Those of these officers who act, or ever acted, for this subject."""
    mine = (Membership.account_id.in_(list(accounts)), Membership.kind == kind, Membership.subject_id == subject_id)
    return set(session.scalars(select(Membership.account_id).where(*mine)))


def declared(session: Session, accounts: Iterable[UUID], kind: SubjectKind, subject_id: UUID) -> set[UUID]:
    """Those of these officers who have declared a tie to this agency, employer, centre or migrant."""
    mine = (
        DeclaredTie.account_id.in_(list(accounts)), DeclaredTie.subject_kind == kind,
        DeclaredTie.subject_id == subject_id,
    )  # fmt: skip
    return set(session.scalars(select(DeclaredTie.account_id).where(*mine)))


def tied(session: Session, accounts: Iterable[UUID], agency_id: UUID) -> set[UUID]:
    """Those of these officers who have any tie to the agency: same person, paper, address, bank account or telephone,
    a directorship or membership at any time, or a declaration."""
    wanted = list(accounts)
    if not wanted:
        return set()
    declared = exists().where(DeclaredTie.account_id == UserAccount.id, DeclaredTie.agency_id == agency_id)
    same = exists().where(
        OfficerMark.account_id == UserAccount.id,
        AgencyMark.agency_id == agency_id,
        AgencyMark.kind == OfficerMark.kind,
        AgencyMark.value_index == OfficerMark.value_index,
    )
    # Directors' papers and telephones as they stand now, also before the application is sent.
    directs = exists().where(
        OfficerMark.account_id == UserAccount.id,
        AgencyDirector.agency_id == agency_id,
        or_(
            and_(OfficerMark.kind == MarkKind.IDENTIFIER, OfficerMark.value_index == AgencyDirector.identifier_index),
            and_(OfficerMark.kind == MarkKind.PHONE, OfficerMark.value_index == AgencyDirector.phone_index),
        ),
    )
    telephone = exists().where(
        AgencyMark.agency_id == agency_id,
        AgencyMark.kind == MarkKind.PHONE,
        or_(
            AgencyMark.value_index == UserAccount.phone_index,
            AgencyMark.value_index == any_(UserAccount.former_contacts),
        ),
    )
    found = session.scalars(
        select(UserAccount.id).where(UserAccount.id.in_(wanted), or_(declared, same, directs, telephone))
    )
    return belongs(session, wanted, agency_id) | set(found)
