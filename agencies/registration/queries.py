"""What pages and other packages read about agencies."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.registration.models import Agency, AgencyDirector
from agencies.registration.status import IdentifierKind
from core.accounts import Invitation, Membership, account_names
from core.permissions import SubjectKind
from core.privacy import preload_keys


@dataclass(frozen=True, slots=True)
class DirectorRow:
    """A director as shown to the own agency and to the officers who decide."""

    id: UUID
    name: str
    identifier_kind: IdentifierKind
    identifier: str
    birth_date: date | None
    phone: str
    email: str
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClerkRow:
    membership_id: UUID
    account_id: UUID
    name: str
    is_owner: bool
    rights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InvitedRow:
    id: UUID
    name: str
    rights: tuple[str, ...]
    expires_at: datetime


def agency_names(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of agencies by id, for lists of other packages."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.execute(select(Agency.id, Agency.name).where(Agency.id.in_(wanted)))
    return dict(rows.all())


def directors(session: Session, agency_id: UUID, *, removed: bool = False) -> list[DirectorRow]:
    """The directors of an agency; the caller has asked the policy."""
    query = select(AgencyDirector).where(AgencyDirector.agency_id == agency_id)
    if not removed:
        query = query.where(AgencyDirector.removed_at.is_(None))
    rows = session.scalars(query.order_by(AgencyDirector.created_at, AgencyDirector.id).limit(60)).all()
    preload_keys(session, [r.person_key_id for r in rows])
    return [director_row(r) for r in rows]


def director_row(director: AgencyDirector) -> DirectorRow:
    born = director.birth_date
    return DirectorRow(
        director.id,
        director.name or "",
        director.identifier_kind,
        director.identifier or "",
        date.fromisoformat(born) if born else None,
        director.phone or "",
        director.email or "",
        director.removed_at,
    )


def people(session: Session, agency_id: UUID) -> list[ClerkRow]:
    """Who may act for the agency now."""
    rows = session.scalars(
        select(Membership)
        .where(Membership.kind == SubjectKind.AGENCY, Membership.subject_id == agency_id, Membership.ended_at.is_(None))
        .order_by(Membership.is_owner.desc(), Membership.created_at)
        .limit(100)
    ).all()
    names = account_names(session, [r.account_id for r in rows])
    return [ClerkRow(r.id, r.account_id, names[r.account_id], r.is_owner, tuple(r.rights)) for r in rows]


def invited(session: Session, agency_id: UUID, now: datetime) -> list[InvitedRow]:
    """Invitations that wait for an answer."""
    rows = session.scalars(
        select(Invitation)
        .where(
            Invitation.kind == SubjectKind.AGENCY,
            Invitation.subject_id == agency_id,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.created_at)
        .limit(50)
    ).all()
    return [InvitedRow(r.id, r.name or "", tuple(r.rights), r.expires_at) for r in rows]
