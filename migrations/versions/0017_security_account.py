"""The security of an agency as an account: bank papers with their own states, entries that are never changed, claims, demands.

Papers recorded before get their agency's account. They stand as recorded, not as confirmed: no bank was asked, and the
ledger says nothing that nobody checked. Finance officers find them in the queue of papers to be confirmed.
"""

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0017_security_account"
down_revision = "0016_sanction_procedure"

APPEND_ONLY = ("security_account", "security_entry", "security_alarm")
RECORDS = ("security_claim", "security_demand", "security_verification", "security_proposal")
PAPER_STATES = (
    "lodged", "returned", "recorded", "verification_asked", "verified", "not_confirmed", "expiring", "expired",
    "replaced", "drawn", "released",
)  # fmt: skip

# The account's lock first, then the sum: two entries at once are counted one after the other.
CHECK_ENTRY = """
CREATE FUNCTION check_security_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_paper licence_security%ROWTYPE;
    v_before security_entry%ROWTYPE;
    v_left bigint;
BEGIN
    PERFORM 1 FROM security_account WHERE id = NEW.account_id FOR NO KEY UPDATE;
    SELECT * INTO STRICT v_paper FROM licence_security WHERE id = NEW.instrument_id;
    IF v_paper.account_id <> NEW.account_id OR v_paper.kind <> NEW.measure THEN
        RAISE EXCEPTION 'an entry does not fit its paper' USING ERRCODE = '23514', CONSTRAINT = 'security_entry_paper';
    END IF;
    IF NEW.amount_minor > 0 AND NEW.kind <> 'correction' AND v_paper.verified_by IS NULL THEN
        RAISE EXCEPTION 'no bank has confirmed this paper' USING ERRCODE = '23514', CONSTRAINT = 'security_entry_unverified';
    END IF;
    IF NEW.reverses_id IS NOT NULL THEN
        SELECT * INTO STRICT v_before FROM security_entry WHERE id = NEW.reverses_id;
        IF v_before.instrument_id <> NEW.instrument_id OR v_before.amount_minor <> -NEW.amount_minor
            OR v_before.claim_id IS DISTINCT FROM NEW.claim_id OR v_before.demand_id IS DISTINCT FROM NEW.demand_id THEN
            RAISE EXCEPTION 'a correction is the exact opposite of its entry'
                USING ERRCODE = '23514', CONSTRAINT = 'security_entry_opposite';
        END IF;
    END IF;
    SELECT coalesce(sum(amount_minor), 0) INTO v_left FROM security_entry WHERE instrument_id = NEW.instrument_id;
    IF v_left + NEW.amount_minor < 0 THEN
        RAISE EXCEPTION 'security_not_negative: % and % leave less than nothing', v_left, NEW.amount_minor
            USING ERRCODE = '23514', CONSTRAINT = 'security_not_negative';
    END IF;
    RETURN NEW;
END $$
"""

# Not even the owner changes the ledger by mistake.
KEEP_ENTRY = """
CREATE FUNCTION refuse_security_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries are never changed; add a correction' USING ERRCODE = '23514';
END $$
"""


def upgrade() -> None:
    _tables()
    _papers()
    op.execute(CHECK_ENTRY)
    op.execute(KEEP_ENTRY)
    op.execute(
        "CREATE TRIGGER check_security_entry BEFORE INSERT ON security_entry"
        " FOR EACH ROW EXECUTE FUNCTION check_security_entry()"
    )
    op.execute(
        "CREATE TRIGGER keep_security_entry BEFORE UPDATE OR DELETE ON security_entry"
        " FOR EACH ROW EXECUTE FUNCTION refuse_security_change()"
    )
    for table in APPEND_ONLY:
        grant(table, "SELECT, INSERT")
    for table in RECORDS:
        grant(table)


