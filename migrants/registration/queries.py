"""What pages and other packages read of migrants. Names are opened only for the rows that are shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts import Office, OfficeKind, UserAccount
from core.actor import Actor
from core.audit import AuditEvent
from core.listing import AnySelect
from core.privacy import blind_index, preload_keys
from migrants.identity.mrz import MrzError, parse
from migrants.registration.models import AccessRecovery, IdentityCheck, Migrant, Passport
from migrants.registration.policies import visible_to_staff
from migrants.registration.services import normal_document_number
from migrants.registration.status import IdentityBasis, MigrantStatus, PhotoState, RecoveryStatus


@dataclass(frozen=True, slots=True)
class MigrantStanding:
    """What the portal knows today of a person's identity, for other packages' rules."""

    migrant_id: UUID
    reference: str
    status: MigrantStatus
    level: int
    birth_date: date | None
    sex: str | None
    passport_expires_on: date | None
    account_id: UUID | None


def standing(session: Session, migrant_id: UUID) -> MigrantStanding | None:
    """The standing of one migrant; None when there is none."""
    migrant = session.get(Migrant, migrant_id)
    if migrant is None:
        return None
    expiry = session.scalar(select(Passport.expires_on).where(Passport.migrant_id == migrant_id, Passport.is_current))
    birth = migrant.birth_date
    return MigrantStanding(
        migrant_id=migrant.id,
        reference=migrant.reference,
        status=migrant.status,
        level=migrant.level if migrant.status is MigrantStatus.VERIFIED else 0,
        birth_date=date.fromisoformat(birth) if birth else None,
        sex=migrant.sex,
        passport_expires_on=expiry,
        account_id=migrant.account_id,
    )


@dataclass(frozen=True, slots=True)
class PassportFacts:
    """What an officer compares a contract and a ticket with: number, the name as the zone has it, last day.

    ``verified``: the number was found to be this person's; ``photo``: how far its photo was read.
    """

    number: str | None
    name: str | None
    expires_on: date | None
    verified: bool
    photo: PhotoState


def passport_facts(session: Session, migrant_id: UUID, on: date) -> PassportFacts | None:
    """The current passport of a migrant, opened for an officer who decides; the caller notes the reading."""
    found = session.scalars(
        select(Passport).where(Passport.migrant_id == migrant_id, Passport.is_current)
    ).one_or_none()
    if found is None:
        return None
    try:
        zone = parse(found.mrz, today=on) if found.mrz else None
    except MrzError:
        # A zone that came in by another way and does not fit: the officer sees the rest.
        zone = None
    name = f"{zone.primary_identifier}, {zone.secondary_identifier}".rstrip(", ") if zone else None
    return PassportFacts(
        found.document_number, name, found.expires_on, found.verified_at is not None, found.photo_state
    )


def display_names(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names as the persons write them, opened for these ids alone."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.scalars(select(Migrant).where(Migrant.id.in_(wanted)).limit(500)).all()
    preload_keys(session, [r.person_key_id for r in rows])
    return {r.id: r.full_name or r.reference for r in rows}


def migrant_by_reference(session: Session, reference: str) -> UUID | None:
    """The id behind a reference that the migrant gave."""
    return session.scalar(select(Migrant.id).where(Migrant.reference == reference))


@dataclass(frozen=True, slots=True)
class Registration:
    """A person's own record, for the own pages."""

    reference: str
    status: MigrantStatus
    level: int
    full_name: str | None
    latin_name: str | None
    birth_date: date | None
    sex: str | None
    father_name: str | None
    mother_name: str | None
    lives_in: str | None
    office_id: UUID
    office_kind: OfficeKind
    phone: str | None
    phone_confirmed: bool
    document_number: str | None
    mrz: str | None
    photo_state: PhotoState
    photo_mrz: str | None
    ask: str | None
    basis: IdentityBasis | None


def registration(session: Session, migrant: Migrant) -> Registration:
    """The own record, opened."""
    account = session.get_one(UserAccount, migrant.account_id)
    passport = session.scalars(
        select(Passport).where(Passport.migrant_id == migrant.id, Passport.is_current)
    ).one_or_none()
    return Registration(
        reference=migrant.reference,
        status=migrant.status,
        level=migrant.level,
        full_name=migrant.full_name,
        latin_name=migrant.latin_name,
        birth_date=date.fromisoformat(migrant.birth_date) if migrant.birth_date else None,
        sex=migrant.sex,
        father_name=migrant.father_name,
        mother_name=migrant.mother_name,
        lives_in=migrant.lives_in,
        office_id=migrant.office_id,
        office_kind=session.get_one(Office, migrant.office_id).kind,
        phone=account.phone,
        phone_confirmed=account.phone_confirmed_at is not None,
        document_number=passport.document_number if passport else None,
        mrz=passport.mrz if passport else None,
        photo_state=passport.photo_state if passport else PhotoState.NONE,
        photo_mrz=passport.photo_mrz if passport else None,
        ask=_last_request(session, migrant),
        basis=identity_basis(session, migrant, passport),
    )


