"""Agencies and the people who direct them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from agencies.registration.status import IdentifierKind
from core.db import Base, Recorded, status_type
from core.ids import new_reference
from core.privacy import Encrypted, HasPersonKey, personal


class Agency(HasPersonKey, Recorded, Base):
    """A private recruitment agency. Its name, district and address are public once it stands in the register;
    telephone, e-mail and bank account are sealed."""

    __tablename__ = "agency"

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("AG"))
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"), index=True)
    name: Mapped[str]
    name_local: Mapped[str | None]
    company_number: Mapped[str | None] = mapped_column(index=True)
    district: Mapped[str | None]
    address: Mapped[str | None]
    bank_name_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    phone_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    email_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    bank_account_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    listed_at: Mapped[datetime | None]

    phone = personal("phone_sealed")
    email = personal("email_sealed")
    bank_name = personal("bank_name_sealed")
    bank_account = personal("bank_account_sealed")


class AgencyDirector(HasPersonKey, Recorded, Base):
    """A director, as a person. Hashes let a blacklisted one be found again under another agency or spelling."""

    __tablename__ = "agency_director"
    __table_args__ = (
        Index("ix_agency_director_name_hashes", "name_hashes", postgresql_using="gin"),
        Index(None, "identifier_index"),
        Index(None, "birth_index"),
    )

    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agency.id"), index=True)
    identifier_kind: Mapped[IdentifierKind] = mapped_column(status_type(IdentifierKind))
    name_sealed: Mapped[bytes] = mapped_column(Encrypted())
    identifier_sealed: Mapped[bytes] = mapped_column(Encrypted())
    birth_date_sealed: Mapped[bytes] = mapped_column(Encrypted())
    phone_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    email_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    identifier_index: Mapped[bytes] = mapped_column(LargeBinary)
    birth_index: Mapped[bytes] = mapped_column(LargeBinary)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    email_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    name_hashes: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
    removed_at: Mapped[datetime | None]

    name = personal("name_sealed")
    identifier = personal("identifier_sealed")
    birth_date = personal("birth_date_sealed")
    phone = personal("phone_sealed")
    email = personal("email_sealed")
