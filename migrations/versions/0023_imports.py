"""What comes from the old register: runs, records, conflicts, claims; licences, sanctions and securities may rest on one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import app_role, grant

revision = "0023_imports"
down_revision = "0022_branches"

TABLES = ("import_run", "imported_record", "import_conflict", "agency_claim")
# What may have come from the old register, and whether at most one row rests on a line.
RESTING = (("licence", True), ("sanction", True), ("licence_security", False))
CHECKS = (
    ("licence", "signed_or_imported", "imported_record_id IS NOT NULL OR token IS NOT NULL"),
    ("licence_security", "paper_or_imported", "file_id IS NOT NULL OR imported_record_id IS NOT NULL"),
)
FREED = (("licence", "token"), ("licence_security", "file_id"))
# A rule as it was, and as it is now that a line may stand in the place of an officer.
WIDENED = (
    (
        "sanction",
        "made_by_somebody",
        "(proposed_by IS NULL) = (cause IS NOT NULL)",
        "num_nonnulls(proposed_by, cause, imported_record_id) = 1",
    ),
    (
        "licence_security",
        "recorded",
        "status IN ('lodged', 'returned', 'expired') OR recorded_by IS NOT NULL",
        "status IN ('lodged', 'returned', 'expired') OR recorded_by IS NOT NULL"
        " OR (status = 'recorded' AND imported_record_id IS NOT NULL)",
    ),
)
# A number that is mended in the old register is told of as taken over, like every other fact of it.
RENUMBERED = ("NEW.valid_until, NEW.issued_on, false)", "NEW.valid_until, NEW.issued_on, told IS NOT NULL)")


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("imported_licence_serial")))
    _tables()
    for table, unique in RESTING:
        op.add_column(table, sa.Column("imported_record_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_{table}_imported_record_id_imported_record"),
            table,
            "imported_record",
            ["imported_record_id"],
            ["id"],
        )
        if unique:
            op.create_unique_constraint(op.f(f"uq_{table}_imported_record_id"), table, ["imported_record_id"])
        else:
            op.create_index(op.f(f"ix_{table}_imported_record_id"), table, ["imported_record_id"])
    for table, column in FREED:
        op.alter_column(table, column, nullable=True)
    for table, name, rule in CHECKS:
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    for table, name, _before, after in WIDENED:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, after)
    _rewrite_trigger(*RENUMBERED)
    for table in TABLES:
        grant(table)
    role = app_role()
    if role is not None:
        op.execute(f'GRANT USAGE ON SEQUENCE imported_licence_serial TO "{role}"')


def downgrade() -> None:
    # Rows that rest on a line alone can't stand without it.
    op.execute(
        "DELETE FROM blacklisted_person WHERE sanction_id IN (SELECT id FROM sanction WHERE imported_record_id IS NOT NULL)"
    )
    for table, _unique in RESTING:
        op.execute(f"DELETE FROM {table} WHERE imported_record_id IS NOT NULL")
    _rewrite_trigger(*reversed(RENUMBERED))
    for table, name, before, _after in WIDENED:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, before)
    for table, name, _rule in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    for table, column in FREED:
        op.alter_column(table, column, nullable=False)
    for table, _unique in RESTING:
        op.drop_column(table, "imported_record_id")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute(sa.schema.DropSequence(sa.Sequence("imported_licence_serial")))


def _rewrite_trigger(before: str, after: str) -> None:
    """Change one place in the trigger that writes the register's log."""
    source = op.get_bind().scalar(sa.text("SELECT pg_get_functiondef(to_regprocedure('log_licence()'))"))
    if not source or before not in source:
        raise RuntimeError("log_licence is another one than was expected")
    op.execute(source.replace(before, after))