def identity_basis(session: Session, migrant: Migrant, passport: Passport | None) -> IdentityBasis | None:
    """What a verified identity rests on; None before it is verified.

    An officer's look counts for the passport that was in use then: a newer one was compared by rule alone.
    """
    if migrant.status is not MigrantStatus.VERIFIED or passport is None:
        return None
    accepted = session.scalar(
        select(AuditEvent.at)
        .where(AuditEvent.subject_kind == "migrant", AuditEvent.subject_id == migrant.id, AuditEvent.action == "accept")
        .order_by(AuditEvent.at.desc())
        .limit(1)
    )
    if accepted is not None and accepted >= passport.created_at:
        return IdentityBasis.OFFICER
    read = passport.photo_state is PhotoState.READ and passport.photo_page
    return IdentityBasis.PHOTO if read else IdentityBasis.TYPED


def basis_of(session: Session, migrant_id: UUID) -> tuple[int, IdentityBasis | None]:
    """Level and basis of a person's identity, for an officer of another package."""
    migrant = session.get_one(Migrant, migrant_id)
    passport = session.scalars(
        select(Passport).where(Passport.migrant_id == migrant_id, Passport.is_current)
    ).one_or_none()
    return migrant.level, identity_basis(session, migrant, passport)


TOLD = (MigrantStatus.MORE_ASKED, MigrantStatus.SUSPENDED, MigrantStatus.CLOSED)


def _last_request(session: Session, migrant: Migrant) -> str | None:
    """What an officer asked for, or gave as reason: whoever is refused is told why and how to mend it."""
    if migrant.status not in TOLD:
        return None
    return session.scalars(
        select(AuditEvent.reason)
        .where(
            AuditEvent.subject_kind == "migrant",
            AuditEvent.subject_id == migrant.id,
            AuditEvent.to_status == migrant.status.value,
        )
        .order_by(AuditEvent.at.desc())
        .limit(1)
    ).one_or_none()


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """Something that happened to the own record: ``by_self``, else an officer or the portal by itself."""

    at: datetime
    action: str
    by_self: bool
    by_officer: bool
    reason: str


FOR_OFFICERS = ("note_protection", "pass_on")


