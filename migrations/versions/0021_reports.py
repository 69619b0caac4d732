"""Reports of recruiters that may be anonymous: random ids, days instead of instants, everything told sealed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import roles
from migrations.grants import grant

revision = "0021_reports"
down_revision = "0020_inspection_assignment"

STATES = ("received", "triage", "accepted", "redirected", "answered", "closing", "closed")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _keyed(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_key_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        _reference(table, "person_key_id", "person_key"),
    ]


def _referral() -> None:
    table = "licensing_referral"
    op.create_table(
        table,
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("status", _enum("referral_status", "sent", "in_hand", "done", "declined"), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("outcome_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        *_keyed(table),
        _reference(table, "office_id", "office"),
        _reference(table, "agency_id", "agency"),
        _reference(table, "taken_by", "user_account"),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{table}_reference")),
    )
    for columns in (["office_id", "status", "created_at"], ["agency_id"], ["person_key_id"]):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)
    grant(table)


def _report() -> None:
    accounts = ("taken_by", "closing_by", "closed_by")
    op.create_table(
        "report",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("status", _enum("report_status", *STATES), nullable=False),
        sa.Column("in_danger", sa.Boolean(), nullable=False),
        sa.Column("share", _enum("share", "nothing", "facts", "words"), nullable=False),
        sa.Column("codename_index", sa.LargeBinary(), nullable=False),
        sa.Column("text_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("name_hashes", postgresql.ARRAY(sa.LargeBinary()), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("facts_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("closing_answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("folded_into_id", sa.Uuid(), nullable=True),
        sa.Column("category", _enum("category", "danger", "forced_labour", "unlicensed", "licensed"), nullable=True),
        sa.Column("indicators", postgresql.JSONB(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        *[sa.Column(a, sa.Uuid(), nullable=True) for a in accounts],
        sa.Column("unread_since", sa.Date(), nullable=True),
        *_keyed("report"),
        *[_reference("report", a, "user_account") for a in accounts],
        _reference("report", "office_id", "office"),
        _reference("report", "folded_into_id", "report"),
        _reference("report", "agency_id", "agency"),
        _reference("report", "referral_id", "licensing_referral"),
        sa.UniqueConstraint("reference", name=op.f("uq_report_reference")),
        sa.UniqueConstraint("codename_index", name=op.f("uq_report_codename_index")),
        sa.CheckConstraint("closed_by IS NULL OR closed_by <> closing_by", name=op.f("ck_report_maker_is_not_checker")),
        sa.CheckConstraint("folded_into_id <> id", name=op.f("ck_report_not_folded_into_itself")),
    )
    op.create_index("ix_report_name_hashes", "report", ["name_hashes"], postgresql_using="gin")
    for columns in (
        ["office_id", "status", "received_on"],
        *[[c] for c in ("text_index", "phone_index", "folded_into_id", "agency_id", "referral_id", "person_key_id")],
    ):
        op.create_index(op.f(f"ix_report_{'_'.join(columns)}"), "report", columns)
    grant("report")


def _parts() -> None:
    op.create_table(
        "report_message",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("speaker", _enum("speaker", "reporter", "answer", "note"), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        *_keyed("report_message"),
        _reference("report_message", "report_id", "report"),
        _reference("report_message", "author_id", "user_account"),
        sa.CheckConstraint(
            "(speaker = 'reporter') = (author_id IS NULL)", name=op.f("ck_report_message_officers_are_named")
        ),
    )
    op.create_table(
        "report_photo",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        *_keyed("report_photo"),
        _reference("report_photo", "report_id", "report"),
    )
    for table in ("report_message", "report_photo"):
        op.create_index(f"uq_{table}_position", table, ["report_id", "position"], unique=True)
        op.create_index(op.f(f"ix_{table}_person_key_id"), table, ["person_key_id"])
        # What was said is not said again otherwise.
        grant(table, "SELECT, INSERT")


def upgrade() -> None:
    roles.add("case_officer", before="auditor")
    _referral()
    _report()
    _parts()


def downgrade() -> None:
    for table in ("report_photo", "report_message", "report", "licensing_referral"):
        op.drop_table(table)
    for table in ("staff_posting", "invitation"):
        op.execute(f"DELETE FROM {table} WHERE role = 'case_officer'")
    roles.remove("case_officer")
