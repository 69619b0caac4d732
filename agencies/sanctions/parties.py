"""Parties without a record here, an agent abroad or a medical centre, beside those that are barred: the packages above, whose
papers name them, ask at every use.

The same number is the same party: an order of this portal refuses it. A name that can be mistaken, or the number with another
country, is for an officer, who sees both side by side.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.sanctions.case_models import SanctionBar, SanctionCase
from agencies.sanctions.case_status import CaseSubject
from agencies.sanctions.cases import party_index, plain_number
from agencies.sanctions.queries import bar_holds_now, party_is_barred
from core.names import POSSIBLE, Scored, compare_organisations, looks_alike
from core.privacy import preload_keys

MOST = 2000


@dataclass(frozen=True, slots=True)
class Party:
    """What a paper says of one. ``country`` is empty where it is not asked."""

    name: str
    country: str
    number: str


@dataclass(frozen=True, slots=True)
class BarredParty:
    """One that is barred today and is, or may be, the party asked about. ``codes`` hold no word of a name."""

    bar_id: UUID
    reference: str
    name: str
    country: str
    number: str
    last_day: date
    same: bool
    score: int
    codes: tuple[str, ...]

    def as_evidence(self) -> dict[str, Any]:
        return {"bar_id": self.bar_id, "same": self.same, "score": self.score, "codes": self.codes}


def barred_like(session: Session, kind: CaseSubject, party: Party) -> list[BarredParty]:
    """Parties of a kind that are barred today and are, or may be, this one; the same one first, then the nearest name."""
    mine = plain_number(party.number)
    rows = _barred(session, kind)
    found = []
    for bar, case in rows:
        scored = _like(party.name, case.name or "")
        number_alike = bool(mine) and mine == plain_number(case.identifier or "")
        same = _is_same(kind, party, bar)
        if not (same or number_alike or scored):
            continue
        codes = (("same_number",) if number_alike else ()) + (scored.codes if scored else ())
        found.append(
            BarredParty(
                bar_id=bar.id, reference=bar.reference, name=case.name or "", country=case.country or "",
                number=case.identifier or "", last_day=bar.last_day, same=same,
                score=100 if same else scored.score if scored else 0, codes=codes,
            )
        )  # fmt: skip
    return sorted(found, key=lambda f: (not f.same, -f.score, f.reference))


def is_barred(session: Session, kind: CaseSubject, party: Party) -> bool:
    """Whether this very party is barred today: by its number alone, and without opening any name."""
    return bool(plain_number(party.number)) and party_is_barred(session, kind, *_indexes(kind, party))


def _like(name: str, barred: str) -> Scored | None:
    """Names that could be taken for each other, or may be two spellings of one: the barred are few, and an officer looks."""
    if not (name and barred):
        return None
    scored = looks_alike(name, barred) or compare_organisations(name, barred)
    return scored if scored.score >= POSSIBLE else None


def _barred(session: Session, kind: CaseSubject) -> list[tuple[SanctionBar, SanctionCase]]:
    query = (
        select(SanctionBar, SanctionCase)
        .join(SanctionCase, SanctionCase.id == SanctionBar.case_id)
        .where(SanctionBar.subject_kind == kind, SanctionBar.identifier_index.is_not(None), bar_holds_now(session))
        .order_by(SanctionBar.id)
        .limit(MOST)
    )
    rows = [(bar, case) for bar, case in session.execute(query)]
    preload_keys(session, [case.person_key_id for _bar, case in rows])
    return rows


def _is_same(kind: CaseSubject, party: Party, bar: SanctionBar) -> bool:
    return bool(plain_number(party.number)) and bar.identifier_index in _indexes(kind, party)


def _indexes(kind: CaseSubject, party: Party) -> tuple[bytes, ...]:
    """With the country, and as an officer reported it who wrote none."""
    return tuple(party_index(kind, country, party.number) for country in {party.country, ""})


def barred_today(session: Session, kind: CaseSubject, parties: Iterable[tuple[UUID, Party]]) -> set[UUID]:
    """Of records with the party that each names, those whose party is barred today for certain."""
    barred = set(
        session.scalars(
            select(SanctionBar.identifier_index).where(SanctionBar.subject_kind == kind, bar_holds_now(session))
        )
    )
    return {
        record
        for record, party in (parties if barred else ())
        if plain_number(party.number) and barred & set(_indexes(kind, party))
    }
