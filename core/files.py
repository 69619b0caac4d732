"""Uploaded files: checked, re-encoded, encrypted, stored by content hash behind one port.

Nothing is stored as it came: an image is decoded and written anew (EXIF gone, polyglots broken), a PDF is refused when
it carries scripts, launches or embedded files, and its pages are kept as pictures beside it. Those who may see a file look
at pictures in the page; the file itself is served as an attachment.
"""

import io
import os
import re
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import pdf_pages, settings
from core.actor import Actor
from core.db import Base, Recorded
from core.errors import DomainError, NotVisible
from core.i18n import _l
from core.privacy import derived_key

MAX_PIXELS = 40_000_000
MAX_EDGE = 2400
ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg"}


class StoredFile(Recorded, Base):
    """A file: its content hash (SHA-256 of what was stored), type, size and why it is kept.

    ``pictures``: how many pictures show the whole of it: 1 for a photo, one for each page of an uploaded PDF, 0 for a
    document that the portal made.
    """

    __tablename__ = "stored_file"
    __table_args__ = (Index(None, "sha256"),)

    sha256: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    purpose: Mapped[str]
    person_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("person_key.id"))
    uploaded_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    pictures: Mapped[int] = mapped_column(default=0)


class StoredPage(Recorded, Base):
    """One page of an uploaded PDF as a JPEG; ``number`` counts from 1."""

    __tablename__ = "stored_page"
    __table_args__ = (UniqueConstraint("file_id", "number"),)

    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    number: Mapped[int]
    sha256: Mapped[str]


class FileStore(Protocol):
    """Where the bytes live. ``put`` may be called twice with the same content, ``remove`` for what is gone already."""

    def put(self, digest: str, data: bytes) -> None: ...
    def get(self, digest: str) -> bytes: ...
    def remove(self, digest: str) -> None: ...


class DiskStore:
    """Files on disk under their hash, encrypted with AES-256-GCM, written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, digest: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise ValueError("not a content hash")
        return self.folder / digest[:2] / digest

    def put(self, digest: str, data: bytes) -> None:
        path = self._path(digest)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        nonce = os.urandom(12)
        partial = path.with_name(f"{path.name}.{os.getpid()}.{nonce.hex()}")
        with partial.open("wb") as file:
            file.write(nonce + AESGCM(derived_key("files")).encrypt(nonce, data, digest.encode()))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)

    def get(self, digest: str) -> bytes:
        sealed = self._path(digest).read_bytes()
        return AESGCM(derived_key("files")).decrypt(sealed[:12], sealed[12:], digest.encode())

    def remove(self, digest: str) -> None:
        self._path(digest).unlink(missing_ok=True)


def store() -> FileStore:
    """The deployment's file store."""
    return DiskStore(settings.current().storage)


_FORBIDDEN_IN_PDF = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction", b"/RichMedia", b"/XFA")


def clean_upload(data: bytes) -> tuple[bytes, str]:
    """The bytes to keep and their media type.

    :raises DomainError: when the file is empty, too large, or neither a picture nor a plain PDF.
    """
    if not data:
        raise DomainError(_l("No file came. Choose a file, or take a photo."), field="file")
    if len(data) > settings.current().max_upload_bytes:
        raise DomainError(_l("This file is too large. Take the photo again with less detail."), field="file")
    if data.startswith(b"%PDF-"):
        return _clean_pdf(data), "application/pdf"
    return _clean_image(data), "image/jpeg"


_DAMAGED = _l("This PDF holds scripts or other files, or is damaged. Print it to a new PDF, or take a photo.")
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
# How far before its stream a dictionary may begin; how large an object stream may be, packed, and all of them unpacked.
_ABOUT, _PACKED, _UNPACKED = 4_000, 2_000_000, 20_000_000
_STREAMS, _ESCAPES = 20_000, 200_000


def _names(data: bytes) -> bytes:
    """Names may be written with #xx escapes to hide them from a plain search."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), data)


def _packed_objects(data: bytes) -> bytes | None:
    """The objects that stand packed in object streams (PDF 1.5), unpacked; None when they can't all be looked at."""
    found: list[bytes] = []
    room, looked = _UNPACKED, 0
    for number, match in enumerate(_STREAM.finditer(data)):
        if number > _STREAMS or len(found) > _STREAMS // 10:
            return None
        about = _names(data[data.rfind(b" obj", max(0, match.start() - _ABOUT), match.start()) : match.start()])
        if b"/ObjStm" not in about and not (b"/First" in about and b"/N" in about):
            continue
        looked += about.count(b"/ObjStm")
        if b"/DecodeParms" in about or room <= 0:
            return None
        # One filter, the usual one, by its whole name; what stands there unpacked was searched with the rest.
        if b"/Filter" in about and not re.search(rb"/Filter\s*(/FlateDecode\b|\[\s*/FlateDecode\s*\])", about):
            return None
        if b"/Filter" not in about:
            continue
        unpack = zlib.decompressobj()
        try:
            found.append(unpack.decompress(data[match.end() : match.end() + _PACKED], room))
        except zlib.error:
            return None
        room -= len(found[-1])
        if not unpack.eof:
            return None
    return b"\n".join(found) if looked >= _names(data).count(b"/ObjStm") else None


