"""An applicant whose name could be taken for a listed agency's is stopped for an officer, who sees both side by side.

Any listed agency counts, however it stands: a name like that of a blacklisted one is as much of a trick. An agency is not
stopped for those that took a name like its own after it was licensed: it is the original.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence, LicenceApplication
from agencies.licensing.status import STANDING_TITLES, ApplicationStatus, Standing
from agencies.register import snapshot
from agencies.register.models import NameMatch
from agencies.registration.models import Agency
from core.errors import DomainError
from core.i18n import _l
from core.names import Reason, looks_alike

# Of two agencies with like names that are approved at the same moment, the second sees the first.
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('register.namesakes'))")


@dataclass(frozen=True, slots=True)
class Found:
    """A listed agency that this one could be taken for."""

    other_agency_id: UUID
    name: str
    other_name: str
    score: int
    codes: tuple[str, ...]


def find(session: Session, agency: Agency) -> list[Found]:
    """Listed agencies whose names could be taken for this one's, but for those that came after it."""
    register, _today = snapshot.current(session)
    near = register.namesakes(agency.name, agency.name_local or "")
    pairs = [(register.entries[position], alike) for position, alike in near]
    pairs = [(entry, alike) for entry, alike in pairs if entry.agency_id != agency.id]
    first = _first_licences(session, [agency.id, *(e.agency_id for e, _alike in pairs)])
    own = first.get(agency.id)
    return [
        Found(entry.agency_id, alike.name, alike.theirs, alike.scored.score, alike.scored.codes)
        for entry, alike in pairs
        if own is None or first.get(entry.agency_id, own + 1) < own
    ]


def _first_licences(session: Session, agency_ids: list[UUID]) -> dict[UUID, int]:
    """The serial of each agency's oldest licence."""
    rows = session.execute(
        select(Licence.agency_id, func.min(Licence.serial))
        .where(Licence.agency_id.in_(agency_ids))
        .group_by(Licence.agency_id)
    )
    return {row[0]: row[1] for row in rows}


def note(session: Session, application: LicenceApplication, agency: Agency) -> list[NameMatch]:
    """Keep what was found, with the application; gives what no approver has cleared for these very names."""
    known = {
        (m.other_agency_id, m.name, m.other_name): m
        for m in session.scalars(select(NameMatch).where(NameMatch.application_id == application.id))
    }
    cleared = _cleared(session, agency.id)
    live: list[NameMatch] = []
    for found in find(session, agency):
        key = (found.other_agency_id, found.name, found.other_name)
        if key in cleared:
            continue
        row = known.get(key)
        if row is None:
            row = NameMatch(
                application_id=application.id, agency_id=agency.id, other_agency_id=found.other_agency_id,
                name=found.name, other_name=found.other_name, score=found.score, codes=list(found.codes),
            )  # fmt: skip
            session.add(row)
        live.append(row)
    session.flush()
    return live


def _cleared(session: Session, agency_id: UUID) -> set[tuple[UUID, str, str]]:
    rows = session.execute(
        select(NameMatch.other_agency_id, NameMatch.name, NameMatch.other_name).where(
            NameMatch.agency_id == agency_id, NameMatch.cleared_by.is_not(None)
        )
    )
    return {(other, name, other_name) for other, name, other_name in rows}


def evidence(matches: list[NameMatch]) -> dict[str, Any]:
    """For the log: which agencies, and why, without a word of the names."""
    return {"namesakes": [{"agency_id": m.other_agency_id, "score": m.score, "codes": m.codes} for m in matches]}


def uncleared(session: Session, application_id: UUID) -> list[NameMatch]:
    """What an approver still has to compare."""
    query = select(NameMatch).where(NameMatch.application_id == application_id, NameMatch.cleared_by.is_(None))
    return list(session.scalars(query))


def refuse_uncleared(session: Session, agency: Agency) -> None:
    """Look again at the last moment: another agency may have been licensed or approved under a like name since.

    :raises DomainError: when there is one that nobody has compared with this one.
    """
    session.execute(LOCK)
    cleared = _cleared(session, agency.id)
    found = [f for f in find(session, agency) if (f.other_agency_id, f.name, f.other_name) not in cleared]
    if not found:
        return
    taken = session.scalar(
        select(Agency.id)
        .where(
            Agency.id.in_([f.other_agency_id for f in found]),
            or_(
                select(Licence.id).where(Licence.agency_id == Agency.id).exists(),
                select(LicenceApplication.id)
                .where(
                    LicenceApplication.agency_id == Agency.id,
                    LicenceApplication.status == ApplicationStatus.SECURITY_PENDING,
                )
                .exists(),
            ),
        )
        .limit(1)
    )
    if taken is not None:
        raise DomainError(_l("Another agency has been approved under nearly this name. Send it back to the reviewer."))


@dataclass(frozen=True, slots=True)
class Side:
    """The listed agency beside the applicant."""

    agency_id: UUID
    name: str
    other_name: str
    listed_name: str
    number: str | None
    standing: Standing
    standing_title: Any
    valid_until: date | None
    district: str
    score: int
    reasons: tuple[Reason, ...]
    cleared: bool


def side_by_side(session: Session, application_id: UUID) -> list[Side]:
    """What the officer compares, the nearest first; an agency that left the register is not shown."""
    rows = session.scalars(
        select(NameMatch)
        .where(NameMatch.application_id == application_id)
        .order_by(NameMatch.score.desc(), NameMatch.id)
        .limit(20)
    ).all()
    if not rows:
        return []
    register, today = snapshot.current(session)
    entries = {e.agency_id: e for e in register.entries}
    return [_side(row, entries[row.other_agency_id], today) for row in rows if row.other_agency_id in entries]


def _side(row: NameMatch, entry: snapshot.Entry, today: date) -> Side:
    scored = looks_alike(row.name, row.other_name)
    standing = entry.standing(today)
    return Side(
        agency_id=entry.agency_id,
        name=row.name,
        other_name=row.other_name,
        listed_name=entry.name,
        number=entry.number,
        standing=standing,
        standing_title=STANDING_TITLES[standing],
        valid_until=entry.valid_until,
        district=entry.district,
        score=row.score,
        reasons=scored.reasons if scored is not None else (),
        cleared=row.cleared_by is not None,
    )


ONLY_A_NAME = {
    "release": _l("The name may stand: let it go on"),
    "refuse_stopped": _l("The name can be mistaken: refuse"),
}


def action_titles(titles: dict[str, Any], sides: list[Side], people: list[Any]) -> dict[str, Any]:
    """The buttons of a stopped application, in words for what it was stopped for."""
    if not sides:
        return titles
    if not people:
        return {**titles, **ONLY_A_NAME}
    return {
        **titles,
        "release": _l("Neither the same person nor a name to be mistaken: let it go on"),
        "refuse_stopped": _l("The same person, or a name that can be mistaken: refuse"),
    }
