"""A second approver for large lots of one agency and one employer."""

import sqlalchemy as sa
from alembic import op

revision = "0024_second_approver"
down_revision = "0023_imports"

STATES = ("draft", "employer_signed", "agency_acknowledged", "approved", "closed", "withdrawn")
NEW_STATES = ("draft", "employer_signed", "agency_acknowledged", "second_check", "approved", "closed", "withdrawn")
TWO = "first_approved_by <> approved_by AND first_approved_by <> signed_by AND first_approved_by <> acknowledged_by"


def _words(values: tuple[str, ...]) -> None:
    name = op.f("ck_job_order_job_order_status")
    op.drop_constraint(name, "job_order", type_="check")
    op.create_check_constraint(name, "job_order", f"status IN ({', '.join(repr(v) for v in values)})")


def upgrade() -> None:
    op.add_column("job_order", sa.Column("first_approved_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_job_order_first_approved_by_user_account"), "job_order", "user_account", ["first_approved_by"], ["id"]
    )
    op.create_check_constraint(op.f("ck_job_order_two_approvers"), "job_order", TWO)
    _words(NEW_STATES)


def downgrade() -> None:
    op.execute("UPDATE job_order SET status = 'agency_acknowledged' WHERE status = 'second_check'")
    _words(STATES)
    op.drop_constraint(op.f("ck_job_order_two_approvers"), "job_order", type_="check")
    op.drop_column("job_order", "first_approved_by")
