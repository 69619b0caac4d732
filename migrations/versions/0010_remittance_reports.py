"""Remittance: credit transfers, two officers for bank lines, refunds that failed, the day's reconciliation."""

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0010_remittance_reports"
down_revision = "0007_portal"

BEFORE = {
    "bank_line": ("bank_line_status", ("received", "matched", "queued", "attached")),
    "refund": ("refund_status", ("proposed", "approved", "rejected", "done", "failed")),
}
AFTER = {
    "bank_line": (
        "bank_line_status",
        ("received", "matched", "queued", "attach_proposed", "attached", "return_proposed", "returning", "returned"),
    ),
    "refund": ("refund_status", ("proposed", "approved", "rejected", "done", "failed", "settling")),
}
PAY_IN = ("bank", "card")
LIVE = "status IN ('proposed', 'ordered', 'written', 'hand_proposed', 'paid')"


def _words(*values: str) -> str:
    return ", ".join(f"'{v}'" for v in values)


def _states(kinds: dict[str, tuple[str, tuple[str, ...]]]) -> None:
    for table, (name, values) in kinds.items():
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"status IN ({_words(*values)})")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _recorded(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    _states(AFTER)
    op.add_column("payout_batch", sa.Column("partner", sa.String(), server_default="", nullable=False))
    op.create_index(op.f("ix_payout_batch_partner"), "payout_batch", ["partner"])
    _bank_line()
    _refund()
    _credit_transfer()
    _reconciliation()


def _bank_line() -> None:
    op.add_column("bank_line", sa.Column("payer_account_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("bank_line", sa.Column("payer_bank", sa.String(), server_default="", nullable=False))
    op.add_column("bank_line", sa.Column("payer_country", sa.String(), server_default="", nullable=False))
    for column, other in (
        ("proposed_id", "remittance"),
        ("proposed_by", "user_account"),
        ("decided_by", "user_account"),
    ):
        op.add_column("bank_line", sa.Column(column, sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_bank_line_{column}_{other}"), "bank_line", other, [column], ["id"])
    op.create_index(op.f("ix_bank_line_proposed_id"), "bank_line", ["proposed_id"])
    op.create_check_constraint(
        op.f("ck_bank_line_maker_is_not_checker"), "bank_line", "decided_by IS NULL OR decided_by <> proposed_by"
    )


def _refund() -> None:
    op.add_column("refund", sa.Column("way", sa.String(40), nullable=True))
    op.execute("UPDATE refund SET way = r.pay_in FROM remittance r WHERE r.id = refund.remittance_id")
    op.alter_column("refund", "way", nullable=False)
    op.add_column("refund", sa.Column("attempt", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("refund", sa.Column("failure_code", sa.String(), nullable=True))
    op.add_column("refund", sa.Column("settle_way", sa.String(), nullable=True))
    for column, name in (("way", "pay_in"), ("settle_way", "settle_way")):
        op.create_check_constraint(op.f(f"ck_refund_{name}"), "refund", f"{column} IN ({_words(*PAY_IN)})")
    for column in ("settle_proposed_by", "settled_by"):
        op.add_column("refund", sa.Column(column, sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_refund_{column}_user_account"), "refund", "user_account", [column], ["id"])
    op.create_check_constraint(
        op.f("ck_refund_settle_maker_is_not_checker"),
        "refund",
        "settled_by IS NULL OR settled_by <> settle_proposed_by",
    )
    op.drop_index("uq_refund_open", "refund")
    op.create_index(
        "uq_refund_open", "refund", ["remittance_id"], unique=True, postgresql_where=sa.text("status = 'proposed'")
    )


def _credit_transfer() -> None:
    accounts = ("proposed_by", "approved_by", "hand_proposed_by", "hand_confirmed_by")
    op.create_table(
        "credit_transfer",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "status",
            _enum(
                "credit_transfer_status",
                "proposed",
                "rejected",
                "ordered",
                "written",
                "hand_proposed",
                "paid",
                "failed",
            ),
            nullable=False,
        ),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("bank_line_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("creditor_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("creditor_account_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("creditor_town_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("creditor_bank", sa.String(), nullable=False),
        sa.Column("creditor_country", sa.String(), nullable=False),
        *[sa.Column(a, sa.Uuid(), nullable=a != "proposed_by") for a in accounts],
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bank_entry_key", sa.LargeBinary(), nullable=True),
        sa.Column("failure_code", sa.String(), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        *_recorded("credit_transfer"),
        *[_reference("credit_transfer", a, "user_account") for a in accounts],
        _reference("credit_transfer", "refund_id", "refund"),
        _reference("credit_transfer", "bank_line_id", "bank_line"),
        _reference("credit_transfer", "person_key_id", "person_key"),
        sa.UniqueConstraint("reference", name=op.f("uq_credit_transfer_reference")),
        sa.UniqueConstraint("bank_entry_key", name=op.f("uq_credit_transfer_bank_entry_key")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_credit_transfer_amount_positive")),
        sa.CheckConstraint(
            "(refund_id IS NULL) <> (bank_line_id IS NULL)", name=op.f("ck_credit_transfer_one_purpose")
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> proposed_by", name=op.f("ck_credit_transfer_maker_is_not_checker")
        ),
        sa.CheckConstraint(
            "hand_confirmed_by IS NULL OR hand_confirmed_by <> hand_proposed_by",
            name=op.f("ck_credit_transfer_hand_maker_is_not_checker"),
        ),
    )
    for column in ("refund_id", "bank_line_id", "person_key_id"):
        op.create_index(op.f(f"ix_credit_transfer_{column}"), "credit_transfer", [column])
    op.create_index(op.f("ix_credit_transfer_status_created_at"), "credit_transfer", ["status", "created_at"])
    for name, column in (("refund", "refund_id"), ("line", "bank_line_id")):
        op.create_index(
            f"uq_credit_transfer_{name}_live", "credit_transfer", [column], unique=True, postgresql_where=sa.text(LIVE)
        )
    grant("credit_transfer")


def _reconciliation() -> None:
    op.create_table(
        "statement_entry",
        sa.Column("entry_key", sa.LargeBinary(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("end_to_end_id", sa.String(), nullable=False),
        *_recorded("statement_entry"),
        sa.UniqueConstraint("entry_key", name=op.f("uq_statement_entry_entry_key")),
    )
    op.create_index(op.f("ix_statement_entry_booked_on_currency"), "statement_entry", ["booked_on", "currency"])
    op.create_table(
        "reconciliation_report",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        *[
            sa.Column(c, sa.BigInteger(), nullable=False)
            for c in ("ours_minor", "theirs_minor", "matched", "differences")
        ],
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        *_recorded("reconciliation_report"),
    )
    op.create_index("uq_reconciliation_report_identity", "reconciliation_report", ["day", "account"], unique=True)
    table = "reconciliation_difference"
    op.create_table(
        table,
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("status", _enum("difference_status", "open", "closed"), nullable=False),
        sa.Column("kind", _enum("difference_kind", "not_in_books", "not_in_theirs", "amount"), nullable=False),
        *[sa.Column(c, sa.String(), nullable=False) for c in ("reference", "movement", "currency")],
        *[sa.Column(c, sa.BigInteger(), nullable=False) for c in ("ours_minor", "theirs_minor")],
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_reason", sa.String(), server_default="", nullable=False),
        *_recorded(table),
        _reference(table, "report_id", "reconciliation_report"),
        _reference(table, "closed_by", "user_account"),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_by IS NOT NULL)", name=op.f(f"ck_{table}_closed_by_somebody")
        ),
    )
    op.create_index("uq_reconciliation_difference_identity", table, ["report_id", "kind", "reference"], unique=True)
    op.create_index(op.f(f"ix_{table}_status_created_at"), table, ["status", "created_at"])
    grant("statement_entry", "SELECT, INSERT")
    grant("reconciliation_report")
    grant(table)


def downgrade() -> None:
    for table in ("reconciliation_difference", "reconciliation_report", "statement_entry", "credit_transfer"):
        op.drop_table(table)
    op.drop_index("uq_refund_open", "refund")
    op.create_index(
        "uq_refund_open",
        "refund",
        ["remittance_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('proposed', 'approved')"),
    )
    for column in ("settled_by", "settle_proposed_by", "settle_way", "failure_code", "attempt", "way"):
        op.drop_column("refund", column)
    for column in ("decided_by", "proposed_by", "proposed_id", "payer_country", "payer_bank", "payer_account_sealed"):
        op.drop_column("bank_line", column)
    op.drop_column("payout_batch", "partner")
    _states(BEFORE)
