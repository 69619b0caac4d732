"""Who has to act on an application and until when; documents made out to the agency; the appeal against a refusal."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0039_papers_of_licensing"
down_revision = "0038_report_alerts"

A, D, P = "licence_application", "licence_document", "licence_appeal"
KINDS = ("receipt", "defect_letter", "inspection_report", "letter_of_intent", "refusal", "appeal_decision")
# Open work of before has a party; its day is not known.
PARTIES = """
    UPDATE licence_application SET awaits = CASE status
        WHEN 'inspection' THEN 'inspector' WHEN 'returned' THEN 'agency' WHEN 'security_pending' THEN 'agency'
        ELSE 'office' END
    WHERE status NOT IN ('draft', 'refused', 'issued', 'withdrawn')
"""


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def _recorded(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def upgrade() -> None:
    op.add_column(A, sa.Column("awaits", _enum("party", "office", "inspector", "agency"), nullable=True))
    op.add_column(A, sa.Column("due_on", sa.Date(), nullable=True))
    op.execute(PARTIES)
    op.add_column(A, sa.Column("appeal_until", sa.Date(), nullable=True))
    for name, kind, value in (
        ("appeal_certain", sa.Boolean(), sa.false()),
        ("appeal_law", postgresql.JSONB(), sa.text("'{}'")),
        ("refused_at_stop", sa.Boolean(), sa.false()),
        ("set_aside", postgresql.JSONB(), sa.text("'[]'")),
    ):
        op.add_column(A, sa.Column(name, kind, nullable=False, server_default=value))
        op.alter_column(A, name, server_default=None)
    op.add_column("agency_presence", sa.Column("due_on", sa.Date(), nullable=True))
    op.add_column("sanction", sa.Column("document_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_sanction_document_id_stored_file"), "sanction", "stored_file", ["document_id"], ["id"]
    )
    op.create_table(
        D,
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _enum("paper_kind", *KINDS), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        *_recorded(D),
        _reference(D, "application_id", A),
        _reference(D, "file_id", "stored_file"),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{D}_reference")),
    )
    op.create_index(op.f(f"ix_{D}_application_id"), D, ["application_id"])
    grant(D, "SELECT, INSERT")
    op.create_table(
        P,
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("status", _enum("appeal_status", "lodged", "upheld", "reversed"), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_by", sa.Uuid(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("lodged_by", sa.Uuid(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("law", postgresql.JSONB(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        *_recorded(P),
        _reference(P, "application_id", A),
        *[_reference(P, a, "user_account") for a in ("refused_by", "lodged_by", "decided_by")],
        sa.UniqueConstraint("reference", name=op.f(f"uq_{P}_reference")),
        sa.CheckConstraint("decided_by <> refused_by", name=op.f(f"ck_{P}_goes_to_others")),
        sa.CheckConstraint("(status = 'lodged') = (decided_by IS NULL)", name=op.f(f"ck_{P}_decided_is_complete")),
    )
    op.create_index("uq_licence_appeal_refusal", P, ["application_id", "refused_at"], unique=True)
    op.create_index(op.f(f"ix_{P}_status_due_on"), P, ["status", "due_on"])
    grant(P)


def downgrade() -> None:
    op.drop_table(P)
    op.drop_table(D)
    op.drop_constraint(op.f("fk_sanction_document_id_stored_file"), "sanction", type_="foreignkey")
    op.drop_column("sanction", "document_id")
    op.drop_column("agency_presence", "due_on")
    for name in ("set_aside", "refused_at_stop", "appeal_law", "appeal_certain", "appeal_until", "due_on", "awaits"):
        op.drop_column(A, name)
