"""The same human, address, bank account or telephone behind a blacklisted agency and a new application."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from agencies.insider import marks
from agencies.insider.models import AgencyMark, ListedMatch
from agencies.insider.status import CERTAIN, MarkKind
from agencies.licensing.models import LicenceApplication
from agencies.registration.models import Agency, AgencyDirector
from agencies.sanctions.models import BlacklistedPerson, Sanction
from agencies.sanctions.status import SanctionKind, SanctionStatus
from core.accounts import Membership
from core.permissions import SubjectKind

MOST = 200


def _listed_agencies(session: Session, but: UUID) -> list[UUID]:
    return list(
        session.scalars(
            select(Sanction.agency_id)
            .where(
                Sanction.kind == SanctionKind.BLACKLISTING,
                Sanction.status == SanctionStatus.IN_FORCE,
                Sanction.agency_id != but,
            )
            .distinct()
        )
    )


def common(session: Session, agency: Agency) -> set[tuple[UUID, MarkKind]]:
    """What this agency has in common with blacklisted ones: ``(agency, kind)``.

    A director who is on the blacklist as a person is found, and stopped, by the sanctions' own search: not twice.
    """
    listed = _listed_agencies(session, agency.id)
    if not listed:
        return set()
    marks.note_unmarked(session, listed)
    own = aliased(AgencyMark)
    person = exists().where(
        AgencyDirector.identifier_index == AgencyMark.value_index,
        BlacklistedPerson.director_id == AgencyDirector.id,
        Sanction.id == BlacklistedPerson.sanction_id,
        Sanction.status == SanctionStatus.IN_FORCE,
    )
    shared = session.execute(
        select(AgencyMark.agency_id, AgencyMark.kind)
        .join(own, (own.kind == AgencyMark.kind) & (own.value_index == AgencyMark.value_index))
        .where(
            own.agency_id == agency.id,
            AgencyMark.agency_id.in_(listed),
            (AgencyMark.kind != MarkKind.IDENTIFIER) | ~person,
        )
        .distinct()
        .limit(MOST)
    )
    mine, theirs = aliased(Membership), aliased(Membership)
    members = session.scalars(
        select(theirs.subject_id)
        .join(mine, mine.account_id == theirs.account_id)
        .where(
            mine.kind == SubjectKind.AGENCY, mine.subject_id == agency.id, theirs.kind == SubjectKind.AGENCY,
            theirs.subject_id.in_(listed),
        )
        .limit(MOST)
    )  # fmt: skip
    return {(a, MarkKind(k)) for a, k in shared} | {(a, MarkKind.MEMBER) for a in members}


def note_matches(session: Session, application: LicenceApplication, agency: Agency) -> list[ListedMatch]:
    """Look, keep what is new, and give the certain ones that no approver has let go on yet."""
    marks.note_agency(session, agency)
    known = {(m.listed_agency_id, m.kind): m for m in matches_of(session, application.id)}
    live = []
    for listed_id, kind in sorted(common(session, agency)):
        row = known.get((listed_id, kind))
        if row is None:
            row = ListedMatch(
                application_id=application.id, listed_agency_id=listed_id, kind=kind, certain=kind in CERTAIN
            )
            session.add(row)
        if row.certain and row.dismissed_by is None:
            live.append(row)
    session.flush()
    return live


def matches_of(session: Session, application_id: UUID) -> list[ListedMatch]:
    return list(
        session.scalars(
            select(ListedMatch).where(ListedMatch.application_id == application_id).order_by(ListedMatch.created_at)
        )
    )


def dismiss(session: Session, application_id: UUID, account_id: UUID) -> list[UUID]:
    """An approver has compared: what stopped this application is let go on. Warnings stay as they are."""
    rows = [m for m in matches_of(session, application_id) if m.certain and m.dismissed_by is None]
    for row in rows:
        row.dismissed_by = account_id
    session.flush()
    return [r.id for r in rows]


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One match for the officer's screen."""

    kind: MarkKind
    certain: bool
    dismissed: bool
    agency_id: UUID
    agency_name: str
    agency_reference: str


def rows_of(session: Session, application_id: UUID) -> list[ListedRow]:
    """Every match of an application, the certain ones first; for officers only."""
    found = session.execute(
        select(ListedMatch, Agency.name, Agency.reference)
        .join(Agency, Agency.id == ListedMatch.listed_agency_id)
        .where(ListedMatch.application_id == application_id)
        .order_by(ListedMatch.certain.desc(), Agency.name)
        .limit(40)
    )
    return [
        ListedRow(m.kind, m.certain, m.dismissed_by is not None, m.listed_agency_id, name, reference)
        for m, name, reference in found
    ]
