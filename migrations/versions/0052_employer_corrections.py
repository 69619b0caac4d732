"""Corrections that employers propose, who signed before, an address and what the company does."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0052_employer_corrections"
down_revision = "0052_accreditation_terms"

E, C, F = "employer", "employer_correction", "former_signatory"


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _recorded(table: str) -> list[sa.schema.SchemaItem]:
    """Id, time and person key; a personal name, telephone and e-mail address, sealed."""
    return [
        *(sa.Column(f"{name}_sealed", sa.LargeBinary(), nullable=True) for name in ("name", "phone", "email")),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        _reference(table, "person_key_id", "person_key"),
    ]


def upgrade() -> None:
    op.add_column(E, sa.Column("address", sa.String(), nullable=True))
    op.add_column(E, sa.Column("sector", sa.String(), nullable=True))
    op.create_table(
        C,
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _enum("correction_kind", "details", "signatory"), nullable=False),
        sa.Column("status", _enum("correction_status", "proposed", "accepted", "refused", "withdrawn"), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("signatory_account_id", sa.Uuid(), nullable=True),
        sa.Column("signatory_title", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        *_recorded(C),
        sa.CheckConstraint(
            "decided_by <> proposed_by AND decided_by <> signatory_account_id",
            name=op.f(f"ck_{C}_maker_is_not_checker"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('accepted', 'refused') OR decided_by IS NOT NULL", name=op.f(f"ck_{C}_decided")
        ),
        sa.CheckConstraint(
            "(kind = 'signatory') = (signatory_account_id IS NOT NULL AND signatory_title IS NOT NULL)",
            name=op.f(f"ck_{C}_signatory"),
        ),
        _reference(C, "employer_id", E),
        _reference(C, "evidence_id", "stored_file"),
        *(_reference(C, column, "user_account") for column in ("signatory_account_id", "proposed_by", "decided_by")),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{C}_reference")),
    )
    op.create_index(
        "uq_employer_correction_open",
        C,
        ["employer_id", "kind"],
        unique=True,
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.create_index(op.f(f"ix_{C}_employer_id"), C, ["employer_id"])
    op.create_index(op.f(f"ix_{C}_person_key_id"), C, ["person_key_id"])
    op.create_index(op.f(f"ix_{C}_status_created_at"), C, ["status", "created_at"])
    op.create_table(
        F,
        sa.Column("correction_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        *_recorded(F),
        _reference(F, "correction_id", C),
        _reference(F, "account_id", "user_account"),
        sa.UniqueConstraint("correction_id", name=op.f(f"uq_{F}_correction_id")),
    )
    op.create_index(op.f(f"ix_{F}_person_key_id"), F, ["person_key_id"])
    grant(C)
    grant(F, "SELECT, INSERT")


def downgrade() -> None:
    op.drop_table(F)
    op.drop_table(C)
    op.drop_column(E, "sector")
    op.drop_column(E, "address")
