"""Employers, job orders with their quota, employment contracts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0004_contracts"
down_revision = "0003_migrants"


def upgrade() -> None:
    op.create_table(
        "employer",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "registered",
                "verified",
                "accredited",
                "watch",
                "barred",
                name="employer_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("registration_number", sa.String(), nullable=False),
        sa.Column("mission_id", sa.Uuid(), nullable=False),
        sa.Column("signatory_account_id", sa.Uuid(), nullable=True),
        sa.Column("signatory_title", sa.String(), nullable=False),
        sa.Column("signatory_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("signatory_phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("signatory_email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("signatory_phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("signatory_email_index", sa.LargeBinary(), nullable=True),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("accredited_by", sa.Uuid(), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status <> 'accredited' OR (capacity IS NOT NULL AND valid_until IS NOT NULL)",
            name=op.f("ck_employer_accredited"),
        ),
        sa.CheckConstraint(
            "accredited_by IS NULL OR accredited_by <> verified_by", name=op.f("ck_employer_two_officers")
        ),
        sa.CheckConstraint("capacity IS NULL OR capacity > 0", name=op.f("ck_employer_capacity")),
        sa.ForeignKeyConstraint(
            ["accredited_by"], ["user_account.id"], name=op.f("fk_employer_accredited_by_user_account")
        ),
        sa.ForeignKeyConstraint(["mission_id"], ["office.id"], name=op.f("fk_employer_mission_id_office")),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_employer_person_key_id_person_key")
        ),
        sa.ForeignKeyConstraint(
            ["signatory_account_id"], ["user_account.id"], name=op.f("fk_employer_signatory_account_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["verified_by"], ["user_account.id"], name=op.f("fk_employer_verified_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer")),
        sa.UniqueConstraint("reference", name=op.f("uq_employer_reference")),
    )
    op.create_index(op.f("ix_employer_country"), "employer", ["country"], unique=False)
    op.create_index(op.f("ix_employer_mission_id"), "employer", ["mission_id"], unique=False)
    op.create_index(op.f("ix_employer_person_key_id"), "employer", ["person_key_id"], unique=False)
    op.create_index(op.f("ix_employer_signatory_email_index"), "employer", ["signatory_email_index"], unique=False)
    op.create_index(op.f("ix_employer_signatory_phone_index"), "employer", ["signatory_phone_index"], unique=False)
    op.create_index("uq_employer_number", "employer", ["country", "registration_number"], unique=True)
    op.create_table(
        "job_order",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "employer_signed",
                "agency_acknowledged",
                "approved",
                "closed",
                "withdrawn",
                name="job_order_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("headcount", sa.BigInteger(), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column("terms_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("signed_document", sa.LargeBinary(), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("approved", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("contracted", sa.BigInteger(), nullable=False),
        sa.Column("cleared", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("approved - reserved - contracted - cleared >= 0", name=op.f("ck_job_order_quota")),
        sa.CheckConstraint(
            "approved_by IS NULL OR (approved_by <> signed_by AND approved_by <> acknowledged_by)",
            name=op.f("ck_job_order_makers"),
        ),
        sa.CheckConstraint("headcount BETWEEN 1 AND 10000", name=op.f("ck_job_order_headcount")),
        sa.CheckConstraint("reserved >= 0 AND contracted >= 0 AND cleared >= 0", name=op.f("ck_job_order_counters")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["user_account.id"], name=op.f("fk_job_order_acknowledged_by_user_account")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_job_order_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user_account.id"], name=op.f("fk_job_order_approved_by_user_account")
        ),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_job_order_employer_id_employer")),
        sa.ForeignKeyConstraint(["signed_by"], ["user_account.id"], name=op.f("fk_job_order_signed_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_order")),
        sa.UniqueConstraint("reference", name=op.f("uq_job_order_reference")),
    )
    op.create_index(op.f("ix_job_order_agency_id"), "job_order", ["agency_id"], unique=False)
    op.create_index(op.f("ix_job_order_employer_id"), "job_order", ["employer_id"], unique=False)
    op.create_index(op.f("ix_job_order_status_created_at"), "job_order", ["status", "created_at"], unique=False)
    op.create_table(
        "employment_contract",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "lodged",
                "returned",
                "worker_review",
                "question",
                "accepted",
                "declined",
                "registered",
                "ended",
                name="contract_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("migrant_id", sa.Uuid(), nullable=False),
        sa.Column("job_order_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column("terms_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("differences", postgresql.JSONB(), nullable=False),
        sa.Column("law_results", postgresql.JSONB(), nullable=False),
        sa.Column(
            "worst",
            sa.Enum(
                "same",
                "cosmetic",
                "better",
                "explain",
                "worse",
                "critical",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("lodged_by", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("accepted_locale", sa.String(), nullable=True),
        sa.Column("registered_by", sa.Uuid(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status <> 'registered' OR (accepted_at IS NOT NULL AND accepted_sha256 = terms_sha256)",
            name=op.f("ck_employment_contract_accepted"),
        ),
        sa.CheckConstraint(
            "status <> 'registered' OR worst NOT IN ('worse', 'critical')",
            name=op.f("ck_employment_contract_not_worse"),
        ),
        sa.CheckConstraint(
            "registered_by IS NULL OR registered_by <> lodged_by", name=op.f("ck_employment_contract_two_people")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_employment_contract_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_employment_contract_employer_id_employer")
        ),
        sa.ForeignKeyConstraint(
            ["job_order_id"], ["job_order.id"], name=op.f("fk_employment_contract_job_order_id_job_order")
        ),
        sa.ForeignKeyConstraint(
            ["lodged_by"], ["user_account.id"], name=op.f("fk_employment_contract_lodged_by_user_account")
        ),
        sa.ForeignKeyConstraint(["migrant_id"], ["migrant.id"], name=op.f("fk_employment_contract_migrant_id_migrant")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_employment_contract_office_id_office")),
        sa.ForeignKeyConstraint(
            ["registered_by"], ["user_account.id"], name=op.f("fk_employment_contract_registered_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employment_contract")),
        sa.UniqueConstraint("reference", name=op.f("uq_employment_contract_reference")),
    )
    op.create_index(op.f("ix_employment_contract_agency_id"), "employment_contract", ["agency_id"], unique=False)
    op.create_index(op.f("ix_employment_contract_employer_id"), "employment_contract", ["employer_id"], unique=False)
    op.create_index(op.f("ix_employment_contract_job_order_id"), "employment_contract", ["job_order_id"], unique=False)
    op.create_index(op.f("ix_employment_contract_migrant_id"), "employment_contract", ["migrant_id"], unique=False)
    op.create_index(op.f("ix_employment_contract_office_id"), "employment_contract", ["office_id"], unique=False)
    op.create_index(
        op.f("ix_employment_contract_status_accepted_at"),
        "employment_contract",
        ["status", "accepted_at"],
        unique=False,
    )
    op.create_index(
        "uq_contract_open",
        "employment_contract",
        ["migrant_id"],
        unique=True,
        postgresql_where=sa.text("status NOT IN ('declined', 'ended', 'returned')"),
    )
    op.create_table(
        "contract_version",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column("terms_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["employment_contract.id"],
            name=op.f("fk_contract_version_contract_id_employment_contract"),
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["user_account.id"], name=op.f("fk_contract_version_replaced_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_version")),
    )
    op.create_index("uq_contract_version", "contract_version", ["contract_id", "version"], unique=True)
    for table in ("employer", "job_order", "employment_contract", "contract_version"):
        grant(table)


def downgrade() -> None:
    op.drop_index("uq_contract_version", table_name="contract_version")
    op.drop_table("contract_version")
    op.drop_index(
        "uq_contract_open",
        table_name="employment_contract",
        postgresql_where=sa.text("status NOT IN ('declined', 'ended', 'returned')"),
    )
    op.drop_index(op.f("ix_employment_contract_status_accepted_at"), table_name="employment_contract")
    op.drop_index(op.f("ix_employment_contract_office_id"), table_name="employment_contract")
    op.drop_index(op.f("ix_employment_contract_migrant_id"), table_name="employment_contract")
    op.drop_index(op.f("ix_employment_contract_job_order_id"), table_name="employment_contract")
    op.drop_index(op.f("ix_employment_contract_employer_id"), table_name="employment_contract")
    op.drop_index(op.f("ix_employment_contract_agency_id"), table_name="employment_contract")
    op.drop_table("employment_contract")
    op.drop_index(op.f("ix_job_order_status_created_at"), table_name="job_order")
    op.drop_index(op.f("ix_job_order_employer_id"), table_name="job_order")
    op.drop_index(op.f("ix_job_order_agency_id"), table_name="job_order")
    op.drop_table("job_order")
    op.drop_index("uq_employer_number", table_name="employer")
    op.drop_index(op.f("ix_employer_signatory_phone_index"), table_name="employer")
    op.drop_index(op.f("ix_employer_signatory_email_index"), table_name="employer")
    op.drop_index(op.f("ix_employer_person_key_id"), table_name="employer")
    op.drop_index(op.f("ix_employer_mission_id"), table_name="employer")
    op.drop_index(op.f("ix_employer_country"), table_name="employer")
    op.drop_table("employer")
