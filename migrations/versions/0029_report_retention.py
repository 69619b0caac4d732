"""When a report was closed, and when what it said was destroyed."""

import sqlalchemy as sa
from alembic import op

revision = "0029_report_retention"
down_revision = "0028_renewal_told"


def upgrade() -> None:
    op.add_column("report", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column("report", sa.Column("destroyed_on", sa.Date(), nullable=True))
    # Of reports that were closed before, the day was not kept: their time begins now.
    op.execute("UPDATE report SET closed_on = current_date WHERE status = 'closed'")


def downgrade() -> None:
    op.drop_column("report", "destroyed_on")
    op.drop_column("report", "closed_on")
