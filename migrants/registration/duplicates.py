"""One person, one record: who may be the same person as this one, and why."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.names import LIKELY, POSSIBLE, compare_persons, person_keys
from core.privacy import blind_index, preload_keys
from migrants.identity.port import Reason
from migrants.registration.models import Migrant, Passport
from migrants.registration.status import MigrantStatus

LIMIT = 40
GONE = (MigrantStatus.MERGED, MigrantStatus.CLOSED)


def name_hashes(*names: str | None) -> list[bytes]:
    """Keyed hashes of a person's blocking keys: they carry the sound of a name, so they are never kept open."""
    keys = {key for name in names if name for key in person_keys(name)}
    return sorted(blind_index("person-name", key) for key in keys)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be the same person."""

    migrant_id: UUID
    score: int
    reasons: tuple[Reason, ...]


def find_candidates(session: Session, migrant: Migrant, passport: Passport | None) -> list[Candidate]:
    """Records that share a passport number or national number, or birth date and a like name; best first."""
    found: dict[UUID, Candidate] = {}
    if passport is not None and passport.document_index is not None:
        same = select(Passport.migrant_id).where(
            Passport.document_index == passport.document_index,
            Passport.migrant_id != migrant.id,
            Passport.released_at.is_(None),
        )
        same = same.join(Migrant, Migrant.id == Passport.migrant_id).where(
            Migrant.status.not_in(GONE), Migrant.submitted_at.is_not(None)
        )
        for holder in session.scalars(same.limit(LIMIT)):
            found[holder] = Candidate(holder, 100, (Reason("same_passport", False),))
    for other in _by_numbers_and_names(session, migrant):
        candidate = _compare(migrant, other)
        if candidate is not None and other.id not in found:
            found[other.id] = candidate
    return sorted(found.values(), key=lambda c: -c.score)


def _by_numbers_and_names(session: Session, migrant: Migrant) -> list[Migrant]:
    tests = []
    if migrant.national_id_index is not None:
        tests.append(Migrant.national_id_index == migrant.national_id_index)
    if migrant.birth_index is not None and migrant.name_hashes:
        tests.append((Migrant.birth_index == migrant.birth_index) & Migrant.name_hashes.overlap(migrant.name_hashes))
    if not tests:
        return []
    query = (
        select(Migrant)
        .where(or_(*tests), Migrant.id != migrant.id, Migrant.status.not_in(GONE), Migrant.submitted_at.is_not(None))
        .order_by(Migrant.created_at)
        .limit(LIMIT)
    )
    rows = list(session.scalars(query))
    preload_keys(session, [r.person_key_id for r in rows])
    return rows


def _compare(migrant: Migrant, other: Migrant) -> Candidate | None:
    """Scored with its reasons; None when it is a different person as far as can be told."""
    reasons: list[Reason] = []
    if migrant.national_id_index is not None and migrant.national_id_index == other.national_id_index:
        return Candidate(other.id, 98, (Reason("same_national_id", False),))
    name = compare_persons(migrant.full_name or "", other.full_name or "").score
    latin = compare_persons(migrant.latin_name or "", other.latin_name or "").score
    if max(name, latin) < POSSIBLE:
        return None
    score = 60 + (15 if max(name, latin) >= LIKELY else 0)
    reasons += [Reason("same_birth_date", False), Reason("like_name", False)]
    for mine, theirs, code in (
        (migrant.father_name, other.father_name, "father"),
        (migrant.mother_name, other.mother_name, "mother"),
    ):
        if mine and theirs:
            same = compare_persons(mine, theirs).score >= POSSIBLE
            score += 10 if same else -25
            reasons.append(Reason(f"{code}_{'same' if same else 'differs'}", not same))
    return Candidate(other.id, score, tuple(reasons)) if score >= 60 else None
