"""What the people pages show. Names are opened for the rows of one page alone."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.accounts import Absence, Invitation, Membership, Office, OfficeKind, StaffPosting, UserAccount, account_names
from core.actor import Actor
from core.permissions import ClerkRight, StaffRole, SubjectKind
from portal.people import policies

LIMIT = 200


@dataclass(frozen=True, slots=True)
class ClerkRow:
    membership_id: UUID
    account_id: UUID
    name: str
    is_owner: bool
    rights: tuple[ClerkRight, ...]


@dataclass(frozen=True, slots=True)
class InvitedRow:
    id: UUID
    name: str
    role: StaffRole | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StaffRow:
    account_id: UUID
    name: str
    roles: tuple[StaffRole, ...]
    suspended: bool
    away_until: date | None


@dataclass(frozen=True, slots=True)
class PostingRow:
    id: UUID
    role: StaffRole
    office: str
    since: datetime


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    id: UUID
    first_day: date
    last_day: date
    handed_to: str | None


def clerks(session: Session, kind: SubjectKind, subject_id: UUID) -> list[ClerkRow]:
    """Everybody who acts for the organisation, owners first."""
    rows = session.scalars(
        select(Membership)
        .where(Membership.kind == kind, Membership.subject_id == subject_id, Membership.ended_at.is_(None))
        .order_by(Membership.is_owner.desc(), Membership.created_at)
        .limit(LIMIT)
    ).all()
    names = account_names(session, [r.account_id for r in rows])
    return [
        ClerkRow(r.id, r.account_id, names[r.account_id], r.is_owner, tuple(ClerkRight(x) for x in r.rights))
        for r in rows
    ]


def invited_clerks(session: Session, kind: SubjectKind, subject_id: UUID) -> list[InvitedRow]:
    """Invitations of the organisation that wait for an answer."""
    return _invited(session, Invitation.kind == kind, Invitation.subject_id == subject_id)


def invited_staff(session: Session, office_id: UUID) -> list[InvitedRow]:
    """Invitations into an office that wait for an answer."""
    return _invited(session, Invitation.office_id == office_id)


def _invited(session: Session, *clauses: object) -> list[InvitedRow]:
    query = select(Invitation).where(
        *clauses,  # type: ignore[arg-type]  # column clauses
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > func.now(),
    )
    rows = session.scalars(query.order_by(Invitation.created_at).limit(LIMIT))
    return [InvitedRow(r.id, r.name or "", r.role, r.expires_at) for r in rows]


def offices(session: Session, actor: Actor) -> list[Office]:
    """Offices whose staff the actor administers, the highest first."""
    order = list(OfficeKind)
    found = session.scalars(select(Office).where(Office.id.in_(policies.offices(actor))).limit(500)).all()
    return sorted(found, key=lambda o: (order.index(o.kind), o.code))


def staff_of(session: Session, office_id: UUID, today: date) -> list[StaffRow]:
    """Who holds a role in this office now."""
    postings = session.execute(
        select(StaffPosting.account_id, StaffPosting.role)
        .where(StaffPosting.office_id == office_id, StaffPosting.ended_at.is_(None))
        .order_by(StaffPosting.created_at)
        .limit(LIMIT)
    ).all()
    roles: dict[UUID, list[StaffRole]] = {}
    for account_id, role in postings:
        roles.setdefault(account_id, []).append(role)
    accounts = session.scalars(select(UserAccount).where(UserAccount.id.in_(roles))).all()
    away = session.execute(
        select(Absence.account_id, func.max(Absence.last_day))
        .where(
            Absence.account_id.in_(roles),
            Absence.cancelled_at.is_(None),
            Absence.first_day <= today,
            Absence.last_day >= today,
        )
        .group_by(Absence.account_id)
    ).all()
    until = {row[0]: row[1] for row in away}
    rows = [
        StaffRow(a.id, a.display_name or a.reference, tuple(roles[a.id]), a.suspended_at is not None, until.get(a.id))
        for a in accounts
    ]
    return sorted(rows, key=lambda r: r.name)


def postings(session: Session, account_id: UUID, locale: str) -> list[PostingRow]:
    """The roles that an account holds now."""
    rows = session.execute(
        select(StaffPosting, Office)
        .join(Office, Office.id == StaffPosting.office_id)
        .where(StaffPosting.account_id == account_id, StaffPosting.ended_at.is_(None))
        .order_by(StaffPosting.created_at)
        .limit(LIMIT)
    ).all()
    return [PostingRow(p.id, p.role, o.name(locale), p.created_at) for p, o in rows]


def absences(session: Session, account_id: UUID, today: date) -> list[AbsenceRow]:
    """Absences that are not over."""
    rows = session.scalars(
        select(Absence)
        .where(Absence.account_id == account_id, Absence.cancelled_at.is_(None), Absence.last_day >= today)
        .order_by(Absence.first_day)
        .limit(50)
    ).all()
    names = account_names(session, [r.handed_to for r in rows if r.handed_to])
    return [AbsenceRow(r.id, r.first_day, r.last_day, names.get(r.handed_to) if r.handed_to else None) for r in rows]
