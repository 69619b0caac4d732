"""Remittance: refusing an order takes two officers; statements of the partner's float are kept apart from the bank's."""

import sqlalchemy as sa
from alembic import op

revision = "0036_remittance_stop"
down_revision = "0035_first_owners"

BEFORE = (
    "quoted", "recipient_checked", "authorised", "screening_review", "screened", "funded", "held", "in_transfer",
    "payout_unknown", "paid_out", "failed", "refunded", "disputed", "refused", "expired", "cancelled",
)  # fmt: skip
NAME = "ck_remittance_remittance_status"
COLUMNS = ("refusal_proposed_by", "refusal_decided_by")


def _states(values: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(NAME), "remittance", type_="check")
    op.create_check_constraint(op.f(NAME), "remittance", f"status IN ({', '.join(repr(v) for v in values)})")


def upgrade() -> None:
    _states((*BEFORE[:4], "refusal_proposed", *BEFORE[4:]))
    for column in COLUMNS:
        op.add_column("remittance", sa.Column(column, sa.Uuid()))
        op.create_foreign_key(
            op.f(f"fk_remittance_{column}_user_account"), "remittance", "user_account", [column], ["id"]
        )
    op.create_check_constraint(
        op.f("ck_remittance_refusal_maker_is_not_checker"),
        "remittance",
        "refusal_decided_by IS NULL OR refusal_decided_by <> refusal_proposed_by",
    )
    op.add_column("statement_entry", sa.Column("account", sa.String(), nullable=False, server_default="bank"))
    op.create_check_constraint(
        op.f("ck_statement_entry_account"), "statement_entry", "account IN ('bank', 'partner_float')"
    )


def downgrade() -> None:
    op.execute("DELETE FROM statement_entry WHERE account <> 'bank'")
    op.drop_constraint(op.f("ck_statement_entry_account"), "statement_entry", type_="check")
    op.drop_column("statement_entry", "account")
    op.execute("UPDATE remittance SET status = 'screening_review' WHERE status = 'refusal_proposed'")
    op.drop_constraint(op.f("ck_remittance_refusal_maker_is_not_checker"), "remittance", type_="check")
    for column in COLUMNS:
        op.drop_constraint(op.f(f"fk_remittance_{column}_user_account"), "remittance", type_="foreignkey")
        op.drop_column("remittance", column)
    _states(BEFORE)
