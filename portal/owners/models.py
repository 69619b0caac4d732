"""A proposal to put another owner in the place of one who is lost."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from agencies.registration.status import IdentifierKind
from core.db import Base, Recorded, status_type
from core.ids import new_reference
from core.permissions import SubjectKind
from core.privacy import Encrypted, HasPersonKey, personal
from portal.owners.status import Ground, ReplacementStatus


class OwnerReplacement(HasPersonKey, Recorded, Base):
    """One proposal about one organisation. The person key is that of the person who is to be the owner.

    ``director_id`` names a director on record; ``lost_account_id`` is empty where nobody owns the account any more.
    ``object_until`` is the last day on which the owner of now can object.
    """

    __tablename__ = "owner_replacement"
    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="maker_is_not_checker"),
        CheckConstraint(
            "settled_by IS NULL OR (settled_by <> proposed_by AND settled_by <> decided_by)", name="objection_is_heard_anew"
        ),
        CheckConstraint("status <> 'notice' OR (object_until IS NOT NULL AND lost_account_id IS NOT NULL)", name="notice"),
        CheckConstraint("status NOT IN ('invited', 'done') OR invitation_id IS NOT NULL", name="invited"),
        Index(
            "uq_owner_replacement_open", "kind", "subject_id", unique=True,
            postgresql_where=text("status IN ('proposed', 'notice', 'objected', 'invited')"),
        ),
        Index(None, "status", "object_until"),
    )  # fmt: skip

    reference: Mapped[str] = mapped_column(unique=True, default=lambda: new_reference("OR"))
    kind: Mapped[SubjectKind] = mapped_column(status_type(SubjectKind))
    subject_id: Mapped[UUID]
    office_id: Mapped[UUID] = mapped_column(ForeignKey("office.id"), index=True)
    status: Mapped[ReplacementStatus] = mapped_column(
        status_type(ReplacementStatus), default=ReplacementStatus.PROPOSED
    )
    ground: Mapped[Ground] = mapped_column(status_type(Ground))
    lost_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    director_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency_director.id"))
    identifier_kind: Mapped[IdentifierKind] = mapped_column(status_type(IdentifierKind))
    name_sealed: Mapped[bytes] = mapped_column(Encrypted())
    email_sealed: Mapped[bytes] = mapped_column(Encrypted())
    identifier_sealed: Mapped[bytes] = mapped_column(Encrypted())
    birth_date_sealed: Mapped[bytes] = mapped_column(Encrypted())
    objection_sealed: Mapped[bytes | None] = mapped_column(Encrypted())
    evidence_sealed: Mapped[bytes] = mapped_column(Encrypted())
    identifier_index: Mapped[bytes] = mapped_column(LargeBinary)
    email_index: Mapped[bytes] = mapped_column(LargeBinary)
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    due_on: Mapped[date | None]
    object_until: Mapped[date | None]
    invitation_id: Mapped[UUID | None] = mapped_column(ForeignKey("invitation.id"), index=True)

    name = personal("name_sealed")
    email = personal("email_sealed")
    identifier = personal("identifier_sealed")
    birth_date = personal("birth_date_sealed")
    objection = personal("objection_sealed")
    evidence = personal("evidence_sealed")
