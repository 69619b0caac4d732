"""What an inspector found about marked scans; why a session was cancelled, and a certificate revoked."""

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0045_attendance_review"
down_revision = "0042_suspension_complainer"

T = "attendance_review"


def upgrade() -> None:
    op.create_table(
        T,
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=False),
        sa.Column("finding", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["attendance_event.id"], name=op.f(f"fk_{T}_event_id_attendance_event")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["user_account.id"], name=op.f(f"fk_{T}_reviewed_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{T}")),
        sa.UniqueConstraint("event_id", name=op.f(f"uq_{T}_event_id")),
    )
    grant(T, "SELECT, INSERT")
    op.add_column("orientation_certificate", sa.Column("revoked_reason", sa.String(), nullable=True))
    op.add_column("orientation_session", sa.Column("cancelled_reason", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("orientation_session", "cancelled_reason")
    op.drop_column("orientation_certificate", "revoked_reason")
    op.drop_table(T)