def _clean_pdf(data: bytes) -> bytes:
    # Packed pixels hold some of these by chance; so many are made to keep us busy.
    if data.count(b"#") > _ESCAPES:
        raise DomainError(_DAMAGED, field="file")
    packed, plain = _packed_objects(data), _names(data)
    # The objects of an encrypted file can't be looked at when they are packed.
    hidden = packed is None or (packed and b"/Encrypt" in plain)
    words = plain + _names(packed or b"")
    if hidden or any(word in words for word in _FORBIDDEN_IN_PDF) or b"%%EOF" not in data[-2048:]:
        raise DomainError(_DAMAGED, field="file")
    return data


def _clean_image(data: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise DomainError(_l("This picture is too large. Take the photo again with less detail."), field="file")
            upright = _upright(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise DomainError(
            _l("This is not a photo or a PDF that can be read. Try another file."), field="file"
        ) from None
    upright.thumbnail((MAX_EDGE, MAX_EDGE))
    # A comment and XMP of the source would be written again with the pixels.
    upright.info.clear()
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=85)
    return out.getvalue()


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its notes say; as it lies, when they can't be read."""
    try:
        return ImageOps.exif_transpose(image)
    except (struct.error, ArithmeticError, LookupError, TypeError):
        return image


def store_upload(
    session: Session, actor: Actor, data: bytes, *, purpose: str, person_key_id: UUID | None = None
) -> StoredFile:
    """Check, clean and keep an uploaded file; of a PDF the pages, too.

    :raises DomainError: in a sentence for the person when the file can't be taken.
    """
    cleaned, media_type = clean_upload(data)
    pages = pdf_pages.pages(cleaned) if media_type == "application/pdf" else []
    stored = keep(session, actor, cleaned, media_type=media_type, purpose=purpose, person_key_id=person_key_id)
    stored.pictures = len(pages) or 1
    for number, page in enumerate(pages, 1):
        digest = sha256(page).hexdigest()
        store().put(digest, page)
        session.add(StoredPage(file_id=stored.id, number=number, sha256=digest))
    return stored


def keep(
    session: Session, actor: Actor, data: bytes, *, media_type: str, purpose: str, person_key_id: UUID | None = None
) -> StoredFile:
    """Keep bytes that the portal itself made, such as a signed document."""
    digest = sha256(data).hexdigest()
    store().put(digest, data)
    stored = StoredFile(
        sha256=digest,
        media_type=media_type,
        size=len(data),
        purpose=purpose,
        person_key_id=person_key_id,
        uploaded_by=actor.account_id,
        pictures=0,
    )
    session.add(stored)
    session.flush()
    return stored


def read_file(stored: StoredFile) -> bytes:
    """The content. The caller has asked the policy first."""
    return store().get(stored.sha256)


def pictures_of(session: Session, files: Iterable[UUID | None]) -> dict[UUID | None, int]:
    """How many pictures show each of these files; a file that is not there has no entry."""
    wanted = {f for f in files if f}
    query = select(StoredFile.id, StoredFile.pictures).where(StoredFile.id.in_(wanted))
    return {row.id: row.pictures for row in session.execute(query)} if wanted else {}


def remove_bytes(session: Session, file_id: UUID) -> bool:
    """Take the content of a file away for good, and of its pages; its row stays. What another file has too is kept.

    Gives whether anything went. The caller has seen that nobody needs it.
    """
    stored = session.get(StoredFile, file_id)
    if stored is None:
        return False
    pages = session.scalars(select(StoredPage.sha256).where(StoredPage.file_id == file_id)).all()
    gone = [d for d in {stored.sha256, *pages} if not _used_elsewhere(session, d, file_id)]
    for digest in gone:
        store().remove(digest)
    return bool(gone)


def _used_elsewhere(session: Session, digest: str, file_id: UUID) -> bool:
    files = select(StoredFile.id).where(StoredFile.sha256 == digest, StoredFile.id != file_id)
    pages = select(StoredPage.id).where(StoredPage.sha256 == digest, StoredPage.file_id != file_id)
    return any(session.scalars(q.limit(1)).first() is not None for q in (files, pages))


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way to somebody who may see it. ``shown``: a picture for the page itself, not a file to keep."""

    content: bytes
    media_type: str
    filename: str
    shown: bool = False


def download(session: Session, file_id: UUID | None, name: str, picture: int | None = None) -> Download:
    """The file, or its ``picture`` (from 1 to ``StoredFile.pictures``). The caller has asked the policy first.

    :param name: the name to save it under, without its ending.
    :raises NotVisible: when there is no such file or picture.
    """
    stored = session.get(StoredFile, file_id) if file_id else None
    if stored is None:
        raise NotVisible
    if picture is None:
        return Download(read_file(stored), stored.media_type, f"{name}.{ENDINGS[stored.media_type]}")
    if not 1 <= picture <= stored.pictures:
        raise NotVisible
    if stored.media_type == "image/jpeg":
        return Download(read_file(stored), "image/jpeg", f"{name}.jpg", shown=True)
    query = select(StoredPage.sha256).where(StoredPage.file_id == stored.id, StoredPage.number == picture)
    digest = session.scalars(query).one()
    return Download(store().get(digest), "image/jpeg", f"{name}-{picture}.jpg", shown=True)
