"""Employers abroad and their named signatory."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from contracts.employers.status import EmployerStatus
from core.db import Base, Recorded, status_type
from core.ids import new_reference
from core.privacy import Encrypted, HasPersonKey, personal


class Employer(HasPersonKey, Recorded, Base):
    """An organisation abroad. The person key is the signatory's: the one person who signs job orders.

    How many workers it may have, and until when, stands in its accreditations (``accreditation_models``).
    """

    __tablename__ = "employer"
    __table_args__ = (Index("uq_employer_number", "country", "registration_number", unique=True),)

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("EM"))
    status: Mapped[EmployerStatus] = mapped_column(status_type(EmployerStatus), default=EmployerStatus.REGISTERED)
    name: Mapped[str]
    country: Mapped[str] = mapped_column(index=True)
    city: Mapped[str]
    address: Mapped[str | None]
    sector: Mapped[str | None]
    registration_number: Mapped[str]
    mission_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"), index=True)
    signatory_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    signatory_title: Mapped[str]
    signatory_name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    signatory_phone_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    signatory_email_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    signatory_phone_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    signatory_email_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    verified_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))

    signatory_name = personal("signatory_name_sealed")
    signatory_phone = personal("signatory_phone_sealed")
    signatory_email = personal("signatory_email_sealed")
