"""Further names of agencies are proposed, compared and agreed to; trade names."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.grants import grant

revision = "0031_name_proposals"
down_revision = "0029_report_retention"

STATES = "'proposed', 'stopped', 'in_register', 'refused', 'withdrawn', 'struck'"
USES = "'other_script', 'short', 'former'"
SCRIPTS = "'Latn', 'Deva', 'Beng', 'Arab', 'Sinh'"


def _uses(values: str) -> None:
    op.drop_constraint(op.f("ck_register_name_name_use"), "register_name", type_="check")
    op.create_check_constraint(op.f("ck_register_name_name_use"), "register_name", f"use IN ({values})")


def _recorded() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    ]


def _proposals() -> None:
    def account(name: str, *, nullable: bool = True) -> sa.Column[object]:
        return sa.Column(name, sa.Uuid(), nullable=nullable)

    def key(column: str, target: str) -> sa.ForeignKeyConstraint:
        name = f"fk_name_proposal_{column}_{target.partition('.')[0]}"
        return sa.ForeignKeyConstraint([column], [target], name=op.f(name))

    def check(name: str, rule: str) -> sa.CheckConstraint:
        return sa.CheckConstraint(rule, name=op.f(f"ck_name_proposal_{name}"))

    op.create_table(
        "name_proposal",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("use", sa.String(length=40), nullable=False),
        sa.Column("script", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("by_office", sa.Boolean(), nullable=False),
        account("proposed_by", nullable=False),
        account("released_by"),
        account("decided_by"),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.Column("register_name_id", sa.Uuid(), nullable=True),
        *_recorded(),
        check("text_not_empty", "text <> ''"),
        check("maker_is_not_checker", "decided_by IS NULL OR decided_by <> proposed_by"),
        check("releaser_is_not_checker", "decided_by IS NULL OR decided_by <> released_by"),
        check("maker_is_not_releaser", "released_by IS NULL OR released_by <> proposed_by"),
        check(
            "public_is_decided",
            "status NOT IN ('in_register', 'struck') OR (register_name_id IS NOT NULL AND decided_by IS NOT NULL)",
        ),
        check("name_use", f"use IN ({USES}, 'trade')"),
        check("script", f"script IN ({SCRIPTS})"),
        check("name_status", f"status IN ({STATES})"),
        key("agency_id", "agency.id"),
        key("proposed_by", "user_account.id"),
        key("released_by", "user_account.id"),
        key("decided_by", "user_account.id"),
        key("register_name_id", "register_name.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_proposal")),
        sa.UniqueConstraint("reference", name=op.f("uq_name_proposal_reference")),
    )
    op.create_index(
        "uq_name_proposal_open", "name_proposal", ["agency_id", "text"], unique=True,
        postgresql_where=sa.text("status IN ('proposed', 'stopped', 'in_register')"),
    )  # fmt: skip
    op.create_index(op.f("ix_name_proposal_agency_id"), "name_proposal", ["agency_id"])
    op.create_index(op.f("ix_name_proposal_status_created_at"), "name_proposal", ["status", "created_at"])


def _matches() -> None:
    def key(column: str, target: str) -> sa.ForeignKeyConstraint:
        name = f"fk_name_proposal_match_{column}_{target.partition('.')[0]}"
        return sa.ForeignKeyConstraint([column], [target], name=op.f(name))

    op.create_table(
        "name_proposal_match",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("other_agency_id", sa.Uuid(), nullable=False),
        sa.Column("other_name", sa.String(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("cleared_by", sa.Uuid(), nullable=True),
        *_recorded(),
        key("proposal_id", "name_proposal.id"),
        key("other_agency_id", "agency.id"),
        key("cleared_by", "user_account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_proposal_match")),
    )
    op.create_index(
        "uq_name_proposal_match_pair", "name_proposal_match", ["proposal_id", "other_agency_id", "other_name"],
        unique=True,
    )  # fmt: skip


def upgrade() -> None:
    _uses(f"{USES}, 'trade'")
    _proposals()
    _matches()
    for table in ("name_proposal", "name_proposal_match"):
        grant(table)


def downgrade() -> None:
    op.drop_table("name_proposal_match")
    op.drop_table("name_proposal")
    # A trade name stays findable: as the short name that the earlier version knows.
    op.execute("UPDATE register_name SET use = 'short' WHERE use = 'trade'")
    _uses(USES)
