"""What pages and other packages read about licences and applications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from agencies.licensing.models import (
    Licence,
    LicenceApplication,
    LicenceFee,
    LicenceMatch,
    LicencePaper,
)
from agencies.licensing.status import (
    ApplicationStatus,
    LicenceStatus,
    MatchKind,
    SecurityKind,
    Standing,
)
from agencies.registration.models import Agency, AgencyDirector
from agencies.registration.queries import DirectorRow, director_row
from agencies.sanctions.case_models import SanctionBar, SanctionCase
from agencies.sanctions.models import BlacklistedPerson, Sanction
from agencies.sanctions.queries import blacklisted
from agencies.security.models import SecurityInstrument
from agencies.security.status import InstrumentStatus
from core.accounts import account_names
from core.audit import AuditEvent
from core.errors import NotVisible
from core.i18n import _l
from core.listing import AnySelect
from core.money import Money
from core.privacy import preload_keys


@dataclass(frozen=True, slots=True)
class LicenceStanding:
    """How an agency stands on a day. ``reasons`` are sentences for a person."""

    agency_id: UUID
    status: Standing
    licensed: bool
    reasons: tuple[Any, ...]
    licence_number: str | None = None
    valid_until: date | None = None


def standing_on(on: date, *, is_blacklisted: bool, status: LicenceStatus | None, valid_until: date | None) -> Standing:
    """The one rule for how an agency stands; the last day of a licence still counts."""
    if is_blacklisted:
        return Standing.BLACKLISTED
    if status is None or valid_until is None:
        return Standing.NOT_LICENSED
    if status in (LicenceStatus.CANCELLED, LicenceStatus.SURRENDERED):
        return Standing(status.value)
    if status is LicenceStatus.EXPIRED or valid_until < on:
        return Standing.EXPIRED
    return Standing.SUSPENDED if status is LicenceStatus.SUSPENDED else Standing.LICENSED


def licence_for(
    session: Session, agency_id: UUID, on: date, *, destination: str | None = None, lock: bool = False
) -> LicenceStanding:
    """Whether this agency may recruit on this day (for this destination): asked then and there, never remembered.

    ``destination`` is taken so that a country whose licences name destinations can answer; the law file of this country
    names none, so it does not change the answer.

    :param lock: hold the licence until the caller's transaction ends, so that a suspension waits for it or wins.
    """
    query = (
        select(Licence.status, Licence.valid_until, Licence.issued_on, Licence.number, blacklisted())
        .join(Agency, Agency.id == Licence.agency_id)
        .where(Licence.agency_id == agency_id)
        .order_by(Licence.serial.desc())
        .limit(1)
    )
    row = session.execute(query.with_for_update(of=Licence, read=True) if lock else query).one_or_none()
    if row is None:
        listed = session.scalar(select(blacklisted()).where(Agency.id == agency_id)) or False
        status = Standing.BLACKLISTED if listed else Standing.NOT_LICENSED
        return LicenceStanding(agency_id, status, False, (STANDING_REASONS[status],))
    state, valid_until, issued_on, number, listed = row
    status = standing_on(on, is_blacklisted=bool(listed), status=state, valid_until=valid_until)
    if status is Standing.LICENSED and on < issued_on:
        status = Standing.NOT_LICENSED
    reasons = () if status is Standing.LICENSED else (STANDING_REASONS[status],)
    return LicenceStanding(agency_id, status, status is Standing.LICENSED, reasons, number, valid_until)


STANDING_REASONS = {
    Standing.LICENSED: _l("This agency has a licence in force."),
    Standing.SUSPENDED: _l("The licence of this agency is suspended."),
    Standing.EXPIRED: _l("The licence of this agency has expired."),
    Standing.BLACKLISTED: _l("This agency is on the blacklist."),
    Standing.CANCELLED: _l("The licence of this agency was cancelled."),
    Standing.SURRENDERED: _l("This agency has given up its licence."),
    Standing.NOT_LICENSED: _l("This agency has no licence."),
}


def newest_licence(session: Session, agency_id: UUID) -> Licence | None:
    """The newest licence, whatever its state; the caller has asked the policy."""
    query = select(Licence).where(Licence.agency_id == agency_id).order_by(Licence.serial.desc()).limit(1)
    return session.scalars(query).one_or_none()


def newest_application(session: Session, agency_id: UUID) -> LicenceApplication | None:
    query = (
        select(LicenceApplication)
        .where(LicenceApplication.agency_id == agency_id)
        .order_by(LicenceApplication.created_at.desc(), LicenceApplication.id.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


@dataclass(frozen=True, slots=True)
class PaperRow:
    code: str
    paper_id: UUID
    pictures: int
    size: int
    uploaded_at: datetime


def papers_of(session: Session, application_id: UUID) -> dict[str, PaperRow]:
    """The papers that stand now, by code."""
    from core.files import StoredFile

    rows = session.execute(
        select(LicencePaper.code, LicencePaper.id, StoredFile.pictures, StoredFile.size, LicencePaper.created_at)
        .join(StoredFile, StoredFile.id == LicencePaper.file_id)
        .where(LicencePaper.application_id == application_id, LicencePaper.replaced_at.is_(None))
    )
    return {row[0]: PaperRow(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class MatchRow:
    """A director beside the blacklisted person: what the approver compares."""

    id: UUID
    kind: MatchKind
    score: int
    director: DirectorRow
    listed: DirectorRow
    listed_agency: str
    sanction_reference: str
    sanction_reason: str
    dismissed: bool


def matches_of(session: Session, application_id: UUID) -> list[MatchRow]:
    """Every match of an application, side by side; for officers only."""
    director, listed = aliased(AgencyDirector), aliased(AgencyDirector)
    # Listed with an agency, or by a proceeding of his or her own.
    rows = session.execute(
        select(LicenceMatch, director, listed, SanctionCase, Agency.name, Sanction.reference, Sanction.reason)
        .join(director, director.id == LicenceMatch.director_id)
        .join(BlacklistedPerson, BlacklistedPerson.id == LicenceMatch.listed_person_id)
        .outerjoin(listed, listed.id == BlacklistedPerson.director_id)
        .outerjoin(Sanction, Sanction.id == BlacklistedPerson.sanction_id)
        .outerjoin(Agency, Agency.id == Sanction.agency_id)
        .outerjoin(SanctionBar, SanctionBar.id == BlacklistedPerson.bar_id)
        .outerjoin(SanctionCase, SanctionCase.id == SanctionBar.case_id)
        .where(LicenceMatch.application_id == application_id)
        .order_by(LicenceMatch.score.desc())
        .limit(40)
    )
    found = list(rows)
    preload_keys(session, [d.person_key_id for row in found for d in row[1:4] if d is not None])
    return [
        MatchRow(
            m.id, m.kind, m.score, director_row(d), director_row(o) if o is not None else _barred_person(case),
            name or "", reference or case.reference, reason or case.facts, bool(m.dismissed_by),
        )
        for m, d, o, case, name, reference, reason in found
    ]  # fmt: skip


def _barred_person(case: SanctionCase) -> DirectorRow:
    """A person barred by a proceeding, in the shape of a director; no telephone is known."""
    born = date.fromisoformat(case.birth_date) if case.birth_date else None
    assert case.identifier_kind is not None
    return DirectorRow(case.id, case.name or "", case.identifier_kind, case.identifier or "", born, "", "", None)


@dataclass(frozen=True, slots=True)
class SecurityRow:
    id: UUID
    kind: SecurityKind
    amount: Money
    bank_name: str
    document_number: str
    guarantee_until: date | None
    recorded_at: datetime
    status: InstrumentStatus


def securities_of(session: Session, application_id: UUID) -> list[SecurityRow]:
    rows = session.scalars(
        select(SecurityInstrument)
        .where(SecurityInstrument.application_id == application_id)
        .order_by(SecurityInstrument.created_at)
        .limit(50)
    ).all()
    preload_keys(session, [r.person_key_id for r in rows])
    return [
        SecurityRow(
            r.id, r.kind, Money(r.amount_minor, r.currency), r.bank_name or "", r.document_number or "",
            r.guarantee_until, r.created_at, r.status,
        )
        for r in rows
    ]  # fmt: skip


def asked_security(application: LicenceApplication) -> tuple[Money, Money] | None:
    """Cash and guarantee that the approver asked for; None before the approval."""
    if application.security_currency is None:
        return None
    return (
        Money(application.security_cash_minor or 0, application.security_currency),
        Money(application.security_guarantee_minor or 0, application.security_currency),
    )


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One decision, as the screen shows it."""

    at: datetime
    who: str
    action: str
    reason: str
    to_status: str | None


