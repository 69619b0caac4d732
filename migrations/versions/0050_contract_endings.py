"""Contracts are withdrawn or lapse, job orders lapse or expire: who lodged for whom, the last day, and what was warned of."""

import sqlalchemy as sa
from alembic import op

revision = "0050_contract_endings"
down_revision = "0048_contract_question"

CONTRACT = (
    "lodged", "returned", "worker_review", "question", "accepted", "declined", "registered", "ended",
)  # fmt: skip
ORDER = ("draft", "employer_signed", "agency_acknowledged", "second_check", "approved", "closed", "withdrawn")
OPEN = "uq_contract_open"
CLOSED = ("declined", "ended", "returned")
NEW = ("withdrawn", "lapsed")


def _words(table: str, name: str, values: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(name), table, type_="check")
    op.create_check_constraint(op.f(name), table, f"status IN ({', '.join(map(repr, values))})")


def _open_index(closed: tuple[str, ...]) -> None:
    where = sa.text(f"status NOT IN ({', '.join(map(repr, closed))})")
    op.drop_index(OPEN, table_name="employment_contract")
    op.create_index(OPEN, "employment_contract", ["migrant_id"], unique=True, postgresql_where=where)


def upgrade() -> None:
    _words("employment_contract", "ck_employment_contract_contract_status", (*CONTRACT, *NEW))
    _words("job_order", "ck_job_order_job_order_status", (*ORDER, "lapsed", "expired"))
    _open_index((*CLOSED, *NEW))
    for table in ("employment_contract", "job_order"):
        op.add_column(table, sa.Column("lapses_on", sa.Date(), nullable=True))
        op.add_column(table, sa.Column("lapse_warned_for", sa.Date(), nullable=True))
        op.create_index(op.f(f"ix_{table}_status_lapses_on"), table, ["status", "lapses_on"])
    op.add_column("employment_contract", sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("employment_contract", sa.Column("lodged_for", sa.String(40), nullable=True))
    op.execute(
        "UPDATE employment_contract c SET lodged_for = CASE WHEN EXISTS (SELECT 1 FROM membership m"
        " WHERE m.account_id = c.lodged_by AND m.kind = 'employer' AND m.subject_id = c.employer_id)"
        " THEN 'employer' ELSE 'agency' END"
    )
    op.execute(
        "UPDATE employment_contract c SET shown_at = c.created_at WHERE c.status NOT IN ('lodged', 'returned')"
        " OR EXISTS (SELECT 1 FROM audit_event e WHERE e.subject_kind = 'contract' AND e.subject_id = c.id"
        " AND e.action = 'show')"
    )
    op.alter_column("employment_contract", "lodged_for", nullable=False)
    op.create_check_constraint(
        op.f("ck_employment_contract_side"), "employment_contract", "lodged_for IN ('agency', 'employer')"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_employment_contract_side"), "employment_contract", type_="check")
    op.drop_column("employment_contract", "lodged_for")
    op.drop_column("employment_contract", "shown_at")
    for table in ("employment_contract", "job_order"):
        op.drop_index(op.f(f"ix_{table}_status_lapses_on"), table_name=table)
        op.drop_column(table, "lapse_warned_for")
        op.drop_column(table, "lapses_on")
    # What has ended stays ended, in the words that there were.
    op.execute("UPDATE employment_contract SET status = 'declined' WHERE status IN ('withdrawn', 'lapsed')")
    op.execute("UPDATE job_order SET status = 'withdrawn' WHERE status = 'lapsed'")
    op.execute("UPDATE job_order SET status = 'closed' WHERE status = 'expired'")
    _open_index(CLOSED)
    _words("employment_contract", "ck_employment_contract_contract_status", CONTRACT)
    _words("job_order", "ck_job_order_job_order_status", ORDER)
