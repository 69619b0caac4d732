"""Reports as officers' pages read them, patterns among them, and the count that the regulator sees."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, cast, func, or_, select
from sqlalchemy.orm import Session

from agencies.registration.models import Agency
from cases.reports import alerts
from cases.reports.models import LicensingReferral, Report, ReportMessage, ReportPhoto
from cases.reports.policies import find, visible, visible_referral
from cases.reports.status import ReferralStatus, ReportStatus, Speaker
from core.accounts import account_names
from core.actor import Actor
from core.db import legal_today, legal_zone
from core.listing import AnySelect
from core.names import POSSIBLE, compare_organisations, compare_persons
from core.privacy import preload_keys
from law.country import deployment


@dataclass(frozen=True, slots=True)
class SimilarRow:
    """Another report with the same telephone number, a name that sounds alike, or the very same words."""

    id: UUID
    reference: str
    received_on: date
    status: ReportStatus
    name: str
    same_phone: bool
    same_words: bool


@dataclass(frozen=True, slots=True)
class MessageRow:
    speaker: Speaker
    written_on: date
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class File:
    """All of one report for its officer."""

    report: Report
    facts: dict[str, str]
    words: str
    messages: Sequence[MessageRow]
    photos: Sequence[UUID]
    similar: Sequence[SimilarRow]
    agency_name: str
    referral: LicensingReferral | None
    closing_answer: str
    alerts: Sequence[alerts.AlertRow]


def file(session: Session, actor: Actor, report_id: UUID) -> File:
    """One report in full. The caller notes the reading.

    :raises NotVisible: when the actor may not read it.
    """
    report = find(session, actor, report_id)
    rows = session.scalars(
        select(ReportMessage).where(ReportMessage.report_id == report.id).order_by(ReportMessage.position).limit(500)
    ).all()
    people = account_names(session, {m.author_id for m in rows if m.author_id})
    photos = session.scalars(
        select(ReportPhoto.id).where(ReportPhoto.report_id == report.id).order_by(ReportPhoto.position).limit(20)
    ).all()
    facts = json.loads(report.facts or "{}")
    agency = session.get(Agency, report.agency_id) if report.agency_id else None
    return File(
        report=report,
        facts=facts,
        words=report.words or "",
        messages=[
            MessageRow(m.speaker, m.written_on, people.get(m.author_id, "") if m.author_id else "", m.text or "")
            for m in rows
        ],
        photos=photos,
        similar=similar(session, actor, report, facts.get("name", "")),
        agency_name=agency.name if agency else "",
        referral=session.get(LicensingReferral, report.referral_id) if report.referral_id else None,
        closing_answer=report.closing_answer or "",
        alerts=alerts.of_report(session, report.id),
    )


def similar(session: Session, actor: Actor, report: Report, name: str) -> list[SimilarRow]:
    """Reports that may be about the same people, newest first. Hashes find candidates; names are then compared."""
    tests = [Report.text_index == report.text_index]
    if report.phone_index is not None:
        tests.append(Report.phone_index == report.phone_index)
    if report.name_hashes:
        tests.append(Report.name_hashes.overlap(report.name_hashes))
    if report.agency_id is not None:
        tests.append(Report.agency_id == report.agency_id)
    rows = session.scalars(
        select(Report)
        .where(visible(actor), Report.id != report.id, or_(*tests))
        .order_by(Report.received_on.desc(), Report.id)
        .limit(100)
    ).all()
    preload_keys(session, [r.person_key_id for r in rows])
    found = []
    for row in rows:
        other = json.loads(row.facts or "{}").get("name", "")
        same_phone = report.phone_index is not None and row.phone_index == report.phone_index
        same_words = row.text_index == report.text_index
        same_agency = report.agency_id is not None and row.agency_id == report.agency_id
        if same_phone or same_words or same_agency or _alike(name, other):
            found.append(SimilarRow(row.id, row.reference, row.received_on, row.status, other, same_phone, same_words))
    return found[:30]


def _alike(left: str, right: str) -> bool:
    if not left or not right:
        return False
    return max(compare_organisations(left, right).score, compare_persons(left, right).score) >= POSSIBLE


def waiting(actor: Actor, *tests: Any) -> AnySelect:
    """Reports that wait, by the day: no word of them, since the list may stand on a shared screen."""
    since = func.coalesce(Report.unread_since, Report.received_on)
    today = cast(func.timezone(legal_zone(), func.now()), Date)
    return select(
        Report.id,
        Report.reference,
        Report.received_on,
        Report.unread_since,
        Report.in_danger,
        Report.category,
        alerts.told().label("alerted"),
        since.label("since"),
        (today - since).label("days"),
    ).where(visible(actor), Report.folded_into_id.is_(None), *tests)


def referrals_waiting(actor: Actor) -> AnySelect:
    return select(
        LicensingReferral.id, LicensingReferral.reference, LicensingReferral.status, LicensingReferral.created_at
    ).where(visible_referral(actor), LicensingReferral.status.in_([ReferralStatus.SENT, ReferralStatus.IN_HAND]))


@dataclass(frozen=True, slots=True)
class AgencyCount:
    """Reports about one agency that were taken on: ``at_least`` so many, a multiple of the country package's ``report_k``."""

    agency_id: UUID
    agency_name: str
    at_least: int


@dataclass(frozen=True, slots=True)
class Counts:
    until: date
    k: int
    rows: Sequence[AgencyCount]


def counts(session: Session) -> Counts:
    """How many reports stand against each agency, for the regulator; agencies with fewer than k are not named.

    Counted up to the end of last month and rounded down to a multiple of k, so that nobody sees the number move on the day
    after a worker spoke up. The same words count once. Needs no more than the count: no report is opened.
    """
    k = int(deployment().standard("report_k"))
    until = legal_today(session).replace(day=1)
    taken_on = (ReportStatus.ACCEPTED, ReportStatus.REDIRECTED, ReportStatus.ANSWERED, ReportStatus.CLOSED)
    number = func.count(func.distinct(Report.text_index))
    query = (
        select(Agency.id, Agency.name, number)
        .join(Report, Report.agency_id == Agency.id)
        .where(
            Report.received_on < until,
            Report.status.in_(taken_on),
            Report.category.is_not(None),
        )
        .group_by(Agency.id, Agency.name)
        .having(number >= k)
        .order_by(number.desc(), Agency.name)
        .limit(200)
    )
    return Counts(until, k, [AgencyCount(i, name, n // k * k) for i, name, n in session.execute(query)])
