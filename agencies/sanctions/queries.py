"""Sanctions as pages and other packages read them, and the search for blacklisted persons."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from agencies.registration.models import Agency, AgencyDirector
from agencies.sanctions.case_models import SanctionBar, SanctionCase
from agencies.sanctions.case_status import SERVED, BarStatus, CaseSubject
from agencies.sanctions.models import BlacklistedPerson, Sanction
from agencies.sanctions.status import SanctionKind, SanctionStatus
from core.db import legal_day, legal_today
from core.listing import AnySelect
from core.names import POSSIBLE, compare_persons
from core.privacy import preload_keys


@dataclass(frozen=True, slots=True)
class PersonMatch:
    """A director who may be a blacklisted person. ``codes`` hold no word of a name."""

    director_id: UUID
    listed_person_id: UUID
    same_identifier: bool
    score: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SanctionRow:
    id: UUID
    reference: str
    agency_id: UUID
    agency_name: str
    kind: SanctionKind
    status: SanctionStatus
    reason: str
    proposed_by: UUID | None
    decided_by: UUID | None
    decided_at: datetime | None
    decision_reason: str | None
    lifted_on: date | None
    last_day: date | None
    created_at: datetime
    public_reason: str | None
    has_order: bool = False


def blacklisted() -> Exists:
    """Whether the agency of the outer query is on the blacklist."""
    return exists().where(
        Sanction.agency_id == Agency.id,
        Sanction.kind == SanctionKind.BLACKLISTING,
        Sanction.status == SanctionStatus.IN_FORCE,
    )


def is_blacklisted(session: Session, agency_id: UUID) -> bool:
    """Whether this agency is on the blacklist now."""
    return bool(session.scalar(select(blacklisted()).where(Agency.id == agency_id)))


def proceeding_is_open(session: Session, agency_id: UUID) -> bool:
    """Whether a proceeding that was served on this agency waits for its order."""
    query = exists().where(SanctionCase.agency_id == agency_id, SanctionCase.status.in_(SERVED))
    return bool(session.scalar(select(query)))


def match_blacklist(session: Session, agency_id: UUID) -> list[PersonMatch]:
    """Directors of this agency who are, or may be, persons on the blacklist.

    The same identity paper is a match whatever name stands beside it; another paper with the same birth date and a
    name that sounds alike is a possible one. Candidates come from keyed hashes; only theirs are decrypted.
    """
    listed = aliased(AgencyDirector)
    query = (
        select(AgencyDirector, listed, BlacklistedPerson.id)
        .join(
            listed,
            and_(
                listed.id != AgencyDirector.id,
                or_(
                    listed.identifier_index == AgencyDirector.identifier_index,
                    and_(
                        listed.birth_index == AgencyDirector.birth_index,
                        listed.name_hashes.overlap(AgencyDirector.name_hashes),
                    ),
                ),
            ),
        )
        .join(BlacklistedPerson, BlacklistedPerson.director_id == listed.id)
        .join(Sanction, and_(Sanction.id == BlacklistedPerson.sanction_id, Sanction.status == SanctionStatus.IN_FORCE))
        .where(AgencyDirector.agency_id == agency_id, AgencyDirector.removed_at.is_(None))
        .limit(200)
    )
    rows = session.execute(query).all()
    preload_keys(session, [d.person_key_id for row in rows for d in row[:2]])
    found = [_match(director, other, listed_id) for director, other, listed_id in rows]
    found += _listed_themselves(session, agency_id) + _barred_as_persons(session, agency_id)
    return [m for m in found if m.same_identifier or m.score >= POSSIBLE]


def _barred_as_persons(session: Session, agency_id: UUID) -> list[PersonMatch]:
    """Directors who are, or may be, persons barred by a proceeding of their own, whichever agency they come with."""
    query = (
        select(AgencyDirector, SanctionCase, BlacklistedPerson.id)
        .join(
            SanctionCase,
            or_(
                SanctionCase.identifier_index == AgencyDirector.identifier_index,
                and_(
                    SanctionCase.birth_index == AgencyDirector.birth_index,
                    SanctionCase.name_hashes.overlap(AgencyDirector.name_hashes),
                ),
            ),
        )
        .join(SanctionBar, and_(SanctionBar.case_id == SanctionCase.id, bar_holds_now(session)))
        .join(BlacklistedPerson, BlacklistedPerson.bar_id == SanctionBar.id)
        .where(AgencyDirector.agency_id == agency_id, AgencyDirector.removed_at.is_(None))
        .limit(200)
    )
    rows = session.execute(query).all()
    preload_keys(session, [r.person_key_id for row in rows for r in row[:2]])
    return [_match(director, case, listed_id) for director, case, listed_id in rows]


def bar_holds_now(session: Session) -> ColumnElement[bool]:
    """A bar works until its last day, also before the nightly job says that it is over."""
    return and_(SanctionBar.status == BarStatus.IN_FORCE, SanctionBar.last_day >= legal_today(session))


def is_barred(session: Session, kind: CaseSubject, subject_id: UUID) -> bool:
    """Whether an employer or a centre may take no part today, for a time or as blacklisted: asked at every use.

    An agency is asked about by ``agencies.licensing.queries.licence_for``, which knows its sanctions.
    """
    query = exists().where(
        SanctionBar.subject_kind == kind, SanctionBar.subject_id == subject_id, bar_holds_now(session)
    )
    return bool(session.scalar(select(query)))


def barred(session: Session, kind: CaseSubject) -> dict[UUID, UUID]:
    """Every subject of a kind that is barred today, with the bar that holds it."""
    query = select(SanctionBar.subject_id, SanctionBar.id).where(
        SanctionBar.subject_kind == kind, SanctionBar.subject_id.is_not(None), bar_holds_now(session)
    )
    return {subject_id: bar_id for subject_id, bar_id in session.execute(query) if subject_id is not None}


def party_is_barred(session: Session, kind: CaseSubject, *indexes: bytes) -> bool:
    """Whether an agent abroad, a medical centre or a person is barred today, by one of its keyed hashes
    (``cases.party_index``)."""
    query = exists().where(
        SanctionBar.subject_kind == kind, SanctionBar.identifier_index.in_(indexes), bar_holds_now(session)
    )
    return bool(session.scalar(select(query)))


def sanctioned_agencies(session: Session) -> dict[UUID, UUID]:
    """Agencies that a sanction holds now, with the newest such sanction: their workers are looked at one by one."""
    query = (
        select(Sanction.agency_id, Sanction.id)
        .where(Sanction.status == SanctionStatus.IN_FORCE, Sanction.kind != SanctionKind.EXTENSION)
        .order_by(Sanction.created_at, Sanction.id)
    )
    rows = session.execute(query)
    return dict(rows.all())


@dataclass(frozen=True, slots=True)
class PublicOrder:
    """What everybody may know of a step against an agency. ``ended_on`` is None while it holds; ``lifting_reason`` is
    the published reason of a lifted blacklisting; ``state`` says reversed when an appeal took it back."""

    reference: str
    kind: SanctionKind
    state: SanctionStatus
    from_day: date
    until_day: date | None
    ended_on: date | None
    is_interim: bool
    lifting_reason: str | None


def public_orders(session: Session, agency_id: UUID) -> list[PublicOrder]:
    """Every step against an agency that was ever in force, newest first; proposals are nobody's business."""
    query = (
        select(Sanction)
        .where(
            Sanction.agency_id == agency_id,
            Sanction.status.not_in((SanctionStatus.PROPOSED, SanctionStatus.REJECTED)),
            Sanction.kind != SanctionKind.EXTENSION,
            Sanction.decided_at.is_not(None),
        )
        .order_by(Sanction.decided_at.desc(), Sanction.id.desc())
        .limit(50)
    )
    return [
        PublicOrder(
            reference=s.reference, kind=s.kind, state=s.status, from_day=legal_day(s.decided_at),
            until_day=s.last_day, ended_on=s.lifted_on, is_interim=s.show_cause_day is not None or s.cause is not None,
            lifting_reason=s.public_reason,
        )
        for s in session.scalars(query)
        if s.decided_at is not None
    ]  # fmt: skip


