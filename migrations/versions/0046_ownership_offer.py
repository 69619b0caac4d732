"""An owner's offer to hand over to a clerk."""

import sqlalchemy as sa
from alembic import op

revision = "0046_ownership_offer"
down_revision = "0045_attendance_review"

T = "membership"
KEY = "fk_membership_offered_by_user_account"


def upgrade() -> None:
    op.add_column(T, sa.Column("offered_by", sa.Uuid(), nullable=True))
    op.add_column(T, sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(KEY, T, "user_account", ["offered_by"], ["id"])
    op.create_check_constraint(op.f("ck_membership_offer"), T, "(offered_by IS NULL) = (offered_at IS NULL)")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_membership_offer"), T)
    op.drop_column(T, "offered_at")
    op.drop_column(T, "offered_by")
