"""The review of an interim suspension."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0033_suspension_review"
down_revision = "0032_winding_ends"

T = "suspension_review"


def upgrade() -> None:
    op.create_table(
        T,
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("sanction_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "asked", "upheld", "lifted", "moot", name="review_status", native_enum=False, create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("law", postgresql.JSONB(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status NOT IN ('upheld', 'lifted') OR (decided_by IS NOT NULL AND decided_on IS NOT NULL)",
            name=op.f("ck_suspension_review_decided_is_whole"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> asked_by", name=op.f("ck_suspension_review_maker_is_not_checker")
        ),
        sa.ForeignKeyConstraint(["sanction_id"], ["sanction.id"], name=op.f("fk_suspension_review_sanction_id_sanction")),
        *(
            sa.ForeignKeyConstraint([c], ["user_account.id"], name=op.f(f"fk_suspension_review_{c}_user_account"))
            for c in ("asked_by", "decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension_review")),
        sa.UniqueConstraint("reference", name=op.f("uq_suspension_review_reference")),
        sa.UniqueConstraint("sanction_id", name=op.f("uq_suspension_review_sanction_id")),
    )  # fmt: skip
    op.create_index(op.f("ix_suspension_review_status_due_on"), T, ["status", "due_on"])
    grant(T)


def downgrade() -> None:
    op.drop_table(T)
