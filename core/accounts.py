"""User accounts, offices, postings and memberships: who a person is to the portal, before any feature.

Sign-in pages stand in ``portal/signin``; this module holds the records and the rules that features need.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import Text

from core.actor import ANONYMOUS, Actor, ActorKind, HeldMembership, HeldRole
from core.contact import normal_email, normal_phone
from core.db import Base, Recorded, db_now, legal_today, status_type
from core.errors import DomainError
from core.i18n import _l
from core.ids import new_reference
from core.lifetimes import lifetimes
from core.passwords import check_new_secret as check_new_secret
from core.passwords import hash_secret as hash_secret
from core.passwords import same_bytes as same_bytes
from core.passwords import secret_matches as secret_matches
from core.passwords import token_hash as token_hash
from core.permissions import NATIONAL, ClerkRight, StaffRole, SubjectKind, apart
from core.privacy import Encrypted, HasPersonKey, PersonKey, blind_index, new_person, personal

# Never handed over to a colleague with an absence.
HELD_BY_NAME = frozenset({StaffRole.AUDITOR, StaffRole.STAFF_ADMIN, StaffRole.CASE_OFFICER})


class OfficeKind(StrEnum):
    MINISTRY = "ministry"
    DEPARTMENT = "department"
    PROVINCE = "province"
    DISTRICT = "district"
    MISSION = "mission"


class Office(Recorded, Base):
    """An office of the ministry. Offices form a tree; an area is an office with all below it."""

    __tablename__ = "office"

    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[OfficeKind] = mapped_column(status_type(OfficeKind))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("office.id"))
    names: Mapped[dict[str, Any]] = mapped_column(JSONB)
    destinations: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)

    def name(self, locale: str) -> str:
        return str(self.names.get(locale) or self.names["en"])


class UserAccount(HasPersonKey, Recorded, Base):
    """A sign-in. E-mail and telephone are sealed; both may be absent, and a telephone may be shared."""

    __tablename__ = "user_account"
    __table_args__ = (
        Index(
            "uq_user_account_email_index", "email_index", unique=True, postgresql_where=text("email_index IS NOT NULL")
        ),
    )

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("UA"))
    display_name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    email_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    phone_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    totp_secret_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    email_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    former_contacts: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary), default=list, server_default=text("'{}'"))
    password_hash: Mapped[str | None]
    totp_required: Mapped[bool] = mapped_column(default=False)
    totp_confirmed: Mapped[bool] = mapped_column(default=False)
    totp_last_step: Mapped[int | None]
    recovery_hashes: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    locale: Mapped[str] = mapped_column(default="en")
    email_confirmed_at: Mapped[datetime | None]
    phone_confirmed_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]

    display_name = personal("display_name_sealed")
    email = personal("email_sealed")
    phone = personal("phone_sealed")
    totp_secret = personal("totp_secret_sealed")


class AccountSession(Recorded, Base):
    """A server-side session. The cookie carries the token, the database its hash alone."""

    __tablename__ = "account_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    signed_in_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]
    pending_totp: Mapped[bool] = mapped_column(default=False)
    agent: Mapped[str] = mapped_column(default="")


class StaffPosting(Recorded, Base):
    """A staff role held in an office from a day on; ended, never deleted."""

    __tablename__ = "staff_posting"
    __table_args__ = (
        Index(
            "uq_staff_posting_open",
            "account_id",
            "role",
            "office_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    role: Mapped[StaffRole] = mapped_column(status_type(StaffRole))
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"), index=True)
    posted_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]


class Absence(Recorded, Base):
    """An officer is away; the work goes back to the queue or over to a colleague of the same office."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="days"),
        CheckConstraint("handed_to IS NULL OR handed_to <> account_id", name="not_self"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    handed_to: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    cancelled_at: Mapped[datetime | None]


class Membership(Recorded, Base):
    """A person acts for a migrant record, an agency, an employer, a centre or an NGO."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_open", "account_id", "kind", "subject_id", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index(None, "kind", "subject_id"),
        CheckConstraint("(offered_by IS NULL) = (offered_at IS NULL)", name="offer"),
    )  # fmt: skip

    account_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[SubjectKind] = mapped_column(status_type(SubjectKind))
    subject_id: Mapped[UUID]
    is_owner: Mapped[bool] = mapped_column(default=False)
    rights: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    # An owner asks this clerk to become the owner.
    offered_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    offered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Invitation(HasPersonKey, Recorded, Base):
    """An owner, or a staff administrator, asks a named person in. The link's token is kept as a hash."""

    __tablename__ = "invitation"

    kind: Mapped[SubjectKind | None] = mapped_column(status_type(SubjectKind))
    subject_id: Mapped[UUID | None]
    role: Mapped[StaffRole | None] = mapped_column(status_type(StaffRole))
    office_id: Mapped[UUID | None] = mapped_column(ForeignKey("office.id"))
    rights: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    is_owner: Mapped[bool] = mapped_column(default=False)
    name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    email_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    name = personal("name_sealed")
    email = personal("email_sealed")


class OidcLink(Recorded, Base):
    """A staff account's identity at an OpenID provider: by issuer and subject, never by e-mail."""

    __tablename__ = "oidc_link"
    __table_args__ = (Index("uq_oidc_link_identity", "issuer", "subject", unique=True),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    ended_at: Mapped[datetime | None]


# --- accounts ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Values of a new account; ``password`` in clear, hashed here and never kept."""

    display_name: str
    password: str | None = None
    email: str | None = None
    phone: str | None = None
    locale: str = "en"
    totp_required: bool = False


def create_account(session: Session, new: NewAccount, *, person: PersonKey | None = None) -> UserAccount:
    """Create an account.

    :raises DomainError: when the e-mail belongs to an account already. Pages that anyone can reach must not show that
        refusal: use :func:`find_account` and answer alike.
    """
    email = normal_email(new.email) if new.email else None
    if email and session.scalar(select(UserAccount.id).where(UserAccount.email_index == blind_index("email", email))):
        raise DomainError(_l("This e-mail address belongs to an account already."), field="email")
    if new.password is not None:
        check_new_secret(new.password)
    key = person or new_person(session)
    account = UserAccount(person_key_id=key.id, locale=new.locale, totp_required=new.totp_required)
    account.display_name = new.display_name
    if email:
        account.email, account.email_index = email, blind_index("email", email)
    if new.phone:
        phone = normal_phone(new.phone)
        account.phone, account.phone_index = phone, blind_index("phone", phone)
    account.password_hash = hash_secret(new.password) if new.password else None
    session.add(account)
    session.flush()
    return account


def find_accounts(session: Session, login: str) -> list[UserAccount]:
    """Accounts that a typed e-mail, telephone or reference may mean. A shared telephone means several."""
    from core.ids import parse_reference

    reference = parse_reference(login)
    if reference:
        return list(session.scalars(select(UserAccount).where(UserAccount.reference == reference)))
    if "@" in login:
        return list(
            session.scalars(
                select(UserAccount).where(UserAccount.email_index == blind_index("email", normal_email(login)))
            )
        )
    try:
        index = blind_index("phone", normal_phone(login))
    except DomainError:
        return []
    query = select(UserAccount).where(UserAccount.phone_index == index).order_by(UserAccount.created_at).limit(12)
    return list(session.scalars(query))


def find_account(session: Session, login: str) -> UserAccount | None:
    """The one account that ``login`` means, or None when there is none or several."""
    found = find_accounts(session, login)
    return found[0] if len(found) == 1 else None


def set_password(session: Session, account: UserAccount, password: str) -> None:
    """Set a new secret and end every session of the account."""
    check_new_secret(password)
    account.password_hash = hash_secret(password)
    end_sessions(session, account.id, why="password changed")


def suspend_account(session: Session, account: UserAccount) -> None:
    account.suspended_at = db_now(session)
    end_sessions(session, account.id, why="suspended")


# --- sessions ----------------------------------------------------------------------------------------------------


def open_session(session: Session, account: UserAccount, *, agent: str = "", pending_totp: bool = False) -> str:
    """Open a server-side session and give the cookie's token."""
    token = secrets.token_urlsafe(32)
    now = db_now(session)
    session.add(
        AccountSession(
            token_hash=token_hash(token),
            account_id=account.id,
            signed_in_at=now,
            last_seen_at=now,
            expires_at=now + lifetimes().session,
            pending_totp=pending_totp,
            agent=agent[:250],
        )
    )
    session.flush()
    return token


def end_sessions(session: Session, account_id: UUID, *, why: str, keep: UUID | None = None) -> None:
    """End every open session of an account, but the one to keep."""
    query = update(AccountSession).where(AccountSession.account_id == account_id, AccountSession.ended_at.is_(None))
    if keep is not None:
        query = query.where(AccountSession.id != keep)
    session.execute(query.values(ended_at=func.now(), ended_why=why))


def find_session(session: Session, token: str) -> AccountSession | None:
    """The live session that a token opens: not ended, not idle too long, not past its end, account not suspended."""
    return session.scalars(
        select(AccountSession)
        .join(UserAccount, UserAccount.id == AccountSession.account_id)
        .where(
            AccountSession.token_hash == token_hash(token),
            AccountSession.ended_at.is_(None),
            AccountSession.expires_at > func.now(),
            AccountSession.last_seen_at > func.now() - lifetimes().session_idle,
            UserAccount.suspended_at.is_(None),
        )
    ).one_or_none()


# --- offices, roles, memberships ---------------------------------------------------------------------------------


def areas(session: Session) -> dict[UUID, frozenset[UUID]]:
    """For each office, itself and every office below it."""
    parents: dict[UUID, UUID | None] = dict(session.execute(select(Office.id, Office.parent_id)).all())
    below: dict[UUID, set[UUID]] = {office: {office} for office in parents}
    for office in parents:
        up = parents[office]
        while up is not None:
            below[up].add(office)
            up = parents[up]
    return {office: frozenset(found) for office, found in below.items()}


def actor_for(session: Session, account: UserAccount, *, opened: AccountSession | None = None) -> Actor:
    """The actor of an account as the database knows it now. An absent officer holds no role for those days."""
    if account.suspended_at is not None or (opened is not None and opened.pending_totp):
        return ANONYMOUS
    own, postings = _postings_today(session, account.id)
    reach = areas(session) if postings else {}
    memberships = session.scalars(
        select(Membership)
        .where(Membership.account_id == account.id, Membership.ended_at.is_(None))
        .order_by(Membership.created_at)
    ).all()
    return Actor(
        kind=ActorKind.STAFF if own else ActorKind.PERSON,
        account_id=account.id,
        roles=tuple(
            HeldRole(role, office, reach[office], frozenset(countries)) for role, office, countries in postings
        ),
        memberships=tuple(
            HeldMembership(m.kind, m.subject_id, m.is_owner, frozenset(ClerkRight(r) for r in m.rights))
            for m in memberships
        ),
        session_id=opened.id if opened else None,
        signed_in_at=opened.signed_in_at if opened else None,
        locale=account.locale,
    )


def _postings_today(session: Session, account_id: UUID) -> tuple[bool, list[tuple[StaffRole, UUID, list[str]]]]:
    """Whether the account is staff, and the roles it holds today: its own unless it is away, and those handed over to it.

    A hand-over reaches only an office where the account is posted itself, and never what is held by name or does not go with an own role.
    """

    def held(account: UUID) -> list[tuple[StaffRole, UUID, list[str]]]:
        query = (
            select(StaffPosting.role, StaffPosting.office_id, Office.destinations)
            .join(Office, Office.id == StaffPosting.office_id)
            .where(StaffPosting.account_id == account, StaffPosting.ended_at.is_(None))
        )
        return [(role, office, countries) for role, office, countries in session.execute(query)]

    own = held(account_id)
    if not own:
        return False, []
    today = legal_today(session)
    absences = session.execute(
        select(Absence.account_id, Absence.handed_to)
        .where(or_(Absence.account_id == account_id, Absence.handed_to == account_id))
        .where(Absence.cancelled_at.is_(None), Absence.first_day <= today, Absence.last_day >= today)
    ).all()
    if any(away == account_id for away, _to in absences):
        return True, []
    offices = {office for _role, office, _countries in own}
    found = {(role, office): countries for role, office, countries in own}
    for away, _to in absences:
        for role, office, countries in held(away):
            if office in offices and role not in HELD_BY_NAME and not any(apart(role, mine) for mine, _o, _c in own):
                found.setdefault((role, office), countries)
    return True, [(role, office, countries) for (role, office), countries in found.items()]


def add_membership(
    session: Session,
    account: UserAccount,
    *,
    kind: SubjectKind,
    subject_id: UUID,
    is_owner: bool = False,
    rights: Iterable[ClerkRight] = (),
    added_by: UUID | None = None,
) -> Membership:
    """Let an account act for a subject."""
    membership = Membership(
        account_id=account.id,
        kind=kind,
        subject_id=subject_id,
        is_owner=is_owner,
        rights=[str(r) for r in rights],
        added_by=added_by,
    )
    session.add(membership)
    session.flush()
    return membership


def end_membership(session: Session, membership: Membership) -> None:
    """Take a clerk's rights away at once: sessions end too."""
    membership.ended_at = db_now(session)
    end_sessions(session, membership.account_id, why="removed")


def refuse_office(role: StaffRole, office: Office) -> None:
    """:raises DomainError: when the role reaches the whole country and the office does not."""
    if role in NATIONAL and office.kind not in (OfficeKind.MINISTRY, OfficeKind.DEPARTMENT):
        raise DomainError(
            _l("This role reaches the whole country. It is held in the ministry or a department alone."), field="role"
        )


def post_staff(
    session: Session, account: UserAccount, role: StaffRole, office: Office, *, by: UUID | None = None
) -> StaffPosting:
    """Give a staff role in an office. Staff always sign in with a second factor.

    :raises DomainError: when the role must not be held together with one that the account holds, or reaches the whole
        country and the office does not.
    """
    # The account is locked, so that two roles given at once are seen by one another.
    session.execute(select(UserAccount.id).where(UserAccount.id == account.id).with_for_update())
    held = session.scalars(
        select(StaffPosting.role).where(StaffPosting.account_id == account.id, StaffPosting.ended_at.is_(None))
    ).all()
    refuse_office(role, office)
    if any(apart(role, other) for other in held):
        raise DomainError(_l("Nobody reads reports and licenses agencies, too. Choose another person."), field="role")
    account.totp_required = True
    posting = StaffPosting(account_id=account.id, role=role, office_id=office.id, posted_by=by)
    session.add(posting)
    session.flush()
    return posting


def end_posting(session: Session, posting: StaffPosting) -> None:
    posting.ended_at = db_now(session)
    end_sessions(session, posting.account_id, why="role removed")


def account_names(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of accounts to be shown, decrypted for these ids alone."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.scalars(select(UserAccount).where(UserAccount.id.in_(wanted))).all()
    return {a.id: a.display_name or a.reference for a in rows}


def contact_in_use(session: Session, *, kind: SubjectKind, email: str | None, phone: str | None) -> list[UUID]:
    """Subjects of a kind one of whose people has this e-mail or telephone."""
    tests = []
    if email:
        tests.append(UserAccount.email_index == blind_index("email", normal_email(email)))
    if phone:
        tests.append(UserAccount.phone_index == blind_index("phone", normal_phone(phone)))
    if not tests:
        return []
    query = (
        select(Membership.subject_id)
        .join(UserAccount, UserAccount.id == Membership.account_id)
        .where(Membership.kind == kind, or_(*tests))
        .distinct()
        .limit(20)
    )
    return list(session.scalars(query))
