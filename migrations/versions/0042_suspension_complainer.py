"""An interim suspension names the office that complains, as a proceeding does."""

import sqlalchemy as sa
from alembic import op

revision = "0042_suspension_complainer"
down_revision = "0041_duties"

KEY = "fk_sanction_complaining_office_id_office"


def upgrade() -> None:
    op.add_column("sanction", sa.Column("complaining_office_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f(KEY), "sanction", "office", ["complaining_office_id"], ["id"])


def downgrade() -> None:
    op.drop_constraint(op.f(KEY), "sanction", type_="foreignkey")
    op.drop_column("sanction", "complaining_office_id")
