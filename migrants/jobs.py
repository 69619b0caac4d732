"""Queued work of this package."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import SYSTEM
from core.db import db_now
from core.files import StoredFile, read_file, remove_bytes
from core.jobs import every, job
from law.country import deployment
from migrants.identity.mrz_photo import OcrPhotoReader
from migrants.identity.reader import PhotoReader
from migrants.registration.deciding import ask_registers_again, evaluate
from migrants.registration.models import Migrant, Passport
from migrants.registration.status import MigrantStatus, PhotoState

_reader: PhotoReader = OcrPhotoReader()


@job("migrants.read_passport_photo")
def read_passport_photo(session: Session, passport_id: str) -> None:
    """Read a photo's zone and keep it; a record that was sent meanwhile is then checked. Running twice changes nothing."""
    passport = session.get(Passport, UUID(passport_id))
    if passport is None or passport.photo_file_id is None or passport.photo_state is not PhotoState.WAITING:
        return
    reading = _reader.read(read_file(session.get_one(StoredFile, passport.photo_file_id)))
    # Locked only now: reading takes a second or more, and the person may go on meanwhile.
    migrant = session.scalars(select(Migrant).where(Migrant.id == passport.migrant_id).with_for_update()).one()
    session.refresh(passport)
    if passport.photo_state is not PhotoState.WAITING:
        return
    passport.photo_page = reading.page
    _end_reading(session, migrant, passport, reading.lines or ())


@job("migrants.remove_file")
def remove_file(session: Session, file_id: str) -> None:
    """The content of a photo whose person stopped registering. Running twice changes nothing."""
    remove_bytes(session, UUID(file_id))


@every("*/10 * * * *", "migrants.give_up_reading")
def give_up_reading(session: Session) -> int:
    """A photo that could not be read in time holds nobody up: the record goes on with what was typed; gives how many."""
    since = db_now(session) - timedelta(minutes=deployment().standard("photo_reading_minutes"))
    late = session.execute(
        select(Passport.id, Passport.migrant_id)
        .join(StoredFile, StoredFile.id == Passport.photo_file_id)
        .where(Passport.photo_state == PhotoState.WAITING, StoredFile.created_at < since)
        .limit(200)
    ).all()
    given_up = 0
    for passport_id, migrant_id in late:
        migrant = session.scalars(select(Migrant).where(Migrant.id == migrant_id).with_for_update()).one()
        passport = session.get_one(Passport, passport_id, populate_existing=True)
        if passport.photo_state is PhotoState.WAITING:
            _end_reading(session, migrant, passport, [])
            given_up += 1
    return given_up


def _end_reading(session: Session, migrant: Migrant, passport: Passport, lines: Sequence[str]) -> None:
    passport.photo_state = PhotoState.READ if lines else PhotoState.UNREADABLE
    passport.photo_mrz = "\n".join(lines) if lines else None
    session.flush()
    if migrant.status is MigrantStatus.IDENTITY_SUBMITTED:
        evaluate(session, SYSTEM, migrant, passport)


@every("*/10 * * * *", "migrants.ask_registers_again")
def ask_again(session: Session) -> None:
    """Whoever waits for a register that did not answer."""
    ask_registers_again(session)
