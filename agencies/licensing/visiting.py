"""What the inspector does: report on the visit, or send the application back from it."""

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from PIL import ExifTags, Image, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.orm import Session

from agencies.insider import assignment
from agencies.insider.status import Stage
from agencies.licensing import documents, policies, rules
from agencies.licensing.evidence import changed, make_void
from agencies.licensing.models import LicenceApplication
from agencies.licensing.reviewing import ReturnDefects, note_defects
from agencies.licensing.status import APPLICATION
from agencies.licensing.visit_models import (
    LicenceVisit,
    LicenceVisitItem,
    LicenceVisitPhoto,
    LicenceVisitPlace,
    VisitAnswer,
)
from core.actor import Actor
from core.db import legal_today
from core.errors import DomainError, NotVisible
from core.files import Download, download, store_upload
from core.i18n import _l
from core.permissions import Permission

MOST_PHOTOS = 12


@dataclass(frozen=True, slots=True)
class Seen:
    """One line of the checklist."""

    code: str
    answer: VisitAnswer
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    visited_on: date
    finding: str
    items: tuple[Seen, ...]
    photos: tuple[bytes, ...] = ()


def report(session: Session, actor: Actor, application_id: UUID, command: Report) -> LicenceApplication:
    """Hand in the report: every line of the checklist answered. The decision goes to an officer with no part in it.

    :raises DomainError: when a line is missing, a no has no note, the day lies ahead, or a photo can't be read.
    """
    held = policies.find_for_stage(session, actor, application_id, Stage.INSPECTION)
    if command.visited_on > legal_today(session):
        raise DomainError(_l("The visit can’t lie in the future."), field="visited_on")
    answered = {i.code: i for i in command.items}
    if set(answered) != {c.code for c in rules.visit_checklist()}:
        raise DomainError(_l("Answer every line of the checklist."))
    if any(i.answer is not VisitAnswer.YES and not i.note.strip() for i in command.items):
        raise DomainError(_l("Say what you saw, or why you could not, for each line that is not yes."))
    if len(command.photos) > MOST_PHOTOS:
        raise DomainError(_l("There are too many photos."), field="photos")
    application = held.application
    if changed(session, application, held.agency):
        # Not the place that the reviewer sent the inspector to: the review comes first.
        make_void(session, application, held.agency, actor=actor, what="before the visit")
        return application
    visit = LicenceVisit(
        application_id=application.id,
        round=application.round,
        inspector_id=actor.require_account(),
        visited_on=command.visited_on,
        finding=command.finding,
    )
    session.add(visit)
    session.flush()
    items = [LicenceVisitItem(visit_id=visit.id, code=i.code, answer=i.answer, note=i.note) for i in command.items]
    session.add_all(items)
    hashes = [_keep_photo(session, actor, visit, photo, held.agency.person_key_id) for photo in command.photos]
    evidence = {
        "visit_id": visit.id,
        "visited_on": command.visited_on,
        "answers": {i.code: i.answer for i in command.items},
        "photos": hashes,
        "evidence_hash": application.evidence_hash,
        **documents.inspection_report(
            session, actor, application, held.agency, visit, items, photos=len(command.photos)
        ),
    }
    APPLICATION.apply(session, application, "report", actor=actor, reason=command.finding, evidence=evidence)
    application.visited_on = command.visited_on
    session.flush()
    assignment.keep_or_assign(session, application, held.agency, Stage.DECISION)
    return application


def _keep_photo(session: Session, actor: Actor, visit: LicenceVisit, data: bytes, person_key_id: UUID) -> str:
    """Encode a photo anew; what the camera wrote about place and time goes to its own sealed row."""
    place, taken = camera_words(data)
    stored = store_upload(session, actor, data, purpose="licence.visit", person_key_id=person_key_id)
    photo = LicenceVisitPhoto(visit_id=visit.id, file_id=stored.id)
    session.add(photo)
    session.flush()
    if place or taken:
        row = LicenceVisitPlace(photo_id=photo.id, person_key_id=person_key_id)
        row.position, row.taken_at = place, taken
        session.add(row)
        session.flush()
    return stored.sha256