def _papers() -> None:
    table = "licence_security"
    op.execute(
        "INSERT INTO security_account (id, agency_id, currency)"
        " SELECT gen_random_uuid(), a.agency_id, min(s.currency) FROM licence_security s"
        " JOIN licence_application a ON a.id = s.application_id GROUP BY a.agency_id"
    )
    op.add_column(table, sa.Column("account_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE licence_security s SET account_id = c.id FROM licence_application a"
        " JOIN security_account c ON c.agency_id = a.agency_id WHERE a.id = s.application_id"
    )
    op.alter_column(table, "account_id", nullable=False)
    op.add_column(table, sa.Column("status", sa.String(40), server_default="recorded", nullable=False))
    op.alter_column(table, "status", server_default=None)
    op.add_column(table, sa.Column("replaces_id", sa.Uuid(), nullable=True))
    op.add_column(table, sa.Column("extends", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column(table, sa.Column("lodged_by", sa.Uuid(), nullable=True))
    op.add_column(table, sa.Column("verified_by", sa.Uuid(), nullable=True))
    op.add_column(table, sa.Column("returned_why", sa.String(), nullable=True))
    op.alter_column(table, "application_id", existing_type=sa.Uuid(), nullable=True)
    op.alter_column(table, "recorded_by", existing_type=sa.Uuid(), nullable=True)
    words = ", ".join(repr(s) for s in PAPER_STATES)
    for name, rule in (
        ("instrument_status", f"status IN ({words})"),
        ("maker_is_not_checker", "verified_by IS NULL OR verified_by <> recorded_by"),
        ("recorded", "status IN ('lodged', 'returned', 'expired') OR recorded_by IS NOT NULL"),
        ("not_itself", "replaces_id IS NULL OR replaces_id <> id"),
    ):
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    op.drop_constraint(op.f("uq_licence_security_document_index"), table, type_="unique")
    op.create_index(
        "uq_licence_security_paper",
        table,
        ["document_index"],
        unique=True,
        postgresql_where=sa.text("status <> 'returned'"),
    )
    op.create_index(op.f("ix_licence_security_account_id"), table, ["account_id"], unique=False)
    op.create_index(
        op.f("ix_licence_security_status_guarantee_until"), table, ["status", "guarantee_until"], unique=False
    )
    for column, target in (
        ("account_id", "security_account"),
        ("lodged_by", "user_account"),
        ("verified_by", "user_account"),
        ("replaces_id", "licence_security"),
    ):
        op.create_foreign_key(op.f(f"fk_{table}_{column}_{target}"), table, target, [column], ["id"])


def downgrade() -> None:
    op.drop_table("security_proposal")
    op.drop_table("security_entry")
    op.drop_table("security_alarm")
    op.drop_table("security_demand")
    op.drop_table("security_verification")
    op.drop_table("security_claim")
    op.execute("DROP FUNCTION check_security_entry()")
    op.execute("DROP FUNCTION refuse_security_change()")
    table = "licence_security"
    op.drop_index("uq_licence_security_paper", table)
    op.drop_index(op.f("ix_licence_security_status_guarantee_until"), table)
    op.drop_index(op.f("ix_licence_security_account_id"), table)
    for name in ("instrument_status", "maker_is_not_checker", "recorded", "not_itself"):
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    for column in ("replaces_id", "account_id", "status", "extends", "lodged_by", "verified_by", "returned_why"):
        op.drop_column(table, column)
    # What only the account could hold has no place in the tables of before.
    op.execute("DELETE FROM licence_security WHERE application_id IS NULL OR recorded_by IS NULL")
    op.alter_column(table, "application_id", existing_type=sa.Uuid(), nullable=False)
    op.alter_column(table, "recorded_by", existing_type=sa.Uuid(), nullable=False)
    op.create_unique_constraint(op.f("uq_licence_security_document_index"), table, ["document_index"])
    op.drop_table("security_account")


def _tables() -> None:
    op.create_table(
        "security_account",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_security_account_agency_id_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_account")),
        sa.UniqueConstraint("agency_id", name=op.f("uq_security_account_agency_id")),
    )
    op.create_table(
        "security_claim",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "filed",
                "rejected",
                "granted",
                "part_paid",
                "paid",
                name="claim_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("award", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("beneficiaries", sa.BigInteger(), nullable=False),
        sa.Column("payees_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("filed_by", sa.Uuid(), nullable=False),
        sa.Column("granted_minor", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('filed', 'rejected') OR granted_minor IS NOT NULL",
            name=op.f("ck_security_claim_granted_has_amount"),
        ),
        sa.CheckConstraint("amount_minor > 0 AND beneficiaries > 0", name=op.f("ck_security_claim_amounts")),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> filed_by", name=op.f("ck_security_claim_maker_is_not_checker")
        ),
        sa.CheckConstraint(
            "granted_minor IS NULL OR granted_minor BETWEEN 1 AND amount_minor", name=op.f("ck_security_claim_granted")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["security_account.id"], name=op.f("fk_security_claim_account_id_security_account")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_security_claim_decided_by_user_account")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_security_claim_file_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["filed_by"], ["user_account.id"], name=op.f("fk_security_claim_filed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_security_claim_person_key_id_person_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_claim")),
        sa.UniqueConstraint("reference", name=op.f("uq_security_claim_reference")),
    )
    op.create_index(op.f("ix_security_claim_account_id"), "security_claim", ["account_id"], unique=False)
    op.create_index(op.f("ix_security_claim_person_key_id"), "security_claim", ["person_key_id"], unique=False)
    op.create_index(
        op.f("ix_security_claim_status_decided_at"), "security_claim", ["status", "decided_at"], unique=False
    )
    op.create_index(
        "uq_security_claim_award",
        "security_claim",
        ["account_id", "award"],
        unique=True,
        postgresql_where=sa.text("status <> 'rejected'"),
    )
    op.create_table(
        "security_demand",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "overdue",
                "met",
                "withdrawn",
                name="demand_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "cause",
            sa.Enum("draw", "expiry", name="demand_cause", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("instrument_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("show_cause_by", sa.Date(), nullable=True),
        sa.Column("sanction_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_security_demand_amount_positive")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["security_account.id"], name=op.f("fk_security_demand_account_id_security_account")
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["security_claim.id"], name=op.f("fk_security_demand_claim_id_security_claim")
        ),
        sa.ForeignKeyConstraint(
            ["instrument_id"], ["licence_security.id"], name=op.f("fk_security_demand_instrument_id_licence_security")
        ),
        sa.ForeignKeyConstraint(["sanction_id"], ["sanction.id"], name=op.f("fk_security_demand_sanction_id_sanction")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_demand")),
        sa.UniqueConstraint("reference", name=op.f("uq_security_demand_reference")),
    )
    op.create_index(op.f("ix_security_demand_account_id"), "security_demand", ["account_id"], unique=False)
    op.create_index(op.f("ix_security_demand_status_due_on"), "security_demand", ["status", "due_on"], unique=False)
    op.create_table(
        "security_verification",
        sa.Column("instrument_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=True),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("ck_security_verification_answer_is_whole")
        ),
        sa.CheckConstraint(
            "answered_at IS NULL OR (confirmed IS NOT NULL AND answer_id IS NOT NULL)",
            name=op.f("ck_security_verification_answer_has_paper"),
        ),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["stored_file.id"], name=op.f("fk_security_verification_answer_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["user_account.id"], name=op.f("fk_security_verification_answered_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user_account.id"], name=op.f("fk_security_verification_asked_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["instrument_id"],
            ["licence_security.id"],
            name=op.f("fk_security_verification_instrument_id_licence_security"),
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["stored_file.id"], name=op.f("fk_security_verification_letter_id_stored_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_verification")),
        sa.UniqueConstraint("reference", name=op.f("uq_security_verification_reference")),
    )
    op.create_index(
        "uq_security_verification_open",
        "security_verification",
        ["instrument_id"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "security_alarm",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("instrument_id", sa.Uuid(), nullable=True),
        sa.Column("demand_id", sa.Uuid(), nullable=True),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(instrument_id IS NULL) <> (demand_id IS NULL)", name=op.f("ck_security_alarm_one_subject")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["security_account.id"], name=op.f("fk_security_alarm_account_id_security_account")
        ),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["security_demand.id"], name=op.f("fk_security_alarm_demand_id_security_demand")
        ),
        sa.ForeignKeyConstraint(
            ["instrument_id"], ["licence_security.id"], name=op.f("fk_security_alarm_instrument_id_licence_security")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_alarm")),
    )
    op.create_index(op.f("ix_security_alarm_account_id"), "security_alarm", ["account_id"], unique=False)
    op.create_index(
        "uq_security_alarm_demand",
        "security_alarm",
        ["demand_id", "days"],
        unique=True,
        postgresql_where=sa.text("demand_id IS NOT NULL"),
    )
    op.create_index(
        "uq_security_alarm_instrument",
        "security_alarm",
        ["instrument_id", "days"],
        unique=True,
        postgresql_where=sa.text("instrument_id IS NOT NULL"),
    )
    op.create_table(
        "security_entry",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("instrument_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "deposit",
                "guarantee_lodged",
                "top_up",
                "guarantee_extended",
                "guarantee_replaced",
                "guarantee_expired",
                "draw",
                "release",
                "forfeiture",
                "correction",
                name="entry_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "measure",
            sa.Enum("cash", "guarantee", name="security_kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("demand_id", sa.Uuid(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(kind <> 'draw') OR claim_id IS NOT NULL", name=op.f("ck_security_entry_draw_names_claim")),
        sa.CheckConstraint(
            "(kind <> 'top_up') OR demand_id IS NOT NULL", name=op.f("ck_security_entry_top_up_names_demand")
        ),
        sa.CheckConstraint(
            "(kind = 'correction') = (reverses_id IS NOT NULL)", name=op.f("ck_security_entry_correction_names_entry")
        ),
        sa.CheckConstraint(
            "CASE WHEN kind IN ('deposit', 'guarantee_lodged', 'top_up') THEN amount_minor > 0"
            " WHEN kind = 'correction' THEN amount_minor <> 0 ELSE amount_minor < 0 END",
            name=op.f("ck_security_entry_sign"),
        ),
        sa.CheckConstraint(
            "kind = 'guarantee_expired' OR (made_by IS NOT NULL AND checked_by IS NOT NULL AND made_by <> checked_by)",
            name=op.f("ck_security_entry_two_officers"),
        ),
        sa.CheckConstraint("measure = 'cash' OR kind <> 'deposit'", name=op.f("ck_security_entry_guarantee_kinds")),
        sa.CheckConstraint(
            "measure = 'guarantee' OR kind NOT IN ('guarantee_lodged', 'guarantee_extended', 'guarantee_replaced', 'guarantee_expired')",
            name=op.f("ck_security_entry_cash_kinds"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["security_account.id"], name=op.f("fk_security_entry_account_id_security_account")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["user_account.id"], name=op.f("fk_security_entry_checked_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["security_claim.id"], name=op.f("fk_security_entry_claim_id_security_claim")
        ),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["security_demand.id"], name=op.f("fk_security_entry_demand_id_security_demand")
        ),
        sa.ForeignKeyConstraint(
            ["instrument_id"], ["licence_security.id"], name=op.f("fk_security_entry_instrument_id_licence_security")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_security_entry_made_by_user_account")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["security_entry.id"], name=op.f("fk_security_entry_reverses_id_security_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_entry")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_security_entry_reverses_id")),
    )
    op.create_index(
        op.f("ix_security_entry_account_id_created_at"), "security_entry", ["account_id", "created_at"], unique=False
    )
    op.create_index(op.f("ix_security_entry_claim_id"), "security_entry", ["claim_id"], unique=False)
    op.create_index(op.f("ix_security_entry_demand_id"), "security_entry", ["demand_id"], unique=False)
    op.create_index(op.f("ix_security_entry_instrument_id"), "security_entry", ["instrument_id"], unique=False)
    op.create_table(
        "security_proposal",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "release",
                "forfeiture",
                "correction",
                name="proposal_kind",
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
                "done",
                "rejected",
                name="proposal_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(kind = 'correction') = (entry_id IS NOT NULL)", name=op.f("ck_security_proposal_correction_names_entry")
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_security_proposal_maker_is_not_checker")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["security_account.id"], name=op.f("fk_security_proposal_account_id_security_account")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_security_proposal_decided_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["security_entry.id"], name=op.f("fk_security_proposal_entry_id_security_entry")
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["stored_file.id"], name=op.f("fk_security_proposal_letter_id_stored_file")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user_account.id"], name=op.f("fk_security_proposal_proposed_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_proposal")),
    )
    op.create_index(op.f("ix_security_proposal_account_id"), "security_proposal", ["account_id"], unique=False)
    op.create_index(
        "uq_security_proposal_open",
        "security_proposal",
        ["account_id"],
        unique=True,
        postgresql_where=sa.text("status = 'proposed'"),
    )
