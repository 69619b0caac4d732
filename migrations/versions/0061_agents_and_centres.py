"""A job order names the employer's agent abroad, a medical certificate its health centre: both are compared with the barred."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0061_agents_and_centres"
down_revision = "0060_appeals_on_paper"

P = "clearance_paper"


def upgrade() -> None:
    op.add_column("job_order", sa.Column("agent_abroad", postgresql.JSONB(none_as_null=True), nullable=True))
    op.add_column(P, sa.Column("centre_name", sa.String(), nullable=True))
    op.add_column(P, sa.Column("centre_number", sa.String(), nullable=True))
    op.create_check_constraint(op.f(f"ck_{P}_centre_is_whole"), P, "(centre_name IS NULL) = (centre_number IS NULL)")
    op.create_check_constraint(op.f(f"ck_{P}_centre_of_an_examination"), P, "centre_name IS NULL OR code = 'medical'")


def downgrade() -> None:
    op.drop_constraint(op.f(f"ck_{P}_centre_of_an_examination"), P, type_="check")
    op.drop_constraint(op.f(f"ck_{P}_centre_is_whole"), P, type_="check")
    op.drop_column(P, "centre_number")
    op.drop_column(P, "centre_name")
    op.drop_column("job_order", "agent_abroad")
