"""Tables of remittance: rates, books, beneficiaries, remittances, bank lines, batches, refunds, provider events."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant, grant_execute

revision = "0006_remittance"
down_revision = "0005_orientation"

# What is never changed once written: the application may read and add.
APPEND_ONLY = ("exchange_rate", "ledger_account", "ledger_transfer", "ledger_entry", "provider_event")
RECORDS = ("beneficiary", "payout_batch", "remittance", "bank_line", "refund")

# One call posts a transfer: the key first, then guarded accounts locked in id order, then every leg in one INSERT.
POST = """
CREATE FUNCTION post_transfer(p_id uuid, p_key text, p_kind text, p_subject uuid, p_legs jsonb) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_print bytea;
    v_known ledger_transfer%ROWTYPE;
BEGIN
    SELECT sha256(convert_to(p_kind || coalesce(p_subject::text, '') || string_agg(
        (leg->>'account') || ' ' || (leg->>'currency') || ' ' || (leg->>'amount'), ';' ORDER BY place), 'UTF8'))
    INTO v_print FROM jsonb_array_elements(p_legs) WITH ORDINALITY AS legs(leg, place);
    INSERT INTO ledger_transfer (id, idempotency_key, kind, subject_id, fingerprint)
    VALUES (p_id, p_key, p_kind, p_subject, v_print) ON CONFLICT (idempotency_key) DO NOTHING;
    IF NOT FOUND THEN
        SELECT * INTO STRICT v_known FROM ledger_transfer WHERE idempotency_key = p_key;
        IF v_known.fingerprint IS DISTINCT FROM v_print THEN
            RAISE EXCEPTION 'ledger key % was used for other legs', p_key USING ERRCODE = '23000';
        END IF;
        RETURN v_known.id;
    END IF;
    PERFORM 1 FROM ledger_account
    WHERE floor_minor IS NOT NULL AND code IN (SELECT leg->>'account' FROM jsonb_array_elements(p_legs) AS legs(leg))
    ORDER BY id FOR UPDATE;
    UPDATE ledger_account a SET balance_minor = a.balance_minor + moved.amount
    FROM (SELECT leg->>'account' AS code, sum((leg->>'amount')::bigint)::bigint AS amount
          FROM jsonb_array_elements(p_legs) AS legs(leg) GROUP BY 1) moved
    WHERE a.code = moved.code AND a.floor_minor IS NOT NULL;
    INSERT INTO ledger_entry (id, transfer_id, account_id, currency, amount_minor)
    SELECT (leg->>'id')::uuid, p_id, a.id, leg->>'currency', (leg->>'amount')::bigint
    FROM jsonb_array_elements(p_legs) AS legs(leg) LEFT JOIN ledger_account a ON a.code = leg->>'account';
    RETURN p_id;
END $$
"""

# Zero in each currency, the account's own currency, two legs at least, and all legs of a transfer in one INSERT.
CHECK_ENTRIES = """
CREATE FUNCTION check_ledger_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh GROUP BY transfer_id, currency HAVING sum(amount_minor) <> 0) THEN
        RAISE EXCEPTION 'entries of a transfer do not sum to zero' USING ERRCODE = '23514';
    END IF;
    IF EXISTS (SELECT FROM fresh JOIN ledger_account a ON a.id = fresh.account_id WHERE a.currency <> fresh.currency) THEN
        RAISE EXCEPTION 'an entry is not in its account''s currency' USING ERRCODE = '23514';
    END IF;
    IF EXISTS (SELECT FROM ledger_entry e JOIN (SELECT transfer_id, count(*) AS many FROM fresh GROUP BY 1) f
               ON f.transfer_id = e.transfer_id GROUP BY e.transfer_id, f.many HAVING count(*) <> f.many) THEN
        RAISE EXCEPTION 'a transfer was posted before: its entries are complete' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$
