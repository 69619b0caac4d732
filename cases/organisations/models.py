"""A helping organisation, entered by the ministry."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Recorded
from core.ids import new_reference


class HelpingOrganisation(Recorded, Base):
    """An NGO, a union, a legal aid office. Its owner and clerks act for it by membership, and see no file by that alone."""

    __tablename__ = "helping_organisation"

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("HO"))
    name: Mapped[str]
    district: Mapped[str]
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"), index=True)
