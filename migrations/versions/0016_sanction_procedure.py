"""Proceedings before a sanction: notice, reply, hearing, order, appeal; bars, fines, liftings; reviews of workers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import roles
from migrations.grants import grant

revision = "0016_sanction_procedure"
down_revision = "0015_contract_place"

TABLES = (
    "sanction_case",
    "sanction_bar",
    "sanction_fine",
    "sanction_order",
    "sanction_paper",
    "sanction_lifting",
    "worker_review",
)
STATES = ("proposed", "in_force", "rejected", "lifted", "lapsed")
ROLE, BEFORE = "appeal_officer", "finance_officer"


def _states(values: tuple[str, ...]) -> None:
    name = op.f("ck_sanction_sanction_status")
    op.drop_constraint(name, "sanction", type_="check")
    op.create_check_constraint(name, "sanction", f"status IN ({', '.join(repr(v) for v in values)})")


def _sanction_case() -> None:
    op.create_table(
        "sanction_case",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "reported",
                "dropped",
                "screened",
                "notice",
                "reply",
                "hearing",
                "decision",
                "dismissed",
                "ordered",
                "appealed",
                "stayed",
                "upheld",
                "varied",
                "reversed",
                "expired",
                "removed",
                name="case_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column(
            "subject_kind",
            sa.Enum(
                "agency",
                "director",
                "employer",
                "foreign_agent",
                "orientation_centre",
                "medical_centre",
                name="case_subject",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
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
            nullable=True,
        ),
        sa.Column("identifier_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("birth_date_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("identifier_index", sa.LargeBinary(), nullable=True),
        sa.Column("birth_index", sa.LargeBinary(), nullable=True),
        sa.Column("name_hashes", postgresql.ARRAY(sa.LargeBinary()), nullable=True),
        sa.Column(
            "source",
            sa.Enum("person", "unit", name="case_source", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("complaining_office_id", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("screened_by", sa.Uuid(), nullable=True),
        sa.Column("notified_by", sa.Uuid(), nullable=True),
        sa.Column("notified_on", sa.Date(), nullable=True),
        sa.Column("notice", sa.String(), nullable=True),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replied_by", sa.Uuid(), nullable=True),
        sa.Column("reply", sa.String(), nullable=True),
        sa.Column("hearing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hearing_place", sa.String(), nullable=True),
        sa.Column("heard_by", sa.Uuid(), nullable=True),
        sa.Column("minutes", sa.String(), nullable=True),
        sa.Column("subject_came", sa.Boolean(), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(source = 'unit') = (complaining_office_id IS NOT NULL)", name=op.f("ck_sanction_case_unit_is_named")
        ),
        sa.CheckConstraint(
            "(subject_kind = 'agency') = (agency_id IS NOT NULL)", name=op.f("ck_sanction_case_agency_is_named")
        ),
        sa.CheckConstraint(
            "subject_kind <> 'director' OR identifier_index IS NOT NULL", name=op.f("ck_sanction_case_person_is_named")
        ),
        sa.CheckConstraint(
            "subject_kind NOT IN ('employer', 'orientation_centre') OR subject_id IS NOT NULL",
            name=op.f("ck_sanction_case_record_is_named"),
        ),
        sa.CheckConstraint(
            "screened_by IS NULL OR screened_by <> reported_by", name=op.f("ck_sanction_case_screener_is_not_reporter")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_sanction_case_agency_id_agency")),
        sa.ForeignKeyConstraint(
            ["complaining_office_id"], ["office.id"], name=op.f("fk_sanction_case_complaining_office_id_office")
        ),
        sa.ForeignKeyConstraint(["heard_by"], ["user_account.id"], name=op.f("fk_sanction_case_heard_by_user_account")),
        sa.ForeignKeyConstraint(
            ["notified_by"], ["user_account.id"], name=op.f("fk_sanction_case_notified_by_user_account")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_sanction_case_office_id_office")),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_sanction_case_person_key_id_person_key")
        ),
        sa.ForeignKeyConstraint(
            ["replied_by"], ["user_account.id"], name=op.f("fk_sanction_case_replied_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["reported_by"], ["user_account.id"], name=op.f("fk_sanction_case_reported_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["screened_by"], ["user_account.id"], name=op.f("fk_sanction_case_screened_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction_case")),
        sa.UniqueConstraint("reference", name=op.f("uq_sanction_case_reference")),
    )
    op.create_index(op.f("ix_sanction_case_agency_id"), "sanction_case", ["agency_id"], unique=False)
    op.create_index(op.f("ix_sanction_case_birth_index"), "sanction_case", ["birth_index"], unique=False)
    op.create_index(op.f("ix_sanction_case_identifier_index"), "sanction_case", ["identifier_index"], unique=False)
    op.create_index(op.f("ix_sanction_case_office_id"), "sanction_case", ["office_id"], unique=False)
    op.create_index(op.f("ix_sanction_case_person_key_id"), "sanction_case", ["person_key_id"], unique=False)
    op.create_index(op.f("ix_sanction_case_status_due_on"), "sanction_case", ["status", "due_on"], unique=False)
    op.create_index(
        op.f("ix_sanction_case_subject_kind_subject_id"), "sanction_case", ["subject_kind", "subject_id"], unique=False
    )


def _sanction_bar() -> None:
    op.create_table(
        "sanction_bar",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "suspension", "blacklisting", name="bar_kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "made",
                "in_force",
                "stayed",
                "lifted",
                "lapsed",
                "reversed",
                "varied",
                name="bar_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "subject_kind",
            sa.Enum(
                "agency",
                "director",
                "employer",
                "foreign_agent",
                "orientation_centre",
                "medical_centre",
                name="case_subject",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("identifier_index", sa.LargeBinary(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        sa.Column("public_reason", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["sanction_case.id"], name=op.f("fk_sanction_bar_case_id_sanction_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction_bar")),
        sa.UniqueConstraint("reference", name=op.f("uq_sanction_bar_reference")),
    )
    op.create_index(op.f("ix_sanction_bar_case_id"), "sanction_bar", ["case_id"], unique=False)
    op.create_index(op.f("ix_sanction_bar_identifier_index"), "sanction_bar", ["identifier_index"], unique=False)
    op.create_index(
        op.f("ix_sanction_bar_subject_kind_subject_id"), "sanction_bar", ["subject_kind", "subject_id"], unique=False
    )


def _sanction_fine() -> None:
    op.create_table(
        "sanction_fine",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "due",
                "stayed",
                "paid",
                "cancelled",
                "to_pay_back",
                "paid_back",
                name="fine_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_sanction_fine_amount_positive")),
        sa.ForeignKeyConstraint(["case_id"], ["sanction_case.id"], name=op.f("fk_sanction_fine_case_id_sanction_case")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_sanction_fine_recorded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction_fine")),
    )
    op.create_index(op.f("ix_sanction_fine_case_id"), "sanction_fine", ["case_id"], unique=False)


def _sanction_order() -> None:
    op.create_table(
        "sanction_order",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "warn",
                "fine",
                "suspend",
                "cancel",
                "blacklist",
                name="order_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("fine_minor", sa.BigInteger(), nullable=True),
        sa.Column("fine_currency", sa.String(), nullable=True),
        sa.Column("fine_due_on", sa.Date(), nullable=True),
        sa.Column("prepared_by", sa.Uuid(), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("appeal_until", sa.Date(), nullable=False),
        sa.Column("appeal_limit_certain", sa.Boolean(), nullable=False),
        sa.Column("law", postgresql.JSONB(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("appealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("appealed_by", sa.Uuid(), nullable=True),
        sa.Column("appeal", sa.String(), nullable=True),
        sa.Column("appeal_late", sa.Boolean(), nullable=False),
        sa.Column("stay_asked", sa.Boolean(), nullable=False),
        sa.Column("stay_decided_by", sa.Uuid(), nullable=True),
        sa.Column("stay_granted", sa.Boolean(), nullable=True),
        sa.Column("stay_reason", sa.String(), nullable=True),
        sa.Column("appeal_decided_by", sa.Uuid(), nullable=True),
        sa.Column("appeal_decided_on", sa.Date(), nullable=True),
        sa.Column("appeal_reason", sa.String(), nullable=True),
        sa.Column("varied_kind", sa.String(), nullable=True),
        sa.Column("varied_last_day", sa.Date(), nullable=True),
        sa.Column("varied_fine_minor", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(kind = 'fine') = (fine_minor IS NOT NULL)", name=op.f("ck_sanction_order_fine_has_amount")
        ),
        sa.CheckConstraint(
            "kind NOT IN ('suspend', 'blacklist') OR last_day IS NOT NULL", name=op.f("ck_sanction_order_has_an_end")
        ),
        sa.CheckConstraint(
            "appeal_decided_by IS NULL OR (appeal_decided_by <> ordered_by AND appeal_decided_by <> prepared_by)",
            name=op.f("ck_sanction_order_appeal_goes_to_others"),
        ),
        sa.CheckConstraint("fine_minor > 0", name=op.f("ck_sanction_order_fine_positive")),
        sa.CheckConstraint("ordered_by <> prepared_by", name=op.f("ck_sanction_order_maker_is_not_checker")),
        sa.CheckConstraint(
            "stay_decided_by IS NULL OR (stay_decided_by <> ordered_by AND stay_decided_by <> prepared_by)",
            name=op.f("ck_sanction_order_stay_goes_to_others"),
        ),
        sa.CheckConstraint("varied_fine_minor > 0", name=op.f("ck_sanction_order_varied_fine_positive")),
        sa.ForeignKeyConstraint(
            ["appeal_decided_by"], ["user_account.id"], name=op.f("fk_sanction_order_appeal_decided_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["appealed_by"], ["user_account.id"], name=op.f("fk_sanction_order_appealed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["sanction_case.id"], name=op.f("fk_sanction_order_case_id_sanction_case")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["stored_file.id"], name=op.f("fk_sanction_order_document_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["ordered_by"], ["user_account.id"], name=op.f("fk_sanction_order_ordered_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by"], ["user_account.id"], name=op.f("fk_sanction_order_prepared_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["stay_decided_by"], ["user_account.id"], name=op.f("fk_sanction_order_stay_decided_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction_order")),
        sa.UniqueConstraint("case_id", name=op.f("uq_sanction_order_case_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_sanction_order_reference")),
    )


def _sanction_paper() -> None:
    op.create_table(
        "sanction_paper",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "evidence",
                "reply",
                "minutes",
                "appeal",
                name="paper_step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["user_account.id"], name=op.f("fk_sanction_paper_added_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["sanction_case.id"], name=op.f("fk_sanction_paper_case_id_sanction_case")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_sanction_paper_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction_paper")),
    )
    op.create_index(op.f("ix_sanction_paper_case_id"), "sanction_paper", ["case_id"], unique=False)


def _sanction_lifting() -> None:
    op.create_table(
        "sanction_lifting",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("sanction_id", sa.Uuid(), nullable=True),
        sa.Column("bar_id", sa.Uuid(), nullable=True),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "agreed",
                "lifted",
                "refused",
                name="lifting_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("public_reason", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("first_by", sa.Uuid(), nullable=True),
        sa.Column("second_by", sa.Uuid(), nullable=True),
        sa.Column("refused_by", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status <> 'lifted' OR second_by IS NOT NULL", name=op.f("ck_sanction_lifting_three_officers")
        ),
        sa.CheckConstraint("first_by <> proposed_by", name=op.f("ck_sanction_lifting_first_is_another")),
        sa.CheckConstraint("num_nonnulls(sanction_id, bar_id) = 1", name=op.f("ck_sanction_lifting_one_subject")),
        sa.CheckConstraint(
            "second_by <> proposed_by AND second_by <> first_by", name=op.f("ck_sanction_lifting_second_is_a_third")
        ),
        sa.ForeignKeyConstraint(["bar_id"], ["sanction_bar.id"], name=op.f("fk_sanction_lifting_bar_id_sanction_bar")),
        sa.ForeignKeyConstraint(
            ["first_by"], ["user_account.id"], name=op.f("fk_sanction_lifting_first_by_user_account")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_sanction_lifting_office_id_office")),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user_account.id"], name=op.f("fk_sanction_lifting_proposed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["refused_by"], ["user_account.id"], name=op.f("fk_sanction_lifting_refused_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["sanction_id"], ["sanction.id"], name=op.f("fk_sanction_lifting_sanction_id_sanction")
        ),
        sa.ForeignKeyConstraint(
            ["second_by"], ["user_account.id"], name=op.f("fk_sanction_lifting_second_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction_lifting")),
        sa.UniqueConstraint("reference", name=op.f("uq_sanction_lifting_reference")),
    )
    op.create_index(
        "uq_sanction_lifting_open",
        "sanction_lifting",
        ["sanction_id", "bar_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("status IN ('proposed', 'agreed')"),
    )


def _worker_review() -> None:
    op.create_table(
        "worker_review",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("ground_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "contracted",
                "cleared",
                "deployed",
                name="review_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "open", "done", "settled", name="review_status", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "goes_on",
                "moved",
                "ended",
                "safe",
                "needs_help",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status <> 'done' OR (outcome IS NOT NULL AND decided_by IS NOT NULL)",
            name=op.f("ck_worker_review_done_is_complete"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["employment_contract.id"], name=op.f("fk_worker_review_contract_id_employment_contract")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_worker_review_decided_by_user_account")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_worker_review_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_review")),
        sa.UniqueConstraint("reference", name=op.f("uq_worker_review_reference")),
    )
    op.create_index(op.f("ix_worker_review_office_id"), "worker_review", ["office_id"], unique=False)
    op.create_index(op.f("ix_worker_review_status_due_on"), "worker_review", ["status", "due_on"], unique=False)
    op.create_index("uq_worker_review_once", "worker_review", ["contract_id", "ground_id"], unique=True)


def upgrade() -> None:
    roles.add(ROLE, before=BEFORE)
    _sanction_case()
    _sanction_bar()
    _sanction_fine()
    _sanction_order()
    _sanction_paper()
    _sanction_lifting()
    _worker_review()
    _change_sanctions()
    for table in TABLES:
        grant(table)


def _change_sanctions() -> None:
    op.add_column("blacklisted_person", sa.Column("bar_id", sa.Uuid(), nullable=True))
    op.alter_column("blacklisted_person", "sanction_id", existing_type=sa.UUID(), nullable=True)
    op.alter_column("blacklisted_person", "director_id", existing_type=sa.UUID(), nullable=True)
    op.create_unique_constraint(op.f("uq_blacklisted_person_bar_id"), "blacklisted_person", ["bar_id"])
    op.create_foreign_key(
        op.f("fk_blacklisted_person_bar_id_sanction_bar"), "blacklisted_person", "sanction_bar", ["bar_id"], ["id"]
    )
    op.add_column("sanction", sa.Column("cause", sa.String(), nullable=True))
    op.add_column("sanction", sa.Column("case_id", sa.Uuid(), nullable=True))
    op.add_column("sanction", sa.Column("licence_id", sa.Uuid(), nullable=True))
    op.add_column("sanction", sa.Column("show_cause_day", sa.Date(), nullable=True))
    op.add_column("sanction", sa.Column("public_reason", sa.String(), nullable=True))
    op.alter_column("sanction", "proposed_by", existing_type=sa.UUID(), nullable=True)
    op.create_index(op.f("ix_sanction_case_id"), "sanction", ["case_id"], unique=False)
    op.create_index(
        "uq_sanction_cause",
        "sanction",
        ["agency_id", "cause"],
        unique=True,
        postgresql_where=sa.text("status IN ('proposed', 'in_force')"),
    )
    op.create_foreign_key(op.f("fk_sanction_licence_id_licence"), "sanction", "licence", ["licence_id"], ["id"])
    op.create_foreign_key(op.f("fk_sanction_case_id_sanction_case"), "sanction", "sanction_case", ["case_id"], ["id"])
    _states((*STATES, "stayed", "reversed", "varied"))
    op.create_check_constraint(
        op.f("ck_sanction_made_by_somebody"), "sanction", "(proposed_by IS NULL) = (cause IS NOT NULL)"
    )
    op.create_check_constraint(
        op.f("ck_blacklisted_person_one_ground"),
        "blacklisted_person",
        "(sanction_id IS NOT NULL AND director_id IS NOT NULL AND bar_id IS NULL)"
        " OR (sanction_id IS NULL AND director_id IS NULL AND bar_id IS NOT NULL)",
    )


def downgrade() -> None:
    """What the older revision has no word for goes: bars of persons, sanctions that the system made."""
    op.execute(
        "DELETE FROM licence_match WHERE listed_person_id IN (SELECT id FROM blacklisted_person WHERE bar_id IS NOT NULL)"
    )
    op.execute("DELETE FROM blacklisted_person WHERE bar_id IS NOT NULL")
    op.execute("DELETE FROM sanction_lifting")
    op.execute("DELETE FROM sanction WHERE proposed_by IS NULL")
    op.execute("UPDATE sanction SET status = 'lifted' WHERE status IN ('stayed', 'reversed', 'varied')")
    op.drop_constraint(op.f("ck_blacklisted_person_one_ground"), "blacklisted_person", type_="check")
    op.drop_constraint(op.f("ck_sanction_made_by_somebody"), "sanction", type_="check")
    _states(STATES)
    op.drop_constraint(op.f("fk_sanction_case_id_sanction_case"), "sanction", type_="foreignkey")
    op.drop_constraint(op.f("fk_sanction_licence_id_licence"), "sanction", type_="foreignkey")
    op.drop_index("uq_sanction_cause", table_name="sanction")
    op.drop_index(op.f("ix_sanction_case_id"), table_name="sanction")
    op.alter_column("sanction", "proposed_by", existing_type=sa.UUID(), nullable=False)
    op.drop_column("sanction", "public_reason")
    op.drop_column("sanction", "show_cause_day")
    op.drop_column("sanction", "licence_id")
    op.drop_column("sanction", "case_id")
    op.drop_column("sanction", "cause")
    op.drop_constraint(op.f("fk_blacklisted_person_bar_id_sanction_bar"), "blacklisted_person", type_="foreignkey")
    op.drop_constraint(op.f("uq_blacklisted_person_bar_id"), "blacklisted_person", type_="unique")
    op.alter_column("blacklisted_person", "director_id", existing_type=sa.UUID(), nullable=False)
    op.alter_column("blacklisted_person", "sanction_id", existing_type=sa.UUID(), nullable=False)
    op.drop_column("blacklisted_person", "bar_id")
    op.drop_index("uq_worker_review_once", table_name="worker_review")
    op.drop_index(op.f("ix_worker_review_status_due_on"), table_name="worker_review")
    op.drop_index(op.f("ix_worker_review_office_id"), table_name="worker_review")
    op.drop_table("worker_review")
    op.drop_index("uq_sanction_lifting_open", table_name="sanction_lifting")
    op.drop_table("sanction_lifting")
    op.drop_index(op.f("ix_sanction_paper_case_id"), table_name="sanction_paper")
    op.drop_table("sanction_paper")
    op.drop_table("sanction_order")
    op.drop_index(op.f("ix_sanction_fine_case_id"), table_name="sanction_fine")
    op.drop_table("sanction_fine")
    op.drop_index(op.f("ix_sanction_bar_subject_kind_subject_id"), table_name="sanction_bar")
    op.drop_index(op.f("ix_sanction_bar_identifier_index"), table_name="sanction_bar")
    op.drop_index(op.f("ix_sanction_bar_case_id"), table_name="sanction_bar")
    op.drop_table("sanction_bar")
    op.drop_index(op.f("ix_sanction_case_subject_kind_subject_id"), table_name="sanction_case")
    op.drop_index(op.f("ix_sanction_case_status_due_on"), table_name="sanction_case")
    op.drop_index(op.f("ix_sanction_case_person_key_id"), table_name="sanction_case")
    op.drop_index(op.f("ix_sanction_case_office_id"), table_name="sanction_case")
    op.drop_index(op.f("ix_sanction_case_identifier_index"), table_name="sanction_case")
    op.drop_index(op.f("ix_sanction_case_birth_index"), table_name="sanction_case")
    op.drop_index(op.f("ix_sanction_case_agency_id"), table_name="sanction_case")
    op.drop_table("sanction_case")
    for table in ("staff_posting", "invitation"):
        op.execute(f"DELETE FROM {table} WHERE role = '{ROLE}'")
    roles.remove(ROLE)
