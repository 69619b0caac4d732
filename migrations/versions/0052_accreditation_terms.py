"""Accreditations are terms of their own; employers ask for a further term, or for more within the one that runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0052_accreditation_terms"
down_revision = "0050_contract_endings"

E, T, R, P = "employer", "accreditation_term", "accreditation_request", "accreditation_paper"
OPEN = sa.text("status IN ('sent', 'returned', 'seen')")
# The day of the decision is not known here; the employer was there by then.
MOVE = f"""
    INSERT INTO {T} (id, employer_id, number, capacity, starts_on, ends_on, verified_by, accredited_by)
    SELECT gen_random_uuid(), id, 1, capacity, LEAST(created_at::date, valid_until), valid_until, verified_by, accredited_by
    FROM {E} WHERE capacity IS NOT NULL AND valid_until IS NOT NULL
"""
MOVE_BACK = f"""
    UPDATE {E} e SET capacity = t.capacity, valid_until = t.ends_on, accredited_by = t.accredited_by
    FROM (SELECT DISTINCT ON (employer_id) * FROM {T} ORDER BY employer_id, number DESC) t WHERE t.employer_id = e.id
"""


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
    _requests()
    _terms()
    op.execute(MOVE)
    op.drop_constraint(op.f("ck_employer_two_officers"), E)
    op.drop_constraint(op.f("ck_employer_accredited"), E)
    op.drop_constraint(op.f("ck_employer_capacity"), E)
    for name in ("capacity", "valid_until", "accredited_by"):
        op.drop_column(E, name)


def _requests() -> None:
    op.create_table(
        R,
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _enum("request_kind", "renewal", "enlargement"), nullable=False),
        sa.Column(
            "status",
            _enum("request_status", "sent", "returned", "seen", "granted", "refused", "withdrawn"),
            nullable=False,
        ),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("occupations", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        *_recorded(R),
        sa.CheckConstraint("capacity > 0", name=op.f(f"ck_{R}_capacity")),
        sa.CheckConstraint(
            "decided_by <> seen_by AND decided_by <> asked_by AND seen_by <> asked_by",
            name=op.f(f"ck_{R}_two_officers"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('granted', 'refused') OR decided_by IS NOT NULL", name=op.f(f"ck_{R}_decided")
        ),
        _reference(R, "employer_id", E),
        *(_reference(R, column, "user_account") for column in ("asked_by", "seen_by", "decided_by")),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{R}_reference")),
    )
    op.create_index("uq_accreditation_request_open", R, ["employer_id"], unique=True, postgresql_where=OPEN)
    op.create_index(op.f(f"ix_{R}_employer_id"), R, ["employer_id"])
    op.create_index(op.f(f"ix_{R}_status_created_at"), R, ["status", "created_at"])
    op.create_table(
        P,
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        *_recorded(P),
        _reference(P, "request_id", R),
        _reference(P, "file_id", "stored_file"),
    )
    op.create_index(op.f(f"ix_{P}_request_id"), P, ["request_id"])
    grant(R)
    grant(P)


def _terms() -> None:
    op.create_table(
        T,
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("occupations", postgresql.ARRAY(sa.String()), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("accredited_by", sa.Uuid(), nullable=True),
        sa.Column("told_for", sa.BigInteger(), nullable=True),
        *_recorded(T),
        sa.CheckConstraint("capacity > 0", name=op.f(f"ck_{T}_capacity")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f(f"ck_{T}_days")),
        sa.CheckConstraint("accredited_by IS NULL OR accredited_by <> verified_by", name=op.f(f"ck_{T}_two_officers")),
        sa.CheckConstraint("occupations IS NULL OR cardinality(occupations) > 0", name=op.f(f"ck_{T}_occupations")),
        _reference(T, "employer_id", E),
        _reference(T, "request_id", R),
        *(_reference(T, column, "user_account") for column in ("verified_by", "accredited_by")),
        sa.UniqueConstraint("employer_id", "number", name=op.f(f"uq_{T}_employer_id_number")),
        sa.UniqueConstraint("request_id", name=op.f(f"uq_{T}_request_id")),
    )
    grant(T)


def downgrade() -> None:
    op.add_column(E, sa.Column("capacity", sa.BigInteger(), nullable=True))
    op.add_column(E, sa.Column("valid_until", sa.Date(), nullable=True))
    op.add_column(E, sa.Column("accredited_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_employer_accredited_by_user_account"), E, "user_account", ["accredited_by"], ["id"])
    op.execute(MOVE_BACK)
    op.create_check_constraint(op.f("ck_employer_capacity"), E, "capacity IS NULL OR capacity > 0")
    op.create_check_constraint(
        op.f("ck_employer_accredited"), E,
        "status <> 'accredited' OR (capacity IS NOT NULL AND valid_until IS NOT NULL)",
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_employer_two_officers"), E, "accredited_by IS NULL OR accredited_by <> verified_by"
    )
    for table in (T, P, R):
        op.drop_table(table)
