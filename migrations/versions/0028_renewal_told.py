"""Of which term's end an agency was told."""

import sqlalchemy as sa
from alembic import op

revision = "0028_renewal_told"
down_revision = "0027_winding_down"


def upgrade() -> None:
    op.add_column("licence", sa.Column("renewal_told_for", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("licence", "renewal_told_for")
