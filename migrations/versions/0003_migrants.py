"""Migrants, passports, identity checks, recovery of access."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0003_migrants"
down_revision = "0002_agencies"


def upgrade() -> None:
    op.create_table(
        "migrant",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "started",
                "contact_verified",
                "identity_submitted",
                "matched",
                "mismatch",
                "possible_duplicate",
                "more_asked",
                "external_pending",
                "protection",
                "verified",
                "suspended",
                "merged",
                "closed",
                name="migrant_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("full_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("latin_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("birth_date_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sex_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("father_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mother_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("national_id_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("birth_index", sa.LargeBinary(), nullable=True),
        sa.Column("national_id_index", sa.LargeBinary(), nullable=True),
        sa.Column("name_hashes", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("lives_in", sa.String(), nullable=True),
        sa.Column("consent_version", sa.String(), nullable=False),
        sa.Column("consent_language", sa.String(), nullable=False),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status <> 'verified' OR level >= 1", name=op.f("ck_migrant_verified_level")),
        sa.CheckConstraint("level BETWEEN 0 AND 3", name=op.f("ck_migrant_level")),
        sa.ForeignKeyConstraint(["account_id"], ["user_account.id"], name=op.f("fk_migrant_account_id_user_account")),
        sa.ForeignKeyConstraint(["merged_into"], ["migrant.id"], name=op.f("fk_migrant_merged_into_migrant")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_migrant_office_id_office")),
        sa.ForeignKeyConstraint(["person_key_id"], ["person_key.id"], name=op.f("fk_migrant_person_key_id_person_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migrant")),
        sa.UniqueConstraint("account_id", name=op.f("uq_migrant_account_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_migrant_reference")),
    )
    op.create_index(op.f("ix_migrant_birth_index"), "migrant", ["birth_index"], unique=False)
    op.create_index("ix_migrant_name_hashes", "migrant", ["name_hashes"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_migrant_national_id_index"), "migrant", ["national_id_index"], unique=False)
    op.create_index(op.f("ix_migrant_office_id"), "migrant", ["office_id"], unique=False)
    op.create_index(op.f("ix_migrant_person_key_id"), "migrant", ["person_key_id"], unique=False)
    op.create_index(op.f("ix_migrant_status_due_on"), "migrant", ["status", "due_on"], unique=False)
    op.create_table(
        "access_recovery",
        sa.Column("migrant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "confirmed",
                "used",
                "refused",
                name="recovery_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> proposed_by", name=op.f("ck_access_recovery_two_officers")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["user_account.id"], name=op.f("fk_access_recovery_confirmed_by_user_account")
        ),
        sa.ForeignKeyConstraint(["migrant_id"], ["migrant.id"], name=op.f("fk_access_recovery_migrant_id_migrant")),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user_account.id"], name=op.f("fk_access_recovery_proposed_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_recovery")),
    )
    op.create_index(op.f("ix_access_recovery_migrant_id"), "access_recovery", ["migrant_id"], unique=False)
    op.create_table(
        "passport",
        sa.Column("migrant_id", sa.Uuid(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("document_number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mrz_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("photo_mrz_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("document_index", sa.LargeBinary(), nullable=True),
        sa.Column("issuing_state", sa.String(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("photo_file_id", sa.Uuid(), nullable=True),
        sa.Column(
            "photo_state",
            sa.Enum(
                "none",
                "waiting",
                "read",
                "unreadable",
                name="photo_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["migrant_id"], ["migrant.id"], name=op.f("fk_passport_migrant_id_migrant")),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_passport_person_key_id_person_key")
        ),
        sa.ForeignKeyConstraint(
            ["photo_file_id"], ["stored_file.id"], name=op.f("fk_passport_photo_file_id_stored_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passport")),
    )
    op.create_index(op.f("ix_passport_document_index"), "passport", ["document_index"], unique=False)
    op.create_index(op.f("ix_passport_migrant_id"), "passport", ["migrant_id"], unique=False)
    op.create_index(op.f("ix_passport_person_key_id"), "passport", ["person_key_id"], unique=False)
    op.create_index(
        "uq_passport_current", "passport", ["migrant_id"], unique=True, postgresql_where=sa.text("is_current")
    )
    op.create_index(
        "uq_passport_verified_number",
        "passport",
        ["document_index"],
        unique=True,
        postgresql_where=sa.text("verified_at IS NOT NULL AND released_at IS NULL"),
    )
    op.create_table(
        "identity_check",
        sa.Column("migrant_id", sa.Uuid(), nullable=False),
        sa.Column("passport_id", sa.Uuid(), nullable=True),
        sa.Column("verifier", sa.String(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "match",
                "mismatch",
                "duplicate",
                "minor",
                "unknown",
                name="check_verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["migrant_id"], ["migrant.id"], name=op.f("fk_identity_check_migrant_id_migrant")),
        sa.ForeignKeyConstraint(["other_id"], ["migrant.id"], name=op.f("fk_identity_check_other_id_migrant")),
        sa.ForeignKeyConstraint(["passport_id"], ["passport.id"], name=op.f("fk_identity_check_passport_id_passport")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_check")),
    )
    op.create_index(op.f("ix_identity_check_migrant_id"), "identity_check", ["migrant_id"], unique=False)
    for table in ("migrant", "passport", "identity_check", "access_recovery"):
        grant(table)


def downgrade() -> None:
    op.drop_index(op.f("ix_identity_check_migrant_id"), table_name="identity_check")
    op.drop_table("identity_check")
    op.drop_index(
        "uq_passport_verified_number",
        table_name="passport",
        postgresql_where=sa.text("verified_at IS NOT NULL AND released_at IS NULL"),
    )
    op.drop_index("uq_passport_current", table_name="passport", postgresql_where=sa.text("is_current"))
    op.drop_index(op.f("ix_passport_person_key_id"), table_name="passport")
    op.drop_index(op.f("ix_passport_migrant_id"), table_name="passport")
    op.drop_index(op.f("ix_passport_document_index"), table_name="passport")
    op.drop_table("passport")
    op.drop_index(op.f("ix_access_recovery_migrant_id"), table_name="access_recovery")
    op.drop_table("access_recovery")
    op.drop_index(op.f("ix_migrant_status_due_on"), table_name="migrant")
    op.drop_index(op.f("ix_migrant_person_key_id"), table_name="migrant")
    op.drop_index(op.f("ix_migrant_office_id"), table_name="migrant")
    op.drop_index(op.f("ix_migrant_national_id_index"), table_name="migrant")
    op.drop_index("ix_migrant_name_hashes", table_name="migrant", postgresql_using="gin")
    op.drop_index(op.f("ix_migrant_birth_index"), table_name="migrant")
    op.drop_table("migrant")
