"""The fee of an application stands beside it, of a first licence as of a renewal."""

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0047_licence_fee"
down_revision = "0046_ownership_offer"

T = "licence_fee"
OLD = ("fee_minor", "fee_currency", "fee_receipt", "fee_paid_on", "fee_recorded_by")
WHOLE = f"num_nulls({', '.join(OLD)}) IN (0, 5)"


def upgrade() -> None:
    op.create_table(
        T,
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f(f"ck_{T}_amount")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["licence_application.id"], name=op.f(f"fk_{T}_application_id_licence_application")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["user_account.id"], name=op.f(f"fk_{T}_recorded_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{T}")),
        sa.UniqueConstraint("application_id", name=op.f(f"uq_{T}_application_id")),
    )
    grant(T)
    op.execute(
        f"INSERT INTO {T} (id, application_id, amount_minor, currency, receipt, paid_on, recorded_by)"
        " SELECT id, application_id, fee_minor, fee_currency, fee_receipt, fee_paid_on, fee_recorded_by"
        " FROM licence_renewal WHERE fee_minor IS NOT NULL"
    )
    op.drop_constraint(op.f("ck_licence_renewal_whole_fee"), "licence_renewal")
    op.drop_constraint(op.f("ck_licence_renewal_fee_is_an_amount"), "licence_renewal")
    for name in OLD:
        op.drop_column("licence_renewal", name)


def downgrade() -> None:
    for name, kind in zip(OLD, (sa.BigInteger(), sa.String(), sa.String(), sa.Date(), sa.Uuid()), strict=True):
        op.add_column("licence_renewal", sa.Column(name, kind, nullable=True))
    op.create_foreign_key(
        op.f("fk_licence_renewal_fee_recorded_by_user_account"),
        "licence_renewal",
        "user_account",
        ["fee_recorded_by"],
        ["id"],
    )
    op.execute(
        "UPDATE licence_renewal r SET fee_minor = f.amount_minor, fee_currency = f.currency, fee_receipt = f.receipt,"
        f" fee_paid_on = f.paid_on, fee_recorded_by = f.recorded_by FROM {T} f WHERE f.application_id = r.application_id"
    )
    op.create_check_constraint(op.f("ck_licence_renewal_whole_fee"), "licence_renewal", WHOLE)
    op.create_check_constraint(op.f("ck_licence_renewal_fee_is_an_amount"), "licence_renewal", "fee_minor > 0")
    op.drop_table(T)
