"""Visits by inspectors, cases drawn at random, ties, marks shared with blacklisted agencies, a second approver, phrases."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import roles
from migrations.grants import grant

revision = "0020_inspection_assignment"
down_revision = "0019_register_names"

# Written once: the application's role may not change these.
WRITTEN_ONCE = (
    "case_assignment", "declared_tie", "officer_mark", "agency_mark", "licence_visit", "licence_visit_item",
    "licence_visit_photo", "licence_visit_place",
)  # fmt: skip
CHANGED = ("licence_listed_match", "defect_phrase")
STATES = (
    "draft", "stopped", "submitted", "in_review", "returned", "decision", "refused", "security_pending", "issued",
    "withdrawn",
)  # fmt: skip
NEW_STATES = (
    "draft", "stopped", "submitted", "in_review", "inspection", "returned", "decision", "second_check", "refused",
    "security_pending", "issued", "withdrawn",
)  # fmt: skip
ROLE = "licence_inspector"
ONE_EACH = (
    "reviewer_id <> inspector_id AND reviewer_id <> approver_id AND reviewer_id <> second_approver_id"
    " AND inspector_id <> approver_id AND inspector_id <> second_approver_id"
    " AND approver_id <> second_approver_id AND decided_by <> second_approver_id"
    " AND decided_by <> inspector_id"
)


def _words(table: str, constraint: str, column: str, values: list[str] | tuple[str, ...]) -> None:
    op.drop_constraint(op.f(constraint), table, type_="check")
    words = ", ".join(repr(v) for v in values)
    op.create_check_constraint(op.f(constraint), table, f"{column} IN ({words})")


def upgrade() -> None:
    _tables()
    _columns()
    _words("licence_application", "ck_licence_application_application_status", "status", NEW_STATES)
    op.create_check_constraint(op.f("ck_licence_application_one_stage_each"), "licence_application", ONE_EACH)
    roles.append(ROLE)
    for table in WRITTEN_ONCE:
        grant(table, "SELECT, INSERT")
    for table in CHANGED:
        grant(table)


def _tables() -> None:
    op.create_table(
        "agency_mark",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "identifier",
                "address",
                "bank_account",
                "phone",
                "member",
                name="mark_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("value_index", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_agency_mark_agency_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_mark")),
    )
    op.create_index(op.f("ix_agency_mark_kind_value_index"), "agency_mark", ["kind", "value_index"], unique=False)
    op.create_index("uq_agency_mark", "agency_mark", ["agency_id", "kind", "value_index"], unique=True)
    op.create_table(
        "declared_tie",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "family",
                "business",
                "worked_there",
                "other",
                name="tie_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["user_account.id"], name=op.f("fk_declared_tie_account_id_user_account")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_declared_tie_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_declared_tie_person_key_id_person_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_tie")),
    )
    op.create_index(op.f("ix_declared_tie_agency_id"), "declared_tie", ["agency_id"], unique=False)
    op.create_index(op.f("ix_declared_tie_person_key_id"), "declared_tie", ["person_key_id"], unique=False)
    op.create_index("uq_declared_tie_pair", "declared_tie", ["account_id", "agency_id"], unique=True)
    op.create_table(
        "defect_phrase",
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["user_account.id"], name=op.f("fk_defect_phrase_added_by_user_account")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_defect_phrase_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_defect_phrase")),
    )
    op.create_index(op.f("ix_defect_phrase_office_id"), "defect_phrase", ["office_id"], unique=False)
    op.create_table(
        "officer_mark",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "identifier",
                "address",
                "bank_account",
                "phone",
                "member",
                name="mark_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("value_index", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["user_account.id"], name=op.f("fk_officer_mark_account_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_mark")),
    )
    op.create_index(op.f("ix_officer_mark_kind_value_index"), "officer_mark", ["kind", "value_index"], unique=False)
    op.create_index("uq_officer_mark", "officer_mark", ["account_id", "kind", "value_index"], unique=True)
    op.create_table(
        "case_assignment",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "review",
                "inspection",
                "check",
                "decision",
                "second",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=True),
        sa.Column(
            "why",
            sa.Enum(
                "came_in",
                "away",
                "tied",
                "given_back",
                "waited",
                name="why",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("among", sa.BigInteger(), nullable=False),
        sa.Column("skipped", postgresql.JSONB(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["licence_application.id"],
            name=op.f("fk_case_assignment_application_id_licence_application"),
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_case_assignment_office_id_office")),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["user_account.id"], name=op.f("fk_case_assignment_officer_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_assignment")),
    )
    op.create_index(
        op.f("ix_case_assignment_officer_id_created_at"), "case_assignment", ["officer_id", "created_at"], unique=False
    )
    op.create_index("uq_case_assignment_number", "case_assignment", ["application_id", "number"], unique=True)
    op.create_table(
        "licence_listed_match",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("listed_agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "identifier",
                "address",
                "bank_account",
                "phone",
                "member",
                name="mark_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("dismissed_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["licence_application.id"],
            name=op.f("fk_licence_listed_match_application_id_licence_application"),
        ),
        sa.ForeignKeyConstraint(
            ["dismissed_by"], ["user_account.id"], name=op.f("fk_licence_listed_match_dismissed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["listed_agency_id"], ["agency.id"], name=op.f("fk_licence_listed_match_listed_agency_id_agency")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_listed_match")),
    )
    op.create_index(
        "uq_licence_listed_match", "licence_listed_match", ["application_id", "listed_agency_id", "kind"], unique=True
    )
    op.create_table(
        "licence_visit",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("finding", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["licence_application.id"],
            name=op.f("fk_licence_visit_application_id_licence_application"),
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["user_account.id"], name=op.f("fk_licence_visit_inspector_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_visit")),
    )
    op.create_index(op.f("ix_licence_visit_application_id"), "licence_visit", ["application_id"], unique=False)
    op.create_table(
        "licence_visit_item",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum("yes", "no", "not_seen", name="visit_answer", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["licence_visit.id"], name=op.f("fk_licence_visit_item_visit_id_licence_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_visit_item")),
    )
    op.create_index("uq_licence_visit_item", "licence_visit_item", ["visit_id", "code"], unique=True)
    op.create_table(
        "licence_visit_photo",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_licence_visit_photo_file_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["licence_visit.id"], name=op.f("fk_licence_visit_photo_visit_id_licence_visit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_visit_photo")),
    )
    op.create_index(op.f("ix_licence_visit_photo_visit_id"), "licence_visit_photo", ["visit_id"], unique=False)
    op.create_table(
        "licence_visit_place",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("position_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("taken_at_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_licence_visit_place_person_key_id_person_key")
        ),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["licence_visit_photo.id"], name=op.f("fk_licence_visit_place_photo_id_licence_visit_photo")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_visit_place")),
        sa.UniqueConstraint("photo_id", name=op.f("uq_licence_visit_place_photo_id")),
    )
    op.create_index(
        op.f("ix_licence_visit_place_person_key_id"), "licence_visit_place", ["person_key_id"], unique=False
    )


def _columns() -> None:
    op.add_column("licence_application", sa.Column("inspector_id", sa.Uuid(), nullable=True))
    op.add_column("licence_application", sa.Column("approver_id", sa.Uuid(), nullable=True))
    op.add_column("licence_application", sa.Column("second_approver_id", sa.Uuid(), nullable=True))
    op.add_column("licence_application", sa.Column("visit_waiver", sa.String(), nullable=True))
    op.add_column(
        "licence_application", sa.Column("returned_by_visit", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("licence_application", sa.Column("evidence_hash", sa.String(), nullable=True))
    op.create_index(
        op.f("ix_licence_application_approver_id_status"),
        "licence_application",
        ["approver_id", "status"],
        unique=False,
    )
    op.create_index(
        op.f("ix_licence_application_inspector_id_status"),
        "licence_application",
        ["inspector_id", "status"],
        unique=False,
    )
    op.create_index(
        op.f("ix_licence_application_reviewer_id_status"),
        "licence_application",
        ["reviewer_id", "status"],
        unique=False,
    )
    op.create_index(
        op.f("ix_licence_application_second_approver_id_status"),
        "licence_application",
        ["second_approver_id", "status"],
        unique=False,
    )
    op.create_foreign_key(
        op.f("fk_licence_application_approver_id_user_account"),
        "licence_application",
        "user_account",
        ["approver_id"],
        ["id"],
    )
    op.create_foreign_key(
        op.f("fk_licence_application_inspector_id_user_account"),
        "licence_application",
        "user_account",
        ["inspector_id"],
        ["id"],
    )
    op.create_foreign_key(
        op.f("fk_licence_application_second_approver_id_user_account"),
        "licence_application",
        "user_account",
        ["second_approver_id"],
        ["id"],
    )
    op.alter_column("licence_application", "returned_by_visit", server_default=None)


def downgrade() -> None:
    roles.remove(ROLE)
    op.drop_constraint(op.f("ck_licence_application_one_stage_each"), "licence_application", type_="check")
    op.execute("UPDATE licence_application SET status = 'in_review' WHERE status = 'inspection'")
    op.execute("UPDATE licence_application SET status = 'decision' WHERE status = 'second_check'")
    _words("licence_application", "ck_licence_application_application_status", "status", STATES)
    for column in ("reviewer_id", "inspector_id", "approver_id", "second_approver_id"):
        op.drop_index(op.f(f"ix_licence_application_{column}_status"), "licence_application")
    for column in (
        "inspector_id", "approver_id", "second_approver_id", "visit_waiver", "returned_by_visit", "evidence_hash",
    ):  # fmt: skip
        op.drop_column("licence_application", column)
    for table in (
        "licence_visit_place", "licence_visit_photo", "licence_visit_item", "licence_visit", "licence_listed_match",
        "case_assignment", "officer_mark", "defect_phrase", "declared_tie", "agency_mark",
    ):  # fmt: skip
        op.drop_table(table)