def history(session: Session, kind: str, subject_id: UUID) -> list[HistoryRow]:
    """The audit rows of one record, newest first, with the officers' names."""
    rows = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.subject_kind == kind, AuditEvent.subject_id == subject_id)
        .order_by(AuditEvent.at.desc())
        .limit(100)
    ).all()
    names = account_names(session, [r.actor_account_id for r in rows if r.actor_account_id])
    return [
        HistoryRow(
            r.at, names.get(r.actor_account_id, "") if r.actor_account_id else "", r.action, r.reason, r.to_status
        )
        for r in rows
    ]


def waiting(clause: ColumnElement[bool], statuses: Sequence[ApplicationStatus]) -> AnySelect:
    """Sent applications in these states that the clause allows: a return keeps its place."""
    return (
        select(
            LicenceApplication.id, LicenceApplication.reference, Agency.name.label("agency_name"),
            LicenceApplication.status, LicenceApplication.licence_class, LicenceApplication.submitted_at,
            LicenceApplication.reviewer_id, LicenceApplication.procedure, LicenceFee.id.is_not(None).label("fee_paid"),
            LicenceApplication.awaits, LicenceApplication.due_on,
        )
        .outerjoin(LicenceFee, LicenceFee.application_id == LicenceApplication.id)
        .join(Agency, Agency.id == LicenceApplication.agency_id)
        .where(
            clause, LicenceApplication.status.in_(list(statuses)), LicenceApplication.submitted_at.is_not(None)
        )
    )  # fmt: skip


def next_for(session: Session, account_id: UUID | None) -> tuple[UUID, ApplicationStatus] | None:
    """The file that was drawn for this officer and has waited longest, with its state; None when the desk is empty."""
    a, s = LicenceApplication, ApplicationStatus
    mine = or_(
        and_(a.status.in_([s.SUBMITTED, s.IN_REVIEW]), a.reviewer_id == account_id),
        and_(a.status == s.INSPECTION, a.inspector_id == account_id),
        and_(a.status.in_([s.STOPPED, s.DECISION]), a.approver_id == account_id),
        and_(a.status == s.SECOND_CHECK, a.second_approver_id == account_id),
    )
    row = session.execute(select(a.id, a.status).where(mine).order_by(a.submitted_at, a.id).limit(1)).one_or_none()
    return (row.id, row.status) if row else None


def find_licence(session: Session, licence_id: UUID) -> Licence:
    """
    :raises NotVisible: when there is none.
    """
    licence = session.get(Licence, licence_id)
    if licence is None:
        raise NotVisible
    return licence
