"""Helping organisations as records, and invitations that make an owner."""

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0035_first_owners"
down_revision = "0034_pages_of_papers"


def upgrade() -> None:
    op.create_table(
        "helping_organisation",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_helping_organisation_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helping_organisation")),
        sa.UniqueConstraint("reference", name=op.f("uq_helping_organisation_reference")),
    )
    op.create_index(op.f("ix_helping_organisation_office_id"), "helping_organisation", ["office_id"])
    grant("helping_organisation")
    op.add_column("invitation", sa.Column("is_owner", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("invitation", "is_owner", server_default=None)


def downgrade() -> None:
    op.drop_column("invitation", "is_owner")
    op.drop_table("helping_organisation")
