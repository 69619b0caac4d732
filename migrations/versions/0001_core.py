"""Core: accounts, offices, sealed audit log, files, messages, codes, job queue."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

from migrations.grants import app_role, grant

revision = "0001_core"
down_revision = None


class Xid8(UserDefinedType[int]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


# The application may only read and add: an edit or a deletion needs another role, and shows in `portal audit verify`.
APPEND_ONLY = ("audit_event", "audit_seal")
RECORDS = (
    "office", "person_key", "user_account", "account_session", "staff_posting", "absence", "membership", "invitation",
    "oidc_link", "stored_file", "outgoing_message", "one_time_code",
)  # fmt: skip


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("actor_account_id", sa.Uuid(), nullable=True),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("from_status", sa.String(), nullable=True),
        sa.Column("to_status", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index(op.f("ix_audit_event_actor_account_id_at"), "audit_event", ["actor_account_id", "at"], unique=False)
    op.create_index(
        op.f("ix_audit_event_subject_kind_subject_id_at"),
        "audit_event",
        ["subject_kind", "subject_id", "at"],
        unique=False,
    )
    op.create_index(op.f("ix_audit_event_xid"), "audit_event", ["xid"], unique=False)
    op.create_table(
        "audit_seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_xid", sa.BigInteger(), nullable=False),
        sa.Column("to_xid", sa.BigInteger(), nullable=False),
        sa.Column("leaves", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("oldest_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seal")),
    )
    op.create_table(
        "office",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ministry",
                "department",
                "province",
                "district",
                "mission",
                name="office_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("destinations", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["office.id"], name=op.f("fk_office_parent_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
        sa.UniqueConstraint("code", name=op.f("uq_office_code")),
    )
    op.create_table(
        "person_key",
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_key")),
    )
    op.create_table(
        "throttle_count",
        sa.Column("bucket", sa.String(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("window", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "key_hash", "window", name=op.f("pk_throttle_count")),
    )
    op.create_table(
        "user_account",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("display_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("totp_required", sa.Boolean(), nullable=False),
        sa.Column("totp_confirmed", sa.Boolean(), nullable=False),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("recovery_hashes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("phone_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_user_account_person_key_id_person_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("reference", name=op.f("uq_user_account_reference")),
    )
    op.create_index(op.f("ix_user_account_person_key_id"), "user_account", ["person_key_id"], unique=False)
    op.create_index(op.f("ix_user_account_phone_index"), "user_account", ["phone_index"], unique=False)
    op.create_index(
        "uq_user_account_email_index",
        "user_account",
        ["email_index"],
        unique=True,
        postgresql_where=sa.text("email_index IS NOT NULL"),
    )
    op.create_table(
        "absence",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("handed_to", sa.Uuid(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("handed_to IS NULL OR handed_to <> account_id", name=op.f("ck_absence_not_self")),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_absence_days")),
        sa.ForeignKeyConstraint(["account_id"], ["user_account.id"], name=op.f("fk_absence_account_id_user_account")),
        sa.ForeignKeyConstraint(["handed_to"], ["user_account.id"], name=op.f("fk_absence_handed_to_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_account_id"), "absence", ["account_id"], unique=False)
    op.create_table(
        "account_session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(), nullable=True),
        sa.Column("pending_totp", sa.Boolean(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["user_account.id"], name=op.f("fk_account_session_account_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_session_token_hash")),
    )
    op.create_index(op.f("ix_account_session_account_id"), "account_session", ["account_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column(
            "kind",
            sa.Enum(
                "migrant",
                "agency",
                "employer",
                "centre",
                "ngo",
                name="subject_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "licensing_officer",
                "licensing_approver",
                "finance_officer",
                "identity_officer",
                "identity_approver",
                "child_protection_officer",
                "mission_officer",
                "labour_officer",
                "clearance_officer",
                "clearance_approver",
                "airport_officer",
                "remittance_officer",
                "remittance_approver",
                "centre_inspector",
                "auditor",
                "staff_admin",
                name="staff_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("office_id", sa.Uuid(), nullable=True),
        sa.Column("rights", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["user_account.id"], name=op.f("fk_invitation_invited_by_user_account")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_invitation_office_id_office")),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_invitation_person_key_id_person_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index(op.f("ix_invitation_person_key_id"), "invitation", ["person_key_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "migrant",
                "agency",
                "employer",
                "centre",
                "ngo",
                name="subject_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("is_owner", sa.Boolean(), nullable=False),
        sa.Column("rights", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["user_account.id"], name=op.f("fk_membership_account_id_user_account")
        ),
        sa.ForeignKeyConstraint(["added_by"], ["user_account.id"], name=op.f("fk_membership_added_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_kind_subject_id"), "membership", ["kind", "subject_id"], unique=False)
    op.create_index(
        "uq_membership_open",
        "membership",
        ["account_id", "kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "oidc_link",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["user_account.id"], name=op.f("fk_oidc_link_account_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oidc_link")),
    )
    op.create_index(op.f("ix_oidc_link_account_id"), "oidc_link", ["account_id"], unique=False)
    op.create_index("uq_oidc_link_identity", "oidc_link", ["issuer", "subject"], unique=True)
    op.create_table(
        "one_time_code",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["user_account.id"], name=op.f("fk_one_time_code_account_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
    )
    op.create_index(
        op.f("ix_one_time_code_account_id_purpose"), "one_time_code", ["account_id", "purpose"], unique=False
    )
    op.create_table(
        "outgoing_message",
        sa.Column(
            "channel",
            sa.Enum("email", "sms", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("subject_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["user_account.id"], name=op.f("fk_outgoing_message_account_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_outgoing_message_person_key_id_person_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_message")),
    )
    op.create_index(op.f("ix_outgoing_message_account_id"), "outgoing_message", ["account_id"], unique=False)
    op.create_index(op.f("ix_outgoing_message_person_key_id"), "outgoing_message", ["person_key_id"], unique=False)
    op.create_table(
        "staff_posting",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "licensing_officer",
                "licensing_approver",
                "finance_officer",
                "identity_officer",
                "identity_approver",
                "child_protection_officer",
                "mission_officer",
                "labour_officer",
                "clearance_officer",
                "clearance_approver",
                "airport_officer",
                "remittance_officer",
                "remittance_approver",
                "centre_inspector",
                "auditor",
                "staff_admin",
                name="staff_role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("posted_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["user_account.id"], name=op.f("fk_staff_posting_account_id_user_account")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_staff_posting_office_id_office")),
        sa.ForeignKeyConstraint(
            ["posted_by"], ["user_account.id"], name=op.f("fk_staff_posting_posted_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_posting")),
    )
    op.create_index(op.f("ix_staff_posting_office_id"), "staff_posting", ["office_id"], unique=False)
    op.create_index(
        "uq_staff_posting_open",
        "staff_posting",
        ["account_id", "role", "office_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "stored_file",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("person_key_id", sa.Uuid(), nullable=True),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_key.id"], name=op.f("fk_stored_file_person_key_id_person_key")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["user_account.id"], name=op.f("fk_stored_file_uploaded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
    )
    op.create_index(op.f("ix_stored_file_sha256"), "stored_file", ["sha256"], unique=False)
    for table in APPEND_ONLY:
        grant(table, "SELECT, INSERT")
    for table in RECORDS:
        grant(table)
    grant("throttle_count", "SELECT, INSERT, UPDATE, DELETE")
    _job_queue()


def _job_queue() -> None:
    """procrastinate's own tables, types and functions, from the file that its wheel ships."""
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    with connection.cursor() as cursor:
        cursor.execute(SchemaManager.get_schema())
    role = app_role()
    if role is not None:
        for table in ("jobs", "events", "periodic_defers", "workers"):
            op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_{table} TO "{role}"')
        op.execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
        op.execute(f'GRANT SELECT ON alembic_version TO "{role}"')


