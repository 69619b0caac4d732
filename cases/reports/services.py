"""Sending a report, and coming back to it with the codename. Nobody acts here: there is no actor, no audit row, no time."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cases.reports.models import Report, ReportMessage, ReportPhoto, undated_key
from cases.reports.status import ReportStatus, Share, Speaker
from cases.reports.words import codename_index, codename_of
from core.accounts import Office, OfficeKind
from core.contact import normal_phone
from core.db import legal_today
from core.errors import DomainError, NotVisible
from core.files import clean_upload
from core.forms import latin_digits
from core.i18n import _l, current_locale
from core.names import lookalike_keys, person_keys
from core.privacy import blind_index
from law.country import deployment


@dataclass(frozen=True, slots=True)
class Send:
    """A report as it was written. ``asked`` and ``when`` are about money and papers; ``destination`` may be empty."""

    words: str
    in_danger: bool
    share: Share
    name: str = ""
    phone: str = ""
    place: str = ""
    asked: str = ""
    when: str = ""
    destination: str = ""
    photos: tuple[bytes, ...] = ()


def report_office(session: Session) -> Office:
    """The office whose case officers read reports: the ministry, not the department that licenses.

    :raises DomainError: when no office has been set up yet.
    """
    query = (
        select(Office)
        .where(Office.kind.in_([OfficeKind.DEPARTMENT, OfficeKind.MINISTRY]))
        .order_by(Office.kind == OfficeKind.DEPARTMENT, Office.code)
        .limit(1)
    )
    office = session.scalars(query).one_or_none()
    if office is None:
        raise DomainError(_l("Reports have not been set up yet. Please come back later."))
    return office


def send(session: Session, secret: bytes, command: Send) -> str:
    """Keep a report and give its codename, in the current language. The same draft sent again, in whatever language, gives
    the same codename and makes nothing.

    :param secret: the draft's own; the codename comes from it and is kept as a hash alone.
    :raises DomainError: when a photo can't be taken.
    """
    codename = codename_of(secret, current_locale())
    index = codename_index(codename)
    # One at a time for one codename and for one text: a button that is pressed twice makes one report.
    text_index = blind_index("report-text", _plain(command.words))
    for lock in sorted((index[:8].hex(), text_index[:8].hex())):
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 18))"), {"key": lock})
    if session.scalar(select(Report.id).where(Report.codename_index == index)) is not None:
        return codename
    photos = [_photo(data) for data in command.photos[: photos_at_most()]]
    key = undated_key(session)
    facts = {
        "name": command.name, "phone": command.phone, "place": command.place, "asked": command.asked,
        "when": command.when, "destination": command.destination, "locale": current_locale(),
    }  # fmt: skip
    report = Report(
        person_key_id=key.id,
        office_id=report_office(session).id,
        received_on=legal_today(session),
        in_danger=command.in_danger,
        share=command.share,
        codename_index=index,
        text_index=text_index,
        phone_index=phone_index(command.phone),
        name_hashes=name_hashes(command.name),
        words=command.words,
        facts=json.dumps(facts, ensure_ascii=False),
        folded_into_id=_same_words(session, text_index),
    )
    session.add(report)
    session.flush()
    for position, photo in enumerate(photos, start=1):
        session.add(ReportPhoto(person_key_id=key.id, report_id=report.id, position=position, content=photo))
    session.flush()
    return codename


def photos_at_most() -> int:
    return int(deployment().standard("report_photos"))


def _plain(words: str) -> str:
    """What is the same text: letters and digits alone."""
    return "".join(c for c in words.casefold() if c.isalnum()) or words


def _same_words(session: Session, text_index: bytes) -> UUID | None:
    """The first report with these words: a flood of one text, or a message passed on, fills one line of the queue."""
    return session.scalars(
        select(Report.id)
        .where(Report.text_index == text_index, Report.folded_into_id.is_(None), Report.status != ReportStatus.CLOSED)
        .order_by(Report.received_on, Report.id)
        .limit(1)
    ).one_or_none()


def _photo(data: bytes) -> str:
    cleaned, media_type = clean_upload(data)
    if media_type != "image/jpeg":
        raise DomainError(_l("Send photos alone: another file may tell who made it."), field="photos")
    return base64.b64encode(cleaned).decode()


def phone_index(typed: str) -> bytes | None:
    """A keyed hash of the telephone number that a report names, however it was written."""
    if not typed.strip():
        return None
    try:
        number = normal_phone(typed)
    except DomainError:
        number = "".join(c for c in latin_digits(typed) if c.isdigit())
    return blind_index("report-phone", number) if number else None


def name_hashes(name: str) -> list[bytes]:
    """Keyed hashes under which a name that sounds or looks alike is found; single words of a longer name are none."""
    keys = (
        set(lookalike_keys(name)) | {k for k in person_keys(name) if not k.startswith("n:")} if name.strip() else set()
    )
    return [blind_index("report-name", key) for key in sorted(keys)]


# --- with the codename ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    mine: bool
    written_on: object
    text: str


@dataclass(frozen=True, slots=True)
class Thread:
    """What whoever holds the codename sees: how the report stands, and both sides' messages in order."""

    status: ReportStatus
    messages: Sequence[ThreadMessage]


def _by_codename(session: Session, codename: str, *, lock: bool = False) -> Report:
    query = select(Report).where(Report.codename_index == codename_index(codename))
    report = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if report is None:
        raise NotVisible
    return report


def thread(session: Session, codename: str) -> Thread:
    """The report of a codename.

    :raises NotVisible: when it is nobody's, mistyped or not.
    """
    report = _by_codename(session, codename)
    rows = session.scalars(
        select(ReportMessage)
        .where(ReportMessage.report_id == report.id, ReportMessage.speaker != Speaker.NOTE)
        .order_by(ReportMessage.position)
        .limit(500)
    ).all()
    first = ThreadMessage(True, report.received_on, report.words or "")
    return Thread(
        report.status,
        [first, *(ThreadMessage(m.speaker is Speaker.REPORTER, m.written_on, m.text or "") for m in rows)],
    )


def add(session: Session, codename: str, words: str) -> None:
    """The reporter adds something. The report comes out of its fold, and back to the officers' attention.

    :raises NotVisible: when the codename is nobody's.
    :raises DomainError: without words, or when they are the last ones again.
    """
    report = _by_codename(session, codename, lock=True)
    if not words.strip():
        raise DomainError(_l("Write what you want to add."), field="words")
    last = session.scalars(
        select(ReportMessage)
        .where(ReportMessage.report_id == report.id)
        .order_by(ReportMessage.position.desc())
        .limit(1)
    ).one_or_none()
    if last is not None and last.speaker is Speaker.REPORTER and last.text == words:
        return
    write(session, report, Speaker.REPORTER, words, None)
    report.folded_into_id = None
    report.unread_since = report.unread_since or legal_today(session)
    session.flush()


def write(session: Session, report: Report, speaker: Speaker, words: str, author_id: UUID | None) -> ReportMessage:
    """Put a message at the end of a locked report's thread."""
    last = session.scalar(select(func.max(ReportMessage.position)).where(ReportMessage.report_id == report.id)) or 0
    message = ReportMessage(
        person_key_id=report.person_key_id,
        report_id=report.id,
        position=last + 1,
        written_on=legal_today(session),
        speaker=speaker,
        author_id=author_id,
        text=words,
    )
    session.add(message)
    session.flush()
    return message
