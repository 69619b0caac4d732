"""The pages of an uploaded PDF as pictures, to be looked at beside a decision."""

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0034_pages_of_papers"
down_revision = "0033_suspension_review"


def upgrade() -> None:
    op.add_column("stored_file", sa.Column("pictures", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE stored_file SET pictures = 1 WHERE media_type = 'image/jpeg'")
    op.alter_column("stored_file", "pictures", server_default=None)
    op.create_table(
        "stored_page",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_stored_page_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_page")),
        sa.UniqueConstraint("file_id", "number", name=op.f("uq_stored_page_file_id_number")),
    )
    grant("stored_page")


def downgrade() -> None:
    op.drop_table("stored_page")
    op.drop_column("stored_file", "pictures")