def downgrade() -> None:
    _drop_job_queue()
    op.drop_index(op.f("ix_stored_file_sha256"), table_name="stored_file")
    op.drop_table("stored_file")
    op.drop_index("uq_staff_posting_open", table_name="staff_posting", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index(op.f("ix_staff_posting_office_id"), table_name="staff_posting")
    op.drop_table("staff_posting")
    op.drop_index(op.f("ix_outgoing_message_person_key_id"), table_name="outgoing_message")
    op.drop_index(op.f("ix_outgoing_message_account_id"), table_name="outgoing_message")
    op.drop_table("outgoing_message")
    op.drop_index(op.f("ix_one_time_code_account_id_purpose"), table_name="one_time_code")
    op.drop_table("one_time_code")
    op.drop_index("uq_oidc_link_identity", table_name="oidc_link")
    op.drop_index(op.f("ix_oidc_link_account_id"), table_name="oidc_link")
    op.drop_table("oidc_link")
    op.drop_index("uq_membership_open", table_name="membership", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index(op.f("ix_membership_kind_subject_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_index(op.f("ix_invitation_person_key_id"), table_name="invitation")
    op.drop_table("invitation")
    op.drop_index(op.f("ix_account_session_account_id"), table_name="account_session")
    op.drop_table("account_session")
    op.drop_index(op.f("ix_absence_account_id"), table_name="absence")
    op.drop_table("absence")
    op.drop_index(
        "uq_user_account_email_index", table_name="user_account", postgresql_where=sa.text("email_index IS NOT NULL")
    )
    op.drop_index(op.f("ix_user_account_phone_index"), table_name="user_account")
    op.drop_index(op.f("ix_user_account_person_key_id"), table_name="user_account")
    op.drop_table("user_account")
    op.drop_table("throttle_count")
    op.drop_table("person_key")
    op.drop_table("office")
    op.drop_table("audit_seal")
    op.drop_index(op.f("ix_audit_event_xid"), table_name="audit_event")
    op.drop_index(op.f("ix_audit_event_subject_kind_subject_id_at"), table_name="audit_event")
    op.drop_index(op.f("ix_audit_event_actor_account_id_at"), table_name="audit_event")
    op.drop_table("audit_event")


def _drop_job_queue() -> None:
    op.execute(
        "DROP TABLE IF EXISTS procrastinate_periodic_defers, procrastinate_events, procrastinate_jobs,"
        " procrastinate_workers CASCADE"
    )
    op.execute(
        "DO $$ DECLARE f record; BEGIN FOR f IN SELECT oid::regprocedure AS name FROM pg_proc"
        " WHERE proname LIKE 'procrastinate\\_%' LOOP"
        " EXECUTE 'DROP FUNCTION ' || f.name || ' CASCADE'; END LOOP; END $$"
    )
    for kind in ("procrastinate_job_to_defer_v1", "procrastinate_job_status", "procrastinate_job_event_type"):
        op.execute(f"DROP TYPE IF EXISTS {kind} CASCADE")
