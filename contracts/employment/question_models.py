"""What a worker asked about the own contract, and what was answered; sealed under the worker's key."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.employment.question_status import Answerer, QuestionStatus
from core.db import Base, Recorded, status_type
from core.privacy import Encrypted, HasPersonKey, personal


class ContractQuestion(HasPersonKey, Recorded, Base):
    """One question. ``version`` is that of the terms which the worker had before them; ``locale`` the language in which it
    is written (BCP 47)."""

    __tablename__ = "contract_question"
    __table_args__ = (
        CheckConstraint("asked_of <> 'office'", name="asked_of_a_party"),
        Index(
            "uq_contract_question_unanswered", "contract_id", unique=True, postgresql_where=text("status IN ('open', 'overdue')")
        ),
        Index(None, "status", "due_on"),
    )  # fmt: skip

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("employment_contract.id"), index=True)
    version: Mapped[int]
    status: Mapped[QuestionStatus] = mapped_column(status_type(QuestionStatus), default=QuestionStatus.OPEN)
    asked_of: Mapped[Answerer] = mapped_column(status_type(Answerer))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    locale: Mapped[str]
    due_on: Mapped[date]
    words_sealed: Mapped[bytes] = mapped_column(Encrypted())

    words = personal("words_sealed")


class ContractAnswer(HasPersonKey, Recorded, Base):
    """One answer. It goes with the worker's file: their key opens it, and erasing them erases it."""

    __tablename__ = "contract_answer"

    question_id: Mapped[UUID] = mapped_column(ForeignKey("contract_question.id"), index=True)
    said_by: Mapped[Answerer] = mapped_column(status_type(Answerer))
    written_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    locale: Mapped[str]
    words_sealed: Mapped[bytes] = mapped_column(Encrypted())

    words = personal("words_sealed")
