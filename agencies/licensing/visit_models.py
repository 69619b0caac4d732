"""Reports of visits to agencies' offices. Rows are written once; where and when a photo was taken stands apart, sealed."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Recorded, status_type
from core.i18n import _l
from core.privacy import Encrypted, HasPersonKey, personal


class VisitAnswer(StrEnum):
    """What the inspector saw of one thing in the checklist."""

    YES = "yes"
    NO = "no"
    NOT_SEEN = "not_seen"


ANSWER_TITLES = {
    VisitAnswer.YES: _l("Yes"),
    VisitAnswer.NO: _l("No"),
    VisitAnswer.NOT_SEEN: _l("Could not be seen"),
}


class LicenceVisit(Recorded, Base):
    """One visit with its report; a later round may bring another."""

    __tablename__ = "licence_visit"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("licence_application.id"), index=True)
    round: Mapped[int]
    inspector_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    visited_on: Mapped[date]
    finding: Mapped[str]


class LicenceVisitItem(Recorded, Base):
    """One line of the checklist as the inspector answered it."""

    __tablename__ = "licence_visit_item"
    __table_args__ = (Index("uq_licence_visit_item", "visit_id", "code", unique=True),)

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("licence_visit.id"))
    code: Mapped[str]
    answer: Mapped[VisitAnswer] = mapped_column(status_type(VisitAnswer))
    note: Mapped[str] = mapped_column(default="")


class LicenceVisitPhoto(Recorded, Base):
    """A photo of the visit, encoded anew: what the camera wrote into it is gone."""

    __tablename__ = "licence_visit_photo"

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("licence_visit.id"), index=True)
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))


class LicenceVisitPlace(HasPersonKey, Recorded, Base):
    """Where and when the camera says that a photo was taken: for whoever decides, and for an audit. Never public."""

    __tablename__ = "licence_visit_place"

    photo_id: Mapped[UUID] = mapped_column(ForeignKey("licence_visit_photo.id"), unique=True)
    position_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    taken_at_sealed: Mapped[bytes | None] = mapped_column(Encrypted())

    position = personal("position_sealed")
    taken_at = personal("taken_at_sealed")
