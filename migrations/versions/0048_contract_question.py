"""A worker's questions about the own contract and the answers, sealed under the worker's key.

A contract on which a question was open before keeps that state: its text stands in the log as the reason of that step, and the
worker can go on, decline or ask anew.
"""

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0048_contract_question"
down_revision = "0047_licence_fee"

QUESTION, ANSWER = "contract_question", "contract_answer"
STATES = ("open", "overdue", "answered", "withdrawn", "lapsed")


def _answerer() -> sa.Enum:
    return sa.Enum(
        "agency", "employer", "office", name="answerer", native_enum=False, create_constraint=True, length=40
    )


def _recorded(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_key_id"], ["person_key.id"], name=op.f(f"fk_{table}_person_key_id_person_key")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]  # fmt: skip


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    op.create_table(
        QUESTION,
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(*STATES, name="question_status", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("asked_of", _answerer(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("asked_of <> 'office'", name=op.f(f"ck_{QUESTION}_asked_of_a_party")),
        _reference(QUESTION, "contract_id", "employment_contract"),
        _reference(QUESTION, "asked_by", "user_account"),
        *_recorded(QUESTION),
    )
    op.create_index(op.f(f"ix_{QUESTION}_contract_id"), QUESTION, ["contract_id"])
    op.create_index(op.f(f"ix_{QUESTION}_person_key_id"), QUESTION, ["person_key_id"])
    op.create_index(op.f(f"ix_{QUESTION}_status_due_on"), QUESTION, ["status", "due_on"])
    op.create_index(
        f"uq_{QUESTION}_unanswered",
        QUESTION,
        ["contract_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('open', 'overdue')"),
    )
    op.create_table(
        ANSWER,
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("said_by", _answerer(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        _reference(ANSWER, "question_id", QUESTION),
        _reference(ANSWER, "written_by", "user_account"),
        *_recorded(ANSWER),
    )
    op.create_index(op.f(f"ix_{ANSWER}_question_id"), ANSWER, ["question_id"])
    op.create_index(op.f(f"ix_{ANSWER}_person_key_id"), ANSWER, ["person_key_id"])
    grant(QUESTION)
    grant(ANSWER, "SELECT, INSERT")


def downgrade() -> None:
    op.drop_table(ANSWER)
    op.drop_table(QUESTION)
