"""Who acts now: a frozen value, made once per request from the database, never from the client."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from core.errors import Denied
from core.i18n import _l
from core.permissions import ROLE_PERMISSIONS, SUBJECT_PERMISSIONS, ClerkRight, Permission, StaffRole, SubjectKind


class ActorKind(StrEnum):
    ANONYMOUS = "anonymous"
    PERSON = "person"
    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A staff role in an office, with every office of that office's area (itself included)."""

    role: StaffRole
    office_id: UUID
    area: frozenset[UUID]
    destinations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class HeldMembership:
    kind: SubjectKind
    subject_id: UUID
    is_owner: bool
    rights: frozenset[ClerkRight] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts now. ``roles`` already leave out the ones that an absence has handed over."""

    kind: ActorKind
    account_id: UUID | None = None
    roles: tuple[HeldRole, ...] = ()
    memberships: tuple[HeldMembership, ...] = ()
    session_id: UUID | None = None
    signed_in_at: datetime | None = None
    locale: str = "en"
    permissions: frozenset[Permission] = field(default=frozenset(), init=False)

    def __post_init__(self) -> None:
        held: set[Permission] = {Permission.OWN_ACCOUNT} if self.account_id else set()
        for role in self.roles:
            held |= ROLE_PERMISSIONS[role.role]
        for membership in self.memberships:
            held |= SUBJECT_PERMISSIONS[membership.kind]
        object.__setattr__(self, "permissions", frozenset(held))

    @property
    def is_staff(self) -> bool:
        return bool(self.roles)

    def can(self, permission: Permission, office_id: UUID | None = None) -> bool:
        """Whether the actor holds the permission, and, when an office is named, reaches it."""
        if permission not in self.permissions:
            return False
        return office_id is None or office_id in self.offices(permission)

    def require(self, permission: Permission, office_id: UUID | None = None) -> None:
        if not self.can(permission, office_id):
            raise Denied(_l("You are not allowed to do this."))

    def offices(self, permission: Permission) -> frozenset[UUID]:
        """Every office that the permission reaches."""
        areas = [r.area for r in self.roles if permission in ROLE_PERMISSIONS[r.role]]
        return frozenset().union(*areas) if areas else frozenset()

    def destinations(self, permission: Permission) -> frozenset[str]:
        """Destination countries that the permission reaches through a mission (ISO 3166-1 alpha-2)."""
        countries = [r.destinations for r in self.roles if permission in ROLE_PERMISSIONS[r.role]]
        return frozenset().union(*countries) if countries else frozenset()

    def subjects(self, kind: SubjectKind) -> frozenset[UUID]:
        return frozenset(m.subject_id for m in self.memberships if m.kind is kind)

    def subject(self, kind: SubjectKind) -> UUID | None:
        """The one agency, employer, centre or migrant this person acts for (the first, when several)."""
        return next((m.subject_id for m in self.memberships if m.kind is kind), None)

    def acts_for(self, kind: SubjectKind, subject_id: UUID, right: ClerkRight | None = None) -> bool:
        """Whether the actor is an owner of the subject, or a clerk of it with the right."""
        for m in self.memberships:
            if m.kind is kind and m.subject_id == subject_id:
                return m.is_owner or right is None or right in m.rights
        return False

    def owns(self, kind: SubjectKind, subject_id: UUID) -> bool:
        return any(m.kind is kind and m.subject_id == subject_id and m.is_owner for m in self.memberships)

    def require_account(self) -> UUID:
        if self.account_id is None:
            raise Denied(_l("Please sign in first."))
        return self.account_id


SYSTEM = Actor(kind=ActorKind.SYSTEM)
ANONYMOUS = Actor(kind=ActorKind.ANONYMOUS)