def own_history(session: Session, migrant: Migrant, limit: int = 100) -> list[OwnEvent]:
    """Everything done with a record, who looked at it included, newest first: for the person it is about."""
    rows = session.execute(
        select(AuditEvent.at, AuditEvent.action, AuditEvent.actor_account_id, AuditEvent.reason)
        .where(AuditEvent.subject_kind == "migrant", AuditEvent.subject_id == migrant.id)
        .order_by(AuditEvent.at.desc())
        .limit(limit)
    ).all()
    return [
        OwnEvent(
            at, action, actor is not None and actor == migrant.account_id, actor not in (None, migrant.account_id),
            # What child protection notes may endanger a child whose telephone others read.
            "" if action in FOR_OFFICERS else reason,
        )
        for at, action, actor, reason in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class WaitingRecord:
    """One line of the identity queue: no name on a shared screen."""

    id: UUID
    reference: str
    status: MigrantStatus
    submitted_at: datetime | None
    due_on: date | None


def waiting(actor: Actor, states: Sequence[MigrantStatus]) -> AnySelect:
    """Records of the actor's area that wait in these states."""
    return select(Migrant.id, Migrant.reference, Migrant.status, Migrant.submitted_at, Migrant.due_on).where(
        Migrant.status.in_(states), Migrant.submitted_at.is_not(None), visible_to_staff(actor)
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """One fact as typed and as the zone says it."""

    code: str
    typed: str
    zone: str
    fits: bool


@dataclass(frozen=True, slots=True)
class Twin:
    """Another record that may be the same person's."""

    id: UUID
    reference: str
    score: int
    reasons: list[Any]
    full_name: str
    birth_date: str
    father_name: str
    mother_name: str
    status: MigrantStatus


@dataclass(frozen=True, slots=True)
class IdentityFile:
    """Everything an officer needs on one screen."""

    migrant: Migrant
    passport: Passport | None
    checks: list[IdentityCheck]
    twins: list[Twin]
    history: list[AuditEvent]
    recoveries: list[AccessRecovery]
    earlier_passports: list[Passport]


def identity_file(session: Session, actor: Actor, migrant_id: UUID) -> IdentityFile | None:
    """The record of one migrant for an officer who reaches it; None for everybody else."""
    migrant = session.scalars(select(Migrant).where(Migrant.id == migrant_id, visible_to_staff(actor))).one_or_none()
    if migrant is None:
        return None
    passport = session.scalars(
        select(Passport).where(Passport.migrant_id == migrant.id, Passport.is_current)
    ).one_or_none()
    checks = list(
        session.scalars(
            select(IdentityCheck)
            .where(IdentityCheck.migrant_id == migrant.id)
            .order_by(IdentityCheck.created_at.desc())
            .limit(20)
        )
    )
    history = list(
        session.scalars(
            select(AuditEvent)
            .where(AuditEvent.subject_kind == "migrant", AuditEvent.subject_id == migrant.id)
            .order_by(AuditEvent.at.desc())
            .limit(30)
        )
    )
    recoveries = list(
        session.scalars(
            select(AccessRecovery)
            .where(AccessRecovery.migrant_id == migrant.id)
            .order_by(AccessRecovery.created_at.desc())
            .limit(5)
        )
    )
    earlier = list(
        session.scalars(
            select(Passport)
            .where(Passport.migrant_id == migrant.id, Passport.is_current.is_(False))
            .order_by(Passport.created_at.desc())
            .limit(10)
        )
    )
    return IdentityFile(migrant, passport, checks, _twins(session, checks), history, recoveries, earlier)


def _twins(session: Session, checks: list[IdentityCheck]) -> list[Twin]:
    by_id = {c.other_id: c for c in reversed(checks) if c.other_id is not None}
    others = session.scalars(select(Migrant).where(Migrant.id.in_(by_id)).limit(10)).all() if by_id else []
    return [
        Twin(
            o.id, o.reference, by_id[o.id].score, by_id[o.id].reasons, o.full_name or "", o.birth_date or "",
            o.father_name or "", o.mother_name or "", o.status,
        )
        for o in others
    ]  # fmt: skip


def waiting_recoveries(actor: Actor) -> AnySelect:
    """Recoveries of the actor's area that wait for a second officer."""
    return (
        select(AccessRecovery.id, AccessRecovery.migrant_id, Migrant.reference, AccessRecovery.created_at)
        .join(Migrant, Migrant.id == AccessRecovery.migrant_id)
        .where(
            AccessRecovery.status == RecoveryStatus.PROPOSED,
            visible_to_staff(actor),
            AccessRecovery.proposed_by != actor.account_id,
        )
    )


def holds_document(session: Session, migrant_id: UUID, number: str) -> bool:
    """Whether a passport or national number that an officer reads off a document is this person's."""
    text = normal_document_number(number)
    passport = select(Passport.id).where(
        Passport.migrant_id == migrant_id, Passport.document_index == blind_index("passport", text)
    )
    national = select(Migrant.id).where(
        Migrant.id == migrant_id, Migrant.national_id_index == blind_index("national-id", text)
    )
    return bool(text) and (session.scalar(passport.limit(1)) or session.scalar(national)) is not None


def find(session: Session, actor: Actor, indexes: dict[str, bytes], reference: str | None, limit: int) -> list[Migrant]:
    """Records that an officer reaches, by reference or by a keyed hash of passport, national number or telephone."""
    tests: list[Any] = []
    if reference:
        tests.append(Migrant.reference == reference)
    if "passport" in indexes:
        tests.append(Migrant.id.in_(select(Passport.migrant_id).where(Passport.document_index == indexes["passport"])))
    if "national-id" in indexes:
        tests.append(Migrant.national_id_index == indexes["national-id"])
    if "phone" in indexes:
        tests.append(Migrant.account_id.in_(select(UserAccount.id).where(UserAccount.phone_index == indexes["phone"])))
    if not tests:
        return []
    from sqlalchemy import or_

    query = select(Migrant).where(or_(*tests), visible_to_staff(actor)).order_by(Migrant.created_at.desc()).limit(limit)
    return list(session.scalars(query))


def find_by_name(session: Session, actor: Actor, hashes: list[bytes], limit: int) -> list[Migrant]:
    """Records that an officer reaches and that share a name's sound; the caller scores them."""
    query = select(Migrant).where(Migrant.name_hashes.overlap(hashes), visible_to_staff(actor)).limit(limit)
    rows = list(session.scalars(query))
    preload_keys(session, [r.person_key_id for r in rows])
    return rows
