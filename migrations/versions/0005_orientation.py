"""Orientation centres, sessions, seats, attendance, certificates; departure clearances and their papers."""

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0005_orientation"
down_revision = "0004_contracts"


def upgrade() -> None:
    op.create_table(
        "orientation_centre",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_orientation_centre_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orientation_centre")),
        sa.UniqueConstraint("reference", name=op.f("uq_orientation_centre_reference")),
    )
    op.create_index(op.f("ix_orientation_centre_office_id"), "orientation_centre", ["office_id"], unique=False)
    op.create_table(
        "orientation_session",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "open",
                "closed",
                "cancelled",
                name="session_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("trainer", sa.String(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("booked", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("booked >= 0 AND booked <= capacity", name=op.f("ck_orientation_session_seats")),
        sa.CheckConstraint("capacity BETWEEN 1 AND 500", name=op.f("ck_orientation_session_capacity")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_orientation_session_times")),
        sa.ForeignKeyConstraint(
            ["centre_id"], ["orientation_centre.id"], name=op.f("fk_orientation_session_centre_id_orientation_centre")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orientation_session")),
        sa.UniqueConstraint("reference", name=op.f("uq_orientation_session_reference")),
    )
    op.create_index(op.f("ix_orientation_session_centre_id"), "orientation_session", ["centre_id"], unique=False)
    op.create_index(
        op.f("ix_orientation_session_status_starts_at"), "orientation_session", ["status", "starts_at"], unique=False
    )
    op.create_table(
        "orientation_seat",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("migrant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "booked",
                "checked_in",
                "present",
                "certified",
                "cancelled",
                "absent",
                "revoked",
                name="seat_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["migrant_id"], ["migrant.id"], name=op.f("fk_orientation_seat_migrant_id_migrant")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["orientation_session.id"], name=op.f("fk_orientation_seat_session_id_orientation_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orientation_seat")),
    )
    op.create_index(op.f("ix_orientation_seat_migrant_id"), "orientation_seat", ["migrant_id"], unique=False)
    op.create_index(op.f("ix_orientation_seat_session_id"), "orientation_seat", ["session_id"], unique=False)
    op.create_index(
        "uq_orientation_seat_active",
        "orientation_seat",
        ["migrant_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('booked', 'checked_in', 'present')"),
    )
    op.create_index("uq_orientation_seat_code", "orientation_seat", ["session_id", "code_index"], unique=True)
    op.create_table(
        "attendance_event",
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column(
            "direction",
            sa.Enum("in", "out", name="direction", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("rushed", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_attendance_event_recorded_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["orientation_seat.id"], name=op.f("fk_attendance_event_seat_id_orientation_seat")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_event")),
    )
    op.create_index(
        op.f("ix_attendance_event_recorded_by_created_at"),
        "attendance_event",
        ["recorded_by", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_attendance_event_seat_id_created_at"), "attendance_event", ["seat_id", "created_at"], unique=False
    )
    op.create_table(
        "orientation_certificate",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("migrant_id", sa.Uuid(), nullable=False),
        sa.Column("seat_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_orientation_certificate_minutes")),
        sa.ForeignKeyConstraint(
            ["migrant_id"], ["migrant.id"], name=op.f("fk_orientation_certificate_migrant_id_migrant")
        ),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["orientation_seat.id"], name=op.f("fk_orientation_certificate_seat_id_orientation_seat")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orientation_certificate")),
        sa.UniqueConstraint("reference", name=op.f("uq_orientation_certificate_reference")),
        sa.UniqueConstraint("seat_id", name=op.f("uq_orientation_certificate_seat_id")),
    )
    op.create_index(
        op.f("ix_orientation_certificate_migrant_id"), "orientation_certificate", ["migrant_id"], unique=False
    )
    op.create_table(
        "departure_clearance",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "collecting",
                "applied",
                "under_review",
                "queried",
                "granted",
                "departed",
                "refused",
                "appealed",
                "expired",
                "revoked",
                name="clearance_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("migrant_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("job_order_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("flight_on", sa.Date(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("departed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status NOT IN ('granted', 'departed') OR (granted_by IS NOT NULL AND valid_until IS NOT NULL)",
            name=op.f("ck_departure_clearance_granted"),
        ),
        sa.CheckConstraint(
            "granted_by IS NULL OR granted_by <> reviewed_by", name=op.f("ck_departure_clearance_two_officers")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["employment_contract.id"],
            name=op.f("fk_departure_clearance_contract_id_employment_contract"),
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["user_account.id"], name=op.f("fk_departure_clearance_granted_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["job_order_id"], ["job_order.id"], name=op.f("fk_departure_clearance_job_order_id_job_order")
        ),
        sa.ForeignKeyConstraint(["migrant_id"], ["migrant.id"], name=op.f("fk_departure_clearance_migrant_id_migrant")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_departure_clearance_office_id_office")),
        sa.ForeignKeyConstraint(
            ["reviewed_by"], ["user_account.id"], name=op.f("fk_departure_clearance_reviewed_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departure_clearance")),
        sa.UniqueConstraint("reference", name=op.f("uq_departure_clearance_reference")),
    )
    op.create_index(op.f("ix_departure_clearance_contract_id"), "departure_clearance", ["contract_id"], unique=False)
    op.create_index(op.f("ix_departure_clearance_migrant_id"), "departure_clearance", ["migrant_id"], unique=False)
    op.create_index(op.f("ix_departure_clearance_office_id"), "departure_clearance", ["office_id"], unique=False)
    op.create_index(
        op.f("ix_departure_clearance_status_flight_on"), "departure_clearance", ["status", "flight_on"], unique=False
    )
    op.create_index(
        "uq_departure_clearance_open",
        "departure_clearance",
        ["migrant_id"],
        unique=True,
        postgresql_where=sa.text("status NOT IN ('departed', 'expired', 'revoked')"),
    )
    op.create_table(
        "clearance_paper",
        sa.Column("clearance_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["user_account.id"], name=op.f("fk_clearance_paper_checked_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["clearance_id"],
            ["departure_clearance.id"],
            name=op.f("fk_clearance_paper_clearance_id_departure_clearance"),
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_clearance_paper_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearance_paper")),
    )
    op.create_index("uq_clearance_paper_code", "clearance_paper", ["clearance_id", "code"], unique=True)
    for table in (
        "orientation_centre",
        "orientation_session",
        "orientation_seat",
        "attendance_event",
        "orientation_certificate",
        "departure_clearance",
        "clearance_paper",
    ):
        grant(table)


def downgrade() -> None:
    op.drop_index("uq_clearance_paper_code", table_name="clearance_paper")
    op.drop_table("clearance_paper")
    op.drop_index(
        "uq_departure_clearance_open",
        table_name="departure_clearance",
        postgresql_where=sa.text("status NOT IN ('departed', 'expired', 'revoked')"),
    )
    op.drop_index(op.f("ix_departure_clearance_status_flight_on"), table_name="departure_clearance")
    op.drop_index(op.f("ix_departure_clearance_office_id"), table_name="departure_clearance")
    op.drop_index(op.f("ix_departure_clearance_migrant_id"), table_name="departure_clearance")
    op.drop_index(op.f("ix_departure_clearance_contract_id"), table_name="departure_clearance")
    op.drop_table("departure_clearance")
    op.drop_index(op.f("ix_orientation_certificate_migrant_id"), table_name="orientation_certificate")
    op.drop_table("orientation_certificate")
    op.drop_index(op.f("ix_attendance_event_seat_id_created_at"), table_name="attendance_event")
    op.drop_index(op.f("ix_attendance_event_recorded_by_created_at"), table_name="attendance_event")
    op.drop_table("attendance_event")
    op.drop_index("uq_orientation_seat_code", table_name="orientation_seat")
    op.drop_index(
        "uq_orientation_seat_active",
        table_name="orientation_seat",
        postgresql_where=sa.text("status IN ('booked', 'checked_in', 'present')"),
    )
    op.drop_index(op.f("ix_orientation_seat_session_id"), table_name="orientation_seat")
    op.drop_index(op.f("ix_orientation_seat_migrant_id"), table_name="orientation_seat")
    op.drop_table("orientation_seat")
    op.drop_index(op.f("ix_orientation_session_status_starts_at"), table_name="orientation_session")
    op.drop_index(op.f("ix_orientation_session_centre_id"), table_name="orientation_session")
    op.drop_table("orientation_session")
    op.drop_index(op.f("ix_orientation_centre_office_id"), table_name="orientation_centre")
    op.drop_table("orientation_centre")
