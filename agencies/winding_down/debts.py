"""Who stood behind an agency that was closed with money unpaid: shown when the same people ask for a licence again."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from agencies.registration.models import Agency, AgencyDirector
from agencies.winding_down.models import WindingDown
from agencies.winding_down.status import WindingStatus
from core.db import legal_zone
from core.money import Money
from core.names import POSSIBLE, compare_persons
from core.privacy import preload_keys

MOST = 100


@dataclass(frozen=True, slots=True)
class UnpaidBehind:
    """A closed file with money unpaid. ``director`` is the applicant's, None for the agency itself; ``certain`` when the
    identity paper is the same, else birth date and name are alike."""

    winding_id: UUID
    agency_id: UUID
    agency_name: str
    agency_reference: str
    closed_on: date | None
    count: int
    unpaid: Money
    director: str | None
    certain: bool


def unpaid_behind(session: Session, agency_id: UUID) -> list[UnpaidBehind]:
    """What this agency, or an agency that one of its directors led when its licence ended, left unpaid.

    Candidates come from keyed hashes; only theirs are decrypted. The same agency and director is told once, the surest way.
    """
    own = session.execute(
        select(WindingDown, Agency)
        .join(Agency, Agency.id == WindingDown.agency_id)
        .where(_unpaid(), Agency.id == agency_id)
    ).all()
    found: dict[tuple[UUID, UUID | None], UnpaidBehind] = {
        (file.id, None): _row(file, agency, None, certain=True) for file, agency in own
    }
    for file, agency, mine, theirs in _candidates(session, agency_id):
        same = mine.identifier_index == theirs.identifier_index
        if same or compare_persons(mine.name or "", theirs.name or "").score >= POSSIBLE:
            before = found.get((file.id, mine.id))
            if before is None or (same and not before.certain):
                found[(file.id, mine.id)] = _row(file, agency, mine.name, certain=same)
    return sorted(found.values(), key=lambda r: (not r.certain, r.agency_name, r.director or ""))


def _unpaid() -> ColumnElement[bool]:
    return and_(WindingDown.status == WindingStatus.CLOSED, WindingDown.unpaid_minor > 0)


def _candidates(session: Session, agency_id: UUID) -> list[tuple[WindingDown, Agency, AgencyDirector, AgencyDirector]]:
    """Files, with the applicant's director and the one of the other agency who may be the same person."""
    theirs = aliased(AgencyDirector)
    left = cast(func.timezone(legal_zone(), theirs.removed_at), Date)
    rows = session.execute(
        select(WindingDown, Agency, AgencyDirector, theirs)
        .join(Agency, Agency.id == WindingDown.agency_id)
        .join(theirs, theirs.agency_id == Agency.id)
        .join(
            AgencyDirector,
            or_(
                AgencyDirector.identifier_index == theirs.identifier_index,
                and_(
                    AgencyDirector.birth_index == theirs.birth_index,
                    AgencyDirector.name_hashes.overlap(theirs.name_hashes),
                ),
            ),
        )
        .where(
            _unpaid(),
            Agency.id != agency_id,
            AgencyDirector.agency_id == agency_id,
            AgencyDirector.removed_at.is_(None),
            # Who had left before the licence ended does not answer for it.
            or_(left.is_(None), left >= WindingDown.ended_on),
        )
        .limit(MOST)
    ).all()
    preload_keys(session, [d.person_key_id for row in rows for d in row[2:]])
    return [(file, agency, mine, other) for file, agency, mine, other in rows]


def _row(file: WindingDown, agency: Agency, director: str | None, *, certain: bool) -> UnpaidBehind:
    return UnpaidBehind(
        file.id, agency.id, agency.name, agency.reference, file.closed_on, file.unpaid_count,
        Money(file.unpaid_minor, file.unpaid_currency or ""), director, certain,
    )  # fmt: skip
