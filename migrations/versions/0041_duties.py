"""Steps of further records are drawn: who has one now, and every draw."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0041_duties"
down_revision = "0039_papers_of_licensing"

HOLDER, DRAW = "duty", "duty_draw"


def _step() -> list[sa.Column]:  # type: ignore[type-arg]
    return [
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    ]


def _keys(table: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f(f"fk_{table}_office_id_office")),
        sa.ForeignKeyConstraint(["officer_id"], ["user_account.id"], name=op.f(f"fk_{table}_officer_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    op.create_table(HOLDER, *_step(), *_keys(HOLDER))
    op.create_index("uq_duty_step", HOLDER, ["subject_kind", "subject_id", "stage"], unique=True)
    op.create_index(op.f("ix_duty_officer_id_subject_kind"), HOLDER, ["officer_id", "subject_kind"])
    op.create_table(
        DRAW,
        *_step(),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column(
            "why",
            sa.Enum(
                "came_in", "away", "tied", "given_back", "waited", name="why", native_enum=False, create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("among", sa.BigInteger(), nullable=False),
        sa.Column("skipped", postgresql.JSONB(), nullable=False),
        *_keys(DRAW),
    )  # fmt: skip
    op.create_index("uq_duty_draw_number", DRAW, ["subject_kind", "subject_id", "number"], unique=True)
    op.create_index(op.f("ix_duty_draw_officer_id_created_at"), DRAW, ["officer_id", "created_at"])
    grant(HOLDER)
    grant(DRAW, "SELECT, INSERT")


def downgrade() -> None:
    op.drop_table(DRAW)
    op.drop_table(HOLDER)