"""

# Not even the owner changes the books by mistake.
KEEP = """
CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the books are never changed; post a reversing transfer' USING ERRCODE = '23514';
END $$
"""


def upgrade() -> None:
    op.create_table(
        "exchange_rate",
        sa.Column("source_currency", sa.String(), nullable=False),
        sa.Column("target_currency", sa.String(), nullable=False),
        sa.Column("mid_e8", sa.BigInteger(), nullable=False),
        sa.Column("customer_e8", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "customer_e8 > 0 AND customer_e8 <= mid_e8", name=op.f("ck_exchange_rate_customer_not_above_mid")
        ),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("ck_exchange_rate_validity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rate")),
    )
    op.create_index(
        op.f("ix_exchange_rate_source_currency_target_currency_valid_from"),
        "exchange_rate",
        ["source_currency", "target_currency", "valid_from"],
        unique=False,
    )
    op.create_table(
        "ledger_account",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("floor_minor", sa.BigInteger(), nullable=True),
        sa.Column("balance_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "floor_minor IS NOT NULL OR balance_minor = 0", name=op.f("ck_ledger_account_balance_only_with_floor")
        ),
        sa.CheckConstraint("floor_minor IS NULL OR balance_minor >= floor_minor", name=op.f("ck_ledger_account_floor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint("code", name=op.f("uq_ledger_account_code")),
    )
    op.create_table(
        "ledger_transfer",
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transfer")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_ledger_transfer_idempotency_key")),
    )
    op.create_index(op.f("ix_ledger_transfer_created_at"), "ledger_transfer", ["created_at"], unique=False)
    op.create_index(op.f("ix_ledger_transfer_subject_id"), "ledger_transfer", ["subject_id"], unique=False)
    op.create_table(
        "payout_batch",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("execute_on", sa.Date(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_batch")),
        sa.UniqueConstraint("reference", name=op.f("uq_payout_batch_reference")),
    )
    op.create_table(
        "provider_event",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_event")),
    )
    op.create_index("uq_provider_event_identity", "provider_event", ["provider", "event_id"], unique=True)
    op.create_table(
        "ledger_entry",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_ledger_entry_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_account.id"], name=op.f("fk_ledger_entry_account_id_ledger_account")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfer.id"], name=op.f("fk_ledger_entry_transfer_id_ledger_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    op.create_index(op.f("ix_ledger_entry_account_id"), "ledger_entry", ["account_id"], unique=False)
    op.create_index(op.f("ix_ledger_entry_transfer_id"), "ledger_entry", ["transfer_id"], unique=False)
    op.create_table(
        "beneficiary",
        sa.Column("migrant_id", sa.Uuid(), nullable=False),
        sa.Column("full_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("account_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("town_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("bank", sa.String(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["migrant_id"], ["migrant.id"], name=op.f("fk_beneficiary_migrant_id_migrant")),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_beneficiary_person_key_id_person_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beneficiary")),
    )
    op.create_index(op.f("ix_beneficiary_migrant_id"), "beneficiary", ["migrant_id"], unique=False)
    op.create_index(op.f("ix_beneficiary_person_key_id"), "beneficiary", ["person_key_id"], unique=False)
    op.create_table(
        "remittance",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("migrant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "quoted",
                "recipient_checked",
                "authorised",
                "screening_review",
                "screened",
                "funded",
                "held",
                "in_transfer",
                "payout_unknown",
                "paid_out",
                "failed",
                "refunded",
                "disputed",
                "refused",
                "expired",
                "cancelled",
                name="remittance_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column(
            "pay_in",
            sa.Enum("bank", "card", name="pay_in", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("rate_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("service_fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("pay_in_fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("margin_minor", sa.BigInteger(), nullable=False),
        sa.Column("cost_bp", sa.BigInteger(), nullable=False),
        sa.Column("receive_currency", sa.String(), nullable=False),
        sa.Column("receive_minor", sa.BigInteger(), nullable=False),
        sa.Column("arrival_hours", sa.BigInteger(), nullable=False),
        sa.Column("quote_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pay_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=True),
        sa.Column("screening", postgresql.JSONB(), nullable=False),
        sa.Column("pay_reference", sa.String(), nullable=True),
        sa.Column("checkout_id", sa.String(), nullable=True),
        sa.Column("payment_id", sa.String(), nullable=True),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure_code", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount_minor > 0 AND receive_minor > 0", name=op.f("ck_remittance_amounts_positive")),
        sa.CheckConstraint(
            "paid_minor >= 0 AND refunded_minor BETWEEN 0 AND paid_minor",
            name=op.f("ck_remittance_never_refunds_more_than_paid"),
        ),
        sa.CheckConstraint(
            "service_fee_minor >= 0 AND pay_in_fee_minor >= 0 AND margin_minor >= 0",
            name=op.f("ck_remittance_costs_not_negative"),
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["payout_batch.id"], name=op.f("fk_remittance_batch_id_payout_batch")),
        sa.ForeignKeyConstraint(
            ["beneficiary_id"], ["beneficiary.id"], name=op.f("fk_remittance_beneficiary_id_beneficiary")
        ),
        sa.ForeignKeyConstraint(["migrant_id"], ["migrant.id"], name=op.f("fk_remittance_migrant_id_migrant")),
        sa.ForeignKeyConstraint(["rate_id"], ["exchange_rate.id"], name=op.f("fk_remittance_rate_id_exchange_rate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance")),
        sa.UniqueConstraint("checkout_id", name=op.f("uq_remittance_checkout_id")),
        sa.UniqueConstraint("pay_reference", name=op.f("uq_remittance_pay_reference")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_remittance_payment_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_remittance_reference")),
    )
    op.create_index(op.f("ix_remittance_batch_id"), "remittance", ["batch_id"], unique=False)
    op.create_index(
        op.f("ix_remittance_migrant_id_created_at"), "remittance", ["migrant_id", "created_at"], unique=False
    )
    op.create_index(op.f("ix_remittance_status_created_at"), "remittance", ["status", "created_at"], unique=False)
    op.create_table(
        "bank_line",
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "matched",
                "queued",
                "attached",
                name="bank_line_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("entry_key", sa.LargeBinary(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("payer_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("remittance_id", sa.Uuid(), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_bank_line_amount_positive")),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_bank_line_person_key_id_person_key")
        ),
        sa.ForeignKeyConstraint(
            ["remittance_id"], ["remittance.id"], name=op.f("fk_bank_line_remittance_id_remittance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line")),
        sa.UniqueConstraint("entry_key", name=op.f("uq_bank_line_entry_key")),
    )
    op.create_index(op.f("ix_bank_line_person_key_id"), "bank_line", ["person_key_id"], unique=False)
    op.create_index(op.f("ix_bank_line_remittance_id"), "bank_line", ["remittance_id"], unique=False)
    op.create_index(op.f("ix_bank_line_status_created_at"), "bank_line", ["status", "created_at"], unique=False)
    op.create_table(
        "refund",
        sa.Column("remittance_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "approved",
                "rejected",
                "done",
                "failed",
                name="refund_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("provider_refund_id", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_amount_positive")),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> proposed_by", name=op.f("ck_refund_maker_is_not_checker")
        ),
        sa.ForeignKeyConstraint(["approved_by"], ["user_account.id"], name=op.f("fk_refund_approved_by_user_account")),
        sa.ForeignKeyConstraint(["proposed_by"], ["user_account.id"], name=op.f("fk_refund_proposed_by_user_account")),
        sa.ForeignKeyConstraint(["remittance_id"], ["remittance.id"], name=op.f("fk_refund_remittance_id_remittance")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("provider_refund_id", name=op.f("uq_refund_provider_refund_id")),
    )
    op.create_index(op.f("ix_refund_remittance_id"), "refund", ["remittance_id"], unique=False)
    op.create_index(op.f("ix_refund_status_created_at"), "refund", ["status", "created_at"], unique=False)
    op.create_index(
        "uq_refund_open",
        "refund",
        ["remittance_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('proposed', 'approved')"),
    )

    op.execute(POST)
    # Everybody may call a new function unless told otherwise.
    op.execute("REVOKE ALL ON FUNCTION post_transfer(uuid, text, text, uuid, jsonb) FROM PUBLIC")
    grant_execute("post_transfer(uuid, text, text, uuid, jsonb)")
    op.execute(CHECK_ENTRIES)
    op.execute(
        "CREATE TRIGGER ledger_entry_check AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS fresh"
        " FOR EACH STATEMENT EXECUTE FUNCTION check_ledger_entries()"
    )
    op.execute(KEEP)
    for table in ("ledger_transfer", "ledger_entry"):
        op.execute(
            f"CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()"
        )
    for table in APPEND_ONLY:
        grant(table, "SELECT, INSERT")
    for table in RECORDS:
        grant(table)


def downgrade() -> None:
    for table in (
        "refund", "bank_line", "provider_event", "remittance", "payout_batch", "beneficiary", "ledger_entry",
        "ledger_transfer", "ledger_account", "exchange_rate",
    ):  # fmt: skip
        op.drop_table(table)
    op.execute("DROP FUNCTION post_transfer(uuid, text, text, uuid, jsonb)")
    op.execute("DROP FUNCTION check_ledger_entries()")
    op.execute("DROP FUNCTION refuse_ledger_change()")
