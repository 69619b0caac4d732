"""Tables of agencies: agencies, directors, licence applications, licences, sanctions, register changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import app_role, grant

revision = "0002_agencies"
down_revision = "0001_core"

RECORDS = (
    "agency", "agency_director", "licence_application", "licence_paper", "licence_defect", "licence_match",
    "licence_security", "licence", "sanction", "blacklisted_person",
)  # fmt: skip
# Whatever is shown in the public register: a trigger tells every process that its copy is old.
PUBLISHED = ("agency", "licence", "sanction")


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("licence_serial")))
    op.create_table(
        "register_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_change")),
    )
    op.create_table(
        "agency",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_local", sa.String(), nullable=True),
        sa.Column("company_number", sa.String(), nullable=True),
        sa.Column("district", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("bank_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("bank_account_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_agency_office_id_office")),
        sa.ForeignKeyConstraint(["person_key_id"], ["person_key.id"], name=op.f("fk_agency_person_key_id_person_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("reference", name=op.f("uq_agency_reference")),
    )
    op.create_index(op.f("ix_agency_company_number"), "agency", ["company_number"], unique=False)
    op.create_index(op.f("ix_agency_office_id"), "agency", ["office_id"], unique=False)
    op.create_index(op.f("ix_agency_person_key_id"), "agency", ["person_key_id"], unique=False)
    op.create_table(
        "agency_director",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "identifier_kind",
            sa.Enum(
                "citizenship",
                "national_id",
                "passport",
                name="identifier_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("identifier_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("birth_date_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("identifier_index", sa.LargeBinary(), nullable=False),
        sa.Column("birth_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.LargeBinary(), nullable=True),
        sa.Column("name_hashes", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_agency_director_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_agency_director_person_key_id_person_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_director")),
    )
    op.create_index(op.f("ix_agency_director_agency_id"), "agency_director", ["agency_id"], unique=False)
    op.create_index(op.f("ix_agency_director_birth_index"), "agency_director", ["birth_index"], unique=False)
    op.create_index(op.f("ix_agency_director_email_index"), "agency_director", ["email_index"], unique=False)
    op.create_index(op.f("ix_agency_director_identifier_index"), "agency_director", ["identifier_index"], unique=False)
    op.create_index(
        "ix_agency_director_name_hashes", "agency_director", ["name_hashes"], unique=False, postgresql_using="gin"
    )
    op.create_index(op.f("ix_agency_director_person_key_id"), "agency_director", ["person_key_id"], unique=False)
    op.create_index(op.f("ix_agency_director_phone_index"), "agency_director", ["phone_index"], unique=False)
    op.create_table(
        "licence_application",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("licence_class", sa.String(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "stopped",
                "submitted",
                "in_review",
                "returned",
                "decision",
                "refused",
                "security_pending",
                "issued",
                "withdrawn",
                name="application_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("visited_on", sa.Date(), nullable=True),
        sa.Column("finding", sa.String(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.Column("security_currency", sa.String(), nullable=True),
        sa.Column("security_cash_minor", sa.BigInteger(), nullable=True),
        sa.Column("security_guarantee_minor", sa.BigInteger(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("valid_until_reason", sa.String(), nullable=True),
        sa.Column("law", postgresql.JSONB(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status NOT IN ('security_pending', 'issued') OR (decided_by IS NOT NULL AND valid_until IS NOT NULL)",
            name=op.f("ck_licence_application_approved_is_complete"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> reviewer_id", name=op.f("ck_licence_application_maker_is_not_checker")
        ),
        sa.CheckConstraint(
            "security_cash_minor >= 0 AND security_guarantee_minor >= 0",
            name=op.f("ck_licence_application_security_not_negative"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_licence_application_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_licence_application_decided_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["user_account.id"], name=op.f("fk_licence_application_reviewer_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["user_account.id"], name=op.f("fk_licence_application_started_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_application")),
        sa.UniqueConstraint("reference", name=op.f("uq_licence_application_reference")),
    )
    op.create_index(op.f("ix_licence_application_agency_id"), "licence_application", ["agency_id"], unique=False)
    op.create_index(
        op.f("ix_licence_application_status_submitted_at"),
        "licence_application",
        ["status", "submitted_at"],
        unique=False,
    )
    op.create_index(
        "uq_licence_application_open",
        "licence_application",
        ["agency_id"],
        unique=True,
        postgresql_where=sa.text("status NOT IN ('refused', 'issued', 'withdrawn')"),
    )
    op.create_table(
        "sanction",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "suspension",
                "cancellation",
                "blacklisting",
                name="sanction_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "in_force",
                "rejected",
                "lifted",
                name="sanction_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_sanction_maker_is_not_checker")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_sanction_agency_id_agency")),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name=op.f("fk_sanction_decided_by_user_account")),
        sa.ForeignKeyConstraint(["lifted_by"], ["user_account.id"], name=op.f("fk_sanction_lifted_by_user_account")),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user_account.id"], name=op.f("fk_sanction_proposed_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction")),
        sa.UniqueConstraint("reference", name=op.f("uq_sanction_reference")),
    )
    op.create_index(op.f("ix_sanction_agency_id"), "sanction", ["agency_id"], unique=False)
    op.create_index(
        "uq_sanction_proposed",
        "sanction",
        ["agency_id", "kind"],
        unique=True,
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.create_table(
        "blacklisted_person",
        sa.Column("sanction_id", sa.Uuid(), nullable=False),
        sa.Column("director_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["director_id"], ["agency_director.id"], name=op.f("fk_blacklisted_person_director_id_agency_director")
        ),
        sa.ForeignKeyConstraint(
            ["sanction_id"], ["sanction.id"], name=op.f("fk_blacklisted_person_sanction_id_sanction")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blacklisted_person")),
    )
    op.create_index(op.f("ix_blacklisted_person_director_id"), "blacklisted_person", ["director_id"], unique=False)
    op.create_index("uq_blacklisted_person_pair", "blacklisted_person", ["sanction_id", "director_id"], unique=True)
    op.create_table(
        "licence",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("licence_class", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "suspended",
                "expired",
                "surrendered",
                "cancelled",
                name="licence_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("valid_until > issued_on", name=op.f("ck_licence_validity")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_licence_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["licence_application.id"], name=op.f("fk_licence_application_id_licence_application")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["stored_file.id"], name=op.f("fk_licence_document_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence")),
        sa.UniqueConstraint("application_id", name=op.f("uq_licence_application_id")),
        sa.UniqueConstraint("number", name=op.f("uq_licence_number")),
        sa.UniqueConstraint("serial", name=op.f("uq_licence_serial")),
    )
    op.create_index(op.f("ix_licence_agency_id"), "licence", ["agency_id"], unique=False)
    op.create_index(op.f("ix_licence_status_valid_until"), "licence", ["status", "valid_until"], unique=False)
    op.create_index(
        "uq_licence_open",
        "licence",
        ["agency_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('active', 'suspended')"),
    )
    op.create_table(
        "licence_defect",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("mended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["licence_application.id"],
            name=op.f("fk_licence_defect_application_id_licence_application"),
        ),
        sa.ForeignKeyConstraint(
            ["noted_by"], ["user_account.id"], name=op.f("fk_licence_defect_noted_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_defect")),
    )
    op.create_index(op.f("ix_licence_defect_application_id"), "licence_defect", ["application_id"], unique=False)
    op.create_table(
        "licence_paper",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["licence_application.id"],
            name=op.f("fk_licence_paper_application_id_licence_application"),
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_licence_paper_file_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["user_account.id"], name=op.f("fk_licence_paper_uploaded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_paper")),
    )
    op.create_index(
        "uq_licence_paper_current",
        "licence_paper",
        ["application_id", "code"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "licence_security",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("cash", "guarantee", name="security_kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("bank_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("document_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("document_index", sa.LargeBinary(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("guarantee_until", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind <> 'guarantee' OR guarantee_until IS NOT NULL", name=op.f("ck_licence_security_guarantee_has_end")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_licence_security_amount_positive")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["licence_application.id"],
            name=op.f("fk_licence_security_application_id_licence_application"),
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_licence_security_file_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_licence_security_person_key_id_person_key")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_licence_security_recorded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_security")),
        sa.UniqueConstraint("document_index", name=op.f("uq_licence_security_document_index")),
    )
    op.create_index(op.f("ix_licence_security_application_id"), "licence_security", ["application_id"], unique=False)
    op.create_index(op.f("ix_licence_security_person_key_id"), "licence_security", ["person_key_id"], unique=False)
    op.create_table(
        "licence_match",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("director_id", sa.Uuid(), nullable=False),
        sa.Column("listed_person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "identifier", "name_and_birth", name="match_kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("codes", postgresql.JSONB(), nullable=False),
        sa.Column("dismissed_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["licence_application.id"],
            name=op.f("fk_licence_match_application_id_licence_application"),
        ),
        sa.ForeignKeyConstraint(
            ["director_id"], ["agency_director.id"], name=op.f("fk_licence_match_director_id_agency_director")
        ),
        sa.ForeignKeyConstraint(
            ["dismissed_by"], ["user_account.id"], name=op.f("fk_licence_match_dismissed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["listed_person_id"],
            ["blacklisted_person.id"],
            name=op.f("fk_licence_match_listed_person_id_blacklisted_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_match")),
    )
    op.create_index(
        "uq_licence_match_pair", "licence_match", ["application_id", "director_id", "listed_person_id"], unique=True
    )

    op.execute(
        "CREATE FUNCTION note_register_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO register_change DEFAULT VALUES; RETURN NULL; END $$"
    )
    for table in PUBLISHED:
        op.execute(
            f"CREATE TRIGGER {table}_register_change AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION note_register_change()"
        )
    for table in RECORDS:
        grant(table)
    # Old change rows are no record: the nightly sweep deletes them.
    grant("register_change", "SELECT, INSERT, DELETE")
    role = app_role()
    if role is not None:
        op.execute(f'GRANT USAGE ON SEQUENCE licence_serial TO "{role}"')


def downgrade() -> None:
    for table in (
        "licence_match", "licence_security", "licence_paper", "licence_defect", "licence", "blacklisted_person",
        "sanction", "licence_application", "agency_director", "agency", "register_change",
    ):  # fmt: skip
        op.drop_table(table)
    op.execute("DROP FUNCTION note_register_change()")
    op.execute(sa.schema.DropSequence(sa.Sequence("licence_serial")))