def camera_words(data: bytes) -> tuple[str | None, str | None]:
    """Place (``latitude, longitude`` in degrees, five decimals) and time as the camera wrote them; None where it did not."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            exif = image.getexif()
            gps, inside = exif.get_ifd(ExifTags.IFD.GPSInfo), exif.get_ifd(ExifTags.IFD.Exif)
        taken = inside.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
        north = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef) == "S")
        east = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef) == "W")
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        ArithmeticError,
        LookupError,
        TypeError,
        struct.error,
    ):
        return None, None
    return (f"{north}, {east}" if north and east else None), (str(taken)[:40] if taken else None)


def _degrees(parts: Sequence[float] | None, negative: bool) -> str | None:
    if not parts or len(parts) != 3:
        return None
    value = float(parts[0]) + float(parts[1]) / 60 + float(parts[2]) / 3600
    return f"{-value if negative else value:.5f}"


def return_visit(session: Session, actor: Actor, application_id: UUID, command: ReturnDefects) -> LicenceApplication:
    """Send it back from the visit with each thing to mend named; it keeps its place and comes back to the inspector."""
    held = policies.find_for_stage(session, actor, application_id, Stage.INSPECTION)
    letter = note_defects(session, actor, held, command)
    evidence = {"round": held.application.round, "items": [d.item for d in command.defects], **letter}
    held.application.returned_by_visit = True
    APPLICATION.apply(session, held.application, "return_visit", actor=actor, evidence=evidence)
    return held.application


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """``place`` and ``taken_at`` only for those who may read them."""

    id: UUID
    place: str | None = None
    taken_at: str | None = None


@dataclass(frozen=True, slots=True)
class VisitRow:
    id: UUID
    inspector_id: UUID
    visited_on: date
    finding: str
    items: tuple[Seen, ...]
    photos: tuple[PhotoRow, ...]


def visits_of(session: Session, application_id: UUID, *, with_places: bool) -> list[VisitRow]:
    """Every report of an application, newest first; the caller has asked the policy."""
    visits = session.scalars(
        select(LicenceVisit)
        .where(LicenceVisit.application_id == application_id)
        .order_by(LicenceVisit.created_at.desc())
        .limit(10)
    ).all()
    ids = [v.id for v in visits]
    items = session.scalars(select(LicenceVisitItem).where(LicenceVisitItem.visit_id.in_(ids))).all() if ids else ()
    photos = (
        session.scalars(
            select(LicenceVisitPhoto).where(LicenceVisitPhoto.visit_id.in_(ids)).order_by(LicenceVisitPhoto.id)
        ).all()
        if ids
        else ()
    )
    places = {}
    if with_places and photos:
        rows = session.scalars(select(LicenceVisitPlace).where(LicenceVisitPlace.photo_id.in_([p.id for p in photos])))
        places = {r.photo_id: r for r in rows}
    return [
        VisitRow(
            v.id, v.inspector_id, v.visited_on, v.finding,
            tuple(Seen(i.code, i.answer, i.note) for i in items if i.visit_id == v.id),
            tuple(
                PhotoRow(p.id, places[p.id].position, places[p.id].taken_at) if p.id in places else PhotoRow(p.id)
                for p in photos
                if p.visit_id == v.id
            ),
        )
        for v in visits
    ]  # fmt: skip


def may_read_places(actor: Actor) -> bool:
    """Where and when photos were taken is for whoever decides and for an audit."""
    return actor.can(Permission.LICENCE_APPROVE) or actor.can(Permission.AUDIT_READ)


def photo(session: Session, actor: Actor, photo_id: UUID) -> Download:
    """A photo of a visit, for officers alone.

    :raises NotVisible: for everybody else.
    """
    row = session.execute(
        select(LicenceVisit.application_id, LicenceVisitPhoto.file_id)
        .join(LicenceVisit, LicenceVisit.id == LicenceVisitPhoto.visit_id)
        .where(LicenceVisitPhoto.id == photo_id)
    ).one_or_none()
    if row is None or not actor.is_staff:
        raise NotVisible
    policies.find(session, actor, row.application_id)
    return download(session, row.file_id, "visit", picture=1)
