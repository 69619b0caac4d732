"""Who was alerted about somebody in danger, and when."""

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0038_report_alerts"
down_revision = "0037_identity_airport"

T = "report_alert"


def upgrade() -> None:
    op.create_table(
        T,
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("alerted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("whom_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("outcome_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f(f"fk_{T}_report_id_report")),
        sa.ForeignKeyConstraint(["noted_by"], ["user_account.id"], name=op.f(f"fk_{T}_noted_by_user_account")),
        sa.ForeignKeyConstraint(["person_key_id"], ["person_key.id"], name=op.f(f"fk_{T}_person_key_id_person_key")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{T}")),
    )
    op.create_index(op.f(f"ix_{T}_report_id"), T, ["report_id"])
    op.create_index(op.f(f"ix_{T}_person_key_id"), T, ["person_key_id"])
    # What an officer said to have done is not said again otherwise.
    grant(T, "SELECT, INSERT")


def downgrade() -> None:
    op.drop_table(T)
