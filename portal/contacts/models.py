"""A change of an account's e-mail address or telephone number, from the asking to its end."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Recorded, status_type
from core.privacy import Encrypted, HasPersonKey, personal
from portal.contacts.status import ChangeStatus, ContactKind


class ContactChange(HasPersonKey, Recorded, Base):
    """One account asks for another address or number. The person key is the account's.

    ``old_index`` and ``secret_hash`` say what stood when it was asked: a change rests on both. ``stop_hash`` is the hash of
    the words by which the old contact says "this was not me".
    """

    __tablename__ = "contact_change"
    __table_args__ = (
        CheckConstraint("(status = 'waiting') <= (stop_hash IS NOT NULL AND effective_at IS NOT NULL)", name="waits"),
        Index(
            "uq_contact_change_open", "account_id", "kind", unique=True,
            postgresql_where=text("status IN ('asked', 'waiting')"),
        ),
        Index("ix_contact_change_due", "effective_at", postgresql_where=text("status = 'waiting'")),
    )  # fmt: skip

    account_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[ContactKind] = mapped_column(status_type(ContactKind))
    status: Mapped[ChangeStatus] = mapped_column(status_type(ChangeStatus), default=ChangeStatus.ASKED)
    new_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    new_index: Mapped[bytes] = mapped_column(LargeBinary)
    old_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    stop_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    proved_at: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]

    new = personal("new_sealed")
