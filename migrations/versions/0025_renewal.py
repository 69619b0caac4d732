"""Renewal of a licence: what an application asks for, the renewal beside it, its tests; one event when an ended licence is renewed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0025_renewal"
down_revision = "0024_second_approver"

A, R, T = "licence_application", "licence_renewal", "renewal_test"
PROCEDURES = ("licence", "renewal")
# A licence that ended while its renewal was looked at is in force again by the renewal itself: one event, no "reinstated",
# which would name an order of another time.
BEFORE = """        whose, NEW.number, NEW.licence_class, OLD.status, NEW.valid_until, told, told IS NOT NULL);
    END IF;
    IF OLD.status = NEW.status THEN"""
AFTER = """        whose, NEW.number, NEW.licence_class,
        CASE WHEN OLD.status = 'expired' AND NEW.status = 'active' AND NEW.valid_until > OLD.valid_until
          THEN NEW.status ELSE OLD.status END, NEW.valid_until, told, told IS NOT NULL);
      IF OLD.status = 'expired' AND NEW.status = 'active' AND NEW.valid_until > OLD.valid_until THEN
        RETURN NULL;
      END IF;
    END IF;
    IF OLD.status = NEW.status THEN"""


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _recorded(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    op.add_column(A, sa.Column("procedure", _enum("procedure", *PROCEDURES), server_default="licence", nullable=False))
    op.create_table(
        R,
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("licence_id", sa.Uuid(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("fee_currency", sa.String(), nullable=True),
        sa.Column("fee_receipt", sa.String(), nullable=True),
        sa.Column("fee_paid_on", sa.Date(), nullable=True),
        sa.Column("fee_recorded_by", sa.Uuid(), nullable=True),
        sa.Column("renewed_on", sa.Date(), nullable=True),
        *_recorded(R),
        _reference(R, "application_id", A),
        _reference(R, "licence_id", "licence"),
        _reference(R, "fee_recorded_by", "user_account"),
        sa.UniqueConstraint("application_id", name=op.f(f"uq_{R}_application_id")),
        sa.CheckConstraint(
            "num_nulls(fee_minor, fee_currency, fee_receipt, fee_paid_on, fee_recorded_by) IN (0, 5)",
            name=op.f(f"ck_{R}_whole_fee"),
        ),
        sa.CheckConstraint("fee_minor > 0", name=op.f(f"ck_{R}_fee_is_an_amount")),
    )
    op.create_index(op.f(f"ix_{R}_licence_id_renewed_on"), R, ["licence_id", "renewed_on"])
    op.create_table(
        T,
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("occasion", _enum("occasion", "sent", "approved", "agreed", "renewed"), nullable=False),
        sa.Column(
            "code",
            _enum(
                "test_code", "window", "activity", "awards", "fines", "security", "suspension", "proceeding",
                "blacklist", "people", "fee",
            ),
            nullable=False,
        ),
        sa.Column("verdict", _enum("verdict", "pass", "warn", "unknown", "fail"), nullable=False),
        sa.Column("measured", postgresql.JSONB(), nullable=False),
        sa.Column("law", postgresql.JSONB(), nullable=False),
        *_recorded(T),
        _reference(T, "application_id", A),
    )  # fmt: skip
    op.create_index(f"uq_{T}_run", T, ["application_id", "number", "code"], unique=True)
    grant(R)
    grant(T, "SELECT, INSERT")
    _rewrite_trigger(BEFORE, AFTER)


def downgrade() -> None:
    _rewrite_trigger(AFTER, BEFORE)
    op.drop_table(T)
    op.drop_table(R)
    op.drop_column(A, "procedure")


def _rewrite_trigger(before: str, after: str) -> None:
    """Change one place in the trigger that writes the register's log."""
    source = op.get_bind().scalar(sa.text("SELECT pg_get_functiondef(to_regprocedure('log_licence()'))"))
    if not source or before not in source:
        raise RuntimeError("log_licence is another one than was expected")
    op.execute(source.replace(before, after))
