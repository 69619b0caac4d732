"""What case officers do with a report. Reasons in the log are codes; words stay sealed with the report."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.licensing.models import Licence
from agencies.registration.models import Agency
from agencies.registration.policies import refuse_conflict
from agencies.registration.services import licensing_office
from cases.reports.models import LicensingReferral, Report
from cases.reports.policies import find, find_referral
from cases.reports.services import write
from cases.reports.status import REFERRAL, REPORT, Category, Indicator, ReportStatus, Share, Speaker
from core import audit
from core.actor import Actor
from core.db import legal_today
from core.errors import Denied, DomainError, TooLate
from core.forms import latin_digits
from core.i18n import _l
from core.permissions import Permission
from core.privacy import new_person


@dataclass(frozen=True, slots=True)
class Sort:
    """``licence_number`` names the registered agency that the report is about, where there is one."""

    category: Category
    indicators: tuple[Indicator, ...] = ()
    licence_number: str = ""


def take(session: Session, actor: Actor, report_id: UUID) -> Report:
    """An officer takes a report to read it through."""
    report = find(session, actor, report_id, lock=True)
    REPORT.apply(session, report, "take", actor=actor, office_id=report.office_id)
    report.taken_by = actor.require_account()
    return report


def accept(session: Session, actor: Actor, report_id: UUID, command: Sort) -> Report:
    """Say what it is, by the signs that are there, and take it on.

    :raises DomainError: without a sign of forced labour where that is said, or with a licence number that is nobody's.
    """
    report = find(session, actor, report_id, lock=True)
    if command.category is Category.FORCED_LABOUR and not command.indicators:
        raise DomainError(_l("Choose the signs of forced labour that you see."), field="indicators")
    report.agency_id = _agency(session, actor, command)
    report.category, report.indicators = command.category, [str(i) for i in command.indicators]
    evidence = {"category": command.category, "indicators": report.indicators, "agency_id": report.agency_id}
    REPORT.apply(session, report, "accept", actor=actor, evidence=evidence, office_id=report.office_id)
    return report


def _agency(session: Session, actor: Actor, command: Sort) -> UUID | None:
    number = latin_digits(command.licence_number).strip().upper()
    if not number:
        if command.category is Category.LICENSED:
            raise DomainError(_l("Write the licence number of the agency."), field="licence_number")
        return None
    found = session.scalar(select(Licence.agency_id).where(Licence.number == number))
    if found is None:
        raise DomainError(_l("No agency has this licence number."), field="licence_number")
    refuse_conflict(session, actor, found)
    return found


def redirect(session: Session, actor: Actor, report_id: UUID) -> LicensingReferral:
    """Pass to licensing what the reporter agreed to, as a note of its own that leads nowhere back.

    :raises Denied: when the reporter agreed to nothing.
    """
    report = find(session, actor, report_id, lock=True)
    if report.share is Share.NOTHING:
        raise Denied(_l("The reporter wants nothing to be passed on."))
    facts = json.loads(report.facts or "{}")
    told = {k: facts.get(k, "") for k in ("name", "phone", "place", "asked", "destination")}
    if report.share is Share.WORDS:
        told["words"] = report.words or ""
    agency = session.get(Agency, report.agency_id) if report.agency_id else None
    note = LicensingReferral(
        person_key_id=new_person(session).id,
        office_id=agency.office_id if agency else licensing_office(session).id,
        agency_id=agency.id if agency else None,
        content=json.dumps(told, ensure_ascii=False),
    )
    session.add(note)
    session.flush()
    report.referral_id = note.id
    # The log says that something was passed on, not which note it became: licensing's log must not lead to the report.
    REPORT.apply(session, report, "redirect", actor=actor, evidence={"share": report.share}, office_id=report.office_id)
    return note


def answer(session: Session, actor: Actor, report_id: UUID, words: str) -> Report:
    """Answer the reporter, who reads it under the codename."""
    report = find(session, actor, report_id, lock=True)
    _say(session, actor, report, Speaker.ANSWER, words)
    REPORT.apply(session, report, "answer", actor=actor, office_id=report.office_id)
    return report


def message(session: Session, actor: Actor, report_id: UUID, words: str, *, note: bool) -> Report:
    """A question or word to the reporter, or a note among officers, without a step.

    :raises TooLate: before it was taken.
    """
    report = find(session, actor, report_id, lock=True)
    if report.status is ReportStatus.RECEIVED:
        raise TooLate(_l("Take the report first."))
    written = _say(session, actor, report, Speaker.NOTE if note else Speaker.ANSWER, words)
    audit.record(
        session, actor, subject=(REPORT.name, report.id), action="note" if note else "write",
        evidence={"message_id": written},
    )  # fmt: skip
    return report


def _say(session: Session, actor: Actor, report: Report, speaker: Speaker, words: str) -> UUID:
    if not words.strip():
        raise DomainError(_l("Write something first."), field="words")
    if speaker is Speaker.ANSWER:
        report.unread_since = None
    return write(session, report, speaker, words, actor.require_account()).id


def seen(session: Session, actor: Actor, report_id: UUID) -> Report:
    """What the reporter added is read and needs no answer."""
    report = find(session, actor, report_id, lock=True)
    if report.unread_since is None:
        raise TooLate(_l("This has changed since you opened the page. Please look at it again."))
    report.unread_since = None
    audit.record(session, actor, subject=(REPORT.name, report.id), action="seen")
    return report


def close(session: Session, actor: Actor, report_id: UUID) -> Report:
    """Nothing is left to do."""
    report = find(session, actor, report_id, lock=True)
    if report.unread_since is not None:
        raise DomainError(_l("The reporter has added something. Read and answer it first."))
    REPORT.apply(session, report, "close", actor=actor, office_id=report.office_id)
    report.closed_on = legal_today(session)
    session.flush()
    return report


def propose_closing(session: Session, actor: Actor, report_id: UUID, words: str) -> Report:
    """Propose that it is not for us; the answer goes to the reporter when a second officer agrees."""
    report = find(session, actor, report_id, lock=True)
    if not words.strip():
        raise DomainError(_l("Write to the reporter why it is not for us, and who can help."), field="words")
    REPORT.apply(session, report, "propose_closing", actor=actor, office_id=report.office_id)
    report.closing_by, report.closing_answer = actor.require_account(), words
    session.flush()
    return report


def _second(actor: Actor, report: Report) -> None:
    if report.status is ReportStatus.CLOSING and report.closing_by == actor.account_id:
        raise Denied(_l("You proposed this. Another officer must decide it."))


def confirm_closing(session: Session, actor: Actor, report_id: UUID) -> Report:
    """A second officer agrees that it is not for us; the reporter gets the answer.

    :raises Denied: when the same officer proposed it.
    """
    report = find(session, actor, report_id, lock=True)
    _second(actor, report)
    REPORT.apply(session, report, "confirm_closing", actor=actor, reason="not for us", office_id=report.office_id)
    report.closed_by, report.closed_on = actor.require_account(), legal_today(session)
    report.category, report.indicators = None, []
    write(session, report, Speaker.ANSWER, report.closing_answer or "", report.closing_by)
    report.closing_answer = None
    session.flush()
    return report


def keep(session: Session, actor: Actor, report_id: UUID) -> Report:
    """A second officer says that it is for us after all; the answer that was proposed is not sent."""
    report = find(session, actor, report_id, lock=True)
    _second(actor, report)
    REPORT.apply(session, report, "keep", actor=actor, office_id=report.office_id)
    report.closing_by, report.closing_answer = None, None
    session.flush()
    return report


def reopen(session: Session, actor: Actor, report_id: UUID) -> Report:
    """Look at it again, such as after new words from the reporter."""
    report = find(session, actor, report_id, lock=True)
    if report.destroyed_on is not None:
        raise TooLate(_l("What this report said was destroyed. It can’t be opened again."))
    REPORT.apply(session, report, "reopen", actor=actor, office_id=report.office_id)
    report.closing_by = report.closed_by = report.closed_on = None
    session.flush()
    return report


# Acts that need no further word, by action.
PLAIN: dict[str, Callable[[Session, Actor, UUID], object]] = {
    "take": take,
    "redirect": redirect,
    "seen": seen,
    "close": close,
    "confirm_closing": confirm_closing,
    "keep": keep,
    "reopen": reopen,
}


def handle_referral(session: Session, actor: Actor, referral_id: UUID, action: str, words: str) -> LicensingReferral:
    """Licensing takes a note, says that it has acted, or why it does not.

    :raises DomainError: without a word on what was done.
    """
    note = find_referral(session, actor, referral_id, lock=True)
    actor.require(Permission.REFERRAL_HANDLE, note.office_id)
    if note.agency_id is not None:
        refuse_conflict(session, actor, note.agency_id)
    if action != "take" and not words.strip():
        raise DomainError(_l("Please give a reason."), field="reason")
    # The outcome may name people: it is sealed with the note, the log only says that there is one.
    REFERRAL.apply(
        session,
        note,
        action,
        actor=actor,
        reason="" if action == "take" else "outcome written",
        office_id=note.office_id,
    )
    if action == "take":
        note.taken_by = actor.require_account()
    else:
        note.outcome = words
    session.flush()
    return note