def _tables() -> None:
    op.create_table(
        "import_run",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "agencies",
                "licences",
                "directors",
                "sanctions",
                "securities",
                name="import_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("file_hash", sa.String(), nullable=False),
        sa.Column("run_by", sa.Uuid(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("totals", postgresql.JSONB(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["run_by"], ["user_account.id"], name=op.f("fk_import_run_run_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sa.UniqueConstraint("reference", name=op.f("uq_import_run_reference")),
    )
    op.create_table(
        "imported_record",
        sa.Column(
            "kind",
            sa.Enum(
                "agencies",
                "licences",
                "directors",
                "sanctions",
                "securities",
                name="import_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_key", sa.String(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("target_id", sa.Uuid(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("personal_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("file_hash", sa.String(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.Uuid(), nullable=False),
        sa.Column("seen_run_id", sa.Uuid(), nullable=False),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_imported_record_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["imported_by"], ["user_account.id"], name=op.f("fk_imported_record_imported_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_imported_record_person_key_id_person_key")
        ),
        sa.ForeignKeyConstraint(
            ["seen_run_id"], ["import_run.id"], name=op.f("fk_imported_record_seen_run_id_import_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_record")),
    )
    op.create_index(op.f("ix_imported_record_agency_id"), "imported_record", ["agency_id"], unique=False)
    op.create_index(op.f("ix_imported_record_person_key_id"), "imported_record", ["person_key_id"], unique=False)
    op.create_index(op.f("ix_imported_record_target_id"), "imported_record", ["target_id"], unique=False)
    op.create_index("uq_imported_record_key", "imported_record", ["source", "kind", "source_key"], unique=True)
    op.create_table(
        "import_conflict",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "waiting",
                "proposed",
                "kept",
                "taken",
                "superseded",
                name="conflict_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("file_hash", sa.String(), nullable=False),
        sa.Column("theirs_fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("theirs", postgresql.JSONB(), nullable=False),
        sa.Column("theirs_personal_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_reason", sa.String(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status <> 'taken' OR NOT standing OR (proposed_by IS NOT NULL AND decided_by IS NOT NULL)",
            name=op.f("ck_import_conflict_standing_by_two"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_import_conflict_maker_is_not_checker")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_import_conflict_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_import_conflict_decided_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_import_conflict_person_key_id_person_key")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user_account.id"], name=op.f("fk_import_conflict_proposed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["imported_record.id"], name=op.f("fk_import_conflict_record_id_imported_record")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_conflict_run_id_import_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_conflict")),
        sa.UniqueConstraint("reference", name=op.f("uq_import_conflict_reference")),
    )
    op.create_index(op.f("ix_import_conflict_agency_id"), "import_conflict", ["agency_id"], unique=False)
    op.create_index(op.f("ix_import_conflict_person_key_id"), "import_conflict", ["person_key_id"], unique=False)
    op.create_index(
        op.f("ix_import_conflict_status_created_at"), "import_conflict", ["status", "created_at"], unique=False
    )
    op.create_index(
        "uq_import_conflict_open",
        "import_conflict",
        ["record_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('waiting', 'proposed')"),
    )
    op.create_table(
        "agency_claim",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "way",
            sa.Enum("contact", "office", name="claim_way", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "asked",
                "proved",
                "seen",
                "handed_over",
                "claimed",
                "checked",
                "stopped",
                "lapsed",
                name="claim_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("number_asked", sa.String(), nullable=True),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("handed_over_by", sa.Uuid(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status <> 'handed_over' OR handed_over_by IS NOT NULL",
            name=op.f("ck_agency_claim_handed_over_by_somebody"),
        ),
        sa.CheckConstraint("way <> 'office' OR seen_by IS NOT NULL", name=op.f("ck_agency_claim_office_has_seen")),
        sa.CheckConstraint(
            "handed_over_by IS NULL OR handed_over_by <> seen_by", name=op.f("ck_agency_claim_maker_is_not_checker")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["user_account.id"], name=op.f("fk_agency_claim_account_id_user_account")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_agency_claim_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["user_account.id"], name=op.f("fk_agency_claim_checked_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["handed_over_by"], ["user_account.id"], name=op.f("fk_agency_claim_handed_over_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_agency_claim_person_key_id_person_key")
        ),
        sa.ForeignKeyConstraint(["seen_by"], ["user_account.id"], name=op.f("fk_agency_claim_seen_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_claim")),
        sa.UniqueConstraint("reference", name=op.f("uq_agency_claim_reference")),
    )
    op.create_index(op.f("ix_agency_claim_agency_id"), "agency_claim", ["agency_id"], unique=False)
    op.create_index(op.f("ix_agency_claim_code_hash"), "agency_claim", ["code_hash"], unique=False)
    op.create_index(op.f("ix_agency_claim_person_key_id"), "agency_claim", ["person_key_id"], unique=False)
    op.create_index(op.f("ix_agency_claim_status_created_at"), "agency_claim", ["status", "created_at"], unique=False)
    op.create_index(
        "uq_agency_claim_office",
        "agency_claim",
        ["agency_id"],
        unique=True,
        postgresql_where=sa.text("way = 'office' AND status IN ('seen', 'handed_over')"),
    )
