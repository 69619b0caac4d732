"""Forms kept from page to page; a contract accepted in person, before an officer."""

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0011_contract_ways"
down_revision = "0010_remittance_reports"


def upgrade() -> None:
    op.create_table(
        "form_draft",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["user_account.id"], name=op.f("fk_form_draft_account_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_form_draft_person_key_id_person_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_draft")),
    )
    op.create_index("uq_form_draft", "form_draft", ["account_id", "form", "subject"], unique=True)
    op.create_index(op.f("ix_form_draft_person_key_id"), "form_draft", ["person_key_id"], unique=False)
    # A draft is no record.
    grant("form_draft", "SELECT, INSERT, UPDATE, DELETE")
    op.add_column("employment_contract", sa.Column("witnessed_by", sa.Uuid(), nullable=True))
    op.add_column("employment_contract", sa.Column("witnessed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_employment_contract_witnessed_by_user_account"),
        "employment_contract",
        "user_account",
        ["witnessed_by"],
        ["id"],
    )
    op.create_check_constraint(
        op.f("ck_employment_contract_witness"),
        "employment_contract",
        "registered_by IS NULL OR registered_by <> witnessed_by",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_employment_contract_witness"), "employment_contract", type_="check")
    op.drop_column("employment_contract", "witnessed_at")
    op.drop_column("employment_contract", "witnessed_by")
    op.drop_table("form_draft")