def _match(director: AgencyDirector, other: AgencyDirector | SanctionCase, listed_id: UUID) -> PersonMatch:
    scored = compare_persons(director.name or "", other.name or "")
    same = director.identifier_index == other.identifier_index
    return PersonMatch(director.id, listed_id, same, 100 if same else scored.score, scored.codes)


def _listed_themselves(session: Session, agency_id: UUID) -> list[PersonMatch]:
    """The very same director record is listed: the agency that was blacklisted applies again."""
    query = (
        select(BlacklistedPerson.director_id, BlacklistedPerson.id)
        .join(Sanction, Sanction.id == BlacklistedPerson.sanction_id)
        .join(AgencyDirector, AgencyDirector.id == BlacklistedPerson.director_id)
        .where(
            AgencyDirector.agency_id == agency_id,
            AgencyDirector.removed_at.is_(None),
            Sanction.status == SanctionStatus.IN_FORCE,
        )
        .limit(50)
    )
    found = session.execute(query).all()
    return [PersonMatch(director, listed, True, 100, ("same",)) for director, listed in found if director is not None]


def sanctions_of(session: Session, agency_id: UUID) -> list[SanctionRow]:
    """Every sanction of an agency, newest first; the caller has asked the policy."""
    query = (
        select(Sanction, Agency.name)
        .join(Agency, Agency.id == Sanction.agency_id)
        .where(Sanction.agency_id == agency_id)
        .order_by(Sanction.created_at.desc())
        .limit(50)
    )
    return [
        SanctionRow(
            s.id, s.reference, s.agency_id, name, s.kind, s.status, s.reason, s.proposed_by, s.decided_by, s.decided_at,
            s.decision_reason, s.lifted_on, s.last_day, s.created_at, s.public_reason, s.document_id is not None,
        )
        for s, name in session.execute(query)
    ]  # fmt: skip


def sanctions_waiting(agencies: ColumnElement[bool]) -> AnySelect:
    """Proposals that wait for a decision, of the agencies that the clause allows."""
    return (
        select(
            Sanction.id,
            Sanction.reference,
            Sanction.agency_id,
            Sanction.kind,
            Sanction.created_at,
            Agency.name.label("agency_name"),
        )
        .join(Agency, Agency.id == Sanction.agency_id)
        .where(Sanction.status == SanctionStatus.PROPOSED, agencies)
    )
